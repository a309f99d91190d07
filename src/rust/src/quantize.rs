//! Quantized matrices. MLX checks little and reads what the shapes promise: everything is checked here.

use crate::args;
use crate::failure::{shown, Failure, Field};
use crate::handle::{require, tensor, tensors, Tensor};
use crate::positions::positions;
use crate::promote::{broadcast, operand};
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Device, Dtype, Packed, Packing};

routines! {
    ffi_quantize(w, group_size, bits, mode, device) => quantize;
    ffi_dequantize(w, scales, biases, group_size, bits, mode, device) => dequantize;
    ffi_quantized_matmul(x, w, scales, biases, transpose, group_size, bits, mode, device) => matmul;
    ffi_gather_qmm(x, w, scales, biases, lhs, rhs, transpose, group_size, bits, mode, sorted, device) => gather;
}

const AFFINE: &str = "affine";

/// MLX's formats, with the group sizes and numbers of bits that each has.
const FORMATS: [(&str, &[i32], &[i32]); 4] = [
    (AFFINE, &[32, 64, 128], &[2, 3, 4, 5, 6, 8]),
    ("mxfp4", &[32], &[4]),
    ("mxfp8", &[32], &[8]),
    ("nvfp4", &[16], &[4]),
];

/// The format and its widths.
fn packing(group_size: SEXP, bits: SEXP, mode: SEXP) -> Result<Packing> {
    let given = args::one_string(mode, "mode")?;
    let Some((mode, sizes, widths)) = FORMATS.iter().find(|(name, ..)| *name == given) else {
        let known = FORMATS.map(|(name, ..)| format!("\"{name}\"")).join(", ");
        return Err(Failure::argument("mode", format!("'mode' should be one of {known}, not \"{given}\".")));
    };
    let group_size = one_of(group_size, "group_size", sizes, mode)?;
    Ok(Packing { group_size, bits: one_of(bits, "bits", widths, mode)?, mode })
}

fn one_of(x: SEXP, arg: &str, known: &[i32], mode: &str) -> Result<i32> {
    let value = args::one_number(x, arg)?;
    known.iter().copied().find(|&known| f64::from(known) == value).ok_or_else(|| {
        let list = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Failure::argument(arg, format!("`{arg}` must be {list} for mode \"{mode}\", not {value}."))
    })
}

fn shape_failure(arg: &str, message: String, shapes: &[&[i32]]) -> Failure {
    Failure::shape("quantize", message, shapes).with("arg", Field::Text(arg.into()))
}

/// A float matrix to pack, or several; double precision counts as single.
fn floats(x: SEXP, arg: &str) -> Result<(Array, Device)> {
    let x = operand(x)?;
    let dtype = x.array.dtype();
    if !dtype.is_float() {
        let message = format!("`{arg}` must be a real float array, not {}.", dtype.name());
        return Err(Failure::dtype("quantize", message, dtype.name()).with("arg", Field::Text(arg.into())));
    }
    let dtype = if dtype == Dtype::Float64 { Dtype::Float32 } else { dtype };
    Ok((x.array.astype(dtype, x.device)?, x.device))
}

/// Packs a float matrix: codes, scales and, in mode `affine`, biases.
fn packed(w: SEXP, packing: Packing, device: Device) -> Result<Packed> {
    let (array, _) = floats(w, "w")?;
    let Some((&columns, leading)) = array.shape().split_last().filter(|(_, leading)| !leading.is_empty()) else {
        let message = format!("`w` must have two axes at least, not {}.", shown(array.shape()));
        return Err(shape_failure("w", message, &[array.shape()]));
    };
    if columns % packing.group_size != 0 {
        let message =
            format!("The last axis of `w` ({columns}) must be divisible by `group_size` ({}).", packing.group_size);
        return Err(shape_failure("w", message, &[array.shape()]));
    }
    if array.size() == 0 {
        return empty(leading, columns, array.dtype(), packing, device);
    }
    if array.size() % 32 != 0 {
        let message =
            format!("Mode \"{}\" needs a multiple of 32 elements; `w` is {}.", packing.mode, shown(array.shape()));
        return Err(shape_failure("w", message, &[array.shape()]));
    }
    let mut parts = array.quantize(packing, device)?.into_iter();
    match (parts.next(), parts.next()) {
        (Some(codes), Some(scales)) => Ok(Packed { codes, scales, biases: parts.next() }),
        _ => Err(Failure::internal("no scales from quantize")),
    }
}

