//! Compiled R closures.

use crate::args;
use crate::closure::{self, Arguments, Place, Structure};
use crate::failure::Failure;
use crate::handle::{address, finalize, inherits, is_mlx};
use crate::random_key;
use crate::random_seed;
use crate::session;
use crate::sys::{
    elements, kind, len, null, protect, R_ExternalPtrProtected, R_MakeExternalPtr, R_RegisterCFinalizerEx,
    R_SetExternalPtrAddr, Rboolean, Result, Rf_cons, Rf_protect, Rf_unprotect, CAR, SETCDR, SEXP, SEXPTYPE,
};
use crate::trace::{self, Trace};
use crate::tree;
use mlx::compile::{set_mode, Compiled, Mode, Sketch};
use mlx::transforms::Closure;
use mlx::{Array, Device, Dtype, Error, Key};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::rc::{Rc, Weak};

routines! {
    ffi_compile(f, shapeless, stateful) => compile;
    ffi_compiled_call(f, inputs) => call;
    ffi_clear_compiled() => clear;
    ffi_set_compile(mode) => set_compile;
    ffi_set_kernel_folder(folder) => set_kernel_folder;
}

/// A compiled function: one [`Variant`] for each form of its arguments, the latest in front.
struct Function {
    /// The external pointer that R has for it, which guards `f` and the templates of the variants.
    pointer: SEXP,
    /// Does `f` return its value in a list with the state that it leaves?
    stateful: bool,
    /// Is one trace to serve all shapes, where it can?
    shapeless: bool,
    variants: RefCell<Vec<Rc<Variant>>>,
    /// Is a trace in progress?
    tracing: Cell<bool>,
    warned: Cell<bool>,
}

/// The function for arguments of one form: the same lists, the same members that are no arrays, the same devices. MLX keeps
/// its traces by the shapes and dtypes of the arrays.
struct Variant {
    f: SEXP,
    templates: SEXP,
    devices: Vec<Device>,
    compiled: Compiled,
    shared: Rc<Shared>,
    /// Takes the place of a key where nothing is drawn.
    spare: Array,
}

/// What a variant shares with the closure that MLX traces.
#[derive(Default)]
struct Shared {
    /// The values of the traces; a trace's tag is its place here.
    traces: RefCell<Vec<Traced>>,
    stateful: bool,
    /// Do arguments stand for values that are not known? Not where another transform calls the function itself.
    unknown: Cell<bool>,
    /// Traces that may serve other shapes; `None` for a function that is traced for each.
    sketches: Option<RefCell<Vec<Sketched>>>,
}

/// A trace for arrays of these dtypes and numbers of axes.
struct Sketched {
    /// `None` where the function cannot be traced without regard to shapes.
    sketch: Option<Sketch>,
    dtypes: Vec<Dtype>,
    shapes: Vec<Vec<i32>>,
    tag: u64,
    /// Does it serve other shapes than its own?
    general: bool,
}

struct Traced {
    structure: Structure,
    draws: bool,
}

/// So many variants are kept, and so many make a warning worth while.
const MOST: usize = 128;
const MANY: usize = 32;

/// Makes an external pointer that holds a compiled function and keeps `f`. With `stateful`, `f` returns `list(value, state)`.
fn compile(f: SEXP, shapeless: SEXP, stateful: SEXP) -> Result<SEXP> {
    let shapeless = args::one_flag(shapeless, "shapeless")?;
    let stateful = args::one_flag(stateful, "stateful")?;
    // SAFETY: runs protected.
    let pointer = protect(|| unsafe {
        let guarded = Rf_protect(Rf_cons(f, null()));
        let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), session::get().compiled_tag, guarded));
        R_RegisterCFinalizerEx(pointer, Some(finalize::<Rc<Function>>), Rboolean::FALSE);
        Rf_unprotect(2);
        pointer
    })?;
    let function = Rc::new(Function {
        pointer,
        stateful,
        shapeless,
        variants: RefCell::default(),
        tracing: Cell::new(false),
        warned: Cell::new(false),
    });
    ALL.with_borrow_mut(|all| {
        // dropped ones are cleared away when the list would grow
        if all.len() == all.capacity() {
            all.retain(|function| function.strong_count() > 0);
        }
        all.push(Rc::downgrade(&function));
    });
    // SAFETY: the pointer made above; nothing can jump any more.
    unsafe { R_SetExternalPtrAddr(pointer, Box::into_raw(Box::new(function)).cast::<c_void>()) };
    Ok(pointer)
}

