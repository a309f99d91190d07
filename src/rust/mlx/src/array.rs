//! Arrays: making, describing, reading.

use crate::bridge::ffi;
use crate::copy::column_major;
use crate::dtype::{Dtype, Element};
use crate::error::{Error, Result};
use cxx::UniquePtr;
use std::fmt;
use std::mem::MaybeUninit;

/// The order in which values fill a new array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The last axis runs fastest, as in C.
    RowMajor,
    /// The first axis runs fastest, as in R and Fortran. The values are stored as they come; nothing is transposed.
    ColumnMajor,
}

/// A lazy n-dimensional array. A clone shares the node, not a copy of the data.
pub struct Array(pub(crate) UniquePtr<ffi::Array>);

impl Clone for Array {
    fn clone(&self) -> Self {
        Self(ffi::clone_array(&self.0))
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array").field("shape", &self.shape()).field("dtype", &self.dtype()).finish_non_exhaustive()
    }
}

/// The number of elements of a shape, if it fits an address.
fn count(shape: &[i32]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |total, &side| total.checked_mul(usize::try_from(side).ok()?))
}

impl Array {
    /// Makes an array of these values.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of values is not that of the shape; [`Error::Memory`].
    pub fn from_values<T: Element>(
        shape: &[i32],
        layout: Layout,
        values: impl ExactSizeIterator<Item = T>,
    ) -> Result<Self> {
        Self::fill(shape, layout, T::DTYPE, values)
    }

    /// Makes a `bool` array of bytes 0 and 1.
    ///
    /// # Errors
    /// As [`Array::from_values`].
    pub fn from_bools(shape: &[i32], layout: Layout, values: impl ExactSizeIterator<Item = bool>) -> Result<Self> {
        Self::fill(shape, layout, Dtype::Bool, values.map(u8::from))
    }

    fn fill<T: Element>(
        shape: &[i32],
        layout: Layout,
        dtype: Dtype,
        values: impl ExactSizeIterator<Item = T>,
    ) -> Result<Self> {
        if count(shape) != Some(values.len()) {
            return Err(Error::Shape(format!("{} values do not fill the shape {shape:?}", values.len())));
        }
        let n = values.len();
        let array = ffi::leaf(shape, layout == Layout::ColumnMajor, dtype as u8)?;
        // SAFETY: the buffer is new, holds n elements of this type, and nobody else sees it.
        let buffer = unsafe { std::slice::from_raw_parts_mut(start::<MaybeUninit<T>>(&array), n) };
        let written = buffer.iter_mut().zip(values).map(|(slot, value)| slot.write(value)).count();
        if written != n {
            return Err(Error::Shape(format!("{written} values came where {n} were announced")));
        }
        Ok(Self(array))
    }

    /// Makes an array of bytes that `fill` writes, little-endian as MLX stores them; in a `bool` array they must be 0
    /// and 1.
    ///
    /// # Errors
    /// [`Error::Memory`]; whatever `fill` returns.
    pub(crate) fn from_bytes(
        shape: &[i32],
        layout: Layout,
        dtype: Dtype,
        fill: impl FnOnce(&mut [u8]) -> Result<()>,
    ) -> Result<Self> {
        let array = ffi::leaf(shape, layout == Layout::ColumnMajor, dtype as u8)?;
        let n = ffi::size(&array) * dtype.size();
        let first = start::<u8>(&array);
        // SAFETY: the buffer is new, holds n bytes, and nobody else sees it; zeros are bytes of every type.
        let buffer = unsafe {
            first.write_bytes(0, n);
            std::slice::from_raw_parts_mut(first, n)
        };
        fill(buffer)?;
        Ok(Self(array))
    }

