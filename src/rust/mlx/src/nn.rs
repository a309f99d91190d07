//! What layers and losses are made of, beside the families of operations.

use crate::array::Array;
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

#[allow(clippy::missing_errors_doc)] // as for all operations
impl Array {
    /// Standardised along the last axis, scaled and shifted; computed in `float32`.
    pub fn layer_norm(&self, weight: &Self, bias: &Self, eps: f32, device: Device) -> Result<Self> {
        Ok(Self(ffi::layer_norm(&self.0, &weight.0, &bias.0, eps, device.is_gpu())?))
    }
}
