//! New arrays.

use crate::args;
use crate::convert::convert;
use crate::failure::Failure;
use crate::handle::{tensor, Tensor};
use crate::sys::{kind, len, null, Result, SEXP, SEXPTYPE};
use crate::upload;
use mlx::{Device, Dtype};

routines! {
    ffi_as_mlx(x, dtype, device) => as_mlx;
    ffi_array(x, dim, dtype, device) => array;
    ffi_full(dim, value, dtype, device) => full;
}

/// An R object with its own shape, or an `mlx` object with another dtype or device where asked for.
fn as_mlx(x: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    if let Some(tensor) = tensor(x)? {
        let to = args::dtype(dtype)?.unwrap_or_else(|| tensor.array.dtype());
        let place = if device == null() { tensor.device } else { args::device(device)? };
        if to == tensor.array.dtype() && place == tensor.device {
            return Ok(x);
        }
        return Tensor::new(convert(tensor, to, place)?, place).named(tensor.names.clone()).into_r();
    }
    let (dtype, device) = (args::dtype(dtype)?, args::device(device)?);
    Tensor::new(upload::array(x, None, dtype)?, device).named_as(x)?.into_r()
}

/// The elements of an R vector, first axis fastest, in a shape that may be empty (no axes).
fn array(x: SEXP, dim: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let shape = if len(dim) == 0 { vec![] } else { args::new_shape(dim, "dim")? };
    let (dtype, device) = (args::dtype(dtype)?, args::device(device)?);
    let room: f64 = shape.iter().map(|&side| f64::from(side)).product();
    let n = len(x);
    if n == 0 || room % n as f64 != 0.0 {
        let message = format!("length(data) ({n}) must match prod(dim) ({room}), or divide it to be recycled.");
        return Err(Failure::shape("array", message, &[&shape]).with("arg", crate::failure::Field::Text("data".into())));
    }
    if room > n as f64 {
        return recycled(x, &shape, dtype, device)?.into_r();
    }
    let made = Tensor::new(upload::array(x, Some(&shape), dtype)?, device);
    if shape.len() == 1 { made.named_as(x)? } else { made }.into_r()
}

/// As [`array`], the elements repeated as often as they fit; MLX holds them once until the array is computed.
fn recycled(x: SEXP, shape: &[i32], dtype: Option<Dtype>, device: Device) -> Result<Tensor> {
    let n = args::fits(len(x) as f64, "data")?;
    let room: f64 = shape.iter().map(|&side| f64::from(side)).product();
    let times = args::fits(room / f64::from(n), "dim")?;
    let reversed: Vec<i32> = shape.iter().rev().copied().collect();
    let rounds = upload::array(x, Some(&[n]), dtype)?.broadcast_to(&[times, n], device)?;
    Ok(Tensor::new(rounds.reshape(&reversed, device)?.reversed(device)?, device))
}

/// An array of one value, computed when it is needed.
fn full(dim: SEXP, value: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let known = matches!(
        kind(value),
        SEXPTYPE::LGLSXP | SEXPTYPE::INTSXP | SEXPTYPE::REALSXP | SEXPTYPE::CPLXSXP | SEXPTYPE::RAWSXP
    );
    if !known || len(value) != 1 {
        return Err(Failure::argument("value", "value must be a scalar: one number, TRUE or FALSE."));
    }
    let (dtype, device) = (args::dtype(dtype)?, args::device(device)?);
    let one = upload::array(value, Some(&[]), dtype)?;
    // MLX holds the one value until the array is computed
    let array = one.broadcast_to(&shape, device)?.contiguous(device)?;
    Tensor::new(array, device).into_r()
}
