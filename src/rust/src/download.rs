//! Arrays to R vectors, in one conversion pass.

use crate::handle::{require, Tensor};
use crate::sys::{
    integers, kind, protect, slice_mut, vector, Protected, R_DimNamesSymbol, R_DimSymbol, R_NamesSymbol, Rcomplex,
    Result, Rf_setAttrib, COMPLEX, INTEGER, LOGICAL, REAL, SEXP, SEXPTYPE,
};
use crate::{args, evaluate, names};
use half::{bf16, f16};
use mlx::{Array, Dtype, Element};
use std::mem::MaybeUninit;

routines! {
    ffi_to_r(x, keep_dim) => to_r;
}

/// `keep_dim`: give the result a `dim` when the array has two axes or more.
fn to_r(x: SEXP, keep_dim: SEXP) -> Result<SEXP> {
    let keep = args::one_flag(keep_dim, "keep_dim")?;
    values(require(x, "x")?, keep)
}

/// The R vector or array of a tensor.
pub(crate) fn values(x: &Tensor, keep_dim: bool) -> Result<SEXP> {
    // evaluated before R's memory is taken, so that a failure costs nothing
    evaluate::compute(&[&x.array])?;
    let out = Protected::new(vector(storage(x.array.dtype()), x.array.size())?);
    fill(&x.array, out.sexp())?;
    if keep_dim && x.array.ndim() >= 2 {
        let dim = Protected::new(integers(x.array.shape())?);
        // SAFETY: runs protected.
        protect(|| unsafe { Rf_setAttrib(out.sexp(), R_DimSymbol, dim.sexp()) })?;
    }
    if keep_dim {
        set_names(out.sexp(), x)?;
    }
    Ok(out.sexp())
}

/// Puts the names of a tensor on its R vector (`names`) or array (`dimnames`).
fn set_names(out: SEXP, x: &Tensor) -> Result<()> {
    let Some(names) = &x.names else { return Ok(()) };
    let one = x.array.ndim() == 1;
    let value = Protected::new(if one { names::axis_to_r(&names.axes[0])? } else { names::to_r(&x.names)? });
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_setAttrib(out, if one { R_NamesSymbol } else { R_DimNamesSymbol }, value.sexp()) })?;
    Ok(())
}

/// The R type that holds a dtype: 64-bit integers become doubles.
fn storage(dtype: Dtype) -> SEXPTYPE {
    match dtype {
        Dtype::Bool => SEXPTYPE::LGLSXP,
        Dtype::Int32 => SEXPTYPE::INTSXP,
        Dtype::Complex64 => SEXPTYPE::CPLXSXP,
        _ => SEXPTYPE::REALSXP,
    }
}

fn fill(x: &Array, out: SEXP) -> Result<()> {
    match x.dtype() {
        Dtype::Bool => copy(x, out, |v: u8| i32::from(v != 0)),
        Dtype::Int32 => copy(x, out, |v: i32| v),
        Dtype::Uint8 => copy(x, out, |v: u8| f64::from(v)),
        Dtype::Uint16 => copy(x, out, |v: u16| f64::from(v)),
        Dtype::Uint32 => copy(x, out, |v: u32| f64::from(v)),
        Dtype::Uint64 => copy(x, out, |v: u64| v as f64),
        Dtype::Int8 => copy(x, out, |v: i8| f64::from(v)),
        Dtype::Int16 => copy(x, out, |v: i16| f64::from(v)),
        Dtype::Int64 => copy(x, out, |v: i64| v as f64),
        Dtype::Float16 => copy(x, out, |v: f16| v.to_f64()),
        Dtype::Bfloat16 => copy(x, out, |v: bf16| v.to_f64()),
        Dtype::Float32 => copy(x, out, |v: f32| f64::from(v)),
        Dtype::Float64 => copy(x, out, |v: f64| v),
        Dtype::Complex64 => copy(x, out, |[r, i]: [f32; 2]| Rcomplex { r: f64::from(r), i: f64::from(i) }),
    }
}

fn copy<T: Element, U: Copy>(x: &Array, out: SEXP, convert: impl Fn(T) -> U + Copy) -> Result<()> {
    // SAFETY: `storage` chose the vector's type, whose elements have the size of U; it is new and has size() elements.
    let room = unsafe {
        let start = match kind(out) {
            SEXPTYPE::LGLSXP => LOGICAL(out).cast::<MaybeUninit<U>>(),
            SEXPTYPE::INTSXP => INTEGER(out).cast(),
            SEXPTYPE::CPLXSXP => COMPLEX(out).cast(),
            _ => REAL(out).cast(),
        };
        slice_mut(start, x.size())
    };
    Ok(x.copy_column_major(room, convert)?)
}
