//! Norms, and products that are no matrix product.

use crate::args;
use crate::diag::diagonal_of;
use crate::failure::{shown, Failure, Field};
use crate::handle::Tensor;
use crate::linalg::{require_finite, CPU};
use crate::promote::{broadcast, cast_both, common_dtype, met, operand, operands, operands_of};
use crate::sys::{kind, len, null, Result, SEXP, SEXPTYPE};
use mlx::{Array, Binary, Device, Dtype, Reduce, Unary};

routines! {
    ffi_norm(x, ord, axes, drop) => norm;
    ffi_cross(a, b, axis) => cross;
    ffi_trace(x, offset, axis1, axis2) => trace;
    ffi_kron(a, b, trailing) => kron;
    ffi_addmm(input, mat1, mat2, alpha, beta) => addmm;
}

/// Which norm.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// The square root of the sum of squares.
    Euclid,
    /// The sum of the singular values.
    Nuclear,
    P(f64),
}

/// Absolute values in the dtype to compute in, and where.
struct Magnitudes {
    array: Array,
    device: Device,
    keep: bool,
}

fn norm(x: SEXP, ord: SEXP, axes: SEXP, drop: SEXP) -> Result<SEXP> {
    let order = order(ord)?;
    let keep = !args::one_flag(drop, "drop")?;
    let x = operand(x)?;
    let over = norm_axes(axes, x.array.ndim())?;
    let dtype = if x.array.dtype().is_float() { x.array.dtype() } else { Dtype::Float32 };
    let worked = if dtype == Dtype::Float64 { dtype } else { Dtype::Float32 };
    let real = if x.array.dtype() == Dtype::Complex64 { x.array.unary(Unary::Abs, x.device)? } else { x.array.clone() };
    let m = Magnitudes { array: real.astype(worked, x.device)?, device: x.device, keep };
    let result = match (order, over) {
        (None, None) => m.of_all()?,
        (None, Some(axes)) => m.euclid(&axes)?,
        (Some(order), None) if m.array.ndim() == 0 => m.flat(order)?,
        (Some(order), axes) => {
            let axes = axes.unwrap_or_else(|| (0..m.array.ndim() as i32).collect());
            match (&axes[..], order) {
                (&[axis], Order::P(p)) => m.vector(axis, p)?,
                (&[_], _) => return Err(Failure::argument("ord", "ord \"fro\" and \"nuc\" need two axes.")),
                (&[row, column], order) => m.matrix(&x, [row, column], order)?,
                _ => return Err(too_many(axes.len())),
            }
        }
    };
    x.with(result.astype(dtype, x.device)?).into_r()
}

fn order(x: SEXP) -> Result<Option<Order>> {
    match kind(x) {
        SEXPTYPE::NILSXP => Ok(None),
        SEXPTYPE::STRSXP if len(x) == 1 => match args::one_string(x, "ord")?.to_ascii_lowercase().as_str() {
            "f" | "fro" => Ok(Some(Order::Euclid)),
            "nuc" => Ok(Some(Order::Nuclear)),
            other => {
                Err(Failure::argument("ord", format!("Invalid ord \"{other}\": use a number, \"fro\" or \"nuc\".")))
            }
        },
        SEXPTYPE::REALSXP | SEXPTYPE::INTSXP if len(x) == 1 => match args::one_number(x, "ord")? {
            p if p.is_nan() => Err(Failure::argument("ord", "Invalid ord: NaN.")),
            p => Ok(Some(Order::P(p))),
        },
        _ => Err(Failure::argument("ord", "ord must be numeric, character, or NULL, and one value.")),
    }
}

/// Axes in the order given, 1-based or negative (from the end), to 0-based; `NULL` is `None`.
fn norm_axes(x: SEXP, ndim: usize) -> Result<Option<Vec<i32>>> {
    if x == null() {
        return Ok(None);
    }
    let given = args::numbers(x)
        .filter(|given| !given.is_empty())
        .ok_or_else(|| Failure::argument("axes", "axes must be a vector of integers, or NULL."))?;
    if given.len() > 2 {
        return Err(too_many(given.len()));
    }
    let one = |axis: Option<f64>| match axis {
        Some(0.0) => Err(Failure::argument("axes", "axes are 1-based: there is no axis 0.")),
        Some(axis) if axis < 0.0 && axis.fract() == 0.0 && -axis <= ndim as f64 => Ok((axis + ndim as f64) as i32),
        axis => args::one_axis(axis, ndim),
    };
    let axes = given.into_iter().map(one).collect::<Result<Vec<i32>>>()?;
    match axes[..] {
        [row, column] if row == column => Err(Failure::argument("axes", "axes must not repeat.")),
        _ => Ok(Some(axes)),
    }
}

