//! GGUF: counts, entries, descriptions of the arrays, the elements. Sides are stored last axis first.

use super::gguf_quants::{self, Block};
use super::source::{text, Source};
use super::target::{row_major, write_file};
use super::{bad, count, shape_of, Loaded, Named};
use crate::array::{Array, Layout};
use crate::dtype::Dtype;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::collections::HashSet;
use std::path::Path;

const MAGIC: &[u8; 4] = b"GGUF";
const VERSION: u32 = 3;

/// Where the data and each array in it start, unless an entry of this name says otherwise.
const ALIGNMENT: u64 = 32;
const ALIGNMENT_KEY: &str = "general.alignment";
const MOST_ALIGNMENT: u32 = 1 << 20;

/// The most axes in a file: what the library that MLX reads with can hold.
const MOST_AXES: u32 = 8;

/// Codes of the element types that are stored as they are.
const TYPES: &[(u32, Dtype)] = &[
    (0, Dtype::Float32),
    (1, Dtype::Float16),
    (24, Dtype::Int8),
    (25, Dtype::Int16),
    (26, Dtype::Int32),
    (27, Dtype::Int64),
    (28, Dtype::Float64),
    (30, Dtype::Bfloat16),
];

/// The element types that are written: those that MLX writes, and bfloat16.
pub const WRITTEN: &[Dtype] =
    &[Dtype::Float32, Dtype::Float16, Dtype::Bfloat16, Dtype::Int8, Dtype::Int16, Dtype::Int32];

/// Codes of the types of entries that are numbers.
const VALUES: &[(u32, Dtype)] = &[
    (0, Dtype::Uint8),
    (1, Dtype::Int8),
    (2, Dtype::Uint16),
    (3, Dtype::Int16),
    (4, Dtype::Uint32),
    (5, Dtype::Int32),
    (6, Dtype::Float32),
    (7, Dtype::Bool),
    (10, Dtype::Uint64),
    (11, Dtype::Int64),
    (12, Dtype::Float64),
];
const TEXT: u32 = 8;
const LIST: u32 = 9;

/// What an entry beside the arrays holds.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A number (an array without axes) or several (an array of one axis).
    Numbers(Array),
}

struct Info {
    name: String,
    shape: Vec<i32>,
    code: u32,
    offset: u64,
}

/// Reads a file: its arrays and its entries in the order of the file. An array of 4- or 8-bit blocks comes as three:
/// packed weights, scales and biases, as MLX's quantized products take them.
///
/// # Errors
/// [`Error::File`] when it is not what it should be; [`Error::Memory`].
pub fn load(path: &Path) -> Result<Loaded<Entry>> {
    let mut source = Source::open(path)?;
    if source.left() < 8 || source.take::<4>()? != *MAGIC {
        return bad("it is no GGUF file: the magic number is missing");
    }
    let version = source.u32()?;
    if !matches!(version, 2 | 3) {
        return bad(format!("version {version} of the GGUF format is unknown (or the file is big-endian)"));
    }
    let (arrays, entries) = (source.u64()?, source.u64()?);
    let entries = read_entries(&mut source, entries)?;
    let alignment = alignment(&entries)?;
    let infos = read_infos(&mut source, arrays)?;
    let start = source.at().next_multiple_of(alignment).min(source.len());
    check(&infos, source.len() - start, alignment)?;
    let mut named = Vec::with_capacity(infos.len());
    for info in infos {
        source.seek(start + info.offset)?;
        read_array(&mut source, info, &mut named)?;
    }
    unique(named.iter().map(|(name, _)| name.as_str()), "array")?;
    Ok((named, entries))
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> Result<()> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return bad(format!("it has the {what} \"{name}\" twice"));
        }
    }
    Ok(())
}

fn read_entries(source: &mut Source, n: u64) -> Result<Vec<(String, Entry)>> {
    let mut entries = Vec::new();
    for _ in 0..n {
        let name = source.text()?;
        let code = source.u32()?;
        let value = read_entry(source, code, &name)?;
        entries.push((name, value));
    }
    unique(entries.iter().map(|(name, _)| name.as_str()), "entry")?;
    Ok(entries)
}

