//! Reductions over axes.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::names::MaybeNames;
use crate::promote::{cast, operand};
use crate::shape::row_major;
use crate::sys::{null, Result, SEXP};
use crate::{download, session};
use mlx::{Array, Binary, Device, Dtype, Moment, Reduce, Unary};

routines! {
    ffi_reduce(op, x, axes, drop) => reduce;
    ffi_summary(op, x, na_rm) => summary;
    ffi_check_na_rm(na_rm) => check_na_rm;
    ffi_moment(op, x, axes, drop, ddof) => moment;
    ffi_logsumexp(x, axes, drop) => logsumexp;
    ffi_softmax(x, axes, precise) => softmax;
}

/// Sums, products and their like over 1-based axes; `NULL` reduces everything to a scalar.
fn reduce(op: SEXP, x: SEXP, axes: SEXP, drop: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = operation(&name)?;
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")? && axes != null();
    x.with(reduced(&x, op, &name, &over, keep)?).named(names_left(&x, &over, keep)).into_r()
}

/// R's argument to leave out what is missing, which an array does not know, is answered with a warning.
fn check_na_rm(na_rm: SEXP) -> Result<SEXP> {
    if !matches!(args::one_flag(na_rm, "na.rm"), Ok(false)) {
        session::warn("argument", "na.rm is ignored: NaN counts in mlx arrays.");
    }
    Ok(null())
}

/// What R's group `Summary` makes of one array: a scalar, or for `all()` and `any()` the value, which R code asks for.
fn summary(op: SEXP, x: SEXP, na_rm: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    check_na_rm(na_rm)?;
    let op = operation(&name)?;
    let x = operand(x)?;
    let over = args::axes(null(), x.array.ndim())?;
    let value = x.with(reduced(&x, op, &name, &over, false)?);
    match op {
        Reduce::All | Reduce::Any => download::values(&value, false),
        _ => value.into_r(),
    }
}

fn operation(name: &str) -> Result<Reduce> {
    Reduce::from_name(name).ok_or_else(|| match name {
        "range" => Failure::argument("x", "Operation not implemented for mlx objects: range(); use min() and max()."),
        _ => Failure::internal("an unknown operation"),
    })
}

/// The names of a reduction: those of the axes that are left.
pub(crate) fn names_left(x: &Tensor, over: &[i32], keep: bool) -> MaybeNames {
    x.names.as_ref().and_then(|names| if keep { names.cleared(over) } else { names.without(over) })
}

fn reduced(x: &Tensor, op: Reduce, name: &str, axes: &[i32], keep: bool) -> Result<Array> {
    let dtype = x.array.dtype();
    if matches!(op, Reduce::Min | Reduce::Max) {
        let empty = axes.iter().any(|&axis| x.array.shape()[axis as usize] == 0);
        if empty || (axes.is_empty() && x.array.size() == 0) {
            let message = format!("{name}() of an array without elements has no value.");
            return Err(Failure::shape(name, message, &[x.array.shape()]));
        }
    }
    if matches!(op, Reduce::All | Reduce::Any) {
        return Ok(cast(&x.array, Dtype::Bool, x.device)?.reduce(op, axes, keep, x.device)?);
    }
    let result = x.array.astype(accumulator(op, dtype, x.device), x.device)?.reduce(op, axes, keep, x.device)?;
    Ok(match dtype {
        dtype if is_half(dtype) => result.astype(dtype, x.device)?,
        dtype if op == Reduce::Mean && dtype.is_integer() => result.astype(Dtype::Float32, x.device)?,
        _ => result,
    })
}

/// Is any element true? The answer is read back.
pub(crate) fn any(x: &Array, device: Device) -> Result<bool> {
    Ok(x.reduce_all(Reduce::Any, device)?.to_vec::<u8>()? == [1])
}

/// Are all elements true? The answer is read back.
pub(crate) fn all(x: &Array, device: Device) -> Result<bool> {
    Ok(x.reduce_all(Reduce::All, device)?.to_vec::<u8>()? == [1])
}

