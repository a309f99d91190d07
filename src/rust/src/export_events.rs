//! What MLX tells about an export, as R lists.

use crate::device::current;
use crate::handle::tensors;
use crate::io::placed;
use crate::sys::{
    flag, integers, list, number, set_names, slice_mut, string, strings, vector, Protected, Result, LOGICAL, REAL,
    SET_VECTOR_ELT, SEXP, SEXPTYPE,
};
use mlx::export::{Event, Named, State};
use mlx::io::Spec;
use mlx::Array;

/// A list of named lists.
pub(crate) fn to_r(events: Vec<Event>) -> Result<SEXP> {
    collected(events, event)
}

/// A list of what `convert` makes of each item.
fn collected<T>(items: Vec<T>, convert: impl Fn(T) -> Result<SEXP>) -> Result<SEXP> {
    let out = Protected::new(vector(SEXPTYPE::VECSXP, items.len())?);
    for (i, item) in items.into_iter().enumerate() {
        let value = convert(item)?;
        // SAFETY: the list is guarded and longer than i.
        unsafe { SET_VECTOR_ELT(out.sexp(), i as isize, value) };
    }
    Ok(out.sexp())
}

fn event(event: Event) -> Result<SEXP> {
    let one = |type_name: &str, field: &str, value: SEXP| {
        let value = Protected::new(value);
        let type_name = Protected::new(string(type_name)?);
        list(&[type_name.sexp(), value.sexp()], Some(&["type".into(), field.into()]))
    };
    match event {
        Event::Inputs(arrays) => one("inputs", "inputs", described_arrays(arrays)?),
        Event::Outputs(arrays) => one("outputs", "outputs", described_arrays(arrays)?),
        Event::Keywords(pairs) => {
            let (keywords, names): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
            let value = Protected::new(strings(&names)?);
            set_names(value.sexp(), &keywords)?;
            one("keyword_inputs", "keywords", value.sexp())
        }
        Event::Constants(constants) => {
            let (names, arrays): (Vec<String>, Vec<Array>) = constants.into_iter().unzip();
            let placed = arrays.into_iter().map(|array| placed(array, current())).collect();
            one("constants", "constants", tensors(placed, Some(&names))?)
        }
        Event::Operation(name, inputs, outputs, state) => operation(&name, inputs, outputs, state),
    }
}

fn operation(name: &str, inputs: Vec<Named>, outputs: Vec<Named>, state: Vec<State>) -> Result<SEXP> {
    let type_name = Protected::new(string("primitive")?);
    let name = Protected::new(string(name)?);
    let inputs = Protected::new(described_arrays(inputs)?);
    let outputs = Protected::new(described_arrays(outputs)?);
    let state = Protected::new(collected(state, field)?);
    let members = [type_name.sexp(), name.sexp(), inputs.sexp(), outputs.sexp(), state.sexp()];
    list(&members, Some(&["type", "name", "inputs", "outputs", "arguments"].map(String::from)))
}

/// A list of shapes and dtypes under the names of the arrays.
fn described_arrays(arrays: Vec<Named>) -> Result<SEXP> {
    let (names, specs): (Vec<String>, Vec<Spec>) = arrays.into_iter().unzip();
    let out = Protected::new(collected(specs, |spec| {
        let shape = Protected::new(integers(&spec.shape)?);
        let dtype = Protected::new(string(spec.dtype.name())?);
        list(&[shape.sexp(), dtype.sexp()], Some(&["shape".into(), "dtype".into()]))
    })?);
    set_names(out.sexp(), &names)?;
    Ok(out.sexp())
}

fn field(state: State) -> Result<SEXP> {
    match state {
        State::Text(text) => string(&text),
        State::Dtype(dtype) => string(dtype.name()),
        State::Flags(flags) => match flags[..] {
            [only] => Ok(flag(only)),
            _ => logicals(&flags),
        },
        State::Whole(numbers) if numbers.iter().all(|n| n.abs() < f64::from(i32::MAX)) => {
            integers(&numbers.into_iter().map(|n| n as i32).collect::<Vec<i32>>())
        }
        State::Whole(numbers) | State::Numbers(numbers) => doubles(&numbers),
    }
}

fn logicals(flags: &[bool]) -> Result<SEXP> {
    let out = vector(SEXPTYPE::LGLSXP, flags.len())?;
    // SAFETY: the vector is new and has this length.
    let slots = unsafe { slice_mut(LOGICAL(out), flags.len()) };
    slots.iter_mut().zip(flags).for_each(|(slot, &flag)| *slot = i32::from(flag));
    Ok(out)
}

fn doubles(numbers: &[f64]) -> Result<SEXP> {
    if let [only] = numbers {
        return number(*only);
    }
    let out = vector(SEXPTYPE::REALSXP, numbers.len())?;
    // SAFETY: the vector is new and has this length.
    unsafe { slice_mut(REAL(out), numbers.len()) }.copy_from_slice(numbers);
    Ok(out)
}
