//! Computing arrays: now, or soon.

use crate::args;
use crate::failure::Failure;
use crate::handle::{is_mlx, require, Tensor};
use crate::sys::{elements, flag, null, Result, SEXP};
use crate::tree::{self, Rest};
use crate::{memory, trace};
use mlx::{runtime, transforms, Array, Error};
use std::cell::Cell;

routines! {
    ffi_eval(x) => eval;
    ffi_async_eval(x) => async_eval;
    ffi_is_ready(x) => is_ready;
    ffi_is_tracer(x) => is_tracer;
    ffi_set_mode(mode) => set_mode;
    ffi_is_unknown(x) => is_unknown;
    ffi_depends(x, others) => depends;
}

/// The arrays of an argument: an array, or nested lists of them.
fn tensors(x: SEXP) -> Result<Vec<Tensor>> {
    arrays_in(x, "x")
}

fn arrays_in(x: SEXP, arg: &str) -> Result<Vec<Tensor>> {
    if !tree::is_list(x) {
        return Ok(vec![require(x, arg)?.clone()]);
    }
    let mut tensors = Vec::new();
    tree::strip(x, &mut tensors)?;
    Ok(tensors)
}

fn arrays(tensors: &[Tensor]) -> Vec<&Array> {
    tensors.iter().map(|tensor| &tensor.array).collect()
}

/// Computes arrays and returns them.
fn eval(x: SEXP) -> Result<SEXP> {
    if is_mlx(x) {
        compute(&[&require(x, "x")?.array])?;
    } else {
        compute(&arrays(&tensors(x)?))?;
    }
    Ok(x)
}

/// Computes arrays; where memory is short, once more when R has dropped what nobody needs.
pub(crate) fn compute(arrays: &[&Array]) -> Result<()> {
    Ok(outcome(arrays)??)
}

/// The same, for those who know more about MLX's errors.
pub(crate) fn outcome(arrays: &[&Array]) -> Result<mlx::Result<()>> {
    memory::relieve_before(arrays)?;
    match mlx::eval(arrays) {
        Err(Error::Memory(_)) => {
            memory::collect_all()?;
            Ok(mlx::eval(arrays))
        }
        result => Ok(result),
    }
}

/// Has arrays computed while R goes on.
fn async_eval(x: SEXP) -> Result<SEXP> {
    let tensors = tensors(x)?;
    if tensors.iter().any(|tensor| tensor.array.is_tracer()) {
        let message = "Arrays cannot be computed while R goes on inside a function that is being transformed.";
        return Err(Failure::new("trace", message));
    }
    let arrays = arrays(&tensors);
    memory::relieve_before(&arrays)?;
    runtime::start_eval(&arrays)?;
    Ok(x)
}

fn is_ready(x: SEXP) -> Result<SEXP> {
    Ok(flag(tensors(x)?.iter().all(|tensor| runtime::is_ready(&tensor.array))))
}

thread_local! {
    /// Is the result of each operation computed at once?
    static EAGER: Cell<bool> = const { Cell::new(false) };
}

/// Sets when operations are computed: "lazy", "eager" or "compiled".
fn set_mode(mode: SEXP) -> Result<SEXP> {
    let mode = args::one_string(mode, "mode")?;
    EAGER.set(mode == "eager");
    runtime::set_fused_eval(mode == "compiled");
    Ok(null())
}

/// Computes the result of an operation if that is the mode, and the array is none of a transform.
pub(crate) fn at_once(array: &Array) -> Result<()> {
    if EAGER.get() && !array.is_tracer() {
        compute(&[array])?;
    }
    Ok(())
}

/// Does an array, or one in nested lists, stand for a value inside a transform?
fn is_tracer(x: SEXP) -> Result<SEXP> {
    Ok(flag(tensors(x)?.iter().any(|tensor| tensor.array.is_tracer())))
}

/// Are values of an array, or of one in nested lists, not known while R runs?
fn is_unknown(x: SEXP) -> Result<SEXP> {
    Ok(flag(tensors(x)?.iter().any(|tensor| trace::is_unknown(&tensor.array))))
}

/// The same object, whose arrays are computed after the others, a list of objects.
fn depends(x: SEXP, others: SEXP) -> Result<SEXP> {
    let mut first = Vec::new();
    for other in elements(others) {
        first.extend(arrays_in(other, "...")?);
    }
    let tensors = arrays_in(x, "x")?;
    if tensors.is_empty() || first.is_empty() {
        return Ok(x);
    }
    let bare = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.array.clone()).collect::<Vec<Array>>();
    let after = transforms::depends(&bare(&tensors), &bare(&first))?;
    let mut after = tensors.iter().zip(after).map(|(tensor, array)| tensor.like(array));
    tree::fill(x, Rest::Keep, &mut after)
}
