//! Operations on the shape of arrays: joining, parting, repeating, padding.

use crate::array::{pack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

/// As for the operations of one or two arrays, MLX's refusal comes back as an [`Error`](crate::Error).
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// With axes of length 1 put in; `axes` are positions in the result.
    pub fn expand_dims(&self, axes: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::expand_dims(&self.0, axes, device.is_gpu())?))
    }

    /// Arrays of one dtype joined along an axis that they all have.
    pub fn concatenate<'a>(arrays: impl IntoIterator<Item = &'a Self>, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::concatenate(&pack(arrays), axis, device.is_gpu())?))
    }

    /// The positions `from` up to but without `to` of one axis.
    pub fn narrow(&self, axis: i32, from: i32, to: i32, device: Device) -> Result<Self> {
        let (mut start, mut stop) = (vec![0; self.ndim()], self.shape().to_vec());
        (start[axis as usize], stop[axis as usize]) = (from, to);
        self.slice(&start, &stop, &vec![1; self.ndim()], device)
    }

    /// The parts of an axis before, between and after these ascending points. Not by MLX's own `split`, which takes a view with
    /// steps backwards for a single element and reads beyond it.
    pub fn split(&self, points: &[i32], axis: i32, device: Device) -> Result<Vec<Self>> {
        let mut start = 0;
        let part = |&end: &i32| self.narrow(axis, std::mem::replace(&mut start, end), end, device);
        points.iter().chain([&self.shape()[axis as usize]]).map(part).collect()
    }

    /// With `low` and `high` elements of one value before and after, for each axis.
    pub fn pad(&self, low: &[i32], high: &[i32], value: &Self, device: Device) -> Result<Self> {
        // MLX's derivative takes the widths for those of the first axes, so all axes are named
        let axes: Vec<i32> = (0..self.ndim() as i32).collect();
        Ok(Self(ffi::pad(&self.0, &axes, low, high, &value.0, device.is_gpu())?))
    }

    /// The diagonal of two axes as the last axis; it must have an element.
    pub fn diagonal(&self, offset: i32, axis1: i32, axis2: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::diagonal(&self.0, offset, axis1, axis2, device.is_gpu())?))
    }

    /// The `int32` numbers from 0 up to but without `n`.
    pub fn indices(n: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::indices(n, device.is_gpu())?))
    }

    /// Each position of an axis, `times` in a row.
    pub fn repeat(&self, times: i32, axis: i32, device: Device) -> Result<Self> {
        let at = axis as usize;
        let mut shape = self.shape().to_vec();
        shape.insert(at + 1, times);
        let spread = self.expand_dims(&[axis + 1], device)?.broadcast_to(&shape, device)?;
        shape.remove(at + 1);
        shape[at] *= times;
        spread.reshape(&shape, device)
    }

    /// The whole array, `reps[i]` times along axis `i`; one entry for each axis.
    pub fn tile(&self, reps: &[i32], device: Device) -> Result<Self> {
        let sides = self.shape();
        let spread: Vec<i32> = sides.iter().flat_map(|&side| [1, side]).collect();
        let tiled: Vec<i32> = sides.iter().zip(reps).flat_map(|(&side, &rep)| [rep, side]).collect();
        let shape: Vec<i32> = sides.iter().zip(reps).map(|(side, rep)| side * rep).collect();
        self.reshape(&spread, device)?.broadcast_to(&tiled, device)?.reshape(&shape, device)
    }

    /// The elements of an axis moved up by `shift` places (less than its length); those at the end come first.
    pub fn roll(&self, shift: i32, axis: i32, device: Device) -> Result<Self> {
        if shift == 0 {
            return Ok(self.clone());
        }
        let parts = self.split(&[self.shape()[axis as usize] - shift], axis, device)?;
        Self::concatenate(parts.iter().rev(), axis, device)
    }
}
