//! Reading and writing by explicit index arrays: elementwise over several axes, along one axis, and regular blocks.

use crate::args;
use crate::assign::converted;
use crate::failure::{shown, Failure, Field};
use crate::handle::{tensor, Tensor};
use crate::index::select;
use crate::pick::{pick, Axis, Pick};
use crate::positions::{blanked, put, traced};
use crate::promote::{broadcast, operand};
use crate::reduce::all;
use crate::sys::{elements, len, null, Result, SEXP};
use crate::trace::is_unknown;
use crate::upload;
use mlx::{Array, Binary, Dtype, Layout, Unary};

routines! {
    ffi_gather(x, indices, axes) => gather;
    ffi_slice_update(x, value, start, stop, strides) => slice_update;
    ffi_take_along_axis(x, indices, axis) => take_along_axis;
    ffi_put_along_axis(x, indices, values, axis, add) => put_along_axis;
}

/// Elements at positions on some axes, `indices` being a list of one index for each.
fn gather(x: SEXP, indices: SEXP, axes: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let entries = elements(indices);
    let axes = gathered_axes(axes, entries.len(), x.array.ndim())?;
    if entries.contains(&null()) {
        return Err(Failure::argument("indices", "An entry of indices cannot be NULL."));
    }
    let mut resolved = Vec::with_capacity(entries.len());
    for (&entry, &axis) in entries.iter().zip(&axes) {
        resolved.push((pick(entry, &Axis::of(&x, axis as usize))?, own_shape(entry)?));
    }
    if let ([(_, shape)], [axis]) = (&resolved[..], &axes[..]) {
        if shape.len() < 2 {
            return in_place(&x, resolved, *axis)?.into_r();
        }
    }
    elementwise(&x, resolved, &axes)?.into_r()
}

/// The shape in which an index was given: its `dim`, or one axis.
fn own_shape(entry: SEXP) -> Result<Vec<i32>> {
    if let Some(index) = tensor(entry)? {
        return Ok(index.array.shape().to_vec());
    }
    match upload::dim(entry) {
        Some(dim) => Ok(dim),
        None => Ok(vec![args::fits(len(entry) as f64, "indices")?]),
    }
}

fn gathered_axes(axes: SEXP, count: usize, ndim: usize) -> Result<Vec<i32>> {
    let bad = |message: String| Err(Failure::argument("axes", message));
    if count == 0 {
        return Err(Failure::argument("indices", "indices must hold at least one tensor of positions."));
    }
    let given = if axes == null() {
        (1..=count).map(|axis| Some(axis as f64)).collect()
    } else {
        args::numbers(axes).unwrap_or_default()
    };
    if given.len() != count {
        return bad(format!("axes must have the same length as indices: {} and {count}.", given.len()));
    }
    let mut out = Vec::with_capacity(count);
    for axis in given {
        let Some(axis) = axis else { return bad("axes must be numeric, without NA.".into()) };
        if axis.fract() != 0.0 || axis < 1.0 || axis > ndim as f64 {
            let message =
                format!("axes must lie between 1 and {ndim}: {axis} does not. Negative axes are not supported.");
            return Err(Failure::shape("mlx_gather", message, &[]).with("axis", Field::Ints(vec![axis as i32])));
        }
        if out.contains(&(axis as i32 - 1)) {
            return bad("axes must not contain duplicates.".into());
        }
        out.push(axis as i32 - 1);
    }
    Ok(out)
}

/// One axis, replaced by what was picked of it.
fn in_place(x: &Tensor, resolved: Vec<(Pick, Vec<i32>)>, axis: i32) -> Result<Tensor> {
    let mut picks: Vec<Pick> = (0..x.array.ndim()).map(|_| Pick::All).collect();
    for (pick, _) in resolved {
        picks[axis as usize] = pick;
    }
    let names = x
        .names
        .as_ref()
        .and_then(|names| names.replaced(axis as usize, picks[axis as usize].names(&names.axes[axis as usize])));
    Ok(x.with(select(&x.array, &picks, x.device)?).named(names))
}

