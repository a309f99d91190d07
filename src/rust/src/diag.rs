//! Diagonals: reading them, and making matrices of them.

use crate::args;
use crate::failure::{shown, Failure};
use crate::fill::band;
use crate::handle::{require, Tensor};
use crate::names::{AxisNames, Names};
use crate::promote::operand;
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary};

routines! {
    ffi_diag(x, offset, names) => diag;
    ffi_diagonal(x, offset, axis1, axis2) => diagonal;
}

/// R's `diag()`: the diagonal of a matrix, or the matrix with a vector on its diagonal.
fn diag(x: SEXP, offset: SEXP, names: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    let offset = args::offset(offset, "nrow")?;
    let keep = args::one_flag(names, "names")?;
    match x.array.ndim() {
        1 => matrix_of(x, offset)?.into_r(),
        2 => {
            let found = diagonal_of(x, offset, 0, 1)?;
            if keep { found } else { found.named(None) }.into_r()
        }
        _ => {
            let message = format!("x must be 1-D or 2-D for diag(); it is {}.", shown(x.array.shape()));
            Err(Failure::shape("diag", message, &[x.array.shape()]))
        }
    }
}

/// The diagonal of two axes, as the last axis.
fn diagonal(x: SEXP, offset: SEXP, axis1: SEXP, axis2: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let offset = args::offset(offset, "offset")?;
    let ndim = x.array.ndim();
    if ndim < 2 {
        let message =
            format!("x must be at least 2-D (it needs at least two dimensions); it is {}.", shown(x.array.shape()));
        return Err(Failure::shape("diagonal", message, &[x.array.shape()]));
    }
    let (one, other) = (args::single_axis(axis1, "axis1", ndim)?, args::single_axis(axis2, "axis2", ndim)?);
    if one == other {
        return Err(Failure::argument("axis2", "axis1 and axis2 must be different axes."));
    }
    diagonal_of(&x, offset, one, other)?.into_r()
}

pub(crate) fn diagonal_of(x: &Tensor, offset: i32, axis1: i32, axis2: i32) -> Result<Tensor> {
    let sides = x.array.shape();
    let (rows, columns) = (sides[axis1 as usize], sides[axis2 as usize]);
    let offset = offset.clamp(-rows, columns);
    let (down, across) = ((-offset).max(0), offset.max(0));
    let n = (rows - down).min(columns - across).max(0);
    let array = if n > 0 && x.array.size() > 0 {
        x.array.diagonal(offset, axis1, axis2, x.device)?
    } else {
        let mut shape: Vec<i32> = (0..sides.len() as i32)
            .filter(|axis| *axis != axis1 && *axis != axis2)
            .map(|axis| sides[axis as usize])
            .collect();
        shape.push(n);
        Array::zeros(&shape, x.array.dtype(), x.device)?
    };
    let names = x.names.as_ref().and_then(|names| {
        let part = |axis: i32, from: i32| -> AxisNames {
            names.axes[axis as usize].as_ref().map(|all| all[from as usize..(from + n) as usize].into())
        };
        let (left, right) = (part(axis1, down), part(axis2, across));
        let rest = (0..sides.len() as i32).filter(|axis| *axis != axis1 && *axis != axis2);
        let mut axes: Vec<AxisNames> = rest.map(|axis| names.axes[axis as usize].clone()).collect();
        // as base R: only where rows and columns are called the same
        axes.push(if n > 0 && left == right { left } else { None });
        Names::new(axes, None)
    });
    Ok(x.with(array).named(names))
}

/// The square matrix with a vector on the diagonal that lies `offset` above (or below) the main one.
fn matrix_of(x: &Tensor, offset: i32) -> Result<Tensor> {
    let n = args::fits(f64::from(x.array.shape()[0]) + f64::from(offset).abs(), "nrow")?;
    args::countable(&[n, n])?;
    let zero = Array::scalar(0.0, x.array.dtype())?;
    let padded = x.array.pad(&[0], &[offset.abs()], &zero, x.device)?;
    // each row (or column) offers its element, and the band picks where it stays
    let shape = if offset < 0 { [1, n] } else { [n, 1] };
    let offered = padded.reshape(&shape, x.device)?;
    let inside = band(n, n, Binary::Equal, offset, x.device)?;
    Ok(x.with(inside.select(&offered, &zero, x.device)?))
}
