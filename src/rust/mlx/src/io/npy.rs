//! NumPy's `.npy`: a magic number, a version, a header that is a Python dictionary, the elements.

use super::source::Source;
use super::target::{row_major, write_file};
use super::{bad, shape_of};
use crate::array::{Array, Layout};
use crate::dtype::Dtype;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::fmt::Write as _;
use std::path::Path;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// NumPy leaves room for this many digits of the first side, so that a file can grow in place.
const GROWTH_DIGITS: usize = 21;

/// Elements start at a multiple of this.
const ALIGNMENT: usize = 64;

/// NumPy's codes without the byte order. NumPy has no bfloat16: MLX and ml_dtypes write it as two bytes of anything.
const CODES: &[(&str, Dtype)] = &[
    ("b1", Dtype::Bool),
    ("u1", Dtype::Uint8),
    ("u2", Dtype::Uint16),
    ("u4", Dtype::Uint32),
    ("u8", Dtype::Uint64),
    ("i1", Dtype::Int8),
    ("i2", Dtype::Int16),
    ("i4", Dtype::Int32),
    ("i8", Dtype::Int64),
    ("f2", Dtype::Float16),
    ("f4", Dtype::Float32),
    ("f8", Dtype::Float64),
    ("V2", Dtype::Bfloat16),
    ("c8", Dtype::Complex64),
];

/// Reads a file.
///
/// # Errors
/// [`Error::File`] when it is not what it should be; [`Error::Memory`].
pub fn load(path: &Path) -> Result<Array> {
    read(&mut Source::open(path)?)
}

/// Writes a file, in row-major order; `device` is where the array is evaluated.
///
/// # Errors
/// [`Error::File`] when it cannot be written; what evaluation raises.
pub fn save(path: &Path, x: &Array, device: Device) -> Result<()> {
    let elements = row_major(x, device)?;
    let header = header(x);
    write_file(path, |out| {
        out.put(&header)?;
        out.put(&elements)
    })
}

/// What stands before the elements.
pub(crate) fn header(x: &Array) -> Vec<u8> {
    let code = CODES.iter().find(|(_, dtype)| *dtype == x.dtype()).map_or("", |(code, _)| code);
    let order = if x.dtype().size() == 1 { '|' } else { '<' };
    let sides: Vec<String> = x.shape().iter().map(ToString::to_string).collect();
    let comma = if sides.len() == 1 { "," } else { "" };
    let mut text = String::new();
    let _ =
        write!(text, "{{'descr': '{order}{code}', 'fortran_order': False, 'shape': ({}{comma}), }}", sides.join(", "));
    let growth = sides.first().map_or(0, |first| GROWTH_DIGITS.saturating_sub(first.len()));
    text.push_str(&" ".repeat(growth));
    let length = MAGIC.len() + 4 + text.len() + 1;
    text.push_str(&" ".repeat(ALIGNMENT - length % ALIGNMENT));
    text.push('\n');
    // 64 axes of ten digits stay far below the 65535 bytes of version 1
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text.bytes());
    out
}

/// Reads one array.
pub(crate) fn read(source: &mut Source) -> Result<Array> {
    if source.left() < 8 || source.take::<6>()? != *MAGIC {
        return bad("it is no .npy file: the magic number is missing");
    }
    let [major, _] = source.take::<2>()?;
    let length = match major {
        1 => u64::from(u16::from_le_bytes(source.take()?)),
        2 | 3 => u64::from(source.u32()?),
        _ => return bad(format!("version {major} of the .npy format is unknown")),
    };
    let header = source.bytes(length)?;
    let about = Header::parse(&header)?;
    let layout = if about.fortran { Layout::ColumnMajor } else { Layout::RowMajor };
    source.array(&about.shape, layout, about.dtype, about.swap)
}

struct Header {
    dtype: Dtype,
    swap: bool,
    fortran: bool,
    shape: Vec<i32>,
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut python = Python { bytes, at: 0 };
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        python.expect(b'{')?;
        while !python.eat(b'}') {
            let key = python.string()?;
            python.expect(b':')?;
            let new = match key {
                "descr" => descr.replace(python.descr()?).is_none(),
                "fortran_order" => fortran.replace(python.truth()?).is_none(),
                "shape" => shape.replace(python.tuple()?).is_none(),
                _ => false,
            };
            if !new {
                return bad("its header has an unknown or repeated key");
            }
            if !python.eat(b',') {
                python.expect(b'}')?;
                break;
            }
        }
        python.end()?;
        let (Some((dtype, swap)), Some(fortran), Some(shape)) = (descr, fortran, shape) else {
            return bad("its header lacks descr, fortran_order or shape");
        };
        Ok(Self { dtype, swap, fortran, shape: shape_of(shape)? })
    }
}

/// The few Python literals that a header is made of.
struct Python<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Python<'a> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.eat(byte) {
            return Ok(());
        }
        bad(format!("its header is damaged: no '{}' at byte {}", byte as char, self.at))
    }

    fn end(&mut self) -> Result<()> {
        if self.peek().is_none() {
            return Ok(());
        }
        bad("its header is damaged: something follows its end")
    }

    /// The bytes that fulfil a condition.
    fn run(&mut self, good: impl Fn(u8) -> bool) -> &'a str {
        self.peek();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let n = rest.iter().take_while(|byte| byte.is_ascii() && good(**byte)).count();
        self.at += n;
        std::str::from_utf8(&rest[..n]).unwrap_or_default()
    }

    fn string(&mut self) -> Result<&'a str> {
        let quote = if self.eat(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.expect(b'\'')?;
        }
        let text = self.run(|byte| byte != quote && byte != b'\\');
        self.expect(quote)?;
        Ok(text)
    }

    fn descr(&mut self) -> Result<(Dtype, bool)> {
        if self.peek() == Some(b'[') {
            return bad("it holds records with fields, which are no array of numbers");
        }
        let descr = self.string()?;
        let code = descr.trim_start_matches(['<', '>', '|', '=']);
        let found = CODES.iter().find(|(known, _)| *known == code);
        match found {
            Some((_, dtype)) if descr.len() - code.len() <= 1 => Ok((*dtype, descr.starts_with('>'))),
            _ => Err(Error::File(format!("its elements have NumPy's type '{descr}', which MLX does not have"))),
        }
    }

    fn truth(&mut self) -> Result<bool> {
        match self.run(|byte| byte.is_ascii_alphabetic()) {
            "True" => Ok(true),
            "False" => Ok(false),
            _ => bad("its header is damaged: fortran_order is neither True nor False"),
        }
    }

    fn tuple(&mut self) -> Result<Vec<u64>> {
        self.expect(b'(')?;
        let mut sides = Vec::new();
        while !self.eat(b')') {
            let digits = self.run(|byte| byte.is_ascii_digit());
            let Ok(side) = digits.parse() else {
                return bad("its header is damaged: a side of its shape is no whole number");
            };
            sides.push(side);
            // Python 2 wrote long integers with an L
            self.eat(b'L');
            if !self.eat(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(sides)
    }
}
