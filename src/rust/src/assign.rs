//! Writing parts of arrays: `x[i, j] <- v` and `x[i] <- v`. The result is a new array; the old one stays as it is.

use crate::args;
use crate::convert::convert;
use crate::failure::{shown, Failure};
use crate::handle::{require, tensor, Tensor};
use crate::index::{flat_pick, picks, runs, take};
use crate::pick::{pick, Axis, Pick};
use crate::positions;
use crate::session::warn;
use crate::shape::column_major;
use crate::sys::{elements, kind, len, null, slice, Result, LOGICAL, SEXP, SEXPTYPE};
use crate::upload;
use mlx::{Array, Device, Dtype, Layout};

routines! {
    ffi_assign(x, index, value) => assign;
}

/// `index` is as in `ffi_subset`, or an empty list for the whole array.
fn assign(object: SEXP, index: SEXP, value: SEXP) -> Result<SEXP> {
    let x = require(object, "x")?;
    let index = elements(index);
    if x.array.ndim() == 0 {
        return Err(Failure::new("index", "Cannot assign to a scalar: the array has no axes."));
    }
    if let [only] = index[..] {
        if let Some(mask) = whole_mask(only, x)? {
            let value = converted(value, x)?;
            if value.size() == 1 {
                let value = value.reshape(&[], x.device)?;
                return x.like(mask.select(&value, &x.array, x.device)?).into_r();
            }
        }
        let pick = match flat_pick(only, x)? {
            Some(pick) => pick,
            None => pick(only, &Axis::of(x, 0))?,
        };
        return assign_flat(object, x, pick, value);
    }
    assign_region(object, x, &picks(x, &index)?, value)
}

/// A mask over all elements, in the shape of `x`, from an R logical vector or array or an `mlx` array of truth values.
fn whole_mask(only: SEXP, x: &Tensor) -> Result<Option<Array>> {
    let shape = x.array.shape();
    if let Some(mask) = tensor(only)? {
        let fits = mask.array.dtype() == Dtype::Bool && mask.array.shape() == shape;
        return Ok(fits.then(|| mask.array.clone()));
    }
    if kind(only) != SEXPTYPE::LGLSXP || len(only) != x.array.size() || len(only) < 2 {
        return Ok(None);
    }
    // SAFETY: a logical vector; R's truth values are 0, 1 and NA.
    let values = unsafe { slice(LOGICAL(only), len(only)) };
    if values.iter().any(|v| !matches!(v, 0 | 1)) {
        return Ok(None);
    }
    Ok(Some(Array::from_bools(shape, Layout::ColumnMajor, values.iter().map(|v| *v != 0))?))
}

/// The values in the dtype of `x`.
pub(crate) fn converted(value: SEXP, x: &Tensor) -> Result<Array> {
    let dtype = x.array.dtype();
    if value == null() {
        return Err(no_value());
    }
    match tensor(value)? {
        Some(value) => convert(value, dtype, x.device),
        None => upload::array(value, None, Some(dtype)),
    }
}

fn no_value() -> Failure {
    Failure::argument("value", "value must have length >= 1: replacement has length zero.")
}

fn repeated() -> Failure {
    Failure::new("index", "Duplicate indices are not allowed in an assignment: which value should stay?")
}

/// Assigns to elements in R's order.
fn assign_flat(object: SEXP, x: &Tensor, pick: Pick, value: SEXP) -> Result<SEXP> {
    let size = args::fits(x.array.size() as f64, "x")?;
    let count = pick.count(size);
    if count == 0 {
        return Ok(object);
    }
    if pick.repeats(size) {
        return Err(repeated());
    }
    let value = filled(&converted(value, x)?, &[count], false, x.device)?;
    let flat = written(&column_major(&x.array, x.device)?, &[pick], &value, x.device)?;
    let turned: Vec<i32> = x.array.shape().iter().rev().copied().collect();
    x.like(flat.reshape(&turned, x.device)?.reversed(x.device)?).into_r()
}

