//! Gradients of R closures.

use crate::args;
use crate::closure::{self, Arguments, Structure};
use crate::failure::{shown, Failure, Field};
use crate::handle::{self, Tensor};
use crate::sys::{elements, kind, len, list, null, vector, Protected, Result, SET_VECTOR_ELT, SEXP, SEXPTYPE};
use crate::trace::Trace;
use crate::tree::{self, Rest};
use mlx::transforms::{reaches, value_and_grad, Closure};
use mlx::{Array, Dtype};
use std::cell::RefCell;
use std::rc::Rc;

routines! {
    ffi_value_grad(f, inputs, argnums) => value_grad;
}

/// Returns `list(value, grads)`, and `aux` where `f` returns a list. `argnums` is 1-based, `NULL` for all; `grads` has one
/// entry for each, of the form of the argument.
fn value_grad(f: SEXP, inputs: SEXP, argnums: SEXP) -> Result<SEXP> {
    let argnums = positions(argnums, len(inputs))?;
    let arguments = Arguments::read(inputs, |i, x| argnums.contains(&i) || closure::is_data(x))?;
    // MLX returns the gradients in the order of the arrays, each once
    let mut wanted: Vec<i32> = argnums.iter().flat_map(|&i| arguments.range(i)).map(|i| i as i32).collect();
    wanted.sort_unstable();
    wanted.dedup();
    check_wanted(&arguments, &argnums, &wanted)?;
    let found: Rc<RefCell<Option<Loss>>> = Rc::default();
    let mut traced = {
        let (found, places, templates) = (found.clone(), arguments.places(), arguments.templates());
        let all: Vec<Array> = arguments.tensors.iter().map(|tensor| tensor.array.clone()).collect();
        let wanted = wanted.clone();
        Closure::new(move |primals| {
            let mut arrays = all.clone();
            wanted.iter().zip(&primals).for_each(|(&i, primal)| arrays[i as usize] = primal.clone());
            let outputs = closure::call(f, templates, arrays, &places, |value| Loss::read(value, &primals));
            closure::keep(outputs).map(|(outputs, loss)| {
                *found.borrow_mut() = Some(loss);
                (outputs, Vec::new())
            })
        })
    };
    // only these are handed over: MLX makes a copy of each array that it gets
    let primals: Vec<&Array> = wanted.iter().map(|&i| &arguments.tensors[i as usize].array).collect();
    let argnums_of_primals: Vec<i32> = (0..wanted.len() as i32).collect();
    let trace = Trace::new(false);
    let results = value_and_grad(&mut traced, &primals, &argnums_of_primals);
    let results = results.map_err(|error| closure::told(error, |failure| autograd(&failure)))?;
    drop(trace);
    let loss = found.take().ok_or_else(|| Failure::internal("no value from value_and_grad"))?;
    answer(&arguments, &argnums, &wanted, results, &loss)
}

/// What `f` returned: the lists around the loss and what comes with it.
struct Loss(Structure);

impl Loss {
    /// The arrays that `f` returned, the loss first.
    fn read(value: SEXP, primals: &[Array]) -> Result<(Vec<Array>, Self)> {
        let first = if tree::is_list(value) && len(value) > 0 { elements(value)[0] } else { value };
        let scalar = loss(first, primals)?;
        let (mut arrays, structure) = Structure::of(value)?;
        arrays[0] = scalar;
        Ok((arrays, Self(structure)))
    }
}

fn answer(
    arguments: &Arguments,
    argnums: &[usize],
    wanted: &[i32],
    mut results: Vec<Array>,
    loss: &Loss,
) -> Result<SEXP> {
    let grads = results.split_off(loss.0.len());
    let value = Protected::new(loss.0.fill(results)?);
    let form = |i: usize| {
        let tensors = arguments.range(i).filter_map(|at| {
            let place = wanted.binary_search(&(at as i32)).ok()?;
            Some(arguments.tensors[at].like(grads.get(place)?.clone()))
        });
        gradient(arguments.template(i), tensors)
    };
    let all = Protected::new(vector(SEXPTYPE::VECSXP, argnums.len())?);
    for (at, &i) in argnums.iter().enumerate() {
        let one = form(i)?;
        // SAFETY: the list is guarded and longer than `at`.
        unsafe { SET_VECTOR_ELT(all.sexp(), at as isize, one) };
    }
    if kind(value.sexp()) == SEXPTYPE::VECSXP && !handle::is_mlx(value.sexp()) {
        let first = elements(value.sexp())[0];
        let names = ["value", "grads", "aux"].map(String::from);
        return list(&[first, all.sexp(), value.sexp()], Some(&names));
    }
    list(&[value.sexp(), all.sexp()], Some(&["value".into(), "grads".into()]))
}

