//! Operations of one array, element by element, that have arguments of their own; and the Hadamard transform.

use crate::args;
use crate::failure::{shown, Failure};
use crate::fill::band;
use crate::promote::{operand, real_float};
use crate::sys::{kind, Result, SEXP, SEXPTYPE};
use mlx::{Array, Binary, Device, Dtype, Layout, Unary};

routines! {
    ffi_clip(x, min, max) => clip;
    ffi_part(x, imaginary) => part;
    ffi_arg(x) => arg;
    ffi_nan_to_num(x, nan, posinf, neginf) => nan_to_num;
    ffi_hadamard(x, scale) => hadamard;
    ffi_chebyshev(x, coefficients) => chebyshev;
}

/// One number, or `NULL`.
fn optional(x: SEXP, arg: &str, otherwise: &str) -> Result<Option<f64>> {
    if kind(x) == SEXPTYPE::NILSXP {
        return Ok(None);
    }
    let refused = |_| Failure::argument(arg, format!("{arg} must be {otherwise}."));
    args::one_number(x, arg).map(Some).map_err(refused)
}

/// Keeps the elements between two bounds.
fn clip(x: SEXP, min: SEXP, max: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let bound = |value, arg| match optional(value, arg, "NULL or a scalar")? {
        Some(bound) if bound.is_nan() => {
            Err(Failure::argument(arg, format!("{arg} must be NULL or a scalar, not NaN.")))
        }
        bound => Ok(bound),
    };
    let (min, max) = (bound(min, "min")?, bound(max, "max")?);
    match (min, max) {
        (None, None) => return Err(Failure::argument("min", "At least one of min and max must be given.")),
        (Some(least), Some(most)) if least > most => {
            return Err(Failure::argument("min", "min must be less than or equal to max."));
        }
        _ => {}
    }
    let mut array = real_float(&x, "mlx_clip")?;
    for (bound, op) in [(min, Binary::Maximum), (max, Binary::Minimum)] {
        if let Some(bound) = bound {
            array = array.binary(op, &Array::scalar(bound, array.dtype())?, x.device)?;
        }
    }
    x.like(array).into_r()
}

/// The real or the imaginary part.
fn part(x: SEXP, imaginary: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let part =
        if args::one_flag(imaginary, "imaginary")? { x.array.imag(x.device)? } else { x.array.real(x.device)? };
    x.like(part).into_r()
}

/// The angle of a complex number; of a real one 0 or pi.
fn arg(x: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let device = x.device;
    if x.array.dtype() == Dtype::Complex64 {
        let angle = x.array.imag(device)?.binary(Binary::Arctan2, &x.array.real(device)?, device)?;
        return x.like(angle).into_r();
    }
    let array = real_float(&x, "Arg")?;
    let zero = Array::scalar(0.0, array.dtype())?;
    // 0 is added because the angle of -0 would be pi
    x.like(zero.binary(Binary::Arctan2, &array.binary(Binary::Add, &zero, device)?, device)?).into_r()
}

/// Numbers in place of `NaN` and infinities; `NULL` stands for 0, and for the dtype's own limits.
fn nan_to_num(x: SEXP, nan: SEXP, posinf: SEXP, neginf: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let read = |value, arg| optional(value, arg, "a single numeric value or NULL");
    let (nan, posinf, neginf) = (read(nan, "nan")?, read(posinf, "posinf")?, read(neginf, "neginf")?);
    let replaced = |array: &Array| -> Result<Array> {
        let most = greatest(array.dtype());
        let values = [
            (Unary::Isposinf, posinf.unwrap_or(most)),
            (Unary::Isneginf, neginf.unwrap_or(-most)),
            (Unary::Isnan, nan.unwrap_or(0.0)),
        ];
        let mut result = array.clone();
        for (test, value) in values {
            let value = Array::scalar(value, array.dtype())?;
            result = array.unary(test, x.device)?.select(&value, &result, x.device)?;
        }
        Ok(result)
    };
    let result = match x.array.dtype() {
        Dtype::Complex64 => {
            let i = Array::from_values(&[], Layout::RowMajor, [[0.0_f32, 1.0]].into_iter())?;
            let imaginary = replaced(&x.array.imag(x.device)?)?.binary(Binary::Multiply, &i, x.device)?;
            replaced(&x.array.real(x.device)?)?.binary(Binary::Add, &imaginary, x.device)?
        }
        dtype if dtype.is_float() => replaced(&x.array)?,
        _ => x.array.clone(),
    };
    x.like(result).into_r()
}

/// The greatest finite number of a float dtype.
fn greatest(dtype: Dtype) -> f64 {
    match dtype {
        Dtype::Float16 => half::f16::MAX.to_f64(),
        Dtype::Bfloat16 => half::bf16::MAX.to_f64(),
        Dtype::Float64 => f64::MAX,
        _ => f64::from(f32::MAX),
    }
}

/// The Hadamard transform along the last axis.
fn hadamard(x: SEXP, scale: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let scale = optional(scale, "scale", "NULL or a single numeric value")?;
    let length = x.array.shape().last().copied().unwrap_or(1);
    let fits = |odd: &i32| length % odd == 0 && length > 0 && (length / odd).count_ones() == 1;
    let Some(odd) = [1, 12, 20, 28].into_iter().find(fits) else {
        let message = format!(
            "The last axis must have a length of 1, 12, 20 or 28 times a power of two; this array has {}.",
            shown(x.array.shape())
        );
        return Err(Failure::shape("mlx_hadamard_transform", message, &[x.array.shape()]));
    };
    let array = real_float(&x, "mlx_hadamard_transform")?;
    let scale = scale.unwrap_or_else(|| f64::from(length).sqrt().recip());
    if array.size() == 0 {
        return x.like(array).into_r();
    }
    if array.dtype() == Dtype::Float64 {
        return x.like(double_hadamard(&array, length, odd, scale, x.device)?).into_r();
    }
    x.like(array.hadamard(scale as f32, odd, x.device)?).into_r()
}

/// MLX has no transform of double precision: a product with the matrix itself, which is the transform of the identity.
fn double_hadamard(x: &Array, length: i32, odd: i32, scale: f64, device: Device) -> Result<Array> {
    let identity = band(length, length, Binary::Equal, 0, device)?;
    let matrix = identity.astype(Dtype::Float32, device)?.hadamard(1.0, odd, device)?.astype(Dtype::Float64, device)?;
    let rows = x.reshape(&[args::fits(x.size() as f64 / f64::from(length), "x")?, length], device)?;
    let product = rows.binary(Binary::Matmul, &matrix, device)?;
    let product = product.binary(Binary::Multiply, &Array::scalar(scale, Dtype::Float64)?, device)?;
    Ok(product.reshape(x.shape(), device)?)
}

/// A Chebyshev series at each element, in the array's dtype, by Clenshaw's recurrence.
fn chebyshev(x: SEXP, coefficients: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let known = args::numbers(coefficients).unwrap_or_default();
    let at = |value: f64| Array::scalar(value, x.array.dtype());
    let twice = x.array.binary(Binary::Add, &x.array, x.device)?;
    let (mut sum, mut before) = (at(0.0)?, at(0.0)?);
    for (i, coefficient) in known.iter().enumerate().rev() {
        let factor = if i == 0 { &x.array } else { &twice };
        let next = factor.binary(Binary::Multiply, &sum, x.device)?.binary(Binary::Subtract, &before, x.device)?;
        before = sum;
        sum = next.binary(Binary::Add, &at(coefficient.unwrap_or(f64::NAN))?, x.device)?;
    }
    x.like(sum).into_r()
}
