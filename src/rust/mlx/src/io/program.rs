//! Exported functions (`.mlxfn`): a table of traces, each a list of operations.
//!
//! MLX's own importer believes the file: it takes results of any shape and type from it, and an operation on them then
//! reads and writes outside its memory. Here a trace is a program that is run by calling MLX's public functions, which
//! derive shapes and types themselves; what the file says must agree.

use super::operation::{dtype, list, read as operation, truth};
use super::source::Source;
use super::{bad, shape_of};
use crate::array::{pack, unpack, Array, Layout};
use crate::bridge::ffi;
use crate::dtype::Dtype;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::collections::HashMap;
use std::path::Path;

/// Operations that MLX has on the CPU only.
const CPU_ONLY: &[&str] = &["Cholesky", "Eig", "Eigh", "Inverse", "QRF", "SVD"];

/// The shape and type of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The sides, row-major.
    pub shape: Vec<i32>,
    /// The type of the elements.
    pub dtype: Dtype,
}

/// One operation. Arrays are known by their place in a table.
#[derive(Debug)]
struct Step {
    name: &'static str,
    numbers: Vec<f64>,
    ends: Vec<usize>,
    inputs: Vec<usize>,
    outputs: Vec<(usize, Spec)>,
}

/// The function as it was traced for arguments of one signature.
#[derive(Debug)]
pub struct Trace {
    /// Names of the last inputs; the others have none.
    pub keywords: Vec<String>,
    /// What the inputs must be.
    pub inputs: Vec<Spec>,
    /// Where the inputs go in the table of arrays.
    places: Vec<usize>,
    constants: Vec<(usize, Array)>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
    size: usize,
}

/// An exported function.
#[derive(Debug)]
pub struct Program {
    /// What was saved with the function.
    pub metadata: String,
    /// Do the traces serve arguments of other sides than those they were made with?
    pub shapeless: bool,
    /// One trace for each signature, at least one.
    pub traces: Vec<Trace>,
}

impl Program {
    /// Reads a file and checks every operation in it.
    ///
    /// # Errors
    /// [`Error::File`] when it is not what it should be, or holds an operation that is not known here.
    pub fn load(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        // files of older versions lack the metadata
        Self::read(&mut source, true).or_else(|error| {
            source.seek(0)?;
            Self::read(&mut source, false).map_err(|_| error)
        })
    }

    fn read(source: &mut Source, newer: bool) -> Result<Self> {
        let version = source.text()?;
        if version.len() > 64 || !version.starts_with(|c: char| c.is_ascii_digit()) {
            return bad("it is no exported function: the version of MLX is missing");
        }
        let count = source.i32()?;
        let shapeless = truth(source)?;
        let metadata = if newer { source.text()? } else { String::new() };
        let mut constants = HashMap::new();
        let mut traces = Vec::new();
        for _ in 0..count {
            traces.push(Trace::read(source, &mut constants)?);
        }
        if traces.is_empty() {
            return bad("it holds no function");
        }
        if source.left() > 0 {
            return bad("something follows its end");
        }
        let program = Self { metadata, shapeless, traces };
        program.check()?;
        Ok(program)
    }

    /// Runs each trace on arrays that are never computed, so that shapes and types are checked once.
    fn check(&self) -> Result<()> {
        for trace in &self.traces {
            let one = |spec: &Spec| Array::zeros(&spec.shape, spec.dtype, Device::Cpu);
            let inputs = trace.inputs.iter().map(one).collect::<Result<Vec<_>>>()?;
            trace.run(&inputs, true, Device::Cpu).map_err(|error| match error {
                Error::Memory(_) => error,
                other => Error::File(other.to_string()),
            })?;
        }
        Ok(())
    }

    /// Runs a trace on these inputs, whose number and types must be its own, and whose sides too unless the function is
    /// `shapeless`.
    ///
    /// # Errors
    /// What the operations raise.
    pub fn run(&self, trace: &Trace, inputs: &[Array], device: Device) -> Result<Vec<Array>> {
        trace.run(inputs, !self.shapeless, device)
    }
}

/// The table in which arrays of one trace have their places.
#[derive(Default)]
struct Places(HashMap<u64, usize>);

impl Places {
    /// A place for a new array.
    fn add(&mut self, id: u64) -> Result<usize> {
        let place = self.0.len();
        if self.0.insert(id, place).is_some() {
            return bad("it makes the same array twice");
        }
        Ok(place)
    }

    fn get(&self, id: u64) -> Result<usize> {
        self.0.get(&id).copied().map_or_else(|| bad("it uses an array before it is made"), Ok)
    }
}

fn shape(source: &mut Source) -> Result<Vec<i32>> {
    let sides = list(source, 4, Source::i32)?;
    shape_of(sides.into_iter().map(|side| u64::try_from(side).unwrap_or(u64::MAX)))
}

fn spec(source: &mut Source) -> Result<Spec> {
    Ok(Spec { shape: shape(source)?, dtype: dtype(source)? })
}

fn same_length(a: usize, b: usize) -> Result<()> {
    if a == b {
        return Ok(());
    }
    bad("two lists in it that belong together differ in length")
}

