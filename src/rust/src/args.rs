//! Reading the arguments of routines: names, shapes, axes, dtypes, devices.

use crate::failure::{shown, Failure, Field};
use crate::sys::{is_object, kind, len, slice, text, R_NaInt, Result, INTEGER, LOGICAL, REAL, SEXP, SEXPTYPE};
use crate::{device, handle, stream};
use mlx::{Device, Dtype};

/// The numbers of an integer, double or logical vector, `NA` and `NaN` as `None`; `None` for any other object.
pub(crate) fn numbers(x: SEXP) -> Option<Vec<Option<f64>>> {
    if is_object(x) {
        return None;
    }
    // SAFETY: the vectors are read with their own type and length.
    unsafe {
        match kind(x) {
            SEXPTYPE::INTSXP | SEXPTYPE::LGLSXP => {
                Some(slice(INTEGER(x), len(x)).iter().map(|&v| (v != R_NaInt).then_some(f64::from(v))).collect())
            }
            SEXPTYPE::REALSXP => Some(slice(REAL(x), len(x)).iter().map(|&v| (!v.is_nan()).then_some(v)).collect()),
            _ => None,
        }
    }
}

/// As [`numbers`], with fractions cut off.
pub(crate) fn whole(x: SEXP) -> Option<Vec<Option<f64>>> {
    Some(numbers(x)?.into_iter().map(|value| value.map(f64::trunc)).collect())
}

/// One string.
pub(crate) fn one_string(x: SEXP, arg: &str) -> Result<String> {
    let one = kind(x) == SEXPTYPE::STRSXP && len(x) == 1;
    let value = if one { text(x, 0) } else { None };
    value.ok_or_else(|| Failure::argument(arg, format!("`{arg}` must be one string.")))
}

/// One `TRUE` or `FALSE`.
pub(crate) fn one_flag(x: SEXP, arg: &str) -> Result<bool> {
    if kind(x) == SEXPTYPE::LGLSXP && len(x) == 1 {
        // SAFETY: a logical vector of length one.
        let value = unsafe { *LOGICAL(x) };
        // SAFETY: a constant of R.
        if value != unsafe { R_NaInt } {
            return Ok(value != 0);
        }
    }
    Err(Failure::argument(arg, format!("{arg} must be a single logical value (TRUE or FALSE).")))
}

/// One number; `NaN` and infinite are allowed unless the caller says otherwise.
pub(crate) fn one_number(x: SEXP, arg: &str) -> Result<f64> {
    // SAFETY: read with their own type, after the length is known to be one.
    let value = unsafe {
        match kind(x) {
            _ if is_object(x) => None,
            SEXPTYPE::REALSXP if len(x) == 1 => Some(*REAL(x)),
            SEXPTYPE::INTSXP | SEXPTYPE::LGLSXP if len(x) == 1 && *INTEGER(x) != R_NaInt => {
                Some(f64::from(*INTEGER(x)))
            }
            _ => None,
        }
    };
    value.ok_or_else(|| Failure::argument(arg, format!("{arg} must be a single numeric value.")))
}

/// One finite number.
pub(crate) fn one_finite(x: SEXP, arg: &str) -> Result<f64> {
    let value = one_number(x, arg)?;
    if !value.is_finite() {
        return Err(Failure::argument(arg, format!("{arg} must be a single numeric value, and finite.")));
    }
    Ok(value)
}

/// One whole number that fits 32 bits.
pub(crate) fn one_int(x: SEXP, arg: &str) -> Result<i32> {
    let value = one_number(x, arg)?;
    if value.is_nan() || value.abs() > f64::from(i32::MAX) {
        return Err(Failure::argument(arg, format!("{arg} must be a single integer.")));
    }
    Ok(value as i32)
}

/// A choice among `known` names, abbreviated if unique, as `match.arg()` has it.
fn choice<'a>(given: &str, arg: &str, known: impl Iterator<Item = &'a str> + Clone) -> Result<&'a str> {
    if let Some(exact) = known.clone().find(|name| *name == given) {
        return Ok(exact);
    }
    let mut prefixed = known.clone().filter(|name| !given.is_empty() && name.starts_with(given));
    match (prefixed.next(), prefixed.next()) {
        (Some(name), None) => Ok(name),
        _ => {
            let list: Vec<String> = known.map(|name| format!("\"{name}\"")).collect();
            let message = format!("'{arg}' should be one of {}, not \"{given}\".", list.join(", "));
            Err(Failure::argument(arg, message))
        }
    }
}

/// A dtype by name; `NULL` is `None`.
pub(crate) fn dtype(x: SEXP) -> Result<Option<Dtype>> {
    dtype_among(x, |_| true)
}

