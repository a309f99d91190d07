//! Joining arrays: stacking, binding, combining. Each is one concatenation, however many pieces there are.

use crate::args;
use crate::failure::{shown, Failure, Field};
use crate::handle::Tensor;
use crate::names::{AxisNames, Label, MaybeNames, Names};
use crate::promote::{all_operands, cast, common_dtype, Operand};
use crate::shape::column_major;
use crate::sys::{Result, SEXP};
use mlx::{Array, Device, Dtype};
use std::rc::Rc;

routines! {
    ffi_stack(xs, axis) => stack;
    ffi_bind(xs, along, lift) => bind;
    ffi_combine(xs) => combine;
}

/// The dtype that holds the values of all, and the device that they meet on.
pub(crate) fn meeting(xs: &[Operand]) -> Option<(Dtype, Device)> {
    let dtype = xs.iter().map(|x| x.array.dtype()).reduce(common_dtype)?;
    let gpu = xs.iter().any(|x| x.device == Device::Gpu);
    Some((dtype, if gpu { Device::Gpu } else { Device::Cpu }))
}

/// Arrays of the same shape along a new axis.
fn stack(xs: SEXP, axis: SEXP) -> Result<SEXP> {
    let xs = all_operands(xs)?;
    let (dtype, device) = meeting(&xs).ok_or_else(|| Failure::argument("...", "No arrays supplied to stack."))?;
    let shape = xs[0].array.shape();
    if let Some(other) = xs.iter().find(|x| x.array.shape() != shape) {
        let message = format!(
            "All arrays must have the same shape to be stacked: {} and {}.",
            shown(shape),
            shown(other.array.shape())
        );
        return Err(Failure::shape("stack", message, &[shape, other.array.shape()]));
    }
    let at = match args::numbers(axis).as_deref() {
        Some(&[axis]) => args::one_axis(axis, shape.len() + 1)?,
        _ => return Err(Failure::argument("axis", "axis must be a single insertion position.")),
    };
    let layers = xs
        .iter()
        .map(|x| Ok(cast(&x.array, dtype, device)?.expand_dims(&[at], device)?))
        .collect::<Result<Vec<Array>>>()?;
    let names = shared_names(&xs, shape.len()).and_then(|names| names.inserted(&[at]));
    Tensor::new(Array::concatenate(&layers, at, device)?, device).named(names).into_r()
}

/// The names of each axis on which no two operands disagree.
fn shared_names(xs: &[Operand], ndim: usize) -> MaybeNames {
    let all: Vec<&Rc<Names>> = xs.iter().filter_map(|x| x.names.as_ref()).collect();
    let axis = |i: usize| -> AxisNames {
        let mut named = all.iter().filter_map(|names| names.axes[i].as_ref());
        let first = named.next()?;
        named.all(|other| other == first).then(|| first.clone())
    };
    Names::new((0..ndim).map(axis).collect(), None)
}

/// Arrays one after the other along an axis that they have. With `lift`, an array of one axis is a row (for `along = 1`) or a
/// column.
fn bind(xs: SEXP, along: SEXP, lift: SEXP) -> Result<SEXP> {
    let lift = args::one_flag(lift, "lift")?;
    let along = match args::whole(along).as_deref() {
        Some(&[Some(along)]) => along,
        _ => return Err(Failure::argument("along", "along must be a single integer.")),
    };
    let xs = all_operands(xs)?;
    let (dtype, device) = meeting(&xs).ok_or_else(|| Failure::argument("...", "No objects to bind."))?;
    let pieces = xs.iter().map(|x| piece(x, lift.then_some(along), device)).collect::<Result<Vec<Tensor>>>()?;
    let axis = joinable(&pieces, along)?;
    let arrays = pieces.iter().map(|x| cast(&x.array, dtype, device)).collect::<Result<Vec<Array>>>()?;
    let names = bound_names(&pieces, axis);
    Tensor::new(Array::concatenate(&arrays, axis as i32, device)?, device).named(names).into_r()
}

/// A piece as it is bound: R's single number is a vector, and a vector is a row or a column where matrices are bound.
fn piece(x: &Operand, lift: Option<f64>, device: Device) -> Result<Tensor> {
    let vector = match x {
        Operand::Made(number) if number.array.ndim() == 0 => number.with(number.array.reshape(&[1], device)?),
        x => (**x).clone(),
    };
    match vector.array.ndim() {
        0 => Err(Failure::shape("bind", "Cannot bind scalar mlx arrays: they have no axes.", &[&[]])),
        1 if lift.is_some() => {
            let across = i32::from(lift != Some(1.0));
            let names = vector.names.as_ref().and_then(|names| names.inserted(&[across]));
            Ok(vector.with(vector.array.expand_dims(&[across], device)?).named(names))
        }
        _ => Ok(vector),
    }
}

/// Checks that all sides but one agree; gives the axis, 0-based.
fn joinable(pieces: &[Tensor], along: f64) -> Result<usize> {
    let shape = pieces[0].array.shape();
    if along < 1.0 || along > shape.len() as f64 {
        let message = format!("Axis {along:.0} is out of bounds for arrays with {} dimensions.", shape.len());
        return Err(Failure::shape("bind", message, &[shape]).with("axis", Field::Ints(vec![along as i32])));
    }
    let axis = along as usize - 1;
    let mut total = 0.0;
    for piece in pieces {
        let other = piece.array.shape();
        let shapes = || format!("{} and {}", shown(shape), shown(other));
        if other.len() != shape.len() {
            let message = format!("All arrays must have the same number of dimensions to be bound: {}.", shapes());
            return Err(Failure::shape("bind", message, &[shape, other]));
        }
        if (0..shape.len()).any(|i| i != axis && shape[i] != other[i]) {
            let message = format!("Non-bound dimensions must match: {} along axis {}.", shapes(), axis + 1);
            return Err(Failure::shape("bind", message, &[shape, other]));
        }
        total += f64::from(other[axis]);
    }
    args::fits(total, "...")?;
    Ok(axis)
}

/// The names of the bound axis one after the other, `NA` where a piece has none; those of the others where all agree.
fn bound_names(pieces: &[Tensor], axis: usize) -> MaybeNames {
    if pieces.iter().all(|x| x.names.is_none()) {
        return None;
    }
    let joined = || -> AxisNames {
        let labels = |x: &Tensor| match x.axis_names(axis) {
            Some(names) => names.to_vec(),
            None => vec![Label::None; x.array.shape()[axis] as usize],
        };
        pieces.iter().any(|x| x.axis_names(axis).is_some()).then(|| pieces.iter().flat_map(labels).collect())
    };
    let agreed = |i: usize| {
        let first = pieces[0].axis_names(i);
        first.clone().filter(|_| pieces.iter().all(|x| x.axis_names(i) == first))
    };
    let ndim = pieces[0].array.ndim();
    Names::new((0..ndim).map(|i| if i == axis { joined() } else { agreed(i) }).collect(), None)
}

/// The elements of all arrays along one axis, those of each in R's order.
fn combine(xs: SEXP) -> Result<SEXP> {
    let xs = all_operands(xs)?;
    let (dtype, device) = meeting(&xs).ok_or_else(|| Failure::argument("...", "No arrays supplied."))?;
    let rows =
        xs.iter().map(|x| column_major(&cast(&x.array, dtype, device)?, device)).collect::<Result<Vec<Array>>>()?;
    args::fits(rows.iter().map(|row| row.size() as f64).sum(), "...")?;
    Tensor::new(Array::concatenate(&rows, 0, device)?, device).into_r()
}
