//! Linear algebra: systems of equations and inverses. Everything is computed on the CPU, where MLX has LAPACK, and at once,
//! so that a singular matrix is an error here and not later; inside a trace it stays lazy.

use crate::args;
use crate::evaluate::outcome;
use crate::failure::{shown, Failure};
use crate::handle::Tensor;
use crate::names::{MaybeNames, Names};
use crate::promote::{broadcast, common_dtype, operand, operands};
use crate::reduce::all;
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Reduce, Unary};

routines! {
    ffi_solve(a, b) => solve;
    ffi_inverse(x) => inverse;
    ffi_triangular_inverse(x, upper) => triangular_inverse;
    ffi_cholesky_inverse(x, upper, size) => cholesky_inverse;
    ffi_solve_triangular(a, b, upper, transpose) => solve_triangular;
    ffi_pinv(x) => pinv;
}

pub(crate) const CPU: Device = Device::Cpu;

/// Matrices (the last two axes) in a dtype that LAPACK takes.
pub(crate) struct Matrices {
    pub(crate) array: Array,
    /// The dtype that results have: half precision is computed in `float32`.
    pub(crate) dtype: Dtype,
    pub(crate) rows: i32,
    pub(crate) columns: i32,
}

impl Matrices {
    pub(crate) fn of(x: &Tensor, op: &str, takes_complex: bool) -> Result<Self> {
        let dtype = x.array.dtype();
        if !(dtype.is_float() || (takes_complex && dtype == Dtype::Complex64)) {
            let or = if takes_complex { ", or complex64" } else { "" };
            let message = format!(
                "{op}: the matrix must have type float32 or float64{or}, not {}; convert it first, as in \
                 as_mlx(x, dtype = \"float32\").",
                dtype.name()
            );
            return Err(Failure::dtype(op, message, dtype.name()));
        }
        let array = x.array.astype(worked_in(dtype), CPU)?;
        let &[.., rows, columns] = x.array.shape() else {
            let message = format!("{op}: a matrix is needed (two axes or more), not {}.", shown(x.array.shape()));
            return Err(Failure::shape(op, message, &[x.array.shape()]));
        };
        Ok(Self { array, dtype, rows, columns })
    }

    pub(crate) fn square(x: &Tensor, op: &str, takes_complex: bool) -> Result<Self> {
        let matrices = Self::of(x, op, takes_complex)?;
        if matrices.rows != matrices.columns {
            return Err(not_square(x, "x", op));
        }
        Ok(matrices)
    }

    /// In the dtype of results.
    pub(crate) fn give(&self, result: &Array) -> Result<Array> {
        if result.dtype() == worked_in(self.dtype) {
            return Ok(result.astype(self.dtype, CPU)?);
        }
        Ok(result.clone())
    }

    /// Base R's refusal of what its own routines would not come to an end with.
    pub(crate) fn require_finite(self) -> Result<Self> {
        require_finite(&self.array)?;
        Ok(self)
    }
}

fn worked_in(dtype: Dtype) -> Dtype {
    match dtype {
        Dtype::Float64 | Dtype::Complex64 => dtype,
        _ => Dtype::Float32,
    }
}

fn not_square(x: &Tensor, arg: &str, op: &str) -> Failure {
    let shape = x.array.shape();
    let message =
        format!("`{arg}` ({}) must be a square matrix; {} is only defined for square matrices.", shown(shape), op);
    Failure::shape(op, message, &[shape])
}

/// Solves `a x = b`; `b = NULL` asks for the inverse.
fn solve(a: SEXP, b: SEXP) -> Result<SEXP> {
    if b == null() {
        let a = operand(a)?;
        let dtype = solved_in("solve()", a.array.dtype())?;
        return invert(&a.like(a.array.astype(dtype, CPU)?), "a", "solve()")?.into_r();
    }
    let (a, b) = operands(a, b)?;
    let dtype = solved_in("solve()", common_dtype(a.array.dtype(), b.array.dtype()))?;
    let (left, right) = system(&a, &b, "a", "solve()", dtype)?;
    let names = solution_names(&a, &b);
    if right.size() == 0 {
        return Tensor::new(right, a.device).named(names).into_r();
    }
    let [solution, reach] = left.solve(&right)?;
    if !solution.is_tracer() {
        evaluate(&[&solution, &reach], "a")?;
        let condition = reach.binary(Binary::Multiply, &one_norm(&left)?, CPU)?;
        check_condition(&condition, "a")?;
        if !finite(&solution)? && finite(&right)? {
            return Err(singular("a"));
        }
    }
    Tensor::new(solution, a.device).named(names).into_r()
}

fn solved_in(op: &str, dtype: Dtype) -> Result<Dtype> {
    match dtype {
        Dtype::Complex64 => {
            Err(Failure::dtype(op, format!("{op} is not available for complex matrices."), "complex64"))
        }
        dtype => Ok(worked_in(dtype)),
    }
}

