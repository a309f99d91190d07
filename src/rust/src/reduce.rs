//! Reductions over axes.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::{cast, operand};
use crate::sys::{Result, SEXP};
use mlx::{Array, Dtype, Moment, Reduce, Scan};

routines! {
    ffi_reduce(op, x, axes, drop) => reduce;
    ffi_moment(op, x, axes, drop, ddof) => moment;
    ffi_scan(op, x, axis, reverse, inclusive) => scan;
}

/// Sums, products and their like over 1-based axes; `NULL` reduces everything to a scalar.
fn reduce(op: SEXP, x: SEXP, axes: SEXP, drop: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Reduce::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")? && axes != crate::sys::null();
    x.with(reduced(&x, op, &name, &over, keep)?).into_r()
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
    // truth values add up to numbers
    let counts = dtype == Dtype::Bool && matches!(op, Reduce::Sum | Reduce::Prod);
    let array = if counts { x.array.astype(Dtype::Float32, x.device)? } else { x.array.clone() };
    if matches!(op, Reduce::All | Reduce::Any) {
        let truth = cast(&array, Dtype::Bool, x.device)?;
        return Ok(truth.reduce(op, axes, keep, x.device)?);
    }
    Ok(array.reduce(op, axes, keep, x.device)?)
}

/// Variance and standard deviation.
fn moment(op: SEXP, x: SEXP, axes: SEXP, drop: SEXP, ddof: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Moment::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")? && axes != crate::sys::null();
    x.with(x.array.moment(op, &over, keep, args::one_int(ddof, "ddof")?, x.device)?).into_r()
}

/// Running totals along a 1-based axis; `NULL` runs over all elements, the last axis fastest.
fn scan(op: SEXP, x: SEXP, axis: SEXP, reverse: SEXP, inclusive: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Scan::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let mut array = x.array.clone();
    let axis = match args::maybe_axis(axis, array.ndim())? {
        Some(axis) => axis,
        None => {
            let size = args::fits(array.size() as f64, "x")?;
            array = array.reshape(&[size], x.device)?;
            0
        }
    };
    if array.size() == 0 {
        return x.with(array).into_r();
    }
    let whole = array.dtype() == Dtype::Bool || array.dtype().is_integer();
    match op {
        Scan::Cumsum if array.dtype() == Dtype::Bool => array = array.astype(Dtype::Int32, x.device)?,
        Scan::Logcumsumexp if whole => array = array.astype(Dtype::Float32, x.device)?,
        _ => {}
    }
    let reverse = args::one_flag(reverse, "reverse")?;
    let inclusive = args::one_flag(inclusive, "inclusive")?;
    x.with(array.scan(op, axis, reverse, inclusive, x.device)?).into_r()
}
