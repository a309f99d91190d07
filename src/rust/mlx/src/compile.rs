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
    /// gave when this signature was traced. Inside another transform the function itself is called.
    ///
    /// # Errors
    /// [`Error::Callback`](crate::Error::Callback) when the closure failed; MLX's refusal otherwise.
    pub fn call(&self, inputs: &[&Array]) -> Result<(Vec<Array>, u64)> {
        let inputs = pack(inputs.iter().copied());
        let mut tag = 0;
        let outputs = ffi::compiled_call(&self.0, &inputs, &mut tag)?;
        Ok((unpack(&outputs)?, tag))
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

/// Is a function being transformed?
pub fn in_transform() -> bool {
    ffi::in_transform()
}
