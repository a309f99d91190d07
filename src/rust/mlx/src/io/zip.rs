//! NumPy's `.npz`: a zip archive of `.npy` files. Written without compression, read with and without.

use super::inflate::inflate;
use super::npy;
use super::source::{text, Source};
use super::target::{row_major, write_file};
use super::{bad, Named};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::collections::HashSet;
use std::path::Path;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// The extra field that holds lengths of 64 bits.
const WIDE: u16 = 1;
const SUFFIX: &str = ".npy";
/// Deflated data is at least a thousandth of what it holds.
const MOST_GROWTH: u64 = 1100;

/// A member of the archive.
struct Member {
    name: String,
    deflated: bool,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
}

/// Reads all arrays of a file, in its order, under their names without `.npy`.
///
/// # Errors
/// [`Error::File`] when it is not what it should be; [`Error::Memory`].
pub fn load(path: &Path) -> Result<Vec<Named>> {
    let mut source = Source::open(path)?;
    let mut named = Vec::new();
    let mut seen = HashSet::new();
    for member in members(&mut source)? {
        let name = member.name.strip_suffix(SUFFIX).unwrap_or(&member.name).to_string();
        if !seen.insert(name.clone()) {
            return bad(format!("it has the array \"{name}\" twice"));
        }
        let bytes = content(&mut source, &member)?;
        let array = npy::read(&mut Source::of_bytes(bytes)).map_err(|error| match error {
            Error::File(text) => Error::File(format!("array \"{name}\": {text}")),
            other => other,
        })?;
        named.push((name, array));
    }
    Ok(named)
}

fn u16_of(source: &mut Source) -> Result<u16> {
    Ok(u16::from_le_bytes(source.take()?))
}

/// Finds the archive's directory, which stands at its end behind a comment of any length, and reads it.
fn members(source: &mut Source) -> Result<Vec<Member>> {
    let tail = source.len().min(22 + u64::from(u16::MAX));
    source.seek(source.len() - tail)?;
    let bytes = source.bytes(tail)?;
    let Some(end) = bytes.windows(22).rposition(|window| window.starts_with(&END.to_le_bytes())) else {
        return bad("it is no .npz file: the directory of the archive is missing");
    };
    let field = |at: usize| u16::from_le_bytes([bytes[end + at], bytes[end + at + 1]]);
    let n = field(10);
    let start = u64::from(field(16)) | u64::from(field(18)) << 16;
    if n == u16::MAX || start == u64::from(u32::MAX) {
        return bad("it is an archive of more than 65534 arrays or 4 GB of them, which Rmlx does not read");
    }
    source.seek(start)?;
    let mut members = Vec::new();
    let mut claimed = 0_u64;
    for _ in 0..n {
        let member = member(source)?;
        claimed = claimed.saturating_add(member.packed);
        members.push(member);
    }
    // members that share their bytes would make much of little
    if claimed > source.len() {
        return bad("the members of the archive overlap");
    }
    Ok(members)
}

fn member(source: &mut Source) -> Result<Member> {
    if source.u32()? != CENTRAL {
        return bad("the directory of the archive is damaged");
    }
    let _versions = source.u32()?;
    let flags = u16_of(source)?;
    let method = u16_of(source)?;
    let _time = source.u32()?;
    let crc = source.u32()?;
    let (mut packed, mut size) = (u64::from(source.u32()?), u64::from(source.u32()?));
    let (name, extra, comment) = (u16_of(source)?, u16_of(source)?, u16_of(source)?);
    let _disk_and_attributes = source.take::<8>()?;
    let mut at = u64::from(source.u32()?);
    let name = text(source.bytes(u64::from(name))?)?;
    let extra = source.bytes(u64::from(extra))?;
    source.bytes(u64::from(comment))?;
    widen(&extra, [&mut size, &mut packed, &mut at]);
    if flags & 1 != 0 || !matches!(method, 0 | 8) {
        return bad(format!("the member \"{name}\" is encrypted or compressed in an unknown way"));
    }
    Ok(Member { name, deflated: method == 8, crc, packed, size, at })
}

