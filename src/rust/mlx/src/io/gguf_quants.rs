//! GGUF's quantized types. Those of 32 elements in a block become packed weights, scales and biases, as MLX has them;
//! those of 256 become float16.

use super::Named;
use crate::array::{Array, Layout};
use crate::error::Result;
use half::f16;

const Q4_0: u32 = 2;
const Q4_1: u32 = 3;
const Q8_0: u32 = 8;
const Q2_K: u32 = 10;
const Q4_K: u32 = 12;
const Q6_K: u32 = 14;

/// How a type packs its elements.
pub(crate) struct Block {
    pub(crate) elements: u64,
    pub(crate) bytes: u64,
}

impl Block {
    /// The blocks of a type; `None` for a type that is not read.
    pub(crate) fn of(code: u32) -> Option<Self> {
        let (elements, bytes) = match code {
            Q4_0 => (32, 18),
            Q4_1 => (32, 20),
            Q8_0 => (32, 34),
            Q2_K => (256, 84),
            Q4_K => (256, 144),
            Q6_K => (256, 210),
            _ => return None,
        };
        Some(Self { elements, bytes })
    }
}

/// Makes the arrays of the blocks in `data`, of which there is a whole number.
pub(crate) fn unpack(name: String, shape: &[i32], code: u32, data: &[u8], named: &mut Vec<Named>) -> Result<()> {
    match code {
        Q2_K => named.push((name, floats(shape, data, 84, q2_k)?)),
        Q4_K => named.push((name, floats(shape, data, 144, q4_k)?)),
        Q6_K => named.push((name, floats(shape, data, 210, q6_k)?)),
        _ => return packed(name, shape, code, data, named),
    }
    Ok(())
}

fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// The shape with its last side divided.
fn divided(shape: &[i32], by: i32) -> Vec<i32> {
    let mut shape = shape.to_vec();
    if let Some(last) = shape.last_mut() {
        *last /= by;
    }
    shape
}

fn packed(name: String, shape: &[i32], code: u32, data: &[u8], named: &mut Vec<Named>) -> Result<()> {
    let (bytes, per_word) = match code {
        Q4_0 => (18, 8),
        Q4_1 => (20, 8),
        _ => (34, 4),
    };
    let (mut weights, mut scales, mut biases) = (Vec::new(), Vec::new(), Vec::new());
    for block in data.chunks_exact(bytes) {
        let scale = half(block, 0);
        scales.push(f16::from_f32(scale));
        biases.push(f16::from_f32(match code {
            Q4_0 => -8.0 * scale,
            Q4_1 => half(block, 2),
            _ => -128.0 * scale,
        }));
        match code {
            Q4_0 => nibbles(&block[2..], &mut weights),
            Q4_1 => nibbles(&block[4..], &mut weights),
            // signed numbers become unsigned ones by 128, which the bias takes back
            _ => weights.extend(block[2..].iter().map(|byte| byte ^ 0x80)),
        }
    }
    let words = weights.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    let words: Vec<u32> = words.collect();
    let stem = name.strip_suffix(".weight").unwrap_or(&name).to_string();
    let groups = divided(shape, 32);
    let order = Layout::RowMajor;
    named.push((name, Array::from_values(&divided(shape, per_word), order, words.into_iter())?));
    named.push((format!("{stem}.scales"), Array::from_values(&groups, order, scales.into_iter())?));
    named.push((format!("{stem}.biases"), Array::from_values(&groups, order, biases.into_iter())?));
    Ok(())
}

/// Sixteen bytes hold the first sixteen elements in their low halves and the last sixteen in their high halves; MLX wants
/// neighbours in one byte.
fn nibbles(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.chunks_exact(2).map(|pair| (pair[0] & 15) | (pair[1] << 4)));
    out.extend(bytes.chunks_exact(2).map(|pair| (pair[0] >> 4) | (pair[1] & 0xF0)));
}

fn floats(shape: &[i32], data: &[u8], bytes: usize, element: fn(&[u8], usize) -> f32) -> Result<Array> {
    let values = data.chunks_exact(bytes).flat_map(|block| (0..256).map(move |i| f16::from_f32(element(block, i))));
    let values: Vec<f16> = values.collect();
    Array::from_values(shape, Layout::RowMajor, values.into_iter())
}

/// Sixteen pairs of scale and minimum (4 bits each), 256 numbers of 2 bits, the scale of each.
fn q2_k(block: &[u8], i: usize) -> f32 {
    let pair = block[i / 16];
    let number = (block[16 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
    half(block, 80) * f32::from(pair & 15) * f32::from(number) - half(block, 82) * f32::from(pair >> 4)
}

/// The scale of each, eight pairs of scale and minimum (6 bits each, the last four spread over three places), 256 numbers
/// of 4 bits.
fn q4_k(block: &[u8], i: usize) -> f32 {
    let (group, pairs) = (i / 32, &block[4..16]);
    let (scale, least) = if group < 4 {
        (pairs[group] & 63, pairs[group + 4] & 63)
    } else {
        let low = pairs[group + 4];
        ((low & 15) | (pairs[group - 4] >> 6 << 4), (low >> 4) | (pairs[group] >> 6 << 4))
    };
    let number = (block[16 + i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4)) & 15;
    half(block, 0) * f32::from(scale) * f32::from(number) - half(block, 2) * f32::from(least)
}

/// 256 numbers of 6 bits, their low four bits before their high two, sixteen signed scales, the scale of these.
fn q6_k(block: &[u8], i: usize) -> f32 {
    let (part, j) = (i / 128, i % 128);
    let low = (block[part * 64 + j % 64] >> (j / 64 * 4)) & 15;
    let high = (block[128 + part * 32 + j % 32] >> (j / 32 * 2)) & 3;
    let number = f32::from(low | (high << 4)) - 32.0;
    half(block, 208) * f32::from(block[192 + i / 16] as i8) * number
}
