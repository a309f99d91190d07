//! Convolutions. Everything is checked here: MLX divides by strides, and reads outside of arrays without elements.

use crate::args;
use crate::failure::{shown, Failure, Field};
use crate::handle::Tensor;
use crate::promote::{common_dtype, operands};
use crate::sys::{Result, SEXP};
use crate::trace::is_vectorised;
use mlx::{Array, Binary, Device, Dtype, Reduce, Window};

routines! {
    ffi_conv(input, weight, axes, stride, padding, dilation, groups, device) => conv;
    ffi_conv_transpose(input, weight, axes, stride, padding, dilation, output_padding, groups, device) => conv_transpose;
}

/// Numbers for each spatial axis.
struct Setting {
    stride: Vec<i32>,
    padding: Vec<i32>,
    dilation: Vec<i32>,
    groups: i32,
}

impl Setting {
    fn read(axes: usize, stride: SEXP, padding: SEXP, dilation: SEXP, groups: SEXP) -> Result<Self> {
        Ok(Self {
            stride: per_axis(stride, "stride", axes, 1)?,
            padding: per_axis(padding, "padding", axes, 0)?,
            dilation: per_axis(dilation, "dilation", axes, 1)?,
            groups: per_axis(groups, "groups", 1, 1)?[0],
        })
    }

    /// One less than the length of the kernel along a spatial axis, holes included.
    fn reach(&self, weight: &Array, axis: usize) -> i64 {
        i64::from(self.dilation[axis]) * (i64::from(weight.shape()[axis + 1]) - 1)
    }
}

/// One whole number for every spatial axis, or one for all.
fn per_axis(x: SEXP, arg: &str, axes: usize, least: i32) -> Result<Vec<i32>> {
    let count = if axes == 1 { "one whole number".into() } else { format!("1 or {axes} whole numbers") };
    let bad = || Failure::argument(arg, format!("`{arg}` must be {count}, {least} or more."));
    let values = args::whole(x).ok_or_else(bad)?;
    if values.len() != 1 && values.len() != axes {
        return Err(bad());
    }
    let sides = values.iter().map(|value| match value {
        Some(value) if *value >= f64::from(least) => args::fits(*value, arg),
        _ => Err(bad()),
    });
    let sides = sides.collect::<Result<Vec<i32>>>()?;
    Ok(if sides.len() == axes { sides } else { vec![sides[0]; axes] })
}

/// Both arrays in the dtype of the computation.
fn inputs(input: SEXP, weight: SEXP, axes: usize, setting: &Setting, op: &str) -> Result<(Array, Array)> {
    let (x, w) = operands(input, weight)?;
    check_shapes(x.array.shape(), w.array.shape(), axes, setting, op)?;
    let dtype = match common_dtype(x.array.dtype(), w.array.dtype()) {
        dtype @ (Dtype::Float64 | Dtype::Complex64) => {
            let name = dtype.name();
            let message = format!("{op} is not available for {name}: use \"float32\", \"float16\" or \"bfloat16\".");
            return Err(Failure::dtype(op, message, name));
        }
        dtype if dtype.is_float() => dtype,
        _ => Dtype::Float32,
    };
    Ok((x.array.astype(dtype, x.device)?, w.array.astype(dtype, w.device)?))
}

fn check_shapes(x: &[i32], w: &[i32], axes: usize, setting: &Setting, op: &str) -> Result<()> {
    let fail =
        |arg: &str, message: String| Err(Failure::shape(op, message, &[x, w]).with("arg", Field::Text(arg.into())));
    let sides = ["length", "height x width", "depth x height x width"][axes - 1];
    if x.len() != axes + 2 {
        let message = format!("`input` must have {} axes, batch x {sides} x channels, not {}.", axes + 2, shown(x));
        return fail("input", message);
    }
    if w.len() != axes + 2 {
        let message =
            format!("`weight` must have {} axes, output channels x {sides} x channels, not {}.", axes + 2, shown(w));
        return fail("weight", message);
    }
    let (groups, channels) = (setting.groups, x[axes + 1]);
    if channels % groups != 0 || w[0] % groups != 0 {
        let message = format!(
            "`groups` ({groups}) must divide the channels of the input ({channels}) and of the output ({}).",
            w[0]
        );
        return fail("groups", message);
    }
    if channels / groups != w[axes + 1] {
        let message = format!(
            "The last axis of `weight` ({}) must be the number of input channels ({channels}) divided by `groups` ({groups}).",
            w[axes + 1]
        );
        return fail("weight", message);
    }
    if w[1..=axes].contains(&0) {
        return fail("weight", format!("The kernel has no elements: `weight` is {}.", shown(w)));
    }
    if x[1..=axes].contains(&0) {
        return fail("input", format!("`input` has no elements along a spatial axis: it is {}.", shown(x)));
    }
    Ok(())
}

