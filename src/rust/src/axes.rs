//! Adding, removing, permuting and merging axes.

use crate::args;
use crate::convert::convert;
use crate::failure::{shown, Failure, Field};
use crate::handle::{require, Tensor};
use crate::promote::operand;
use crate::sys::{null, Result, SEXP};
use mlx::{Device, Dtype};

routines! {
    ffi_squeeze(x, axes) => squeeze;
    ffi_expand_dims(x, axes) => expand_dims;
    ffi_moveaxis(x, source, destination) => moveaxis;
    ffi_aperm(x, perm) => aperm;
    ffi_swapaxes(x, axis1, axis2) => swapaxes;
    ffi_flatten(x, start, end) => flatten;
    ffi_unflatten(x, axis, shape) => unflatten;
    ffi_contiguous(x, device) => contiguous;
    ffi_cast(x, dtype) => cast_to;
}

/// Without the axes of length 1, or without those given, which must have it.
fn squeeze(x: SEXP, axes: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let sides = x.array.shape();
    let gone: Vec<i32> = if axes == null() {
        (0..sides.len()).filter(|&i| sides[i] == 1).map(|i| i as i32).collect()
    } else {
        let axes = args::axis_list(axes, "axes", sides.len())?;
        unique(&axes, "axes", "axes contains duplicate axes.")?;
        axes
    };
    if let Some(axis) = gone.iter().find(|&&axis| sides[axis as usize] != 1) {
        let message = format!("Cannot squeeze axis {}: it has {} elements, not 1.", axis + 1, sides[*axis as usize]);
        return Err(Failure::shape("squeeze", message, &[sides]).with("axis", Field::Ints(vec![axis + 1])));
    }
    if gone.is_empty() {
        return x.clone().into_r();
    }
    let names = x.names.as_ref().and_then(|names| names.without(&gone));
    x.with(x.array.squeeze(&gone, x.device)?).named(names).into_r()
}

fn unique(axes: &[i32], arg: &str, message: &str) -> Result<()> {
    let mut sorted = axes.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Failure::argument(arg, message));
    }
    Ok(())
}

/// With axes of length 1 at these positions (1-based) of the result.
fn expand_dims(x: SEXP, axes: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let most = x.array.ndim() + 1;
    let bad = |message: &str| Failure::argument("axes", format!("axes {message}."));
    let given = args::numbers(axes).ok_or_else(|| bad("must be a vector of integers"))?;
    if given.is_empty() {
        return Err(bad("must contain at least one element"));
    }
    let place = |axis: Option<f64>| match axis {
        None => Err(bad("cannot contain NA")),
        Some(axis) if (1.0..=most as f64).contains(&axis) => Ok(axis as i32 - 1),
        Some(_) => Err(bad(&format!("must be between 1 and {most}"))),
    };
    let mut places = given.into_iter().map(place).collect::<Result<Vec<i32>>>()?;
    places.sort_unstable();
    places.dedup();
    let names = x.names.as_ref().and_then(|names| names.inserted(&places));
    x.with(x.array.expand_dims(&places, x.device)?).named(names).into_r()
}

/// The axes `source` end at the positions `destination`; the others keep their order.
fn moveaxis(x: SEXP, source: SEXP, destination: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let ndim = x.array.ndim();
    let listed = |axes: SEXP, arg: &str| match args::numbers(axes) {
        Some(list) if list.is_empty() => {
            Err(Failure::argument(arg, "source must contain at least one axis, and destination as many."))
        }
        _ => args::axis_list(axes, arg, ndim),
    };
    let (source, destination) = (listed(source, "source")?, listed(destination, "destination")?);
    if source.len() != destination.len() {
        return Err(Failure::argument("destination", "source and destination must have the same length."));
    }
    unique(&source, "source", "source axes must be unique.")?;
    unique(&destination, "destination", "destination axes must be unique.")?;
    let mut rest = (0..ndim as i32).filter(|axis| !source.contains(axis));
    let order = (0..ndim as i32)
        .filter_map(|place| match destination.iter().position(|&to| to == place) {
            Some(k) => Some(source[k]),
            None => rest.next(),
        })
        .collect::<Vec<i32>>();
    permuted(&x, &order)
}

fn permuted(x: &Tensor, order: &[i32]) -> Result<SEXP> {
    let names = x.names.as_ref().and_then(|names| names.permuted(order));
    x.with(x.array.transpose(order, x.device)?).named(names).into_r()
}

/// The axes in the order `perm` (1-based), or all reversed.
fn aperm(x: SEXP, perm: SEXP) -> Result<SEXP> {
    let x = require(x, "a")?;
    let ndim = x.array.ndim();
    if perm == null() {
        return permuted(x, &(0..ndim as i32).rev().collect::<Vec<i32>>());
    }
    let bad = |message: String| Failure::argument("perm", message);
    let given = args::numbers(perm).ok_or_else(|| bad("perm must be a permutation of the axis numbers.".into()))?;
    if given.len() != ndim {
        return Err(bad(format!("perm must have length equal to the number of axes ({ndim}), not {}.", given.len())));
    }
    let mut seen = vec![false; ndim];
    let mut order = Vec::with_capacity(ndim);
    for axis in given {
        let place = axis.filter(|axis| (1.0..=ndim as f64).contains(axis)).map(|axis| axis as usize - 1);
        match place {
            Some(place) if !seen[place] => {
                seen[place] = true;
                order.push(place as i32);
            }
            _ => return Err(bad(format!("perm must be a permutation of 1 to {ndim}."))),
        }
    }
    permuted(x, &order)
}

