//! Random arrays: what all draws share, and those from continuous laws.

use crate::args;
use crate::failure::Failure;
use crate::handle::Tensor;
use crate::random_key;
use crate::rounding::{at_least, below};
use crate::sys::{Result, SEXP};
use mlx::{Array, Binary, Device, Dtype, Unary};

routines! {
    ffi_random_normal(dim, mean, sd, dtype, device, key) => normal;
    ffi_random_uniform(dim, min, max, dtype, device, key) => uniform;
    ffi_random_laplace(dim, loc, scale, dtype, device, key) => laplace;
    ffi_random_gumbel(dim, dtype, device, key) => gumbel;
}

/// Arithmetic in one dtype on one device.
#[derive(Clone, Copy)]
pub(crate) struct Calc {
    pub(crate) dtype: Dtype,
    pub(crate) device: Device,
}

impl Calc {
    pub(crate) fn op(self, op: Binary, x: &Array, y: &Array) -> Result<Array> {
        Ok(x.binary(op, y, self.device)?)
    }

    /// An operation of an array and a number.
    pub(crate) fn with(self, op: Binary, x: &Array, number: f64) -> Result<Array> {
        self.op(op, x, &Array::scalar(number, self.dtype)?)
    }

    pub(crate) fn plus(self, x: &Array, number: f64) -> Result<Array> {
        self.with(Binary::Add, x, number)
    }

    pub(crate) fn times(self, x: &Array, number: f64) -> Result<Array> {
        self.with(Binary::Multiply, x, number)
    }

    pub(crate) fn map(self, op: Unary, x: &Array) -> Result<Array> {
        Ok(x.unary(op, self.device)?)
    }

    /// `from + by * x`, without work where it changes nothing.
    pub(crate) fn affine(self, x: &Array, from: f64, by: f64) -> Result<Array> {
        let scaled = if by == 1.0 { x.clone() } else { self.times(x, by)? };
        if from == 0.0 {
            return Ok(scaled);
        }
        self.plus(&scaled, from)
    }

    /// `x`, with what lies outside moved to the ends.
    pub(crate) fn clip(self, x: &Array, low: f64, high: f64) -> Result<Array> {
        self.with(Binary::Maximum, &self.with(Binary::Minimum, x, high)?, low)
    }
}

/// What every draw needs.
pub(crate) struct Draw {
    pub(crate) shape: Vec<i32>,
    pub(crate) dtype: Dtype,
    pub(crate) device: Device,
    key: Array,
}

