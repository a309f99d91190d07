//! Functions to files, and graphs as text.

use crate::args;
use crate::closure::{self, Arguments, Place};
use crate::export_events;
use crate::failure::{Failure, Field};
use crate::handle::{self, address, finalize};
use crate::import::described;
use crate::io::failed;
use crate::sys::{
    elements, kind, names, null, protect, string, strings, R_MakeExternalPtr, R_RegisterCFinalizerEx,
    R_SetExternalPtrAddr, Rboolean, Result, Rf_install, Rf_protect, Rf_unprotect, SEXP, SEXPTYPE,
};
use crate::trace::Trace;
use mlx::export::{check_writable, write, Traced};
use mlx::graph::Graph;
use mlx::transforms::Closure;
use mlx::Array;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::path::Path;

routines! {
    ffi_exporter(shapeless) => exporter;
    ffi_exporter_trace(exporter, f, inputs) => trace;
    ffi_exporter_events(exporter) => events;
    ffi_exporter_signatures(exporter) => signatures;
    ffi_exporter_write(exporter, path, metadata) => write_traces;
    ffi_check_writable(path) => writable;
    ffi_graph(x, dot) => graph;
    ffi_write_text(text, path) => write_text;
}

/// The traces of a function, to be written together.
struct Exporter {
    shapeless: bool,
    traces: RefCell<Vec<Traced>>,
    /// Is a trace in progress?
    tracing: Cell<bool>,
}

/// Marks external pointers that hold an exporter.
fn tag() -> Result<SEXP> {
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_install(c"mlx_exporter".as_ptr()) })
}

fn given<'a>(exporter: SEXP) -> Result<&'a Exporter> {
    // SAFETY: pointers with this tag hold an Exporter.
    let exporter: &Exporter = unsafe { address(exporter, tag()?, "mlx_exporter") }?;
    if exporter.tracing.get() {
        let message = "An exporter cannot be used by its own function while that is being traced.";
        return Err(Failure::new("trace", message));
    }
    Ok(exporter)
}

fn exporter(shapeless: SEXP) -> Result<SEXP> {
    let shapeless = args::one_flag(shapeless, "shapeless")?;
    let tag = tag()?;
    // SAFETY: runs protected.
    let pointer = protect(|| unsafe {
        let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), tag, null()));
        R_RegisterCFinalizerEx(pointer, Some(finalize::<Exporter>), Rboolean::FALSE);
        Rf_unprotect(1);
        pointer
    })?;
    let exporter = Exporter { shapeless, traces: RefCell::default(), tracing: Cell::new(false) };
    // SAFETY: the pointer made above; nothing can jump any more.
    unsafe { R_SetExternalPtrAddr(pointer, Box::into_raw(Box::new(exporter)).cast::<c_void>()) };
    Ok(pointer)
}

/// Traces `f` for a list of inputs, the unnamed ones first, and adds the trace.
fn trace(exporter: SEXP, f: SEXP, inputs: SEXP) -> Result<SEXP> {
    let exporter = given(exporter)?;
    let arguments = Arguments::read(inputs, |_, _| true)?;
    if let Some(i) = arguments.counts.iter().position(|count| *count != 1) {
        let message = format!("Argument {} is a list: an exported function takes arrays only.", i + 1);
        return Err(Failure::argument("...", message));
    }
    let keywords: Vec<String> = names(inputs).unwrap_or_default().into_iter().filter(|name| !name.is_empty()).collect();
    let places: Vec<Place> = arguments.tensors.iter().map(|tensor| (tensor.device, None)).collect();
    let mut traced = {
        let templates = arguments.templates();
        Closure::new(move |arrays| {
            closure::keep(results(f, templates, arrays, &places)).map(|outputs| (outputs, Vec::new()))
        })
    };
    exporter.tracing.set(true);
    let trace = Traced::new(&mut traced, &arguments.arrays(), &keywords, exporter.shapeless);
    exporter.tracing.set(false);
    let trace = trace.map_err(refused)?;
    let mut traces = exporter.traces.borrow_mut();
    if let Some(before) = traces.iter().find(|before| before.takes(&trace, exporter.shapeless)) {
        return Err(twice(before));
    }
    traces.push(trace);
    Ok(null())
}

/// The arrays that `f` makes of placeholders, whatever list they stand in.
fn results(f: SEXP, templates: SEXP, arrays: Vec<Array>, places: &[Place]) -> Result<Vec<Array>> {
    let bad = |message: String| Failure::new("trace", message).with("arg", Field::Text("f".into()));
    let _trace = Trace::new(true);
    let outputs = closure::call(f, templates, arrays, places, |value| {
        let mut flat = Flat::default();
        flat.add(value, &[])
            .map_err(|what| bad(format!("`f` must return an mlx array or a list of mlx arrays, not {what}.")))?;
        Ok(flat.0)
    });
    let outputs: Vec<Array> = outputs?.into_iter().map(|(_, array)| array).collect();
    if outputs.is_empty() {
        return Err(bad("`f` returned an empty list; it must return at least one mlx array.".into()));
    }
    Ok(outputs)
}

/// Lists within lists beyond this depth are not looked into.
const DEEPEST: usize = 100;

