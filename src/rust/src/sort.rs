//! Sorting and selection. Positions that go to R are 1-based and `int64`.

use crate::args;
use crate::failure::{Failure, Field};
use crate::handle::Tensor;
use crate::names::MaybeNames;
use crate::promote::operand;
use crate::reduce::names_left;
use crate::scan::along;
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Reduce, Unary};

routines! {
    ffi_sort(x, axis) => sort;
    ffi_argsort(x, axis) => argsort;
    ffi_topk(x, k, axis) => topk;
    ffi_partition(x, kth, axis) => partition;
    ffi_argpartition(x, kth, axis) => argpartition;
    ffi_arg_extreme(x, axis, drop, greatest) => arg_extreme;
}

fn sort(x: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (array, axis, names) = line(&x, axis)?;
    x.with(sorted(&array, axis, x.device)?).named(names).into_r()
}

fn argsort(x: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (array, axis, names) = line(&x, axis)?;
    x.with(one_based(&order(&array, axis, x.device)?, x.device)?).named(names).into_r()
}

/// The array, the axis to work along, and the names of the other axes.
fn line(x: &Tensor, axis: SEXP) -> Result<(Array, i32, MaybeNames)> {
    let axis = args::optional_axis(axis, x.array.ndim())?;
    let names = axis.and_then(|axis| names_left(x, &[axis], true));
    let (array, axis) = along(x, axis)?;
    Ok((array, axis, names))
}

fn one_based(positions: &Array, device: Device) -> Result<Array> {
    let one = Array::scalar(1.0, Dtype::Int64)?;
    Ok(positions.astype(Dtype::Int64, device)?.binary(Binary::Add, &one, device)?)
}

/// MLX divides by the length of the axis, so that arrays without elements must not reach it.
pub(crate) fn sorted(x: &Array, axis: i32, device: Device) -> Result<Array> {
    if x.size() == 0 {
        return Ok(x.clone());
    }
    if x.dtype() == Dtype::Complex64 {
        return Ok(x.take_along_axis(&order(x, axis, device)?, axis, device)?);
    }
    Ok(x.sort(axis, device)?)
}

fn order(x: &Array, axis: i32, device: Device) -> Result<Array> {
    if x.size() == 0 {
        return Ok(x.astype(Dtype::Uint32, device)?);
    }
    if x.dtype() == Dtype::Complex64 {
        return complex_order(x, axis, device);
    }
    Ok(x.argsort(axis, device)?)
}

/// By the real part, then by the imaginary one, with `NaN` in either last. MLX sees it in neither.
fn complex_order(x: &Array, axis: i32, device: Device) -> Result<Array> {
    let unknown = Array::scalar(f64::NAN, Dtype::Float32)?;
    let real = x.unary(Unary::Isnan, device)?.select(&unknown, &x.real(device)?, device)?;
    let by_imaginary = x.imag(device)?.argsort(axis, device)?;
    let by_real = real.take_along_axis(&by_imaginary, axis, device)?.argsort(axis, device)?;
    Ok(by_imaginary.take_along_axis(&by_real, axis, device)?)
}

/// The `k` greatest elements along an axis.
fn topk(x: SEXP, k: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let all = axis == null();
    let (array, axis, names) = line(&x, axis)?;
    let length = array.shape()[axis as usize];
    let k = count(k, "k", 1.0, "positive")?;
    if k > f64::from(length) {
        return Err(too_large("k", k, axis, length, all));
    }
    let start = length - k as i32;
    let parts = partitioned(&array, start, axis, x.device)?;
    x.with(parts.narrow(axis, start, length, x.device)?).named(names).into_r()
}

fn partition(x: SEXP, kth: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let all = axis == null();
    let (array, axis, names) = line(&x, axis)?;
    let kth = position(kth, &array, axis, all)?;
    x.with(partitioned(&array, kth, axis, x.device)?).named(names).into_r()
}

