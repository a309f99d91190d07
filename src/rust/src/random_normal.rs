//! Normal draws between bounds, and in several dimensions.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::tensor;
use crate::random::{Calc, Draw};
use crate::rounding::{at_least, at_most};
use crate::sys::{Result, SEXP};
use crate::upload;
use mlx::{Array, Binary, Device, Dtype, Unary};
use std::ffi::c_int;

routines! {
    ffi_random_truncated_normal(lower, upper, dim, dtype, device, key) => truncated;
    ffi_random_multivariate_normal(dim, mean, cov, dtype, device, key) => multivariate;
}

extern "C" {
    /// R's `pnorm()`.
    fn Rf_pnorm5(x: f64, mean: f64, sd: f64, lower_tail: c_int, log: c_int) -> f64;
}

fn log_pnorm(x: f64) -> f64 {
    // SAFETY: a pure function of numbers.
    unsafe { Rf_pnorm5(x, 0.0, 1.0, 1, 1) }
}

/// So far out, the tail of the normal distribution is that of the Rayleigh distribution to 1 in 10^4.
const FAR: f64 = 100.0;

/// By inversion, on the logarithmic scale, in the tail that most of the interval lies in.
fn truncated(lower: SEXP, upper: SEXP, dim: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let (lower, upper) = (args::one_number(lower, "lower")?, args::one_number(upper, "upper")?);
    if lower.is_nan() || upper.is_nan() || lower >= upper {
        return Err(Failure::argument("lower", format!("lower must be less than upper: {lower} and {upper}.")));
    }
    let draw = Draw::new(dim, dtype, device, key)?;
    let calc = draw.calc();
    let mirrored = lower + upper > 0.0;
    let (a, b) = if mirrored { (-upper, -lower) } else { (lower, upper) };
    // the probability of a draw below x, among those below b, is uniform above that of a
    let least = (log_pnorm(a) - log_pnorm(b)).exp();
    let share = calc.map(Unary::Log, &calc.affine(&draw.open_unit()?, least, 1.0 - least)?)?;
    let x = if b < -FAR {
        let square = calc.affine(&share, b * b, -2.0)?;
        calc.map(Unary::Negative, &calc.map(Unary::Sqrt, &square)?)?
    } else {
        normal_quantile(calc, &calc.plus(&share, log_pnorm(b))?)?
    };
    let x = if mirrored { calc.map(Unary::Negative, &x)? } else { x };
    let cast = x.astype(draw.dtype, draw.device)?;
    let calc = Calc { dtype: draw.dtype, device: draw.device };
    draw.finish(&calc.clip(&cast, at_least(lower, draw.dtype), at_most(upper, draw.dtype))?)
}

/// The normal quantile of the logarithm of a probability, by Wichura's algorithm AS 241 (1988): three quotients of
/// polynomials, for the middle and two parts of the tails.
fn normal_quantile(calc: Calc, log_p: &Array) -> Result<Array> {
    let q = calc.plus(&calc.map(Unary::Exp, log_p)?, -0.5)?;
    let is_lower = calc.with(Binary::Less, &q, 0.0)?;
    let inner = calc.affine(&calc.map(Unary::Square, &q)?, 0.180_625, -1.0)?;
    let middle = calc.op(Binary::Multiply, &q, &quotient(calc, &inner, &MIDDLE)?)?;

    let log_rest = calc.map(Unary::Log, &calc.map(Unary::Negative, &calc.map(Unary::Expm1, log_p)?)?)?;
    let log_tail = is_lower.select(log_p, &log_rest, calc.device)?;
    let r = calc.map(Unary::Sqrt, &calc.map(Unary::Negative, &log_tail)?)?;
    let near = quotient(calc, &calc.plus(&r, -1.6)?, &NEAR_TAIL)?;
    let far = quotient(calc, &calc.plus(&r, -5.0)?, &FAR_TAIL)?;
    let tail = calc.with(Binary::LessEqual, &r, 5.0)?.select(&near, &far, calc.device)?;
    let tail = is_lower.select(&calc.map(Unary::Negative, &tail)?, &tail, calc.device)?;

    let is_middle = calc.with(Binary::LessEqual, &calc.map(Unary::Abs, &q)?, 0.425)?;
    Ok(is_middle.select(&middle, &tail, calc.device)?)
}

/// Numerator and denominator, from the highest power down.
type Quotient = [[f64; 8]; 2];

const MIDDLE: Quotient = [
    [
        2.509_080_928_730_122_7e3,
        3.343_057_558_358_813e4,
        6.726_577_092_700_87e4,
        4.592_195_393_154_987e4,
        1.373_169_376_550_946e4,
        1.971_590_950_306_551_3e3,
        1.331_416_678_917_843_8e2,
        3.387_132_872_796_366_5,
    ],
    [
        5.226_495_278_852_854e3,
        2.872_908_573_572_194_3e4,
        3.930_789_580_009_271e4,
        2.121_379_430_158_659_7e4,
        5.394_196_021_424_751e3,
        6.871_870_074_920_579e2,
        4.231_333_070_160_091e1,
        1.0,
    ],
];

