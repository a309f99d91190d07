//! The operations of exported functions: their names, and how their state is stored.

use super::bad;
use super::source::Source;
use crate::dtype::Dtype;
use crate::error::Result;

/// Operations and the fields of their state: `i` integer, `f` and `d` float and double, `b` truth value, `v` integers,
/// `z` integers of 64 bits, `t` element type, `s` text of one character.
#[rustfmt::skip]
const OPERATIONS: &[(&str, &str)] = &[
    ("AddMM", "ff"), ("Arange", "ddd"), ("ArgPartition", "ii"), ("ArgReduce", "ii"), ("ArgSort", "i"), ("AsType", "t"),
    ("BitwiseBinary", "i"), ("Broadcast", "v"), ("BroadcastAxes", "v"), ("Cholesky", "b"), ("Concatenate", "i"),
    ("Convolution", "vvvvvib"), ("DynamicSlice", "vv"), ("DynamicSliceUpdate", "v"), ("Eig", "b"), ("Eigh", "sb"),
    ("Equal", "b"), ("ExpandDims", "v"), ("FFT", "zbb"), ("Flatten", "ii"), ("Gather", "vv"), ("GatherAxis", "i"),
    ("Hadamard", "f"), ("Inverse", "bb"), ("LayerNorm", "f"), ("Log", "i"), ("NumberOfElements", "vbt"), ("Pad", "vvv"),
    ("Partition", "ii"), ("RMSNorm", "f"), ("RandomBits", "vi"), ("Reduce", "iv"), ("Reshape", "v"), ("RoPE", "ibffb"),
    ("SVD", "b"), ("ScaledDotProductAttention", "fbbbb"), ("Scan", "iibb"), ("Scatter", "iv"), ("ScatterAxis", "ii"),
    ("Slice", "vvv"), ("SliceUpdate", "ivvv"), ("Softmax", "b"), ("Sort", "i"), ("Split", "vi"), ("Sqrt", "b"),
    ("Squeeze", "v"), ("Transpose", "v"), ("Unflatten", "iv"), ("View", "t"), ("Abs", ""), ("Add", ""), ("ArcCos", ""),
    ("ArcCosh", ""), ("ArcSin", ""), ("ArcSinh", ""), ("ArcTan", ""), ("ArcTan2", ""), ("ArcTanh", ""), ("Ceil", ""),
    ("Conjugate", ""), ("Copy", ""), ("Cos", ""), ("Cosh", ""), ("DivMod", ""), ("Divide", ""), ("Erf", ""),
    ("ErfInv", ""), ("Exp", ""), ("Expm1", ""), ("Floor", ""), ("Full", ""), ("Greater", ""), ("GreaterEqual", ""),
    ("Imag", ""), ("Less", ""), ("LessEqual", ""), ("Log1p", ""), ("LogAddExp", ""), ("LogSumExp", ""),
    ("LogicalAnd", ""), ("LogicalNot", ""), ("LogicalOr", ""), ("Matmul", ""), ("Maximum", ""), ("Minimum", ""),
    ("Multiply", ""), ("Negative", ""), ("NotEqual", ""), ("Power", ""), ("QRF", ""), ("Real", ""), ("Remainder", ""),
    ("Round", ""), ("Select", ""), ("Sigmoid", ""), ("Sign", ""), ("Sin", ""), ("Sinh", ""), ("Square", ""),
    ("StopGradient", ""), ("Subtract", ""), ("Tan", ""), ("Tanh", ""), ("GatherMM", "bb"), ("GatherQMM", "iiibbb"),
    ("Quantize", "iiib"), ("QuantizedMatmul", "iiib"), ("SearchSorted", "b"),
];

/// The name and the state of an operation.
pub(crate) fn read(source: &mut Source) -> Result<(&'static str, Vec<f64>, Vec<usize>)> {
    let name = source.text()?;
    let Some((name, fields)) = OPERATIONS.iter().find(|(known, _)| *known == name) else {
        return bad(format!("it holds the operation \"{name}\", which Rmlx cannot run"));
    };
    let (mut numbers, mut ends) = (Vec::new(), Vec::new());
    for field in fields.chars() {
        match field {
            'i' => numbers.push(f64::from(source.i32()?)),
            'f' => numbers.push(f64::from(f32::from_le_bytes(source.take()?))),
            'd' => numbers.push(f64::from_le_bytes(source.take()?)),
            'b' => numbers.push(f64::from(u8::from(truth(source)?))),
            'v' => numbers.extend(list(source, 4, Source::i32)?.into_iter().map(f64::from)),
            'z' => numbers.extend(list(source, 8, |source| Ok(f64::from(narrow(source.u64()?)?)))?),
            't' => numbers.push(f64::from(dtype(source)? as u8)),
            _ => numbers.push(f64::from(letter(&source.text()?)?)),
        }
        ends.push(numbers.len());
    }
    Ok((name, numbers, ends))
}

fn narrow(n: u64) -> Result<i32> {
    i32::try_from(n).or_else(|_| bad("a number in it is too large"))
}

fn letter(text: &str) -> Result<u8> {
    match text.as_bytes() {
        [letter @ (b'L' | b'U')] => Ok(*letter),
        _ => bad("it asks for another triangle than L or U"),
    }
}

/// A byte that must be 0 or 1.
pub(crate) fn truth(source: &mut Source) -> Result<bool> {
    match source.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => bad("a truth value in it is neither 0 nor 1"),
    }
}

/// An element type: its number and its size.
pub(crate) fn dtype(source: &mut Source) -> Result<Dtype> {
    let (code, size) = (source.i32()?, source.u8()?);
    let found = usize::try_from(code).ok().and_then(|code| Dtype::ALL.get(code));
    match found {
        Some((dtype, _, bytes)) if *bytes == usize::from(size) => Ok(*dtype),
        _ => bad(format!("the element type {code} of {size} bytes is unknown")),
    }
}

/// A list behind its length (64 bits); every member takes at least `least` bytes.
pub(crate) fn list<T>(source: &mut Source, least: u64, read: impl Fn(&mut Source) -> Result<T>) -> Result<Vec<T>> {
    let n = source.u64()?;
    source.need(n.saturating_mul(least))?;
    (0..n).map(|_| read(source)).collect()
}
