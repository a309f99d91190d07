//! Matrices of few bits a number, packed into `uint32`.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::dtype::Dtype;
use crate::error::Result;
use crate::ops::Device;

/// How numbers are packed. MLX checks little of it: the widths must be ones that it knows for the mode.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// Neighbours along the last axis that share a scale.
    pub group_size: i32,
    /// Bits of one number.
    pub bits: i32,
    /// MLX's name of the format.
    pub mode: &'static str,
}

/// A packed matrix, or several along leading axes.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The codes, `uint32`.
    pub codes: Array,
    /// A scale for each group.
    pub scales: Array,
    /// An offset for each group; `None` in the floating-point formats.
    pub biases: Option<Array>,
}

#[allow(clippy::missing_errors_doc)] // as for all operations
impl Array {
    /// Packs along the last axis: the codes, the scales, and in mode `affine` the biases.
    pub fn quantize(&self, packing: Packing, device: Device) -> Result<Vec<Self>> {
        let Packing { group_size, bits, mode } = packing;
        unpack(&*ffi::quantize(&self.0, group_size, bits, mode, device.is_gpu())?)
    }

    /// `self` times a packed matrix, or its transpose.
    pub fn quantized_matmul(&self, w: &Packed, transpose: bool, packing: Packing, device: Device) -> Result<Self> {
        let Packing { group_size, bits, mode } = packing;
        let biases = pack(&w.biases);
        let (codes, scales, gpu) = (&w.codes.0, &w.scales.0, device.is_gpu());
        Ok(Self(ffi::quantized_matmul(&self.0, codes, scales, &biases, transpose, group_size, bits, mode, gpu)?))
    }

    /// As [`Array::quantized_matmul`], for chosen matrices of the leading axes: `indices` are `uint32` positions in `self`
    /// and in `w`, which MLX does not check.
    pub fn gather_qmm(
        &self,
        w: &Packed,
        indices: (Option<&Self>, Option<&Self>),
        transpose: bool,
        packing: Packing,
        sorted: bool,
        device: Device,
    ) -> Result<Self> {
        let Packing { group_size, bits, mode } = packing;
        let (biases, lhs, rhs) = (pack(&w.biases), pack(indices.0), pack(indices.1));
        Ok(Self(ffi::gather_qmm(
            &self.0,
            &w.codes.0,
            &w.scales.0,
            &biases,
            &lhs,
            &rhs,
            transpose,
            group_size,
            bits,
            mode,
            sorted,
            device.is_gpu(),
        )?))
    }
}

impl Packed {
    /// The numbers that the codes stand for.
    ///
    /// # Errors
    /// As for all operations.
    pub fn dequantize(&self, packing: Packing, dtype: Dtype, device: Device) -> Result<Array> {
        let Packing { group_size, bits, mode } = packing;
        let biases = pack(&self.biases);
        let (codes, scales, gpu) = (&self.codes.0, &self.scales.0, device.is_gpu());
        Ok(Array(ffi::dequantize(codes, scales, &biases, group_size, bits, mode, dtype as u8, gpu)?))
    }
}
