//! Sorting and selection along one axis.

use crate::array::Array;
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

/// Axes must have elements: MLX divides by their length. `NaN` sorts last.
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// Ascending along `axis`; stable.
    pub fn sort(&self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::sort(&self.0, axis, device.is_gpu())?))
    }

    /// The positions (`uint32`) that sort along `axis`. `NaN` in complex numbers is not seen.
    pub fn argsort(&self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::argsort(&self.0, axis, device.is_gpu())?))
    }

    /// Reordered so that the element at `kth` is where sorting would put it, with the lesser ones before it.
    pub fn partition(&self, kth: i32, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::partition(&self.0, kth, axis, device.is_gpu())?))
    }

    /// The positions that partition.
    pub fn argpartition(&self, kth: i32, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::argpartition(&self.0, kth, axis, device.is_gpu())?))
    }

    /// Do [`argmax`](Self::argmax) and [`argmin`](Self::argmin) pass over NaN? Where they do not, one that comes first stays.
    pub fn extremes_pass_over_nan(device: Device) -> bool {
        ffi::extremes_pass_over_nan(device.is_gpu())
    }

    /// The position of the first greatest element along `axis`.
    pub fn argmax(&self, axis: i32, keepdims: bool, device: Device) -> Result<Self> {
        Ok(Self(ffi::arg_extreme(&self.0, axis, keepdims, true, device.is_gpu())?))
    }

    /// The position of the first least element along `axis`.
    pub fn argmin(&self, axis: i32, keepdims: bool, device: Device) -> Result<Self> {
        Ok(Self(ffi::arg_extreme(&self.0, axis, keepdims, false, device.is_gpu())?))
    }
}