fn swapaxes(x: SEXP, axis1: SEXP, axis2: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let ndim = x.array.ndim();
    let (one, other) = (args::single_axis(axis1, "axis1", ndim)?, args::single_axis(axis2, "axis2", ndim)?);
    let mut order: Vec<i32> = (0..ndim as i32).collect();
    order.swap(one as usize, other as usize);
    permuted(&x, &order)
}

/// The axes from `start` to `end` (1-based, both included) as one, last axis fastest.
fn flatten(x: SEXP, start: SEXP, end: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let sides = x.array.shape();
    let one = |axis: SEXP| match args::whole(axis).as_deref() {
        Some(&[Some(axis)]) if axis >= 1.0 => Some(axis),
        _ => None,
    };
    let start =
        one(start).ok_or_else(|| Failure::argument("start_axis", "start_axis must be a single positive integer."))?;
    let end = match end == null() {
        true => sides.len().max(1) as f64,
        false => one(end)
            .ok_or_else(|| Failure::argument("end_axis", "end_axis must be NULL or a single positive integer."))?,
    };
    let ndim = sides.len().max(1);
    let (first, last) = (args::one_axis(Some(start), ndim)? as usize, args::one_axis(Some(end), ndim)? as usize);
    if first > last {
        let message = format!("start_axis must be less than or equal to end_axis: {} and {}.", first + 1, last + 1);
        return Err(Failure::argument("start_axis", message));
    }
    if sides.len() < 2 || first == last {
        return x.clone().into_r();
    }
    let merged: f64 = sides[first..=last].iter().map(|&side| f64::from(side)).product();
    let mut shape = sides[..first].to_vec();
    shape.push(args::fits(merged, "x")?);
    shape.extend_from_slice(&sides[last + 1..]);
    x.with(x.array.reshape(&shape, x.device)?).into_r()
}

/// One axis as several, last axis fastest; one of them may be -1 and is found from the others.
fn unflatten(x: SEXP, axis: SEXP, shape: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let sides = x.array.shape();
    let at = match args::whole(axis).as_deref() {
        Some(&[Some(axis)]) if axis >= 1.0 && axis <= sides.len() as f64 => axis as usize - 1,
        Some(&[Some(axis)]) => {
            let message = format!("axis={axis:.0} is out of bounds for array with {} dimensions.", sides.len());
            return Err(Failure::shape("unflatten", message, &[sides]).with("axis", Field::Ints(vec![axis as i32])));
        }
        _ => return Err(Failure::argument("axis", "axis must be a single integer.")),
    };
    let parts = parts_of(sides[at], shape, at)?;
    let mut to = sides[..at].to_vec();
    to.extend(parts);
    to.extend_from_slice(&sides[at + 1..]);
    x.with(x.array.reshape(&to, x.device)?).into_r()
}

/// The sides that an axis is parted into.
fn parts_of(side: i32, shape: SEXP, axis: usize) -> Result<Vec<i32>> {
    let bad = |message: String| Failure::argument("shape", message);
    let given = args::whole(shape).ok_or_else(|| bad("shape must be a numeric vector without NAs.".into()))?;
    if given.is_empty() {
        return Err(bad("shape cannot be empty.".into()));
    }
    let sides = given.into_iter().collect::<Option<Vec<f64>>>();
    let mut sides = sides.ok_or_else(|| bad("shape must be a numeric vector without NAs.".into()))?;
    let open: Vec<usize> = (0..sides.len()).filter(|&i| sides[i] == -1.0).collect();
    if open.len() > 1 || sides.iter().any(|&side| side < -1.0) {
        return Err(bad("shape must hold positive integers, of which one may be -1.".into()));
    }
    let product: f64 = sides.iter().filter(|&&side| side != -1.0).product();
    let fits = match open[..] {
        [i] if product != 0.0 => {
            sides[i] = f64::from(side) / product;
            sides[i].fract() == 0.0
        }
        [_] => false,
        _ => product == f64::from(side),
    };
    if !fits {
        let parts: Vec<String> = sides.iter().map(|part| format!("{part:.0}")).collect();
        let message = format!("Cannot unflatten axis {} of {side} elements into {}.", axis + 1, parts.join(" x "));
        return Err(Failure::shape("unflatten", message, &[&[side]]).with("axis", Field::Ints(vec![axis as i32 + 1])));
    }
    sides.into_iter().map(|part| args::fits(part, "shape")).collect()
}

/// The same values in one block of memory, possibly on another device.
fn contiguous(x: SEXP, device: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let device = args::device_or(device, x.device)?;
    Tensor::new(x.array.contiguous(device)?, device).named(x.names.clone()).into_r()
}

/// The same values in another dtype; `NULL` keeps it.
fn cast_to(x: SEXP, dtype: SEXP) -> Result<SEXP> {
    let object = x;
    let x = require(x, "x")?;
    match args::dtype(dtype)? {
        None => Ok(object),
        Some(to) if to == x.array.dtype() => Ok(object),
        Some(Dtype::Float64) if x.device == Device::Gpu => Err(Failure::dtype(
            "mlx_cast",
            format!("float64 is available on the CPU only; this array of {} is on the gpu.", shown(x.array.shape())),
            "float64",
        )),
        Some(to) => x.like(convert(x, to, x.device)?).into_r(),
    }
}
