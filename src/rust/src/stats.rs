//! Quantiles.

use crate::args;
use crate::failure::Failure;
use crate::promote::operand;
use crate::reduce::names_left;
use crate::scan::along;
use crate::sort::sorted;
use crate::sys::{len, Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Layout};

routines! {
    ffi_quantile(x, probs, axis, drop, device) => quantile;
}

/// Quantiles (R's type 7) along an axis, which gets the length of `probs`; `NULL` takes all elements.
fn quantile(x: SEXP, probs: SEXP, axis: SEXP, drop: SEXP, device: SEXP) -> Result<SEXP> {
    let mut x = operand(x)?.clone();
    let probs = probabilities(probs)?;
    if len(axis) > 1 {
        return Err(Failure::argument(
            "axis",
            "Multiple axes are not supported: axis must be NULL or a single integer.",
        ));
    }
    let axis = args::optional_axis(axis, x.array.ndim())?;
    let drop = args::one_flag(drop, "drop")? && probs.len() == 1 && axis.is_some();
    x.device = args::device_for(device, &x)?;
    if x.array.dtype() == Dtype::Complex64 {
        let message = "Quantiles of complex numbers are not defined.";
        return Err(Failure::dtype("mlx_quantile", message, "complex64"));
    }
    if x.array.dtype() != Dtype::Float64 {
        x.array = x.array.astype(Dtype::Float32, x.device)?;
    }
    if x.array.size() == 0 {
        return Err(Failure::shape("mlx_quantile", "An empty array has no quantiles.", &[x.array.shape()]));
    }
    let names = axis.and_then(|axis| names_left(&x, &[axis], !drop));
    let (array, axis) = along(&x, axis)?;
    let mut result = between(&array, &probs, axis, x.device)?;
    if drop {
        result = result.squeeze(&[axis], x.device)?;
    }
    x.with(result).named(names).into_r()
}

fn probabilities(probs: SEXP) -> Result<Vec<f64>> {
    let known = args::numbers(probs).and_then(|all| all.into_iter().collect::<Option<Vec<f64>>>());
    let probs = known.ok_or_else(|| Failure::argument("probs", "probs must be a numeric vector without NA values."))?;
    if probs.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(Failure::argument("probs", "probs must be in [0, 1]."));
    }
    Ok(probs)
}

/// The elements at fractional positions along an axis, as if it were sorted.
fn between(x: &Array, probs: &[f64], axis: i32, device: Device) -> Result<Array> {
    let last = f64::from(x.shape()[axis as usize] - 1);
    let places: Vec<f64> = probs.iter().map(|p| last * p).collect();
    let mut ranks: Vec<i32> = places.iter().flat_map(|place| [place.floor() as i32, place.ceil() as i32]).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let ranked = ranked(x, &ranks, axis, device)?;
    let at = |round: fn(f64) -> f64| -> Result<Array> {
        let positions = places.iter().map(|place| ranks.partition_point(|rank| *rank < round(*place) as i32) as i32);
        let positions = Array::from_values(&[probs.len() as i32], Layout::RowMajor, positions)?;
        Ok(ranked.take(&positions, axis, device)?)
    };
    let (below, above) = (at(f64::floor)?, at(f64::ceil)?);
    // broadcast from the last axis on
    let mut shape = vec![1; x.ndim() - axis as usize];
    shape[0] = probs.len() as i32;
    let weigh = |x: &Array, weight: fn(f64) -> f64| -> Result<Array> {
        let weights = Array::from_values(&shape, Layout::RowMajor, places.iter().map(|place| weight(*place)))?;
        Ok(x.binary(Binary::Multiply, &weights.astype(x.dtype(), device)?, device)?)
    };
    let mixed = weigh(&below, |place| 1.0 - place.fract())?.binary(Binary::Add, &weigh(&above, f64::fract)?, device)?;
    // 0 times infinity is NaN; equal neighbours need no mixing
    Ok(below.binary(Binary::Equal, &above, device)?.select(&below, &mixed, device)?)
}

/// Beyond this many order statistics a sort costs less than partitions.
const MOST_RANKS: usize = 12;

/// The elements of these ranks (0-based, ascending) along an axis. A few of many are found by partitions; ties would make
/// their derivative wrong.
fn ranked(x: &Array, ranks: &[i32], axis: i32, device: Device) -> Result<Array> {
    let side = x.shape()[axis as usize];
    if ranks.is_empty() || ranks.len() > MOST_RANKS || side < 1000 || x.is_tracer() {
        let positions = Array::from_values(&[ranks.len() as i32], Layout::RowMajor, ranks.iter().copied())?;
        return Ok(sorted(x, axis, device)?.take(&positions, axis, device)?);
    }
    let mut found = Vec::with_capacity(ranks.len());
    partitioned(x, ranks, 0, axis, device, &mut found)?;
    Ok(Array::concatenate(&found, axis, device)?)
}

/// Parts the axis at the middle rank, and looks for the others on its two sides. The first element has the rank `offset`.
fn partitioned(x: &Array, ranks: &[i32], offset: i32, axis: i32, device: Device, found: &mut Vec<Array>) -> Result<()> {
    let middle = ranks.len() / 2;
    let Some(&rank) = ranks.get(middle) else { return Ok(()) };
    let kth = rank - offset;
    let parted = x.partition(kth, axis, device)?;
    let parts = |from: i32, to: i32| parted.narrow(axis, from, to, device);
    partitioned(&parts(0, kth)?, &ranks[..middle], offset, axis, device, found)?;
    found.push(parts(kth, kth + 1)?);
    partitioned(&parts(kth + 1, x.shape()[axis as usize])?, &ranks[middle + 1..], rank + 1, axis, device, found)
}