/// Single elements: the indices broadcast together, and their axes come before the axes that were not indexed.
fn elementwise(x: &Tensor, resolved: Vec<(Pick, Vec<i32>)>, axes: &[i32]) -> Result<Tensor> {
    let mut indices = Vec::with_capacity(resolved.len());
    let mut marks = vec![];
    let mut common = vec![];
    for ((pick, shape), &axis) in resolved.into_iter().zip(axes) {
        let side = x.array.shape()[axis as usize];
        let count = pick.count(side);
        let kept: i64 = shape.iter().map(|&side| i64::from(side)).product();
        let shape = match count {
            1 => vec![],
            _ if kept == i64::from(count) => shape,
            _ => vec![count],
        };
        let positions = match pick {
            Pick::Traced { positions, inside } => {
                marks.push(inside.reshape(&shape, x.device)?);
                positions.reshape(&shape, x.device)?
            }
            pick => Array::from_values(&shape, Layout::ColumnMajor, pick.each(side)?.into_iter())?,
        };
        common = broadcast("mlx_gather", &common, &shape)?;
        indices.push(positions);
    }
    let mut taken = Vec::with_capacity(indices.len());
    for positions in &indices {
        taken.push(positions.broadcast_to(&common, x.device)?);
    }
    let mut out = x.array.gather(&taken, axes, x.device)?;
    for inside in marks {
        let shape: Vec<i32> = inside.shape().iter().copied().chain(vec![1; x.array.ndim()]).collect();
        out = blanked(out, &inside.reshape(&shape, x.device)?, x.device)?;
    }
    let single: Vec<i32> = axes.iter().map(|axis| axis + common.len() as i32).collect();
    Ok(x.with(out.squeeze(&single, x.device)?))
}

/// A copy with the block from `start` to `stop` (both included, 1-based), in steps, replaced by `value`.
fn slice_update(x: SEXP, value: SEXP, start: SEXP, stop: SEXP, strides: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let sides = x.array.shape();
    let start = block_side(start, "start")?;
    let stop = block_side(stop, "stop")?;
    let strides = if strides == null() { vec![1; start.len()] } else { block_side(strides, "strides")? };
    if start.len() != stop.len() || start.len() != strides.len() {
        return Err(Failure::argument("start", "start, stop and strides must have the same length."));
    }
    if start.len() != sides.len() {
        let message = format!("Invalid number of indices: {} for an array with {} axes.", start.len(), sides.len());
        return Err(Failure::new("index", message));
    }
    let (mut from, mut to, mut block) = (vec![], vec![], vec![]);
    for (axis, &side) in sides.iter().enumerate() {
        let (first, last, step) = (start[axis], stop[axis].min(side), strides[axis]);
        let failure =
            |message: String| Err(Failure::new("index", message).with("axis", Field::Ints(vec![axis as i32 + 1])));
        if first < 1 {
            return failure(format!("start must use 1-based indices: {first} on axis {}.", axis + 1));
        }
        if stop[axis] < first {
            return failure(format!("stop must be >= the corresponding start: {last} < {first} on axis {}.", axis + 1));
        }
        if first > side {
            return failure(format!("Index out of bounds: {first} on axis {}, which has {side} elements.", axis + 1));
        }
        if step < 1 {
            return failure(format!("strides must be positive: {step} on axis {}.", axis + 1));
        }
        from.push(first - 1);
        to.push(last);
        block.push((last - first) / step + 1);
    }
    let value = converted(value, &x)?;
    if broadcast("mlx_slice_update", value.shape(), &block)? != block {
        let message = format!("value ({}) cannot be broadcast to the block ({}).", shown(value.shape()), shown(&block));
        return Err(Failure::shape("mlx_slice_update", message, &[value.shape(), &block]));
    }
    let value = value.broadcast_to(&block, x.device)?;
    x.like(x.array.slice_update(&value, &from, &to, &strides, x.device)?).into_r()
}

fn block_side(x: SEXP, arg: &str) -> Result<Vec<i32>> {
    let bad = || Failure::argument(arg, format!("{arg} must be a vector of whole numbers without NA."));
    let values = args::whole(x).ok_or_else(bad)?;
    values.into_iter().map(|value| value.map(|v| v as i32).ok_or_else(bad)).collect()
}

fn take_along_axis(x: SEXP, indices: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let axis = args::one_axis(args::numbers(axis).and_then(|axis| axis.first().copied()).flatten(), x.array.ndim())?;
    let (indices, inside) = along("mlx_take_along_axis", &x, indices, axis)?;
    let mut shape = broadcast_others("mlx_take_along_axis", x.array.shape(), indices.shape(), axis)?;
    let source = x.array.broadcast_to(&shape, x.device)?;
    shape[axis as usize] = indices.shape()[axis as usize];
    let indices = indices.broadcast_to(&shape, x.device)?;
    let names = x.names.as_ref().and_then(|names| names.cleared(&[axis]));
    let mut out = source.take_along_axis(&indices, axis, x.device)?;
    if let Some(inside) = inside {
        out = blanked(out, &inside, x.device)?;
    }
    x.with(out).named(names).into_r()
}

