//! Random numbers: keys, and arrays that are drawn with them.

use crate::array::{Array, Layout};
use crate::bridge::ffi;
use crate::dtype::Dtype;
use crate::error::Result;
use crate::ops::Device;

/// A key: two words that decide what is drawn with it. The generator is Threefry-2x32 with 20 rounds (Salmon et al. 2011,
/// "Parallel random numbers: as easy as 1, 2, 3").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key([u32; 2]);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Self([(seed >> 32) as u32, seed as u32])
    }

    /// Two new keys, those that MLX makes: it splits a key by drawing four words with it.
    #[must_use]
    pub fn split(self) -> (Self, Self) {
        let ([a, c], [b, d]) = (threefry(self.0, [0, 2]), threefry(self.0, [1, 3]));
        (Self([a, b]), Self([c, d]))
    }

    /// The key as an array of two words.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn array(self) -> Result<Array> {
        Array::from_values(&[2], Layout::RowMajor, self.0.into_iter())
    }
}

/// Encrypts a pair of words.
fn threefry(key: [u32; 2], count: [u32; 2]) -> [u32; 2] {
    const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    let keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1BD1_1BDA];
    let [mut x, mut y] = [count[0].wrapping_add(keys[0]), count[1].wrapping_add(keys[1])];
    for round in 0..5 {
        for by in ROTATIONS[round % 2] {
            x = x.wrapping_add(y);
            y = y.rotate_left(by) ^ x;
        }
        x = x.wrapping_add(keys[(round + 1) % 3]);
        y = y.wrapping_add(keys[(round + 2) % 3]).wrapping_add(round as u32 + 1);
    }
    [x, y]
}

/// Draws. What is refused comes back as an [`Error`]: [`Error::Shape`] or [`Error::Dtype`].
#[allow(clippy::missing_errors_doc)]
impl Array {
    /// Random bits in unsigned integers of `width` bytes (1, 2 or 4).
    pub fn random_bits(shape: &[i32], width: i32, key: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::random_bits(shape, width, &key.0, device.is_gpu())?))
    }

    /// Uniform random numbers in `[0, 1)`; not for `float64`.
    pub fn random_uniform(shape: &[i32], dtype: Dtype, key: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::random_uniform(shape, dtype as u8, &key.0, device.is_gpu())?))
    }

    /// Standard normal random numbers, single precision in any dtype.
    pub fn random_normal(shape: &[i32], dtype: Dtype, key: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::random_normal(shape, dtype as u8, &key.0, device.is_gpu())?))
    }

    /// Positions along `axis`, drawn with probabilities in proportion to the exponentials of the elements: the axis goes,
    /// and a last one with `samples` draws comes.
    pub fn random_categorical(&self, axis: i32, samples: i32, key: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::random_categorical(&self.0, axis, samples, &key.0, device.is_gpu())?))
    }

    /// For each value, how many elements of this ascending vector do not exceed it.
    pub fn random_search(&self, values: &Self, device: Device) -> Result<Self> {
        Ok(Self(ffi::random_search(&self.0, &values.0, device.is_gpu())?))
    }
}
