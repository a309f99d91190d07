//! Random arrays, drawn from MLX's own generator.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Unary};

routines! {
    ffi_random_normal(dim, mean, sd, dtype, device) => normal;
    ffi_random_uniform(dim, min, max, dtype, device) => uniform;
    ffi_random_seed(value) => seed;
}

fn normal(dim: SEXP, mean: SEXP, sd: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let (mean, sd) = (args::one_number(mean, "mean")?, args::one_number(sd, "sd")?);
    let (dtype, device) = (args::dtype_among(dtype, Dtype::is_float)?.unwrap_or(Dtype::Float32), args::device(device)?);
    let unit = Array::random_normal(&shape, dtype, 0.0, 1.0, device)?;
    Tensor::new(affine(&unit, mean, sd, device)?, device).into_r()
}

fn uniform(dim: SEXP, min: SEXP, max: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let (min, max) = (args::one_number(min, "min")?, args::one_number(max, "max")?);
    let (dtype, device) = (args::dtype_among(dtype, Dtype::is_float)?.unwrap_or(Dtype::Float32), args::device(device)?);
    let unit = if dtype == Dtype::Float64 {
        double_uniform(&shape, device)?
    } else {
        Array::random_uniform(&shape, dtype, device)?
    };
    Tensor::new(affine(&unit, min, max - min, device)?, device).into_r()
}

/// `from + by * unit`, without work where it changes nothing.
fn affine(unit: &Array, from: f64, by: f64, device: Device) -> Result<Array> {
    let mut out = unit.clone();
    if by != 1.0 {
        out = out.binary(Binary::Multiply, &Array::scalar(by, unit.dtype())?, device)?;
    }
    if from != 0.0 {
        out = out.binary(Binary::Add, &Array::scalar(from, unit.dtype())?, device)?;
    }
    Ok(out)
}

/// Doubles in `[0, 1)` with all 53 bits random: MLX draws single precision only.
fn double_uniform(shape: &[i32], device: Device) -> Result<Array> {
    let dtype = Dtype::Float64;
    let draw = || -> Result<Array> { Ok(Array::random_bits(shape, device)?.astype(dtype, device)?) };
    let times = |x: &Array, factor: f64| x.binary(Binary::Multiply, &Array::scalar(factor, dtype)?, device);
    let high = draw()?;
    let low = times(&draw()?, 2.0_f64.powi(-11))?.unary(Unary::Floor, device)?;
    let sum = high.binary(Binary::Add, &times(&low, 2.0_f64.powi(-21))?, device)?;
    Ok(times(&sum, 2.0_f64.powi(-32))?)
}

/// Makes the draws that follow repeatable.
fn seed(seed: SEXP) -> Result<SEXP> {
    let value = args::one_number(seed, "seed")?;
    if !value.is_finite() {
        return Err(Failure::argument("seed", "seed must be a single finite number."));
    }
    mlx::runtime::seed(value as i64 as u64)?;
    Ok(null())
}
