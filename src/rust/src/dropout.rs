//! Dropout.

use crate::args;
use crate::promote::{operand, real_float};
use crate::random_key;
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Binary, Dtype};

routines! {
    ffi_dropout(x, p) => dropout;
}

/// Zeroes each element with probability `p` and divides the others by `1 - p`.
fn dropout(x: SEXP, p: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let p = args::one_number(p, "p")?;
    let input = real_float(&x, "dropout")?;
    if p == 0.0 || input.size() == 0 {
        return x.like(input).into_r();
    }
    let scale = if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 };
    let key = random_key::given(null())?;
    let draw = Array::random_uniform(input.shape(), Dtype::Float32, &key, x.device)?;
    let keep = draw.binary(Binary::GreaterEqual, &Array::scalar(p, Dtype::Float32)?, x.device)?;
    let scaled = input.binary(Binary::Multiply, &Array::scalar(scale, input.dtype())?, x.device)?;
    x.like(keep.select(&scaled, &Array::scalar(0.0, input.dtype())?, x.device)?).into_r()
}