impl Draw {
    /// Reads the arguments that all draws of floats have; `float32` is the default.
    pub(crate) fn new(dim: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<Self> {
        let shape = args::new_shape(dim, "dim")?;
        let dtype = args::dtype_among(dtype, Dtype::is_float)?.unwrap_or(Dtype::Float32);
        let device = args::device(device)?;
        Ok(Self { shape, dtype, device, key: random_key::given(key)? })
    }

    /// Double precision is computed in itself, everything else in single precision.
    pub(crate) fn calc(&self) -> Calc {
        let dtype = if self.dtype == Dtype::Float64 { Dtype::Float64 } else { Dtype::Float32 };
        Calc { dtype, device: self.device }
    }

    /// The result in the dtype that was asked for.
    pub(crate) fn finish(&self, x: &Array) -> Result<SEXP> {
        Tensor::new(x.astype(self.dtype, self.device)?, self.device).into_r()
    }

    /// `n` arrays of random 32-bit words.
    fn words(&self, n: i32) -> Result<Vec<Array>> {
        words(&self.shape, n, &self.key, self.device)
    }

    /// Uniform in `[0, 1)`: the numbers of MLX in single precision, all 53 bits random in double.
    fn unit(&self) -> Result<Array> {
        if self.dtype != Dtype::Float64 {
            return Ok(Array::random_uniform(&self.shape, Dtype::Float32, &self.key, self.device)?);
        }
        self.calc().times(&self.bits53(&self.words(2)?)?, 2.0_f64.powi(-53))
    }

    /// Uniform in `(0, 1)`, with fine steps towards 0.
    pub(crate) fn open_unit(&self) -> Result<Array> {
        let words = self.words(if self.dtype == Dtype::Float64 { 2 } else { 1 })?;
        self.open(&words)
    }

    fn open(&self, words: &[Array]) -> Result<Array> {
        let calc = self.calc();
        let (whole, bits) = match words {
            [word] => (word.astype(calc.dtype, self.device)?, 32),
            words => (self.bits53(words)?, 53),
        };
        let unit = calc.times(&calc.plus(&whole, 0.5)?, 2.0_f64.powi(-bits))?;
        calc.with(Binary::Minimum, &unit, below(1.0, calc.dtype))
    }

    /// Whole numbers of 53 random bits, as doubles.
    fn bits53(&self, words: &[Array]) -> Result<Array> {
        let calc = self.calc();
        let [high, low] = words else { return Err(Failure::internal("53 bits are made of two words")) };
        let low = calc.times(&low.astype(Dtype::Float64, self.device)?, 2.0_f64.powi(-11))?;
        let high = calc.times(&high.astype(Dtype::Float64, self.device)?, 2.0_f64.powi(21))?;
        calc.op(Binary::Add, &high, &calc.map(Unary::Floor, &low)?)
    }

    /// Standard normal: the numbers of MLX in single precision, by Box and Muller (1958) in double.
    pub(crate) fn standard_normal(&self) -> Result<Array> {
        if self.dtype != Dtype::Float64 {
            return Ok(Array::random_normal(&self.shape, Dtype::Float32, &self.key, self.device)?);
        }
        let calc = self.calc();
        let words = self.words(4)?;
        let (u, v) = (self.open(&words[..2])?, self.bits53(&words[2..])?);
        let radius = calc.map(Unary::Sqrt, &calc.times(&calc.map(Unary::Log, &u)?, -2.0)?)?;
        let angle = calc.times(&v, std::f64::consts::TAU * 2.0_f64.powi(-53))?;
        calc.op(Binary::Multiply, &radius, &calc.map(Unary::Cos, &angle)?)
    }

    /// The same draw in another shape.
    pub(crate) fn reshaped(&self, shape: Vec<i32>) -> Result<Self> {
        args::countable(&shape)?;
        Ok(Self { shape, dtype: self.dtype, device: self.device, key: self.key.clone() })
    }
}

/// `n` arrays of random 32-bit words, drawn with one key.
pub(crate) fn words(shape: &[i32], n: i32, key: &Array, device: Device) -> Result<Vec<Array>> {
    let all: Vec<i32> = [&[n], shape].concat();
    let drawn = Array::random_bits(&all, 4, key, device)?;
    if n == 1 {
        return Ok(vec![drawn.reshape(shape, device)?]);
    }
    (0..n).map(|i| row(&drawn, i, device)).collect()
}

/// One row of an array: an element along its first axis, which goes.
pub(crate) fn row(x: &Array, i: i32, device: Device) -> Result<Array> {
    Ok(x.narrow(0, i, i + 1, device)?.reshape(&x.shape()[1..], device)?)
}

fn normal(dim: SEXP, mean: SEXP, sd: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let (mean, sd) = (args::one_number(mean, "mean")?, args::one_number(sd, "sd")?);
    let draw = Draw::new(dim, dtype, device, key)?;
    draw.finish(&draw.calc().affine(&draw.standard_normal()?, mean, sd)?)
}

/// Rounding may reach `max`, or fall below `min` where the dtype does not hold it: those draws are moved inside.
fn uniform(dim: SEXP, min: SEXP, max: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let (min, max) = (args::one_finite(min, "min")?, args::one_finite(max, "max")?);
    let draw = Draw::new(dim, dtype, device, key)?;
    let calc = draw.calc();
    let unit = draw.unit()?;
    let width = max - min;
    let most = if calc.dtype == Dtype::Float64 { f64::MAX } else { f64::from(f32::MAX) };
    let spread = if width.abs() <= most {
        calc.affine(&unit, min, width)?
    } else {
        let rest = calc.affine(&unit, 1.0, -1.0)?;
        calc.op(Binary::Add, &calc.times(&rest, min)?, &calc.times(&unit, max)?)?
    };
    let cast = spread.astype(draw.dtype, draw.device)?;
    if min >= max || (min == 0.0 && max == 1.0 && draw.dtype == calc.dtype) {
        return draw.finish(&cast);
    }
    let calc = Calc { dtype: draw.dtype, device: draw.device };
    draw.finish(&calc.clip(&cast, at_least(min, draw.dtype), below(max, draw.dtype))?)
}

/// By inversion, from either end towards the middle: each half has the fine steps of an open interval towards 0.
fn laplace(dim: SEXP, loc: SEXP, scale: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let loc = args::one_finite(loc, "loc")?;
    let scale = match args::one_number(scale, "scale") {
        Ok(scale) if scale > 0.0 && scale.is_finite() => scale,
        _ => return Err(Failure::argument("scale", "scale must be a single positive numeric value.")),
    };
    let draw = Draw::new(dim, dtype, device, key)?;
    let calc = draw.calc();
    let u = draw.open_unit()?;
    let left = calc.map(Unary::Log, &calc.times(&u, 2.0)?)?;
    let right = calc.map(Unary::Log, &calc.affine(&u, 2.0, -2.0)?)?;
    let is_left = calc.with(Binary::Less, &u, 0.5)?;
    let unit = is_left.select(&left, &calc.map(Unary::Negative, &right)?, draw.device)?;
    draw.finish(&calc.affine(&unit, loc, scale)?)
}

/// Minus the logarithm of an exponential.
fn gumbel(dim: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let draw = Draw::new(dim, dtype, device, key)?;
    let calc = draw.calc();
    let exponential =
        calc.map(Unary::Negative, &calc.map(Unary::Log1p, &calc.map(Unary::Negative, &draw.open_unit()?)?)?)?;
    draw.finish(&calc.map(Unary::Negative, &calc.map(Unary::Log, &exponential)?)?)
}
