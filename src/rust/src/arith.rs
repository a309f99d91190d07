//! The operators of R's Ops group, and the matrix product.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::Tensor;
use crate::names::{MaybeNames, Names};
use crate::promote::{
    arithmetic_dtype, broadcast, cast, cast_both, common_device, common_dtype, met, operand, operands,
};
use crate::reduce::any;
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Kind, Unary};
use std::rc::Rc;

routines! {
    ffi_ops(op, x, y, count) => ops;
    ffi_binary(op, x, y) => named;
    ffi_matmul(x, y, transpose) => matmul;
}

/// R's binary operators. `count` is the number of operands.
fn ops(op: SEXP, x: SEXP, y: SEXP, count: SEXP) -> Result<SEXP> {
    let op = args::one_string(op, "op")?;
    if args::one_int(count, "count")? == 1 {
        return negate(&op, &*operand(x)?)?.into_r();
    }
    let exponent = y;
    let (x, y) = operands(x, y)?;
    let (x, y) = (&*x, &*y);
    let shape = broadcast(&op, x.array.shape(), y.array.shape())?;
    let result = match op.as_str() {
        "^" if shape == x.array.shape() && is_square(x, exponent) => square(x),
        "+" => arithmetic(Binary::Add, x, y),
        "-" => arithmetic(Binary::Subtract, x, y),
        "*" => arithmetic(Binary::Multiply, x, y),
        "/" => divide(x, y),
        "^" => power(x, y),
        "%%" => division(x, y, false),
        "%/%" => division(x, y, true),
        "==" => compare(Binary::Equal, x, y),
        "!=" => compare(Binary::NotEqual, x, y),
        "<" => compare(Binary::Less, x, y),
        "<=" => compare(Binary::LessEqual, x, y),
        ">" => compare(Binary::Greater, x, y),
        ">=" => compare(Binary::GreaterEqual, x, y),
        "&" => logic(Binary::LogicalAnd, x, y),
        "|" => logic(Binary::LogicalOr, x, y),
        _ => Err(Failure::argument("op", format!("The operator {op} is not supported for mlx arrays."))),
    };
    result?.named_by(x, y).into_r()
}

fn negate(op: &str, x: &Tensor) -> Result<Tensor> {
    let dtype = x.array.dtype();
    match op {
        "+" => Ok(x.clone()),
        "-" if dtype == Dtype::Bool => Err(Failure::dtype(
            "-",
            "Not supported for bool: unary minus has no meaning for TRUE and FALSE; use `!` or convert first.",
            "bool",
        )),
        "-" => Ok(x.like(x.array.unary(Unary::Negative, x.device)?)),
        "!" => {
            let truth = cast(&x.array, Dtype::Bool, x.device)?;
            Ok(x.like(truth.unary(Unary::LogicalNot, x.device)?))
        }
        _ => Err(Failure::argument("op", format!("The unary operator {op} is not supported for mlx arrays."))),
    }
}

pub(crate) fn arithmetic(op: Binary, x: &Tensor, y: &Tensor) -> Result<Tensor> {
    in_dtype(op, x, y, arithmetic_dtype(x, y))
}

/// An operation of both operands in one dtype.
fn in_dtype(op: Binary, x: &Tensor, y: &Tensor, dtype: Dtype) -> Result<Tensor> {
    let device = common_device(x, y);
    let (a, b) = cast_both(x, y, dtype, device)?;
    Ok(Tensor::new(a.binary(op, &b, device)?, device))
}

/// Integers are divided as `float32`, each taken over by itself: their common integer type may not hold both.
fn divide(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if !arithmetic_dtype(x, y).is_integer() {
        return arithmetic(Binary::Divide, x, y);
    }
    in_dtype(Binary::Divide, x, y, Dtype::Float32)
}