/// Puts values at positions along an axis, or adds them there.
fn put_along_axis(x: SEXP, indices: SEXP, values: SEXP, axis: SEXP, add: SEXP) -> Result<SEXP> {
    let (x, add) = (operand(x)?, args::one_flag(add, "add")?);
    let op = if add { "mlx_scatter_add_axis" } else { "mlx_put_along_axis" };
    let axis = args::one_axis(args::numbers(axis).and_then(|axis| axis.first().copied()).flatten(), x.array.ndim())?;
    let (indices, inside) = along(op, &x, indices, axis)?;
    let values = converted(values, &x)?;
    let mut shape = x.array.shape().to_vec();
    shape[axis as usize] = indices.shape()[axis as usize];
    for (what, given) in [("indices", indices.shape()), ("values", values.shape())] {
        if broadcast(op, given, &shape)? != shape {
            let message = format!("{what} ({}) cannot be broadcast to {}.", shown(given), shown(&shape));
            return Err(Failure::shape(op, message, &[given, &shape]));
        }
    }
    if shape.contains(&0) {
        return x.like(x.array.clone()).into_r();
    }
    let (indices, values) = (indices.broadcast_to(&shape, x.device)?, values.broadcast_to(&shape, x.device)?);
    if add && x.array.dtype() == Dtype::Bool {
        return Err(Failure::dtype(op, "Truth values cannot be added; convert the array first.", "bool"));
    }
    x.like(put(&x.array, (&indices, inside.as_ref()), &values, axis, add, x.device)?).into_r()
}

/// The common shape on all axes but one.
fn broadcast_others(op: &str, x: &[i32], indices: &[i32], axis: i32) -> Result<Vec<i32>> {
    let mut other = indices.to_vec();
    other[axis as usize] = x[axis as usize];
    broadcast(op, x, &other)
}

/// 1-based positions along an axis, of the rank of `x`, as 0-based ones; which of them are inside, where that is not known.
fn along(op: &str, x: &Tensor, indices: SEXP, axis: i32) -> Result<(Array, Option<Array>)> {
    let side = x.array.shape()[axis as usize];
    let number = axis as usize + 1;
    let given = match tensor(indices)? {
        Some(tensor) => tensor.array.clone(),
        // R's single number is a vector of length one
        None if x.array.ndim() == 1 && len(indices) == 1 => upload::array(indices, Some(&[1]), Some(Dtype::Float64))?,
        None => upload::array(indices, None, Some(Dtype::Float64))?,
    };
    if given.ndim() != x.array.ndim() {
        let message = format!("indices must have as many axes as x: {} and {}.", given.ndim(), x.array.ndim());
        return Err(Failure::shape(op, message, &[given.shape(), x.array.shape()]));
    }
    if !(given.dtype().is_integer() || given.dtype().is_float()) {
        return Err(Failure::dtype(op, "indices must be numeric positions.", given.dtype().name()));
    }
    // double precision exists on the CPU only, where the check runs
    let device = mlx::Device::Cpu;
    if is_unknown(&given) && (side > 0 || given.size() == 0) {
        let found = traced(&given, side, x.device)?;
        return Ok((found.array, found.inside));
    }
    if given.size() > 0 {
        let whole = given.astype(Dtype::Float64, device)?;
        let at = |value: f64| Array::scalar(value, Dtype::Float64);
        let fits = whole
            .binary(Binary::GreaterEqual, &at(1.0)?, device)?
            .binary(Binary::LogicalAnd, &whole.binary(Binary::LessEqual, &at(f64::from(side))?, device)?, device)?
            .binary(
                Binary::LogicalAnd,
                &whole.binary(Binary::Equal, &whole.unary(Unary::Floor, device)?, device)?,
                device,
            )?;
        if !all(&fits, device)? {
            let message =
                format!("Index out of bounds: positions on axis {number} must be whole numbers from 1 to {side}.");
            return Err(Failure::new("index", message)
                .with("axis", Field::Ints(vec![number as i32]))
                .with("size", Field::Ints(vec![side])));
        }
    }
    let one = Array::scalar(1.0, Dtype::Int32)?;
    let place = if given.dtype() == Dtype::Float64 { device } else { x.device };
    // MLX refuses gradients that flow through positions
    let given = given.unary(Unary::StopGradient, place)?;
    Ok((given.astype(Dtype::Int32, place)?.binary(Binary::Subtract, &one, x.device)?, None))
}