/// The arrays of nested lists in their order, each with its names joined by dots: a member without a name is known by its
/// place, and by nothing where no list on the way has names.
#[derive(Default)]
struct Flat(Vec<(String, Array)>);

/// The place of a member in its list, and its name.
type Step = (usize, String);

fn joined(path: &[Step]) -> String {
    let step = |(i, name): &Step| if name.is_empty() { (i + 1).to_string() } else { name.clone() };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

impl Flat {
    /// Adds the arrays of a value, or tells what is none.
    fn add(&mut self, value: SEXP, path: &[Step]) -> std::result::Result<(), String> {
        let place = || if path.is_empty() { String::new() } else { format!(" at `{}`", joined(path)) };
        match handle::tensor(value) {
            Ok(Some(tensor)) => {
                let named = path.iter().any(|(_, name)| !name.is_empty());
                self.0.push((if named { joined(path) } else { String::new() }, tensor.array.clone()));
                return Ok(());
            }
            Ok(None) if kind(value) == SEXPTYPE::VECSXP && path.len() < DEEPEST => {}
            Ok(None) if path.len() == DEEPEST => return Err(format!("lists {DEEPEST} deep")),
            Ok(None) => return Err(format!("{}{}", args::class_of(value), place())),
            Err(_) => return Err(format!("an array of an earlier session{}", place())),
        }
        let labels = names(value).unwrap_or_default();
        for (i, member) in elements(value).into_iter().enumerate() {
            let mut longer = path.to_vec();
            longer.push((i, labels.get(i).cloned().unwrap_or_default()));
            self.add(member, &longer)?;
        }
        Ok(())
    }
}

/// MLX's own refusal of a trace.
fn refused(error: mlx::Error) -> Failure {
    let text = error.to_string();
    if let Some((_, name)) = text.split_once("Unable to get state for primitive ") {
        let message = format!(
            "MLX cannot export the operation \"{name}\" that `f` uses. If it does not depend on the arguments, compute it \
             before, with mlx_eval()."
        );
        return Failure::new("backend", message).with("what", Field::Text(name.into()));
    }
    match error {
        mlx::Error::Backend(_) => Failure::new("trace", format!("`f` cannot be exported: {text}.")),
        other => other.into(),
    }
}

fn twice(before: &Traced) -> Failure {
    let message = format!(
        "The function has been exported for such arguments already: {}. A file cannot hold two traces that take the same \
         arguments.",
        signature(before)
    );
    Failure::argument("...", message)
}

fn signature(trace: &Traced) -> String {
    let unnamed = trace.inputs.len() - trace.keywords.len();
    let name = |i: usize| if i < unnamed { "" } else { trace.keywords[i - unnamed].as_str() };
    let inputs: Vec<String> =
        trace.inputs.iter().enumerate().map(|(i, spec)| described(name(i), &spec.shape, spec.dtype)).collect();
    if inputs.is_empty() {
        "no arguments".into()
    } else {
        inputs.join(", ")
    }
}

/// A line for each trace.
fn signatures(exporter: SEXP) -> Result<SEXP> {
    let lines: Vec<String> = given(exporter)?.traces.borrow().iter().map(signature).collect();
    strings(&lines)
}

fn write_traces(exporter: SEXP, path: SEXP, metadata: SEXP) -> Result<SEXP> {
    let exporter = given(exporter)?;
    let (path, metadata) = (args::one_string(path, "path")?, args::one_string(metadata, "metadata")?);
    write(Path::new(&path), &exporter.traces.borrow(), exporter.shapeless, &metadata)
        .map_err(|error| failed("write", &path, error))?;
    Ok(null())
}

/// An error where no file of this name could be written.
fn writable(path: SEXP) -> Result<SEXP> {
    let path = args::one_string(path, "path")?;
    check_writable(Path::new(&path)).map_err(|error| failed("write", &path, error))?;
    Ok(null())
}

/// What MLX tells about the last trace: a list of named lists.
fn events(exporter: SEXP) -> Result<SEXP> {
    let traces = given(exporter)?.traces.borrow();
    let events = traces.last().map_or_else(|| Ok(Vec::new()), Traced::events)?;
    export_events::to_r(events)
}

/// The graph behind the arrays of nested lists, as one string.
fn graph(x: SEXP, dot: SEXP) -> Result<SEXP> {
    let dot = args::one_flag(dot, "dot")?;
    let mut flat = Flat::default();
    flat.add(x, &[]).map_err(|what| {
        Failure::argument("x", format!("`x` must be an mlx array or a list of mlx arrays, not {what}."))
    })?;
    if flat.0.is_empty() {
        return Err(Failure::argument("x", "`x` must hold at least one mlx array."));
    }
    let arrays: Vec<(String, &Array)> = flat.0.iter().map(|(name, array)| (name.clone(), array)).collect();
    let graph = Graph::new(&arrays);
    string(&if dot { graph.dot() } else { graph.lines() })
}

fn write_text(text: SEXP, path: SEXP) -> Result<SEXP> {
    let (text, path) = (args::one_string(text, "text")?, args::one_string(path, "file")?);
    mlx::io::save_text(Path::new(&path), &text).map_err(|error| failed("write", &path, error))?;
    Ok(null())
}