fn number_type(code: u32, name: &str) -> Result<Dtype> {
    let found = VALUES.iter().find(|(known, _)| *known == code);
    found.map(|(_, dtype)| *dtype).ok_or_else(|| {
        Error::File(format!("the entry \"{name}\" has the type {code}, which is unknown or a list of lists"))
    })
}

fn read_entry(source: &mut Source, code: u32, name: &str) -> Result<Entry> {
    if code == TEXT {
        return Ok(Entry::Text(source.text()?));
    }
    if code != LIST {
        return Ok(Entry::Numbers(source.array(&[], Layout::RowMajor, number_type(code, name)?, false)?));
    }
    let (code, n) = (source.u32()?, source.u64()?);
    if code == TEXT {
        // each text has eight bytes of length
        source.need(n.saturating_mul(8))?;
        return Ok(Entry::Texts((0..n).map(|_| source.text()).collect::<Result<_>>()?));
    }
    let dtype = number_type(code, name)?;
    Ok(Entry::Numbers(source.array(&shape_of([n])?, Layout::RowMajor, dtype, false)?))
}

fn alignment(entries: &[(String, Entry)]) -> Result<u64> {
    let Some((_, value)) = entries.iter().find(|(name, _)| name == ALIGNMENT_KEY) else {
        return Ok(ALIGNMENT);
    };
    if let Entry::Numbers(array) = value {
        if array.ndim() == 0 && array.dtype() == Dtype::Uint32 {
            if let Some(&n @ 1..=MOST_ALIGNMENT) = array.to_vec::<u32>()?.first() {
                return Ok(u64::from(n));
            }
        }
    }
    bad(format!("its entry \"{ALIGNMENT_KEY}\" is no sensible number"))
}

fn read_infos(source: &mut Source, n: u64) -> Result<Vec<Info>> {
    let mut infos = Vec::new();
    for _ in 0..n {
        let length = source.u64()?;
        let name = text(source.bytes(length)?)?;
        let axes = source.u32()?;
        if axes > MOST_AXES {
            return bad(format!("array \"{name}\" is said to have {axes} axes"));
        }
        let mut sides = (0..axes).map(|_| source.u64()).collect::<Result<Vec<_>>>()?;
        sides.reverse();
        let shape = shape_of(sides)?;
        infos.push(Info { name, shape, code: source.u32()?, offset: source.u64()? });
    }
    Ok(infos)
}

/// How many bytes an array takes in the file.
fn bytes(info: &Info) -> Result<u64> {
    let n = count(&info.shape)?;
    if let Some((_, dtype)) = TYPES.iter().find(|(code, _)| *code == info.code) {
        return Ok(n * dtype.size() as u64);
    }
    let Some(block) = Block::of(info.code) else {
        let (name, code) = (&info.name, info.code);
        return bad(format!("array \"{name}\" has the GGUF type {code}, which neither MLX nor Rmlx can read"));
    };
    let row = info.shape.last().map_or(1, |&side| side as u64);
    if row % block.elements != 0 {
        return bad(format!("the rows of array \"{}\" do not consist of whole blocks", info.name));
    }
    Ok(n / block.elements * block.bytes)
}

/// No array may reach beyond the end, nor into another: a small file could claim any amount of memory.
fn check(infos: &[Info], room: u64, alignment: u64) -> Result<()> {
    let mut spans = Vec::with_capacity(infos.len());
    for info in infos {
        let end = info.offset.checked_add(bytes(info)?).filter(|end| *end <= room);
        let Some(end) = end else {
            return bad(format!("array \"{}\" reaches beyond the end: the file is cut short or damaged", info.name));
        };
        if info.offset % alignment != 0 {
            return bad(format!("array \"{}\" does not start at a multiple of {alignment}", info.name));
        }
        spans.push((info.offset, end, &info.name));
    }
    spans.sort();
    for pair in spans.windows(2) {
        if pair[1].0 < pair[0].1 {
            return bad(format!("array \"{}\" overlaps another", pair[1].2));
        }
    }
    Ok(())
}

