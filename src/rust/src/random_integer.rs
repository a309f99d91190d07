//! Draws of whole numbers: truth values, integers, permutations, classes.

use crate::args;
use crate::failure::{shown, Failure};
use crate::handle::{tensor, Tensor};
use crate::promote::{broadcast, operand};
use crate::random::{words, Calc};
use crate::random_key;
use crate::sys::{kind, len, null, Result, SEXP, SEXPTYPE};
use crate::{names, upload};
use mlx::{Array, Binary, Device, Dtype, Layout, Scan, Unary};

routines! {
    ffi_random_bernoulli(dim, prob, device, key) => bernoulli;
    ffi_random_randint(dim, low, high, dtype, device, key) => randint;
    ffi_random_permutation(x, axis, device, key) => permutation;
    ffi_random_categorical(logits, axis, num_samples, key) => categorical;
}

fn bernoulli(dim: SEXP, prob: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let odds = probability(prob, &shape)?;
    let device = args::device(device)?;
    let key = random_key::given(key)?;
    let drawn = match odds {
        // 32 random bits against the probability in units of 2^-32
        Odds::One(p) => {
            let limit = (p * 2.0_f64.powi(32)).round();
            let bits = Array::random_bits(&shape, 4, &key, device)?;
            let (op, limit) = if limit > f64::from(u32::MAX) {
                (Binary::LessEqual, f64::from(u32::MAX))
            } else {
                (Binary::Less, limit)
            };
            bits.binary(op, &Array::scalar(limit, Dtype::Uint32)?, device)?
        }
        Odds::Each(p) => {
            let unit = Array::random_uniform(&shape, Dtype::Float32, &key, device)?;
            unit.binary(Binary::Less, &p.astype(Dtype::Float32, device)?, device)?
        }
    };
    Tensor::new(drawn, device).into_r()
}

/// Probabilities: the same for all draws, or an array that is broadcast to their shape.
enum Odds {
    One(f64),
    Each(Array),
}

fn probability(prob: SEXP, shape: &[i32]) -> Result<Odds> {
    let bad = || Failure::argument("prob", "prob must be between 0 and 1.");
    let array = match tensor(prob)? {
        Some(tensor) => tensor.array.clone(),
        None => {
            let values = args::numbers(prob).ok_or_else(bad)?;
            if values.is_empty() || values.iter().any(|p| p.is_none_or(|p| !(0.0..=1.0).contains(&p))) {
                return Err(bad());
            }
            if let [Some(p)] = values[..] {
                return Ok(Odds::One(p));
            }
            upload::array(prob, None, Some(Dtype::Float32))?
        }
    };
    if array.dtype() == Dtype::Complex64 {
        return Err(Failure::dtype("bernoulli", "prob must be between 0 and 1, not complex.", "complex64"));
    }
    if broadcast("bernoulli", shape, array.shape())? != shape {
        let message = format!("prob ({}) cannot be broadcast to dim ({}).", shown(array.shape()), shown(shape));
        return Err(Failure::shape("bernoulli", message, &[array.shape(), shape]));
    }
    Ok(Odds::Each(array))
}

fn randint(dim: SEXP, low: SEXP, high: SEXP, dtype: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let wide = |dtype| matches!(dtype, Dtype::Int32 | Dtype::Int64 | Dtype::Uint32 | Dtype::Uint64);
    let dtype = args::dtype_among(dtype, wide)?.unwrap_or(Dtype::Int32);
    let (low, high) = (args::one_finite(low, "low")? as i128, args::one_finite(high, "high")? as i128);
    if low >= high {
        return Err(Failure::argument("low", format!("low must be less than high: {low} and {high}.")));
    }
    let (least, most) = match dtype {
        Dtype::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        Dtype::Int64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        Dtype::Uint32 => (0, i128::from(u32::MAX)),
        _ => (0, i128::from(u64::MAX)),
    };
    if low < least || high - 1 > most {
        let message = format!("{} does not hold the integers from {low} to {}.", dtype.name(), high - 1);
        return Err(Failure::argument("dtype", message));
    }
    let device = args::device(device)?;
    let offset = Below { shape: &shape, key: random_key::given(key)?, device }.draw((high - low) as u128)?;
    // in 64 bits, where sums wrap around, a negative number is its complement
    let moved = offset.binary(Binary::Add, &word(low as u64)?, device)?;
    Tensor::new(moved.astype(dtype, device)?, device).into_r()
}

/// One 64-bit word.
fn word(value: u64) -> Result<Array> {
    Ok(Array::from_values(&[], Layout::RowMajor, std::iter::once(value))?)
}

