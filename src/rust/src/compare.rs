//! Closeness of two arrays.

use crate::args;
use crate::handle::Tensor;
use crate::promote::{broadcast, cast_both, common_dtype, operands};
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Reduce, Unary};

routines! {
    ffi_isclose(a, b, rtol, atol, equal_nan, device, all) => isclose;
}

/// Where `|a - b| <= atol + rtol * |b|`; with `all`, whether that holds everywhere.
fn isclose(a: SEXP, b: SEXP, rtol: SEXP, atol: SEXP, equal_nan: SEXP, device: SEXP, all: SEXP) -> Result<SEXP> {
    let (a, b) = operands(a, b)?;
    let device = args::device_for(device, if a.array.dtype() == Dtype::Float64 { &a } else { &b })?;
    let (rtol, atol) = (args::one_number(rtol, "rtol")?, args::one_number(atol, "atol")?);
    let equal_nan = args::one_flag(equal_nan, "equal_nan")?;
    broadcast("mlx_isclose", a.array.shape(), b.array.shape())?;
    let close = close(&a, &b, (rtol, atol), equal_nan, device)?;
    if args::one_flag(all, "all")? {
        return Tensor::new(close.reduce_all(Reduce::All, device)?, device).into_r();
    }
    Tensor::new(close, device).named_by(&a, &b).into_r()
}

/// Integers are compared as floats: their difference may not fit their dtype.
fn close(a: &Tensor, b: &Tensor, (rtol, atol): (f64, f64), equal_nan: bool, device: Device) -> Result<Array> {
    let dtype = match common_dtype(a.array.dtype(), b.array.dtype()) {
        dtype if dtype.is_float() || dtype == Dtype::Complex64 => dtype,
        _ if device == Device::Cpu => Dtype::Float64,
        _ => Dtype::Float32,
    };
    let (a, b) = cast_both(a, b, dtype, device)?;
    let or = |x: &Array, y: &Array| x.binary(Binary::LogicalOr, y, device);
    let size = b.unary(Unary::Abs, device)?;
    let at = |value: f64| Array::scalar(value, size.dtype());
    let distance = a.binary(Binary::Subtract, &b, device)?.unary(Unary::Abs, device)?;
    let room = size.binary(Binary::Multiply, &at(rtol)?, device)?.binary(Binary::Add, &at(atol)?, device)?;
    let near = distance.binary(Binary::LessEqual, &room, device)?;
    // nothing but itself is close to an infinite number
    let near = near.binary(Binary::LogicalAnd, &size.unary(Unary::Isfinite, device)?, device)?;
    let same = or(&near, &a.binary(Binary::Equal, &b, device)?)?;
    if !equal_nan {
        return Ok(same);
    }
    let unknown = a.unary(Unary::Isnan, device)?.binary(Binary::LogicalAnd, &b.unary(Unary::Isnan, device)?, device)?;
    Ok(or(&same, &unknown)?)
}
