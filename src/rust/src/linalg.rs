//! Linear algebra.

use crate::failure::{shown, Failure};
use crate::handle::Tensor;
use crate::promote::{common_dtype, operand, operands};
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Binary, Dtype, Layout};

routines! {
    ffi_solve(a, b) => solve;
}

/// Solves `a x = b`; `b = NULL` asks for the inverse. Runs on the CPU, where MLX has LAPACK, and at once, so that a
/// singular matrix is an error here and not later. Inside a trace it stays lazy.
fn solve(a: SEXP, b: SEXP) -> Result<SEXP> {
    let (a, b) = if b == null() { (operand(a)?, None) } else { operands(a, b).map(|(a, b)| (a, Some(b)))? };
    let &[rows, columns] = a.array.shape() else {
        let message = format!("`a` must be a square matrix, not {}.", shown(a.array.shape()));
        return Err(Failure::shape("solve", message, &[a.array.shape()]));
    };
    if rows != columns {
        let message =
            format!("`a` ({rows} x {columns}) must be a square matrix; solve() is only defined for square matrices.");
        return Err(Failure::shape("solve", message, &[a.array.shape()]));
    }
    let dtype = match b.as_ref().map_or(a.array.dtype(), |b| common_dtype(a.array.dtype(), b.array.dtype())) {
        Dtype::Float64 => Dtype::Float64,
        Dtype::Complex64 => {
            return Err(Failure::dtype("solve", "solve() is not available for complex matrices.", "complex64"));
        }
        _ => Dtype::Float32,
    };
    let cpu = mlx::Device::Cpu;
    let left = a.array.astype(dtype, cpu)?;
    let right = match &b {
        Some(b) => right_side(b, rows, dtype)?,
        None => identity(rows, dtype)?,
    };
    if rows == 0 || right.size() == 0 {
        return Tensor::new(right, a.device).into_r();
    }
    let solution = left.solve(&right)?;
    if !solution.is_tracer() {
        mlx::eval(&[&solution]).map_err(|error| match error {
            mlx::Error::Backend(text) if text.contains("failed with") => singular(),
            other => other.into(),
        })?;
        if !finite(&solution)? && finite(&left)? && finite(&right)? {
            return Err(singular());
        }
    }
    Tensor::new(solution, a.device).into_r()
}

fn singular() -> Failure {
    Failure::new("singular", "`a` is exactly singular: the system has no unique solution.")
}

fn finite(x: &Array) -> Result<bool> {
    let cpu = mlx::Device::Cpu;
    let axes: Vec<i32> = (0..x.ndim() as i32).collect();
    let all = x.unary(mlx::Unary::Isfinite, cpu)?.reduce(mlx::Reduce::All, &axes, false, cpu)?;
    Ok(all.to_vec::<u8>()?.first().is_none_or(|v| *v != 0))
}

fn right_side(b: &Tensor, rows: i32, dtype: Dtype) -> Result<Array> {
    let shape = b.array.shape();
    if shape.is_empty() && rows == 1 {
        // R's single number is a vector of length one
        return Ok(b.array.astype(dtype, mlx::Device::Cpu)?.reshape(&[1], mlx::Device::Cpu)?);
    }
    if !matches!(shape.len(), 1 | 2) || shape[0] != rows {
        let message = format!("The rows of `b` ({}) must match those of `a` ({rows} x {rows}).", shown(shape));
        return Err(Failure::shape("solve", message, &[&[rows, rows], shape]));
    }
    Ok(b.array.astype(dtype, mlx::Device::Cpu)?)
}

fn identity(n: i32, dtype: Dtype) -> Result<Array> {
    let cpu = mlx::Device::Cpu;
    let index = Array::from_values(&[n, 1], Layout::RowMajor, (0..n).collect::<Vec<_>>().into_iter())?;
    let across = index.reshape(&[1, n], cpu)?;
    Ok(index.binary(Binary::Equal, &across, cpu)?.astype(dtype, cpu)?)
}
