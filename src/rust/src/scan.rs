//! Running totals.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::operand;
use crate::reduce::is_half;
use crate::shape::row_major;
use crate::sys::{Result, SEXP};
use mlx::{Array, Device, Dtype, Scan};

routines! {
    ffi_scan(op, x, axis, reverse, inclusive) => scan;
}

/// A running total along a 1-based axis; `NULL` takes all elements, last axis fastest.
fn scan(op: SEXP, x: SEXP, axis: SEXP, reverse: SEXP, inclusive: SEXP) -> Result<SEXP> {
    let op = Scan::from_name(&args::one_string(op, "op")?).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let (array, axis) = along(&x, args::optional_axis(axis, x.array.ndim())?)?;
    let (reverse, inclusive) = (args::one_flag(reverse, "reverse")?, args::one_flag(inclusive, "inclusive")?);
    x.like(running(&array, op, axis, reverse, inclusive, x.device)?).into_r()
}

/// The array with the axis to work along; without one, all elements in a row, last axis fastest.
pub(crate) fn along(x: &Tensor, axis: Option<i32>) -> Result<(Array, i32)> {
    Ok(match axis {
        Some(axis) => (x.array.clone(), axis),
        None => (row_major(&x.array, x.device)?, 0),
    })
}

/// MLX adds one element after the other in the array's own dtype, and is a percent off after a million of them. On the CPU
/// floats are therefore summed in double precision; the GPU adds blocks, and has no double precision.
pub(crate) fn running(x: &Array, op: Scan, axis: i32, reverse: bool, inclusive: bool, device: Device) -> Result<Array> {
    let dtype = match (op, x.dtype()) {
        (Scan::Cumsum, Dtype::Bool) => Dtype::Int32,
        (Scan::Logcumsumexp, dtype) if !dtype.is_float() && dtype != Dtype::Complex64 => Dtype::Float32,
        (_, dtype) => dtype,
    };
    let x = x.astype(dtype, device)?;
    if x.size() == 0 {
        return Ok(x);
    }
    let wide = match op {
        Scan::Cummax | Scan::Cummin => dtype,
        _ if dtype.is_float() && device == Device::Cpu => Dtype::Float64,
        _ if is_half(dtype) => Dtype::Float32,
        _ => dtype,
    };
    let total = x.astype(wide, device)?.scan(op, axis, reverse, inclusive, device)?;
    Ok(total.astype(dtype, device)?)
}
