//! Steps of optimizers.

use crate::arith::arithmetic;
use crate::failure::Failure;
use crate::handle::{require, tensor};
use crate::promote::{cast, operands};
use crate::sys::{elements, vector, Protected, Result, SET_VECTOR_ELT, SEXP, SEXPTYPE};
use mlx::Binary;

routines! {
    ffi_sgd(values, grads, lr) => sgd;
}

/// `value - lr * grad` in the dtype of each value.
fn sgd(values: SEXP, grads: SEXP, lr: SEXP) -> Result<SEXP> {
    let (values, grads) = (elements(values), elements(grads));
    for (i, (&value, &grad)) in values.iter().zip(&grads).enumerate() {
        check_gradient(value, grad, i + 1)?;
    }
    let stepped = Protected::new(vector(SEXPTYPE::VECSXP, values.len())?);
    for (i, (&value, &grad)) in values.iter().zip(&grads).enumerate() {
        let value = require(value, "params")?;
        let (lr, grad) = operands(lr, grad)?;
        let step = arithmetic(Binary::Multiply, &lr, &grad)?;
        let new = arithmetic(Binary::Subtract, value, &step)?;
        let new = value.like(cast(&new.array, value.array.dtype(), value.device)?).into_r()?;
        // SAFETY: the list is guarded and longer than i.
        unsafe { SET_VECTOR_ELT(stepped.sexp(), i as isize, new) };
    }
    Ok(stepped.sexp())
}

fn check_gradient(value: SEXP, grad: SEXP, number: usize) -> Result<()> {
    let value = require(value, "params")?;
    let Some(grad) = tensor(grad)? else {
        return Err(Failure::argument("grads", format!("Gradient {number} must be an mlx array.")));
    };
    if value.array.shape() != grad.array.shape() {
        let message = format!("Gradient {number} must have the shape of its parameter.");
        return Err(Failure::shape("step", message, &[value.array.shape(), grad.array.shape()]));
    }
    Ok(())
}
