//! Telling R's collector about memory that it cannot see.
//!
//! R sees an external pointer of a few bytes where MLX holds megabytes. So MLX's count of live bytes is looked at before
//! every routine, and R is asked to collect when it has grown by a step since the last time. Most dropped arrays are
//! young, so the quick collection comes first; the thorough one follows only when that did not help. The less of the time
//! goes into collecting, the smaller is the next step.

use crate::args;
use crate::failure::Failure;
use crate::sys::{list, null, number, protect, Protected, R_BaseEnv, Result, Rf_eval, SEXP};
use crate::{session, shortage};
use mlx::{runtime, Array};
use std::cell::Cell;
use std::time::{Duration, Instant};

routines! {
    ffi_memory() => report;
    ffi_reset_peak_memory() => reset_peak;
    ffi_clear_cache() => clear_cache;
    ffi_set_cache_limit(limit) => set_cache_limit;
    ffi_set_memory_limit(limit) => set_memory_limit;
}

/// The share of the time that collections may take. Steps are as small as that allows, within the limits below.
const WORTH: f64 = 0.05;

/// The least step.
const LEAST: usize = 16 << 20;

/// The largest step, to which a quarter of what is in use is added; two of the largest arrays are always allowed.
const MOST: usize = 32 << 20;

/// No step is larger than this share of the machine's memory.
const SHARE: usize = 16;

struct Counts {
    /// The count of live bytes at which R is asked to collect.
    limit: Cell<usize>,
    /// Live bytes after the last thorough collection.
    floor: Cell<usize>,
    /// The largest array made since the last collection.
    largest: Cell<usize>,
    /// The bytes of all arrays made since the last evaluation, which may not have been computed.
    made: Cell<usize>,
    /// By how much the count may grow until the next collection.
    step: Cell<usize>,
    /// The end of the last collection.
    since: Cell<Option<Instant>>,
    /// The memory that MLX may use.
    memory: Cell<usize>,
}

thread_local! {
    static COUNTS: Counts = const {
        Counts {
            limit: Cell::new(LEAST),
            floor: Cell::new(0),
            largest: Cell::new(0),
            made: Cell::new(0),
            step: Cell::new(LEAST),
            since: Cell::new(None),
            memory: Cell::new(0),
        }
    };
}

/// MLX may use four fifths of the machine's memory, or of what the container is allowed. An eighth of that it keeps for
/// reuse: with its own 32 MiB, larger results are mapped anew, page by page, on every operation.
pub(crate) fn start() {
    let mut memory = runtime::memory_limit();
    if let Some(allowed) = shortage::allowed() {
        memory = memory.min(allowed / 5 * 4);
        runtime::set_memory_limit(memory);
    }
    runtime::set_cache_limit(memory / 8);
    COUNTS.with(|counts| {
        counts.memory.set(memory);
        counts.since.set(Some(Instant::now()));
    });
    shortage::watch();
}

/// Takes note of the size of a new array.
pub(crate) fn note(bytes: usize) {
    COUNTS.with(|counts| {
        counts.largest.set(counts.largest.get().max(bytes));
        counts.made.set(counts.made.get().saturating_add(bytes));
    });
}

/// Asks R to collect when much has been allocated since it last did.
pub(crate) fn relieve() -> Result<()> {
    if runtime::active_memory() < COUNTS.with(|counts| counts.limit.get()) {
        return Ok(());
    }
    take_step()
}

/// Asks R to collect when much has been made that is computed on the way to `arrays`: what R does not hold any more needs
/// not be kept until all is computed.
pub(crate) fn relieve_before(arrays: &[&Array]) -> Result<()> {
    let made = COUNTS.with(|counts| counts.made.take());
    let needed: usize = arrays.iter().map(|array| array.nbytes()).sum();
    if made < needed.saturating_add(COUNTS.with(|counts| counts.step.get())) {
        return Ok(());
    }
    take_step()
}