/// A dtype by name, among those that `allowed` accepts.
pub(crate) fn dtype_among(x: SEXP, allowed: fn(Dtype) -> bool) -> Result<Option<Dtype>> {
    if kind(x) == SEXPTYPE::NILSXP {
        return Ok(None);
    }
    let given = one_string(x, "dtype")?;
    let names = Dtype::ALL.iter().filter(|(dtype, ..)| allowed(*dtype)).map(|(_, name, _)| *name);
    match choice(&given, "dtype", names) {
        Ok(name) => Ok(Dtype::from_name(name)),
        Err(failure) => Err(Failure::dtype("dtype", failure.message(), &given)),
    }
}

/// A device by name or by a stream; `NULL` is the session's default. The stream takes the device's work until the routine
/// in progress ends.
pub(crate) fn device(x: SEXP) -> Result<Device> {
    match stream::given(x)? {
        Some(stream) => stream::enter(stream),
        None if kind(x) != SEXPTYPE::NILSXP && (kind(x) != SEXPTYPE::STRSXP || len(x) != 1) => {
            Err(Failure::argument("device", "device must be \"gpu\", \"cpu\", or an mlx_stream."))
        }
        None => named_device(x),
    }
}

/// A device by name; `NULL` is the session's default.
pub(crate) fn named_device(x: SEXP) -> Result<Device> {
    if kind(x) == SEXPTYPE::NILSXP {
        return Ok(device::current());
    }
    if kind(x) != SEXPTYPE::STRSXP || len(x) != 1 {
        return Err(Failure::argument("device", "device must be \"gpu\" or \"cpu\" here."));
    }
    match choice(&one_string(x, "device")?, "device", ["gpu", "cpu"].into_iter())? {
        "cpu" => Ok(Device::Cpu),
        _ if mlx::runtime::has_gpu() => Ok(Device::Gpu),
        _ => Err(Failure::new(
            "device",
            "There is no gpu here: this build of Rmlx has no Metal or CUDA backend, or no such device was found. \
             mlx_best_device() names one that works.",
        )
        .with("requested", Field::Text("gpu".into()))
        .with("device", Field::Text(device::current().name().into()))),
    }
}

/// The device of a result that is to be on `device`, by default the session's. `float64` stays on the CPU by default.
pub(crate) fn device_for(device: SEXP, x: &handle::Tensor) -> Result<Device> {
    if kind(device) == SEXPTYPE::NILSXP && x.array.dtype() == Dtype::Float64 {
        return Ok(x.device);
    }
    self::device(device)
}

/// A shape for a new array: at least one side, each positive, and not more elements than can be counted.
pub(crate) fn new_shape(x: SEXP, arg: &str) -> Result<Vec<i32>> {
    let bad = || Failure::argument(arg, format!("{arg} must contain positive integers."));
    if len(x) == 0 {
        return Err(Failure::argument(arg, format!("{arg} must contain at least one element.")));
    }
    let sides = whole(x).ok_or_else(bad)?;
    let positive = |side: Option<f64>| match side {
        Some(side) if side >= 1.0 => fits(side, arg),
        _ => Err(bad()),
    };
    let shape = sides.into_iter().map(positive).collect::<Result<Vec<i32>>>()?;
    countable(&shape)?;
    Ok(shape)
}

/// Beyond this many elements, sizes in bytes could wrap around.
const MOST_ELEMENTS: f64 = (1_u64 << 56) as f64;

/// Refuses a shape whose elements cannot be counted.
pub(crate) fn countable(shape: &[i32]) -> Result<()> {
    if shape.contains(&0) || shape.iter().map(|&side| f64::from(side)).product::<f64>() <= MOST_ELEMENTS {
        return Ok(());
    }
    let message = format!("dim asks for more elements than any memory can hold: {}.", shown(shape));
    Err(Failure::shape("array", message, &[shape]).with("arg", Field::Text("dim".into())))
}

/// A shape that an existing array is to get: sides may be 0, and there may be none.
pub(crate) fn any_shape(x: SEXP, arg: &str) -> Result<Vec<i32>> {
    let bad = || Failure::argument(arg, format!("{arg} must be a numeric vector without NAs."));
    let sides = whole(x).ok_or_else(bad)?;
    sides
        .into_iter()
        .map(|side| match side {
            None => Err(bad()),
            Some(side) if side < 0.0 => {
                Err(Failure::argument(arg, format!("{arg} cannot be negative: there are negative values.")))
            }
            Some(side) => fits(side, arg),
        })
        .collect()
}

/// MLX counts the elements along an axis with 32 bits.
pub(crate) fn fits(side: f64, arg: &str) -> Result<i32> {
    if side > f64::from(i32::MAX) {
        let message = format!("{arg} asks for {side:.3e} elements along one axis; MLX holds at most {}.", i32::MAX);
        return Err(Failure::shape("array", message, &[]).with("arg", Field::Text(arg.into())));
    }
    Ok(side as i32)
}

