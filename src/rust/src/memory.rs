//! Telling R's collector about memory that it cannot see.
//!
//! R sees an external pointer of a few bytes where MLX holds megabytes. So MLX's count of live bytes is looked at after
//! every routine, and R is asked to collect when it has grown by a step since the last time. Most dropped arrays are
//! young, so the quick collection comes first; the thorough one follows only when that did not help.

use crate::session;
use crate::sys::{list, number, protect, Protected, R_BaseEnv, Result, Rf_eval, SEXP};
use mlx::runtime;
use std::cell::Cell;

routines! {
    ffi_memory() => report;
    ffi_reset_peak_memory() => reset_peak;
    ffi_clear_cache() => clear_cache;
}

/// The least growth that is worth a collection.
const STEP: usize = 64 << 20;

thread_local! {
    /// The count of live bytes at which R is asked to collect.
    static LIMIT: Cell<usize> = const { Cell::new(STEP) };
}

/// Lets MLX keep a tenth of the machine's memory for reuse: with its own 32 MiB, larger results are mapped anew, page by
/// page, on every operation.
pub(crate) fn start() {
    let memory = runtime::set_memory_limit(usize::MAX);
    runtime::set_memory_limit(memory);
    runtime::set_cache_limit(memory / 8);
}

/// Asks R to collect when much has been allocated since it last did.
pub(crate) fn relieve() -> Result<()> {
    if runtime::active_memory() < LIMIT.get() {
        return Ok(());
    }
    for collect in session::get().collect {
        // SAFETY: runs protected.
        protect(|| unsafe { Rf_eval(collect, R_BaseEnv) })?;
        let live = runtime::active_memory();
        if live + STEP / 2 <= LIMIT.get() {
            return Ok(());
        }
    }
    // what is left is in use: the next look comes after it has grown by half
    let live = runtime::active_memory();
    LIMIT.set(live + STEP.max(live / 2));
    Ok(())
}

fn report() -> Result<SEXP> {
    let counts = [runtime::active_memory(), runtime::peak_memory(), runtime::cache_memory()];
    let mut guards = Vec::with_capacity(counts.len());
    for count in counts {
        guards.push(Protected::new(number(count as f64)?));
    }
    let values: Vec<SEXP> = guards.iter().map(Protected::sexp).collect();
    let names = ["active", "peak", "cache"].map(String::from);
    let out = list(&values, Some(&names));
    while guards.pop().is_some() {}
    out
}

fn reset_peak() -> Result<SEXP> {
    runtime::reset_peak_memory();
    Ok(crate::sys::null())
}

fn clear_cache() -> Result<SEXP> {
    runtime::clear_cache();
    Ok(crate::sys::null())
}
