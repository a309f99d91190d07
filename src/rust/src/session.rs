//! What is set once when R loads the package, and the state of the process.

use crate::failure::Failure;
use crate::sys::{
    null, protect, string, strings, Protected, R_BaseEnv, R_CheckUserInterrupt, R_MakeUnwindCont, R_PreserveObject,
    Result, Rf_cons, Rf_eval, Rf_install, Rf_lcons, Rf_protect, Rf_unprotect, Routine, SEXP, VECTOR_ELT,
};
use crate::{device, memory};
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

routines! {
    ffi_mlx_version() => version;
}

/// The first call from R. It makes what [`sys::run`] rests on, so it cannot run inside it.
pub(crate) const START: Routine = Routine { name: c"ffi_start", function: ffi_start as *const c_void, arguments: 4 };

/// R objects that are needed all the time; kept until R ends.
pub(crate) struct Session {
    /// Remembers where a stopped jump wanted to go.
    pub(crate) token: SEXP,
    /// The R function that signals an error.
    pub(crate) raise: SEXP,
    /// The R function that signals a warning.
    warn: SEXP,
    /// Calls of R's collector: the quick one, the thorough one.
    pub(crate) collect: [SEXP; 2],
    /// An `mlx` object without an array: on the CPU, on the GPU.
    pub(crate) templates: [SEXP; 2],
    /// Marks external pointers that hold an array.
    pub(crate) array_tag: SEXP,
    /// Marks external pointers that hold a compiled function.
    pub(crate) compiled_tag: SEXP,
    /// Marks external pointers that hold a stream.
    pub(crate) stream_tag: SEXP,
}

// SAFETY: only R's main thread calls routines, and the objects are kept for good.
unsafe impl Send for Session {}
// SAFETY: as above.
unsafe impl Sync for Session {}

static SESSION: OnceLock<Session> = OnceLock::new();
static FORKED: AtomicBool = AtomicBool::new(false);
static KERNEL_FAILED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static WARNINGS: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
}

extern "C" {
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}

extern "C" fn mark_child() {
    FORKED.store(true, Ordering::Relaxed);
}

/// The session's objects.
pub(crate) fn get() -> &'static Session {
    SESSION.get_or_init(|| unreachable!("ffi_start runs first"))
}

/// Keeps R's functions `raise` and `warn`, two calls of the collector and two template objects.
///
/// # Safety
/// Called once by R, in `.onLoad`. R may jump out of an allocation here: nothing in this frame needs dropping then.
unsafe extern "C" fn ffi_start(raise: SEXP, warn: SEXP, collect: SEXP, templates: SEXP) -> SEXP {
    // SAFETY: the lists have two elements each; what is kept is preserved for good.
    unsafe {
        let token = R_MakeUnwindCont();
        for object in [token, raise, warn, collect, templates] {
            R_PreserveObject(object);
        }
        let session = Session {
            token,
            raise,
            warn,
            collect: [VECTOR_ELT(collect, 0), VECTOR_ELT(collect, 1)],
            templates: [VECTOR_ELT(templates, 0), VECTOR_ELT(templates, 1)],
            array_tag: Rf_install(c"mlx_array".as_ptr()),
            compiled_tag: Rf_install(c"mlx_compiled".as_ptr()),
            stream_tag: Rf_install(c"mlx_stream".as_ptr()),
        };
        // a second start (a package loaded twice) keeps the first session's objects
        let _ = SESSION.set(session);
        pthread_atfork(None, None, Some(mark_child));
    }
    mlx::runtime::set_interrupt_hook(interrupted);
    mlx::runtime::choose_blas_kernels();
    memory::start();
    device::start();
    null()
}

/// Has the user asked to stop? R decides in its own way (handlers included) where to go on; that jump is stopped here
/// and resumed when the routine ends.
fn interrupted() -> bool {
    // SAFETY: runs protected.
    let check = protect(|| unsafe {
        R_CheckUserInterrupt();
        null()
    });
    check.is_err()
}

/// Has a warning signalled when the routine has succeeded.
pub(crate) fn warn(class: &'static str, message: impl Into<String>) {
    WARNINGS.with_borrow_mut(|queue| queue.push((class, message.into())));
}

pub(crate) fn forget_warnings() {
    WARNINGS.with_borrow_mut(Vec::clear);
}

/// Said once: the operations of a kernel that g++ could not build run one by one. The compiler's last words tell why.
fn kernel_warning(reason: &str) -> String {
    let from = reason.char_indices().rev().nth(300).map_or(0, |(i, _)| i);
    format!(
        "The C++ compiler (g++) cannot build MLX's fused kernels: compiled functions run unfused. Results are the same.\n{}",
        &reason[from..]
    )
}

/// Signals the warnings of a routine that has succeeded; the user may have turned them into errors.
pub(crate) fn signal_warnings() -> Result<()> {
    if let Some(reason) = mlx::runtime::take_kernel_failure() {
        if !KERNEL_FAILED.swap(true, Ordering::Relaxed) {
            warn("compile", kernel_warning(&reason));
        }
    }
    let queue = WARNINGS.take();
    for (class, message) in queue {
        let text = Protected::new(strings(&[class.to_string(), message])?);
        // SAFETY: runs protected.
        protect(|| unsafe {
            let call = Rf_protect(Rf_lcons(get().warn, Rf_cons(text.sexp(), null())));
            let value = Rf_eval(call, R_BaseEnv);
            Rf_unprotect(1);
            value
        })?;
    }
    Ok(())
}

fn version() -> Result<SEXP> {
    string(&mlx::runtime::version())
}

/// In a forked child MLX's threads are gone; to touch its queues or locks would hang.
pub(crate) fn check_process() -> Result<()> {
    if FORKED.load(Ordering::Relaxed) {
        return Err(Failure::new(
            "fork",
            "MLX cannot be used in a forked process: its threads and devices belong to the parent. \
             Use separate R processes (parallel::makePSOCKcluster(), callr, future::multisession) and convert arrays with \
             as.array() before they are sent.",
        ));
    }
    Ok(())
}

/// Is this a forked child?
pub(crate) fn is_forked() -> bool {
    FORKED.load(Ordering::Relaxed)
}
