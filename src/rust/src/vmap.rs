//! R closures applied along an axis of their arguments.

use crate::args;
use crate::closure::{self, Arguments, Place, Structure};
use crate::failure::{Failure, Field};
use crate::handle::is_mlx;
use crate::sys::{elements, kind, len, Protected, Result, SEXP, SEXPTYPE};
use crate::trace::Trace;
use crate::tree;
use mlx::transforms::{vmap as mlx_vmap, Closure};
use mlx::Array;
use std::cell::RefCell;
use std::rc::Rc;

routines! {
    ffi_vmap(f, inputs, in_axes, out_axes) => vmap;
}

/// Calls `f` once with inputs that lack an axis, and returns what it makes of all their parts.
fn vmap(f: SEXP, inputs: SEXP, in_axes: SEXP, out_axes: SEXP) -> Result<SEXP> {
    let arguments = Arguments::read(inputs, |_, x| closure::is_data(x) && !closure::is_number(x))?;
    let axes = given_axes(&arguments, in_axes)?;
    check_sides(&arguments, &axes)?;
    let places: Vec<Place> = arguments.tensors.iter().zip(&axes).map(|(tensor, axis)| inner(tensor, *axis)).collect();
    let found: Rc<RefCell<Option<Structure>>> = Rc::default();
    let mut traced = {
        let (found, templates) = (found.clone(), arguments.templates());
        // guarded by the caller: R's arguments live as long as the call
        Closure::new(move |arrays| {
            let outputs = closure::call(f, templates, arrays, &places, |value| outputs(value, out_axes));
            closure::keep(outputs).map(|(outputs, axes, structure)| {
                *found.borrow_mut() = Some(structure);
                (outputs, axes)
            })
        })
    };
    let trace = Trace::vectorised();
    let results = mlx_vmap(&mut traced, &arguments.arrays(), &axes);
    let results = results.map_err(|error| closure::told(error, |failure| refused(&failure)))?;
    drop(trace);
    let structure = found.take().ok_or_else(|| Failure::internal("no value from vmap"))?;
    structure.fill(results)
}

/// The device and the names that a part of an argument has.
fn inner(tensor: &crate::handle::Tensor, axis: i32) -> Place {
    let names = match &tensor.names {
        Some(names) if axis >= 0 => names.without(&[axis]),
        names => names.clone(),
    };
    (tensor.device, names)
}

/// MLX's refusal in a user's words.
fn refused(failure: &Failure) -> Failure {
    Failure::new("vmap", format!("The function cannot be vectorised: {}", failure.message()))
}

/// The 0-based axis of each array, -1 for one that every call gets whole.
fn given_axes(arguments: &Arguments, spec: SEXP) -> Result<Vec<i32>> {
    let templates = elements(arguments.templates());
    let spec = Protected::new(tree::ordered(arguments.templates(), spec)?);
    let spec = spec.sexp();
    let mut axes = Vec::new();
    let mut tensors = arguments.tensors.iter().map(|tensor| tensor.array.ndim());
    for (i, template) in templates.iter().enumerate() {
        let one = Spec::part(spec, i, templates.len(), "in_axes", "arguments")?;
        one.spread(*template, &mut |axis| {
            let ndim = tensors.next().unwrap_or(0);
            axes.push(match axis {
                Some(axis) => bounded(axis, ndim, "in_axes")?,
                None => -1,
            });
            Ok(())
        })?;
    }
    Ok(axes)
}

/// A 1-based axis as a 0-based one.
fn bounded(axis: f64, ndim: usize, arg: &str) -> Result<i32> {
    args::one_axis(Some(axis), ndim).map_err(|failure| {
        let message = format!("`{arg}`: {}", failure.message());
        Failure::new("vmap", message).with("arg", Field::Text(arg.into()))
    })
}

/// What `in_axes` or `out_axes` say about one argument or output, and the members of a list.
#[derive(Clone, Copy)]
enum Spec {
    /// No axis.
    Whole,
    /// This axis, for all arrays.
    Axis(f64),
    /// One entry for each member.
    List(SEXP, &'static str),
}

impl Spec {
    fn read(x: SEXP, arg: &'static str) -> Result<Self> {
        if kind(x) == SEXPTYPE::NILSXP {
            return Ok(Self::Whole);
        }
        if tree::is_list(x) {
            return Ok(Self::List(x, arg));
        }
        match args::numbers(x).as_deref() {
            Some([Some(axis)]) => Ok(Self::Axis(*axis)),
            Some([None]) => Ok(Self::Whole),
            _ => {
                let message = format!("`{arg}` must be an axis, NULL, or a list of these for each argument.");
                Err(Failure::argument(arg, message))
            }
        }
    }