fn too_many(count: usize) -> Failure {
    let message = format!("too many axes: a norm is taken over one axis or two, not {count}; name them in `axes`.");
    Failure::shape("norm", message, &[]).with("axis", Field::Ints(vec![count as i32]))
}

impl Magnitudes {
    fn flat(&self, order: Order) -> Result<Array> {
        let Order::P(p) = order else {
            return Err(Failure::argument("ord", "ord \"fro\" and \"nuc\" need two axes."));
        };
        let line = Self { array: self.array.reshape(&[1], self.device)?, device: self.device, keep: self.keep };
        line.vector(0, p)
    }

    /// Over all elements; kept, it is one axis of length one.
    fn of_all(&self) -> Result<Array> {
        let squares = self.array.unary(Unary::Square, self.device)?;
        let norm = squares.reduce_all(Reduce::Sum, self.device)?.unary(Unary::Sqrt, self.device)?;
        Ok(if self.keep { norm.reshape(&[1], self.device)? } else { norm })
    }

    fn euclid(&self, axes: &[i32]) -> Result<Array> {
        let squares = self.array.unary(Unary::Square, self.device)?;
        Ok(reduced(&squares, Reduce::Sum, axes, self.keep, self.device)?.unary(Unary::Sqrt, self.device)?)
    }

    fn abs(&self) -> Result<Array> {
        Ok(self.array.unary(Unary::Abs, self.device)?)
    }

    fn vector(&self, axis: i32, p: f64) -> Result<Array> {
        let at = |value: f64| Array::scalar(value, self.array.dtype());
        let over = |x: &Array, op: Reduce| reduced(x, op, &[axis], self.keep, self.device);
        if p == 0.0 {
            let counted = self.array.binary(Binary::NotEqual, &at(0.0)?, self.device)?;
            return over(&counted.astype(self.array.dtype(), self.device)?, Reduce::Sum);
        }
        match p {
            1.0 => over(&self.abs()?, Reduce::Sum),
            2.0 => self.euclid(&[axis]),
            f64::INFINITY => over(&self.abs()?, Reduce::Max),
            f64::NEG_INFINITY => over(&self.abs()?, Reduce::Min),
            p => {
                let powers = self.abs()?.binary(Binary::Power, &at(p)?, self.device)?;
                Ok(over(&powers, Reduce::Sum)?.binary(Binary::Power, &at(1.0 / p)?, self.device)?)
            }
        }
    }

    fn matrix(&self, x: &Tensor, axes: [i32; 2], order: Order) -> Result<Array> {
        let [row, column] = axes;
        match order {
            Order::Euclid => self.euclid(&axes),
            Order::Nuclear => self.spectral(x, axes, Reduce::Sum),
            Order::P(2.0) => self.spectral(x, axes, Reduce::Max),
            Order::P(-2.0) => self.spectral(x, axes, Reduce::Min),
            Order::P(1.0) => self.sums(row, column, Reduce::Max),
            Order::P(-1.0) => self.sums(row, column, Reduce::Min),
            Order::P(f64::INFINITY) => self.sums(column, row, Reduce::Max),
            Order::P(f64::NEG_INFINITY) => self.sums(column, row, Reduce::Min),
            Order::P(p) => Err(Failure::argument("ord", format!("Invalid ord {p} for a matrix norm."))),
        }
    }

    /// An extreme over one axis of the sums over the other.
    fn sums(&self, summed: i32, other: i32, op: Reduce) -> Result<Array> {
        let sums = reduced(&self.abs()?, Reduce::Sum, &[summed], true, self.device)?;
        let norm = reduced(&sums, op, &[other], true, self.device)?;
        Ok(if self.keep { norm } else { norm.squeeze(&[summed, other], self.device)? })
    }

