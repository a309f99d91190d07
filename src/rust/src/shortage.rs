//! Giving memory back when the machine runs short of it.
//!
//! R says nothing when it needs memory, but it collects before it gives up. So an object that nobody refers to is found
//! dead at each collection, and that is when the memory that MLX keeps for reuse is looked at; also when dead arrays have
//! added to it. Linux only: elsewhere nothing is known of the memory that is left, and MLX keeps what it has.

use crate::sys::{
    null, R_MakeExternalPtr, R_PreserveObject, R_RegisterCFinalizerEx, R_ReleaseObject, Rboolean, Rf_protect,
    Rf_unprotect, SEXP,
};
use crate::{memory, session};
use mlx::runtime;
use std::cell::Cell;
use std::fs;
use std::panic::catch_unwind;

/// Less is not worth giving back, nor a look.
const LEAST: usize = 64 << 20;

/// The machine is short of memory when it has less left than this share of what arrays may hold: how much R wants is not
/// known.
const SHARE: usize = 4;

thread_local! {
    /// What was kept when it was last looked at.
    static KEPT: Cell<usize> = const { Cell::new(0) };
    /// A live object with a finalizer.
    static GUARD: Cell<Option<SEXP>> = const { Cell::new(None) };
}

/// Has R look at the memory at its next collection. R loses a finalizer that is registered while it runs others, unless an
/// object that is alive comes before these: that is what the guard is for.
pub(crate) fn watch() {
    // SAFETY: called where R may jump, with nothing to be dropped.
    unsafe {
        let object = |finalizer: unsafe extern "C" fn(SEXP)| {
            let object = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), null(), null()));
            R_RegisterCFinalizerEx(object, Some(finalizer), Rboolean::FALSE);
            object
        };
        object(collected);
        let guard = object(nothing);
        R_PreserveObject(guard);
        if let Some(before) = GUARD.replace(Some(guard)) {
            R_ReleaseObject(before);
        }
        Rf_unprotect(2);
    }
}

unsafe extern "C" fn nothing(_: SEXP) {}

/// R has collected.
unsafe extern "C" fn collected(_: SEXP) {
    if session::is_forked() {
        return;
    }
    // what panics must not unwind into R's collector
    let _ = catch_unwind(look);
    watch();
}

/// An array has been found dead.
pub(crate) fn freed() {
    if runtime::cache_memory() > KEPT.get() + LEAST {
        look();
    }
}

fn look() {
    let short = || available().is_some_and(|available| available < runtime::memory_limit() / SHARE);
    if runtime::cache_memory() >= LEAST && short() {
        memory::give_back();
    }
    KEPT.set(runtime::cache_memory());
}

/// Bytes that this process can still get.
fn available() -> Option<usize> {
    [on_machine(), in_group(), in_address_space()].into_iter().flatten().min()
}

/// Bytes that the processes of this container may use together.
pub(crate) fn allowed() -> Option<usize> {
    fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok()
}

fn on_machine() -> Option<usize> {
    field("/proc/meminfo", "MemAvailable:").map(|kilobytes| kilobytes << 10)
}

/// Pages of files count as used, though the system takes them back when it needs them.
fn in_group() -> Option<usize> {
    let used: usize = fs::read_to_string("/sys/fs/cgroup/memory.current").ok()?.trim().parse().ok()?;
    let files = field("/sys/fs/cgroup/memory.stat", "inactive_file")?;
    Some((allowed()? + files).saturating_sub(used))
}

/// What `ulimit -v` leaves.
fn in_address_space() -> Option<usize> {
    let most = field("/proc/self/limits", "Max address space")?;
    let used = field("/proc/self/status", "VmSize:")?;
    Some(most.saturating_sub(used << 10))
}

/// The number behind a name in a file of names and numbers; `None` if there is none, as for `unlimited`.
fn field(file: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].split_whitespace().next()?.parse().ok()
}
