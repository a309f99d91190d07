//! What an index picks along one axis: R's positions, masks and names, checked and translated to 0-based positions.

use crate::args;
use crate::download;
use crate::failure::{Failure, Field};
use crate::handle::{tensor, Tensor};
use crate::names::{self, AxisNames};
use crate::positions::traced;
use crate::shape::column_major;
use crate::sys::{kind, len, slice, text, Protected, R_NaInt, Result, LOGICAL, SEXP, SEXPTYPE};
use crate::trace::is_unknown;
use crate::upload::dim;
use mlx::{Array, Dtype, Layout};
use std::collections::HashMap;

/// What an index picks along one axis.
pub(crate) enum Pick {
    All,
    /// A regular run: first position, number of positions, step (not 0).
    Run {
        first: i32,
        count: i32,
        step: i32,
    },
    Positions(Vec<i32>),
    /// Positions that are not known yet, in a function that is being compiled; those outside are moved inside and marked.
    Traced {
        positions: Array,
        inside: Array,
    },
}

/// An axis that is indexed: its length, its 1-based number for messages, its names.
pub(crate) struct Axis<'a> {
    pub(crate) side: i32,
    pub(crate) number: usize,
    pub(crate) names: &'a AxisNames,
}

impl<'a> Axis<'a> {
    /// The axis of an array, 0-based.
    pub(crate) fn of(x: &'a Tensor, axis: usize) -> Self {
        Self { side: x.array.shape()[axis], number: axis + 1, names: x.axis_names(axis) }
    }

    /// All elements of an array as one axis, without names.
    pub(crate) fn flat(side: i32) -> Self {
        Self { side, number: 1, names: &None }
    }

    fn failure(&self, what: &str, index: Option<f64>) -> Failure {
        let (number, side) = (self.number, self.side);
        let message = match index {
            Some(index) => format!("{what}: {index} on axis {number}, which has {side} elements."),
            None => format!("{what} (axis {number}, which has {side} elements)."),
        };
        let failure = self.located(message).with("size", Field::Ints(vec![side]));
        match index {
            Some(index) => failure.with("index", Field::Ints(vec![index as i32])),
            None => failure,
        }
    }

    fn located(&self, message: String) -> Failure {
        Failure::new("index", message).with("axis", Field::Ints(vec![self.number as i32]))
    }
}

impl Pick {
    /// How many positions of an axis of this length are picked.
    pub(crate) fn count(&self, side: i32) -> i32 {
        match self {
            Self::All => side,
            Self::Run { count, .. } => *count,
            Self::Positions(positions) => positions.len() as i32,
            Self::Traced { positions, .. } => positions.shape()[0],
        }
    }

    /// The picked names of an axis.
    pub(crate) fn names(&self, from: &AxisNames) -> AxisNames {
        match self {
            Self::All => from.clone(),
            Self::Run { first, count, step } => names::picked(from, (0..*count).map(|i| first + i * step)),
            Self::Positions(positions) => names::picked(from, positions.iter().copied()),
            Self::Traced { .. } => None,
        }
    }

    /// Start, stop and stride of a run over an axis of this length.
    pub(crate) fn bounds(&self, side: i32) -> Option<(i32, i32, i32)> {
        let Self::Run { first, count, step } = *self else { return None };
        // one past the last position, on the side the run goes to; -size-1 is MLX's "before the first" going down
        let end = first + (count - 1) * step + step.signum();
        Some((first, if end < 0 { -side - 1 } else { end }, step))
    }

    /// Is it a list of positions, known or not?
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::Positions(_) | Self::Traced { .. })
    }

    /// A list of positions as an array of one axis.
    pub(crate) fn positions(&self) -> Result<Option<Array>> {
        Ok(match self {
            Self::All | Self::Run { .. } => None,
            Self::Positions(list) => {
                Some(Array::from_values(&[list.len() as i32], Layout::RowMajor, list.iter().copied())?)
            }
            Self::Traced { positions, .. } => Some(positions.clone()),
        })
    }

    /// Which of the positions are inside, where that is not known yet.
    pub(crate) fn inside(&self) -> Option<&Array> {
        match self {
            Self::Traced { inside, .. } => Some(inside),
            _ => None,
        }
    }

    /// Every position, one by one.
    pub(crate) fn each(self, side: i32) -> Result<Vec<i32>> {
        Ok(match self {
            Self::All => (0..side).collect(),
            Self::Run { first, count, step } => (0..count).map(|i| first + i * step).collect(),
            Self::Positions(positions) => positions,
            Self::Traced { positions, .. } => positions.to_vec::<i32>()?,
        })
    }

    /// Is a position picked twice?
    pub(crate) fn repeats(&self, side: i32) -> bool {
        let Self::Positions(positions) = self else { return false };
        let mut seen = vec![false; side as usize];
        positions.iter().any(|&i| std::mem::replace(&mut seen[i as usize], true))
    }
}