/// Compares in the common dtype; where that cannot hold a negative operand, in floats (double ones on the CPU).
fn compare(op: Binary, x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let mut dtype = common_dtype(x.array.dtype(), y.array.dtype());
    let signed = [x, y].iter().any(|side| side.array.dtype().kind() == Kind::Signed);
    if dtype.kind() == Kind::Unsigned && signed {
        dtype = if common_device(x, y) == Device::Cpu { Dtype::Float64 } else { Dtype::Float32 };
    }
    in_dtype(op, x, y, dtype)
}

fn logic(op: Binary, x: &Tensor, y: &Tensor) -> Result<Tensor> {
    in_dtype(op, x, y, Dtype::Bool)
}

/// Is a float array raised to R's number 2?
fn is_square(x: &Tensor, exponent: SEXP) -> bool {
    x.array.dtype().is_float() && args::one_number(exponent, "y").is_ok_and(|exponent| exponent == 2.0)
}

/// Faster than a power, with a derivative of fewer operations.
fn square(x: &Tensor) -> Result<Tensor> {
    Ok(Tensor::new(x.array.unary(Unary::Square, x.device)?, x.device))
}

/// MLX raises integers by repeated squaring, which never ends for a negative exponent. Inside a trace, where the exponent
/// is not known, a negative one counts as 0.
fn power(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let (mut a, mut b, device) = met(x, y)?;
    let dtype = a.dtype();
    if a.is_tracer() && !b.is_tracer() && dtype.kind() == Kind::Float {
        // the derivative 0 x^-1 of x^0 must not be 0 times infinity
        let constant = b.binary(Binary::Equal, &Array::scalar(0.0, dtype)?, device)?;
        if any(&constant, device)? {
            a = constant.select(&Array::scalar(1.0, dtype)?, &a, device)?;
        }
    }
    if dtype.kind() == Kind::Signed && b.size() > 0 {
        let zero = Array::scalar(0.0, dtype)?;
        if y.array.is_tracer() {
            b = b.binary(Binary::Maximum, &zero, device)?;
        } else if any(&b.binary(Binary::Less, &zero, device)?, device)? {
            let message =
                "An integer array cannot be raised to a negative power within its dtype; convert one operand \
                           to a float dtype first.";
            return Err(Failure::dtype("^", message, dtype.name()));
        }
    }
    Ok(Tensor::new(a.binary(Binary::Power, &b, device)?, device))
}

/// R's `%/%` (floor of the quotient) and `%%` (remainder with the divisor's sign).
fn division(x: &Tensor, y: &Tensor, quotient: bool) -> Result<Tensor> {
    let (a, b, device) = met(x, y)?;
    let in_double = quotient && device == Device::Cpu && a.dtype().size() <= 4;
    let result = match a.dtype().kind() {
        Kind::Complex => {
            let op = if quotient { "%/%" } else { "%%" };
            return Err(Failure::dtype(op, format!("{op} is not defined for complex numbers."), "complex64"));
        }
        Kind::Float if in_double => narrow_quotient(&a, &b)?,
        Kind::Float if quotient => floor_quotient(&a, &b, device)?,
        Kind::Float => a.binary(Binary::Remainder, &b, device)?,
        _ if in_double => whole_quotient(&a, &b)?,
        _ => integer_division(&a, &b, quotient, device)?,
    };
    Ok(Tensor::new(result, device))
}

/// The floor of a quotient, so that `(a %/% b) * b + a %% b` is `a`: what is left after the exact remainder is divided.
/// Divided by infinity, a number is 0 or, with the other sign, -1. By zero, and where something is not finite on the way, it
/// is the floor of `a / b`.
fn floor_quotient(a: &Array, b: &Array, device: Device) -> Result<Array> {
    let rest = a.binary(Binary::Remainder, b, device)?;
    let whole = a.binary(Binary::Subtract, &rest, device)?.binary(Binary::Divide, b, device)?.round(0, device)?;
    let floor = a.binary(Binary::Divide, b, device)?.unary(Unary::Floor, device)?;
    let other = unless_by_infinity(a, b, &floor, device)?;
    Ok(whole.unary(Unary::Isfinite, device)?.select(&whole, &other, device)?)
}

