//! Normalising layers.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::{require, tensors, Tensor};
use crate::promote::{common_dtype, operand, real_float};
use crate::sys::{null, Result, SEXP};
use crate::trace::is_unknown;
use mlx::{Array, Binary, Device, Dtype, Moment, Reduce, Unary};

routines! {
    ffi_layer_norm(x, gamma, beta, eps) => layer_norm;
    ffi_batch_norm(x, gamma, beta, mean, var, eps) => batch_norm;
    ffi_batch_statistics(x, mean, var, momentum) => batch_statistics;
}

/// The input in the dtype of the computation, if its last axis has the length of `gamma`.
fn input(x: &Tensor, gamma: &Tensor, op: &str, least: usize) -> Result<Array> {
    let (shape, wanted) = (x.array.shape(), gamma.array.size());
    if shape.len() < least || shape.last().is_none_or(|&side| side as usize != wanted) {
        let axes = if least == 1 { "a last axis" } else { "two axes or more, the last" };
        let message = format!("`x` must have {axes} of length {wanted}; it is {}.", shown(shape));
        return Err(Failure::shape(op, message, &[shape]));
    }
    Ok(real_float(x, op)?.astype(common_dtype(x.array.dtype(), gamma.array.dtype()), x.device)?)
}

/// `(x - mean) / sqrt(var + eps) * gamma + beta`.
fn scaled(x: &Array, moments: (&Array, &Array), eps: f64, ends: (&Array, &Array), device: Device) -> Result<Array> {
    let eps = Array::scalar(eps, moments.1.dtype())?;
    let root = moments.1.binary(Binary::Add, &eps, device)?.unary(Unary::Rsqrt, device)?;
    let standard = x.binary(Binary::Subtract, moments.0, device)?.binary(Binary::Multiply, &root, device)?;
    Ok(standard.binary(Binary::Multiply, ends.0, device)?.binary(Binary::Add, ends.1, device)?)
}

fn moments(x: &Array, axes: &[i32], device: Device) -> Result<(Array, Array)> {
    Ok((x.reduce(Reduce::Mean, axes, true, device)?, x.moment(Moment::Var, axes, true, 0, device)?))
}

fn layer_norm(x: SEXP, gamma: SEXP, beta: SEXP, eps: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (gamma, beta) = (require(gamma, "gamma")?, require(beta, "beta")?);
    let eps = args::one_number(eps, "eps")?;
    let input = input(&x, gamma, "layer_norm", 1)?;
    let result = if input.dtype() == Dtype::Float64 || input.size() == 0 {
        // MLX's own works in single precision
        let moments = moments(&input, &[input.ndim() as i32 - 1], x.device)?;
        scaled(&input, (&moments.0, &moments.1), eps, (&gamma.array, &beta.array), x.device)?
    } else {
        input.layer_norm(&gamma.array, &beta.array, eps as f32, x.device)?
    };
    x.like(result).into_r()
}

/// All axes but the last.
fn leading(x: &Array) -> Vec<i32> {
    (0..x.ndim() as i32 - 1).collect()
}

/// With the statistics of the batch itself, or with `mean` and `var` if they are not `NULL`.
fn batch_norm(x: SEXP, gamma: SEXP, beta: SEXP, mean: SEXP, var: SEXP, eps: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (gamma, beta) = (require(gamma, "gamma")?, require(beta, "beta")?);
    let eps = args::one_number(eps, "eps")?;
    let input = input(&x, gamma, "batch_norm", 2)?;
    let (mean, var) = if mean == null() {
        moments(&input, &leading(&input), x.device)?
    } else {
        (require(mean, "running_mean")?.array.clone(), require(var, "running_var")?.array.clone())
    };
    x.like(scaled(&input, (&mean, &var), eps, (&gamma.array, &beta.array), x.device)?).into_r()
}

/// The running mean and variance, 1 x n, after a batch; `NULL` where they must stay: for a batch without rows, and inside a
/// transform that knows no values.
fn batch_statistics(x: SEXP, mean: SEXP, var: SEXP, momentum: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (mean, var) = (require(mean, "running_mean")?, require(var, "running_var")?);
    let momentum = args::one_number(momentum, "momentum")?;
    if x.array.size() == 0 {
        return Ok(null());
    }
    let input = real_float(&x, "batch_norm")?.astype(common_dtype(x.array.dtype(), mean.array.dtype()), x.device)?;
    let moments = moments(&input, &leading(&input), x.device)?;
    let row = [1, args::fits(mean.array.size() as f64, "x")?];
    let moved = |old: &Tensor, new: &Array| -> Result<Array> {
        let at = |value: f64| Array::scalar(value, old.array.dtype());
        let new = new.reshape(&row, x.device)?.astype(old.array.dtype(), x.device)?;
        let kept = old.array.reshape(&row, x.device)?.binary(Binary::Multiply, &at(1.0 - momentum)?, x.device)?;
        let added = new.binary(Binary::Multiply, &at(momentum)?, x.device)?;
        settled(kept.binary(Binary::Add, &added, x.device)?)
    };
    tensors(vec![x.with(moved(mean, &moments.0)?), x.with(moved(var, &moments.1)?)], None)
}

/// The array without its part in a gradient's trace, so that it outlives it. Where no values are known it stays what it
/// is: the compiled function puts it where it belongs.
fn settled(x: Array) -> Result<Array> {
    if !x.is_tracer() || is_unknown(&x) {
        return Ok(x);
    }
    let copy = match x.dtype() {
        Dtype::Float64 => x.to_vec().and_then(|v: Vec<f64>| fresh(x.shape(), v)),
        _ => {
            let single = x.astype(Dtype::Float32, Device::Cpu)?;
            single.to_vec().and_then(|v: Vec<f32>| fresh(x.shape(), v))
        }
    };
    Ok(copy?)
}

fn fresh<T: mlx::Element>(shape: &[i32], values: Vec<T>) -> mlx::Result<Array> {
    Array::from_values(shape, mlx::Layout::ColumnMajor, values.into_iter())
}