/// Variances and standard deviations, with divisor `n - ddof`; `NaN` where that is not positive.
fn moment(op: SEXP, x: SEXP, axes: SEXP, drop: SEXP, ddof: SEXP) -> Result<SEXP> {
    let op =
        Moment::from_name(&args::one_string(op, "op")?).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")? && axes != null();
    let ddof = args::one_int(ddof, "ddof")?;
    let dtype = x.array.dtype();
    let source =
        if dtype.is_integer() { x.array.astype(holding(dtype, x.device), x.device)? } else { inexact(&x, true)? };
    let mut result = source.moment(op, &over, keep, ddof, x.device)?;
    if dtype.is_integer() {
        result = result.astype(Dtype::Float32, x.device)?;
    }
    if count(x.array.shape(), &over) <= f64::from(ddof) {
        let unknown = Array::scalar(f64::NAN, result.dtype())?;
        result = result.binary(Binary::Multiply, &unknown, x.device)?;
    }
    if is_half(dtype) {
        result = result.astype(dtype, x.device)?;
    }
    x.with(result).named(names_left(&x, &over, keep)).into_r()
}

/// The number of elements that one element of a reduction is made of.
fn count(shape: &[i32], over: &[i32]) -> f64 {
    over.iter().map(|&axis| f64::from(shape[axis as usize])).product()
}

/// The elements as floats or complex numbers; half precision as `float32` where `widen` is set.
fn inexact(x: &Tensor, widen: bool) -> Result<Array> {
    let dtype = x.array.dtype();
    let kept = (dtype.is_float() && !(widen && is_half(dtype))) || dtype == Dtype::Complex64;
    Ok(if kept { x.array.clone() } else { x.array.astype(Dtype::Float32, x.device)? })
}

/// The logarithm of the sum of exponentials.
fn logsumexp(x: SEXP, axes: SEXP, drop: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")?;
    let dtype = x.array.dtype();
    let mut result = log_total(&inexact(&x, true)?, &over, keep, x.device)?;
    if is_half(dtype) {
        result = result.astype(dtype, x.device)?;
    }
    x.with(result).named(names_left(&x, &over, keep)).into_r()
}

/// Subtracts the greatest element first, so that no exponential overflows; an infinite one would give `Inf - Inf`.
pub(crate) fn log_total(x: &Array, over: &[i32], keep: bool, device: Device) -> Result<Array> {
    let real = if x.dtype() == Dtype::Complex64 { x.real(device)? } else { x.clone() };
    let zero = Array::scalar(0.0, real.dtype())?;
    let top = if count(x.shape(), over) == 0.0 {
        zero
    } else {
        let top = real.reduce(Reduce::Max, over, true, device)?.unary(Unary::StopGradient, device)?;
        top.unary(Unary::Isfinite, device)?.select(&top, &zero, device)?
    };
    let total = x.binary(Binary::Subtract, &top, device)?.unary(Unary::Exp, device)?;
    let log = total.reduce(Reduce::Sum, over, keep, device)?.unary(Unary::Log, device)?;
    let top = if top.ndim() == 0 { top } else { top.reshape(log.shape(), device)? };
    Ok(log.binary(Binary::Add, &top, device)?)
}

/// Exponentials divided by their sum over axes; `NULL`: over everything.
fn softmax(x: SEXP, axes: SEXP, precise: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let precise = args::one_flag(precise, "precise")?;
    let array = inexact(&x, false)?;
    if array.size() == 0 {
        return x.like(array).into_r();
    }
    if over.len() < array.ndim() {
        return x.like(array.softmax(&over, precise, x.device)?).into_r();
    }
    let flat = row_major(&array, x.device)?;
    x.like(flat.softmax(&[0], precise, x.device)?.reshape(array.shape(), x.device)?).into_r()
}

pub(crate) fn is_half(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::Float16 | Dtype::Bfloat16)
}

/// The dtype to add up in: truth values and the means of integers in floats, and half precision in `float32`; it would stop
/// growing at a few hundred.
fn accumulator(op: Reduce, dtype: Dtype, device: Device) -> Dtype {
    match op {
        Reduce::Mean if dtype.is_integer() => holding(dtype, device),
        Reduce::Sum | Reduce::Prod | Reduce::Mean if dtype == Dtype::Bool || is_half(dtype) => Dtype::Float32,
        _ => dtype,
    }
}

/// A float type that holds the numbers of an integer type, if the device has one.
fn holding(dtype: Dtype, device: Device) -> Dtype {
    if dtype.is_integer() && dtype.size() >= 4 && device == Device::Cpu {
        Dtype::Float64
    } else {
        Dtype::Float32
    }
}