thread_local! {
    /// Every compiled function.
    static ALL: RefCell<Vec<Weak<Function>>> = const { RefCell::new(Vec::new()) };
}

/// Forgets all traces of all functions that are not being traced.
fn clear() -> Result<SEXP> {
    let all: Vec<Rc<Function>> = ALL.with_borrow(|all| all.iter().filter_map(Weak::upgrade).collect());
    for function in all {
        if !function.tracing.get() {
            function.variants.take();
            function.guard(null());
        }
    }
    Ok(null())
}

impl Variant {
    fn new(function: &Function, arguments: &Arguments, devices: Vec<Device>) -> Result<Self> {
        let (f, templates) = (function.f(), arguments.templates());
        let sketches = function.shapeless.then(RefCell::default);
        let shared = Rc::new(Shared { stateful: function.stateful, sketches, ..Shared::default() });
        let traced = {
            let shared = Rc::downgrade(&shared);
            let places = bare(&devices);
            Closure::new(move |arrays| {
                let shared = shared.upgrade().ok_or(())?;
                match shared.built(&arrays) {
                    Some((outputs, tag)) => Ok((outputs, vec![tag])),
                    None => closure::keep(shared.trace(f, templates, arrays, &places)),
                }
            })
        };
        let spare = Key::new(0).array()?;
        Ok(Self { f, templates, devices, compiled: Compiled::new(traced), shared, spare })
    }

    fn serves(&self, arguments: &Arguments, devices: &[Device]) -> bool {
        self.devices == devices && tree::identical(self.templates, arguments.templates())
    }

    /// Calls the function. Every call hands over a key: what is drawn when the function is traced follows from it.
    fn call(&self, arguments: &Arguments) -> Result<SEXP> {
        let inside = trace::is_running();
        self.shared.unknown.set(!inside);
        let draws = self.shared.traces.borrow().last().map(|trace| trace.draws);
        let (arrays, tag) = if inside && random_key::is_traced() {
            self.run(arguments, &random_key::next()?)?
        } else if draws == Some(false) {
            let result = self.run(arguments, &self.spare)?;
            if !self.draws(result.1)? {
                return self.fill(result);
            }
            // a new trace that draws, unlike those before
            self.run(arguments, &random_seed::next()?.key.array()?)?
        } else {
            let taken = random_seed::next()?;
            let result = self.run(arguments, &taken.key.array()?)?;
            if !self.draws(result.1)? {
                taken.put_back();
            }
            result
        };
        self.fill((arrays, tag))
    }

    fn run(&self, arguments: &Arguments, key: &Array) -> Result<(Vec<Array>, u64)> {
        let mut arrays = arguments.arrays();
        arrays.push(key);
        if self.shared.sketches.is_some() && self.shared.unknown.get() && ENABLED.get() {
            self.sketch(&arrays)?;
        }
        self.compiled.call(&arrays, !self.shared.unknown.get()).map_err(|error| closure::told(error, refused))
    }

    /// Sketches the function for arrays of other dtypes or numbers of axes than before.
    fn sketch(&self, arrays: &[&Array]) -> Result<()> {
        let Some(sketches) = &self.shared.sketches else { return Ok(()) };
        if sketches.borrow().iter().any(|sketched| sketched.is_like(arrays.iter().copied())) {
            return Ok(());
        }
        let (f, templates, shared) = (self.f, self.templates, self.shared.clone());
        let places = bare(&self.devices);
        let tag = Rc::new(Cell::new(0));
        let mut traced = {
            let tag = tag.clone();
            Closure::new(move |arrays| {
                let (outputs, tags) = closure::keep(shared.trace(f, templates, arrays, &places))?;
                tag.set(tags[0]);
                Ok((outputs, tags))
            })
        };
        let (sketch, general) = trace::sketching(|| Sketch::new(&mut traced, arrays));
        let sketch = match sketch {
            // R is on its way out of the function
            Err(error @ (Error::Callback | Error::Interrupted)) => return Err(closure::told(error, refused)),
            other => other.ok(),
        };
        let dtypes = arrays.iter().map(|array| array.dtype()).collect();
        let shapes = arrays.iter().map(|array| array.shape().to_vec()).collect();
        sketches.borrow_mut().push(Sketched { sketch, dtypes, shapes, tag: tag.get(), general });
        Ok(())
    }

    fn draws(&self, tag: u64) -> Result<bool> {
        self.traced(tag, |trace| Ok(trace.draws))
    }