/// The packed form of a matrix without elements.
fn empty(leading: &[i32], columns: i32, dtype: Dtype, packing: Packing, device: Device) -> Result<Packed> {
    let filled = |last: i32, dtype: Dtype| -> Result<Array> {
        let shape: Vec<i32> = leading.iter().copied().chain([last]).collect();
        Ok(Array::zeros(&shape, dtype, device)?)
    };
    let groups = columns / packing.group_size;
    let affine = packing.mode == AFFINE;
    Ok(Packed {
        codes: filled(columns / 32 * packing.bits, Dtype::Uint32)?,
        scales: filled(groups, if affine { dtype } else { Dtype::Uint8 })?,
        biases: if affine { Some(filled(groups, dtype)?) } else { None },
    })
}

fn quantize(w: SEXP, group_size: SEXP, bits: SEXP, mode: SEXP, device: SEXP) -> Result<SEXP> {
    let (packing, device) = (packing(group_size, bits, mode)?, args::device(device)?);
    let Packed { codes, scales, biases } = packed(w, packing, device)?;
    let mut names = vec!["w_q".to_string(), "scales".into()];
    let mut parts = vec![Tensor::new(codes, device), Tensor::new(scales, device)];
    if let Some(biases) = biases {
        names.push("biases".into());
        parts.push(Tensor::new(biases, device));
    }
    tensors(parts, Some(&names))
}

/// The packed matrix of a user, whose parts must fit each other.
fn given(w: SEXP, scales: SEXP, biases: SEXP, packing: Packing) -> Result<Packed> {
    let codes = require(w, "w")?.array.clone();
    let dtype = codes.dtype();
    if dtype != Dtype::Uint32 {
        let message =
            format!("`w` must hold packed codes, dtype uint32 as mlx_quantize() gives them, not {}.", dtype.name());
        return Err(Failure::dtype("dequantize", message, dtype.name()).with("arg", Field::Text("w".into())));
    }
    let Some((&words, leading)) = codes.shape().split_last().filter(|(_, leading)| !leading.is_empty()) else {
        let message = format!("`w` must have two axes at least, not {}.", shown(codes.shape()));
        return Err(shape_failure("w", message, &[codes.shape()]));
    };
    let bits = i64::from(words) * 32;
    let group = i64::from(packing.bits) * i64::from(packing.group_size);
    if bits % group != 0 {
        let message = format!(
            "The last axis of `w` ({words} words of 32 bits) does not hold whole groups of {} numbers of {} bits.",
            packing.group_size, packing.bits
        );
        return Err(shape_failure("w", message, &[codes.shape()]));
    }
    let shape: Vec<i32> = leading.iter().copied().chain([(bits / group) as i32]).collect();
    let scales = group_values(scales, "scales", &shape, packing)?;
    let biases = match (packing.mode, biases == null()) {
        (AFFINE, true) => {
            return Err(Failure::argument("biases", "`biases` must be given: mode \"affine\" needs them."));
        }
        (AFFINE, false) => Some(group_values(biases, "biases", &shape, packing)?),
        (_, true) => None,
        (mode, false) => {
            return Err(Failure::argument("biases", format!("`biases` must be NULL: mode \"{mode}\" has none.")));
        }
    };
    Ok(Packed { codes, scales, biases })
}

