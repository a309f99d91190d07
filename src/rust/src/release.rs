//! Freeing arrays as soon as R has dropped them, without a collection.
//!
//! R counts references, so that a replacement function may change an object that nobody else holds in its place; what it
//! frees it finds by collecting. The counts tell as well which arrays nobody holds any more. Looked at are large arrays
//! that a routine was given, as most have been that a loop leaves behind. One is dropped when
//!
//! * R counts no reference to it, and none to its pointer but its own. R brings the counts up to date when it begins a
//!   replacement, so that is where they are read ([`sweep`]);
//! * no function that runs has it in a variable: nothing on the C stack points to it, to its pointer or to the tensor
//!   (`src/release.c`).
//!
//! Whatever escapes is left to the collector, as is everything on an R that does not count.

use crate::handle::{finalize, is_mlx, owner, pointer, Tensor};
use crate::session;
use crate::sys::{flag, null, protect, R_ExternalPtrAddr, Result, Rf_eval, Routine, SEXP};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;

/// The bytes of an array that is worth a look.
const LEAST: usize = 64 << 10;

/// The bytes of arrays that are worth a sweep.
const STEP: usize = 4 << 20;

/// How many of the last arrays are looked at.
const PLACES: usize = 32;

/// What is looked for on the stack for each array: the object, its pointer, the pointer's owner and the tensor.
const PARTS: usize = 4;

// R objects cross as pointers only
#[allow(improper_ctypes)]
extern "C" {
    fn rmlx_is_referenced(x: SEXP) -> c_int;
    fn rmlx_is_shared(x: SEXP) -> c_int;
    fn rmlx_mark_stack(code: unsafe extern "C" fn(*mut c_void), data: *mut c_void);
    fn rmlx_clear_stack();
    fn rmlx_on_stack(addresses: *const usize, held: *mut u8, n: usize);
    fn rmlx_watch_collector(collected: unsafe extern "C" fn());
}

/// Called from the middle of a replacement ([`session::Session::sweep`]), so not by [`crate::sys::run`].
pub(crate) const SWEEP: Routine = Routine { name: c"ffi_sweep", function: sweep as *const c_void, arguments: 0 };

struct State {
    /// The arrays to be looked at; none of them has been through a collection, so all are objects still.
    places: [Cell<SEXP>; PLACES],
    /// The place of the next one.
    next: Cell<usize>,
    /// Will a collection be noticed?
    watching: Cell<bool>,
    /// Bytes of the arrays that were given a place since the last sweep.
    noted: Cell<usize>,
    /// Has this routine had to do with such arrays?
    used: Cell<bool>,
}

thread_local! {
    static STATE: State = const {
        State {
            places: [const { Cell::new(null_mut()) }; PLACES],
            next: Cell::new(0),
            watching: Cell::new(false),
            noted: Cell::new(0),
            used: Cell::new(false),
        }
    };
}

/// Takes note of an array that a routine is given.
pub(crate) fn note(object: SEXP, bytes: usize) {
    if bytes < LEAST {
        return;
    }
    STATE.with(|state| {
        state.used.set(true);
        if !state.watching.get() || state.places.iter().any(|place| place.get() == object) {
            return;
        }
        let next = state.next.get();
        state.places[next].set(object);
        state.next.set((next + 1) % PLACES);
        state.noted.set(state.noted.get() + bytes);
    });
}

/// At the end of a routine: leaves nothing on the stack that looks as if a function held its arrays.
pub(crate) fn forget() {
    if STATE.with(|state| state.used.take()) {
        // SAFETY: writes below its own frame only.
        unsafe { rmlx_clear_stack() };
    }
}

/// Before a routine: frees the dropped ones when there may be enough of them.
pub(crate) fn relieve() -> Result<()> {
    if !STATE.with(|state| state.watching.get()) {
        // SAFETY: runs protected.
        protect(|| unsafe {
            rmlx_watch_collector(collected);
            null()
        })?;
        STATE.with(|state| state.watching.set(true));
    }
    if STATE.with(|state| state.noted.get()) < STEP {
        return Ok(());
    }
    STATE.with(|state| state.noted.set(0));
    let mut result = Ok(null());
    // SAFETY: the result outlives the call.
    unsafe { rmlx_mark_stack(replace, (&raw mut result).cast()) };
    result.map(drop)
}

/// Begins the replacement in whose middle [`sweep`] is called.
unsafe extern "C" fn replace(result: *mut c_void) {
    let [call, env] = session::get().sweep;
    // SAFETY: the result in relieve(); runs protected.
    unsafe { *result.cast::<Result<SEXP>>() = protect(|| Rf_eval(call, env)) };
}

/// R is collecting: the objects may be gone.
unsafe extern "C" fn collected() {
    STATE.with(|state| {
        state.places.iter().for_each(|place| place.set(null_mut()));
        state.watching.set(false);
        state.noted.set(0);
    });
}

unsafe extern "C" fn sweep() -> SEXP {
    // a destructor that panics must not unwind into R
    let _ = catch_unwind(AssertUnwindSafe(|| STATE.with(|state| free(&state.places))));
    flag(true)
}

/// Frees the arrays that nobody holds.
fn free(places: &[Cell<SEXP>]) {
    let dropped: Vec<&Cell<SEXP>> = places.iter().filter(|place| is_dropped(place.get())).collect();
    if dropped.is_empty() {
        return;
    }
    for (place, held) in dropped.iter().zip(on_stack(&dropped)) {
        if !held {
            // SAFETY: the owner of a tensor, which nobody can reach any more.
            unsafe { finalize::<Tensor>(owner(place.replace(null_mut()))) };
        }
    }
}

/// Does R count no reference to the array?
fn is_dropped(object: SEXP) -> bool {
    // SAFETY: the object has not been through a collection; nothing is allocated.
    unsafe {
        !object.is_null() && rmlx_is_referenced(object) == 0 && is_mlx(object) && rmlx_is_shared(pointer(object)) == 0
    }
}

/// Which of these arrays has a function that runs?
fn on_stack(dropped: &[&Cell<SEXP>]) -> Vec<bool> {
    let parts = |place: &&Cell<SEXP>| -> [usize; PARTS] {
        let object = place.get();
        // SAFETY: the owner of a tensor.
        let tensor = unsafe { R_ExternalPtrAddr(owner(object)) };
        [object as usize, pointer(object) as usize, owner(object) as usize, tensor as usize]
    };
    let addresses: Vec<usize> = dropped.iter().flat_map(parts).collect();
    let mut held = vec![0; addresses.len()];
    // SAFETY: both have this length.
    unsafe { rmlx_on_stack(addresses.as_ptr(), held.as_mut_ptr(), held.len()) };
    held.chunks(PARTS).map(|parts| parts.contains(&1)).collect()
}