impl Trace {
    fn read(source: &mut Source, constants: &mut HashMap<u64, Array>) -> Result<Self> {
        let keywords = list(source, 8, Source::text)?;
        let mut places = Places::default();
        let ids = list(source, 8, Source::u64)?;
        let inputs = list(source, 13, spec)?;
        same_length(ids.len(), inputs.len())?;
        if keywords.len() > inputs.len() {
            return bad("it names more inputs than there are");
        }
        let results = list(source, 8, Source::u64)?;
        let mut trace = Self {
            keywords,
            inputs,
            places: ids.iter().map(|&id| places.add(id)).collect::<Result<_>>()?,
            constants: Vec::new(),
            steps: Vec::new(),
            outputs: Vec::new(),
            size: 0,
        };
        let steps = source.u64()?;
        for _ in 0..steps {
            trace.read_step(source, &mut places, constants)?;
        }
        trace.outputs = results.iter().map(|&id| places.get(id)).collect::<Result<_>>()?;
        trace.size = places.0.len();
        Ok(trace)
    }

    fn read_step(
        &mut self,
        source: &mut Source,
        places: &mut Places,
        constants: &mut HashMap<u64, Array>,
    ) -> Result<()> {
        let id = source.u64()?;
        if truth(source)? {
            let inputs = list(source, 8, Source::u64)?;
            let inputs = inputs.into_iter().map(|id| places.get(id)).collect::<Result<Vec<_>>>()?;
            // the stream that it was traced on
            source.take::<12>()?;
            let (name, numbers, ends) = operation(source)?;
            let outputs = outputs(source, id, places)?;
            self.steps.push(Step { name, numbers, ends, inputs, outputs });
        } else if truth(source)? {
            let array = match constants.get(&id) {
                Some(array) => array.clone(),
                None => {
                    let Spec { shape, dtype } = spec(source)?;
                    source.array(&shape, Layout::RowMajor, dtype, false)?
                }
            };
            constants.insert(id, array.clone());
            self.constants.push((places.add(id)?, array));
        } else if !self.places.contains(&places.get(id)?) {
            return bad("it takes an array for an input that is none");
        }
        Ok(())
    }

    fn run(&self, inputs: &[Array], strict: bool, device: Device) -> Result<Vec<Array>> {
        let mut table: Vec<Option<Array>> = vec![None; self.size];
        for (place, array) in self.places.iter().zip(inputs) {
            table[*place] = Some(array.clone());
        }
        for (place, array) in &self.constants {
            table[*place] = Some(array.clone());
        }
        for step in &self.steps {
            let results = step.run(&table, strict, device)?;
            for ((place, _), array) in step.outputs.iter().zip(results) {
                table[*place] = Some(array);
            }
        }
        self.outputs.iter().map(|&place| take(&table, place).cloned()).collect()
    }
}

fn take(table: &[Option<Array>], place: usize) -> Result<&Array> {
    table.get(place).and_then(Option::as_ref).map_or_else(|| bad("it uses an array before it is made"), Ok)
}

/// What an operation gives: one array, or several that are listed.
fn outputs(source: &mut Source, id: u64, places: &mut Places) -> Result<Vec<(usize, Spec)>> {
    let siblings = source.u64()?;
    if siblings == 0 {
        return Ok(vec![(places.add(id)?, spec(source)?)]);
    }
    let ids = list(source, 8, Source::u64)?;
    let shapes = list(source, 8, shape)?;
    let dtypes = list(source, 5, dtype)?;
    same_length(ids.len(), shapes.len())?;
    same_length(ids.len(), dtypes.len())?;
    if !ids.contains(&id) || ids.len() as u64 != siblings.saturating_add(1) {
        return bad("the results of an operation in it do not agree");
    }
    let specs = shapes.into_iter().zip(dtypes).map(|(shape, dtype)| Spec { shape, dtype });
    ids.into_iter().zip(specs).map(|(id, spec)| Ok((places.add(id)?, spec))).collect()
}

impl Step {
    fn run(&self, table: &[Option<Array>], strict: bool, device: Device) -> Result<Vec<Array>> {
        let inputs = self.inputs.iter().map(|&place| take(table, place)).collect::<Result<Vec<_>>>()?;
        let gpu = device.is_gpu() && !CPU_ONLY.contains(&self.name);
        let Some((_, first)) = self.outputs.first() else {
            return bad("an operation in it gives nothing");
        };
        let results = ffi::apply_primitive(
            self.name,
            &pack(inputs),
            &self.numbers,
            &self.ends,
            &first.shape,
            first.dtype as u8,
            gpu,
        )
        .map_err(|error| self.explain(error.into()))?;
        let results = unpack(&results)?;
        let agrees = |array: &Array, spec: &Spec| {
            array.dtype() == spec.dtype
                && (!strict || array.shape() == spec.shape)
                && super::count(array.shape()).is_ok()
        };
        if results.len() != self.outputs.len()
            || !results.iter().zip(&self.outputs).all(|(array, (_, spec))| agrees(array, spec))
        {
            return bad(format!("its operation \"{}\" gives something else than the file says", self.name));
        }
        Ok(results)
    }

    /// MLX's refusal, with the name of the operation.
    fn explain(&self, error: Error) -> Error {
        let told = |text: String| format!("Operation \"{}\" of the function fails: {text}", self.name);
        match error {
            Error::Shape(text) => Error::Shape(told(text)),
            Error::Dtype(text) => Error::Dtype(told(text)),
            Error::Backend(text) => Error::Backend(told(text)),
            other => other,
        }
    }
}