    /// From the singular values of the array itself, whose moduli are not enough.
    fn spectral(&self, x: &Tensor, axes: [i32; 2], op: Reduce) -> Result<Array> {
        let array = if x.array.dtype() == Dtype::Complex64 { &x.array } else { &self.array };
        let shape = array.shape();
        let mut kept: Vec<i32> = (0..shape.len() as i32).filter(|axis| !axes.contains(axis)).collect();
        let outer: Vec<i32> = kept.iter().map(|&axis| shape[axis as usize]).collect();
        kept.extend(axes);
        let norm = if array.size() == 0 {
            Array::zeros(&outer, self.array.dtype(), CPU)?
        } else {
            require_finite(array)?;
            let values = array.transpose(&kept, CPU)?.singular_values()?;
            values.reduce(op, &[outer.len() as i32], false, CPU)?
        };
        if !self.keep {
            return Ok(norm);
        }
        let mut sides = shape.to_vec();
        axes.iter().for_each(|&axis| sides[axis as usize] = 1);
        Ok(norm.reshape(&sides, CPU)?)
    }
}

/// A reduction in which the extremes of nothing are 0, as its sum is.
fn reduced(x: &Array, op: Reduce, axes: &[i32], keep: bool, device: Device) -> Result<Array> {
    if x.size() > 0 {
        return Ok(x.reduce(op, axes, keep, device)?);
    }
    let mut sides = Vec::new();
    for (axis, &side) in (0..).zip(x.shape()) {
        match (axes.contains(&axis), keep) {
            (false, _) => sides.push(side),
            (true, true) => sides.push(1),
            (true, false) => {}
        }
    }
    Ok(Array::zeros(&sides, x.dtype(), device)?)
}

fn cross(a: SEXP, b: SEXP, axis: SEXP) -> Result<SEXP> {
    let (a, b) = operands(a, b)?;
    let (left, right, device) = met(&a, &b)?;
    let ndim = left.ndim();
    let axis = if axis == null() {
        -1
    } else {
        let given = args::numbers(axis).filter(|given| given.len() == 1);
        let given =
            given.ok_or_else(|| Failure::argument("axis", "axis must be a single positive integer, or NULL."))?;
        args::one_axis(given[0], ndim)? - ndim as i32
    };
    // counted from the end, an axis is the same one in operands of different rank
    let side = |x: &Array| x.ndim().checked_sub(axis.unsigned_abs() as usize).map(|place| (place, x.shape()[place]));
    let (Some((place, m)), Some((other, n))) = (side(&left), side(&right)) else {
        return Err(cross_sides(&left, &right));
    };
    if !(matches!(m, 2 | 3) && matches!(n, 2 | 3)) {
        return Err(cross_sides(&left, &right));
    }
    let (mut first, mut second) = (left.shape().to_vec(), right.shape().to_vec());
    first[place] = 3;
    second[other] = 3;
    let shape = broadcast("mlx_cross", &first, &second)?;
    if shape.contains(&0) {
        return Tensor::new(Array::zeros(&shape, left.dtype(), device)?, device).into_r();
    }
    Tensor::new(left.cross(&right, axis, device)?, device).into_r()
}

fn cross_sides(a: &Array, b: &Array) -> Failure {
    let message = format!(
        "The axis of a cross product must have size 2 or 3 in both arrays ({} and {}).",
        shown(a.shape()),
        shown(b.shape())
    );
    Failure::shape("mlx_cross", message, &[a.shape(), b.shape()])
}

fn trace(x: SEXP, offset: SEXP, axis1: SEXP, axis2: SEXP) -> Result<SEXP> {
    let offset = args::offset(offset, "offset")?;
    let x = operand(x)?;
    let shape = x.array.shape();
    if shape.len() < 2 {
        let message = format!("mlx_trace() needs an array with at least two dimensions, not {}.", shown(shape));
        return Err(Failure::shape("mlx_trace", message, &[shape]));
    }
    let place = |axis: SEXP, arg: &str| args::single_axis(axis, arg, shape.len());
    let axes = [place(axis1, "axis1")?, place(axis2, "axis2")?];
    if axes[0] == axes[1] {
        return Err(Failure::argument("axis2", "axis1 and axis2 must differ."));
    }
    let dtype = if x.array.dtype() == Dtype::Bool { Dtype::Int32 } else { x.array.dtype() };
    let diagonal = diagonal_of(&x, offset, axes[0], axes[1])?.array.astype(dtype, x.device)?;
    // MLX adds small integers up in wider ones
    let sum = diagonal.reduce(Reduce::Sum, &[shape.len() as i32 - 2], false, x.device)?;
    x.with(sum.astype(dtype, x.device)?).into_r()
}

