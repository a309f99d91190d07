//! Products of vectors and Jacobians of R closures.

use crate::closure::{self, Arguments, Structure};
use crate::failure::{shown, Failure, Field};
use crate::grad::{autograd, differentiable, gradient};
use crate::handle::Tensor;
use crate::sys::{elements, len, list, vector, Protected, Result, SET_VECTOR_ELT, SEXP, SEXPTYPE};
use crate::trace::Trace;
use crate::tree;
use mlx::transforms::{jvp as mlx_jvp, vjp as mlx_vjp, Closure};
use mlx::Array;
use std::cell::RefCell;
use std::rc::Rc;

routines! {
    ffi_vjp(f, primals, cotangents) => vjp;
    ffi_jvp(f, primals, tangents) => jvp;
    ffi_ordered(template, value) => tree::ordered;
}

/// A function whose primals are given, and what it returns once it has run.
struct Traced {
    arguments: Arguments,
    found: Rc<RefCell<Option<Structure>>>,
}

impl Traced {
    fn new(primals: SEXP) -> Result<Self> {
        let arguments = Arguments::read(primals, |_, x| closure::is_data(x))?;
        (0..arguments.tensors.len()).try_for_each(|i| differentiable(&arguments, i))?;
        if arguments.tensors.is_empty() {
            return Err(Failure::argument("primals", "`primals` holds no mlx arrays: make them with as_mlx()."));
        }
        Ok(Self { arguments, found: Rc::default() })
    }

    /// The closure that MLX calls. `check` looks at the outputs before MLX goes on with them.
    fn closure(&self, f: SEXP, check: impl Fn(&[Array], &Structure) -> Result<()> + 'static) -> Closure {
        let (found, places, templates) = (self.found.clone(), self.arguments.places(), self.arguments.templates());
        Closure::new(move |arrays| {
            let outputs = closure::call(f, templates, arrays, &places, |value| {
                let (arrays, structure) = outputs(value)?;
                check(&arrays, &structure)?;
                Ok((arrays, structure))
            });
            closure::keep(outputs).map(|(outputs, structure)| {
                *found.borrow_mut() = Some(structure);
                (outputs, Vec::new())
            })
        })
    }

    fn structure(&self) -> Result<Structure> {
        self.found.take().ok_or_else(|| Failure::internal("no value from a derivative"))
    }
}

/// The arrays of a function's value, at least one, in a list even if it is one.
fn outputs(value: SEXP) -> Result<(Vec<Array>, Structure)> {
    let value = Protected::new(if tree::is_list(value) { value } else { list(&[value], None)? });
    let (arrays, structure) = Structure::of(value.sexp())?;
    if arrays.is_empty() {
        let message = "The function must return an `mlx` object, or a list that holds some.";
        return Err(autograd(&Failure::new("grad", message)));
    }
    Ok((arrays, structure))
}

/// `list(outputs, vjps)`.
fn vjp(f: SEXP, primals: SEXP, cotangents: SEXP) -> Result<SEXP> {
    let traced = Traced::new(primals)?;
    let given = Arguments::read(cotangents, |_, _| true)?;
    let expected: Vec<(Vec<i32>, String)> = (given.tensors.iter().enumerate())
        .map(|(i, tensor)| (tensor.array.shape().to_vec(), given.describe(i).replace("argument", "cotangent")))
        .collect();
    let mut closure = traced.closure(f, move |arrays, _| check_cotangents(arrays, &expected));
    let cotangents: Vec<Array> = given.tensors.into_iter().map(|tensor| tensor.array).collect();
    let trace = Trace::new(false);
    let results = mlx_vjp(&mut closure, &traced.arguments.arrays(), &cotangents);
    let mut results = results.map_err(|error| closure::told(error, |failure| autograd(&failure)))?;
    drop(trace);
    let structure = traced.structure()?;
    let vjps = results.split_off(structure.len());
    let outputs = Protected::new(structure.fill(results)?);
    let arguments = &traced.arguments;
    let mut tensors = arguments.tensors.iter().zip(vjps).map(|(tensor, vjp)| tensor.like(vjp));
    let vjps = Protected::new(per_argument(arguments, &mut tensors)?);
    list(&[outputs.sexp(), vjps.sexp()], Some(&["outputs".into(), "vjps".into()]))
}