    /// Makes an array without axes.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn scalar(value: f64, dtype: Dtype) -> Result<Self> {
        Ok(Self(ffi::scalar(value, dtype as u8)?))
    }

    /// The sides, row-major.
    pub fn shape(&self) -> &[i32] {
        ffi::shape(&self.0)
    }

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        ffi::size(&self.0)
    }

    /// Bytes of all elements.
    pub fn nbytes(&self) -> usize {
        self.size().saturating_mul(self.dtype().size())
    }

    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        Dtype::from_index(ffi::dtype(&self.0))
    }

    /// Does this array stand for a value inside a transform?
    pub fn is_tracer(&self) -> bool {
        ffi::is_tracer(&self.0)
    }

    /// Has this array been computed (or at least been queued)?
    pub fn is_evaluated(&self) -> bool {
        ffi::is_evaluated(&self.0)
    }

    /// How an evaluated array lies in memory, if in one block of either order; an array of one axis counts as row-major.
    pub fn layout(&self) -> Option<Layout> {
        if !self.is_evaluated() || self.is_tracer() {
            return None;
        }
        let axes = self.shape().iter().zip(ffi::strides(&self.0));
        if in_order(axes.clone().rev()) {
            return Some(Layout::RowMajor);
        }
        in_order(axes).then_some(Layout::ColumnMajor)
    }

    /// Evaluates, and hands every element, converted, to `out`, the first axis fastest. An array that is stored in that
    /// order is read in one straight pass; any other in tiles, without a copy in between.
    ///
    /// # Errors
    /// [`Error::Dtype`] when `T` is not how the elements are stored; [`Error::Shape`] when `out` has another length;
    /// whatever evaluation raises.
    pub fn copy_column_major<T: Element, U>(
        &self,
        out: &mut [MaybeUninit<U>],
        convert: impl Fn(T) -> U + Copy,
    ) -> Result<()> {
        if !T::fits(self.dtype()) {
            return Err(Error::Dtype(format!("an array of {} is not stored so", self.dtype().name())));
        }
        if out.len() != self.size() {
            return Err(Error::Shape(format!("{} slots for {} elements", out.len(), self.size())));
        }
        crate::eval(&[self])?;
        if out.is_empty() {
            return Ok(());
        }
        // SAFETY: the array is evaluated; its pointer, shape and strides describe memory that lives as long as self.
        unsafe { column_major(start::<T>(&self.0), self.shape(), ffi::strides(&self.0), out, convert) };
        Ok(())
    }

    /// Evaluates and copies all elements out, the first axis fastest.
    ///
    /// # Errors
    /// As [`Array::copy_column_major`].
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let mut out = Vec::with_capacity(self.size());
        let room = &mut out.spare_capacity_mut()[..self.size()];
        self.copy_column_major(room, |value: T| value)?;
        // SAFETY: copy_column_major has written every slot.
        unsafe { out.set_len(self.size()) };
        Ok(out)
    }
}

/// Do the axes, with their strides, follow each other without a gap, the first of them fastest?
fn in_order<'a>(axes: impl Iterator<Item = (&'a i32, &'a i64)>) -> bool {
    let mut step = 1;
    for (&side, &stride) in axes {
        if side != 1 && stride != step {
            return false;
        }
        step *= i64::from(side);
    }
    true
}

/// The first byte of an array's data, as a pointer to its elements.
fn start<T>(array: &ffi::Array) -> *mut T {
    let pointer = ffi::data(array);
    if pointer.is_null() {
        std::ptr::NonNull::dangling().as_ptr()
    } else {
        pointer.cast()
    }
}

/// MLX's vector of arrays.
pub(crate) fn pack<'a>(arrays: impl IntoIterator<Item = &'a Array>) -> UniquePtr<ffi::Arrays> {
    let mut packed = ffi::arrays_new();
    for array in arrays {
        ffi::arrays_push(packed.pin_mut(), &array.0);
    }
    packed
}

/// The members of MLX's vector of arrays.
pub(crate) fn unpack(packed: &ffi::Arrays) -> Result<Vec<Array>> {
    (0..ffi::arrays_len(packed)).map(|i| Ok(Array(ffi::arrays_get(packed, i)?))).collect()
}