/// Reads one index.
pub(crate) fn pick(entry: SEXP, axis: &Axis) -> Result<Pick> {
    if let Some(index) = tensor(entry)? {
        if is_unknown(&index.array) && index.array.dtype() != Dtype::Bool {
            if axis.side == 0 && index.array.size() > 0 {
                return Err(axis.failure("Index out of bounds", None));
            }
            let found = traced(&column_major(&index.array, index.device)?, axis.side, index.device)?;
            return match found.inside {
                Some(inside) => Ok(Pick::Traced { positions: found.array, inside }),
                None => Err(Failure::internal("positions that are not marked")),
            };
        }
        let values = Protected::new(download::values(index, false)?);
        return pick(values.sexp(), axis);
    }
    let picked = match kind(entry) {
        // SAFETY: a logical vector.
        SEXPTYPE::LGLSXP => return mask(unsafe { slice(LOGICAL(entry), len(entry)) }, axis),
        SEXPTYPE::NILSXP => vec![],
        SEXPTYPE::STRSXP => labelled(entry, 0..len(entry), axis)?,
        _ => match args::numbers(entry) {
            Some(values) => positions(values.into_iter(), axis)?,
            None => {
                let class = args::class_of(entry);
                return Err(axis.located(format!("Unsupported index type on axis {}: {class}.", axis.number)));
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

fn mask(values: &[i32], axis: &Axis) -> Result<Pick> {
    // SAFETY: a constant of R.
    if values.contains(unsafe { &R_NaInt }) {
        return Err(axis.failure("Index contains NA values", None));
    }
    match values {
        [0] => return Ok(Pick::Positions(vec![])),
        [_] => return Ok(Pick::All),
        _ if values.len() != axis.side as usize => {
            return Err(axis.located(format!(
                "Logical index length must be 1 or match the number of elements: {} for {} on axis {}.",
                values.len(),
                axis.side,
                axis.number
            )));
        }
        _ => {}
    }
    let chosen = values.iter().zip(0..).filter(|(value, _)| **value != 0).map(|(_, i)| i).collect();
    Ok(run(chosen))
}

/// The positions of names; of equal names, the first.
fn labelled(entry: SEXP, which: std::ops::Range<usize>, axis: &Axis) -> Result<Vec<i32>> {
    let Some(names) = axis.names else {
        let message = format!("Character indices require dimnames: axis {} has none.", axis.number);
        return Err(axis.located(message));
    };
    let mut known = HashMap::with_capacity(names.len());
    for (name, i) in names.iter().zip(0..) {
        if let Some(name) = name {
            known.entry(&**name).or_insert(i);
        }
    }
    let find = |i: usize| {
        let name = text(entry, i).ok_or_else(|| axis.failure("Index contains NA values", None))?;
        let missing = || axis.located(format!("Name \"{name}\" not found on axis {}.", axis.number));
        known.get(name.as_str()).copied().ok_or_else(missing)
    };
    which.map(find).collect()
}

/// Whole numbers, all positive or all negative, to 0-based positions.
fn positions(values: impl Iterator<Item = Option<f64>>, axis: &Axis) -> Result<Vec<i32>> {
    let (mut chosen, mut omitted) = (Vec::with_capacity(values.size_hint().0), Vec::new());
    for value in values {
        let value = value.ok_or_else(|| axis.failure("Index contains NA values", None))?;
        if value.fract() != 0.0 {
            return Err(axis.failure("Indices must be whole numbers", Some(value)));
        }
        if value == 0.0 {
            return Err(axis.failure("Index contains zeros", Some(value)));
        }
        if value.abs() > f64::from(axis.side) {
            return Err(axis.failure("Index out of bounds", Some(value)));
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
            let mut keep = vec![true; axis.side as usize];
            omitted.iter().for_each(|&i| keep[i as usize] = false);
            Ok((0..axis.side).filter(|&i| keep[i as usize]).collect())
        }
        (false, false) => Err(axis.failure("Cannot mix positive and negative indices", None)),
    }
}

/// The columns of a numeric or character R array with two axes or more whose last one holds a coordinate for each of `ndim`
/// axes; a matrix always counts as one of coordinates.
pub(crate) fn coordinate_columns(entry: SEXP, ndim: usize) -> Option<usize> {
    let fitting = matches!(kind(entry), SEXPTYPE::INTSXP | SEXPTYPE::REALSXP | SEXPTYPE::STRSXP);
    let dim = dim(entry).filter(|dim| fitting && dim.len() >= 2)?;
    let columns = *dim.last()? as usize;
    (dim.len() == 2 || columns == ndim).then_some(columns)
}

/// One element for each row of a matrix of 1-based coordinates or names, as 0-based positions in R's order.
pub(crate) fn coordinates(entry: SEXP, columns: usize, x: &Tensor) -> Result<Vec<i32>> {
    let ndim = x.array.ndim();
    if columns != ndim {
        let message =
            format!("A matrix index must have one column per dimension: it has {columns}, the array has {ndim} axes.");
        return Err(Failure::new("index", message));
    }
    let values = args::numbers(entry).unwrap_or_default();
    let rows = len(entry) / columns;
    let mut flat = vec![0; rows];
    let mut step = 1;
    for number in 0..ndim {
        let axis = Axis::of(x, number);
        let which = number * rows..(number + 1) * rows;
        let along = if kind(entry) == SEXPTYPE::STRSXP {
            labelled(entry, which, &axis)?
        } else {
            let column = &values[which];
            if column.iter().flatten().any(|value| *value < 1.0) {
                return Err(axis.failure("Matrix indices must be positive", None));
            }
            positions(column.iter().copied(), &axis)?
        };
        flat.iter_mut().zip(along).for_each(|(position, i)| *position += i * step);
        step *= axis.side;
    }
    Ok(flat)
}
