//! The keys that draws without one take: a sequence for each state of R's own generator, or the one of `mlx_set_seed()`.
//!
//! R stores the state of its generator in `.Random.seed`, in a new object each time it is seeded or used. The objects met
//! last are kept, so that their addresses stay theirs, each with its sequence of keys:
//! - an object not met before starts a sequence that is made of its contents;
//! - one that was met (`withr::with_seed()` puts it back) goes on where its sequence stopped;
//! - while `mlx_set_seed()` is in force, objects that R's generator came to by being used share its sequence, and only one
//!   that comes from `set.seed()` starts its own.
//!
//! R's state is only read.

use crate::random_key;
use crate::sys::{
    kind, null, protect, slice, R_BaseEnv, R_GlobalEnv, R_PreserveObject, R_ReleaseObject, Result, Rf_cons, Rf_eval,
    Rf_install, Rf_lcons, Rf_protect, Rf_unprotect, INTEGER, SEXP, SEXPTYPE,
};
use crate::{sys, twister};
use mlx::Key;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::rc::Rc;

routines! {
    ffi_random_seed(value) => set_seed;
}

/// Keys in a row; each is split into the next state and one to draw with, as MLX's own sequence does it.
pub(crate) struct Sequence {
    state: Cell<Key>,
    /// Does it come from `mlx_set_seed()`?
    own: bool,
}

/// A state of R's generator and its sequence.
struct Known {
    seen: SEXP,
    sequence: Rc<Sequence>,
}

/// How many states are remembered: as deep as `withr::with_seed()` is nested.
const MOST: usize = 16;

thread_local! {
    /// The latest in front.
    static KNOWN: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
}

/// A key taken from a sequence.
pub(crate) struct Taken {
    pub(crate) key: Key,
    before: Key,
    sequence: Rc<Sequence>,
}

impl Taken {
    /// Puts the key back, so that the next one to ask gets it.
    pub(crate) fn put_back(self) {
        self.sequence.state.set(self.before);
    }
}

/// A new key to draw with.
pub(crate) fn next() -> Result<Taken> {
    let sequence = current()?;
    let before = sequence.state.get();
    let (state, key) = before.split();
    sequence.state.set(state);
    Ok(Taken { key, before, sequence })
}

fn set_seed(value: SEXP) -> Result<SEXP> {
    let key = Key::new(random_key::seed(value)?);
    let now = r_state()?;
    forget(0);
    remember(now, Rc::new(Sequence { state: Cell::new(key), own: true }))?;
    Ok(null())
}

/// The sequence that belongs to R's state.
fn current() -> Result<Rc<Sequence>> {
    let now = r_state()?;
    let found = KNOWN.with_borrow_mut(|known| {
        let place = known.iter().position(|entry| entry.seen == now)?;
        let entry = known.remove(place)?;
        let sequence = entry.sequence.clone();
        known.push_front(entry);
        Some(sequence)
    });
    if let Some(sequence) = found {
        return Ok(sequence);
    }
    let own = KNOWN.with_borrow(|known| {
        let latest = known.front().filter(|latest| latest.sequence.own)?;
        (!twister::seeded_since(words(now), words(latest.seen))).then(|| latest.sequence.clone())
    });
    let sequence = own.unwrap_or_else(|| {
        let state = Cell::new(Key::new(fingerprint(words(now))));
        Rc::new(Sequence { state, own: false })
    });
    remember(now, sequence.clone())?;
    forget(MOST);
    Ok(sequence)
}

fn remember(seen: SEXP, sequence: Rc<Sequence>) -> Result<()> {
    // SAFETY: runs protected.
    protect(|| unsafe {
        Rf_protect(seen);
        R_PreserveObject(seen);
        Rf_unprotect(1);
        null()
    })?;
    KNOWN.with_borrow_mut(|known| known.push_front(Known { seen, sequence }));
    Ok(())
}

/// Keeps the `most` latest states only.
fn forget(most: usize) {
    while let Some(old) = KNOWN.with_borrow_mut(|known| if known.len() > most { known.pop_back() } else { None }) {
        // SAFETY: preserved when it was remembered.
        unsafe { R_ReleaseObject(old.seen) };
    }
}

/// R's `.GlobalEnv$.Random.seed`: `NULL` before R's generator is first used.
fn r_state() -> Result<SEXP> {
    // SAFETY: runs protected.
    protect(|| unsafe {
        let arguments = Rf_protect(Rf_cons(Rf_install(c".Random.seed".as_ptr()), null()));
        let arguments = Rf_protect(Rf_cons(R_GlobalEnv, arguments));
        let call = Rf_protect(Rf_lcons(Rf_install(c"$".as_ptr()), arguments));
        let value = Rf_eval(call, R_BaseEnv);
        Rf_unprotect(3);
        value
    })
}

/// The words of R's state; none when there is none.
fn words<'a>(state: SEXP) -> &'a [i32] {
    if kind(state) != SEXPTYPE::INTSXP {
        return &[];
    }
    // SAFETY: an integer vector, which KNOWN or R's global environment guards.
    unsafe { slice(INTEGER(state), sys::len(state)) }
}

/// 64 bits made of R's state; of the system's entropy where there is none.
fn fingerprint(words: &[i32]) -> u64 {
    if words.is_empty() {
        return RandomState::new().build_hasher().finish();
    }
    // the constants of SplitMix64 (Steele, Lea and Flood 2014)
    let mix = |hash: u64, word: &i32| {
        let x = (hash ^ u64::from(*word as u32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x ^ (x >> 29)).wrapping_add(0x9e37_79b9_7f4a_7c15)
    };
    let hash = words.iter().fold(0, mix).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