/// The shape of the result, if MLX can count in it, from the length along each spatial axis.
fn result_shape(x: &Array, w: &Array, sides: &[i64], op: &str) -> Result<Vec<i32>> {
    if let Some(axis) = sides.iter().position(|&side| side < 1) {
        let why = if op.contains("transpose") {
            "`padding` cuts all of it off"
        } else {
            "the kernel with its dilation does not fit into the padded input"
        };
        let (input, weight) = (shown(x.shape()), shown(w.shape()));
        let message = format!(
            "The result would have no elements along axis {}: {why} (`input` is {input}, `weight` {weight}).",
            axis + 2
        );
        return Err(Failure::shape(op, message, &[x.shape(), w.shape()]));
    }
    let mut shape = vec![x.shape()[0]];
    for &side in sides {
        shape.push(args::fits(side as f64, "padding")?);
    }
    // rows and columns of the matrix that MLX makes of the windows
    let product = |sides: &[i32]| sides.iter().map(|&side| f64::from(side)).product::<f64>();
    args::fits(product(&shape), "input")?;
    args::fits(product(&w.shape()[1..]), "weight")?;
    shape.push(w.shape()[0]);
    args::countable(&shape)?;
    Ok(shape)
}

fn axis_count(axes: SEXP) -> Result<usize> {
    Ok(args::one_int(axes, "axes")?.clamp(1, 3) as usize)
}

#[allow(clippy::too_many_arguments)] // the arguments of the R function
fn conv(
    input: SEXP,
    weight: SEXP,
    axes: SEXP,
    stride: SEXP,
    padding: SEXP,
    dilation: SEXP,
    groups: SEXP,
    device: SEXP,
) -> Result<SEXP> {
    let axes = axis_count(axes)?;
    let setting = Setting::read(axes, stride, padding, dilation, groups)?;
    let device = args::device(device)?;
    let op = format!("mlx_conv{axes}d");
    let (x, w) = inputs(input, weight, axes, &setting, &op)?;
    let shape = conv_shape(&x, &w, &setting, &op)?;
    let empty = x.size() == 0 || w.size() == 0;
    let out = if empty { nothing(&x, &w, &shape, device)? } else { forward(x, &w, setting, device)? };
    Tensor::new(out, device).into_r()
}

fn conv_shape(x: &Array, w: &Array, setting: &Setting, op: &str) -> Result<Vec<i32>> {
    let side = |i: usize| {
        let padded = i64::from(x.shape()[i + 1]) + 2 * i64::from(setting.padding[i]);
        args::fits(padded as f64, "padding")?;
        args::fits(setting.reach(w, i) as f64, "dilation")?;
        Ok((padded - setting.reach(w, i) - 1).div_euclid(i64::from(setting.stride[i])) + 1)
    };
    result_shape(x, w, &(0..setting.stride.len()).map(side).collect::<Result<Vec<i64>>>()?, op)
}

fn forward(mut x: Array, w: &Array, setting: Setting, device: Device) -> Result<Array> {
    let axes = setting.stride.len();
    let mut padding = setting.padding.clone();
    if (0..axes).any(|i| i64::from(padding[i]) > setting.reach(w, i)) {
        // MLX's derivative is wrong for zeros beyond the reach of the kernel; zeros of the input's own are not
        let around: Vec<i32> = [&[0], &padding[..], &[0]].concat();
        x = x.pad(&around, &around, &Array::scalar(0.0, x.dtype())?, device)?;
        padding = vec![0; axes];
    }
    let window = Window {
        stride: setting.stride,
        low: padding.clone(),
        high: padding,
        dilation: setting.dilation,
        spread: vec![1; axes],
        groups: setting.groups,
        flip: false,
    };
    grouped(&x, w, window, device)
}

