//! Compiled functions.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::transforms::Closure;
use cxx::UniquePtr;
use std::fmt;

/// A function whose graph is traced once for each signature of its inputs, simplified and fused.
pub struct Compiled(UniquePtr<ffi::Compiled>);

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiled")
    }
}

impl Compiled {
    /// Prepares `f`; nothing is traced yet. The first of the numbers that `f` returns is the tag of the trace.
    pub fn new(f: Closure) -> Self {
        Self(ffi::compiled_new(Box::new(f)))
    }

    /// Calls the function, tracing it first if this signature is new. Returns the outputs and the tag that the closure
    /// gave when this signature was traced. With `plain` the function itself is called: inside another transform it may use
    /// that one's arrays without taking them as inputs.
    ///
    /// # Errors
    /// [`Error::Callback`](crate::Error::Callback) when the closure failed; MLX's refusal otherwise.
    pub fn call(&self, inputs: &[&Array], plain: bool) -> Result<(Vec<Array>, u64)> {
        let inputs = pack(inputs.iter().copied());
        let mut tag = 0;
        let outputs = ffi::compiled_call(&self.0, &inputs, plain, &mut tag)?;
        Ok((unpack(&outputs)?, tag))
    }
}

/// A trace that can be built again for inputs of other shapes, as far as its operations do not hold on to them.
pub struct Sketch(UniquePtr<ffi::Sketch>);

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sketch")
    }
}

impl Sketch {
    /// Traces `f` for inputs of these dtypes and numbers of axes.
    ///
    /// # Errors
    /// As [`Compiled::call`].
    pub fn new(f: &mut Closure, inputs: &[&Array]) -> Result<Self> {
        Ok(Self(ffi::sketch_new(f, &pack(inputs.iter().copied()))?))
    }

    /// The outputs for inputs of the shapes that it was traced for.
    ///
    /// # Errors
    /// MLX's refusal.
    pub fn build(&self, inputs: &[Array]) -> Result<Vec<Array>> {
        unpack(&*ffi::sketch_build(&self.0, &pack(inputs), false)?)
    }

    /// The outputs for inputs of other shapes.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) and others when an operation holds on to a shape, or does not fit these.
    pub fn build_at_other_shapes(&self, inputs: &[Array]) -> Result<Vec<Array>> {
        unpack(&*ffi::sketch_build(&self.0, &pack(inputs), true)?)
    }
}

/// How much is done to a trace, for the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Compiled functions run as they are.
    Disabled,
    /// Operations are fused, but equal ones are not merged.
    NoSimplify,
    /// Equal operations are merged, but none are fused. On the CPU this needs no C++ compiler.
    NoFuse,
    /// Everything.
    Enabled,
}

/// Sets the mode of functions that are traced from now on.
pub fn set_mode(mode: Mode) {
    ffi::set_compile_mode(mode as u8);
}
