//! Another dtype on a user's word: what the new one cannot hold is told, and never left to the processor.

use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::cast;
use crate::reduce::any;
use crate::session::warn;
use crate::sys::Result;
use crate::upload::{range, range_message};
use mlx::{Array, Binary, Device, Dtype, Kind, Layout, Reduce, Unary};

/// The array in another dtype. Numbers beyond the range of an integer type are cut to it with a warning, `NaN` is an error
/// there; both need the values, so the array is computed then, except inside a transform.
pub(crate) fn convert(x: &Tensor, dtype: Dtype, device: Device) -> Result<Array> {
    let from = x.array.dtype();
    if from == Dtype::Complex64 && !matches!(dtype, Dtype::Complex64 | Dtype::Bool) {
        warn("precision", "imaginary parts discarded in coercion");
        let real = x.with(x.array.real(device)?);
        return convert(&real, dtype, device);
    }
    if from == dtype || !dtype.is_integer() || !(from.is_integer() || from.is_float()) || fits(&x.array, dtype, device)?
    {
        return cast(&x.array, dtype, device);
    }
    fitted(&x.array, dtype, device)
}

/// Are all values within the range of an integer type? Only those of a type that reaches beyond it are looked at.
fn fits(x: &Array, dtype: Dtype, device: Device) -> Result<bool> {
    let (from, (low, high)) = (x.dtype(), range(dtype));
    if from.is_integer() && range(from).0 >= low && range(from).1 <= high {
        return Ok(true);
    }
    if x.is_tracer() || x.size() == 0 {
        return Ok(false);
    }
    let end =
        |op| Ok::<f64, Failure>(x.reduce_all(op, device)?.astype(Dtype::Float64, Device::Cpu)?.to_vec::<f64>()?[0]);
    // comparisons with NaN are false
    Ok(end(Reduce::Min)? >= low && end(Reduce::Max)? < above(dtype))
}

/// Numbers as integers: cut to the range of the type, fractions cut off.
fn fitted(x: &Array, dtype: Dtype, device: Device) -> Result<Array> {
    let (from, (low, high)) = (x.dtype(), range(dtype));
    let (least, greatest) = if from.is_float() { (f64::NEG_INFINITY, f64::INFINITY) } else { range(from) };
    let mut out = x.clone();
    let mut outside = Vec::new();
    if from.is_float() {
        let unknown = x.unary(Unary::Isnan, device)?;
        if !x.is_tracer() && any(&unknown, device)? {
            let name = dtype.name();
            let message = format!("NA, NaN and infinite values cannot be stored with dtype \"{name}\".");
            return Err(Failure::dtype("as_mlx", message, name));
        }
        out = unknown.select(&Array::scalar(0.0, from)?, &out, device)?;
        out = truncated(&out, device)?;
    }
    // the first number above the range, and the range's least one, are powers of two: every wider type holds them
    if greatest > high {
        let over = out.binary(Binary::GreaterEqual, &Array::scalar(above(dtype), from)?, device)?;
        outside.push((over, maximum(dtype)?));
    }
    if least < low {
        let under = out.binary(Binary::Less, &Array::scalar(low, from)?, device)?;
        outside.push((under, Array::scalar(low, dtype)?));
    }
    let zero = Array::scalar(0.0, from)?;
    for (beyond, _) in &outside {
        out = beyond.select(&zero, &out, device)?;
    }
    out = out.astype(dtype, device)?;
    let mut told = x.is_tracer();
    for (beyond, limit) in &outside {
        if !told && any(beyond, device)? {
            warn("range", range_message(dtype));
            told = true;
        }
        out = beyond.select(limit, &out, device)?;
    }
    Ok(out)
}

/// Without fractions.
fn truncated(x: &Array, device: Device) -> Result<Array> {
    let negative = x.binary(Binary::Less, &Array::scalar(0.0, x.dtype())?, device)?;
    Ok(negative.select(&x.unary(Unary::Ceiling, device)?, &x.unary(Unary::Floor, device)?, device)?)
}

/// The first whole number above the range of a type.
fn above(dtype: Dtype) -> f64 {
    let bits = 8 * dtype.size() as i32 - i32::from(dtype.kind() == Kind::Signed);
    2.0_f64.powi(bits)
}

/// The greatest number of a type, exactly.
fn maximum(dtype: Dtype) -> Result<Array> {
    Ok(match dtype {
        Dtype::Int64 => Array::from_values(&[], Layout::RowMajor, [i64::MAX].into_iter())?,
        Dtype::Uint64 => Array::from_values(&[], Layout::RowMajor, [u64::MAX].into_iter())?,
        _ => Array::scalar(range(dtype).1, dtype)?,
    })
}