    fn fill(&self, (arrays, tag): (Vec<Array>, u64)) -> Result<SEXP> {
        self.traced(tag, |trace| {
            let value = trace.structure.fill(arrays)?;
            // a list of one array comes back as the array
            let lonely = tree::is_list(value) && len(value) == 1 && is_mlx(elements(value)[0]);
            Ok(if lonely { elements(value)[0] } else { value })
        })
    }

    fn traced<T>(&self, tag: u64, read: impl FnOnce(&Traced) -> Result<T>) -> Result<T> {
        let traces = self.shared.traces.borrow();
        read(traces.get(tag as usize).ok_or_else(|| Failure::internal("a trace that was not filed"))?)
    }
}

impl Sketched {
    fn is_like<'a>(&self, arrays: impl ExactSizeIterator<Item = &'a Array>) -> bool {
        arrays.len() == self.dtypes.len()
            && arrays
                .zip(&self.dtypes)
                .zip(&self.shapes)
                .all(|((array, dtype), shape)| array.dtype() == *dtype && array.ndim() == shape.len())
    }
}

/// Places without names.
fn bare(devices: &[Device]) -> Vec<Place> {
    devices.iter().map(|device| (*device, None)).collect()
}

impl Shared {
    /// The outputs and their tag, made from a sketch. `None` where there is none or it does not serve these shapes: then the
    /// function itself is traced, and fails in its own words if it does not take them.
    fn built(&self, arrays: &[Array]) -> Option<(Vec<Array>, u64)> {
        let sketches = self.sketches.as_ref()?.borrow();
        if !self.unknown.get() {
            return None;
        }
        let sketched = sketches.iter().find(|sketched| sketched.is_like(arrays.iter()))?;
        let sketch = sketched.sketch.as_ref()?;
        let outputs = if arrays.iter().zip(&sketched.shapes).all(|(array, shape)| array.shape() == shape) {
            sketch.build(arrays)
        } else if sketched.general {
            sketch.build_at_other_shapes(arrays)
        } else {
            return None;
        };
        Some((outputs.ok()?, sketched.tag))
    }

    /// Calls `f` with placeholders and files the form of its value under a new tag.
    fn trace(
        &self,
        f: SEXP,
        templates: SEXP,
        mut arrays: Vec<Array>,
        places: &[Place],
    ) -> Result<(Vec<Array>, Vec<u64>)> {
        let key = arrays.pop().ok_or_else(|| Failure::internal("no key for a trace"))?;
        let (traced, draws) = random_key::drawing_from(key, || {
            let _trace = Trace::new(self.unknown.get());
            closure::call(f, templates, arrays, places, |value| outputs(value, self.stateful))
        });
        let (outputs, structure) = traced?;
        let mut traces = self.traces.borrow_mut();
        // traced inside other transforms again and again, a function needs one entry only
        let known = |trace: &Traced| trace.draws == draws && trace.structure.same(&structure);
        let tag = traces.iter().position(known).unwrap_or(traces.len());
        if tag == traces.len() {
            traces.push(Traced { structure, draws });
        }
        Ok((outputs, vec![tag as u64]))
    }
}

/// The arrays of a compiled function's value, which must hold nothing else, and of its state.
fn outputs(value: SEXP, stateful: bool) -> Result<(Vec<Array>, Structure)> {
    check_value(if stateful { elements(value)[0] } else { value })?;
    Structure::of(value)
}

fn check_value(value: SEXP) -> Result<()> {
    let fail = |message: String| Err(Failure::new("trace", message));
    if !is_mlx(value) && !tree::is_list(value) {
        let class = args::class_of(value);
        return fail(format!(
            "Compiled function must return either an mlx array or a list of mlx arrays, not {class}."
        ));
    }
    tree::count(value)?;
    if tree::is_list(value) && len(value) == 0 {
        return fail("Compiled function returned an empty list; it must return at least one mlx array.".into());
    }
    if let Some(place) = tree::stranger(value) {
        return fail(format!("Compiled function returned a list with a non-mlx element at position {place}."));
    }
    Ok(())
}

