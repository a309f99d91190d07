//! R vectors to arrays, in one conversion pass: R's order of elements is kept as it is.

use crate::args::{class_of, fits};
use crate::failure::Failure;
use crate::session::warn;
use crate::sys::{
    is_object, kind, len, slice, R_DimSymbol, R_NaInt, Rcomplex, Result, Rf_getAttrib, COMPLEX, INTEGER, LOGICAL, RAW,
    REAL, SEXP, SEXPTYPE,
};
use half::{bf16, f16};
use mlx::{Array, Dtype, Kind, Layout};

/// The elements of an R vector, by type.
enum Source<'a> {
    Logical(&'a [i32]),
    Integer(&'a [i32]),
    Real(&'a [f64]),
    Complex(&'a [Rcomplex]),
    Raw(&'a [u8]),
}

fn source<'a>(x: SEXP) -> Result<Source<'a>> {
    let n = len_of(x);
    // SAFETY: each vector is read with its own type and length, while R guards it.
    unsafe {
        if !is_object(x) {
            match kind(x) {
                SEXPTYPE::LGLSXP => return Ok(Source::Logical(slice(LOGICAL(x), n))),
                SEXPTYPE::INTSXP => return Ok(Source::Integer(slice(INTEGER(x), n))),
                SEXPTYPE::REALSXP => return Ok(Source::Real(slice(REAL(x), n))),
                SEXPTYPE::CPLXSXP => return Ok(Source::Complex(slice(COMPLEX(x), n))),
                SEXPTYPE::RAWSXP => return Ok(Source::Raw(slice(RAW(x), n))),
                _ => {}
            }
        }
    }
    let class = class_of(x);
    Err(Failure::argument("x", format!("Cannot convert object of class {class} to an mlx array.")))
}

fn len_of(x: SEXP) -> usize {
    match kind(x) {
        SEXPTYPE::LGLSXP | SEXPTYPE::INTSXP | SEXPTYPE::REALSXP | SEXPTYPE::CPLXSXP | SEXPTYPE::RAWSXP => len(x),
        _ => 0,
    }
}

/// The `dim` of an R object.
pub(crate) fn dim(x: SEXP) -> Option<Vec<i32>> {
    // SAFETY: reading an attribute allocates nothing, and R keeps `dim` as an integer vector, which is checked.
    unsafe {
        let dim = Rf_getAttrib(x, R_DimSymbol);
        (kind(dim) == SEXPTYPE::INTSXP).then(|| slice(INTEGER(dim), len(dim)).to_vec())
    }
}

/// The shape that an R object gets: its `dim`, else its length; a single number has no axes.
pub(crate) fn natural_shape(x: SEXP) -> Result<Vec<i32>> {
    if let Some(dim) = dim(x) {
        return Ok(dim);
    }
    match len_of(x) {
        1 => Ok(vec![]),
        n => Ok(vec![fits(n as f64, "x")?]),
    }
}

/// The dtype that an R object gets when none is asked for.
pub(crate) fn natural_dtype(x: SEXP) -> Dtype {
    match kind(x) {
        SEXPTYPE::LGLSXP => Dtype::Bool,
        SEXPTYPE::CPLXSXP => Dtype::Complex64,
        _ => Dtype::Float32,
    }
}

/// An array of an R vector with the shape given or its own.
pub(crate) fn array(x: SEXP, shape: Option<&[i32]>, dtype: Option<Dtype>) -> Result<Array> {
    let values = source(x)?;
    let dtype = dtype.unwrap_or_else(|| natural_dtype(x));
    let own;
    let shape = if let Some(shape) = shape {
        shape
    } else {
        own = natural_shape(x)?;
        &own
    };
    check(&values, dtype)?;
    build(values, shape, dtype)
}

/// Refuses what the dtype cannot hold at all, and warns of what it cannot hold well.
fn check(values: &Source, dtype: Dtype) -> Result<()> {
    // SAFETY: a constant of R.
    let na = unsafe { R_NaInt };
    match (dtype.kind(), values) {
        (Kind::Bool, Source::Logical(v) | Source::Integer(v)) if v.contains(&na) => Err(no_na_in_bool()),
        (Kind::Bool, Source::Real(v)) if v.iter().any(|v| v.is_nan()) => Err(no_na_in_bool()),
        (Kind::Signed | Kind::Unsigned, Source::Logical(v) | Source::Integer(v)) => {
            if v.contains(&na) {
                return Err(no_na_in_integer(dtype));
            }
            range_warning(dtype, v.iter().map(|&v| f64::from(v)));
            Ok(())
        }
        (Kind::Signed | Kind::Unsigned, Source::Real(v)) => {
            if v.iter().any(|v| !v.is_finite()) {
                return Err(no_na_in_integer(dtype));
            }
            range_warning(dtype, v.iter().map(|v| v.trunc()));
            Ok(())
        }
        (Kind::Complex, _) => Ok(()),
        (Kind::Bool, Source::Complex(v)) if v.iter().any(|v| v.r.is_nan() || v.i.is_nan()) => Err(no_na_in_bool()),
        (Kind::Signed | Kind::Unsigned, Source::Complex(v)) if v.iter().any(|v| !v.r.is_finite()) => {
            Err(no_na_in_integer(dtype))
        }
        (Kind::Float | Kind::Signed | Kind::Unsigned, Source::Complex(_)) => {
            warn("precision", "imaginary parts discarded in coercion");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn no_na_in_bool() -> Failure {
    Failure::dtype(
        "as_mlx",
        "Logical NA values are not supported: an mlx array of dtype \"bool\" holds only TRUE and FALSE. \
         dtype = \"float32\" stores NA as NaN.",
        "bool",
    )
}

fn no_na_in_integer(dtype: Dtype) -> Failure {
    let name = dtype.name();
    Failure::dtype("as_mlx", format!("NA, NaN and infinite values cannot be stored with dtype \"{name}\"."), name)
}

/// The least and the greatest value of an integer type.
pub(crate) fn range(dtype: Dtype) -> (f64, f64) {
    let bits = 8 * dtype.size() as i32;
    if dtype.kind() == Kind::Unsigned {
        (0.0, 2.0_f64.powi(bits) - 1.0)
    } else {
        (-2.0_f64.powi(bits - 1), 2.0_f64.powi(bits - 1) - 1.0)
    }
}

fn range_warning(dtype: Dtype, mut values: impl Iterator<Item = f64>) {
    let (low, high) = range(dtype);
    if values.any(|v| v < low || v > high) {
        warn("range", range_message(dtype));
    }
}

/// What a warning says of numbers that a dtype cannot hold.
pub(crate) fn range_message(dtype: Dtype) -> String {
    let ((low, high), name) = (range(dtype), dtype.name());
    format!("Values outside [{low}, {high}] were cut to that range to be stored with dtype \"{name}\".")
}

/// Refuses numbers that an integer type does not hold.
pub(crate) fn check_range(dtype: Dtype, values: &[f64]) -> Result<()> {
    let (low, high) = range(dtype);
    match values.iter().find(|value| **value < low || **value > high) {
        None => Ok(()),
        Some(value) => {
            let name = dtype.name();
            let message = format!("{value} cannot be stored with dtype \"{name}\", which holds {low} to {high}.");
            Err(Failure::dtype("range", message, name))
        }
    }
}

/// Fills an array by converting each element once.
macro_rules! fill {
    ($shape:expr, $dtype:expr, $values:expr, $real:expr) => {{
        let (shape, order, real) = ($shape, Layout::ColumnMajor, $real);
        match $dtype {
            Dtype::Bool => Array::from_bools(shape, order, $values.map(|v| real(v) != 0.0)),
            Dtype::Uint8 => Array::from_values(shape, order, $values.map(|v| real(v) as u8)),
            Dtype::Uint16 => Array::from_values(shape, order, $values.map(|v| real(v) as u16)),
            Dtype::Uint32 => Array::from_values(shape, order, $values.map(|v| real(v) as u32)),
            Dtype::Uint64 => Array::from_values(shape, order, $values.map(|v| real(v) as u64)),
            Dtype::Int8 => Array::from_values(shape, order, $values.map(|v| real(v) as i8)),
            Dtype::Int16 => Array::from_values(shape, order, $values.map(|v| real(v) as i16)),
            Dtype::Int32 => Array::from_values(shape, order, $values.map(|v| real(v) as i32)),
            Dtype::Int64 => Array::from_values(shape, order, $values.map(|v| real(v) as i64)),
            Dtype::Float16 => Array::from_values(shape, order, $values.map(|v| f16::from_f64(real(v)))),
            Dtype::Bfloat16 => Array::from_values(shape, order, $values.map(|v| bf16::from_f64(real(v)))),
            Dtype::Float32 => Array::from_values(shape, order, $values.map(|v| real(v) as f32)),
            Dtype::Float64 => Array::from_values(shape, order, $values.map(real)),
            Dtype::Complex64 => Array::from_values(shape, order, $values.map(|v| [real(v) as f32, 0.0])),
        }
    }};
}

fn build(values: Source, shape: &[i32], dtype: Dtype) -> Result<Array> {
    // SAFETY: a constant of R.
    let na = unsafe { R_NaInt };
    let number = move |v: &i32| if *v == na { f64::NAN } else { f64::from(*v) };
    let array = match values {
        Source::Logical(v) | Source::Integer(v) => fill!(shape, dtype, v.iter(), number),
        Source::Real(v) => fill!(shape, dtype, v.iter(), |v: &f64| *v),
        Source::Raw(v) => fill!(shape, dtype, v.iter(), |v: &u8| f64::from(*v)),
        Source::Complex(v) if dtype == Dtype::Complex64 => {
            Array::from_values(shape, Layout::ColumnMajor, v.iter().map(|v| [v.r as f32, v.i as f32]))
        }
        Source::Complex(v) if dtype == Dtype::Bool => {
            Array::from_bools(shape, Layout::ColumnMajor, v.iter().map(|v| v.r != 0.0 || v.i != 0.0))
        }
        Source::Complex(v) => fill!(shape, dtype, v.iter(), |v: &Rcomplex| v.r),
    };
    Ok(array?)
}
