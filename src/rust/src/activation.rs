//! Activation layers.

use crate::args;
use crate::failure::Failure;
use crate::promote::{operand, real_float};
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Device, Unary};

routines! {
    ffi_activation(name, x, slope) => activation;
}

/// `gelu`, `sigmoid`, `silu`, or `leaky_relu` with its slope.
fn activation(name: SEXP, x: SEXP, slope: SEXP) -> Result<SEXP> {
    let name = args::one_string(name, "name")?;
    let x = operand(x)?;
    let input = real_float(&x, &name)?;
    let result = match name.as_str() {
        "gelu" => gelu(&input, x.device),
        "sigmoid" => Ok(input.unary(Unary::Sigmoid, x.device)?),
        "silu" => silu(&input, x.device),
        "leaky_relu" => leaky_relu(&input, args::one_number(slope, "negative_slope")?, x.device),
        _ => Err(Failure::internal("an unknown activation")),
    };
    x.like(result?).into_r()
}

/// With the tangent's approximation of the normal distribution, `(1 + tanh(u)) / 2`, which is the sigmoid of `2 * u`. Beyond 30
/// the curve is straight, in every dtype; that far out cubes overflow, and minus infinity times 0 would be `NaN`.
fn gelu(x: &Array, device: Device) -> Result<Array> {
    let at = |value: f64| Array::scalar(value, x.dtype());
    let slope = (8.0 / std::f64::consts::PI).sqrt();
    let above = x.binary(Binary::Maximum, &at(-30.0)?, device)?;
    let v = above.binary(Binary::Minimum, &at(30.0)?, device)?;
    let bent = v.unary(Unary::Square, device)?.binary(Binary::Multiply, &at(0.044715 * slope)?, device)?;
    let inner = bent.binary(Binary::Add, &at(slope)?, device)?.binary(Binary::Multiply, &v, device)?;
    Ok(above.binary(Binary::Multiply, &inner.unary(Unary::Sigmoid, device)?, device)?)
}

/// At -800 the sigmoid is 0 in every dtype; minus infinity times 0 would be `NaN`.
fn silu(x: &Array, device: Device) -> Result<Array> {
    let above = x.binary(Binary::Maximum, &Array::scalar(-800.0, x.dtype())?, device)?;
    Ok(above.binary(Binary::Multiply, &x.unary(Unary::Sigmoid, device)?, device)?)
}

/// The greater of `x` and `slope * x`; infinity times a slope of 0 would be `NaN`.
fn leaky_relu(x: &Array, slope: f64, device: Device) -> Result<Array> {
    let slope_at = Array::scalar(slope, x.dtype())?;
    let other = if slope == 0.0 { slope_at } else { x.binary(Binary::Multiply, &slope_at, device)? };
    Ok(x.binary(Binary::Maximum, &other, device)?)
}
