//! Softmax and the Hadamard transform.

use crate::array::Array;
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

#[allow(clippy::missing_errors_doc)]
impl Array {
    /// Exponentials that sum to 1 over `axes` (ascending), optionally summed in single precision.
    pub fn softmax(&self, axes: &[i32], precise: bool, device: Device) -> Result<Self> {
        Ok(Self(ffi::softmax(&self.0, axes, precise, device.is_gpu())?))
    }

    /// The Hadamard transform along the last axis, times `scale`. Its length must be `odd` (1, 12, 20 or 28) times a power
    /// of two; not for `float64`.
    pub fn hadamard(&self, scale: f32, odd: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::hadamard(&self.0, scale, odd, device.is_gpu())?))
    }
}
