//! Reductions over axes.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::promote::{cast, operand};
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Dtype, Reduce};

routines! {
    ffi_reduce(op, x, axes, drop) => reduce;
}

/// Sums, products and their like over 1-based axes; `NULL` reduces everything to a scalar.
fn reduce(op: SEXP, x: SEXP, axes: SEXP, drop: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Reduce::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let x = operand(x)?;
    let over = args::axes(axes, x.array.ndim())?;
    let keep = !args::one_flag(drop, "drop")? && axes != crate::sys::null();
    let names = x.names.as_ref().and_then(|names| if keep { names.cleared(&over) } else { names.without(&over) });
    x.with(reduced(&x, op, &name, &over, keep)?).named(names).into_r()
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
    let array = x.array.astype(accumulator(op, dtype), x.device)?;
    let result = if op == Reduce::Prod && array.size() == 0 {
        // MLX's derivative of an empty product divides by zero; the empty sum and 1 make the same product
        let one = Array::scalar(1.0, array.dtype())?;
        array.reduce(Reduce::Sum, axes, keep, x.device)?.binary(Binary::Add, &one, x.device)?
    } else {
        array.reduce(op, axes, keep, x.device)?
    };
    Ok(if is_half(dtype) { result.astype(dtype, x.device)? } else { result })
}

fn is_half(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::Float16 | Dtype::Bfloat16)
}

/// The dtype to add up in: truth values and the means of integers in `float32`, and half precision too, which would stop
/// growing at a few hundred.
fn accumulator(op: Reduce, dtype: Dtype) -> Dtype {
    let adds = matches!(op, Reduce::Sum | Reduce::Prod | Reduce::Mean);
    let whole = dtype.is_integer() && op == Reduce::Mean;
    if adds && (dtype == Dtype::Bool || is_half(dtype) || whole) {
        Dtype::Float32
    } else {
        dtype
    }
}