/// An argument's form with gradients in the places of its arrays, and `NULL` in those of anything else.
pub(crate) fn gradient(template: SEXP, mut tensors: impl Iterator<Item = Tensor>) -> Result<SEXP> {
    tree::fill(template, Rest::Drop, &mut tensors)
}

/// The 0-based positions of the arguments.
fn positions(argnums: SEXP, count: usize) -> Result<Vec<usize>> {
    if argnums == null() {
        return Ok((0..count).collect());
    }
    let bad =
        || Failure::argument("argnums", format!("argnums must be between 1 and the number of arguments ({count})."));
    let given = args::numbers(argnums).filter(|given| !given.is_empty() && kind(argnums) != SEXPTYPE::LGLSXP);
    given
        .ok_or_else(bad)?
        .into_iter()
        .map(|value| match value {
            Some(value) if value.fract() == 0.0 && value >= 1.0 && value <= count as f64 => Ok(value as usize - 1),
            _ => Err(bad()),
        })
        .collect()
}

fn check_wanted(arguments: &Arguments, argnums: &[usize], wanted: &[i32]) -> Result<()> {
    if wanted.is_empty() {
        let position = argnums.first().map_or(1, |i| i + 1);
        let message = format!("Argument {position} holds no mlx arrays to differentiate: make them with as_mlx().");
        return Err(Failure::argument("...", message));
    }
    wanted.iter().try_for_each(|&i| differentiable(arguments, i as usize))
}

/// Refuses an array that has no gradient.
pub(crate) fn differentiable(arguments: &Arguments, index: usize) -> Result<()> {
    let dtype = arguments.tensors[index].array.dtype();
    if dtype.is_float() || dtype == Dtype::Complex64 {
        return Ok(());
    }
    let argument = (0..arguments.counts.len()).find(|&i| arguments.range(i).contains(&index)).unwrap_or(0) as i32 + 1;
    let mut place = arguments.describe(index);
    place.replace_range(..1, &place[..1].to_uppercase());
    let message = format!(
        "{place} has dtype {}, which has no gradient: give a float array, or leave it out of `argnums`.",
        dtype.name()
    );
    Err(Failure::new("grad", message).with("arg", Field::Ints(vec![argument])))
}

/// The scalar that the closure returned.
fn loss(value: SEXP, primals: &[Array]) -> Result<Array> {
    let refuse = |message: &str| Err(autograd(&Failure::new("grad", message)));
    let Some(tensor) = handle::tensor(value)? else {
        return refuse(
            "Gradient function must return an `mlx` object. Ensure your closure keeps computations in MLX or wraps the \
             result with as_mlx().",
        );
    };
    let array = &tensor.array;
    if array.size() != 1 {
        let shape = shown(array.shape());
        return refuse(&format!("Gradient function must return a scalar, one element, but it returned {shape}."));
    }
    if !array.is_tracer() && !reaches(std::slice::from_ref(array), primals) {
        return refuse(
            "The value does not depend on the arguments that are differentiated; was it taken back to R on the way?",
        );
    }
    if !(array.dtype().is_float() || array.dtype() == Dtype::Complex64) {
        return refuse(&format!("Gradient function must return a float, not dtype {}.", array.dtype().name()));
    }
    Ok(if array.ndim() == 0 { array.clone() } else { array.reshape(&[], tensor.device)? })
}

/// The two lines that users of autograd know.
pub(crate) fn autograd(failure: &Failure) -> Failure {
    let message = format!(
        "MLX autograd failed to differentiate the function: {}\nEnsure all differentiable computations use MLX operations.",
        failure.message()
    );
    Failure::new("grad", message)
}
