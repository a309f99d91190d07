//! Files: NumPy's `.npy` and `.npz`, safetensors, GGUF, and exported functions.
//!
//! Every format is read here, in safe Rust, and not by MLX: its readers trust lengths, shapes and offsets of a file.
//! A file is untrusted: no length is believed before it is compared with what the file still holds.

mod gguf;
mod gguf_quants;
mod inflate;
mod json;
mod npy;
mod operation;
mod program;
mod safetensors;
mod source;
mod target;
mod zip;

pub use gguf::{load as load_gguf, save as save_gguf, Entry, WRITTEN as GGUF_DTYPES};
pub use npy::{load as load_npy, save as save_npy};
pub use program::{Program, Spec, Trace};
pub use safetensors::{load as load_safetensors, save as save_safetensors};
pub use target::save_text;
pub(crate) use target::{check_writable, replace};
pub use zip::{load as load_npz, save as save_npz};

use crate::error::{Error, Result};

/// A named array.
pub type Named = (String, crate::Array);

/// What a file of named arrays holds: these, and entries beside them.
pub type Loaded<T> = (Vec<Named>, Vec<(String, T)>);

/// The most axes that an array of a file may have; NumPy's own limit.
const MOST_AXES: usize = 64;

/// Beyond this many elements, sizes in bytes could wrap around.
const MOST_ELEMENTS: u64 = 1 << 56;

/// A failure that is the file's fault.
fn bad<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::File(message.into()))
}

/// A shape of MLX's, if the sides make one.
fn shape_of(sides: impl IntoIterator<Item = u64>) -> Result<Vec<i32>> {
    let mut shape = Vec::new();
    for side in sides {
        let Ok(side) = i32::try_from(side) else {
            return bad(format!("an array with {side} elements along one axis; MLX holds at most {}", i32::MAX));
        };
        shape.push(side);
        if shape.len() > MOST_AXES {
            return bad(format!("an array with more than {MOST_AXES} axes"));
        }
    }
    count(&shape)?;
    Ok(shape)
}

/// The number of elements of a shape.
fn count(shape: &[i32]) -> Result<u64> {
    if shape.contains(&0) {
        return Ok(0);
    }
    let product = shape.iter().try_fold(1_u64, |n, &side| n.checked_mul(u64::try_from(side).ok()?));
    product
        .filter(|&n| n <= MOST_ELEMENTS)
        .ok_or_else(|| Error::File("an array with more elements than any memory can hold".into()))
}
