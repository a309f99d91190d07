//! Positions that users give as numbers from 1: labels, tokens, indices of batches.

use crate::args;
use crate::failure::{Failure, Field};
use crate::handle::tensor;
use crate::sys::{kind, Result, SEXP, SEXPTYPE};
use crate::trace::is_unknown;
use crate::upload::natural_shape;
use mlx::{Array, Binary, Device, Dtype, Kind, Layout, Unary};

/// 0-based positions, `int32`, all of them inside.
pub(crate) struct Positions {
    pub(crate) array: Array,
    pub(crate) device: Device,
    /// Inside a trace, where values are not known: which positions were inside as they came.
    pub(crate) inside: Option<Array>,
}

/// Reads the whole parts of numbers, which must lie in 1 to `most`; `outside` makes the failure for one that does not.
pub(crate) fn positions(x: SEXP, arg: &str, most: i32, outside: impl Fn(f64) -> Failure) -> Result<Positions> {
    let good = |value: f64| {
        let value = value.trunc();
        if value >= 1.0 && value <= f64::from(most) {
            Ok(value as i32 - 1)
        } else {
            let failure = outside(value).with("index", Field::Ints(vec![value as i32]));
            Err(failure.with("size", Field::Ints(vec![most])))
        }
    };
    let wrong = || Failure::argument(arg, format!("`{arg}` must be numbers: positions from 1 on."));
    let Some(x) = tensor(x)? else {
        let values = args::numbers(x).filter(|_| kind(x) != SEXPTYPE::LGLSXP).ok_or_else(wrong)?;
        let values = values.into_iter().map(|v| good(v.unwrap_or(f64::NAN))).collect::<Result<Vec<i32>>>()?;
        let array = Array::from_values(&natural_shape(x)?, Layout::ColumnMajor, values.into_iter())?;
        return Ok(Positions { array, device: crate::device::current(), inside: None });
    };
    if matches!(x.array.dtype().kind(), Kind::Bool | Kind::Complex) {
        return Err(wrong());
    }
    if is_unknown(&x.array) {
        return traced(&x.array, most, x.device);
    }
    let values = x.array.astype(Dtype::Float64, Device::Cpu)?.to_vec::<f64>()?;
    let values = values.into_iter().map(good).collect::<Result<Vec<i32>>>()?;
    let array = Array::from_values(x.array.shape(), Layout::ColumnMajor, values.into_iter())?;
    Ok(Positions { array, device: x.device, inside: None })
}

/// MLX reads memory at any position that it is given: those outside are moved inside, and marked.
pub(crate) fn traced(x: &Array, most: i32, device: Device) -> Result<Positions> {
    let at = |value: i32| Array::scalar(f64::from(value), Dtype::Int32);
    // MLX refuses gradients that flow through positions
    let whole = x.unary(Unary::StopGradient, device)?.astype(Dtype::Int32, device)?;
    let inside = whole.binary(Binary::GreaterEqual, &at(1)?, device)?;
    let inside = inside.binary(Binary::LogicalAnd, &whole.binary(Binary::LessEqual, &at(most)?, device)?, device)?;
    let array = inside.select(&whole.binary(Binary::Subtract, &at(1)?, device)?, &at(0)?, device)?;
    Ok(Positions { array, device, inside: Some(inside) })
}

/// What was read at positions outside becomes `NaN`, where the dtype has one.
pub(crate) fn blanked(x: Array, inside: &Array, device: Device) -> Result<Array> {
    if !(x.dtype().is_float() || x.dtype() == Dtype::Complex64) {
        return Ok(x);
    }
    Ok(inside.select(&x, &Array::scalar(f64::NAN, x.dtype())?, device)?)
}

/// Puts values at positions along an axis, or adds them there; what belongs outside goes to a place that is cut off again.
pub(crate) fn put(
    x: &Array,
    (indices, inside): (&Array, Option<&Array>),
    values: &Array,
    axis: i32,
    add: bool,
    device: Device,
) -> Result<Array> {
    let Some(inside) = inside else { return Ok(x.put_along_axis(indices, values, axis, add, device)?) };
    let mut shape = x.shape().to_vec();
    let side = std::mem::replace(&mut shape[axis as usize], 1);
    let spare = Array::zeros(&shape, x.dtype(), device)?;
    let indices = inside.select(indices, &Array::scalar(f64::from(side), Dtype::Int32)?, device)?;
    let longer = Array::concatenate([x, &spare], axis, device)?;
    let out = longer.put_along_axis(&indices, values, axis, add, device)?;
    Ok(out.narrow(axis, 0, side, device)?)
}