/// Draws of `uint64` integers below a limit.
struct Below<'a> {
    shape: &'a [i32],
    key: Array,
    device: Device,
}

impl Below<'_> {
    /// `floor(u n)` for `u` of 32 random bits more than `n` needs, so that the probabilities differ by less than one in
    /// 2^32.
    fn draw(&self, n: u128) -> Result<Array> {
        let (n0, n1) = (n as u64 & 0xffff_ffff, (n >> 32) as u64);
        match n {
            n if n >> 32 == 0 => {
                let [u0, u1] = self.words()?;
                let t = self.upper(&self.times(&u0, n0)?)?;
                self.upper(&self.sum(&self.times(&u1, n0)?, &t)?)
            }
            n if n >> 64 == 0 => self.wide(n0, n1),
            _ => {
                let [u0, u1] = self.words()?;
                self.sum(&self.times(&u1, 1 << 32)?, &u0)
            }
        }
    }

    /// The product of 96 bits and 64 bits, in columns of 32 as on paper; what stands above 96 bits.
    fn wide(&self, n0: u64, n1: u64) -> Result<Array> {
        let [u0, u1, u2] = self.words()?;
        let t0 = self.upper(&self.times(&u0, n0)?)?;
        let t1 = self.sum(&self.times(&u1, n0)?, &t0)?;
        let t2 = self.sum(&self.times(&u2, n0)?, &self.upper(&t1)?)?;
        let s1 = self.sum(&self.times(&u0, n1)?, &self.lower(&t1)?)?;
        let s2 = self.sum(&self.sum(&self.times(&u1, n1)?, &self.lower(&t2)?)?, &self.upper(&s1)?)?;
        self.sum(&self.sum(&self.times(&u2, n1)?, &self.upper(&t2)?)?, &self.upper(&s2)?)
    }

    /// Random 32-bit words, each in 64 bits.
    fn words<const N: usize>(&self) -> Result<[Array; N]> {
        let drawn = words(self.shape, N as i32, &self.key, self.device)?;
        let widened = drawn.iter().map(|word| word.astype(Dtype::Uint64, self.device));
        let widened = widened.collect::<mlx::Result<Vec<Array>>>()?;
        widened.try_into().map_err(|_| Failure::internal("as many words as were asked for"))
    }

    fn sum(&self, x: &Array, y: &Array) -> Result<Array> {
        Ok(x.binary(Binary::Add, y, self.device)?)
    }

    fn times(&self, x: &Array, number: u64) -> Result<Array> {
        Ok(x.binary(Binary::Multiply, &word(number)?, self.device)?)
    }

    /// The upper 32 bits.
    fn upper(&self, x: &Array) -> Result<Array> {
        Ok(x.binary(Binary::FloorDivide, &word(1 << 32)?, self.device)?)
    }

    /// The lower 32 bits.
    fn lower(&self, x: &Array) -> Result<Array> {
        Ok(x.astype(Dtype::Uint32, self.device)?.astype(Dtype::Uint64, self.device)?)
    }
}

/// The numbers from 1 to `x` in random order, or the slices of an array along an axis.
fn permutation(x: SEXP, axis: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let Some(n) = count(x)? else { return shuffle(x, axis, device, key) };
    let device = args::device(device)?;
    let calc = Calc { dtype: Dtype::Int32, device };
    let order = order(n, &random_key::given(key)?, device)?.astype(Dtype::Int32, device)?;
    Tensor::new(calc.plus(&order, 1.0)?, device).into_r()
}

/// The value of one plain R number; `None` for an array.
fn count(x: SEXP) -> Result<Option<i32>> {
    let number = matches!(kind(x), SEXPTYPE::REALSXP | SEXPTYPE::INTSXP);
    if !number || len(x) != 1 || upload::dim(x).is_some() {
        return Ok(None);
    }
    match args::one_number(x, "n") {
        Ok(n) if n >= 1.0 => Ok(Some(args::fits(n, "n")?)),
        _ => Err(Failure::argument("x", "n must be at least 1.")),
    }
}

/// Positions in random order: that of 64 random bits each.
fn order(n: i32, key: &Array, device: Device) -> Result<Array> {
    let [low, high] = Below { shape: &[n], key: key.clone(), device }.words()?;
    let ranks = high.binary(Binary::Multiply, &word(1 << 32)?, device)?.binary(Binary::Add, &low, device)?;
    Ok(ranks.argsort(0, device)?)
}

