//! R closures with derivatives of their own, and closures that are computed again for their derivatives.

use crate::args;
use crate::closure::{self, Arguments, Place, Structure};
use crate::failure::{shown, Failure};
use crate::handle::{is_mlx, tensor};
use crate::sys::{elements, integers, len, list, null, Kept, Protected, Result, SEXP};
use crate::trace;
use crate::tree::{self, Rest};
use crate::vmap::output_axes;
use mlx::custom::{alias, checkpoint as mlx_checkpoint, custom as mlx_custom, Rules};
use mlx::transforms::Closure;
use mlx::{Array, Device};
use std::cell::RefCell;
use std::rc::Rc;

routines! {
    ffi_checkpoint(f, inputs) => checkpoint;
    ffi_custom(f, inputs, vjp, jvp, vmap) => custom;
}

/// A call of the function that is done: what it took, and what it returned.
struct Call {
    arguments: Arguments,
    outputs: Vec<Array>,
    structure: Structure,
}

impl Call {
    fn new(f: SEXP, inputs: SEXP) -> Result<Self> {
        let mut arguments = Arguments::read(inputs, |_, x| closure::is_data(x) && !closure::is_number(x))?;
        for tensor in &mut arguments.tensors {
            tensor.array = alias(&tensor.array)?;
        }
        let arrays: Vec<Array> = arguments.tensors.iter().map(|tensor| tensor.array.clone()).collect();
        let (outputs, structure) = closure::call(f, arguments.templates(), arrays, &arguments.places(), Structure::of)?;
        if outputs.is_empty() {
            let message = "The function must return an `mlx` object, or a list that holds some.";
            return Err(Failure::new("grad", message));
        }
        Ok(Self { arguments, outputs, structure })
    }

    fn inputs(&self) -> Vec<Array> {
        self.arguments.tensors.iter().map(|tensor| tensor.array.clone()).collect()
    }
}

fn checkpoint(f: SEXP, inputs: SEXP) -> Result<SEXP> {
    let call = Call::new(f, inputs)?;
    call.structure.fill(mlx_checkpoint(&call.inputs(), &call.outputs)?)
}

/// `vjp`, `jvp` and `vmap` are functions, or `NULL` for the rule that follows from the operations of `f`.
fn custom(f: SEXP, inputs: SEXP, vjp: SEXP, jvp: SEXP, vmap: SEXP) -> Result<SEXP> {
    let call = Call::new(f, inputs)?;
    let forms = Rc::new(Forms::new(&call)?);
    let rule = |function: SEXP, build: fn(Rule) -> Closure| -> Result<Option<Closure>> {
        Ok(if function == null() { None } else { Some(build(Rule::new(function, forms.clone())?)) })
    };
    let rules = Rules { vjp: rule(vjp, vjp_rule)?, jvp: rule(jvp, jvp_rule)?, vmap: rule(vmap, vmap_rule)? };
    call.structure.fill(mlx_custom(&call.inputs(), &call.outputs, rules)?)
}

/// A rule, and the forms of what it takes and returns. The graph that holds it may belong to an array in the rule's own
/// environment, which R could never collect: so it lets go of both when the outermost transform ends. Nobody asks later.
struct Rule(Rc<RefCell<Option<Given>>>);

type Given = Rc<(Kept, Rc<Forms>)>;

impl Rule {
    fn new(function: SEXP, forms: Rc<Forms>) -> Result<Self> {
        let given = Rc::new(RefCell::new(Some(Rc::new((Kept::new(function)?, forms)))));
        let held = Rc::downgrade(&given);
        trace::at_end(move || drop(held.upgrade().and_then(|given| given.take())));
        Ok(Self(given))
    }

    fn get(&self) -> Result<Given> {
        let given = self.0.borrow().clone();
        given.ok_or_else(|| Failure::internal("a rule was asked for after its transform had ended"))
    }
}

/// The forms in which a rule gets arrays and must return them.
struct Forms {
    templates: Kept,
    places: Vec<Place>,
    output: Structure,
    /// Arrays of the outputs' shapes and dtypes.
    like: Vec<Array>,
}