/// Collects, and sets the step until the next time.
fn take_step() -> Result<()> {
    // finalizers of the user's may call back into the package
    COUNTS.with(|counts| counts.limit.set(usize::MAX));
    let begin = Instant::now();
    let collected = collect_young();
    COUNTS.with(|counts| {
        let end = Instant::now();
        let working = begin - counts.since.replace(Some(end)).unwrap_or(begin);
        counts.step.set(next_step(counts, working, end - begin));
        counts.limit.set(runtime::active_memory() + counts.step.get());
    });
    collected
}

/// The step that would have cost `WORTH` of the time, within its limits.
fn next_step(counts: &Counts, working: Duration, collecting: Duration) -> usize {
    let largest = counts.largest.take();
    let most = (MOST + runtime::active_memory() / 4).max(largest.saturating_mul(2));
    let most = most.min((counts.memory.get() / SHARE).max(MOST));
    let share = collecting.as_secs_f64() / working.as_secs_f64().max(1e-6);
    let wanted = counts.step.get() as f64 * share / WORTH;
    (wanted as usize).clamp(largest.clamp(LEAST, most), most)
}

/// A quick collection misses the arrays that have survived one; when they have grown to a step, a thorough one follows.
fn collect_young() -> Result<()> {
    let [quick, thorough] = session::get().collect;
    collect(quick)?;
    let (floor, step) = COUNTS.with(|counts| (counts.floor.get(), counts.step.get()));
    if runtime::active_memory() > floor + step.max(floor / 2) {
        collect(thorough)?;
        COUNTS.with(|counts| counts.floor.set(runtime::active_memory()));
    }
    Ok(())
}

/// Frees all that R does not hold any more.
pub(crate) fn collect_all() -> Result<()> {
    collect(session::get().collect[1])
}

fn collect(call: SEXP) -> Result<()> {
    // R keeps the value of the last protected call: often the last array, which would live on
    protect(null)?;
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_eval(call, R_BaseEnv) }).map(drop)
}

fn report() -> Result<SEXP> {
    let counts = [runtime::active_memory(), runtime::peak_memory(), runtime::cache_memory(), runtime::memory_limit()];
    let mut guards = Vec::with_capacity(counts.len());
    for count in counts {
        guards.push(Protected::new(number(count as f64)?));
    }
    let values: Vec<SEXP> = guards.iter().map(Protected::sexp).collect();
    let names = ["active", "peak", "cache", "limit"].map(String::from);
    let out = list(&values, Some(&names));
    while guards.pop().is_some() {}
    out
}

fn reset_peak() -> Result<SEXP> {
    runtime::reset_peak_memory();
    Ok(null())
}

fn clear_cache() -> Result<SEXP> {
    give_back();
    Ok(null())
}

/// Frees what MLX keeps for reuse.
pub(crate) fn give_back() {
    runtime::clear_cache();
    trim();
}

/// Has the C library return free memory to the system, which glibc does by itself at the end of the heap only.
fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: touches no memory that is in use.
        unsafe { malloc_trim(0) };
    }
}

/// Sets a limit in bytes and returns the former one.
fn set_cache_limit(limit: SEXP) -> Result<SEXP> {
    let before = runtime::set_cache_limit(bytes(limit)?);
    trim();
    number(before as f64)
}

fn set_memory_limit(limit: SEXP) -> Result<SEXP> {
    let limit = bytes(limit)?;
    COUNTS.with(|counts| counts.memory.set(limit));
    number(runtime::set_memory_limit(limit) as f64)
}

/// A number of bytes; `Inf` is as many as there can be.
fn bytes(limit: SEXP) -> Result<usize> {
    match args::one_number(limit, "limit")? {
        limit if limit >= 0.0 => Ok(limit as usize),
        _ => Err(Failure::argument("limit", "limit must be a number of bytes, 0 or more.")),
    }
}
