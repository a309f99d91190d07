//! Writing: into a new file beside the final one, which takes its place at the end.

use crate::array::Array;
use crate::dtype::{Dtype, Element};
use crate::error::{Error, Result};
use crate::ops::Device;
use half::{bf16, f16};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

fn failed(error: &std::io::Error) -> Error {
    Error::File(format!("it cannot be written: {error}"))
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A file that does not exist yet, in the folder of the final one.
fn create(path: &Path) -> Result<(PathBuf, File)> {
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".rmlx-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < u32::MAX => {}
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// A file that is being written.
pub(crate) struct Sink(BufWriter<File>);

impl Sink {
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(|error| failed(&error))
    }
}

/// The file itself where the path is a link, and a new one in its folder.
fn beside(path: &Path) -> Result<(PathBuf, PathBuf, File)> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
        return Err(Error::File("it cannot be written: it is no ordinary file".into()));
    }
    let (temporary, file) = create(&path)?;
    Ok((path, temporary, file))
}

/// Gives a written file its name, or removes it where something went wrong.
fn finish(written: Result<()>, temporary: &Path, path: &Path) -> Result<()> {
    let done = written.and_then(|()| fs::rename(temporary, path).map_err(|error| failed(&error)));
    if done.is_err() {
        let _ = fs::remove_file(temporary);
    }
    done
}

/// Has `write` write a file, which appears under its name only when it is complete. A symbolic link stays one.
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut Sink) -> Result<()>) -> Result<()> {
    let (path, temporary, file) = beside(path)?;
    let mut sink = Sink(BufWriter::new(file));
    let written = write(&mut sink).and_then(|()| sink.0.flush().map_err(|error| failed(&error)));
    finish(written, &temporary, &path)
}

/// Writes a text.
///
/// # Errors
/// [`Error::File`] when it cannot be written.
pub fn save_text(path: &Path, text: &str) -> Result<()> {
    write_file(path, |out| out.put(text.as_bytes()))
}

/// As [`write_file`], for a `write` that opens the new file itself.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let (path, temporary, _) = beside(path)?;
    finish(write(&temporary), &temporary, &path)
}

/// Could a file of this name be written?
pub(crate) fn check_writable(path: &Path) -> Result<()> {
    let (_, temporary, _) = beside(path)?;
    fs::remove_file(temporary).map_err(|error| failed(&error))
}

/// The elements in row-major order, little-endian.
pub(crate) fn row_major(x: &Array, device: Device) -> Result<Vec<u8>> {
    // column-major order of the array with its axes reversed is row-major order of the array itself
    let x = if x.ndim() > 1 { x.reversed(device)? } else { x.clone() };
    match x.dtype() {
        Dtype::Bool | Dtype::Uint8 => x.to_vec::<u8>(),
        Dtype::Int8 => flat(&x, i8::to_le_bytes),
        Dtype::Uint16 => flat(&x, u16::to_le_bytes),
        Dtype::Int16 => flat(&x, i16::to_le_bytes),
        Dtype::Uint32 => flat(&x, u32::to_le_bytes),
        Dtype::Int32 => flat(&x, i32::to_le_bytes),
        Dtype::Uint64 => flat(&x, u64::to_le_bytes),
        Dtype::Int64 => flat(&x, i64::to_le_bytes),
        Dtype::Float16 => flat(&x, f16::to_le_bytes),
        Dtype::Bfloat16 => flat(&x, bf16::to_le_bytes),
        Dtype::Float32 => flat(&x, f32::to_le_bytes),
        Dtype::Float64 => flat(&x, f64::to_le_bytes),
        Dtype::Complex64 => flat(&x, |[re, im]: [f32; 2]| {
            let ([a, b, c, d], [e, f, g, h]) = (re.to_le_bytes(), im.to_le_bytes());
            [a, b, c, d, e, f, g, h]
        }),
    }
}

fn flat<T: Element, const N: usize>(x: &Array, bytes: impl Fn(T) -> [u8; N] + Copy) -> Result<Vec<u8>> {
    let mut out: Vec<[u8; N]> = Vec::with_capacity(x.size());
    x.copy_column_major(&mut out.spare_capacity_mut()[..x.size()], bytes)?;
    // SAFETY: copy_column_major has written every slot.
    unsafe { out.set_len(x.size()) };
    Ok(out.into_flattened())
}