#[allow(clippy::too_many_arguments)] // the arguments of the R function
fn conv_transpose(
    input: SEXP,
    weight: SEXP,
    axes: SEXP,
    stride: SEXP,
    padding: SEXP,
    dilation: SEXP,
    output_padding: SEXP,
    groups: SEXP,
    device: SEXP,
) -> Result<SEXP> {
    let axes = axis_count(axes)?;
    let setting = Setting::read(axes, stride, padding, dilation, groups)?;
    let extra = per_axis(output_padding, "output_padding", axes, 0)?;
    let device = args::device(device)?;
    let op = format!("mlx_conv_transpose{axes}d");
    let (x, w) = inputs(input, weight, axes, &setting, &op)?;
    let whole = whole_sides(&x, &w, &setting)?;
    let cut = |i: usize| whole[i] - 2 * i64::from(setting.padding[i]) + i64::from(extra[i]);
    let shape = result_shape(&x, &w, &(0..axes).map(cut).collect::<Vec<i64>>(), &op)?;
    if x.size() == 0 || w.size() == 0 {
        return Tensor::new(nothing(&x, &w, &shape, device)?, device).into_r();
    }
    // MLX takes the padding off only as far as the kernel reaches, and its derivative is wrong for an output padding of a
    // stride or more: then the whole result is made, and cut or filled with zeros
    let fits = |i: usize| i64::from(setting.padding[i]) <= setting.reach(&w, i) && extra[i] < setting.stride[i];
    let out = if (0..axes).all(fits) {
        transposed(&x, &w, &setting, &setting.padding, &extra, device)?
    } else {
        result_shape(&x, &w, &whole, &op)?;
        let none = vec![0; axes];
        cropped(&transposed(&x, &w, &setting, &none, &none, device)?, &setting.padding, &shape, device)?
    };
    Tensor::new(out, device).into_r()
}

/// The length of a transposed convolution along each spatial axis before anything is cut off.
fn whole_sides(x: &Array, w: &Array, setting: &Setting) -> Result<Vec<i64>> {
    let side = |i: usize| {
        let (reach, stride) = (setting.reach(w, i), i64::from(setting.stride[i]));
        let whole = (i64::from(x.shape()[i + 1]) - 1) * stride + reach + 1;
        // with the zeros that MLX puts around the input, which it has spread
        args::fits((whole + reach) as f64, "stride")?;
        Ok(whole)
    };
    (0..setting.stride.len()).map(side).collect()
}

fn transposed(
    x: &Array,
    w: &Array,
    setting: &Setting,
    padding: &[i32],
    extra: &[i32],
    device: Device,
) -> Result<Array> {
    let low: Vec<i32> = padding.iter().enumerate().map(|(i, cut)| setting.reach(w, i) as i32 - cut).collect();
    let window = Window {
        stride: vec![1; low.len()],
        high: low.iter().zip(extra).map(|(low, extra)| low + extra).collect(),
        low,
        dilation: setting.dilation.clone(),
        spread: setting.stride.clone(),
        groups: setting.groups,
        flip: true,
    };
    grouped(x, w, window, device)
}

/// The part of `x` that starts at these positions of the spatial axes, with zeros where it ends before `shape` does.
fn cropped(x: &Array, start: &[i32], shape: &[i32], device: Device) -> Result<Array> {
    let last = shape.len() - 1;
    let mut from = vec![0; shape.len()];
    let mut to = x.shape().to_vec();
    for axis in 1..last {
        from[axis] = start[axis - 1].min(x.shape()[axis]);
        to[axis] = from[axis].saturating_add(shape[axis]).min(x.shape()[axis]);
    }
    let part = x.slice(&from, &to, &vec![1; shape.len()], device)?;
    let short: Vec<i32> = shape.iter().zip(part.shape()).map(|(wanted, found)| wanted - found).collect();
    if short.iter().all(|&side| side == 0) {
        return Ok(part);
    }
    Ok(part.pad(&vec![0; shape.len()], &short, &Array::scalar(0.0, x.dtype())?, device)?)
}

/// The convolution of arrays without elements: zeros, which still depend on both.
fn nothing(x: &Array, w: &Array, shape: &[i32], device: Device) -> Result<Array> {
    let sum = |x: &Array| -> Result<Array> {
        let zero = Array::scalar(0.0, x.dtype())?;
        Ok(x.reduce_all(Reduce::Sum, device)?.binary(Binary::Multiply, &zero, device)?)
    };
    Ok(sum(x)?.binary(Binary::Add, &sum(w)?, device)?.broadcast_to(shape, device)?)
}

/// MLX has groups for one and two spatial axes only, and mixes them up when it vectorises: elsewhere they are computed one
/// by one.
fn grouped(x: &Array, w: &Array, window: Window, device: Device) -> Result<Array> {
    if window.groups == 1 || (x.ndim() < 5 && !is_vectorised()) {
        return Ok(x.convolve(w, &window, device)?);
    }
    let (groups, channels) = (window.groups, x.ndim() as i32 - 1);
    let window = Window { groups: 1, ..window };
    let part = |x: &Array, axis: i32, i: i32| {
        let side = x.shape()[axis as usize] / groups;
        x.narrow(axis, i * side, (i + 1) * side, device)
    };
    let parts = (0..groups).map(|i| Ok(part(x, channels, i)?.convolve(&part(w, 0, i)?, &window, device)?));
    let parts = parts.collect::<Result<Vec<Array>>>()?;
    Ok(Array::concatenate(&parts, channels, device)?)
}