/// Puts lengths of 64 bits in the place of those that are too large for 32.
fn widen(mut extra: &[u8], fields: [&mut u64; 3]) {
    while let [a, b, c, d, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*c, *d])).min(rest.len());
        let (body, next) = rest.split_at(length);
        if u16::from_le_bytes([*a, *b]) == WIDE {
            let mut wide =
                body.chunks_exact(8).map(|part| part.iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte)));
            for field in fields {
                if *field == u64::from(u32::MAX) {
                    *field = wide.next().unwrap_or(*field);
                }
            }
            return;
        }
        extra = next;
    }
}

fn content(source: &mut Source, member: &Member) -> Result<Vec<u8>> {
    source.seek(member.at)?;
    if source.u32()? != LOCAL {
        return bad(format!("the member \"{}\" is not where the directory says", member.name));
    }
    source.take::<22>()?;
    let (name, extra) = (u16_of(source)?, u16_of(source)?);
    source.bytes(u64::from(name) + u64::from(extra))?;
    let bytes = source.bytes(member.packed)?;
    let bytes = if member.deflated {
        let Some(size) = usize::try_from(member.size).ok().filter(|_| member.size <= 64 + member.packed * MOST_GROWTH)
        else {
            return bad(format!("the member \"{}\" is said to be larger than it can be", member.name));
        };
        inflate(&bytes, size)?
    } else {
        bytes
    };
    if bytes.len() as u64 != member.size || crc32(&bytes) != member.crc {
        return bad(format!("the checksum of the member \"{}\" is wrong: the file is damaged", member.name));
    }
    Ok(bytes)
}

/// The checksum of zip archives.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> =
        (0..256_u32).map(|i| (0..8).fold(i, |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })).collect();
    !bytes.iter().fold(!0, |c: u32, &byte| table[usize::from(c as u8 ^ byte)] ^ (c >> 8))
}

/// Writes a file; `device` is where the arrays are evaluated.
///
/// # Errors
/// [`Error::File`] when it cannot be written; what evaluation raises.
pub fn save(path: &Path, arrays: &[(String, &Array)], device: Device) -> Result<()> {
    crate::eval(&arrays.iter().map(|(_, array)| *array).collect::<Vec<_>>())?;
    if arrays.len() >= usize::from(u16::MAX) {
        return bad("it cannot be written: an .npz file holds fewer than 65535 arrays");
    }
    write_file(path, |out| {
        let (mut directory, mut at) = (Vec::new(), 0);
        for (name, array) in arrays {
            let mut bytes = npy::header(array);
            bytes.extend(row_major(array, device)?);
            let name = format!("{name}{SUFFIX}");
            let common = common(&name, &bytes)?;
            let mut local = LOCAL.to_le_bytes().to_vec();
            local.extend(&common);
            local.extend(name.bytes());
            directory.extend(CENTRAL.to_le_bytes());
            directory.extend(20_u16.to_le_bytes());
            directory.extend(&common);
            directory.extend([0; 10]);
            directory.extend(narrow(at)?.to_le_bytes());
            directory.extend(name.bytes());
            out.put(&local)?;
            out.put(&bytes)?;
            at += local.len() + bytes.len();
        }
        out.put(&directory)?;
        out.put(&END.to_le_bytes())?;
        out.put(&[0; 4])?;
        let n = (arrays.len() as u16).to_le_bytes();
        out.put(&[n, n].concat())?;
        out.put(&narrow(directory.len())?.to_le_bytes())?;
        out.put(&narrow(at)?.to_le_bytes())?;
        out.put(&[0; 2])
    })
}

fn narrow(n: usize) -> Result<u32> {
    let n = u32::try_from(n).ok().filter(|&n| n < u32::MAX);
    n.ok_or_else(|| Error::File("it cannot be written: an .npz file of 4 GB or more; use safetensors".into()))
}

/// What a member's header and its entry in the directory have in common.
fn common(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let length = u16::try_from(name.len());
    let length = length.map_err(|_| Error::File("it cannot be written: a name is too long".into()))?;
    let size = narrow(bytes.len())?.to_le_bytes();
    let mut out = 20_u16.to_le_bytes().to_vec();
    // names are UTF-8; stored; 1 January 1980
    out.extend(0x0800_u16.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out.extend([0, 0, 0x21, 0]);
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(size);
    out.extend(size);
    out.extend(length.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    Ok(out)
}
