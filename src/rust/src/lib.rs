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
mod assign;
mod axes;
mod bind;
mod broadcast;
mod closure;
mod compare;
mod compile;
mod conv;
mod convert;
mod coordinate;
mod create;
mod custom;
mod device;
mod diag;
mod download;
mod dropout;
mod elementwise;
mod embedding;
mod evaluate;
mod export;
mod export_events;
mod failure;
mod fft;
mod fill;
mod gather;
mod grad;
mod handle;
mod import;
mod index;
mod io;
mod linalg;
mod linalg_factor;
mod linalg_norm;
mod loss;
mod math;
mod memory;
mod names;
mod norm;
mod optim;
mod params;
mod pick;
mod positions;
mod promote;
mod quantize;
mod random;
mod random_integer;
mod random_key;
mod random_normal;
mod random_seed;
mod reduce;
mod repeat;
mod rounding;
mod scan;
mod session;
mod shape;
mod shortage;
mod sitrep;
mod sort;
mod split;
mod stats;
mod stream;
mod trace;
mod tree;
mod twister;
mod upload;
mod vjp;
mod vmap;

use sys::{DllInfo, R_CallMethodDef, Routine};

/// Every routine, by the file that holds it.
const ROUTINES: &[&[Routine]] = &[
    session::ROUTINES,
    create::ROUTINES,
    names::ROUTINES,
    download::ROUTINES,
    arith::ROUTINES,
    math::ROUTINES,
    elementwise::ROUTINES,
    compare::ROUTINES,
    reduce::ROUTINES,
    scan::ROUTINES,
    sort::ROUTINES,
    stats::ROUTINES,
    shape::ROUTINES,
    axes::ROUTINES,
    repeat::ROUTINES,
    split::ROUTINES,
    bind::ROUTINES,
    broadcast::ROUTINES,
    fill::ROUTINES,
    diag::ROUTINES,
    index::ROUTINES,
    assign::ROUTINES,
    gather::ROUTINES,
    linalg::ROUTINES,
    linalg_factor::ROUTINES,
    linalg_norm::ROUTINES,
    fft::ROUTINES,
    random::ROUTINES,
    random_normal::ROUTINES,
    random_integer::ROUTINES,
    random_key::ROUTINES,
    random_seed::ROUTINES,
    device::ROUTINES,
    stream::ROUTINES,
    memory::ROUTINES,
    optim::ROUTINES,
    params::ROUTINES,
    sitrep::ROUTINES,
    activation::ROUTINES,
    dropout::ROUTINES,
    norm::ROUTINES,
    embedding::ROUTINES,
    loss::ROUTINES,
    conv::ROUTINES,
    coordinate::ROUTINES,
    quantize::ROUTINES,
    grad::ROUTINES,
    vjp::ROUTINES,
    vmap::ROUTINES,
    custom::ROUTINES,
    evaluate::ROUTINES,
    compile::ROUTINES,
    io::ROUTINES,
    import::ROUTINES,
    export::ROUTINES,
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
