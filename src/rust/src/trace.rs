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
    /// What is to be done when the outermost one ends.
    static AT_END: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
    /// While a function is sketched: has it only used what does the same for all shapes?
    static GENERAL: Cell<Option<bool>> = const { Cell::new(None) };
}

/// The routines that do the same for arrays of all shapes with as many axes. Others, such as those that tell a shape to R, may
/// lead to another graph for other shapes.
const GENERAL_ROUTINES: &[&str] = &[
    "ffi_activation",
    "ffi_as_mlx",
    "ffi_binary",
    "ffi_cast",
    "ffi_check_na_rm",
    "ffi_dtype",
    "ffi_is_tracer",
    "ffi_log_base",
    "ffi_math",
    "ffi_matmul",
    "ffi_ops",
    "ffi_reduce",
    "ffi_summary",
    "ffi_transpose",
    "ffi_unary",
    "ffi_where",
];

/// Runs a trace; says whether it will do for other shapes, as far as routines can tell.
pub(crate) fn sketching<T>(code: impl FnOnce() -> T) -> (T, bool) {
    let outer = GENERAL.replace(Some(true));
    let value = code();
    (value, GENERAL.replace(outer) == Some(true))
}

/// Notes that R has called a routine.
pub(crate) fn visit(name: &str) {
    if GENERAL.get() == Some(true) && !GENERAL_ROUTINES.contains(&name) {
        GENERAL.set(Some(false));
    }
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
        let mut trace = Self::new(true);
        VECTORISED.set(VECTORISED.get() + 1);
        trace.vectorised = true;
        trace
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
            AT_END.take().into_iter().for_each(|task| task());
        }
    }
}

/// Is a function being transformed?
pub(crate) fn is_running() -> bool {
    DEPTH.get() > 0
}

/// Does something when the outermost transform ends; now if none is running.
pub(crate) fn at_end(task: impl FnOnce() + 'static) {
    if DEPTH.get() > 0 {
        AT_END.with_borrow_mut(|tasks| tasks.push(Box::new(task)));
    } else {
        task();
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
