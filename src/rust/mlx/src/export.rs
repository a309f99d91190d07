//! Writing traced functions to files (`.mlxfn`), for MLX in any language and for [`crate::io::Program`].
//!
//! MLX's exporter writes while it traces, and is of no more use when a trace fails. Here traces are made first, with all of
//! MLX's checks, and written when all are there.

use crate::array::{pack, unpack, Array};
use crate::bridge::ffi;
use crate::dtype::Dtype;
use crate::error::{Error, Result};
use crate::io::{replace, Spec};
use crate::transforms::Closure;
use cxx::UniquePtr;
use std::fmt;
use std::path::Path;

/// A function as it was traced for arguments of one signature.
pub struct Traced {
    trace: UniquePtr<ffi::ExportTrace>,
    /// Names of the last inputs; the others have none.
    pub keywords: Vec<String>,
    /// What the inputs must be.
    pub inputs: Vec<Spec>,
}

impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").field("inputs", &self.inputs).field("keywords", &self.keywords).finish_non_exhaustive()
    }
}

/// An array in an [`Event`]: its name and what it is.
pub type Named = (String, Spec);

/// A field of an operation's state.
#[derive(Debug)]
pub enum State {
    /// Truth values.
    Flags(Vec<bool>),
    /// Whole numbers.
    Whole(Vec<f64>),
    /// Other numbers.
    Numbers(Vec<f64>),
    /// An element type.
    Dtype(Dtype),
    /// Text.
    Text(String),
}

/// What MLX tells about an export, one thing after the other.
#[derive(Debug)]
pub enum Event {
    /// The inputs of the function.
    Inputs(Vec<Named>),
    /// The keywords of inputs, each with the input's name.
    Keywords(Vec<(String, String)>),
    /// The results of the function.
    Outputs(Vec<Named>),
    /// Arrays that the function uses besides its inputs.
    Constants(Vec<(String, Array)>),
    /// One operation, with its name, inputs, results and state.
    Operation(String, Vec<Named>, Vec<Named>, Vec<State>),
}

impl Traced {
    /// Traces a function for inputs of these shapes and types, the last ones with these keywords, which must differ.
    ///
    /// # Errors
    /// [`Error::Callback`] when `f` failed; MLX's refusal otherwise, of an operation that it does not export among them.
    pub fn new(f: &mut Closure, inputs: &[&Array], keywords: &[String], shapeless: bool) -> Result<Self> {
        let keywords = keywords.to_vec();
        let trace = ffi::export_trace(f, &pack(inputs.iter().copied()), &keywords, shapeless)?;
        let inputs = inputs.iter().map(|x| Spec { shape: x.shape().to_vec(), dtype: x.dtype() }).collect();
        Ok(Self { trace, keywords, inputs })
    }

    /// Would MLX's importer take arguments of the other trace for those of this one, the older one?
    pub fn takes(&self, other: &Self, shapeless: bool) -> bool {
        let fits = |(a, b): (&Spec, &Spec)| {
            a.dtype == b.dtype && if shapeless { a.shape.len() == b.shape.len() } else { a.shape == b.shape }
        };
        self.inputs.len() == other.inputs.len()
            && self.keywords.iter().all(|keyword| other.keywords.contains(keyword))
            && self.sorted().into_iter().zip(other.sorted()).all(fits)
    }

    /// The inputs in MLX's order, with the keywords sorted.
    fn sorted(&self) -> Vec<&Spec> {
        let (positional, named) = self.inputs.split_at(self.inputs.len() - self.keywords.len());
        let mut named: Vec<(&String, &Spec)> = self.keywords.iter().zip(named).collect();
        named.sort_by_key(|(keyword, _)| *keyword);
        positional.iter().chain(named.into_iter().map(|(_, spec)| spec)).collect()
    }

    /// What MLX tells about this trace.
    ///
    /// # Errors
    /// [`Error::Backend`] when it tells something unknown.
    pub fn events(&self) -> Result<Vec<Event>> {
        let mut constants = unpack(&ffi::export_constants(&self.trace))?.into_iter();
        ffi::export_events(&self.trace)?.into_iter().map(|event| Event::new(event, &mut constants)).collect()
    }
}

fn dtype(code: u8) -> Result<Dtype> {
    let found = Dtype::ALL.get(usize::from(code)).map(|(dtype, ..)| *dtype);
    found.ok_or_else(|| Error::Backend(format!("element type {code} is unknown")))
}

fn named(arrays: Vec<ffi::ExportArray>) -> Result<Vec<Named>> {
    arrays.into_iter().map(|x| Ok((x.name, Spec { shape: x.shape, dtype: dtype(x.dtype)? }))).collect()
}

impl Event {
    fn new(event: ffi::ExportEvent, constants: &mut impl Iterator<Item = Array>) -> Result<Self> {
        Ok(match event.kind.as_str() {
            "inputs" => Self::Inputs(named(event.inputs)?),
            "keyword_inputs" => Self::Keywords(event.keys.into_iter().zip(event.names).collect()),
            "outputs" => Self::Outputs(named(event.outputs)?),
            "constants" => Self::Constants(event.names.into_iter().zip(constants).collect()),
            "primitive" => {
                let state = event.arguments.into_iter().map(State::new).collect::<Result<_>>()?;
                Self::Operation(event.name, named(event.inputs)?, named(event.outputs)?, state)
            }
            kind => return Err(Error::Backend(format!("an event of unknown kind {kind}"))),
        })
    }
}

impl State {
    fn new(state: ffi::ExportState) -> Result<Self> {
        Ok(match state.kind {
            b'b' => Self::Flags(state.numbers.into_iter().map(|flag| flag != 0.0).collect()),
            b'i' => Self::Whole(state.numbers),
            b't' => Self::Dtype(dtype(state.numbers.first().map_or(u8::MAX, |&code| code as u8))?),
            b's' => Self::Text(state.text),
            _ => Self::Numbers(state.numbers),
        })
    }
}

/// Writes traces that do not take each other's arguments into one file, which appears when it is complete.
///
/// # Errors
/// [`Error::File`] when it cannot be written.
pub fn write(path: &Path, traces: &[Traced], shapeless: bool, metadata: &str) -> Result<()> {
    replace(path, |temporary| {
        let Some(temporary) = temporary.to_str() else {
            return Err(Error::File("it cannot be written: its folder has a name that is not UTF-8".into()));
        };
        let fill = || {
            let mut file = ffi::export_open(temporary, shapeless, metadata)?;
            traces.iter().try_for_each(|trace| ffi::export_add(file.pin_mut(), &trace.trace))
        };
        fill().map_err(|error| match error.into() {
            Error::Backend(why) => Error::File(format!("it cannot be written: {why}")),
            other => other,
        })
    })
}

/// Could a file of this name be written?
///
/// # Errors
/// [`Error::File`] with the reason why not.
pub fn check_writable(path: &Path) -> Result<()> {
    crate::io::check_writable(path)
}