fn read_array(source: &mut Source, info: Info, named: &mut Vec<Named>) -> Result<()> {
    if let Some((_, dtype)) = TYPES.iter().find(|(code, _)| *code == info.code) {
        named.push((info.name, source.array(&info.shape, Layout::RowMajor, *dtype, false)?));
        return Ok(());
    }
    let data = source.bytes(bytes(&info)?)?;
    gguf_quants::unpack(info.name, &info.shape, info.code, &data, named)
}

/// Writes a file; `device` is where the arrays are evaluated.
///
/// # Errors
/// [`Error::Dtype`] for an element type that the format does not have; [`Error::File`] when it cannot be written; what
/// evaluation raises.
pub fn save(path: &Path, arrays: &[(String, &Array)], entries: &[(String, Entry)], device: Device) -> Result<()> {
    let header = header(arrays, entries, device)?;
    crate::eval(&arrays.iter().map(|(_, array)| *array).collect::<Vec<_>>())?;
    write_file(path, |out| {
        out.put(&header)?;
        for (_, array) in arrays {
            let mut data = row_major(array, device)?;
            data.resize(data.len().next_multiple_of(ALIGNMENT as usize), 0);
            out.put(&data)?;
        }
        Ok(())
    })
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.bytes());
}

fn header(arrays: &[(String, &Array)], entries: &[(String, Entry)], device: Device) -> Result<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    out.extend((arrays.len() as u64).to_le_bytes());
    out.extend((entries.len() as u64).to_le_bytes());
    for (name, entry) in entries {
        if name == ALIGNMENT_KEY {
            return bad(format!("it cannot be written: the entry \"{ALIGNMENT_KEY}\" is the format's own"));
        }
        put_text(&mut out, name);
        put_entry(&mut out, name, entry, device)?;
    }
    let mut offset = 0;
    for (name, array) in arrays {
        put_text(&mut out, name);
        put_info(&mut out, name, array, offset)?;
        offset += (array.nbytes() as u64).next_multiple_of(ALIGNMENT);
    }
    out.resize(out.len().next_multiple_of(ALIGNMENT as usize), 0);
    Ok(out)
}

fn put_entry(out: &mut Vec<u8>, name: &str, entry: &Entry, device: Device) -> Result<()> {
    match entry {
        Entry::Text(text) => {
            out.extend(TEXT.to_le_bytes());
            put_text(out, text);
        }
        Entry::Texts(texts) => {
            out.extend(LIST.to_le_bytes());
            out.extend(TEXT.to_le_bytes());
            out.extend((texts.len() as u64).to_le_bytes());
            texts.iter().for_each(|text| put_text(out, text));
        }
        Entry::Numbers(array) => {
            let Some((code, _)) = VALUES.iter().find(|(_, dtype)| *dtype == array.dtype()) else {
                let dtype = array.dtype().name();
                return Err(Error::Dtype(format!("GGUF has no entries of dtype {dtype}, as \"{name}\" is.")));
            };
            if array.ndim() == 1 {
                out.extend(LIST.to_le_bytes());
            }
            out.extend(code.to_le_bytes());
            if array.ndim() == 1 {
                out.extend((array.size() as u64).to_le_bytes());
            }
            out.extend(row_major(array, device)?);
        }
    }
    Ok(())
}

fn put_info(out: &mut Vec<u8>, name: &str, array: &Array, offset: u64) -> Result<()> {
    let dtype = array.dtype();
    let code = TYPES.iter().find(|(_, known)| *known == dtype && WRITTEN.contains(known));
    let Some((code, _)) = code else {
        let names: Vec<&str> = WRITTEN.iter().map(|dtype| dtype.name()).collect();
        return Err(Error::Dtype(format!(
            "GGUF files hold {} only; array \"{name}\" has dtype {}.",
            names.join(", "),
            dtype.name()
        )));
    };
    out.extend((array.ndim() as u32).to_le_bytes());
    for &side in array.shape().iter().rev() {
        out.extend((side as u64).to_le_bytes());
    }
    out.extend(code.to_le_bytes());
    out.extend(offset.to_le_bytes());
    Ok(())
}
