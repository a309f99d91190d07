//! Fourier transforms.

use crate::array::Array;
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

impl Array {
    /// The discrete Fourier transform over `axes`, or the inverse one; neither is scaled. The result is complex. The axes
    /// must differ and have elements.
    ///
    /// # Errors
    /// [`Shape`](crate::Error::Shape) for axes that are not there or are empty.
    pub fn fft(&self, axes: &[i32], inverse: bool, device: Device) -> Result<Self> {
        Ok(Self(ffi::fft(&self.0, axes, inverse, device.is_gpu())?))
    }
}
