//! Fourier transforms.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::operand;
use crate::sys::{elements, kind, null, Result, SEXP, SEXPTYPE};
use mlx::Dtype;

routines! {
    ffi_fft(x, count, axes, inverse, device) => fft;
}

/// `count` is the number of axes that the function transforms, 0 for any; `axes` is a list of the argument, or `NULL` when it
/// was left out.
fn fft(x: SEXP, count: SEXP, axes: SEXP, inverse: SEXP, device: SEXP) -> Result<SEXP> {
    let count = args::one_int(count, "count")? as usize;
    let inverse = args::one_flag(inverse, "inverse")?;
    let x = operand(x)?;
    let device = args::device_or(device, x.device)?;
    let over = match elements_of(axes) {
        Some(given) => transformed(given, count, x.array.ndim())?,
        None => last(&x, count)?,
    };
    let array = x.array.astype(Dtype::Complex64, device)?;
    if over.is_empty() || array.size() == 0 {
        return Tensor::new(array, device).into_r();
    }
    Tensor::new(array.fft(&over, inverse, device)?, device).into_r()
}

fn elements_of(axes: SEXP) -> Option<SEXP> {
    if kind(axes) == SEXPTYPE::VECSXP {
        elements(axes).first().copied()
    } else {
        None
    }
}

/// The axes that are transformed when none are named.
fn last(x: &Tensor, count: usize) -> Result<Vec<i32>> {
    let ndim = x.array.ndim();
    if ndim < count {
        let message = match count {
            1 => "axis must be supplied: a scalar has none to transform.".to_string(),
            _ => format!("mlx_fft2() needs an array with at least two dimensions, not {ndim}."),
        };
        return Err(Failure::shape("fft", message, &[x.array.shape()]));
    }
    let first = if count == 0 { 0 } else { ndim - count };
    Ok((first as i32..ndim as i32).collect())
}

fn transformed(given: SEXP, count: usize, ndim: usize) -> Result<Vec<i32>> {
    if given == null() && count == 0 {
        return Ok((0..ndim as i32).collect());
    }
    let (arg, what) = match count {
        1 => ("axis", "a single positive integer"),
        2 => ("axes", "a vector of positive integers, two of them"),
        _ => ("axes", "a vector of positive integers"),
    };
    let bad = || Failure::argument(arg, format!("{arg} must be {what}."));
    let axes = args::numbers(given).filter(|axes| !axes.is_empty()).ok_or_else(bad)?;
    if count > 0 && axes.len() != count {
        return Err(bad());
    }
    let mut axes = axes.into_iter().map(|axis| args::one_axis(axis, ndim)).collect::<Result<Vec<i32>>>()?;
    let named = axes.len();
    axes.sort_unstable();
    axes.dedup();
    if axes.len() < named {
        return Err(Failure::argument(arg, "axes must not repeat."));
    }
    Ok(axes)
}
