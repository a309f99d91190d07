//! Compiled R closures.

use crate::args;
use crate::closure::{self, Names, Place, Slot};
use crate::failure::Failure;
use crate::handle::{address, finalize, Tensor};
use crate::promote::{operand, Operand};
use crate::session;
use crate::sys::{
    elements, null, protect, R_MakeExternalPtr, R_RegisterCFinalizerEx, R_SetExternalPtrAddr, Rboolean, Result,
    Rf_protect, Rf_unprotect, SEXP,
};
use mlx::transforms::{set_compile_enabled, set_compile_fusion, Closure, Compiled};
use mlx::{Array, Device};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::rc::Rc;

routines! {
    ffi_compile(f) => compile;
    ffi_compiled_call(f, inputs) => call;
    ffi_set_compile(enabled, fuse) => set_compile;
    ffi_set_kernel_folder(folder) => set_kernel_folder;
}

/// A compiled function, and what it shares with the closure that MLX traces.
struct Function {
    compiled: Compiled,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    slot: Slot,
    /// The devices of the arguments of the call in progress.
    devices: RefCell<Vec<Device>>,
    /// The names of each trace's value; a trace's tag is its place here.
    names: RefCell<Vec<Names>>,
    /// Is a trace in progress?
    tracing: Cell<bool>,
}

/// Makes an external pointer that holds a compiled function and keeps `f`.
fn compile(f: SEXP) -> Result<SEXP> {
    let shared = Rc::new(Shared::default());
    let traced = {
        let shared = Rc::downgrade(&shared);
        Closure::new(move |arrays| match shared.upgrade() {
            Some(shared) => closure::keep(&shared.slot, trace(f, arrays, &shared)),
            None => Err(()),
        })
    };
    // a shapeless trace would run on inputs that do not fit it, past the end of their memory: MLX does not check
    let function = Function { compiled: Compiled::new(traced, false), shared };
    // SAFETY: runs protected.
    let pointer = protect(|| unsafe {
        let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), session::get().compiled_tag, f));
        R_RegisterCFinalizerEx(pointer, Some(finalize::<Function>), Rboolean::FALSE);
        Rf_unprotect(1);
        pointer
    })?;
    // SAFETY: the pointer made above; nothing can jump any more.
    unsafe { R_SetExternalPtrAddr(pointer, Box::into_raw(Box::new(function)).cast::<c_void>()) };
    Ok(pointer)
}

thread_local! {
    /// How many compiled functions are being traced, one inside the other.
    pub(crate) static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Are the values of an array not known, because it stands for an argument of a compiled function? Inside a gradient alone
/// they are.
pub(crate) fn is_unknown(x: &Array) -> bool {
    DEPTH.get() > 0 && x.is_tracer()
}

/// Calls `f` with placeholders and files the names of its value under a new tag.
fn trace(f: SEXP, arrays: Vec<Array>, shared: &Shared) -> Result<(Vec<Array>, u64)> {
    let places: Vec<Place> = shared.devices.borrow().iter().map(|device| (*device, None)).collect();
    DEPTH.set(DEPTH.get() + 1);
    let traced = closure::call(f, arrays, &places, outputs);
    DEPTH.set(DEPTH.get() - 1);
    let (outputs, names) = traced?;
    let mut all = shared.names.borrow_mut();
    all.push(names);
    Ok((outputs, all.len() as u64 - 1))
}

fn outputs(value: SEXP) -> Result<(Vec<Array>, Names)> {
    let fail = |message: String| Err(Failure::new("trace", message));
    let Some((members, names)) = closure::arrays(value)? else {
        let class = args::class_of(value);
        return fail(format!(
            "Compiled function must return either an mlx array or a list of mlx arrays, not {class}."
        ));
    };
    if members.is_empty() {
        return fail("Compiled function returned an empty list; it must return at least one mlx array.".into());
    }
    match members.iter().position(Option::is_none) {
        Some(i) => fail(format!("Compiled function returned a list with a non-mlx element at position {}.", i + 1)),
        None => Ok((members.into_iter().flatten().collect(), names)),
    }
}

fn call(f: SEXP, inputs: SEXP) -> Result<SEXP> {
    // SAFETY: pointers with this tag hold a Function.
    let function = unsafe { address::<Function>(f, session::get().compiled_tag, "compiled function") }?;
    let operands = elements(inputs).into_iter().map(operand).collect::<Result<Vec<Operand>>>()?;
    let Some(first) = operands.first().map(|operand| operand.device) else {
        return Err(Failure::argument("...", "A compiled function requires at least one argument."));
    };
    if function.shared.tracing.replace(true) {
        return Err(Failure::new("trace", "A compiled function cannot call itself while it is being traced."));
    }
    *function.shared.devices.borrow_mut() = operands.iter().map(|operand| operand.device).collect();
    let arrays: Vec<&Array> = operands.iter().map(|operand| &operand.array).collect();
    let result = function.compiled.call(&arrays);
    function.shared.tracing.set(false);
    let (arrays, tag) = result.map_err(|error| closure::reason(&function.shared.slot, error, refused))?;
    let all = function.shared.names.borrow();
    let names = all.get(tag as usize).ok_or_else(|| Failure::internal("a trace that was not filed"))?;
    let mut tensors: Vec<Tensor> = arrays.into_iter().map(|array| Tensor::new(array, first)).collect();
    match tensors.pop() {
        Some(only) if tensors.is_empty() => only.into_r(),
        last => {
            tensors.extend(last);
            crate::grad::tensors(tensors, names.as_deref())
        }
    }
}

/// MLX's own refusal of a trace.
fn refused(error: mlx::Error) -> Failure {
    let failure = Failure::from(error);
    let hint = "A compiled function must use MLX operations only, and the same ones for every value of its arguments.";
    Failure::new("trace", format!("Error calling compiled function: {}\n\n{hint}", failure.message()))
}

/// Switches compilation on or off, and kernels with it.
fn set_compile(enabled: SEXP, fuse: SEXP) -> Result<SEXP> {
    match (args::one_flag(enabled, "enabled")?, args::one_flag(fuse, "fuse")?) {
        (true, fuse) => set_compile_fusion(fuse),
        (false, _) => set_compile_enabled(false),
    }
    Ok(null())
}

fn set_kernel_folder(folder: SEXP) -> Result<SEXP> {
    mlx::runtime::set_kernel_folder(&args::one_string(folder, "folder")?);
    Ok(null())
}