/// A floor of `a / b`; divided by infinity, a number is 0 or, with the other sign, -1.
fn unless_by_infinity(a: &Array, b: &Array, floor: &Array, device: Device) -> Result<Array> {
    let at = |value: f64| Array::scalar(value, a.dtype());
    let zero = at(0.0)?;
    let negative = |x: &Array| x.binary(Binary::Less, &zero, device);
    let apart = negative(a)?.binary(Binary::NotEqual, &negative(b)?, device)?;
    let apart = apart.binary(Binary::LogicalAnd, &a.binary(Binary::NotEqual, &zero, device)?, device)?;
    let by_infinity = b.unary(Unary::Isinf, device)?;
    let by_infinity = by_infinity.binary(Binary::LogicalAnd, &a.unary(Unary::Isfinite, device)?, device)?;
    Ok(by_infinity.select(&apart.select(&at(-1.0)?, &zero, device)?, floor, device)?)
}

/// The floor of a quotient of numbers of at most 32 bits, on the CPU: in double precision the quotient is so exact that no
/// rounding reaches the next whole number, as far as the result can tell whole numbers apart.
fn floor_in_double(a: &Array, b: &Array, dtype: Dtype) -> Result<Array> {
    let double = |x: &Array| x.astype(Dtype::Float64, Device::Cpu);
    let quotient = double(a)?.binary(Binary::Divide, &double(b)?, Device::Cpu)?;
    Ok(quotient.unary(Unary::Floor, Device::Cpu)?.astype(dtype, Device::Cpu)?)
}

/// The same of floats.
fn narrow_quotient(a: &Array, b: &Array) -> Result<Array> {
    let floor = floor_in_double(a, b, a.dtype())?;
    if is_finite_number(b)? {
        return Ok(floor);
    }
    unless_by_infinity(a, b, &floor, Device::Cpu)
}

/// The same of integers; by zero it is `NaN`, as it is `NA` in R.
fn whole_quotient(a: &Array, b: &Array) -> Result<Array> {
    let is_zero = b.binary(Binary::Equal, &Array::scalar(0.0, b.dtype())?, Device::Cpu)?;
    let unknown = Array::scalar(f64::NAN, Dtype::Float32)?;
    Ok(is_zero.select(&unknown, &floor_in_double(a, b, Dtype::Float32)?, Device::Cpu)?)
}

/// Is it one number, known and finite?
fn is_finite_number(x: &Array) -> Result<bool> {
    Ok(x.size() == 1
        && x.is_evaluated()
        && !x.is_tracer()
        && x.astype(Dtype::Float64, Device::Cpu)?.to_vec::<f64>()?[0].is_finite())
}

/// Integers divide in their own type, exactly, and the result is `float32`, where a division by zero is `NaN` as it is
/// `NA` in R. The divisors 0 and -1 never reach the processor, which stops the program at x / 0 and at the least
/// integer / -1.
fn integer_division(a: &Array, b: &Array, quotient: bool, device: Device) -> Result<Array> {
    let dtype = a.dtype();
    let at = |value: f64| Array::scalar(value, dtype);
    let (zero, one) = (at(0.0)?, at(1.0)?);
    let is_zero = b.binary(Binary::Equal, &zero, device)?;
    let mut unsafe_divisor = is_zero.clone();
    let signed = dtype.kind() == Kind::Signed;
    let minus = if signed { Some(b.binary(Binary::Equal, &at(-1.0)?, device)?) } else { None };
    if let Some(minus) = &minus {
        unsafe_divisor = unsafe_divisor.binary(Binary::LogicalOr, minus, device)?;
    }
    let divisor = unsafe_divisor.select(&one, b, device)?;
    let rest = a.binary(Binary::Remainder, &divisor, device)?;
    let mut result = if quotient { a.binary(Binary::FloorDivide, &divisor, device)? } else { rest.clone() };
    if let Some(minus) = &minus {
        if quotient {
            // MLX's quotient of integers is truncated
            let negative = |x: &Array| x.binary(Binary::Less, &zero, device);
            let apart = negative(a)?.binary(Binary::NotEqual, &negative(&divisor)?, device)?;
            let inexact = rest.binary(Binary::NotEqual, &zero, device)?;
            let below = apart.binary(Binary::LogicalAnd, &inexact, device)?;
            result = below.select(&result.binary(Binary::Subtract, &one, device)?, &result, device)?;
            result = minus.select(&a.unary(Unary::Negative, device)?, &result, device)?;
        } else {
            result = minus.select(&zero, &result, device)?;
        }
    }
    result = result.astype(Dtype::Float32, device)?;
    Ok(is_zero.select(&Array::scalar(f64::NAN, Dtype::Float32)?, &result, device)?)
}

