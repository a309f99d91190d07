//! Functions with derivatives of their own.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::transforms::Closure;

/// Rules that replace those which follow from a function's operations.
#[derive(Debug, Default)]
pub struct Rules {
    /// Called with the arguments, the cotangents and the outputs, in a row; returns a gradient for each argument.
    pub vjp: Option<Closure>,
    /// Called with the arguments and as many tangents; returns a tangent for each output.
    pub jvp: Option<Closure>,
    /// Called with the arguments and, as numbers, the axis of each (-1 for none); returns the outputs and their axes.
    pub vmap: Option<Closure>,
}

/// The array as a node of its own. The inputs of [`custom`] and [`checkpoint`] should be such nodes, made before the function
/// was called: what it uses besides then does not depend on them.
///
/// # Errors
/// MLX's refusal.
pub fn alias(x: &Array) -> Result<Array> {
    Ok(Array(ffi::alias(&x.0)?))
}

/// The outputs of a function of `inputs`, with other rules for its transforms.
///
/// # Errors
/// MLX's refusal.
pub fn custom(inputs: &[Array], outputs: &[Array], rules: Rules) -> Result<Vec<Array>> {
    let given = [&rules.vjp, &rules.jvp, &rules.vmap].map(|rule| u8::from(rule.is_some())).to_vec();
    let [vjp, jvp, vmap] =
        [rules.vjp, rules.jvp, rules.vmap].map(|rule| Box::new(rule.unwrap_or_else(|| Closure::new(|_| Err(())))));
    unpack(&*ffi::customised(&pack(inputs), &pack(outputs), given, vjp, jvp, vmap)?)
}

/// The outputs of a function of `inputs`, whose intermediate arrays are computed again for its gradient instead of being
/// kept.
///
/// # Errors
/// MLX's refusal.
pub fn checkpoint(inputs: &[Array], outputs: &[Array]) -> Result<Vec<Array>> {
    unpack(&*ffi::checkpointed(&pack(inputs), &pack(outputs))?)
}