fn shuffle(x: SEXP, axis: SEXP, device: SEXP, key: SEXP) -> Result<SEXP> {
    let mut tensor = operand(x)?.clone();
    if !crate::handle::is_mlx(x) {
        tensor.device = args::device(device)?;
    }
    let axis = one_axis(axis, &tensor.array)?;
    let n = tensor.array.shape()[axis as usize];
    if n == 0 {
        return tensor.into_r();
    }
    let order = order(n, &random_key::given(key)?, tensor.device)?;
    let shuffled = tensor.array.take(&order, axis, tensor.device)?;
    let names = match &tensor.names {
        Some(all) if all.axes[axis as usize].is_some() && order.is_tracer() => all.cleared(&[axis]),
        all if tensor.axis_names(axis as usize).is_some() => {
            names::along(all, axis, order.to_vec::<u32>()?.into_iter().map(|i| i as i32))
        }
        all => all.clone(),
    };
    tensor.with(shuffled).named(names).into_r()
}

fn one_axis(axis: SEXP, x: &Array) -> Result<i32> {
    let axis = args::one_number(axis, "axis")
        .map_err(|_| Failure::argument("axis", "axis must be a single positive integer."))?;
    args::one_axis((!axis.is_nan()).then(|| axis.trunc()), x.ndim())
}

fn categorical(logits: SEXP, axis: SEXP, num_samples: SEXP, key: SEXP) -> Result<SEXP> {
    let logits = operand(logits)?;
    let (shape, device) = (logits.array.shape(), logits.device);
    if logits.array.dtype() == Dtype::Complex64 {
        return Err(Failure::dtype("categorical", "logits must be real, not complex.", "complex64"));
    }
    let axis = if axis == null() { shape.len() as i32 - 1 } else { one_axis(axis, &logits.array)? };
    let samples = match args::one_int(num_samples, "num_samples") {
        Ok(samples) if samples >= 1 => samples,
        _ => return Err(Failure::argument("num_samples", "num_samples must be at least 1.")),
    };
    if shape.is_empty() || shape[axis as usize] == 0 {
        let message = format!("logits must have an axis with at least one class, not {}.", shown(shape));
        return Err(Failure::shape("categorical", message, &[shape]));
    }
    let mut result = shape.to_vec();
    result.remove(axis as usize);
    result.push(samples);
    args::countable(&result)?;
    let drawn = if logits.array.size() == 0 {
        Array::from_values(&result, Layout::RowMajor, std::iter::empty::<i32>())?
    } else if logits.array.size() == shape[axis as usize] as usize {
        one_law(&logits.array, samples, &random_key::given(key)?, device)?.reshape(&result, device)?
    } else {
        let logits = logits.array.astype(Dtype::Float32, device)?;
        logits.random_categorical(axis, samples, &random_key::given(key)?, device)?
    };
    let calc = Calc { dtype: Dtype::Int32, device };
    Tensor::new(calc.plus(&drawn.astype(Dtype::Int32, device)?, 1.0)?, device).into_r()
}

/// Many draws from one law, by searching the sums of its weights: a class without weight is never met, because a draw
/// stays below the last sum.
fn one_law(logits: &Array, samples: i32, key: &Array, device: Device) -> Result<Array> {
    // on the CPU in double precision, so that the sums of many classes stay exact
    let dtype = if device == Device::Cpu { Dtype::Float64 } else { Dtype::Float32 };
    let calc = Calc { dtype, device };
    let count = logits.size() as i32;
    let logits = logits.astype(dtype, device)?.reshape(&[count], device)?;
    let most = logits.reduce(mlx::Reduce::Max, &[0], false, device)?;
    // infinite logits share all of the weight
    let odds = calc.map(Unary::Exp, &calc.op(Binary::Subtract, &logits, &most)?)?;
    let one = Array::scalar(1.0, dtype)?;
    let weights = calc.op(Binary::Equal, &logits, &most)?.select(&one, &odds, device)?;
    let sums = weights.scan(Scan::Cumsum, 0, false, true, device)?;
    let total = sums.narrow(0, count - 1, count, device)?;
    let unit = if dtype == Dtype::Float64 {
        calc.times(&Array::random_bits(&[samples], 4, key, device)?.astype(dtype, device)?, 2.0_f64.powi(-32))?
    } else {
        Array::random_uniform(&[samples], dtype, key, device)?
    };
    let found = sums.random_search(&calc.op(Binary::Multiply, &unit, &total)?, device)?;
    // sums that are NaN are never found
    Ok(found.binary(Binary::Minimum, &Array::scalar(f64::from(count - 1), found.dtype())?, device)?)
}