fn check_cotangents(outputs: &[Array], given: &[(Vec<i32>, String)]) -> Result<()> {
    if outputs.len() != given.len() {
        let message = format!(
            "`cotangents` holds {} arrays, but the function returned {}: give one for each.",
            given.len(),
            outputs.len()
        );
        return Err(Failure::argument("cotangents", message));
    }
    for (output, (shape, place)) in outputs.iter().zip(given) {
        if output.shape() != shape {
            let message = format!(
                "The shape of {place} ({}) differs from that of the function's output ({}).",
                shown(shape),
                shown(output.shape())
            );
            return Err(Failure::shape("vjp", message, &[shape, output.shape()]).with("arg", text("cotangents")));
        }
    }
    Ok(())
}

fn text(value: &str) -> Field {
    Field::Text(value.into())
}

/// A list with one entry for each argument, of its form and under its name.
fn per_argument(arguments: &Arguments, tensors: &mut dyn Iterator<Item = Tensor>) -> Result<SEXP> {
    let templates = arguments.templates();
    let out = Protected::new(vector(SEXPTYPE::VECSXP, len(templates))?);
    for (i, template) in elements(templates).into_iter().enumerate() {
        let one = gradient(template, &mut *tensors)?;
        // SAFETY: the list is guarded and longer than i.
        unsafe { SET_VECTOR_ELT(out.sexp(), i as isize, one) };
    }
    closure::copy_names(templates, out.sexp())?;
    Ok(out.sexp())
}

/// `list(outputs, jvps)`.
fn jvp(f: SEXP, primals: SEXP, tangents: SEXP) -> Result<SEXP> {
    let traced = Traced::new(primals)?;
    let tangents = Protected::new(tree::ordered(primals, tangents)?);
    let given = Arguments::read(tangents.sexp(), |_, _| true)?;
    let tangents = check_tangents(&traced.arguments, &given)?;
    let mut closure = traced.closure(f, |_, _| Ok(()));
    let trace = Trace::new(false);
    let results = mlx_jvp(&mut closure, &traced.arguments.arrays(), &tangents);
    let mut results = results.map_err(|error| closure::told(error, |failure| autograd(&failure)))?;
    drop(trace);
    let structure = traced.structure()?;
    let jvps = results.split_off(structure.len());
    let outputs = Protected::new(structure.fill(results)?);
    let jvps = Protected::new(structure.fill(jvps)?);
    list(&[outputs.sexp(), jvps.sexp()], Some(&["outputs".into(), "jvps".into()]))
}

/// The tangents in the dtypes of the primals, whose structure and shapes they must have.
fn check_tangents(primals: &Arguments, given: &Arguments) -> Result<Vec<Array>> {
    if !tree::same_form(primals.templates(), given.templates()) {
        let message = format!(
            "`tangents` must have the form of `primals`: {} entries with {} arrays, not {} entries with {}.",
            primals.counts.len(),
            primals.tensors.len(),
            given.counts.len(),
            given.tensors.len()
        );
        return Err(Failure::argument("tangents", message));
    }
    let pairs = primals.tensors.iter().zip(&given.tensors).enumerate();
    let one = |(i, (primal, tangent)): (usize, (&Tensor, &Tensor))| {
        let (shape, wanted) = (tangent.array.shape(), primal.array.shape());
        if shape != wanted {
            let place = given.describe(i).replace("argument", "tangent");
            let message =
                format!("The shape of {place} ({}) differs from that of its primal ({}).", shown(shape), shown(wanted));
            return Err(Failure::shape("jvp", message, &[shape, wanted]).with("arg", text("tangents")));
        }
        Ok(tangent.array.astype(primal.array.dtype(), primal.device)?)
    };
    pairs.map(one).collect()
}
