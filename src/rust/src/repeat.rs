//! Repeating, rolling and padding.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::Tensor;
use crate::names::along;
use crate::promote::operand;
use crate::shape::row_major;
use crate::sys::{kind, null, Result, SEXP, SEXPTYPE};
use crate::upload;
use mlx::{Array, Layout};

routines! {
    ffi_repeat(x, repeats, axis) => repeat;
    ffi_tile(x, reps) => tile;
    ffi_roll(x, shift, axes) => roll;
    ffi_pad(x, axes, widths, value, mode) => pad;
}

/// Each element several times in a row, along an axis or in one row of all.
fn repeat(x: SEXP, repeats: SEXP, axis: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let times = args::positive(repeats, "repeats", "")?;
    let (array, axis, names) = if axis == null() {
        (row_major(&x.array, x.device)?, 0, x.names.clone().filter(|names| names.axes.len() == 1))
    } else {
        (x.array.clone(), args::single_axis(axis, "axis", x.array.ndim())?, x.names.clone())
    };
    let side = array.shape()[axis as usize];
    args::fits(f64::from(side) * f64::from(times), "repeats")?;
    let names = along(&names, axis, (0..side).flat_map(|i| std::iter::repeat_n(i, times as usize)));
    x.with(array.repeat(times, axis, x.device)?).named(names).into_r()
}

/// The whole array several times; `reps` belongs to the last axes.
fn tile(x: SEXP, reps: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let bad = || Failure::argument("reps", "reps must be positive integers.");
    let given = args::whole(reps).filter(|reps| !reps.is_empty()).ok_or_else(bad)?;
    let reps = given
        .into_iter()
        .map(|rep| rep.filter(|rep| *rep >= 1.0).ok_or_else(bad).and_then(|rep| args::fits(rep, "reps")))
        .collect::<Result<Vec<i32>>>()?;
    let ndim = x.array.ndim().max(reps.len());
    let mut sides = vec![1; ndim - x.array.ndim()];
    sides.extend_from_slice(x.array.shape());
    let mut all = vec![1; ndim - reps.len()];
    all.extend(reps);
    for (side, rep) in sides.iter().zip(&all) {
        args::fits(f64::from(*side) * f64::from(*rep), "reps")?;
    }
    let added: Vec<i32> = (0..(ndim - x.array.ndim()) as i32).collect();
    let mut names = x.names.as_ref().and_then(|names| names.inserted(&added));
    for (axis, (&side, &rep)) in sides.iter().zip(&all).enumerate() {
        names = along(&names, axis as i32, (0..rep).flat_map(|_| 0..side));
    }
    x.with(x.array.reshape(&sides, x.device)?.tile(&all, x.device)?).named(names).into_r()
}

/// Elements moved around a circle, along axes or in one row of all.
fn roll(x: SEXP, shift: SEXP, axes: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let bad = || Failure::argument("shift", "shift must contain integer values.");
    let shifts = args::whole(shift).filter(|shifts| !shifts.is_empty()).ok_or_else(bad)?;
    let shifts = shifts
        .into_iter()
        .map(|shift| shift.filter(|shift| shift.is_finite()).ok_or_else(bad))
        .collect::<Result<Vec<f64>>>()?;
    // less than one turn; an axis without elements has nothing to move
    let turn = |shift: f64, side: i32| if side == 0 { 0 } else { shift.rem_euclid(f64::from(side)) as i32 };
    if axes == null() {
        let flat = row_major(&x.array, x.device)?;
        let shift = turn(shifts.iter().sum(), flat.shape()[0]);
        let names = along(&x.names.clone().filter(|names| names.axes.len() == 1), 0, turned(flat.shape()[0], shift));
        let rolled = flat.roll(shift, 0, x.device)?.reshape(x.array.shape(), x.device)?;
        return x.with(rolled).named(names).into_r();
    }
    let axes = args::axis_list(axes, "axes", x.array.ndim())?;
    if axes.len() != shifts.len() {
        let message = format!("shift ({}) and axes ({}) must have the same length.", shifts.len(), axes.len());
        return Err(Failure::argument("shift", message));
    }
    let (mut array, mut names) = (x.array.clone(), x.names.clone());
    for (&axis, &shift) in axes.iter().zip(&shifts) {
        let side = array.shape()[axis as usize];
        let shift = turn(shift, side);
        array = array.roll(shift, axis, x.device)?;
        names = along(&names, axis, turned(side, shift));
    }
    x.with(array).named(names).into_r()
}

/// Where each element of an axis comes from after it was rolled.
fn turned(side: i32, shift: i32) -> impl Iterator<Item = i32> {
    (side - shift..side).chain(0..side - shift)
}

/// How the elements around an array are made.
#[derive(Clone, Copy)]
enum Border {
    Constant,
    Edge,
    Reflect,
    Symmetric,
}

