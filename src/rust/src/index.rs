//! Reading parts of arrays: `x[i, j]` and `x[i]`.

use crate::args;
use crate::download;
use crate::failure::Failure;
use crate::handle::{require, tensor, Tensor};
use crate::names::{MaybeNames, Names};
use crate::pick::{coordinate_columns, coordinates, pick, Axis, Pick};
use crate::positions::blanked;
use crate::shape::column_major;
use crate::sys::{elements, kind, Protected, Result, SEXP, SEXPTYPE};
use crate::trace::is_unknown;
use mlx::{Array, Device, Dtype, Layout};

routines! {
    ffi_subset(x, index, drop) => subset;
}

/// `index` is a list with one entry for each axis (`TRUE` for a missing one), or one entry for all elements.
fn subset(x: SEXP, index: SEXP, drop: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    let drop = args::one_flag(drop, "drop")?;
    let index = elements(index);
    if x.array.ndim() == 0 {
        return Err(Failure::new("index", "Cannot subset a scalar: the array has no axes."));
    }
    if let [only] = index[..] {
        if let Some(pick) = flat_pick(only, x)? {
            return x.with(select(&column_major(&x.array, x.device)?, &[pick], x.device)?).into_r();
        }
    }
    let picks = picks(x, &index)?;
    let part = select(&x.array, &picks, x.device)?;
    let part = x.with(part).named(names_of(x, &picks));
    dropped(part, drop && index.len() > 1)?.into_r()
}

/// What a single index picks among all elements in R's order; `None` for an array of one axis and an ordinary index.
pub(crate) fn flat_pick(only: SEXP, x: &Tensor) -> Result<Option<Pick>> {
    if let Some(index) = tensor(only)? {
        if index.array.ndim() >= 2 && index.array.dtype() != Dtype::Bool && !is_unknown(&index.array) {
            let values = Protected::new(download::values(index, true)?);
            return flat_pick(values.sexp(), x);
        }
    }
    if let Some(columns) = coordinate_columns(only, x.array.ndim()) {
        return Ok(Some(Pick::Positions(coordinates(only, columns, x)?)));
    }
    if x.array.ndim() == 1 {
        return Ok(None);
    }
    if kind(only) == SEXPTYPE::STRSXP {
        let message = "A single character index is for arrays with one axis; give an index for each axis.";
        return Err(Failure::new("index", message));
    }
    pick(only, &Axis::flat(args::fits(x.array.size() as f64, "x")?)).map(Some)
}

/// One pick for each index; the axes after them stay whole.
pub(crate) fn picks(x: &Tensor, index: &[SEXP]) -> Result<Vec<Pick>> {
    let ndim = x.array.ndim();
    if index.len() > ndim {
        let message = format!("Incorrect number of indices: {} for an array with {ndim} axes.", index.len());
        return Err(Failure::new("index", message));
    }
    let given = index.iter().enumerate().map(|(axis, &entry)| pick(entry, &Axis::of(x, axis)));
    given.chain((index.len()..ndim).map(|_| Ok(Pick::All))).collect()
}

fn names_of(x: &Tensor, picks: &[Pick]) -> MaybeNames {
    let names = x.names.as_ref()?;
    let axes = names.axes.iter().zip(picks).map(|(names, pick)| pick.names(names)).collect();
    Names::new(axes, names.titles.clone())
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
    let names = x.names.as_ref().and_then(|names| names.without(&axes));
    Ok(x.with(x.array.squeeze(&axes, x.device)?).named(names))
}

/// Start, stop and strides of the slice that takes every run, whole axes elsewhere; `None` without any run.
pub(crate) fn runs(sides: &[i32], picks: &[&Pick]) -> Option<[Vec<i32>; 3]> {
    let mut slice = [vec![0; sides.len()], sides.to_vec(), vec![1; sides.len()]];
    let mut sliced = false;
    for (axis, pick) in picks.iter().enumerate() {
        if let Some((start, stop, stride)) = pick.bounds(sides[axis]) {
            (slice[0][axis], slice[1][axis], slice[2][axis]) = (start, stop, stride);
            sliced = true;
        }
    }
    sliced.then_some(slice)
}

/// Applies the picks. An array that lies in memory with its first axis fastest is read with its axes reversed, so that the
/// innermost loop meets neighbours.
pub(crate) fn select(x: &Array, picks: &[Pick], device: Device) -> Result<Array> {
    let layout = x.layout();
    if layout == Some(Layout::ColumnMajor) {
        let turned: Vec<&Pick> = picks.iter().rev().collect();
        return Ok(read(&x.reversed(device)?, &turned, Some(Layout::RowMajor), device)?.reversed(device)?);
    }
    read(x, &picks.iter().collect::<Vec<&Pick>>(), layout, device)
}

/// All runs in one slice, then a take for each list of positions.
fn read(x: &Array, picks: &[&Pick], layout: Option<Layout>, device: Device) -> Result<Array> {
    let mut out = match runs(x.shape(), picks) {
        Some([start, stop, strides]) => x.slice(&start, &stop, &strides, device)?,
        None => x.clone(),
    };
    for (axis, pick) in picks.iter().enumerate() {
        out = take(out, pick, axis, layout, device)?;
    }
    Ok(out)
}

/// The picked positions along one axis. MLX's take copies whole blocks along the first axis of a row-major array, and is
/// slow everywhere else, where its take along an axis has the tighter loop.
pub(crate) fn take(x: Array, pick: &Pick, axis: usize, layout: Option<Layout>, device: Device) -> Result<Array> {
    let Some(positions) = pick.positions()? else { return Ok(x) };
    let mut shape = vec![1; x.ndim()];
    shape[axis] = positions.shape()[0];
    let blocks = axis == 0 && layout == Some(Layout::RowMajor);
    let out = if blocks || x.size() == 0 || x.ndim() == 1 {
        x.take(&positions, axis as i32, device)?
    } else {
        x.take_along_axis(&positions.reshape(&shape, device)?, axis as i32, device)?
    };
    match pick.inside() {
        Some(inside) => blanked(out, &inside.reshape(&shape, device)?, device),
        None => Ok(out),
    }
}