fn call(pointer: SEXP, inputs: SEXP) -> Result<SEXP> {
    // SAFETY: pointers with this tag hold a Function.
    let function = unsafe { address::<Rc<Function>>(pointer, session::get().compiled_tag, "compiled function") }?;
    if len(inputs) == 0 {
        return Err(Failure::argument("...", "A compiled function requires at least one argument."));
    }
    let mut arguments = Arguments::by_position(inputs, |_, x| closure::is_data(x) && !closure::is_number(x))?;
    if arguments.tensors.is_empty() {
        arguments = Arguments::by_position(inputs, |_, _| true)?;
    }
    if arguments.tensors.is_empty() {
        return Err(Failure::argument("...", "A compiled function requires at least one argument that is an array."));
    }
    // lists that are nested too deep were refused above
    if let Some(i) = elements(inputs).into_iter().position(may_change) {
        let message = format!(
            "Argument {} is or holds a module or an environment, whose contents may change unseen: name it in the `inputs` \
             of mlx_compile(), and let the function find it outside.",
            i + 1
        );
        return Err(Failure::argument("...", message));
    }
    if function.tracing.replace(true) {
        return Err(Failure::new("trace", "A compiled function cannot call itself while it is being traced."));
    }
    let variant = function.variant(&arguments);
    let result = variant.and_then(|variant| variant.call(&arguments));
    function.tracing.set(false);
    result
}

/// Can what it holds change while it stays the same object?
fn may_change(x: SEXP) -> bool {
    let state = kind(x) == SEXPTYPE::ENVSXP || inherits(x, c"mlx_module") || inherits(x, c"mlx_param");
    state || (tree::is_list(x) && elements(x).into_iter().any(may_change))
}

impl Function {
    /// What the pointer guards: a pairlist of `f` and the templates. R sees these through the pointer, so that a constant
    /// argument that leads back to the compiled function does not keep it alive.
    fn guarded(&self) -> SEXP {
        // SAFETY: the pointer lives as long as this, which it owns.
        unsafe { R_ExternalPtrProtected(self.pointer) }
    }

    fn f(&self) -> SEXP {
        // SAFETY: a pairlist with at least one cell.
        unsafe { CAR(self.guarded()) }
    }

    fn guard(&self, templates: SEXP) {
        // SAFETY: a pairlist with at least one cell; nothing is allocated.
        unsafe { SETCDR(self.guarded(), templates) };
    }

    /// The variant for these arguments, an old one or a new one.
    fn variant(&self, arguments: &Arguments) -> Result<Rc<Variant>> {
        let devices: Vec<Device> = arguments.tensors.iter().map(|tensor| tensor.device).collect();
        let mut variants = self.variants.borrow_mut();
        if let Some(place) = variants.iter().position(|variant| variant.serves(arguments, &devices)) {
            variants[..=place].rotate_right(1);
            return Ok(variants[0].clone());
        }
        let variant = Rc::new(Variant::new(self, arguments, devices)?);
        variants.truncate(MOST - 1);
        self.guard(with_templates(arguments.templates(), &variants)?);
        variants.insert(0, variant.clone());
        if variants.len() == MANY && !self.warned.replace(true) {
            let message = format!(
                "A compiled function was traced {MANY} times for arguments that are not arrays and keep changing. Give \
                 numbers that change as as_mlx(number)."
            );
            session::warn("compile", message);
        }
        Ok(variant)
    }
}

/// A pairlist of a template and those of the variants.
fn with_templates(template: SEXP, variants: &[Rc<Variant>]) -> Result<SEXP> {
    // SAFETY: runs protected; the templates are guarded by the caller.
    protect(|| unsafe {
        let cells = variants.iter().rev().fold(null(), |cells, variant| {
            Rf_protect(cells);
            Rf_cons(variant.templates, cells)
        });
        let all = Rf_cons(template, Rf_protect(cells));
        Rf_unprotect(variants.len() as i32 + 1);
        all
    })
}

/// MLX's own refusal of a trace.
fn refused(failure: Failure) -> Failure {
    let hint = "A compiled function must use MLX operations only, and the same ones for every value of its arguments.";
    Failure::new("trace", format!("Error calling compiled function: {}\n\n{hint}", failure.message()))
}

thread_local! {
    /// Are functions traced at all?
    static ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Sets what is done to traces: "disabled", "no_simplify", "no_fuse" or "enabled".
fn set_compile(mode: SEXP) -> Result<SEXP> {
    let mode = match args::one_string(mode, "mode")?.as_str() {
        "disabled" => Mode::Disabled,
        "no_simplify" => Mode::NoSimplify,
        "no_fuse" => Mode::NoFuse,
        _ => Mode::Enabled,
    };
    ENABLED.set(mode != Mode::Disabled);
    set_mode(mode);
    Ok(null())
}

fn set_kernel_folder(folder: SEXP) -> Result<SEXP> {
    mlx::runtime::set_kernel_folder(&args::one_string(folder, "folder")?);
    Ok(null())
}
