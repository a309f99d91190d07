//! What is known about the transforms that are running.

use mlx::transforms::untrace;
use mlx::Array;
use std::cell::{Cell, RefCell};

thread_local! {
    /// How many transforms are running, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// How many of them give the function arrays without values.
    static UNKNOWN: Cell<usize> = const { Cell::new(0) };
    /// How many of them vectorise the function.
    static VECTORISED: Cell<usize> = const { Cell::new(0) };
    /// Arrays that were handed to R since the outermost one began.
    static HANDED: RefCell<Vec<Array>> = const { RefCell::new(Vec::new()) };
}

/// A transform that is running.
pub(crate) struct Trace {
    unknown: bool,
    vectorised: bool,
}

impl Trace {
    /// Derivatives are taken at values that the function may look at; functions that are compiled or vectorised get
    /// arrays whose values are unknown.
    pub(crate) fn new(unknown: bool) -> Self {
        DEPTH.set(DEPTH.get() + 1);
        UNKNOWN.set(UNKNOWN.get() + usize::from(unknown));
        Self { unknown, vectorised: false }
    }

    /// One that vectorises the function.
    pub(crate) fn vectorised() -> Self {
        VECTORISED.set(VECTORISED.get() + 1);
        Self { vectorised: true, ..Self::new(true) }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        UNKNOWN.set(UNKNOWN.get() - usize::from(self.unknown));
        VECTORISED.set(VECTORISED.get() - usize::from(self.vectorised));
        if DEPTH.get() == 0 {
            let handed = HANDED.take();
            // arrays of a derivative are ordinary ones from now on; those without values stay unusable
            if !self.unknown {
                untrace(&handed);
            }
        }
    }
}

/// Remembers an array that R gets during a transform.
pub(crate) fn note(array: &Array) {
    if DEPTH.get() > 0 && array.is_tracer() {
        HANDED.with_borrow_mut(|handed| handed.push(array.clone()));
    }
}

/// Are the values of an array not known, because it stands for an argument of a function that is compiled or vectorised?
pub(crate) fn is_unknown(x: &Array) -> bool {
    UNKNOWN.get() > 0 && x.is_tracer()
}

/// Is a function being vectorised?
pub(crate) fn is_vectorised() -> bool {
    VECTORISED.get() > 0
}
