//! Coordinate descent.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::{require, tensors, Tensor};
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Unary};

routines! {
    ffi_proximal_step(beta, grad, lipschitz, lambda, first, last) => proximal_step;
}

/// One step of the coordinates `first` to `last` (1-based) of the column `beta`: down the gradient (of all coordinates, or of
/// these alone), then towards 0. Returns the new column and the change of the block.
fn proximal_step(beta: SEXP, grad: SEXP, lipschitz: SEXP, lambda: SEXP, first: SEXP, last: SEXP) -> Result<SEXP> {
    let (beta, grad) = (require(beta, "beta_init")?, require(grad, "grad_fn")?);
    let steps = require(lipschitz, "lipschitz")?;
    let lambda = args::one_number(lambda, "lambda")?;
    let (start, stop) = (args::one_int(first, "first")? - 1, args::one_int(last, "last")?);
    let (device, rows) = (beta.device, beta.array.shape()[0]);
    let part = |x: &Array, from: i32, to: i32| x.narrow(0, from, to, device);
    let gradient = match *grad.array.shape() {
        [n, 1] if n == rows => part(&grad.array, start, stop)?,
        [n] if n == rows => part(&grad.array.reshape(&[n, 1], device)?, start, stop)?,
        [n, 1] if n == stop - start => grad.array.clone(),
        _ => {
            let shapes = [grad.array.shape(), beta.array.shape()];
            let message =
                format!("The gradient ({}) must have the shape of beta ({}).", shown(shapes[0]), shown(shapes[1]));
            return Err(Failure::shape("mlx_coordinate_descent", message, &shapes));
        }
    };
    let old = part(&beta.array, start, stop)?;
    let steps = part(&steps.array, start, stop)?;
    let gradient = gradient.astype(old.dtype(), device)?;
    let moved = old.binary(Binary::Subtract, &gradient.binary(Binary::Divide, &steps, device)?, device)?;
    let threshold = Array::scalar(lambda, old.dtype())?.binary(Binary::Divide, &steps, device)?;
    let size = moved.unary(Unary::Abs, device)?.binary(Binary::Subtract, &threshold, device)?;
    let size = size.binary(Binary::Maximum, &Array::scalar(0.0, old.dtype())?, device)?;
    let new = moved.unary(Unary::Sign, device)?.binary(Binary::Multiply, &size, device)?;
    let delta = new.binary(Binary::Subtract, &old, device)?;
    let joined = Array::concatenate([&part(&beta.array, 0, start)?, &new, &part(&beta.array, stop, rows)?], 0, device)?;
    tensors(vec![Tensor::new(joined, device), Tensor::new(delta, device)], Some(&["beta".into(), "delta".into()]))
}
