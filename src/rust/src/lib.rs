//! The glue between R and the crate `mlx`: the only place that knows R.
//!
//! R calls the routines of [`ROUTINES`] with `.Call`. Each is a plain function from R objects to a result or a
//! [`Failure`](failure::Failure); [`sys::run`] turns a failure into an R condition after everything in Rust has been
//! dropped. Axes and indices are R's here: 1-based, and translated on the way to `mlx`.

#[macro_use]
mod sys;

mod activation;
mod args;
mod arith;
mod closure;
mod compile;
mod conv;
mod coordinate;
mod create;
mod device;
mod download;
mod dropout;
mod embedding;
mod failure;
mod grad;
mod handle;
mod index;
mod linalg;
mod loss;
mod math;
mod memory;
mod names;
mod norm;
mod positions;
mod promote;
mod quantize;
mod random;
mod reduce;
mod session;
mod shape;
mod upload;

use sys::{DllInfo, R_CallMethodDef, Routine};

/// Every routine, by the file that holds it.
const ROUTINES: &[&[Routine]] = &[
    session::ROUTINES,
    create::ROUTINES,
    names::ROUTINES,
    download::ROUTINES,
    arith::ROUTINES,
    math::ROUTINES,
    reduce::ROUTINES,
    shape::ROUTINES,
    index::ROUTINES,
    linalg::ROUTINES,
    random::ROUTINES,
    device::ROUTINES,
    memory::ROUTINES,
    activation::ROUTINES,
    dropout::ROUTINES,
    norm::ROUTINES,
    embedding::ROUTINES,
    loss::ROUTINES,
    conv::ROUTINES,
    coordinate::ROUTINES,
    quantize::ROUTINES,
    grad::ROUTINES,
    compile::ROUTINES,
];

/// Registers the routines; called by `R_init_Rmlx` while R loads the package.
///
/// # Safety
/// `dll` must be what R gave to `R_init_Rmlx`.
#[no_mangle]
pub unsafe extern "C" fn rmlx_register(dll: *mut DllInfo) {
    let mut table: Vec<R_CallMethodDef> =
        ROUTINES.iter().flat_map(|file| file.iter()).map(Routine::definition).collect();
    table.extend([session::START.definition(), Routine::END]);
    // SAFETY: the table ends with an empty entry, and R copies it.
    unsafe {
        sys::R_registerRoutines(dll, std::ptr::null(), table.as_ptr(), std::ptr::null(), std::ptr::null());
        sys::R_useDynamicSymbols(dll, sys::Rboolean::FALSE);
        sys::R_forceSymbols(dll, sys::Rboolean::TRUE);
    }
}
