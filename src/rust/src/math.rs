//! R's Math group and other operations of one array, element by element.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::operand;
use crate::sys::{null, Result, SEXP};
use mlx::{Binary, Dtype, Kind, Scan, Unary};

routines! {
    ffi_math(op, x) => math;
    ffi_unary(op, x) => unary;
    ffi_log_base(x, base) => log_base;
    ffi_round(x, digits) => round;
}

/// A function of R's Math group; `NULL` when MLX has none of this name.
fn math(op: SEXP, x: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let x = operand(x)?;
    if let Some(op) = Unary::from_name(&name) {
        return apply(op, &name, &x)?.into_r();
    }
    match Scan::from_name(&name) {
        Some(op) => cumulate(op, &name, &x)?.into_r(),
        None if name == "round" => rounded(&x, 0)?.into_r(),
        None => Ok(null()),
    }
}

/// One of MLX's own functions by name.
fn unary(op: SEXP, x: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Unary::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    apply(op, &name, &x)?.into_r()
}

/// Applies an operation in the dtype that suits it: whole numbers need no rounding, and truth values count as numbers.
fn apply(op: Unary, name: &str, x: &Tensor) -> Result<Tensor> {
    let dtype = x.array.dtype();
    let keeps = matches!(op, Unary::Abs | Unary::Sign | Unary::Floor | Unary::Ceiling);
    if keeps && (dtype == Dtype::Bool || (dtype.is_integer() && !matches!(op, Unary::Abs | Unary::Sign))) {
        return Ok(x.clone());
    }
    if dtype == Dtype::Complex64
        && matches!(
            op,
            Unary::Floor
                | Unary::Ceiling
                | Unary::Expm1
                | Unary::Erf
                | Unary::Erfinv
                | Unary::Isposinf
                | Unary::Isneginf
        )
    {
        return Err(Failure::dtype(name, format!("{name} is not available for complex numbers."), "complex64"));
    }
    let result = x.array.unary(op, x.device)?;
    if op == Unary::Sign && dtype.is_float() {
        // MLX has 0 for the sign of NaN
        let unknown = x.array.unary(Unary::Isnan, x.device)?;
        return Ok(x.like(unknown.select(&x.array, &result, x.device)?));
    }
    Ok(x.like(result))
}

/// `log(x, base)`.
fn log_base(x: SEXP, base: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let base = args::one_number(base, "base")?;
    let log = x.array.unary(Unary::Log, x.device)?;
    let scale = mlx::Array::scalar(base.ln(), if log.dtype().is_float() { log.dtype() } else { Dtype::Float32 })?;
    x.like(log.binary(Binary::Divide, &scale, x.device)?).into_r()
}

/// `round(x, digits)`: half to even; whole numbers stay as they are unless digits are cut before the point.
fn round(x: SEXP, digits: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    rounded(&x, args::one_int(digits, "digits")?)?.into_r()
}

fn rounded(x: &Tensor, digits: i32) -> Result<Tensor> {
    let dtype = x.array.dtype();
    if matches!(dtype.kind(), Kind::Bool | Kind::Signed | Kind::Unsigned) && digits >= 0 {
        return Ok(x.clone());
    }
    if digits == 0 {
        return Ok(x.like(x.array.round(0, x.device)?));
    }
    if dtype == Dtype::Complex64 {
        // where the number times 10^digits is not finite, there is nothing to round
        let rounded = x.array.round(digits.clamp(-37, 37), x.device)?;
        let finite = rounded.unary(Unary::Isfinite, x.device)?;
        return Ok(x.like(finite.select(&rounded, &x.array, x.device)?));
    }
    let wide = if x.device == mlx::Device::Cpu { Dtype::Float64 } else { Dtype::Float32 };
    Ok(x.like(decimal(&x.array, digits, wide, x.device)?.astype(dtype, x.device)?))
}