/// `widths` holds the numbers of elements before and after each of the axes, pair by pair.
fn pad(x: SEXP, axes: SEXP, widths: SEXP, value: SEXP, mode: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    if x.array.ndim() == 0 {
        return Err(Failure::shape("pad", "Cannot pad a scalar: the array has no axes.", &[&[]]));
    }
    let border = match args::one_string(mode, "mode")?.as_str() {
        "constant" => Border::Constant,
        "edge" => Border::Edge,
        "reflect" => Border::Reflect,
        _ => Border::Symmetric,
    };
    let axes = args::axis_list(axes, "axes", x.array.ndim())?;
    let widths = pad_widths(widths, &axes, x.array.shape())?;
    let value = pad_value(value, &x)?;
    let names = x.names.as_ref().and_then(|names| names.cleared(&padded(&axes, &widths)));
    let array = match border {
        Border::Constant => {
            let (mut low, mut high) = (vec![0; x.array.ndim()], vec![0; x.array.ndim()]);
            for (&axis, width) in axes.iter().zip(&widths) {
                (low[axis as usize], high[axis as usize]) = *width;
            }
            x.array.pad(&low, &high, &value, x.device)?
        }
        _ => bordered(&x, &axes, &widths, border)?,
    };
    x.with(array).named(names).into_r()
}

/// The axes that really change.
fn padded(axes: &[i32], widths: &[(i32, i32)]) -> Vec<i32> {
    axes.iter().zip(widths).filter(|(_, width)| **width != (0, 0)).map(|(axis, _)| *axis).collect()
}

fn pad_widths(widths: SEXP, axes: &[i32], sides: &[i32]) -> Result<Vec<(i32, i32)>> {
    let bad = || Failure::argument("pad_width", "pad_width values must be non-negative whole numbers.");
    let all = args::whole(widths).and_then(|all| all.into_iter().collect::<Option<Vec<f64>>>()).ok_or_else(bad)?;
    let mut seen = vec![false; sides.len()];
    let mut pairs = Vec::with_capacity(axes.len());
    for (&axis, pair) in axes.iter().zip(all.chunks(2)) {
        let &[low, high] = pair else { return Err(bad()) };
        if low < 0.0 || high < 0.0 {
            return Err(bad());
        }
        if std::mem::replace(&mut seen[axis as usize], true) {
            return Err(Failure::argument("axes", "axes contains duplicate axes."));
        }
        args::fits(f64::from(sides[axis as usize]) + low + high, "pad_width")?;
        pairs.push((low as i32, high as i32));
    }
    if pairs.len() != axes.len() || all.len() != 2 * axes.len() {
        return Err(bad());
    }
    Ok(pairs)
}

/// The constant, in the array's dtype.
fn pad_value(value: SEXP, x: &Tensor) -> Result<Array> {
    let good = match kind(value) {
        SEXPTYPE::LGLSXP | SEXPTYPE::INTSXP | SEXPTYPE::REALSXP => {
            matches!(args::numbers(value).as_deref(), Some(&[Some(number)]) if number.is_finite())
        }
        _ => false,
    };
    if !good {
        return Err(Failure::argument("value", "value must be a single finite numeric scalar."));
    }
    upload::array(value, Some(&[]), Some(x.array.dtype()))
}

/// Borders that repeat elements of the array: each padded axis is read at other positions.
fn bordered(x: &Tensor, axes: &[i32], widths: &[(i32, i32)], border: Border) -> Result<Array> {
    let mut array = x.array.clone();
    for (&axis, &(low, high)) in axes.iter().zip(widths) {
        let side = array.shape()[axis as usize];
        if (low, high) == (0, 0) {
            continue;
        }
        if side == 0 {
            let message =
                format!("Cannot pad axis {} with its own elements: {} has none.", axis + 1, shown(array.shape()));
            return Err(Failure::shape("pad", message, &[array.shape()]));
        }
        let positions: Vec<i32> = (-low..side + high).map(|i| source(i, side, border)).collect();
        let positions = Array::from_values(&[low + side + high], Layout::RowMajor, positions.into_iter())?;
        array = array.take(&positions, axis, x.device)?;
    }
    Ok(array)
}

/// Which element stands at position `i` of the padded axis, counted from the first element of the array.
fn source(i: i32, side: i32, border: Border) -> i32 {
    let (i, n) = (i64::from(i), i64::from(side));
    let place = match border {
        Border::Constant | Border::Edge => i.clamp(0, n - 1),
        // there and back without the ends: the pattern repeats after 2 (n - 1)
        Border::Reflect => {
            let k = i.rem_euclid((2 * (n - 1)).max(1));
            k.min(2 * (n - 1) - k)
        }
        Border::Symmetric => {
            let k = i.rem_euclid(2 * n);
            k.min(2 * n - 1 - k)
        }
    };
    place as i32
}