/// Assigns to the positions where all picks meet.
fn assign_region(object: SEXP, x: &Tensor, picks: &[Pick], value: SEXP) -> Result<SEXP> {
    let sides = x.array.shape();
    let region: Vec<i32> = picks.iter().zip(sides).map(|(pick, side)| pick.count(*side)).collect();
    if region.contains(&0) {
        return Ok(object);
    }
    if picks.iter().zip(sides).any(|(pick, side)| pick.repeats(*side)) {
        return Err(repeated());
    }
    let value = filled(&converted(value, x)?, &region, true, x.device)?;
    x.like(written(&x.array, picks, &value, x.device)?).into_r()
}

/// The values, recycled, in the shape of a region, the first axis fastest. R refuses a length that does not divide the
/// region's for matrices (`strict`), and warns for vectors.
fn filled(value: &Array, region: &[i32], strict: bool, device: Device) -> Result<Array> {
    let (have, need) = (value.size(), region.iter().map(|&side| side as usize).product::<usize>());
    let sides = |shape: &[i32]| shape.iter().copied().filter(|&side| side != 1).collect::<Vec<i32>>();
    if have == 0 {
        return Err(no_value());
    }
    if have == 1 {
        return Ok(value.reshape(&[], device)?.broadcast_to(region, device)?);
    }
    if sides(value.shape()) == sides(region) {
        return Ok(value.reshape(region, device)?);
    }
    if need % have != 0 {
        let message = format!(
            "The number of items to replace ({need}, shape {}) is not a multiple of replacement length ({have}).",
            shown(region)
        );
        if strict {
            return Err(Failure::shape("[<-", message, &[region, value.shape()]));
        }
        warn("shape", message);
    }
    let (times, have) = (need.div_ceil(have) as i32, have as i32);
    let tiled = column_major(value, device)?.broadcast_to(&[times, have], device)?.reshape(&[times * have], device)?;
    let turned: Vec<i32> = region.iter().rev().copied().collect();
    Ok(tiled.narrow(0, 0, need as i32, device)?.reshape(&turned, device)?.reversed(device)?)
}

/// A copy of `x` with the picked region replaced; as in [`select`](crate::index::select), with the axes reversed where
/// that is how they lie in memory.
fn written(x: &Array, picks: &[Pick], value: &Array, device: Device) -> Result<Array> {
    if x.layout() == Some(Layout::ColumnMajor) {
        let turned: Vec<&Pick> = picks.iter().rev().collect();
        return Ok(write(&x.reversed(device)?, &turned, &value.reversed(device)?, device)?.reversed(device)?);
    }
    write(x, &picks.iter().collect::<Vec<&Pick>>(), value, device)
}

/// Runs are replaced by one slice, positions inside of it.
fn write(x: &Array, picks: &[&Pick], value: &Array, device: Device) -> Result<Array> {
    let Some([start, stop, strides]) = runs(x.shape(), picks) else {
        return put(x, picks, value, device);
    };
    if picks.iter().any(|pick| pick.is_list()) {
        let part = put(&x.slice(&start, &stop, &strides, device)?, picks, value, device)?;
        return Ok(x.slice_update(&part, &start, &stop, &strides, device)?);
    }
    Ok(x.slice_update(value, &start, &stop, &strides, device)?)
}

/// Writes at the positions of the first axis that has a list of them: the slices there are read, written by the lists of
/// the other axes, and put back.
fn put(x: &Array, picks: &[&Pick], value: &Array, device: Device) -> Result<Array> {
    let Some(axis) = picks.iter().position(|pick| pick.is_list()) else { return Ok(value.clone()) };
    let mut rest = picks.to_vec();
    rest[axis] = &Pick::All;
    let Some(chosen) = picks[axis].positions()? else { return Ok(value.clone()) };
    let slices = if rest.iter().any(|pick| pick.is_list()) {
        put(&take(x.clone(), picks[axis], axis, None, device)?, &rest, value, device)?
    } else {
        value.clone()
    };
    let mut shape = vec![1; x.ndim()];
    shape[axis] = chosen.shape()[0];
    let indices = chosen.reshape(&shape, device)?.broadcast_to(slices.shape(), device)?;
    let inside = picks[axis].inside().map(|inside| inside.reshape(&shape, device)).transpose()?;
    positions::put(x, (&indices, inside.as_ref()), &slices, axis as i32, false, device)
}
