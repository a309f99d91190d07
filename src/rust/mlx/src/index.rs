//! Reading and writing parts of arrays. Indices are 0-based positions, of an integer type; MLX does not check their range.

use crate::array::{pack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

/// Every operation returns MLX's refusal as an [`Error`](crate::Error).
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// A copy with a regular part replaced: from `start` up to but without `stop`, in steps.
    pub fn slice_update(
        &self,
        update: &Self,
        start: &[i32],
        stop: &[i32],
        strides: &[i32],
        device: Device,
    ) -> Result<Self> {
        Ok(Self(ffi::slice_update(&self.0, &update.0, start, stop, strides, device.is_gpu())?))
    }

    /// The elements at `indices`, one array of positions for each of `axes`, broadcast together. The result has the axes of
    /// the indices, then those of this array, with length 1 where positions were given.
    pub fn gather(&self, indices: &[Self], axes: &[i32], device: Device) -> Result<Self> {
        Ok(Self(ffi::gather(&self.0, &pack(indices), axes, device.is_gpu())?))
    }

    /// For each element of `indices`, the element of this array at that position along `axis`.
    pub fn take_along_axis(&self, indices: &Self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::take_along_axis(&self.0, &indices.0, axis, device.is_gpu())?))
    }

    /// A copy with `values` put at (or added to) the positions `indices` along `axis`.
    pub fn put_along_axis(&self, indices: &Self, values: &Self, axis: i32, add: bool, device: Device) -> Result<Self> {
        Ok(Self(ffi::put_along_axis(&self.0, &indices.0, &values.0, axis, add, device.is_gpu())?))
    }
}
