//! Arrays made of a rule: constants, triangles, sequences, grids.

use crate::args;
use crate::bind::meeting;
use crate::failure::{shown, Failure};
use crate::handle::{require, tensors, Tensor};
use crate::promote::{all_operands, cast, operand};
use crate::sys::{null, Result, SEXP};
use crate::upload;
use mlx::{Array, Binary, Device, Dtype};

routines! {
    ffi_filled_like(x, value, dtype, device) => filled_like;
    ffi_eye(n, m, k, dtype, device) => eye;
    ffi_tri(n, m, k, dtype, device) => tri;
    ffi_triangle(x, k, upper) => triangle;
    ffi_positions(x, axis) => positions;
    ffi_arange(start, stop, step, dtype, device) => arange;
    ffi_linspace(start, stop, num, dtype, device) => linspace;
    ffi_meshgrid(xs, sparse, crossed, device) => meshgrid;
}

/// An array of one value in the shape of another.
fn filled_like(x: SEXP, value: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let dtype = args::dtype(dtype)?.unwrap_or_else(|| x.array.dtype());
    let device = args::device_or(device, x.device)?;
    let value = Array::scalar(args::one_number(value, "value")?, dtype)?;
    let array = value.broadcast_to(x.array.shape(), device)?.contiguous(device)?;
    Tensor::new(array, device).named(x.names.clone()).into_r()
}

/// Column number minus row number, for each element of a matrix.
pub(crate) fn distances(rows: i32, columns: i32, device: Device) -> Result<Array> {
    let down = Array::indices(rows, device)?.reshape(&[rows, 1], device)?;
    let across = Array::indices(columns, device)?.reshape(&[1, columns], device)?;
    Ok(across.binary(Binary::Subtract, &down, device)?)
}

/// Where a matrix' column number minus row number compares so with `k`.
pub(crate) fn band(rows: i32, columns: i32, compare: Binary, k: i32, device: Device) -> Result<Array> {
    let k = Array::scalar(f64::from(k), Dtype::Int32)?;
    Ok(distances(rows, columns, device)?.binary(compare, &k, device)?)
}

fn eye(n: SEXP, m: SEXP, k: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    banded([n, m, k], "", Binary::Equal, dtype, device)
}

fn tri(n: SEXP, m: SEXP, k: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    banded([n, m, k], " when supplied", Binary::LessEqual, dtype, device)
}

/// A matrix of ones where the band is, and zeros.
fn banded([n, m, k]: [SEXP; 3], when: &str, compare: Binary, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let rows = args::positive(n, "n", "")?;
    let columns = if m == null() { rows } else { args::positive(m, "m", when)? };
    let k = args::offset(k, "k")?;
    let dtype = args::dtype_among(dtype, Dtype::is_float)?.unwrap_or(Dtype::Float32);
    let device = args::device(device)?;
    args::countable(&[rows, columns])?;
    Tensor::new(band(rows, columns, compare, k, device)?.astype(dtype, device)?, device).into_r()
}

/// The last two axes with zeros above or below a diagonal.
fn triangle(x: SEXP, k: SEXP, upper: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let k = args::offset(k, "k")?;
    let upper = args::one_flag(upper, "upper")?;
    let &[.., rows, columns] = x.array.shape() else {
        let message = format!("x must be at least 2-D; it is {}.", shown(x.array.shape()));
        return Err(Failure::shape("triangle", message, &[x.array.shape()]));
    };
    let compare = if upper { Binary::GreaterEqual } else { Binary::LessEqual };
    let inside = band(rows, columns, compare, k, x.device)?;
    let zero = Array::scalar(0.0, x.array.dtype())?;
    x.like(inside.select(&x.array, &zero, x.device)?).into_r()
}

/// For each element its 1-based position along an axis.
fn positions(x: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    let sides = x.array.shape();
    let axis = args::offset(axis, "axis")? as usize - 1;
    if sides.len() < 2 {
        let message = format!("a matrix-like object is required, with two axes or more; x is {}.", shown(sides));
        return Err(Failure::shape("positions", message, &[sides]));
    }
    let mut shape = vec![1; sides.len()];
    shape[axis] = sides[axis];
    let one = Array::scalar(1.0, Dtype::Int32)?;
    let numbers = Array::indices(sides[axis], x.device)?.binary(Binary::Add, &one, x.device)?;
    x.with(numbers.reshape(&shape, x.device)?.broadcast_to(sides, x.device)?).into_r()
}

/// The numbers from 0 to `n - 1` in double precision, which the CPU alone has.
fn counting(n: i32) -> Result<Array> {
    Ok(Array::indices(n, Device::Cpu)?.astype(Dtype::Float64, Device::Cpu)?)
}

