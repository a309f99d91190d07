//! Transforms of functions: derivatives and vectorisation.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::error::{Error, Result};
use cxx::UniquePtr;
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a traced function returns: its arrays and the numbers that go with them, or a failure that it has told elsewhere.
pub type Traced = std::result::Result<(Vec<Array>, Vec<u64>), ()>;

type Function = dyn FnMut(Vec<Array>, &[i32]) -> Traced;

/// A function that MLX calls with arrays, and sometimes numbers, while it traces. Whatever goes wrong in it, a panic
/// included, ends as [`Error::Callback`] in the function that called MLX.
pub struct Closure {
    function: Box<Function>,
    numbers: Vec<u64>,
}

impl Closure {
    /// Wraps a function of arrays.
    pub fn new(mut function: impl FnMut(Vec<Array>) -> Traced + 'static) -> Self {
        Self::with_numbers(move |arrays, _| function(arrays))
    }

    /// Wraps a function of arrays and numbers.
    pub fn with_numbers(function: impl FnMut(Vec<Array>, &[i32]) -> Traced + 'static) -> Self {
        Self { function: Box::new(function), numbers: Vec::new() }
    }

    pub(crate) fn call(&mut self, inputs: &ffi::Arrays, numbers: &[i32]) -> Result<UniquePtr<ffi::Arrays>> {
        let inputs = unpack(inputs)?;
        let function = &mut self.function;
        match catch_unwind(AssertUnwindSafe(|| function(inputs, numbers))) {
            Ok(Ok((outputs, numbers))) => {
                self.numbers = numbers;
                Ok(pack(&outputs))
            }
            Ok(Err(())) => Err(Error::Backend("rmlx closure failed".into())),
            Err(_) => Err(Error::Backend("rmlx closure failed: panic".into())),
        }
    }

    /// The numbers that the last call returned.
    pub(crate) fn numbers(&self) -> &[u64] {
        &self.numbers
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("numbers", &self.numbers).finish_non_exhaustive()
    }
}

/// Calls `f` and differentiates its first output, a scalar, with respect to the inputs `argnums` (0-based). Returns the
/// outputs of `f`, then one gradient for each of `argnums`, which must not repeat, in ascending order.
///
/// # Errors
/// [`Error::Callback`] when `f` failed; MLX's refusal otherwise.
pub fn value_and_grad(f: &mut Closure, inputs: &[&Array], argnums: &[i32]) -> Result<Vec<Array>> {
    unpack(&*ffi::value_and_grad(f, &pack(inputs.iter().copied()), argnums)?)
}

/// Calls `f` and multiplies its Jacobian from the left by `cotangents`, one for each output and of its shape. Returns the
/// outputs of `f`, then one product for each input.
///
/// # Errors
/// As [`value_and_grad`].
pub fn vjp(f: &mut Closure, primals: &[&Array], cotangents: &[Array]) -> Result<Vec<Array>> {
    unpack(&*ffi::vjp(f, &pack(primals.iter().copied()), &pack(cotangents))?)
}

/// Calls `f` and multiplies its Jacobian from the right by `tangents`, one for each input and of its shape. Returns the
/// outputs of `f`, then one product for each output.
///
/// # Errors
/// As [`value_and_grad`].
pub fn jvp(f: &mut Closure, primals: &[&Array], tangents: &[Array]) -> Result<Vec<Array>> {
    unpack(&*ffi::jvp(f, &pack(primals.iter().copied()), &pack(tangents))?)
}

/// Calls `f` once with inputs that lack the axes `in_axes` (0-based, inside the shape; -1 for an input that is given whole,
/// not for all of them), and applies what it does along these axes, all of one length. The numbers that `f` returns say
/// where each output has the new axis.
///
/// # Errors
/// As [`value_and_grad`].
pub fn vmap(f: &mut Closure, inputs: &[&Array], in_axes: &[i32]) -> Result<Vec<Array>> {
    unpack(&*ffi::vmap(f, &pack(inputs.iter().copied()), in_axes)?)
}

/// Takes the mark of a trace that is over from arrays that it left behind.
pub fn untrace(arrays: &[Array]) {
    ffi::untrace(&pack(arrays));
}

/// Are any of these arrays made of one of the targets?
pub fn reaches(arrays: &[Array], targets: &[Array]) -> bool {
    ffi::reaches(&pack(arrays), &pack(targets))
}

/// The same arrays (at least one), computed after the others. Derivatives and vectorisation go through.
///
/// # Errors
/// MLX's refusal.
pub fn depends(arrays: &[Array], others: &[Array]) -> Result<Vec<Array>> {
    unpack(&*ffi::depends(&pack(arrays), &pack(others))?)
}
