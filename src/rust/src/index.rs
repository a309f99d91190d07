//! Reading parts of arrays: `x[i, j]` and `x[i]`.

use crate::args;
use crate::download;
use crate::failure::{Failure, Field};
use crate::handle::{require, tensor, Tensor};
use crate::shape::column_major;
use crate::sys::{
    elements, kind, len, slice, Protected, R_DimSymbol, R_NaInt, Result, Rf_getAttrib, INTEGER, LOGICAL, SEXP, SEXPTYPE,
};
use mlx::{Array, Device, Layout};

routines! {
    ffi_subset(x, index, drop) => subset;
}

/// What an index picks along one axis, 0-based.
enum Pick {
    All,
    /// A regular run: first position, number of positions, step (not 0).
    Run {
        first: i32,
        count: i32,
        step: i32,
    },
    Positions(Vec<i32>),
}

/// `index` is a list with one entry for each axis (`TRUE` for a missing one), or one entry for all elements.
fn subset(x: SEXP, index: SEXP, drop: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    let drop = args::one_flag(drop, "drop")?;
    let index = elements(index);
    let ndim = x.array.ndim();
    if ndim == 0 {
        return Err(Failure::new("index", "Cannot subset a scalar: the array has no axes."));
    }
    if let [only] = index[..] {
        if let Some(columns) = matrix_columns(only) {
            let picks = [Pick::Positions(coordinates(only, columns, x.array.shape())?)];
            return x.with(select(&column_major(&x.array, x.device)?, &picks, x.device)?).into_r();
        }
        if ndim > 1 {
            let flat = column_major(&x.array, x.device)?;
            let picks = [pick(only, flat.shape()[0], 1)?];
            return x.with(select(&flat, &picks, x.device)?).into_r();
        }
    }
    if index.len() > ndim {
        let message = format!("Incorrect number of indices: {} for an array with {ndim} axes.", index.len());
        return Err(Failure::new("index", message));
    }
    let mut picks = Vec::with_capacity(ndim);
    for (axis, &entry) in index.iter().enumerate() {
        picks.push(pick(entry, x.array.shape()[axis], axis + 1)?);
    }
    let part = select(&x.array, &picks, x.device)?;
    dropped(x.with(part), drop && index.len() > 1)?.into_r()
}

/// The columns of a numeric R matrix: one coordinate each.
fn matrix_columns(entry: SEXP) -> Option<usize> {
    // SAFETY: reading an attribute allocates nothing; `dim` is an integer vector.
    let dim = unsafe { Rf_getAttrib(entry, R_DimSymbol) };
    let numeric = matches!(kind(entry), SEXPTYPE::INTSXP | SEXPTYPE::REALSXP);
    (numeric && kind(dim) == SEXPTYPE::INTSXP && len(dim) == 2).then(|| unsafe { *INTEGER(dim).add(1) as usize })
}

/// One element for each row of a matrix of 1-based coordinates, as 0-based positions in R's order.
fn coordinates(entry: SEXP, columns: usize, sides: &[i32]) -> Result<Vec<i32>> {
    if columns != sides.len() {
        let message = format!(
            "A matrix index must have one column per dimension: it has {columns}, the array has {} axes.",
            sides.len()
        );
        return Err(Failure::new("index", message));
    }
    let values = args::numbers(entry).unwrap_or_default();
    let rows = values.len() / columns;
    let mut flat = vec![0; rows];
    let mut step = 1;
    for (axis, &side) in sides.iter().enumerate() {
        let column = &values[axis * rows..(axis + 1) * rows];
        if column.iter().flatten().any(|value| *value < 1.0) {
            return Err(at(axis + 1, "Matrix indices must be positive", None, side));
        }
        let along = positions(column.iter().copied(), side, axis + 1)?;
        flat.iter_mut().zip(along).for_each(|(position, i)| *position += i * step);
        step *= side;
    }
    Ok(flat)
}

/// Without the axes of length 1, but with one axis at least.
fn dropped(x: Tensor, drop: bool) -> Result<Tensor> {
    if !drop || x.array.ndim() < 2 {
        return Ok(x);
    }
    let sides = x.array.shape();
    let mut axes: Vec<i32> = (0..sides.len()).filter(|&i| sides[i] == 1).map(|i| i as i32).collect();
    if axes.len() == sides.len() {
        axes.pop();
    }
    if axes.is_empty() {
        return Ok(x);
    }
    Ok(x.with(x.array.squeeze(&axes, x.device)?))
}