/// MLX's partition is faster than sorting; its derivative, though, orders equal elements otherwise than the values.
fn partitioned(x: &Array, kth: i32, axis: i32, device: Device) -> Result<Array> {
    if x.size() == 0 || x.is_tracer() || x.dtype() == Dtype::Complex64 {
        return sorted(x, axis, device);
    }
    Ok(x.partition(kth, axis, device)?)
}

fn argpartition(x: SEXP, kth: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let all = axis == null();
    let (array, axis, names) = line(&x, axis)?;
    let kth = position(kth, &array, axis, all)?;
    let positions = if array.size() == 0 || array.dtype() == Dtype::Complex64 {
        order(&array, axis, x.device)?
    } else {
        array.argpartition(kth, axis, x.device)?
    };
    x.with(one_based(&positions, x.device)?).named(names).into_r()
}

/// A 0-based position along the axis.
fn position(kth: SEXP, x: &Array, axis: i32, all: bool) -> Result<i32> {
    let length = x.shape()[axis as usize];
    let kth = count(kth, "kth", 0.0, "non-negative")?;
    if kth >= f64::from(length) {
        return Err(too_large("kth", kth, axis, length, all));
    }
    Ok(kth as i32)
}

/// One finite number, cut to a whole one.
fn count(x: SEXP, arg: &str, least: f64, sort: &str) -> Result<f64> {
    match args::one_number(x, arg) {
        Ok(value) if value.is_finite() && value.trunc() >= least => Ok(value.trunc()),
        _ => Err(Failure::argument(arg, format!("{arg} must be a {sort} finite scalar: one whole number."))),
    }
}

fn too_large(arg: &str, value: f64, axis: i32, length: i32, all: bool) -> Failure {
    let limit =
        if all { format!("number of elements ({length})") } else { format!("size of axis {} ({length})", axis + 1) };
    let hint = if arg == "kth" { "; kth counts from 0" } else { "" };
    Failure::argument(arg, format!("{arg} = {value} exceeds {limit}{hint}.")).with("axis", Field::Ints(vec![axis + 1]))
}

/// The position of the first greatest or least element.
fn arg_extreme(x: SEXP, axis: SEXP, drop: SEXP, greatest: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let (drop, greatest) = (args::one_flag(drop, "drop")?, args::one_flag(greatest, "greatest")?);
    let axis = args::optional_axis(axis, x.array.ndim())?;
    let over: Vec<i32> = axis.map_or_else(|| (0..x.array.ndim() as i32).collect(), |axis| vec![axis]);
    let mut left = x.array.shape().to_vec();
    over.iter().for_each(|&axis| left[axis as usize] = 1);
    let (array, along_axis) = along(&x, axis)?;
    if array.shape()[along_axis as usize] == 0 {
        let name = if greatest { "mlx_argmax" } else { "mlx_argmin" };
        let message = format!("{name}() of an array without elements has no value.");
        return Err(Failure::shape(name, message, &[x.array.shape()]));
    }
    let mut positions = if array.size() == 0 {
        Array::zeros(&left, Dtype::Int64, x.device)?
    } else {
        one_based(&extreme(&array, along_axis, greatest, x.device)?, x.device)?.reshape(&left, x.device)?
    };
    if drop {
        positions = positions.squeeze(&over, x.device)?;
    }
    x.with(positions).named(names_left(&x, &over, !drop)).into_r()
}

/// As R's `which.max()`, passes over `NaN`.
fn extreme(x: &Array, axis: i32, greatest: bool, device: Device) -> Result<Array> {
    if x.dtype().is_float() && !Array::extremes_pass_over_nan(device) {
        let (worst, op) = if greatest { (f64::NEG_INFINITY, Reduce::Max) } else { (f64::INFINITY, Reduce::Min) };
        let worst = Array::scalar(worst, x.dtype())?;
        let known = x.unary(Unary::Isnan, device)?.select(&worst, x, device)?;
        let best = known.reduce(op, &[axis], true, device)?;
        return Ok(x.binary(Binary::Equal, &best, device)?.argmax(axis, true, device)?);
    }
    Ok(if greatest { x.argmax(axis, true, device)? } else { x.argmin(axis, true, device)? })
}