impl Forms {
    fn new(call: &Call) -> Result<Self> {
        let zeros = |x: &Array| Ok(Array::zeros(x.shape(), x.dtype(), Device::Cpu)?);
        Ok(Self {
            templates: Kept::new(call.arguments.templates())?,
            places: call.arguments.places(),
            output: call.structure.again()?,
            like: call.outputs.iter().map(zeros).collect::<Result<_>>()?,
        })
    }

    /// The arguments in their form, as a list.
    fn arguments(&self, arrays: &mut impl Iterator<Item = Array>) -> Result<SEXP> {
        let mut tensors = self.places.iter().zip(arrays).map(|(place, array)| closure::placed(array, place));
        tree::fill(self.templates.sexp(), Rest::Keep, &mut tensors)
    }

    /// The outputs in their form; one array comes in a list.
    fn outputs(&self, arrays: &mut impl Iterator<Item = Array>) -> Result<SEXP> {
        let value = Protected::new(self.output.fill(arrays.take(self.output.len()))?);
        if tree::is_list(value.sexp()) {
            return Ok(value.sexp());
        }
        list(&[value.sexp()], None)
    }

    /// The members of a rule's value in the places of the outputs' arrays.
    fn as_outputs(&self, value: SEXP, rule: &'static str) -> Result<Vec<SEXP>> {
        let (template, mut found) = (self.output.template(), Vec::new());
        let lonely = !tree::is_list(template) && tree::is_list(value) && len(value) == 1;
        align(template, if lonely { elements(value)[0] } else { value }, &mut found, rule)?;
        Ok(found)
    }

    /// The members of a rule's value in the places of the arguments' arrays: one for each argument, or for each that
    /// holds arrays.
    fn as_arguments(&self, value: SEXP, rule: &'static str) -> Result<Vec<SEXP>> {
        let mut wanted = elements(self.templates.sexp());
        let given = if tree::is_list(value) { elements(value) } else { vec![value] };
        if given.len() != wanted.len() {
            wanted.retain(|template| tree::count(*template).is_ok_and(|n| n > 0));
        }
        if given.len() != wanted.len() {
            let message = format!(
                "The {rule} rule returned {} entries: give a list with one for each of {} arguments.",
                given.len(),
                wanted.len()
            );
            return Err(Failure::new("grad", message));
        }
        let mut found = Vec::new();
        let by_name = tree::is_list(value) && given.len() == len(self.templates.sexp());
        let order = if by_name { tree::order(self.templates.sexp(), value) } else { (0..given.len()).collect() };
        for (template, at) in wanted.into_iter().zip(order) {
            align(template, given[at], &mut found, rule)?;
        }
        Ok(found)
    }
}

/// The members of a value that stand where a template has arrays.
fn align(template: SEXP, value: SEXP, found: &mut Vec<SEXP>, rule: &'static str) -> Result<()> {
    if is_mlx(template) {
        found.push(value);
    } else if tree::is_list(template) {
        if value != null() && !(tree::is_list(value) && len(value) == len(template)) {
            let message = format!("The {rule} rule returned a list of another form than what it belongs to.");
            return Err(Failure::new("grad", message));
        }
        let order = if value == null() { Vec::new() } else { tree::order(template, value) };
        for (i, template) in elements(template).into_iter().enumerate() {
            align(template, if value == null() { value } else { elements(value)[order[i]] }, found, rule)?;
        }
    }
    Ok(())
}

/// The arrays that a rule returned, in the dtypes of `like`, whose shapes they must have; `NULL` stands for zeros.
fn settled(members: Vec<SEXP>, like: &[Array], rule: &'static str) -> Result<Vec<Array>> {
    let one = |(member, like): (SEXP, &Array)| {
        if member == null() {
            return Ok(Array::zeros(like.shape(), like.dtype(), Device::Cpu)?);
        }
        let Some(tensor) = tensor(member)? else {
            let class = args::class_of(member);
            let message = format!("The {rule} rule returned {class} where an mlx array, or NULL for zeros, is needed.");
            return Err(Failure::new("grad", message));
        };
        let (found, wanted) = (tensor.array.shape(), like.shape());
        if found != wanted {
            let message =
                format!("The {rule} rule returned an array of {} where {} is needed.", shown(found), shown(wanted));
            return Err(Failure::shape(rule, message, &[found, wanted]));
        }
        Ok(tensor.array.astype(like.dtype(), tensor.device)?)
    };
    members.into_iter().zip(like).map(one).collect()
}

