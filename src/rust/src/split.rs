//! Parting arrays along an axis.

use crate::args;
use crate::failure::{Failure, Field};
use crate::handle::{require, tensors, Tensor};
use crate::names::along;
use crate::promote::operand;
use crate::shape::row_major;
use crate::sys::{Result, SEXP};

routines! {
    ffi_split(x, sections, axis, points) => split;
    ffi_asplit(x, margin, flat) => asplit;
}

/// Equal parts (one number), or parts that end after each of some points.
fn split(x: SEXP, sections: SEXP, axis: SEXP, points: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let axis = args::single_axis(axis, "axis", x.array.ndim())?;
    let side = x.array.shape()[axis as usize];
    let known: Vec<f64> = args::whole(sections).unwrap_or_default().into_iter().flatten().collect();
    let points = match known[..] {
        [] => return Err(Failure::argument("sections", "sections must contain at least one integer.")),
        [count] if !args::one_flag(points, "points")? => equal_points(count, side, axis)?,
        _ => checked_points(&known, side)?,
    };
    let parts = x.array.split(&points, axis, x.device)?;
    let mut start = 0;
    let parts = parts.into_iter().map(|part| {
        let stop = start + part.shape()[axis as usize];
        let names = along(&x.names, axis, start..stop);
        start = stop;
        Ok(x.with(part).named(names))
    });
    tensors(parts.collect::<Result<Vec<Tensor>>>()?, None)
}

fn equal_points(count: f64, side: i32, axis: i32) -> Result<Vec<i32>> {
    if count < 1.0 || f64::from(side) % count != 0.0 || (side == 0 && count > 1e6) {
        let message = format!("sections must evenly divide axis {}: {side} elements into {count} parts.", axis + 1);
        return Err(Failure::shape("split", message, &[&[side]]).with("axis", Field::Ints(vec![axis + 1])));
    }
    let count = count as i32;
    Ok((1..count).map(|i| i * (side / count)).collect())
}

fn checked_points(points: &[f64], side: i32) -> Result<Vec<i32>> {
    if points.iter().any(|&point| point < 1.0 || point > f64::from(side - 1)) {
        let message = format!("Split points must be between 1 and {}, one less than the axis' length.", side - 1);
        return Err(Failure::argument("sections", message));
    }
    if points.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Failure::argument("sections", "Split points must be strictly increasing."));
    }
    Ok(points.iter().map(|&point| point as i32).collect())
}

/// One array for each position of an axis, without that axis; `flat` makes one axis of what is left.
fn asplit(x: SEXP, margin: SEXP, flat: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    let flat = args::one_flag(flat, "drop")?;
    let axis = match args::numbers(margin) {
        Some(margin) if margin.len() == 1 => args::one_axis(margin[0], x.array.ndim())?,
        _ => return Err(Failure::argument("MARGIN", "asplit() supports a single margin for mlx arrays.")),
    };
    let side = x.array.shape()[axis as usize];
    if side == 0 {
        return tensors(vec![], None);
    }
    let names = x.names.as_ref().and_then(|names| names.without(&[axis]));
    let parts = x.array.split(&(1..side).collect::<Vec<i32>>(), axis, x.device)?;
    let parts = parts.into_iter().map(|part| {
        let mut part = part.squeeze(&[axis], x.device)?;
        if flat && part.ndim() != 1 {
            part = row_major(&part, x.device)?;
        }
        Ok(x.with(part).named(names.clone()))
    });
    tensors(parts.collect::<Result<Vec<Tensor>>>()?, None)
}
