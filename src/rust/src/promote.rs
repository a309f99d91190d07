//! Which dtype two operands meet in, and how R values become operands.

use crate::failure::Failure;
use crate::handle::{self, Tensor};
use crate::sys::{elements, kind, len, Result, SEXP, SEXPTYPE};
use crate::{device, upload};
use mlx::{Array, Binary, Device, Dtype, Kind};
use std::ops::Deref;

/// An operand: the tensor of an `mlx` object, or a new one made of an R vector.
pub(crate) enum Operand<'a> {
    Borrowed(&'a Tensor),
    Made(Tensor),
}

impl Deref for Operand<'_> {
    type Target = Tensor;

    fn deref(&self) -> &Tensor {
        match self {
            Self::Borrowed(tensor) => tensor,
            Self::Made(tensor) => tensor,
        }
    }
}

/// Takes an `mlx` object as it is and converts anything else, on the session's device, as `as_mlx()` does.
pub(crate) fn operand<'a>(x: SEXP) -> Result<Operand<'a>> {
    Ok(match handle::tensor(x)? {
        Some(tensor) => Operand::Borrowed(tensor),
        None => Operand::Made(Tensor::new(upload::array(x, None, None)?, device::current()).named_as(x)?),
    })
}

/// Takes two operands, at least one an `mlx` object. A plain R number takes the float type of the array it meets, so that
/// `x + 1` keeps half and double precision; R vectors keep double precision.
pub(crate) fn operands<'a>(x: SEXP, y: SEXP) -> Result<(Operand<'a>, Operand<'a>)> {
    match (handle::tensor(x)?, handle::tensor(y)?) {
        (Some(x), Some(y)) => Ok((Operand::Borrowed(x), Operand::Borrowed(y))),
        (Some(x), None) => Ok((Operand::Borrowed(x), partner(y, x)?)),
        (None, Some(y)) => Ok((partner(x, y)?, Operand::Borrowed(y))),
        (None, None) => Ok((operand(x)?, operand(y)?)),
    }
}

fn partner<'a>(x: SEXP, other: &Tensor) -> Result<Operand<'a>> {
    let real = matches!(kind(x), SEXPTYPE::REALSXP | SEXPTYPE::INTSXP);
    let dtype = other.array.dtype();
    let adopts = real && dtype.is_float() && (len(x) == 1 || dtype == Dtype::Float64);
    let array = upload::array(x, None, adopts.then_some(dtype))?;
    // a lone R number has no device of its own; anything longer lives on the session's
    let device = if len(x) == 1 { other.device } else { device::current() };
    Ok(Operand::Made(Tensor::new(array, device).named_as(x)?))
}

/// Takes any number of operands, the elements of an R list without its `NULL`s; see [`operands`] for R values among them.
pub(crate) fn all_operands<'a>(list: SEXP) -> Result<Vec<Operand<'a>>> {
    let values: Vec<SEXP> = elements(list).into_iter().filter(|x| kind(*x) != SEXPTYPE::NILSXP).collect();
    operands_of(&values)
}

/// The same for R objects.
pub(crate) fn operands_of<'a>(values: &[SEXP]) -> Result<Vec<Operand<'a>>> {
    let mut leader: Option<Tensor> = None;
    for x in values {
        let Some(x) = handle::tensor(*x)? else { continue };
        leader = Some(match leader {
            None => x.clone(),
            Some(before) => {
                let dtype = common_dtype(before.array.dtype(), x.array.dtype());
                let device = common_device(&before, x);
                Tensor::new(Array::scalar(0.0, dtype)?, device)
            }
        });
    }
    let take = |x: SEXP| match (handle::tensor(x)?, &leader) {
        (Some(tensor), _) => Ok(Operand::Borrowed(tensor)),
        (None, Some(leader)) => partner(x, leader),
        (None, None) => operand(x),
    };
    values.iter().copied().map(take).collect()
}