/// One number for each group.
fn group_values(x: SEXP, arg: &str, shape: &[i32], packing: Packing) -> Result<Array> {
    let array = if packing.mode == AFFINE {
        floats(x, arg)?.0
    } else {
        let array = operand(x)?.array.clone();
        if array.dtype() != Dtype::Uint8 {
            let name = array.dtype().name();
            let message = format!("`{arg}` must have dtype uint8 for mode \"{}\", not {name}.", packing.mode);
            return Err(Failure::dtype("dequantize", message, name).with("arg", Field::Text(arg.into())));
        }
        array
    };
    if array.shape() != shape {
        let message = format!(
            "`{arg}` ({}) must hold one number for each group of `w`: {}. Are `group_size` and `bits` those of mlx_quantize()?",
            shown(array.shape()),
            shown(shape)
        );
        return Err(shape_failure(arg, message, &[array.shape(), shape]));
    }
    Ok(array)
}

/// How many numbers a row of the packed matrix holds.
fn unpacked(w: &Packed, packing: Packing) -> i32 {
    w.codes.shape().last().map_or(0, |&words| (i64::from(words) * 32 / i64::from(packing.bits)) as i32)
}

fn dequantize(
    w: SEXP,
    scales: SEXP,
    biases: SEXP,
    group_size: SEXP,
    bits: SEXP,
    mode: SEXP,
    device: SEXP,
) -> Result<SEXP> {
    let (packing, device) = (packing(group_size, bits, mode)?, args::device(device)?);
    let w = given(w, scales, biases, packing)?;
    // the scales of the floating-point formats say nothing of the dtype: single precision holds all values
    let dtype = if w.biases.is_some() { w.scales.dtype() } else { Dtype::Float32 };
    let mut shape = w.codes.shape().to_vec();
    if let Some(last) = shape.last_mut() {
        *last = unpacked(&w, packing);
    }
    let array =
        if w.codes.size() == 0 { Array::zeros(&shape, dtype, device)? } else { w.dequantize(packing, dtype, device)? };
    Tensor::new(array, device).into_r()
}

/// The packed matrix of the arguments; a float one is packed first.
fn either(w: SEXP, scales: SEXP, biases: SEXP, packing: Packing, device: Device) -> Result<Packed> {
    if scales != null() {
        return given(w, scales, biases, packing);
    }
    let mut made = packed(w, packing, device)?;
    if biases != null() {
        let shape = made.scales.shape().to_vec();
        if packing.mode != AFFINE {
            let message = format!("`biases` must be NULL: mode \"{}\" has none.", packing.mode);
            return Err(Failure::argument("biases", message));
        }
        made.biases = Some(group_values(biases, "biases", &shape, packing)?);
    }
    Ok(made)
}

/// The last sides of the packed matrix as it stands in the product.
fn sides(x: &Array, w: &Packed, transpose: bool, packing: Packing, op: &str) -> Result<i32> {
    let (wide, rows) = (unpacked(w, packing), w.codes.shape()[w.codes.ndim() - 2]);
    let (inner, outer) = if transpose { (wide, rows) } else { (rows, wide) };
    if x.shape().last() != Some(&inner) {
        let message = format!(
            "The last axis of `x` ({}) must have length {inner}: `w` holds {rows} x {wide} numbers and `transpose` is {}.",
            shown(x.shape()),
            if transpose { "TRUE" } else { "FALSE" }
        );
        return Err(Failure::shape(op, message, &[x.shape(), w.codes.shape()]).with("arg", Field::Text("x".into())));
    }
    Ok(outer)
}

#[allow(clippy::too_many_arguments)] // the arguments of the R function
fn matmul(
    x: SEXP,
    w: SEXP,
    scales: SEXP,
    biases: SEXP,
    transpose: SEXP,
    group_size: SEXP,
    bits: SEXP,
    mode: SEXP,
    device: SEXP,
) -> Result<SEXP> {
    let (packing, device) = (packing(group_size, bits, mode)?, args::device(device)?);
    let transpose = args::one_flag(transpose, "transpose")?;
    let (x, _) = floats(x, "x")?;
    let w = either(w, scales, biases, packing, device)?;
    Tensor::new(product(x, &w, transpose, packing, device)?, device).into_r()
}

