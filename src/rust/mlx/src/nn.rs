//! What layers and losses are made of, beside the families of operations.

use crate::array::{pack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

#[allow(clippy::missing_errors_doc)] // as for all operations
impl Array {
    /// The softmax along `axis`, accumulated in single precision at least; not for `float64`.
    pub fn softmax_along(&self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::softmax_along(&self.0, axis, device.is_gpu())?))
    }

    /// The logarithm of the sum of exponentials along `axis`, which is kept with length 1.
    pub fn logsumexp_along(&self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::logsumexp_along(&self.0, axis, device.is_gpu())?))
    }

    /// For each index the element that it names along `axis`, all other coordinates being equal.
    pub fn pick_along(&self, indices: &Self, axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::pick_along(&self.0, &indices.0, axis, device.is_gpu())?))
    }

    /// Standardised along the last axis, scaled and shifted; computed in `float32`.
    pub fn layer_norm(&self, weight: &Self, bias: &Self, eps: f32, device: Device) -> Result<Self> {
        Ok(Self(ffi::layer_norm(&self.0, &weight.0, &bias.0, eps, device.is_gpu())?))
    }

    /// The arrays one behind the other along `axis`.
    pub fn joined_along(parts: &[&Self], axis: i32, device: Device) -> Result<Self> {
        Ok(Self(ffi::joined_along(&pack(parts.iter().copied()), axis, device.is_gpu())?))
    }
}
