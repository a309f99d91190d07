//! R's C interface, and the rules for calling it: what may jump runs inside [`protect`]; every routine runs inside
//! [`run`].

pub(crate) use extendr_ffi::*;

use crate::failure::Failure;
use crate::{memory, session, stream, trace};
use std::ffi::{c_char, c_int, c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};

// R objects cross as pointers only
#[allow(improper_ctypes)]
extern "C" {
    fn rmlx_unwind(
        code: unsafe extern "C" fn(*mut c_void) -> SEXP,
        data: *mut c_void,
        token: SEXP,
        jumped: *mut c_int,
    ) -> SEXP;
    fn rmlx_resume(token: SEXP) -> !;
    fn rmlx_raise(raise: SEXP, failure: SEXP) -> !;
    pub(crate) fn Rf_shallow_duplicate(x: SEXP) -> SEXP;
    pub(crate) fn Rf_eval(call: SEXP, env: SEXP) -> SEXP;
    pub(crate) fn Rf_installTrChar(name: SEXP) -> SEXP;
    pub(crate) fn Rf_allocList(length: c_int) -> SEXP;
    pub(crate) fn SETCAR(x: SEXP, value: SEXP) -> SEXP;
    fn Rf_getCharCE(x: SEXP) -> cetype_t;
    fn Rf_ScalarReal(value: f64) -> SEXP;
    fn Rf_ScalarLogical(value: c_int) -> SEXP;
    pub(crate) fn R_CheckUserInterrupt();
}

/// The result of a routine.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A function that R can call, with the number of its arguments.
pub(crate) struct Routine {
    pub(crate) name: &'static CStr,
    pub(crate) function: *const c_void,
    pub(crate) arguments: c_int,
}

impl Routine {
    /// What ends R's table.
    pub(crate) const END: R_CallMethodDef = R_CallMethodDef { name: std::ptr::null(), fun: None, numArgs: 0 };

    pub(crate) fn definition(&self) -> R_CallMethodDef {
        // SAFETY: R calls the function with as many arguments as the macro counted.
        let fun = unsafe { std::mem::transmute::<*const c_void, DL_FUNC>(self.function) };
        R_CallMethodDef { name: self.name.as_ptr().cast::<c_char>(), fun, numArgs: self.arguments }
    }
}

/// Declares the routines of a file: `routines! { ffi_name(x, y) => function; }` makes `.Call(ffi_name, x, y)` call
/// `function(x, y)`, which takes R objects and returns a [`Result`] of one.
macro_rules! routines {
    ($($name:ident($($arg:ident),*) => $function:path;)*) => {
        $(
            unsafe extern "C" fn $name($($arg: $crate::sys::SEXP),*) -> $crate::sys::SEXP {
                $crate::sys::run(stringify!($name), || $function($($arg),*))
            }
        )*
        pub(crate) const ROUTINES: &[$crate::sys::Routine] = &[$(
            $crate::sys::Routine {
                // the string ends with the only NUL
                name: match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => c"",
                },
                function: $name as *const std::ffi::c_void,
                arguments: 0 $(+ { let _ = stringify!($arg); 1 })*,
            },
        )*];
    };
}

/// How a routine ended, as plain data: nothing is left to drop when R jumps.
enum Ending {
    Value(SEXP),
    Failure(SEXP),
    Jump,
}

/// Runs a routine. Whatever happens in it, a panic included, reaches R as a value or a condition.
pub(crate) fn run(name: &str, routine: impl FnOnce() -> Result<SEXP>) -> SEXP {
    let ending = finish(catch_unwind(AssertUnwindSafe(|| {
        session::check_process()?;
        // before the routine: what the last one has made may have been dropped by now
        memory::relieve()?;
        trace::visit(name);
        let scope = stream::Scope::new();
        let value = Protected::new(routine()?);
        drop(scope);
        session::signal_warnings()?;
        Ok(value.sexp())
    })));
    // SAFETY: this frame holds plain data only, and so does the routine's own.
    match ending {
        Ending::Value(value) => value,
        Ending::Failure(failure) => unsafe { rmlx_raise(session::get().raise, failure) },
        Ending::Jump => unsafe { rmlx_resume(session::get().token) },
    }
}

