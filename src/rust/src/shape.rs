//! Shapes: asking, and giving another.

use crate::args;
use crate::failure::Failure;
use crate::handle::{require, Tensor};
use crate::promote::{met, operand, operands};
use crate::sys::{integers, null, number, Result, SEXP};
use mlx::{Array, Binary, Device};

routines! {
    ffi_shape(x) => shape;
    ffi_dim(x) => dim;
    ffi_length(x) => length;
    ffi_dtype(x) => dtype;
    ffi_reshape(x, shape, arg) => reshape;
    ffi_transpose(x) => transpose;
    ffi_outer(x, y) => outer;
}

fn shape(x: SEXP) -> Result<SEXP> {
    integers(require(x, "x")?.array.shape())
}

/// R's `dim`: `NULL` for fewer than two axes.
fn dim(x: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    if x.array.ndim() < 2 {
        return Ok(null());
    }
    integers(x.array.shape())
}

fn length(x: SEXP) -> Result<SEXP> {
    let size = require(x, "x")?.array.size();
    match i32::try_from(size) {
        Ok(size) => integers(&[size]),
        Err(_) => number(size as f64),
    }
}

fn dtype(x: SEXP) -> Result<SEXP> {
    crate::sys::string(require(x, "x")?.array.dtype().name())
}

/// The same elements, last axis fastest, in another shape; `arg` names the shape in messages.
fn reshape(x: SEXP, shape: SEXP, arg: SEXP) -> Result<SEXP> {
    let arg = args::one_string(arg, "arg")?;
    let x = operand(x)?;
    let to = args::any_shape(shape, &arg)?;
    let product: f64 = to.iter().map(|&side| f64::from(side)).product();
    if product != x.array.size() as f64 {
        let size = x.array.size();
        let message = if arg == "dims" {
            format!("dims [product {product}] do not match the length of object [{size}]")
        } else {
            format!("Cannot reshape array of size {size} into {}, which holds {product}.", crate::failure::shown(&to))
        };
        return Err(
            Failure::shape("reshape", message, &[x.array.shape(), &to]).with("arg", crate::failure::Field::Text(arg))
        );
    }
    x.with(x.array.reshape(&to, x.device)?).into_r()
}

/// All axes in reverse order; arrays of one axis or none stay as they are.
fn transpose(x: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    if x.array.ndim() < 2 {
        return x.clone().into_r();
    }
    let order: Vec<i32> = (0..x.array.ndim() as i32).rev().collect();
    let names = x.names.as_ref().and_then(|names| names.permuted(&order));
    x.with(x.array.transpose(&order, x.device)?).named(names).into_r()
}

/// The elements along one axis, the last axis fastest.
pub(crate) fn row_major(x: &Array, device: Device) -> Result<Array> {
    Ok(x.reshape(&[args::fits(x.size() as f64, "x")?], device)?)
}

/// The elements along one axis in R's order: the first axis fastest.
pub(crate) fn column_major(x: &Array, device: Device) -> Result<Array> {
    if x.ndim() < 2 {
        return row_major(x, device);
    }
    row_major(&x.reversed(device)?, device)
}

/// Every product of an element of `x` and one of `y`.
fn outer(x: SEXP, y: SEXP) -> Result<SEXP> {
    let (x, y) = operands(x, y)?;
    let (a, b, device) = met(&x, &y)?;
    let column = [args::fits(x.array.size() as f64, "X")?, 1];
    let row = [1, args::fits(y.array.size() as f64, "Y")?];
    let along = |side: &Tensor| match side.array.ndim() {
        1 => side.axis_names(0).clone(),
        _ => None,
    };
    let names = crate::names::Names::new(vec![along(&x), along(&y)], None);
    let product = a.reshape(&column, device)?.binary(Binary::Multiply, &b.reshape(&row, device)?, device)?;
    Tensor::new(product, device).named(names).into_r()
}