    /// What a whole specification says about entry `i` of `n`: one number or `NULL` holds for all.
    fn part(x: SEXP, i: usize, n: usize, arg: &'static str, what: &str) -> Result<Self> {
        let several = args::numbers(x).filter(|numbers| numbers.len() > 1);
        let given = several.as_ref().map_or_else(|| if tree::is_list(x) { len(x) } else { n }, Vec::len);
        if given != n {
            let message = format!("`{arg}` has {given} entries for {n} {what}.");
            return Err(Failure::new("vmap", message).with("arg", Field::Text(arg.into())));
        }
        match several {
            Some(numbers) => Ok(numbers[i].map_or(Self::Whole, Self::Axis)),
            None if tree::is_list(x) => Self::read(elements(x)[i], arg),
            None => Self::read(x, arg),
        }
    }

    /// Gives each array of a template its axis.
    fn spread(self, template: SEXP, give: &mut dyn FnMut(Option<f64>) -> Result<()>) -> Result<()> {
        if is_mlx(template) {
            return match self {
                Self::Whole => give(None),
                Self::Axis(axis) => give(Some(axis)),
                Self::List(_, arg) => Err(misfit(arg)),
            };
        }
        if !tree::is_list(template) {
            return Ok(());
        }
        for (i, member) in elements(template).into_iter().enumerate() {
            let spec = match self {
                Self::List(list, arg) if len(list) == len(template) => Self::read(elements(list)[i], arg)?,
                Self::List(_, arg) => return Err(misfit(arg)),
                other => other,
            };
            spec.spread(member, give)?;
        }
        Ok(())
    }
}

fn misfit(arg: &str) -> Failure {
    let message = format!("`{arg}` is a list of another form than what it describes.");
    Failure::new("vmap", message).with("arg", Field::Text(arg.into()))
}

/// Refuses axes of different lengths, and none at all.
fn check_sides(arguments: &Arguments, axes: &[i32]) -> Result<()> {
    let mut first: Option<(usize, i32)> = None;
    for (i, (tensor, &axis)) in arguments.tensors.iter().zip(axes).enumerate() {
        if axis < 0 {
            continue;
        }
        let side = tensor.array.shape()[axis as usize];
        match first {
            Some((before, other)) if other != side => {
                let message = format!(
                    "The axes to apply the function along differ in length: {other} in {}, {side} in {}.",
                    arguments.describe(before),
                    arguments.describe(i)
                );
                return Err(Failure::new("vmap", message).with("arg", Field::Text("in_axes".into())));
            }
            Some(_) => {}
            None => first = Some((i, side)),
        }
    }
    first.map(|_| ()).ok_or_else(|| {
        let message = "`in_axes` names no axis: at least one argument must be an array with one.";
        Failure::new("vmap", message).with("arg", Field::Text("in_axes".into()))
    })
}

/// The arrays of a value, the 0-based place of the new axis in each, and the lists around them.
fn outputs(value: SEXP, spec: SEXP) -> Result<(Vec<Array>, Vec<u64>, Structure)> {
    let (arrays, structure) = Structure::of(value)?;
    if arrays.is_empty() {
        return Err(Failure::new("vmap", "The function must return an `mlx` object, or a list that holds some."));
    }
    let ndims = arrays.iter().map(|array| array.ndim() + 1);
    let axes = output_axes(structure.template(), ndims, spec)?;
    Ok((arrays, axes, structure))
}

/// The 0-based axis of each array in a template; `ndims` counts the new axis.
pub(crate) fn output_axes(template: SEXP, mut ndims: impl Iterator<Item = usize>, spec: SEXP) -> Result<Vec<u64>> {
    let mut axes = Vec::new();
    let mut give = |axis: Option<f64>| {
        let Some(axis) = axis else {
            let message = "`out_axes` must name an axis for each output.";
            return Err(Failure::new("vmap", message).with("arg", Field::Text("out_axes".into())));
        };
        axes.push(bounded(axis, ndims.next().unwrap_or(0), "out_axes")? as u64);
        Ok(())
    };
    if tree::is_list(template) {
        let spec = Protected::new(tree::ordered(template, spec)?);
        let spec = spec.sexp();
        for (i, member) in elements(template).into_iter().enumerate() {
            Spec::part(spec, i, len(template), "out_axes", "outputs")?.spread(member, &mut give)?;
        }
    } else {
        // a list of one for a single array, as elsewhere
        let lonely = tree::is_list(spec) && len(spec) == 1;
        let spec = if lonely { elements(spec)[0] } else { spec };
        Spec::read(spec, "out_axes")?.spread(template, &mut give)?;
    }
    Ok(axes)
}
