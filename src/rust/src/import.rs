//! Functions from files.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::{address, finalize, Tensor};
use crate::io::{failed, placed};
use crate::promote::{operand, Operand};
use crate::sys::{
    elements, names, null, protect, string, R_MakeExternalPtr, R_RegisterCFinalizerEx, R_SetExternalPtrAddr, Rboolean,
    Result, Rf_install, Rf_protect, Rf_unprotect, SEXP,
};
use mlx::io::{Program, Spec, Trace};
use mlx::{Array, Dtype};
use std::ffi::c_void;
use std::path::Path;

routines! {
    ffi_import(path, device) => import;
    ffi_imported_call(function, inputs, device) => call;
    ffi_imported_metadata(function) => metadata;
}

/// Marks external pointers that hold a program.
fn tag() -> Result<SEXP> {
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_install(c"mlx_imported".as_ptr()) })
}

/// Makes an external pointer that holds the function of a file; the device must be one.
fn import(path: SEXP, device: SEXP) -> Result<SEXP> {
    args::device(device)?;
    let path = args::one_string(path, "path")?;
    let program = Program::load(Path::new(&path)).map_err(|error| failed("read", &path, error))?;
    let tag = tag()?;
    // SAFETY: runs protected.
    let pointer = protect(|| unsafe {
        let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), tag, null()));
        R_RegisterCFinalizerEx(pointer, Some(finalize::<Program>), Rboolean::FALSE);
        Rf_unprotect(1);
        pointer
    })?;
    // SAFETY: the pointer made above; nothing can jump any more.
    unsafe { R_SetExternalPtrAddr(pointer, Box::into_raw(Box::new(program)).cast::<c_void>()) };
    Ok(pointer)
}

/// Calls the function with a list of inputs, the named ones by name.
fn call(function: SEXP, inputs: SEXP, device: SEXP) -> Result<SEXP> {
    // SAFETY: pointers with this tag hold a Program.
    let program = unsafe { address::<Program>(function, tag()?, "imported function") }?;
    let device = args::device(device)?;
    let operands = elements(inputs).into_iter().map(operand).collect::<Result<Vec<Operand>>>()?;
    let names = names(inputs).unwrap_or_else(|| vec![String::new(); operands.len()]);
    let given: Vec<(String, &Array)> = names.into_iter().zip(operands.iter().map(|operand| &operand.array)).collect();
    let found = program.traces.iter().find_map(|trace| Some((trace, fitting(trace, &given, program.shapeless)?)));
    let Some((trace, inputs)) = found else {
        return Err(no_trace(program, &given));
    };
    let arrays = program.run(trace, &inputs, device)?;
    let mut results: Vec<Tensor> = arrays.into_iter().map(|array| placed(array, device)).collect();
    match results.pop() {
        Some(only) if results.is_empty() => only.into_r(),
        last => {
            results.extend(last);
            crate::handle::tensors(results, None)
        }
    }
}

/// The text that was saved with the function.
fn metadata(function: SEXP) -> Result<SEXP> {
    // SAFETY: pointers with this tag hold a Program.
    let program = unsafe { address::<Program>(function, tag()?, "imported function") }?;
    string(&program.metadata)
}

/// The inputs in the order of the trace, if they are what it takes. A trace without names takes named inputs behind the
/// others, as they come.
fn fitting(trace: &Trace, given: &[(String, &Array)], shapeless: bool) -> Option<Vec<Array>> {
    let by_position = given.iter().filter(|(name, _)| name.is_empty());
    let by_name = given.iter().filter(|(name, _)| !name.is_empty());
    let mut inputs: Vec<Array> = by_position.map(|(_, array)| (*array).clone()).collect();
    if trace.keywords.is_empty() {
        inputs.extend(by_name.map(|(_, array)| (*array).clone()));
    } else {
        if inputs.len() + trace.keywords.len() != trace.inputs.len() || given.len() != trace.inputs.len() {
            return None;
        }
        for keyword in &trace.keywords {
            inputs.push((*given.iter().find(|(name, _)| name == keyword)?.1).clone());
        }
    }
    let fits = |(array, spec): (&Array, &Spec)| {
        let sides = if shapeless { array.ndim() == spec.shape.len() } else { array.shape() == spec.shape };
        sides && array.dtype() == spec.dtype
    };
    (inputs.len() == trace.inputs.len() && inputs.iter().zip(&trace.inputs).all(fits)).then_some(inputs)
}

pub(crate) fn described(name: &str, shape: &[i32], dtype: Dtype) -> String {
    let name = if name.is_empty() { String::new() } else { format!("{name} = ") };
    format!("{name}{} ({})", dtype.name(), shown(shape))
}

/// What was given, and what would have been right.
fn no_trace(program: &Program, given: &[(String, &Array)]) -> Failure {
    let given: Vec<String> = given.iter().map(|(name, array)| described(name, array.shape(), array.dtype())).collect();
    let traces: Vec<String> = program.traces.iter().take(10).map(wanted).collect();
    let any = if program.shapeless { "Any sides will do, in this number of axes.\n" } else { "" };
    let message = format!(
        "The imported function does not take these arguments: {}.\n{any}It takes:\n{}",
        if given.is_empty() { "none".into() } else { given.join(", ") },
        traces.join("\n")
    );
    Failure::argument("...", message)
}

fn wanted(trace: &Trace) -> String {
    let unnamed = trace.inputs.len() - trace.keywords.len();
    let name = |i: usize| if i < unnamed { "" } else { trace.keywords[i - unnamed].as_str() };
    let inputs: Vec<String> =
        trace.inputs.iter().enumerate().map(|(i, spec)| described(name(i), &spec.shape, spec.dtype)).collect();
    format!("* {}", if inputs.is_empty() { "no arguments".into() } else { inputs.join(", ") })
}