/// The shorter shape is filled up with ones: base R's way at the end (`trailing`), MLX's at the start.
fn kron(a: SEXP, b: SEXP, trailing: SEXP) -> Result<SEXP> {
    let trailing = args::one_flag(trailing, "trailing")?;
    let (a, b) = operands(a, b)?;
    let (mut left, mut right, device) = met(&a, &b)?;
    let ndim = left.ndim().max(right.ndim());
    if trailing {
        left = with_ones(&left, ndim, device)?;
        right = with_ones(&right, ndim, device)?;
    }
    let side = |x: &Array, i: usize| (i + x.ndim()).checked_sub(ndim).map_or(1, |k| x.shape()[k]);
    let shape = (0..ndim)
        .map(|i| args::fits(f64::from(side(&left, i)) * f64::from(side(&right, i)), "X"))
        .collect::<Result<Vec<i32>>>()?;
    args::countable(&shape)?;
    if shape.contains(&0) {
        return Tensor::new(Array::zeros(&shape, left.dtype(), device)?, device).into_r();
    }
    Tensor::new(left.kron(&right, device)?, device).into_r()
}

fn with_ones(x: &Array, ndim: usize, device: Device) -> Result<Array> {
    let mut shape = x.shape().to_vec();
    shape.resize(ndim, 1);
    Ok(x.reshape(&shape, device)?)
}

/// `beta * input + alpha * (mat1 %*% mat2)`.
fn addmm(input: SEXP, mat1: SEXP, mat2: SEXP, alpha: SEXP, beta: SEXP) -> Result<SEXP> {
    let (alpha, beta) = (finite_number(alpha, "alpha")?, finite_number(beta, "beta")?);
    let all = operands_of(&[input, mat1, mat2])?;
    let [input, a, b] = all.as_slice() else { return Err(Failure::internal("three operands")) };
    let (&[n, k], &[inner, p]) = (a.array.shape(), b.array.shape()) else {
        let message = format!(
            "mlx_addmm() requires mat1 and mat2 to be 2D matrices, not {} and {}.",
            shown(a.array.shape()),
            shown(b.array.shape())
        );
        return Err(Failure::shape("mlx_addmm", message, &[a.array.shape(), b.array.shape()]));
    };
    let shape = input.array.shape();
    let bad = |message: String| Failure::shape("mlx_addmm", message, &[shape, a.array.shape(), b.array.shape()]);
    let &[rows, columns] = shape else {
        return Err(bad(format!("mlx_addmm() requires input to be a 2D matrix, not {}.", shown(shape))));
    };
    if k != inner {
        return Err(bad(format!("Non-conformable operands: mat1 is {n} x {k} but mat2 is {inner} x {p}.")));
    }
    if (rows, columns) != (n, p) {
        return Err(bad(format!("Input shape ({rows} x {columns}) must match mat1 %*% mat2 result ({n} x {p}).")));
    }
    let dtype = common_dtype(input.array.dtype(), common_dtype(a.array.dtype(), b.array.dtype()));
    if !dtype.is_float() {
        let message = format!("Only real floating point types are supported in mlx_addmm(), not {}.", dtype.name());
        return Err(Failure::dtype("mlx_addmm", message, dtype.name()));
    }
    let on_gpu = all.iter().any(|x| x.device == Device::Gpu);
    let device = if on_gpu { Device::Gpu } else { Device::Cpu };
    let (a, b) = cast_both(a, b, dtype, device)?;
    let product = a.binary(Binary::Matmul, &b, device)?;
    let scaled = |x: &Array, by: f64| match by {
        1.0 => Ok(x.clone()),
        by => x.binary(Binary::Multiply, &Array::scalar(by, dtype)?, device),
    };
    let term = scaled(&input.array.astype(dtype, device)?, beta)?;
    Tensor::new(term.binary(Binary::Add, &scaled(&product, alpha)?, device)?, device).into_r()
}

fn finite_number(x: SEXP, arg: &str) -> Result<f64> {
    match args::one_number(x, arg) {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(Failure::argument(arg, format!("{arg} must be a single finite numeric value."))),
    }
}
