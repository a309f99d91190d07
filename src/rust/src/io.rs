//! Arrays in files.

use crate::args;
use crate::failure::{Failure, Field};
use crate::handle::{tensor, tensors, Tensor};
use crate::promote::{operand, Operand};
use crate::sys::{elements, kind, len, list, names, null, set_names, strings, text, Protected, Result, SEXP, SEXPTYPE};
use mlx::io::{self, Entry, Named};
use mlx::{Array, Device, Dtype};
use std::path::Path;

routines! {
    ffi_save_npy(x, path) => save_npy;
    ffi_load_npy(path, device) => load_npy;
    ffi_save_npz(path, arrays) => save_npz;
    ffi_load_npz(path, device) => load_npz;
    ffi_save_safetensors(path, arrays, metadata) => save_safetensors;
    ffi_load_safetensors(path, device) => load_safetensors;
    ffi_save_gguf(path, arrays, metadata) => save_gguf;
    ffi_load_gguf(path, device) => load_gguf;
}

/// A message may quote a file; more than this is not shown.
const MOST_SHOWN: usize = 400;

/// A failure with a file: what was tried, with which one, and why it did not work.
pub(crate) fn failed(verb: &str, path: &str, error: mlx::Error) -> Failure {
    let mlx::Error::File(why) = error else {
        return error.into();
    };
    // what a file holds must not reach R or the terminal as NUL or a control sequence
    let plain = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let why: String = why.chars().take(MOST_SHOWN).map(plain).collect();
    Failure::new("io", format!("Cannot {verb} '{path}': {why}.")).with("path", Field::Text(path.into()))
}

/// Reads a file with `load`.
fn read<T>(path: SEXP, load: impl FnOnce(&Path) -> mlx::Result<T>) -> Result<T> {
    let path = args::one_string(path, "file")?;
    load(Path::new(&path)).map_err(|error| failed("read", &path, error))
}

/// Writes a file with `save`.
fn write(path: SEXP, save: impl FnOnce(&Path) -> mlx::Result<()>) -> Result<SEXP> {
    let path = args::one_string(path, "file")?;
    save(Path::new(&path)).map_err(|error| failed("write", &path, error))?;
    Ok(null())
}

/// The tensor of a loaded array; double precision exists on the CPU only.
pub(crate) fn placed(array: Array, device: Device) -> Tensor {
    let device = if array.dtype() == Dtype::Float64 { Device::Cpu } else { device };
    Tensor::new(array, device)
}

/// A list of loaded arrays with their names.
fn placed_all(named: Vec<Named>, device: Device) -> Result<SEXP> {
    let (names, arrays): (Vec<String>, Vec<Array>) = named.into_iter().unzip();
    tensors(arrays.into_iter().map(|array| placed(array, device)).collect(), Some(&names))
}

/// The elements of a list that R has checked to have names.
fn operands_of<'a>(arrays: SEXP) -> Result<Vec<(String, Operand<'a>)>> {
    let operands = elements(arrays).into_iter().map(operand).collect::<Result<Vec<_>>>()?;
    Ok(names(arrays).unwrap_or_default().into_iter().zip(operands).collect())
}