/// Both sides of a system in one dtype, broadcast together over leading axes.
fn system(a: &Tensor, b: &Tensor, arg: &str, op: &str, dtype: Dtype) -> Result<(Array, Array)> {
    let shape = a.array.shape();
    let &[.., rows, columns] = shape else { return Err(not_square(a, arg, op)) };
    if rows != columns {
        return Err(not_square(a, arg, op));
    }
    let left = a.array.astype(dtype, CPU)?;
    let mut right = b.array.astype(dtype, CPU)?;
    if right.ndim() == 0 && rows == 1 {
        // R's single number is a vector of length one
        right = right.reshape(&[1], CPU)?;
    }
    let fits = match (shape.len(), right.shape()) {
        (2, &[n] | &[n, _]) => n == rows,
        (2, _) => false,
        (_, &[.., n, _]) => n == rows,
        _ => false,
    };
    if !fits {
        let message = format!(
            "The rows of the right-hand side ({}) must match those of `{arg}` ({}).",
            shown(b.array.shape()),
            shown(shape)
        );
        return Err(Failure::shape(op, message, &[shape, b.array.shape()]));
    }
    if shape.len() == 2 {
        return Ok((left, right));
    }
    let (k, tail) = (right.ndim() - 2, right.shape()[right.ndim() - 2..].to_vec());
    let lead = broadcast(op, &shape[..shape.len() - 2], &right.shape()[..k])?;
    let left = left.broadcast_to(&[&lead[..], &[rows, rows]].concat(), CPU)?;
    let right = right.broadcast_to(&[&lead[..], &tail[..]].concat(), CPU)?;
    Ok((left, right))
}

/// The column names of `a` are those of the unknowns.
fn solution_names(a: &Tensor, b: &Tensor) -> MaybeNames {
    if a.array.ndim() != 2 {
        return None;
    }
    let unknowns = a.axis_names(1).clone();
    match b.array.ndim() {
        2 => Names::new(vec![unknowns, b.axis_names(1).clone()], None),
        _ => Names::new(vec![unknowns], None),
    }
}

fn inverse(x: SEXP) -> Result<SEXP> {
    invert(&*operand(x)?, "x", "mlx_inv()")?.into_r()
}

fn invert(x: &Tensor, arg: &str, op: &str) -> Result<Tensor> {
    if x.array.ndim() < 2 {
        return Err(not_square(x, arg, op));
    }
    let a = Matrices::of(x, op, false)?;
    if a.rows != a.columns {
        return Err(not_square(x, arg, op));
    }
    let names = if x.array.ndim() == 2 { x.names.as_ref().and_then(|names| names.permuted(&[1, 0])) } else { None };
    if a.array.size() == 0 {
        return Ok(x.with(x.array.clone()).named(names));
    }
    let inverse = a.array.inverse()?;
    if !inverse.is_tracer() {
        evaluate(&[&inverse], arg)?;
        check_condition(&one_norm(&inverse)?.binary(Binary::Multiply, &one_norm(&a.array)?, CPU)?, arg)?;
    }
    Ok(x.with(a.give(&inverse)?).named(names))
}

/// Computes at once, so that LAPACK's refusal of a singular matrix is known.
fn evaluate(results: &[&Array], arg: &str) -> Result<()> {
    outcome(results)?.map_err(|error| match error {
        mlx::Error::Backend(text) if text.contains("failed with") => singular(arg),
        other => other.into(),
    })
}

fn singular(arg: &str) -> Failure {
    Failure::new("singular", format!("`{arg}` is exactly singular: the system has no unique solution."))
}

/// The greatest sum of absolute values of a column, with one axis of length one for each matrix.
fn one_norm(x: &Array) -> Result<Array> {
    let last = x.ndim() as i32 - 1;
    let sums = x.unary(Unary::Abs, CPU)?.reduce(Reduce::Sum, &[last - 1], false, CPU)?;
    Ok(sums.reduce(Reduce::Max, &[last - 1], true, CPU)?)
}

/// Base R's limit: a matrix is singular when the reciprocal of its condition number is below the machine's precision.
fn check_condition(condition: &Array, arg: &str) -> Result<()> {
    let epsilon = if condition.dtype() == Dtype::Float64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let values = condition.astype(Dtype::Float64, CPU)?.to_vec::<f64>()?;
    let Some(bad) = values.iter().find(|&&value| value.is_nan() || value * epsilon > 1.0) else { return Ok(()) };
    if !bad.is_finite() {
        return Err(singular(arg));
    }
    let message = format!(
        "`{arg}` is computationally singular: reciprocal condition number = {:.3e}{}.",
        1.0 / bad,
        if condition.dtype() == Dtype::Float32 { " (float64 arrays allow a smaller one)" } else { "" }
    );
    Err(Failure::new("singular", message))
}

/// Refuses what is not finite, where that is known.
pub(crate) fn require_finite(x: &Array) -> Result<()> {
    if x.is_tracer() || finite(x)? {
        return Ok(());
    }
    Err(Failure::argument("x", "infinite or missing values in 'x'"))
}

/// Are all elements finite?
fn finite(x: &Array) -> Result<bool> {
    all(&x.unary(Unary::Isfinite, CPU)?, CPU)
}

