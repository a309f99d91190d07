//! The numbers of a float type on either side of a number.

use half::{bf16, f16};
use mlx::Dtype;

/// The greatest number of the type that is below `x`.
pub(crate) fn below(x: f64, dtype: Dtype) -> f64 {
    match nearest(x, dtype) {
        near if near < x => near,
        near => previous(near, dtype),
    }
}

/// The greatest number of the type that is not above `x`.
pub(crate) fn at_most(x: f64, dtype: Dtype) -> f64 {
    match nearest(x, dtype) {
        near if near > x => previous(near, dtype),
        near => near,
    }
}

/// The least number of the type that is not below `x`.
pub(crate) fn at_least(x: f64, dtype: Dtype) -> f64 {
    -at_most(-x, dtype)
}

fn nearest(x: f64, dtype: Dtype) -> f64 {
    match dtype {
        Dtype::Float64 => x,
        Dtype::Float16 => f16::from_f64(x).to_f64(),
        Dtype::Bfloat16 => bf16::from_f64(x).to_f64(),
        _ => f64::from(x as f32),
    }
}

/// The next number of the type downwards, for a number of the type.
fn previous(x: f64, dtype: Dtype) -> f64 {
    match dtype {
        Dtype::Float64 => f64::from_bits(step_down(x.to_bits(), 63)),
        Dtype::Float16 => f16::from_bits(step_down(f16::from_f64(x).to_bits().into(), 15) as u16).to_f64(),
        Dtype::Bfloat16 => bf16::from_bits(step_down(bf16::from_f64(x).to_bits().into(), 15) as u16).to_f64(),
        _ => f64::from(f32::from_bits(step_down((x as f32).to_bits().into(), 31) as u32)),
    }
}

/// The bits of the next number downwards: numbers of one sign are ordered as their bits are.
fn step_down(bits: u64, sign: u32) -> u64 {
    match bits {
        0 => (1 << sign) + 1,
        _ if bits >> sign == 1 => bits + 1,
        _ => bits - 1,
    }
}