/// Named operations of two operands: `maximum`, `minimum` and their like.
fn named(op: SEXP, x: SEXP, y: SEXP) -> Result<SEXP> {
    let name = args::one_string(op, "op")?;
    let op = Binary::from_name(&name).ok_or_else(|| Failure::internal("an unknown operation"))?;
    let (x, y) = operands(x, y)?;
    broadcast(&name, x.array.shape(), y.array.shape())?;
    arithmetic(op, &x, &y)?.named_by(&x, &y).into_r()
}

/// `x %*% y`, with `x` (1) or `y` (2) transposed first, or neither (0).
fn matmul(x: SEXP, y: SEXP, transpose: SEXP) -> Result<SEXP> {
    let which = args::one_int(transpose, "transpose")?;
    let (x, y) = operands(x, y)?;
    let device = common_device(&x, &y);
    let dtype = common_dtype(x.array.dtype(), y.array.dtype());
    let op = ["%*%", "crossprod", "tcrossprod"].get(which as usize).copied().unwrap_or("%*%");
    if x.array.ndim() != 2 || y.array.ndim() != 2 {
        let message = format!(
            "Matrix multiplication requires 2D arrays (matrices): found {} and {}.",
            shown(x.array.shape()),
            shown(y.array.shape())
        );
        return Err(Failure::shape(op, message, &[x.array.shape(), y.array.shape()]));
    }
    if !(dtype.is_float() || dtype == Dtype::Complex64) {
        let message = format!("Only inexact types are supported in a matrix product, not {}.", dtype.name());
        return Err(Failure::dtype(op, message, dtype.name()));
    }
    let (mut a, mut b) = cast_both(&x, &y, dtype, device)?;
    match which {
        1 => a = a.transpose(&[1, 0], device)?,
        2 => b = b.transpose(&[1, 0], device)?,
        _ => {}
    }
    if a.shape()[1] != b.shape()[0] {
        let message = format!("Non-conformable arrays: {} and {}.", shown(x.array.shape()), shown(y.array.shape()));
        return Err(Failure::shape(op, message, &[x.array.shape(), y.array.shape()]));
    }
    let names = product_names(&x, &y, which);
    Tensor::new(a.binary(Binary::Matmul, &b, device)?, device).named(names).into_r()
}

/// The row names of the left factor and the column names of the right one, each as it stands in the product.
fn product_names(x: &Tensor, y: &Tensor, which: i32) -> MaybeNames {
    let along = |side: &Tensor, axis: usize| {
        let titles = side.names.as_ref().and_then(|names| names.titles.as_ref());
        (side.axis_names(axis).clone(), titles.map(|titles| titles[axis].clone()))
    };
    let (rows, columns) = (along(x, usize::from(which == 1)), along(y, usize::from(which != 2)));
    let titled = rows.1.is_some() || columns.1.is_some();
    let title = |title: Option<Rc<str>>| title.unwrap_or_else(|| "".into());
    Names::new(vec![rows.0, columns.0], titled.then(|| vec![title(rows.1), title(columns.1)]))
}
