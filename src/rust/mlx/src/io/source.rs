//! Reading: a file whose lengths are checked before anything is allocated.

use super::{bad, count};
use crate::array::{Array, Layout};
use crate::dtype::{Dtype, Kind};
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// What can be read: a file, or bytes in memory.
trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// A reader that knows how much is left.
pub(crate) struct Source {
    input: Box<dyn Input>,
    at: u64,
    len: u64,
}

fn failed(error: &std::io::Error) -> Error {
    Error::File(format!("it cannot be read: {error}"))
}

impl Source {
    /// Opens an ordinary file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| failed(&error))?;
        let about = file.metadata().map_err(|error| failed(&error))?;
        if !about.is_file() {
            return bad("it is no ordinary file");
        }
        Ok(Self { input: Box::new(BufReader::new(file)), at: 0, len: about.len() })
    }

    /// Reads bytes in memory.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self { input: Box::new(Cursor::new(bytes)), at: 0, len }
    }

    /// Where the next byte stands.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes the whole has.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> u64 {
        self.len - self.at
    }

    /// Goes to a place.
    pub(crate) fn seek(&mut self, to: u64) -> Result<()> {
        if to > self.len {
            return bad(format!("it ends after {} bytes, where {to} are needed", self.len));
        }
        self.input.seek(SeekFrom::Start(to)).map_err(|error| failed(&error))?;
        self.at = to;
        Ok(())
    }

    /// Refuses to go on when less than `n` bytes are left.
    pub(crate) fn need(&self, n: u64) -> Result<()> {
        if n > self.left() {
            return bad(format!(
                "it ends after {} bytes, where at least {} are needed: it is cut short or damaged",
                self.len,
                self.at.saturating_add(n)
            ));
        }
        Ok(())
    }

    /// Fills a buffer.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.need(out.len() as u64)?;
        self.input.read_exact(out).map_err(|error| failed(&error))?;
        self.at += out.len() as u64;
        Ok(())
    }

    /// The next `n` bytes.
    pub(crate) fn bytes(&mut self, n: u64) -> Result<Vec<u8>> {
        self.need(n)?;
        let mut out = vec![0; usize::try_from(n).map_err(|_| Error::File("it is too large".into()))?];
        self.fill(&mut out)?;
        Ok(out)
    }

    /// The next bytes, as many as the array has.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.take::<1>()?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.take()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    /// A text behind its length (64 bits). R's strings hold no NUL.
    pub(crate) fn text(&mut self) -> Result<String> {
        let n = self.u64()?;
        text(self.bytes(n)?)
    }

    /// An array whose elements stand here, one behind the other.
    pub(crate) fn array(&mut self, shape: &[i32], layout: Layout, dtype: Dtype, swap: bool) -> Result<Array> {
        let bytes = count(shape)?.checked_mul(dtype.size() as u64);
        self.need(bytes.unwrap_or(u64::MAX))?;
        Array::from_bytes(shape, layout, dtype, |out| {
            self.fill(out)?;
            if swap {
                let part = if dtype == Dtype::Complex64 { 4 } else { dtype.size() };
                out.chunks_exact_mut(part).for_each(<[u8]>::reverse);
            }
            if dtype.kind() == Kind::Bool {
                out.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
            }
            Ok(())
        })
    }
}

/// A text of UTF-8 without NUL.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String> {
    if bytes.contains(&0) {
        return bad("a text in it holds a NUL byte");
    }
    String::from_utf8(bytes).or_else(|_| bad("a text in it is not UTF-8"))
}
