//! Safetensors: the length of a header, the header (JSON), the elements.

use super::json::{parse, quote, Json};
use super::source::Source;
use super::target::{row_major, write_file};
use super::{bad, count, shape_of, Loaded};
use crate::array::{Array, Layout};
use crate::dtype::Dtype;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::path::Path;

/// The name under which the header keeps the user's entries.
const METADATA: &str = "__metadata__";

/// The format's own limit.
const MOST_HEADER: u64 = 100_000_000;

/// The format's codes; the first of a type is the one that is written. 8-bit floats stay bytes, as in MLX.
const CODES: &[(&str, Dtype)] = &[
    ("BOOL", Dtype::Bool),
    ("U8", Dtype::Uint8),
    ("U16", Dtype::Uint16),
    ("U32", Dtype::Uint32),
    ("U64", Dtype::Uint64),
    ("I8", Dtype::Int8),
    ("I16", Dtype::Int16),
    ("I32", Dtype::Int32),
    ("I64", Dtype::Int64),
    ("F16", Dtype::Float16),
    ("BF16", Dtype::Bfloat16),
    ("F32", Dtype::Float32),
    ("F64", Dtype::Float64),
    ("C64", Dtype::Complex64),
    ("F8_E4M3", Dtype::Uint8),
    ("F8_E8M0", Dtype::Uint8),
];

/// An entry of the header: where the bytes of an array lie in the data.
struct Info {
    name: String,
    dtype: Dtype,
    shape: Vec<i32>,
    from: u64,
    to: u64,
}

/// Reads a file: its arrays in the order of the header, and the user's entries.
///
/// # Errors
/// [`Error::File`] when it is not what it should be; [`Error::Memory`].
pub fn load(path: &Path) -> Result<Loaded<String>> {
    let mut source = Source::open(path)?;
    let length = source.u64()?;
    if length > MOST_HEADER {
        return bad(format!("its header is said to have {length} bytes; the format allows {MOST_HEADER}"));
    }
    let Json::Object(members) = parse(&source.bytes(length)?)? else {
        return bad("its header is no JSON object");
    };
    let (mut infos, mut metadata) = (Vec::new(), Vec::new());
    for (name, value) in members {
        if name == METADATA {
            metadata = entries(value)?;
        } else {
            infos.push(info(name, value)?);
        }
    }
    let start = source.at();
    check(&infos, source.left())?;
    let mut arrays = Vec::with_capacity(infos.len());
    for info in infos {
        source.seek(start + info.from)?;
        arrays.push((info.name, source.array(&info.shape, Layout::RowMajor, info.dtype, false)?));
    }
    Ok((arrays, metadata))
}

fn entries(value: Json) -> Result<Vec<(String, String)>> {
    let members = match value {
        Json::Object(members) => members,
        // what MLX writes when there is none
        Json::Null => Vec::new(),
        _ => return bad("its metadata is no JSON object"),
    };
    let mut entries = Vec::with_capacity(members.len());
    for (name, value) in members {
        let Json::Text(text) = value else {
            return bad(format!("its metadata entry \"{name}\" is no text"));
        };
        entries.push((name, text));
    }
    Ok(entries)
}

fn numbers(value: Json) -> Option<Vec<u64>> {
    let Json::List(members) = value else { return None };
    members.into_iter().map(|member| if let Json::Number(n) = member { Some(n) } else { None }).collect()
}

fn info(name: String, value: Json) -> Result<Info> {
    let damaged = |what: &str| Error::File(format!("its header gives no valid {what} of array \"{name}\""));
    let Json::Object(members) = value else {
        return Err(damaged("description"));
    };
    let (mut code, mut shape, mut offsets) = (None, None, None);
    for (key, value) in members {
        match (key.as_str(), value) {
            ("dtype", Json::Text(text)) => code = Some(text),
            ("shape", value) => shape = numbers(value),
            ("data_offsets", value) => offsets = numbers(value),
            _ => {}
        }
    }
    let code = code.ok_or_else(|| damaged("dtype"))?;
    let Some((_, dtype)) = CODES.iter().find(|(known, _)| *known == code) else {
        return bad(format!("array \"{name}\" has the type \"{code}\", which MLX does not have"));
    };
    let shape = shape_of(shape.ok_or_else(|| damaged("shape"))?)?;
    let Some(&[from, to]) = offsets.as_deref() else {
        return Err(damaged("data_offsets"));
    };
    if to.checked_sub(from) != count(&shape)?.checked_mul(dtype.size() as u64) {
        return bad(format!("the offsets of array \"{name}\" do not fit its shape and type"));
    }
    Ok(Info { name, dtype: *dtype, shape, from, to })
}

/// No array may reach beyond the end, nor into another: a small file could claim any amount of memory.
fn check(infos: &[Info], room: u64) -> Result<()> {
    let mut ordered: Vec<&Info> = infos.iter().collect();
    ordered.sort_by_key(|info| (info.from, info.to));
    let mut end = 0;
    for info in ordered {
        if info.to > room {
            return bad(format!("array \"{}\" reaches beyond the end: the file is cut short or damaged", info.name));
        }
        if info.from < end {
            return bad(format!("array \"{}\" overlaps another", info.name));
        }
        end = info.to;
    }
    Ok(())
}

/// Writes a file; `device` is where the arrays are evaluated.
///
/// # Errors
/// [`Error::File`] when it cannot be written; what evaluation raises.
pub fn save(path: &Path, arrays: &[(String, &Array)], metadata: &[(String, String)], device: Device) -> Result<()> {
    if arrays.iter().any(|(name, _)| name == METADATA) {
        return bad(format!("it cannot be written: the name \"{METADATA}\" is the format's own"));
    }
    crate::eval(&arrays.iter().map(|(_, array)| *array).collect::<Vec<_>>())?;
    let header = header(arrays, metadata);
    write_file(path, |out| {
        out.put(&(header.len() as u64).to_le_bytes())?;
        out.put(header.as_bytes())?;
        arrays.iter().try_for_each(|(_, array)| out.put(&row_major(array, device)?))
    })
}

fn header(arrays: &[(String, &Array)], metadata: &[(String, String)]) -> String {
    let mut members = Vec::with_capacity(arrays.len() + 1);
    if !metadata.is_empty() {
        let entries: Vec<String> =
            metadata.iter().map(|(name, value)| format!("{}:{}", quote(name), quote(value))).collect();
        members.push(format!("\"{METADATA}\":{{{}}}", entries.join(",")));
    }
    let mut from = 0;
    for (name, array) in arrays {
        let code = CODES.iter().find(|(_, dtype)| *dtype == array.dtype()).map_or("", |(code, _)| code);
        let sides: Vec<String> = array.shape().iter().map(ToString::to_string).collect();
        let to = from + array.nbytes();
        members.push(format!(
            "{}:{{\"dtype\":\"{code}\",\"shape\":[{}],\"data_offsets\":[{from},{to}]}}",
            quote(name),
            sides.join(",")
        ));
        from = to;
    }
    let mut header = format!("{{{}}}", members.join(","));
    // elements start at a multiple of eight
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    header
}
