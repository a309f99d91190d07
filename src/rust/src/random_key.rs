//! Keys: what decides a draw.

use crate::args;
use crate::failure::Failure;
use crate::handle::{tensor, tensors, Tensor};
use crate::random::row;
use crate::random_seed;
use crate::sys::{null, Result, SEXP};
use mlx::{Array, Device, Dtype, Key};
use std::cell::RefCell;

routines! {
    ffi_random_key(seed) => key;
    ffi_random_key_split(key, num) => split;
    ffi_random_key_bits(dim, width, key, device) => bits;
}

thread_local! {
    /// The key that draws are made from while a compiled function is traced, and whether there were any.
    static TRACED: RefCell<Option<(Array, bool)>> = const { RefCell::new(None) };
}

/// The key of an argument; `NULL` is the next one of the session, or of the function that is being compiled.
pub(crate) fn given(key: SEXP) -> Result<Array> {
    if key == null() {
        return next();
    }
    Ok(required(key)?.array.clone())
}

/// A new key to draw with.
pub(crate) fn next() -> Result<Array> {
    let Some((state, _)) = TRACED.take() else {
        return Ok(random_seed::next()?.key.array()?);
    };
    let pair = Array::random_bits(&[2, 2], 4, &state, Device::Cpu)?;
    TRACED.set(Some((row(&pair, 0, Device::Cpu)?, true)));
    row(&pair, 1, Device::Cpu)
}

/// Has what is drawn in `code` come from this key. Also says whether anything was drawn.
pub(crate) fn drawing_from<T>(key: Array, code: impl FnOnce() -> T) -> (T, bool) {
    let outer = TRACED.replace(Some((key, false)));
    let value = code();
    let inner = TRACED.replace(outer);
    (value, inner.is_some_and(|(_, drawn)| drawn))
}

/// Are draws made from a key of a function that is being compiled?
pub(crate) fn is_traced() -> bool {
    TRACED.with_borrow(Option::is_some)
}

fn required<'a>(key: SEXP) -> Result<&'a Tensor> {
    match tensor(key)? {
        Some(key) if key.array.dtype() == Dtype::Uint32 && key.array.shape() == [2] => Ok(key),
        _ => Err(Failure::argument("key", "key must be an array of two uint32 words, as produced by mlx_key().")),
    }
}

/// The whole part of one finite number as 64 bits; negative ones count down from 2^64.
pub(crate) fn seed(x: SEXP) -> Result<u64> {
    let value = args::one_finite(x, "seed")?;
    Ok(if value < 0.0 { value as i64 as u64 } else { value as u64 })
}

fn key(value: SEXP) -> Result<SEXP> {
    Tensor::new(Key::new(seed(value)?).array()?, Device::Cpu).into_r()
}

/// Each key is an R object of its own, about a kilobyte.
const MOST_KEYS: i32 = 1_000_000;

/// A list of `num` keys.
fn split(key: SEXP, num: SEXP) -> Result<SEXP> {
    let num = positive(num, "num")?;
    if num > MOST_KEYS {
        let message = format!("num must be a positive integer, {MOST_KEYS} at most; mlx_key_bits() draws more words.");
        return Err(Failure::argument("num", message));
    }
    let key = required(key)?;
    let words = Array::random_bits(&[num, 2], 4, &key.array, key.device)?;
    tensors((0..num).map(|i| Ok(key.with(row(&words, i, key.device)?))).collect::<Result<_>>()?, None)
}

fn bits(dim: SEXP, width: SEXP, key: SEXP, device: SEXP) -> Result<SEXP> {
    let shape = args::new_shape(dim, "dim")?;
    let width = positive(width, "width")?;
    if ![1, 2, 4].contains(&width) {
        return Err(Failure::argument("width", format!("Bit width must be 1, 2 or 4 bytes, not {width}.")));
    }
    let device = args::device(device)?;
    Tensor::new(Array::random_bits(&shape, width, &given(key)?, device)?, device).into_r()
}

/// One whole number of at least 1.
pub(crate) fn positive(x: SEXP, arg: &str) -> Result<i32> {
    match args::one_int(x, arg) {
        Ok(value) if value >= 1 => Ok(value),
        _ => Err(Failure::argument(arg, format!("{arg} must be a positive integer."))),
    }
}
