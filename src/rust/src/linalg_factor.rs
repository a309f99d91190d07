//! Factorisations and eigenvalues.

use crate::args;
use crate::failure::Failure;
use crate::handle::{tensors, Tensor};
use crate::linalg::{Matrices, CPU};
use crate::promote::operand;
use crate::sys::{list, null, Protected, Result, SEXP};
use mlx::{Array, Binary, Dtype, Layout};

routines! {
    ffi_chol(x) => chol;
    ffi_qr(x) => qr;
    ffi_svd(x, vectors) => svd;
    ffi_lu(x) => lu;
    ffi_eig(x, vectors) => eig;
    ffi_eigh(x, upper, vectors) => eigh;
}

fn chol(x: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let a = Matrices::square(&x, "chol()", false)?;
    if a.rows == 0 {
        return Err(Failure::shape("chol", "`x` must have dims > 0.", &[x.array.shape()]));
    }
    let [factor, diagonal] = a.array.cholesky(true)?;
    if !factor.is_tracer() {
        let reached = diagonal.astype(Dtype::Float64, CPU)?.to_vec::<f64>()?;
        // the axis of the diagonal runs slowest
        let count = (reached.len() / a.rows as usize).max(1);
        if let Some(place) = reached.iter().position(|&value| value.is_nan() || value <= 0.0) {
            let order = place / count + 1;
            return Err(Failure::new(
                "singular",
                format!("the leading minor of order {order} is not positive definite"),
            ));
        }
    }
    x.like(a.give(&factor)?).into_r()
}

/// A list of results of one array.
fn members(x: &Tensor, results: Vec<Array>, names: &[&str]) -> Result<SEXP> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    tensors(results.into_iter().map(|result| x.with(result)).collect(), Some(&names))
}

fn qr(x: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let a = Matrices::of(&x, "qr()", false)?.require_finite()?;
    let [q, r] = a.array.qr()?;
    members(&x, vec![a.give(&q)?, a.give(&r)?], &["Q", "R"])
}

fn svd(x: SEXP, vectors: SEXP) -> Result<SEXP> {
    let vectors = args::one_flag(vectors, "vectors")?;
    let x = operand(x)?;
    let a = Matrices::of(&x, "svd()", true)?;
    if a.rows == 0 || a.columns == 0 {
        return Err(Failure::shape("svd", "a dimension is zero", &[x.array.shape()]));
    }
    let a = a.require_finite()?;
    if !vectors {
        let d = Protected::new(x.with(a.give(&a.array.singular_values()?)?).into_r()?);
        return list(&[d.sexp(), null(), null()], Some(&["d".into(), "u".into(), "v".into()]));
    }
    let [u, d, v] = a.array.svd()?;
    members(&x, vec![a.give(&d)?, a.give(&u)?, a.give(&v)?], &["d", "u", "v"])
}

fn lu(x: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    let a = Matrices::of(&x, "mlx_lu()", false)?;
    if a.array.size() == 0 {
        return members(&x, empty_lu(&a)?, &["p", "l", "u"]);
    }
    let [p, l, u] = a.array.lu()?;
    let p = p.binary(Binary::Add, &Array::scalar(1.0, Dtype::Uint32)?, CPU)?;
    members(&x, vec![p, a.give(&l)?, a.give(&u)?], &["p", "l", "u"])
}

/// The factors of matrices without elements: every row stays in its place.
fn empty_lu(a: &Matrices) -> Result<Vec<Array>> {
    let shape = a.array.shape();
    let lead = &shape[..shape.len() - 2];
    let rows = Array::from_values(&[a.rows], Layout::RowMajor, (1..=a.rows as u32).collect::<Vec<_>>().into_iter())?;
    let k = a.rows.min(a.columns);
    let blank = |tail: [i32; 2]| Array::zeros(&[lead, &tail[..]].concat(), a.dtype, CPU);
    Ok(vec![rows.broadcast_to(&[lead, &[a.rows]].concat(), CPU)?, blank([a.rows, k])?, blank([k, a.columns])?])
}

fn eigen(x: &Tensor, op: &str) -> Result<Matrices> {
    let a = Matrices::square(x, op, true)?;
    if a.rows == 0 {
        return Err(Failure::shape(op, "A 0 x 0 matrix has no eigenvalues.", &[x.array.shape()]));
    }
    a.require_finite()
}

fn eig(x: SEXP, vectors: SEXP) -> Result<SEXP> {
    let vectors = args::one_flag(vectors, "vectors")?;
    let x = operand(x)?;
    let a = eigen(&x, if vectors { "mlx_eig()" } else { "mlx_eigvals()" })?;
    if !vectors {
        return x.with(a.array.eigvals()?).into_r();
    }
    let [values, vectors] = a.array.eig()?;
    members(&x, vec![values, vectors], &["values", "vectors"])
}

fn eigh(x: SEXP, upper: SEXP, vectors: SEXP) -> Result<SEXP> {
    let (upper, vectors) = (args::one_flag(upper, "upper")?, args::one_flag(vectors, "vectors")?);
    let x = operand(x)?;
    let a = eigen(&x, if vectors { "mlx_eigh()" } else { "mlx_eigvalsh()" })?;
    if !vectors {
        return x.with(a.give(&a.array.eigvalsh(upper)?)?).into_r();
    }
    let [values, vectors] = a.array.eigh(upper)?;
    members(&x, vec![a.give(&values)?, a.give(&vectors)?], &["values", "vectors"])
}