/// Axes (1-based) of an array with `ndim` axes, translated to 0-based, ascending and without repeats; `NULL` is all.
pub(crate) fn axes(x: SEXP, ndim: usize) -> Result<Vec<i32>> {
    if kind(x) == SEXPTYPE::NILSXP {
        return Ok((0..ndim as i32).collect());
    }
    let given = numbers(x).ok_or_else(|| Failure::argument("axes", "axes must be a vector of integers."))?;
    if given.is_empty() {
        return Err(Failure::argument("axes", "axes must contain at least one element."));
    }
    let mut axes = given.into_iter().map(|axis| one_axis(axis, ndim)).collect::<Result<Vec<i32>>>()?;
    axes.sort_unstable();
    axes.dedup();
    Ok(axes)
}

/// One axis (1-based), translated to 0-based.
pub(crate) fn one_axis(axis: Option<f64>, ndim: usize) -> Result<i32> {
    let axis =
        axis.ok_or_else(|| Failure::argument("axis", "axis cannot be NA; axes must be a vector of integers."))?;
    if axis.is_finite() && axis.fract() != 0.0 {
        let message = format!("axis={axis} is not whole: axes must be a vector of integers.");
        return Err(Failure::argument("axis", message));
    }
    if axis < 1.0 || axis > ndim as f64 {
        let message = format!("axis={axis:.0} is out of bounds for an array with {ndim} dimensions.");
        return Err(Failure::shape("axis", message, &[]).with("axis", Field::Ints(vec![axis as i32])));
    }
    Ok(axis as i32 - 1)
}

/// An argument that names one axis (1-based), translated to 0-based.
pub(crate) fn single_axis(x: SEXP, arg: &str, ndim: usize) -> Result<i32> {
    match numbers(x).as_deref() {
        Some(&[axis]) => one_axis(axis, ndim),
        _ => Err(Failure::argument(arg, format!("{arg} must be NULL or a single integer."))),
    }
}

/// Axes (1-based) in the order given, repeats and all, translated to 0-based.
pub(crate) fn axis_list(x: SEXP, arg: &str, ndim: usize) -> Result<Vec<i32>> {
    let given = numbers(x).ok_or_else(|| Failure::argument(arg, format!("{arg} must be a vector of integers.")))?;
    if given.is_empty() {
        return Err(Failure::argument(arg, format!("{arg} must contain at least one element.")));
    }
    given.into_iter().map(|axis| one_axis(axis, ndim)).collect()
}

/// One whole number, at least 1, that fits 32 bits; fractions are cut off.
pub(crate) fn positive(x: SEXP, arg: &str, when: &str) -> Result<i32> {
    match whole(x).as_deref() {
        Some(&[Some(n)]) if n >= 1.0 => fits(n, arg),
        _ => Err(Failure::argument(arg, format!("{arg} must be a positive integer{when}."))),
    }
}

/// One whole number of either sign that fits 32 bits.
pub(crate) fn offset(x: SEXP, arg: &str) -> Result<i32> {
    match numbers(x).as_deref() {
        Some(&[Some(n)]) if n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX) => Ok(n as i32),
        _ => Err(Failure::argument(arg, format!("{arg} must be a single integer."))),
    }
}

/// The device that an argument asks for; `NULL` is the one given here.
pub(crate) fn device_or(x: SEXP, otherwise: Device) -> Result<Device> {
    if kind(x) == SEXPTYPE::NILSXP {
        Ok(otherwise)
    } else {
        device(x)
    }
}

/// One axis (1-based), translated to 0-based; `NULL` is `None`.
pub(crate) fn optional_axis(x: SEXP, ndim: usize) -> Result<Option<i32>> {
    if kind(x) == SEXPTYPE::NILSXP {
        return Ok(None);
    }
    single_axis(x, "axis", ndim).map(Some)
}

/// The first class of an object, for messages.
pub(crate) fn class_of(x: SEXP) -> String {
    for (class, name) in [(c"data.frame", "data.frame"), (c"factor", "factor"), (c"Date", "Date")] {
        if handle::inherits(x, class) {
            return name.into();
        }
    }
    // SAFETY: reading the class attribute allocates nothing.
    let classes = unsafe { crate::sys::Rf_getAttrib(x, crate::sys::R_ClassSymbol) };
    if kind(classes) == SEXPTYPE::STRSXP && len(classes) > 0 {
        return text(classes, 0).unwrap_or_default();
    }
    match kind(x) {
        SEXPTYPE::NILSXP => "NULL",
        SEXPTYPE::VECSXP => "list",
        SEXPTYPE::STRSXP => "character",
        SEXPTYPE::CLOSXP | SEXPTYPE::BUILTINSXP | SEXPTYPE::SPECIALSXP => "function",
        SEXPTYPE::ENVSXP => "environment",
        SEXPTYPE::SYMSXP => "name",
        SEXPTYPE::LANGSXP => "call",
        SEXPTYPE::EXTPTRSXP => "externalptr",
        SEXPTYPE::LGLSXP => "logical",
        SEXPTYPE::CPLXSXP => "complex",
        SEXPTYPE::REALSXP | SEXPTYPE::INTSXP => "numeric",
        SEXPTYPE::RAWSXP => "raw",
        _ => "object",
    }
    .into()
}