const NEAR_TAIL: Quotient = [
    [
        7.745_450_142_783_414e-4,
        2.272_384_498_926_918_4e-2,
        2.417_807_251_774_506e-1,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        1.519_866_656_361_645_7e-2,
        1.481_039_764_274_800_8e-1,
        6.897_673_349_851e-1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];

const FAR_TAIL: Quotient = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        1.242_660_947_388_078_4e-3,
        2.653_218_952_657_612_4e-2,
        2.965_605_718_285_048_7e-1,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        1.487_536_129_085_061_5e-2,
        1.369_298_809_227_358e-1,
        5.998_322_065_558_88e-1,
        1.0,
    ],
];

fn quotient(calc: Calc, x: &Array, [above, below]: &Quotient) -> Result<Array> {
    calc.op(Binary::Divide, &polynomial(calc, x, above)?, &polynomial(calc, x, below)?)
}

/// By Horner's rule.
fn polynomial(calc: Calc, x: &Array, [first, rest @ ..]: &[f64; 8]) -> Result<Array> {
    let mut sum = Array::scalar(*first, calc.dtype)?;
    for coefficient in rest {
        sum = calc.plus(&calc.op(Binary::Multiply, &sum, x)?, *coefficient)?;
    }
    Ok(sum)
}

/// Rows of independent normals, turned and stretched along the eigenvectors of the covariance.
fn multivariate(dim: SEXP, mean: SEXP, cov: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let draw = Draw::new(dim, dtype, device, key)?;
    let calc = draw.calc();
    let (mean, cov) = (real(mean, "mean", calc.dtype)?, real(cov, "cov", calc.dtype)?);
    let (mean, cov) = vector_and_square(&mean, &cov)?;
    let n = mean.shape()[0];
    let [values, vectors] = cov.eigh(false)?;
    if !cov.is_tracer() {
        check_covariance(&cov, &values)?;
    }
    let cpu = Calc { dtype: calc.dtype, device: Device::Cpu };
    let lengths = cpu.map(Unary::Sqrt, &cpu.with(Binary::Maximum, &values, 0.0)?)?;
    let root = cpu.op(Binary::Multiply, &vectors, &lengths)?;
    let size: f64 = draw.shape.iter().map(|&side| f64::from(side)).product();
    let independent = draw.reshaped(vec![args::fits(size, "dim")?, n])?.standard_normal()?;
    let turned = calc.op(Binary::Matmul, &independent, &root.reversed(draw.device)?)?;
    let rows = calc.op(Binary::Add, &turned, &mean)?;
    let shape = [&draw.shape[..], &[n]].concat();
    args::countable(&shape)?;
    draw.finish(&rows.reshape(&shape, draw.device)?)
}

/// An array of real numbers in this dtype.
fn real(x: SEXP, arg: &str, dtype: Dtype) -> Result<Array> {
    let array = match tensor(x)? {
        Some(tensor) => tensor.array.clone(),
        None => upload::array(x, None, None)?,
    };
    match (array.dtype(), tensor(x)?) {
        (Dtype::Complex64, _) => Err(Failure::dtype("mvn", format!("{arg} must be real, not complex."), "complex64")),
        (_, Some(_)) => Ok(array.astype(dtype, Device::Cpu)?),
        (_, None) => upload::array(x, None, Some(dtype)),
    }
}

/// A mean with one axis and a covariance with two; a single number stands for either.
fn vector_and_square(mean: &Array, cov: &Array) -> Result<(Array, Array)> {
    let cpu = Device::Cpu;
    let mean = if mean.ndim() == 0 { mean.reshape(&[1], cpu)? } else { mean.clone() };
    let cov = if cov.ndim() == 0 { cov.reshape(&[1, 1], cpu)? } else { cov.clone() };
    let refuse = |message: String| Err(Failure::shape("mvn", message, &[mean.shape(), cov.shape()]));
    match (mean.shape(), cov.shape()) {
        (_, &[rows, columns]) if rows != columns => {
            refuse(format!("cov must be a square matrix, not {}.", shown(cov.shape())))
        }
        (&[n], &[rows, _]) if n == rows && n > 0 => Ok((mean, cov)),
        _ => refuse(format!(
            "mean and cov must have compatible shapes, n and n x n: they are {} and {}.",
            shown(mean.shape()),
            shown(cov.shape())
        )),
    }
}

/// A covariance is symmetric, and none of its eigenvalues is negative but for rounding.
fn check_covariance(cov: &Array, eigenvalues: &Array) -> Result<()> {
    let cpu = Device::Cpu;
    let doubles = |x: &Array| -> Result<Vec<f64>> { Ok(x.astype(Dtype::Float64, cpu)?.to_vec::<f64>()?) };
    let slack = if cov.dtype() == Dtype::Float64 { 1e-10 } else { 1e-5 };
    let (entries, turned) = (doubles(cov)?, doubles(&cov.reversed(cpu)?)?);
    let largest = entries.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let symmetric = entries.iter().zip(&turned).all(|(x, y)| (x - y).abs() <= slack * largest);
    if !symmetric || !largest.is_finite() {
        return Err(Failure::argument("cov", "cov must be a symmetric matrix of finite numbers."));
    }
    let least = doubles(eigenvalues)?.into_iter().fold(f64::INFINITY, f64::min);
    if least < -slack * largest {
        return Err(Failure::argument("cov", format!("cov must not have negative eigenvalues; one is {least:.3}.")));
    }
    Ok(())
}
