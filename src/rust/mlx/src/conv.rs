//! Convolutions.

use crate::array::Array;
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

/// How a kernel moves over the input: one number for each spatial axis in every field but the last two.
#[derive(Clone, Debug)]
pub struct Window {
    /// Steps of the kernel.
    pub stride: Vec<i32>,
    /// Zeros before the input; not negative.
    pub low: Vec<i32>,
    /// Zeros after the input; not negative.
    pub high: Vec<i32>,
    /// Distance of the kernel's elements.
    pub dilation: Vec<i32>,
    /// Distance that the input's elements are spread to.
    pub spread: Vec<i32>,
    /// Groups of channels that do not mix.
    pub groups: i32,
    /// Is the kernel reversed?
    pub flip: bool,
}

#[allow(clippy::missing_errors_doc)] // as for all operations
impl Array {
    /// Slides `weight` (`[out, spatial..., in / groups]`) over this array (`[batch, spatial..., in]`). Element types
    /// `float16`, `bfloat16` and `float32`; nothing may be empty.
    pub fn convolve(&self, weight: &Self, window: &Window, device: Device) -> Result<Self> {
        Ok(Self(ffi::convolve(
            &self.0,
            &weight.0,
            &window.stride,
            &window.low,
            &window.high,
            &window.dilation,
            &window.spread,
            window.groups,
            window.flip,
            device.is_gpu(),
        )?))
    }
}