/// The last two axes exchanged.
pub(crate) fn transposed(x: &Array) -> Result<Array> {
    let mut order: Vec<i32> = (0..x.ndim() as i32).collect();
    let last = order.len() - 1;
    order.swap(last - 1, last);
    Ok(x.transpose(&order, CPU)?)
}

fn triangular_inverse(x: SEXP, upper: SEXP) -> Result<SEXP> {
    let upper = args::one_flag(upper, "upper")?;
    let x = operand(x)?;
    let a = Matrices::square(&x, "mlx_tri_inv()", false)?;
    x.with(a.give(&inverse_of_triangle(&a.array, upper)?)?).into_r()
}

fn inverse_of_triangle(a: &Array, upper: bool) -> Result<Array> {
    if a.size() == 0 {
        return Ok(a.clone());
    }
    let inverse = a.triangular_inverse(upper)?;
    if !inverse.is_tracer() {
        outcome(&[&inverse])?.map_err(|error| match error {
            mlx::Error::Backend(text) if text.contains("failed with") => singular_triangle(&text),
            other => other.into(),
        })?;
    }
    Ok(inverse)
}

/// LAPACK's code is the place of the zero.
fn singular_triangle(text: &str) -> Failure {
    let place = text.rsplit(' ').next().unwrap_or_default();
    Failure::new("singular", format!("singular triangular matrix: first zero in diagonal [{place}]"))
}

/// The inverse of `l l'` or `u' u`, of the leading `size` rows and columns (`NULL`: all).
fn cholesky_inverse(x: SEXP, upper: SEXP, size: SEXP) -> Result<SEXP> {
    let upper = args::one_flag(upper, "upper")?;
    let op = "the inverse from a Cholesky factor";
    let x = operand(x)?;
    let mut a = Matrices::of(&x, op, false)?;
    if size != null() {
        a.array = leading(&a, args::one_int(size, "size")?)?;
    } else if a.rows != a.columns {
        return Err(not_square(&x, "x", op));
    }
    let inverse = inverse_of_triangle(&a.array, upper)?;
    let turned = transposed(&inverse)?;
    let (left, right) = if upper { (&inverse, &turned) } else { (&turned, &inverse) };
    x.with(a.give(&left.binary(Binary::Matmul, right, CPU)?)?).into_r()
}

fn leading(a: &Matrices, size: i32) -> Result<Array> {
    if size <= 0 {
        return Err(Failure::argument("size", "'size' argument must be a positive integer."));
    }
    for (side, name) in [(a.columns, "ncol"), (a.rows, "nrow")] {
        if size > side {
            return Err(Failure::argument("size", format!("'size' cannot exceed {name}(x) = {side}.")));
        }
    }
    let mut stop = a.array.shape().to_vec();
    let ndim = stop.len();
    stop[ndim - 2..].fill(size);
    Ok(a.array.slice(&vec![0; ndim], &stop, &vec![1; ndim], CPU)?)
}

/// Solves with one triangle of `a`, or with its transpose.
fn solve_triangular(a: SEXP, b: SEXP, upper: SEXP, transpose: SEXP) -> Result<SEXP> {
    let (upper, transpose) = (args::one_flag(upper, "upper")?, args::one_flag(transpose, "transpose")?);
    let (a, b) = operands(a, b)?;
    let op = "mlx_solve_triangular()";
    let dtype = common_dtype(a.array.dtype(), b.array.dtype());
    if !dtype.is_float() {
        let message = format!("{op}: the arrays must promote to float32 or float64, not {}.", dtype.name());
        return Err(Failure::dtype(op, message, dtype.name()));
    }
    let (left, right) = system(&a, &b, "a", op, worked_in(dtype))?;
    if right.size() == 0 {
        return Tensor::new(right.astype(dtype, CPU)?, a.device).into_r();
    }
    refuse_zero_diagonal(&left)?;
    let vector = right.ndim() < left.ndim();
    let columns = if vector { right.expand_dims(&[right.ndim() as i32], CPU)? } else { right };
    let (left, upper) = if transpose { (transposed(&left)?, !upper) } else { (left, upper) };
    let mut solution = left.solve_triangle(&columns, upper)?;
    if vector {
        solution = solution.squeeze(&[columns.ndim() as i32 - 1], CPU)?;
    }
    Tensor::new(solution.astype(dtype, CPU)?, a.device).into_r()
}

fn refuse_zero_diagonal(a: &Array) -> Result<()> {
    if a.is_tracer() {
        return Ok(());
    }
    let (rows, columns) = (a.ndim() as i32 - 2, a.ndim() as i32 - 1);
    let zeros = a.diagonal(0, rows, columns, CPU)?.binary(Binary::Equal, &Array::scalar(0.0, a.dtype())?, CPU)?;
    let side = a.shape()[columns as usize] as usize;
    // the first axis runs fastest, and the diagonal is the last
    let found = zeros.reversed(CPU)?.to_vec::<u8>()?.iter().position(|zero| *zero == 1);
    found.map_or(Ok(()), |place| Err(singular_triangle(&(place % side + 1).to_string())))
}

fn pinv(x: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let a = Matrices::of(&x, "pinv()", false)?.require_finite()?;
    x.with(a.give(&a.array.pinv()?)?).into_r()
}
