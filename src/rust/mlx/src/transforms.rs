//! Transforms of functions: gradients and compilation.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::error::{Error, Result};
use cxx::UniquePtr;
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a traced function returns: its arrays and a tag that names this trace, or a failure that it has told elsewhere.
pub type Traced = std::result::Result<(Vec<Array>, u64), ()>;

/// A function that MLX calls while it traces. Whatever goes wrong in it, a panic included, ends as
/// [`Error::Callback`] in the function that called MLX.
pub struct Closure {
    function: Box<dyn FnMut(Vec<Array>) -> Traced>,
    tag: u64,
}

impl Closure {
    /// Wraps a function.
    pub fn new(function: impl FnMut(Vec<Array>) -> Traced + 'static) -> Self {
        Self { function: Box::new(function), tag: 0 }
    }

    pub(crate) fn call(&mut self, inputs: &ffi::Arrays) -> Result<UniquePtr<ffi::Arrays>> {
        let inputs = unpack(inputs)?;
        let function = &mut self.function;
        match catch_unwind(AssertUnwindSafe(|| function(inputs))) {
            Ok(Ok((outputs, tag))) => {
                self.tag = tag;
                Ok(pack(&outputs))
            }
            Ok(Err(())) => Err(Error::Backend("rmlx closure failed".into())),
            Err(_) => Err(Error::Backend("rmlx closure failed: panic".into())),
        }
    }

    pub(crate) fn tag(&self) -> u64 {
        self.tag
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// Calls `f` and differentiates its first output, a scalar, with respect to the inputs `argnums` (0-based). Returns the
/// outputs of `f`, then one gradient for each of `argnums`, which must not repeat, in ascending order.
///
/// # Errors
/// [`Error::Callback`] when `f` failed; MLX's refusal otherwise.
pub fn value_and_grad(f: &mut Closure, inputs: &[&Array], argnums: &[i32]) -> Result<Vec<Array>> {
    let inputs = pack(inputs.iter().copied());
    let outputs = ffi::value_and_grad(f, &inputs, argnums)?;
    unpack(&outputs)
}

/// A function whose graph is traced once for each signature of its inputs, simplified and fused.
pub struct Compiled(UniquePtr<ffi::Compiled>);

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiled")
    }
}

impl Compiled {
    /// Prepares `f`; nothing is traced yet. A `shapeless` trace serves inputs of any sides.
    pub fn new(f: Closure, shapeless: bool) -> Self {
        Self(ffi::compiled_new(Box::new(f), shapeless))
    }

    /// Calls the function, tracing it first if this signature is new. Returns the outputs and the tag that the closure
    /// gave when this signature was traced.
    ///
    /// # Errors
    /// [`Error::Callback`] when the closure failed; MLX's refusal otherwise.
    pub fn call(&self, inputs: &[&Array]) -> Result<(Vec<Array>, u64)> {
        let inputs = pack(inputs.iter().copied());
        let mut tag = 0;
        let outputs = ffi::compiled_call(&self.0, &inputs, &mut tag)?;
        Ok((unpack(&outputs)?, tag))
    }
}

/// Switches compilation on or off for the whole process.
pub fn set_compile_enabled(enabled: bool) {
    ffi::set_compile_enabled(enabled);
}

/// Switches on compilation, with or without fused kernels (which need a C++ compiler on the CPU).
pub fn set_compile_fusion(fuse: bool) {
    ffi::set_compile_fusion(fuse);
}