fn finish(result: std::thread::Result<Result<SEXP>>) -> Ending {
    let failure = match result {
        Ok(Ok(value)) => return Ending::Value(value),
        Ok(Err(failure)) => failure,
        Err(_) => Failure::internal("a panic in Rust"),
    };
    session::forget_warnings();
    match failure {
        Failure::Jump => Ending::Jump,
        Failure::Condition(condition) => match condition.to_r() {
            Ok(failure) => Ending::Failure(failure),
            Err(_) => Ending::Jump,
        },
    }
}

/// Runs R code that may jump. A jump is stopped and returned as [`Failure::Jump`]; the routine's end goes on with it.
/// `code` must own nothing that needs dropping.
pub(crate) fn protect<F: FnMut() -> SEXP>(mut code: F) -> Result<SEXP> {
    unsafe extern "C" fn call<F: FnMut() -> SEXP>(data: *mut c_void) -> SEXP {
        // SAFETY: data is the closure of the enclosing call.
        unsafe { (*data.cast::<F>())() }
    }
    let mut jumped = 0;
    // SAFETY: the closure outlives the call; a jump ends in rmlx_unwind.
    let value = unsafe { rmlx_unwind(call::<F>, (&raw mut code).cast(), session::get().token, &raw mut jumped) };
    if jumped == 0 {
        Ok(value)
    } else {
        Err(Failure::Jump)
    }
}

/// Keeps an R object from being collected. Guards must be dropped in reverse order, as Rust does with locals.
pub(crate) struct Protected(SEXP);

impl Protected {
    pub(crate) fn new(x: SEXP) -> Self {
        // SAFETY: the stack of protected objects is only full after runaway recursion, which R stops first.
        Self(unsafe { Rf_protect(x) })
    }

    pub(crate) fn sexp(&self) -> SEXP {
        self.0
    }
}

impl Drop for Protected {
    fn drop(&mut self) {
        // SAFETY: one pop for the one push of new().
        unsafe { Rf_unprotect(1) };
    }
}

/// Keeps an R object from being collected for longer than a call.
#[derive(Debug)]
pub(crate) struct Kept(SEXP);

impl Kept {
    pub(crate) fn new(x: SEXP) -> Result<Self> {
        let x = Protected::new(x);
        // SAFETY: runs protected.
        protect(|| unsafe {
            R_PreserveObject(x.sexp());
            null()
        })?;
        Ok(Self(x.sexp()))
    }

    pub(crate) fn sexp(&self) -> SEXP {
        self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // SAFETY: preserved in new(); releasing allocates nothing.
        unsafe { R_ReleaseObject(self.0) };
    }
}

/// R's `NULL`.
pub(crate) fn null() -> SEXP {
    // SAFETY: set once when R starts.
    unsafe { R_NilValue }
}

pub(crate) fn kind(x: SEXP) -> SEXPTYPE {
    // SAFETY: x is an R object.
    unsafe { TYPEOF(x) }
}

/// Has the object a class attribute?
pub(crate) fn is_object(x: SEXP) -> bool {
    // SAFETY: x is an R object.
    unsafe { Rf_isObject(x) != Rboolean::FALSE }
}

pub(crate) fn len(x: SEXP) -> usize {
    // SAFETY: x is an R object; a length is not negative.
    unsafe { Rf_xlength(x) as usize }
}

/// Allocates a vector.
pub(crate) fn vector(kind: SEXPTYPE, len: usize) -> Result<SEXP> {
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_allocVector(kind, len as R_xlen_t) })
}

/// A vector of one string.
pub(crate) fn string(text: &str) -> Result<SEXP> {
    strings(&[text])
}