/// Applies the picks: all runs in one slice, then a take for each list of positions.
fn select(x: &Array, picks: &[Pick], device: Device) -> Result<Array> {
    let sides = x.shape();
    let mut start = vec![0; sides.len()];
    let mut stop = sides.to_vec();
    let mut strides = vec![1; sides.len()];
    let mut sliced = false;
    for (axis, pick) in picks.iter().enumerate() {
        if let Pick::Run { first, count, step } = *pick {
            (start[axis], strides[axis]) = (first, step);
            // one past the last position, on the side the run goes to; -size-1 is MLX's "before the first" going down
            let end = first + (count - 1) * step + step.signum();
            stop[axis] = if end < 0 { -sides[axis] - 1 } else { end };
            sliced = true;
        }
    }
    let mut out = if sliced { x.slice(&start, &stop, &strides, device)? } else { x.clone() };
    for (axis, pick) in picks.iter().enumerate() {
        if let Pick::Positions(positions) = pick {
            let shape = [positions.len() as i32];
            let indices = Array::from_values(&shape, Layout::RowMajor, positions.iter().copied())?;
            out = out.take(&indices, axis as i32, device)?;
        }
    }
    Ok(out)
}

/// Reads one index. `axis` is 1-based, for messages.
fn pick(entry: SEXP, side: i32, axis: usize) -> Result<Pick> {
    if let Some(index) = tensor(entry)? {
        let values = Protected::new(download::values(index, false)?);
        return pick(values.sexp(), side, axis);
    }
    let picked = match kind(entry) {
        // SAFETY: a logical vector.
        SEXPTYPE::LGLSXP => return mask(unsafe { slice(LOGICAL(entry), len(entry)) }, side, axis),
        SEXPTYPE::NILSXP => vec![],
        _ => match args::numbers(entry) {
            Some(values) => positions(values.into_iter(), side, axis)?,
            None => {
                let class = args::class_of(entry);
                return Err(Failure::new("index", format!("Unsupported index type on axis {axis}: {class}."))
                    .with("axis", Field::Ints(vec![axis as i32])));
            }
        },
    };
    Ok(run(picked))
}

/// Positions that follow each other in equal steps become a slice, which copies nothing.
fn run(positions: Vec<i32>) -> Pick {
    let (Some(&first), count) = (positions.first(), positions.len() as i32) else {
        return Pick::Positions(positions);
    };
    let step = positions.get(1).map_or(1, |second| second - first);
    if step != 0 && positions.windows(2).all(|pair| pair[1] - pair[0] == step) {
        return Pick::Run { first, count, step };
    }
    Pick::Positions(positions)
}

fn mask(values: &[i32], side: i32, axis: usize) -> Result<Pick> {
    // SAFETY: a constant of R.
    if values.contains(unsafe { &R_NaInt }) {
        return Err(at(axis, "Index contains NA values", None, side));
    }
    match values {
        [0] => return Ok(Pick::Positions(vec![])),
        [_] => return Ok(Pick::All),
        _ if values.len() != side as usize => {
            let message = format!(
                "Logical index length must be 1 or match the number of elements: {} for {side} on axis {axis}.",
                values.len()
            );
            return Err(Failure::new("index", message).with("axis", Field::Ints(vec![axis as i32])));
        }
        _ => {}
    }
    let chosen = values.iter().zip(0..).filter(|(value, _)| **value != 0).map(|(_, i)| i).collect();
    Ok(run(chosen))
}

/// Whole numbers, all positive or all negative, to 0-based positions.
fn positions(values: impl Iterator<Item = Option<f64>>, side: i32, axis: usize) -> Result<Vec<i32>> {
    let (mut chosen, mut omitted) = (Vec::with_capacity(values.size_hint().0), Vec::new());
    for value in values {
        let value = value.ok_or_else(|| at(axis, "Index contains NA values", None, side))?;
        if value.fract() != 0.0 {
            return Err(at(axis, "Indices must be whole numbers", Some(value), side));
        }
        if value == 0.0 {
            return Err(at(axis, "Index contains zeros", Some(value), side));
        }
        if value.abs() > f64::from(side) {
            return Err(at(axis, "Index out of bounds", Some(value), side));
        }
        if value > 0.0 {
            chosen.push(value as i32 - 1)
        } else {
            omitted.push((-value) as i32 - 1)
        }
    }
    match (chosen.is_empty(), omitted.is_empty()) {
        (_, true) => Ok(chosen),
        (true, false) => {
            let mut keep = vec![true; side as usize];
            omitted.iter().for_each(|&i| keep[i as usize] = false);
            Ok((0..side).filter(|&i| keep[i as usize]).collect())
        }
        (false, false) => Err(at(axis, "Cannot mix positive and negative indices", None, side)),
    }
}

fn at(axis: usize, what: &str, index: Option<f64>, side: i32) -> Failure {
    let message = match index {
        Some(index) => format!("{what}: {index} on axis {axis}, which has {side} elements."),
        None => format!("{what} (axis {axis}, which has {side} elements)."),
    };
    let mut failure = Failure::new("index", message)
        .with("axis", Field::Ints(vec![axis as i32]))
        .with("size", Field::Ints(vec![side]));
    if let Some(index) = index {
        failure = failure.with("index", Field::Ints(vec![index as i32]));
    }
    failure
}