/// Where the result of several operands lives: on the GPU if any of them does.
pub(crate) fn common_device(x: &Tensor, y: &Tensor) -> Device {
    if x.device == Device::Gpu || y.device == Device::Gpu {
        Device::Gpu
    } else {
        Device::Cpu
    }
}

/// The dtype that holds the values of both. Half types meet integers in themselves, each other in `float32`; `float64`
/// stays only beside `float64`, integers and truth values.
pub(crate) fn common_dtype(x: Dtype, y: Dtype) -> Dtype {
    if x == y {
        return x;
    }
    match (x.kind(), y.kind()) {
        (Kind::Complex, _) | (_, Kind::Complex) => Dtype::Complex64,
        (Kind::Float, Kind::Float) => Dtype::Float32,
        (Kind::Float, _) => x,
        (_, Kind::Float) => y,
        (Kind::Bool, _) => y,
        (_, Kind::Bool) => x,
        _ if x.size() > y.size() => x,
        _ if x.size() < y.size() => y,
        _ => wider_signed(x.size()),
    }
}

/// The dtype of arithmetic on both: truth values give numbers.
pub(crate) fn arithmetic_dtype(x: &Tensor, y: &Tensor) -> Dtype {
    match common_dtype(x.array.dtype(), y.array.dtype()) {
        Dtype::Bool => Dtype::Float32,
        dtype => dtype,
    }
}

fn wider_signed(size: usize) -> Dtype {
    match size {
        1 => Dtype::Int16,
        2 => Dtype::Int32,
        _ => Dtype::Int64,
    }
}

/// The shape that two shapes broadcast to, or the failure that names both.
pub(crate) fn broadcast(op: &str, x: &[i32], y: &[i32]) -> Result<Vec<i32>> {
    let ndim = x.len().max(y.len());
    let side = |shape: &[i32], i: usize| match (shape.len() + i).checked_sub(ndim) {
        Some(k) => shape[k],
        None => 1,
    };
    (0..ndim)
        .map(|i| match (side(x, i), side(y, i)) {
            (a, b) if a == b => Ok(a),
            (1, b) => Ok(b),
            (a, 1) => Ok(a),
            _ => Err(Failure::shape(
                op,
                format!(
                    "Shapes cannot be broadcast: {} and {}. Sizes must agree from the last axis on, or be 1; \
                     R's recycling does not apply to mlx arrays.",
                    crate::failure::shown(x),
                    crate::failure::shown(y)
                ),
                &[x, y],
            )),
        })
        .collect()
}

/// Both arrays in one dtype.
pub(crate) fn cast_both(x: &Tensor, y: &Tensor, dtype: Dtype, device: Device) -> Result<(Array, Array)> {
    Ok((cast(&x.array, dtype, device)?, cast(&y.array, dtype, device)?))
}

/// Both arrays in the dtype of arithmetic, and the device that they meet on.
pub(crate) fn met(x: &Tensor, y: &Tensor) -> Result<(Array, Array, Device)> {
    let device = common_device(x, y);
    let (a, b) = cast_both(x, y, arithmetic_dtype(x, y), device)?;
    Ok((a, b, device))
}

/// Real numbers as floats: whole numbers and truth values become `float32`.
pub(crate) fn real_float(x: &Tensor, op: &str) -> Result<Array> {
    match x.array.dtype() {
        Dtype::Complex64 => Err(Failure::dtype(op, format!("{op} is not available for complex numbers."), "complex64")),
        dtype if dtype.is_float() => Ok(x.array.clone()),
        _ => Ok(x.array.astype(Dtype::Float32, x.device)?),
    }
}

/// Another dtype. MLX looks at the real part alone when it makes a truth value of a complex number.
pub(crate) fn cast(x: &Array, dtype: Dtype, device: Device) -> Result<Array> {
    if x.dtype() == Dtype::Complex64 && dtype == Dtype::Bool {
        return Ok(x.binary(Binary::NotEqual, &Array::scalar(0.0, Dtype::Complex64)?, device)?);
    }
    Ok(x.astype(dtype, device)?)
}