/// What the crate takes: names with arrays, and the device that evaluates them.
fn lent<'a>(operands: &'a [(String, Operand)]) -> (Vec<(String, &'a Array)>, Device) {
    let arrays = operands.iter().map(|(name, operand)| (name.clone(), &operand.array)).collect();
    let gpu = operands.iter().any(|(_, operand)| operand.device == Device::Gpu);
    (arrays, if gpu { Device::Gpu } else { Device::Cpu })
}

fn save_npy(x: SEXP, path: SEXP) -> Result<SEXP> {
    let x = operand(x)?;
    write(path, |path| io::save_npy(path, &x.array, x.device))
}

fn load_npy(path: SEXP, device: SEXP) -> Result<SEXP> {
    let device = args::device(device)?;
    placed(read(path, io::load_npy)?, device).into_r()
}

fn save_npz(path: SEXP, arrays: SEXP) -> Result<SEXP> {
    let operands = operands_of(arrays)?;
    let (arrays, device) = lent(&operands);
    write(path, |path| io::save_npz(path, &arrays, device))
}

fn load_npz(path: SEXP, device: SEXP) -> Result<SEXP> {
    let device = args::device(device)?;
    placed_all(read(path, io::load_npz)?, device)
}

fn save_safetensors(path: SEXP, arrays: SEXP, metadata: SEXP) -> Result<SEXP> {
    let operands = operands_of(arrays)?;
    let (arrays, device) = lent(&operands);
    let metadata: Vec<(String, String)> =
        names(metadata).unwrap_or_default().into_iter().zip(texts(metadata, "metadata")?).collect();
    write(path, |path| io::save_safetensors(path, &arrays, &metadata, device))
}

/// A list of the arrays and the metadata.
fn load_safetensors(path: SEXP, device: SEXP) -> Result<SEXP> {
    let device = args::device(device)?;
    let (arrays, mut metadata) = read(path, io::load_safetensors)?;
    metadata.sort();
    let (names, values): (Vec<String>, Vec<String>) = metadata.into_iter().unzip();
    let values = Protected::new(strings(&values)?);
    set_names(values.sexp(), &names)?;
    let arrays = Protected::new(placed_all(arrays, device)?);
    list(&[arrays.sexp(), values.sexp()], Some(&["tensors".into(), "metadata".into()]))
}

/// The texts of a character vector, none of them `NA`.
fn texts(x: SEXP, arg: &str) -> Result<Vec<String>> {
    let one = |i| text(x, i).ok_or_else(|| Failure::argument(arg, format!("`{arg}` cannot hold NA.")));
    (0..len(x)).map(one).collect()
}

fn save_gguf(path: SEXP, arrays: SEXP, metadata: SEXP) -> Result<SEXP> {
    let operands = operands_of(arrays)?;
    let (arrays, device) = lent(&operands);
    if let Some((name, array)) = arrays.iter().find(|(_, array)| !io::GGUF_DTYPES.contains(&array.dtype())) {
        let known: Vec<&str> = io::GGUF_DTYPES.iter().map(|dtype| dtype.name()).collect();
        let dtype = array.dtype().name();
        let message = format!("GGUF files hold {} only; array \"{name}\" has dtype {dtype}.", known.join(", "));
        return Err(Failure::dtype("mlx_save_gguf", message, dtype));
    }
    let names = names(metadata).unwrap_or_default();
    let values = elements(metadata).into_iter().map(entry).collect::<Result<Vec<_>>>()?;
    let metadata: Vec<(String, Entry)> = names.into_iter().zip(values).collect();
    write(path, |path| io::save_gguf(path, &arrays, &metadata, device))
}

/// An entry of R's metadata: a character vector or an `mlx` array, as R has checked.
fn entry(x: SEXP) -> Result<Entry> {
    if kind(x) == SEXPTYPE::STRSXP {
        let mut texts = texts(x, "metadata")?;
        return Ok(match texts.pop() {
            Some(only) if texts.is_empty() => Entry::Text(only),
            last => {
                texts.extend(last);
                Entry::Texts(texts)
            }
        });
    }
    let Some(x) = tensor(x)? else {
        return Err(Failure::internal("metadata that R has not checked"));
    };
    if x.array.ndim() > 1 {
        let message = "GGUF metadata holds numbers and vectors only, no arrays with two axes or more.";
        return Err(Failure::shape("mlx_save_gguf", message, &[x.array.shape()]));
    }
    if let dtype @ (Dtype::Float16 | Dtype::Bfloat16 | Dtype::Complex64) = x.array.dtype() {
        let message = format!("GGUF metadata cannot hold numbers of dtype {}.", dtype.name());
        return Err(Failure::dtype("mlx_save_gguf", message, dtype.name()));
    }
    Ok(Entry::Numbers(x.array.clone()))
}

/// A list of the arrays and the metadata, itself a list.
fn load_gguf(path: SEXP, device: SEXP) -> Result<SEXP> {
    let device = args::device(device)?;
    let (arrays, metadata) = read(path, io::load_gguf)?;
    let (names, values): (Vec<String>, Vec<Entry>) = metadata.into_iter().unzip();
    let out = Protected::new(crate::sys::vector(SEXPTYPE::VECSXP, values.len())?);
    for (i, value) in values.into_iter().enumerate() {
        let value = match value {
            Entry::Text(text) => strings(&[text])?,
            Entry::Texts(texts) => strings(&texts)?,
            Entry::Numbers(array) => placed(array, device).into_r()?,
        };
        // SAFETY: the list is guarded and longer than i.
        unsafe { crate::sys::SET_VECTOR_ELT(out.sexp(), i as isize, value) };
    }
    set_names(out.sexp(), &names)?;
    let arrays = Protected::new(placed_all(arrays, device)?);
    list(&[arrays.sexp(), out.sexp()], Some(&["tensors".into(), "metadata".into()]))
}
