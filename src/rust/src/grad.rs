//! Gradients of R closures.

use crate::args;
use crate::closure::{self, Place, Slot};
use crate::failure::{shown, Failure};
pub(crate) use crate::handle::tensors;
use crate::handle::{self, Tensor};
use crate::promote::{operand, Operand};
use crate::sys::{elements, list, Protected, Result, SEXP};
use mlx::transforms::{value_and_grad, Closure};
use mlx::{Array, Device, Dtype};

routines! {
    ffi_value_grad(f, inputs, argnums) => value_grad;
}

/// Returns `list(value, list of gradients)`. `f` is called with the arrays by position; `argnums` is 1-based, `NULL` for
/// all.
fn value_grad(f: SEXP, inputs: SEXP, argnums: SEXP) -> Result<SEXP> {
    let operands = elements(inputs).into_iter().map(operand).collect::<Result<Vec<Operand>>>()?;
    let argnums = positions(argnums, operands.len())?;
    for &i in &argnums {
        differentiable(&operands[i as usize].array, i)?;
    }
    let places: Vec<Place> = operands.iter().map(|operand| (operand.device, operand.names.clone())).collect();
    let slot = Slot::default();
    let mut traced = {
        let (slot, places) = (slot.clone(), places.clone());
        Closure::new(move |arrays| {
            let loss = closure::call(f, arrays, &places, |value| loss(value, places[0].0));
            closure::keep(&slot, loss.map(|loss| (vec![loss], 0)))
        })
    };
    let arrays: Vec<&Array> = operands.iter().map(|operand| &operand.array).collect();
    // MLX returns the gradients in the order of the arguments, each once
    let mut ordered = argnums.clone();
    ordered.sort_unstable();
    ordered.dedup();
    let mut results = value_and_grad(&mut traced, &arrays, &ordered)
        .map_err(|error| closure::reason(&slot, error, |error| autograd(&Failure::from(error))))?
        .into_iter();
    let value = results.next().ok_or_else(|| Failure::internal("no value from value_and_grad"))?;
    let value = Protected::new(Tensor::new(value, places[0].0).into_r()?);
    let found: Vec<Array> = results.collect();
    let grad = |i: &i32| {
        let place = ordered.binary_search(i).ok().and_then(|place| found.get(place));
        place.map(|grad| operands[*i as usize].like(grad.clone()))
    };
    let grads = argnums.iter().map(grad).collect::<Option<Vec<Tensor>>>();
    let grads = grads.ok_or_else(|| Failure::internal("a gradient is missing"))?;
    let grads = Protected::new(tensors(grads, None)?);
    list(&[value.sexp(), grads.sexp()], Some(&["value".into(), "grads".into()]))
}

fn positions(argnums: SEXP, count: usize) -> Result<Vec<i32>> {
    if argnums == crate::sys::null() {
        return Ok((0..count as i32).collect());
    }
    let bad =
        || Failure::argument("argnums", format!("argnums must be between 1 and the number of arguments ({count})."));
    let given = args::whole(argnums).filter(|given| !given.is_empty()).ok_or_else(bad)?;
    given
        .into_iter()
        .map(|value| match value {
            Some(value) if value >= 1.0 && value <= count as f64 => Ok(value as i32 - 1),
            _ => Err(bad()),
        })
        .collect()
}

fn differentiable(x: &Array, position: i32) -> Result<()> {
    let dtype = x.dtype();
    if dtype.is_float() || dtype == Dtype::Complex64 {
        return Ok(());
    }
    let message = format!(
        "Argument {} has dtype {}, which has no gradient: give a float array, or leave it out of `argnums`.",
        position + 1,
        dtype.name()
    );
    Err(Failure::new("grad", message).with("arg", crate::failure::Field::Ints(vec![position + 1])))
}

/// The scalar that the closure returned.
fn loss(value: SEXP, device: Device) -> Result<Array> {
    let Some(tensor) = handle::tensor(value)? else {
        return Err(autograd(&Failure::new(
            "grad",
            "Gradient function must return an `mlx` object. Ensure your closure keeps computations in MLX or wraps the \
             result with as_mlx().",
        )));
    };
    let array = &tensor.array;
    if array.size() != 1 {
        let message =
            format!("Gradient function must return a scalar, one element, but it returned {}.", shown(array.shape()));
        return Err(autograd(&Failure::new("grad", message)));
    }
    if !array.is_tracer() {
        return Err(autograd(&Failure::new(
            "grad",
            "The value does not depend on the arguments that are differentiated; was it taken back to R on the way?",
        )));
    }
    if !(array.dtype().is_float() || array.dtype() == Dtype::Complex64) {
        let message = format!("Gradient function must return a float, not dtype {}.", array.dtype().name());
        return Err(autograd(&Failure::new("grad", message)));
    }
    Ok(if array.ndim() == 0 { array.clone() } else { array.reshape(&[], device)? })
}

/// The two lines that users of autograd know.
fn autograd(failure: &Failure) -> Failure {
    let message = format!(
        "MLX autograd failed to differentiate the function: {}\nEnsure all differentiable computations use MLX operations.",
        failure.message()
    );
    Failure::new("grad", message)
}
