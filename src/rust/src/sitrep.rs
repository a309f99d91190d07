//! What this build of the package is and runs on.

use crate::sys::{flag, list, string, Protected, Result, SEXP};
use mlx::runtime;

routines! {
    ffi_sitrep() => sitrep;
}

/// The BLAS that multiplies matrices, and whether the kernels are those for wide vectors.
fn sitrep() -> Result<SEXP> {
    let blas = Protected::new(string(&runtime::blas())?);
    list(&[blas.sexp(), flag(runtime::is_wide())], Some(&["blas".into(), "wide".into()]))
}