/// The nearer of the two neighbours with so many decimal digits, in the dtype `wide`; the even one of two that are as near, as
/// R has it. Where a number has no digits that could be cut it stays.
fn decimal(x: &mlx::Array, digits: i32, wide: Dtype, device: mlx::Device) -> Result<mlx::Array> {
    let most: i32 = if wide == Dtype::Float64 { 300 } else { 37 };
    let at = |value: f64| mlx::Array::scalar(value, wide);
    let x = x.astype(wide, device)?;
    if digits < -most {
        return Ok(x.binary(Binary::Multiply, &at(0.0)?, device)?);
    }
    let scale = at(10f64.powi(digits.abs().min(most)))?;
    let (up, down) = if digits > 0 { (Binary::Multiply, Binary::Divide) } else { (Binary::Divide, Binary::Multiply) };
    let scaled = x.binary(up, &scale, device)?;
    let floor = scaled.unary(Unary::Floor, device)?;
    let below = floor.binary(down, &scale, device)?;
    let above = scaled.unary(Unary::Ceiling, device)?.binary(down, &scale, device)?;
    let (to_below, to_above) =
        (x.binary(Binary::Subtract, &below, device)?, above.binary(Binary::Subtract, &x, device)?);
    let odd = floor.binary(Binary::Remainder, &at(2.0)?, device)?.binary(Binary::NotEqual, &at(0.0)?, device)?;
    let tie = to_above.binary(Binary::Equal, &to_below, device)?.binary(Binary::LogicalAnd, &odd, device)?;
    let rises = to_above.binary(Binary::Less, &to_below, device)?.binary(Binary::LogicalOr, &tie, device)?;
    let rounded = rises.select(&above, &below, device)?;
    let exact = at(if wide == Dtype::Float64 { 1e15 } else { 1e7 })?;
    let cut = scaled.unary(Unary::Abs, device)?.binary(Binary::Less, &exact, device)?;
    Ok(cut.select(&rounded, &x, device)?)
}

/// `cumsum()` and its like: over all elements in R's order; the result has one axis.
fn cumulate(op: Scan, name: &str, x: &Tensor) -> Result<Tensor> {
    if x.array.dtype() == Dtype::Complex64 && matches!(op, Scan::Cummax | Scan::Cummin) {
        return Err(Failure::dtype(name, format!("{name} is not defined for complex numbers."), "complex64"));
    }
    let flat = crate::shape::column_major(&x.array, x.device)?;
    if flat.size() == 0 {
        return Ok(x.with(flat));
    }
    if flat.dtype().is_float() && matches!(op, Scan::Cummax | Scan::Cummin) {
        return Ok(x.like(running_extreme(&flat, op, x.device)?));
    }
    Ok(x.like(crate::scan::running(&flat, op, 0, false, true, x.device)?))
}

/// `cummax` and `cummin` of floats: `NaN` from the first `NaN` on. MLX's own scan loses it in half precision.
fn running_extreme(x: &mlx::Array, op: Scan, device: mlx::Device) -> Result<mlx::Array> {
    let at = |value: f64| mlx::Array::scalar(value, x.dtype());
    let nan = x.unary(Unary::Isnan, device)?;
    let least = at(if op == Scan::Cummax { f64::NEG_INFINITY } else { f64::INFINITY })?;
    let known = nan.select(&least, x, device)?;
    let known = if x.is_tracer() { at_owners(&known, op, device)? } else { known.scan(op, 0, false, true, device)? };
    let count = nan.astype(Dtype::Int32, device)?.scan(Scan::Cumsum, 0, false, true, device)?;
    let unknown = count.binary(Binary::Greater, &mlx::Array::scalar(0.0, Dtype::Int32)?, device)?;
    Ok(unknown.select(&at(f64::NAN)?, &known, device)?)
}

/// The running extremes as elements of `x`, the last of equal ones, so that derivatives go there.
fn at_owners(x: &mlx::Array, op: Scan, device: mlx::Device) -> Result<mlx::Array> {
    let constant = x.unary(Unary::StopGradient, device)?;
    let extreme = constant.scan(op, 0, false, true, device)?;
    let one = |value: f64| mlx::Array::scalar(value, Dtype::Int32);
    let count = one(1.0)?.broadcast_to(x.shape(), device)?.scan(Scan::Cumsum, 0, false, false, device)?;
    let places = constant.binary(Binary::Equal, &extreme, device)?.select(&count, &one(0.0)?, device)?;
    let owners = places.scan(Scan::Cummax, 0, false, true, device)?;
    Ok(x.take_along_axis(&owners, 0, device)?)
}
