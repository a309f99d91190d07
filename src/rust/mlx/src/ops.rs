//! Operations on arrays. Each records a node and returns at once.

use crate::array::Array;
use crate::bridge::ffi;
use crate::dtype::Dtype;
use crate::error::{Error, Result};

include!(concat!(env!("OUT_DIR"), "/ops_table.rs"));

/// Where an operation runs: on the default stream of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The Metal or CUDA device.
    Gpu,
}

impl Device {
    pub(crate) fn is_gpu(self) -> bool {
        self == Self::Gpu
    }

    /// `"cpu"` or `"gpu"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        }
    }
}

/// Every operation returns MLX's refusal as an [`Error`](crate::Error): [`Shape`](crate::Error::Shape) for shapes and axes
/// that do not fit, [`Dtype`](crate::Error::Dtype) for element types that it does not take.
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// An operation of one array, element by element; the shape stays.
    pub fn unary(&self, op: Unary, device: Device) -> Result<Self> {
        if op == Unary::Abs && self.dtype() == Dtype::Complex64 {
            return Ok(Self(ffi::modulus(&self.0, device.is_gpu())?));
        }
        Ok(Self(ffi::unary(op as u8, &self.0, device.is_gpu())?))
    }

    /// An operation of two arrays that are broadcast together (or the matrix product).
    pub fn binary(&self, op: Binary, other: &Self, device: Device) -> Result<Self> {
        if op == Binary::NotEqual && (self.is_tracer() || other.is_tracer()) {
            // MLX loses the axis along which it vectorises this one
            return self.binary(Binary::Equal, other, device)?.unary(Unary::LogicalNot, device);
        }
        Ok(Self(ffi::binary(op as u8, &self.0, &other.0, device.is_gpu())?))
    }

    /// A reduction over `axes`; they are removed, or kept with length 1.
    pub fn reduce(&self, op: Reduce, axes: &[i32], keepdims: bool, device: Device) -> Result<Self> {
        if self.size() == 0 {
            return self.reduce_nothing(op, axes, keepdims, device);
        }
        Ok(Self(ffi::reduce(op as u8, &self.0, axes, keepdims, device.is_gpu())?))
    }

    /// A reduction of all elements to one.
    pub fn reduce_all(&self, op: Reduce, device: Device) -> Result<Self> {
        self.reduce(op, &(0..self.ndim() as i32).collect::<Vec<i32>>(), false, device)
    }

    /// The reduction of an array without elements, where an MLX without our edits reads memory that it has not written: the
    /// neutral value, joined to the array so that it still depends on it.
    fn reduce_nothing(&self, op: Reduce, axes: &[i32], keepdims: bool, device: Device) -> Result<Self> {
        let (value, dtype) = match (op, self.dtype()) {
            (Reduce::All, _) => (1.0, Dtype::Bool),
            (Reduce::Any, _) => (0.0, Dtype::Bool),
            (Reduce::Mean, dtype) if dtype.is_integer() || dtype == Dtype::Bool => (f64::NAN, Dtype::Float32),
            (Reduce::Mean, dtype) => (f64::NAN, dtype),
            (Reduce::Sum | Reduce::Prod, dtype) => {
                let wide = match dtype {
                    Dtype::Bool | Dtype::Int8 | Dtype::Int16 => Dtype::Int32,
                    Dtype::Uint8 | Dtype::Uint16 => Dtype::Uint32,
                    dtype => dtype,
                };
                (f64::from(op == Reduce::Prod), wide)
            }
            (Reduce::Min | Reduce::Max, dtype) => (0.0, dtype),
        };
        let kept =
            |axis: usize| if axes.contains(&(axis as i32)) { keepdims.then_some(1) } else { Some(self.shape()[axis]) };
        let out: Vec<i32> = (0..self.ndim()).filter_map(kept).collect();
        let known = axes.iter().all(|&axis| (0..self.ndim() as i32).contains(&axis));
        if !known || (matches!(op, Reduce::Min | Reduce::Max) && !out.contains(&0)) {
            return Err(Error::Shape(format!(
                "an array of the shape {:?} cannot be reduced over {axes:?}",
                self.shape()
            )));
        }
        let with = |last: i32| out.iter().copied().chain([last]).collect::<Vec<i32>>();
        let nothing = self.astype(dtype, device)?.reshape(&with(0), device)?;
        let neutral = Self::scalar(value, dtype)?.broadcast_to(&with(1), device)?;
        Self::concatenate([&nothing, &neutral], out.len() as i32, device)?.reshape(&out, device)
    }

    /// A variance or standard deviation over `axes` with divisor `n - ddof`.
    pub fn moment(&self, op: Moment, axes: &[i32], keepdims: bool, ddof: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::moment(op as u8, &self.0, axes, keepdims, ddof, device.is_gpu())?))
    }

    /// A running total along `axis`, from the end when `reverse`, without the element itself unless `inclusive`.
    pub fn scan(&self, op: Scan, axis: i32, reverse: bool, inclusive: bool, device: Device) -> Result<Self> {
        let gpu = device.is_gpu();
        Ok(Self(match op {
            Scan::Cumprod => ffi::running_product(&self.0, axis, reverse, inclusive, gpu)?,
            Scan::Logcumsumexp if self.dtype() != Dtype::Complex64 => {
                ffi::running_logsum(&self.0, axis, reverse, inclusive, gpu)?
            }
            _ => ffi::scan(op as u8, &self.0, axis, reverse, inclusive, gpu)?,
        }))
    }

    /// The same values in another type.
    pub fn astype(&self, dtype: Dtype, device: Device) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        Ok(Self(ffi::astype(&self.0, dtype as u8, device.is_gpu())?))
    }

    /// The same elements, last axis fastest, in another shape.
    ///
    /// Where MLX parts an axis of an array whose first axis runs fastest, it makes a view that it still takes for one of that
    /// order, and later reads the wrong elements; the derivative of merging axes parts them. By way of one axis, the view is
    /// always made of elements that lie in order.
    pub fn reshape(&self, shape: &[i32], device: Device) -> Result<Self> {
        let wide = |sides: &[i32]| sides.iter().filter(|side| **side != 1).count();
        let (before, after) = (wide(self.shape()), wide(shape));
        if let (true, Ok(size)) = (before > 1 && after > 1 && before != after, i32::try_from(self.size())) {
            let line = ffi::reshape(&self.0, &[size], device.is_gpu())?;
            return Ok(Self(ffi::reshape(&line, shape, device.is_gpu())?));
        }
        Ok(Self(ffi::reshape(&self.0, shape, device.is_gpu())?))
    }

    /// The axes in another order.
    pub fn transpose(&self, axes: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::transpose(&self.0, axes, device.is_gpu())?))
    }

    /// All axes in reverse order.
    pub fn reversed(&self, device: Device) -> Result<Self> {
        let axes: Vec<i32> = (0..self.ndim() as i32).rev().collect();
        self.transpose(&axes, device)
    }

    /// Without these axes, which must have length 1.
    pub fn squeeze(&self, axes: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::squeeze(&self.0, axes, device.is_gpu())?))
    }

    /// Repeated, without copying, to a larger shape.
    pub fn broadcast_to(&self, shape: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::broadcast_to(&self.0, shape, device.is_gpu())?))
    }

    /// Zeros, without memory of their own.
    pub fn zeros(shape: &[i32], dtype: Dtype, device: Device) -> Result<Self> {
        Self::scalar(0.0, dtype)?.broadcast_to(shape, device)
    }

    /// The same values in one block of memory, last axis fastest.
    pub fn contiguous(&self, device: Device) -> Result<Self> {
        Ok(Self(ffi::contiguous(&self.0, device.is_gpu())?))
    }

    /// `x` where this array is true, else `y`.
    pub fn select(&self, x: &Self, y: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::select(&self.0, &x.0, &y.0, device.is_gpu())?))
    }

    /// Rounded half to even at this many decimals.
    pub fn round(&self, decimals: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::round(&self.0, decimals, device.is_gpu())?))
    }

    /// The elements at `indices` along `axis`.
    pub fn take(&self, indices: &Self, axis: i32, device: Device) -> Result<Self> {
        let place = usize::try_from(axis).unwrap_or(usize::MAX);
        if self.size() == 0 && self.shape().get(place).is_some_and(|side| *side > 0) {
            // MLX's derivative divides by the size
            let shape = [&self.shape()[..place], indices.shape(), &self.shape()[place + 1..]].concat();
            return self.reshape(&shape, device);
        }
        Ok(Self(ffi::take(&self.0, &indices.0, axis, device.is_gpu())?))
    }

    /// A regular part: from `start` up to but without `stop`, in steps.
    pub fn slice(&self, start: &[i32], stop: &[i32], strides: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::slice(&self.0, start, stop, strides, device.is_gpu())?))
    }

    /// The real part of a complex array.
    pub fn real(&self, device: Device) -> Result<Self> {
        Ok(Self(ffi::part(&self.0, false, device.is_gpu())?))
    }

    /// The imaginary part of a complex array.
    pub fn imag(&self, device: Device) -> Result<Self> {
        Ok(Self(ffi::part(&self.0, true, device.is_gpu())?))
    }
}