fn product(mut x: Array, w: &Packed, transpose: bool, packing: Packing, device: Device) -> Result<Array> {
    let op = "mlx_quantized_matmul";
    let outer = sides(&x, w, transpose, packing, op)?;
    let leading = w.codes.ndim() - 2;
    if leading > 0 && x.ndim() < 3 {
        // MLX would take the first of several matrices only
        let ones = vec![1; leading + 2 - x.ndim()];
        x = x.reshape(&[&ones, x.shape()].concat(), device)?;
    }
    let rows = x.ndim().saturating_sub(2);
    let mut shape = broadcast(op, &x.shape()[..rows], &w.codes.shape()[..leading])?;
    shape.extend(&x.shape()[rows..]);
    if let Some(last) = shape.last_mut() {
        *last = outer;
    }
    if x.size() == 0 || w.codes.size() == 0 {
        return Ok(Array::zeros(&shape, x.dtype(), device)?);
    }
    Ok(x.quantized_matmul(w, transpose, packing, device)?)
}

#[allow(clippy::too_many_arguments)] // the arguments of the R function
fn gather(
    x: SEXP,
    w: SEXP,
    scales: SEXP,
    biases: SEXP,
    lhs: SEXP,
    rhs: SEXP,
    transpose: SEXP,
    group_size: SEXP,
    bits: SEXP,
    mode: SEXP,
    sorted: SEXP,
    device: SEXP,
) -> Result<SEXP> {
    let op = "mlx_gather_qmm";
    let (packing, device) = (packing(group_size, bits, mode)?, args::device(device)?);
    let (transpose, sorted) = (args::one_flag(transpose, "transpose")?, args::one_flag(sorted, "sorted_indices")?);
    let (x, _) = floats(x, "x")?;
    let w = given(w, scales, biases, packing)?;
    if lhs == null() && rhs == null() {
        return Tensor::new(product(x, &w, transpose, packing, device)?, device).into_r();
    }
    if x.ndim() < 2 {
        let message = format!("`x` must have two axes at least, not {}.", shown(x.shape()));
        return Err(shape_failure("x", message, &[x.shape()]));
    }
    let outer = sides(&x, &w, transpose, packing, op)?;
    let left = batch_indices(lhs, "lhs_indices", &x, sorted)?;
    let right = batch_indices(rhs, "rhs_indices", &w.codes, sorted)?;
    let batch = |index: &Option<Array>, x: &Array| match index {
        Some(index) => index.shape().to_vec(),
        None => x.shape()[..x.ndim() - 2].to_vec(),
    };
    let mut shape = broadcast(op, &batch(&left, &x), &batch(&right, &w.codes))?;
    shape.extend([x.shape()[x.ndim() - 2], outer]);
    if shape.contains(&0) || x.size() == 0 || w.codes.size() == 0 {
        return Tensor::new(Array::zeros(&shape, x.dtype(), device)?, device).into_r();
    }
    let indices = (left.as_ref(), right.as_ref());
    Tensor::new(x.gather_qmm(&w, indices, transpose, packing, sorted, device)?, device).into_r()
}

/// Which of the matrices along the leading axes, in MLX's count.
fn batch_indices(x: SEXP, arg: &'static str, of: &Array, sorted: bool) -> Result<Option<Array>> {
    if x == null() {
        return Ok(None);
    }
    let count = of.shape()[..of.ndim() - 2].iter().map(|&side| f64::from(side)).product::<f64>();
    let most = args::fits(count, arg)?;
    let index = positions(x, arg, most, |index| {
        Failure::new("index", format!("`{arg}` must lie in 1 to {most}: {index} is out of range."))
            .with("arg", Field::Text(arg.into()))
    })?;
    if sorted && !index.array.is_tracer() && !index.array.to_vec::<i32>()?.is_sorted() {
        return Err(Failure::argument(arg, format!("`sorted_indices` is TRUE, but `{arg}` does not ascend.")));
    }
    let device = tensor(x)?.map_or(index.device, |x| x.device);
    Ok(Some(index.array.astype(Dtype::Uint32, device)?))
}