fn double(value: f64) -> Result<Array> {
    Ok(Array::scalar(value, Dtype::Float64)?)
}

/// `start`, `start + step`, ... up to `stop`, in double precision and then rounded once.
fn arange(start: SEXP, stop: SEXP, step: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let numbers = (args::one_number(start, "start")?, args::one_number(stop, "stop")?, args::one_number(step, "step")?);
    let numeric = |dtype: Dtype| dtype.is_float() || dtype.is_integer();
    let dtype = args::dtype_among(dtype, numeric)?.unwrap_or(Dtype::Float32);
    let device = args::device(device)?;
    let (start, stop, step) = numbers;
    if !start.is_finite() || !stop.is_finite() || !step.is_finite() {
        let message = "Cannot compute length: start, stop and step must be finite.";
        return Err(Failure::argument("stop", message));
    }
    if step == 0.0 {
        return Err(Failure::argument("step", "step must not be 0."));
    }
    // the slack lets a stop be reached that rounding has moved away
    let n = ((stop - start + 1e-10 * step.signum()) / step).floor() + 1.0;
    let n = args::fits(n.max(0.0), "stop")?;
    let last = start + f64::from(n - 1) * step;
    let last = if step > 0.0 { last.min(stop) } else { last.max(stop) };
    if n > 0 && dtype.is_integer() {
        upload::check_range(dtype, &[start.trunc(), last.trunc()])?;
    }
    let cpu = Device::Cpu;
    let line = counting(n)?.binary(Binary::Multiply, &double(step)?, cpu)?.binary(Binary::Add, &double(start)?, cpu)?;
    let within = if step > 0.0 { Binary::Minimum } else { Binary::Maximum };
    Tensor::new(line.binary(within, &double(stop)?, cpu)?.astype(dtype, cpu)?, device).into_r()
}

/// `num` numbers in equal steps, both ends included.
fn linspace(start: SEXP, stop: SEXP, num: SEXP, dtype: SEXP, device: SEXP) -> Result<SEXP> {
    let (start, stop) = (args::one_number(start, "start")?, args::one_number(stop, "stop")?);
    let num = args::positive(num, "num", "")?;
    let dtype = args::dtype_among(dtype, Dtype::is_float)?.unwrap_or(Dtype::Float32);
    let device = args::device(device)?;
    if !start.is_finite() || !stop.is_finite() {
        return Err(Failure::argument("start", "start and stop must be finite numbers."));
    }
    let cpu = Device::Cpu;
    // shares of both ends: each end comes out exactly, and nothing overflows on the way
    let share = counting(num)?.binary(Binary::Divide, &double(f64::from((num - 1).max(1)))?, cpu)?;
    let rest = double(1.0)?.binary(Binary::Subtract, &share, cpu)?;
    let from = rest.binary(Binary::Multiply, &double(start)?, cpu)?;
    let to = share.binary(Binary::Multiply, &double(stop)?, cpu)?;
    Tensor::new(from.binary(Binary::Add, &to, cpu)?.astype(dtype, cpu)?, device).into_r()
}

/// Coordinates of a grid: axis `k` of every result belongs to array `k`, or (`crossed`) the first two change places.
fn meshgrid(xs: SEXP, sparse: SEXP, crossed: SEXP, device: SEXP) -> Result<SEXP> {
    let (sparse, crossed) = (args::one_flag(sparse, "sparse")?, args::one_flag(crossed, "indexing")?);
    let xs = all_operands(xs)?;
    let (dtype, common) = meeting(&xs).ok_or_else(|| Failure::argument("...", "No arrays supplied."))?;
    let device = args::device_or(device, common)?;
    let mut place: Vec<usize> = (0..xs.len()).collect();
    if crossed && xs.len() > 1 {
        place.swap(0, 1);
    }
    let mut full = vec![1; xs.len()];
    let mut lines = Vec::with_capacity(xs.len());
    for (x, &axis) in xs.iter().zip(&place) {
        let mut shape = vec![1; xs.len()];
        shape[axis] = args::fits(x.array.size() as f64, "...")?;
        full[axis] = shape[axis];
        lines.push(cast(&x.array, dtype, device)?.reshape(&shape, device)?);
    }
    args::countable(&full)?;
    let spread = lines.into_iter().map(|line| {
        let grid = if sparse { line } else { line.broadcast_to(&full, device)? };
        Ok(Tensor::new(grid, device))
    });
    tensors(spread.collect::<Result<Vec<Tensor>>>()?, None)
}