/// A character vector.
pub(crate) fn strings<T: AsRef<str>>(texts: &[T]) -> Result<SEXP> {
    // SAFETY: runs protected, and the vector is guarded against collection while it is filled.
    protect(|| unsafe {
        let out = Rf_protect(Rf_allocVector(SEXPTYPE::STRSXP, texts.len() as R_xlen_t));
        for (i, text) in texts.iter().enumerate() {
            let text = text.as_ref();
            let element = Rf_mkCharLenCE(text.as_ptr().cast(), text.len() as c_int, cetype_t::CE_UTF8);
            SET_STRING_ELT(out, i as R_xlen_t, element);
        }
        Rf_unprotect(1);
        out
    })
}

/// An integer vector.
pub(crate) fn integers(values: &[i32]) -> Result<SEXP> {
    let out = vector(SEXPTYPE::INTSXP, values.len())?;
    // SAFETY: the vector is new and has this length.
    unsafe { slice_mut(INTEGER(out), values.len()) }.copy_from_slice(values);
    Ok(out)
}

pub(crate) fn number(value: f64) -> Result<SEXP> {
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_ScalarReal(value) })
}

pub(crate) fn flag(value: bool) -> SEXP {
    // SAFETY: R shares the two logical values; nothing is allocated.
    unsafe { Rf_ScalarLogical(c_int::from(value)) }
}

/// A list of these objects, with names if given.
pub(crate) fn list(values: &[SEXP], names: Option<&[String]>) -> Result<SEXP> {
    let names = Protected::new(names.map_or_else(|| Ok(null()), strings)?);
    // SAFETY: runs protected; the values are guarded by the caller.
    protect(|| unsafe {
        let out = Rf_protect(Rf_allocVector(SEXPTYPE::VECSXP, values.len() as R_xlen_t));
        for (i, value) in values.iter().enumerate() {
            SET_VECTOR_ELT(out, i as R_xlen_t, *value);
        }
        if names.sexp() != null() {
            Rf_setAttrib(out, R_NamesSymbol, names.sexp());
        }
        Rf_unprotect(1);
        out
    })
}

/// Gives a vector names, also one without elements.
pub(crate) fn set_names<T: AsRef<str>>(x: SEXP, names: &[T]) -> Result<()> {
    let names = Protected::new(strings(names)?);
    // SAFETY: runs protected; the vector is guarded by the caller.
    protect(|| unsafe { Rf_setAttrib(x, R_NamesSymbol, names.sexp()) })?;
    Ok(())
}

/// The elements of a list.
pub(crate) fn elements(x: SEXP) -> Vec<SEXP> {
    // SAFETY: x is a list, and i is below its length.
    (0..len(x)).map(|i| unsafe { VECTOR_ELT(x, i as R_xlen_t) }).collect()
}

/// One string of a character vector; `None` for `NA`. Strings that R does not mark as latin1 are taken as UTF-8.
pub(crate) fn text(x: SEXP, i: usize) -> Option<String> {
    // SAFETY: x is a character vector longer than i; R's strings end with NUL.
    unsafe {
        let element = STRING_ELT(x, i as R_xlen_t);
        if element == R_NaString {
            return None;
        }
        let bytes = CStr::from_ptr(R_CHAR(element));
        if Rf_getCharCE(element) == cetype_t::CE_LATIN1 {
            return Some(bytes.to_bytes().iter().map(|&byte| char::from(byte)).collect());
        }
        Some(bytes.to_string_lossy().into_owned())
    }
}

/// The names of a vector, if it has any.
pub(crate) fn names(x: SEXP) -> Option<Vec<String>> {
    // SAFETY: reading the names of a list or vector allocates nothing.
    let names = unsafe { Rf_getAttrib(x, R_NamesSymbol) };
    (kind(names) == SEXPTYPE::STRSXP).then(|| (0..len(names)).map(|i| text(names, i).unwrap_or_default()).collect())
}

/// R's memory as a slice; an empty vector's pointer may be anything.
///
/// # Safety
/// `pointer` must be the start of `len` elements that stay for `'a`.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(pointer, len) }
}

/// As [`slice`], for writing.
///
/// # Safety
/// As [`slice`], and nobody else may look.
pub(crate) unsafe fn slice_mut<'a, T>(pointer: *mut T, len: usize) -> &'a mut [T] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(pointer, len) }
}
