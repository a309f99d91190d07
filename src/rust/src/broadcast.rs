//! Broadcasting, and choosing between two arrays.

use crate::args;
use crate::bind::meeting;
use crate::failure::{shown, Failure};
use crate::handle::{tensors, Tensor};
use crate::names;
use crate::promote::{all_operands, broadcast, cast, cast_both, common_device, common_dtype, operand, operands};
use crate::sys::{Result, SEXP};
use mlx::Dtype;

routines! {
    ffi_broadcast_to(x, shape, device) => broadcast_to;
    ffi_broadcast_arrays(xs, device) => broadcast_arrays;
    ffi_where(condition, x, y) => choose;
}

fn broadcast_to(x: SEXP, shape: SEXP, device: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let to = args::new_shape(shape, "dim")?;
    let device = args::device_or(device, x.device)?;
    let from = x.array.shape();
    let fits = from.len() <= to.len() && from.iter().rev().zip(to.iter().rev()).all(|(a, b)| a == b || *a == 1);
    if !fits {
        let message = format!(
            "An array ({}) cannot be broadcast to {}: sizes must agree from the last axis on, or be 1.",
            shown(from),
            shown(&to)
        );
        return Err(Failure::shape("broadcast_to", message, &[from, &to]));
    }
    let names = names::broadcast(&x.names, &to);
    Tensor::new(x.array.broadcast_to(&to, device)?, device).named(names).into_r()
}

fn broadcast_arrays(xs: SEXP, device: SEXP) -> Result<SEXP> {
    let xs = all_operands(xs)?;
    let (dtype, common) = meeting(&xs).ok_or_else(|| Failure::argument("...", "No arrays supplied."))?;
    let device = args::device_or(device, common)?;
    let mut shape = vec![];
    for x in &xs {
        shape = broadcast("broadcast_arrays", &shape, x.array.shape())?;
    }
    let spread = xs.iter().map(|x| {
        let array = cast(&x.array, dtype, device)?.broadcast_to(&shape, device)?;
        Ok(Tensor::new(array, device).named(names::broadcast(&x.names, &shape)))
    });
    tensors(spread.collect::<Result<Vec<Tensor>>>()?, None)
}

/// `x` where the condition is true, else `y`; all three are broadcast together.
fn choose(condition: SEXP, x: SEXP, y: SEXP) -> Result<SEXP> {
    let condition = operand(condition)?;
    let (x, y) = operands(x, y)?;
    let device = common_device(&x, &y);
    let shape = broadcast("where", x.array.shape(), y.array.shape())?;
    let shape = broadcast("where", condition.array.shape(), &shape)?;
    let (a, b) = cast_both(&x, &y, common_dtype(x.array.dtype(), y.array.dtype()), device)?;
    let test = cast(&condition.array, Dtype::Bool, device)?;
    let fitting = |side: &Tensor| side.names.clone().filter(|_| side.array.shape() == shape);
    let names = fitting(&condition).or_else(|| fitting(&x)).or_else(|| fitting(&y));
    Tensor::new(test.select(&a, &b, device)?, device).named(names).into_r()
}