/// Calls a rule with these lists and hands its value to `read`.
fn ask<T>(rule: &Kept, lists: &[SEXP], read: impl FnOnce(SEXP) -> Result<T>) -> Result<T> {
    let arguments = Protected::new(list(lists, None)?);
    closure::apply(rule.sexp(), arguments.sexp(), read)
}

/// `vjp(primals, cotangents, outputs)`.
fn vjp_rule(rule: Rule) -> Closure {
    Closure::new(move |arrays| {
        closure::keep((|| {
            let given = rule.get()?;
            let (rule, forms) = &*given;
            let inputs = arrays[..forms.places.len()].to_vec();
            let mut arrays = arrays.into_iter();
            let primals = Protected::new(forms.arguments(&mut arrays)?);
            let cotangents = Protected::new(forms.outputs(&mut arrays)?);
            let outputs = Protected::new(forms.outputs(&mut arrays)?);
            let lists = [primals.sexp(), cotangents.sexp(), outputs.sexp()];
            let read = |value| settled(forms.as_arguments(value, "vjp")?, &inputs, "vjp");
            Ok((ask(rule, &lists, read)?, Vec::new()))
        })())
    })
}

/// `jvp(primals, tangents)`.
fn jvp_rule(rule: Rule) -> Closure {
    Closure::new(move |arrays| {
        closure::keep((|| {
            let given = rule.get()?;
            let (rule, forms) = &*given;
            let mut arrays = arrays.into_iter();
            let primals = Protected::new(forms.arguments(&mut arrays)?);
            let tangents = Protected::new(forms.arguments(&mut arrays)?);
            let read = |value| settled(forms.as_outputs(value, "jvp")?, &forms.like, "jvp");
            Ok((ask(rule, &[primals.sexp(), tangents.sexp()], read)?, Vec::new()))
        })())
    })
}

/// `vmap(inputs, axes)`, which returns `list(outputs, out_axes)`.
fn vmap_rule(rule: Rule) -> Closure {
    Closure::with_numbers(move |arrays, axes| {
        closure::keep((|| {
            let given = rule.get()?;
            let (rule, forms) = &*given;
            let side = arrays.iter().zip(axes).find(|(_, axis)| **axis >= 0).map(|(x, axis)| x.shape()[*axis as usize]);
            let inputs = Protected::new(forms.arguments(&mut arrays.into_iter())?);
            let mut given = axes.iter();
            let places = Protected::new(tree::map(forms.templates.sexp(), Rest::Drop, &mut |_| match given.next() {
                Some(axis) if *axis >= 0 => integers(&[axis + 1]),
                _ => Ok(null()),
            })?);
            ask(rule, &[inputs.sexp(), places.sexp()], |value| forms.batched(value, side))
        })())
    })
}

impl Forms {
    /// The outputs of a vmap rule and their axes, which must be of the length `side`.
    fn batched(&self, value: SEXP, side: Option<i32>) -> Result<(Vec<Array>, Vec<u64>)> {
        let refuse = |message: &str| Err(Failure::new("vmap", format!("The vmap rule must return {message}.")));
        if !tree::is_list(value) || len(value) != 2 {
            return refuse("list(outputs, out_axes)");
        }
        let members = self.as_outputs(elements(value)[0], "vmap")?;
        let mut arrays = Vec::new();
        for member in members {
            match tensor(member)? {
                Some(tensor) => arrays.push(tensor.array.clone()),
                None => return refuse("an mlx array for each output"),
            }
        }
        let ndims = arrays.iter().map(Array::ndim);
        let axes = output_axes(self.output.template(), ndims, elements(value)[1])?;
        for ((array, axis), like) in arrays.iter().zip(&axes).zip(&self.like) {
            let mut shape = array.shape().to_vec();
            let parts = shape.remove(*axis as usize);
            if shape != like.shape() || array.dtype() != like.dtype() {
                return refuse("arrays of the outputs' shapes and dtypes, with one axis more");
            }
            if side.is_some_and(|side| side != parts) {
                return refuse("as many parts as its inputs have");
            }
        }
        Ok((arrays, axes))
    }
}
