//! Losses that need more than arithmetic.

use crate::failure::{shown, Failure, Field};
use crate::handle::tensor;
use crate::positions::{blanked, positions};
use crate::promote::{operand, real_float, Operand};
use crate::reduce::log_total;
use crate::shape::column_major;
use crate::sys::{len, Result, SEXP};
use mlx::{Binary, Dtype, Kind, Reduce};

routines! {
    ffi_cross_entropy(logits, targets) => cross_entropy;
    ffi_as_float(x) => as_float;
}

/// Whole numbers and truth values as `float32`: differences would wrap around in their own type.
fn as_float(x: SEXP) -> Result<SEXP> {
    let given = operand(x)?;
    match (given.array.dtype().kind(), &given) {
        (Kind::Float | Kind::Complex, Operand::Borrowed(_)) => Ok(x),
        (Kind::Float | Kind::Complex, Operand::Made(tensor)) => tensor.clone().into_r(),
        _ => given.like(given.array.astype(Dtype::Float32, given.device)?).into_r(),
    }
}

/// The loss of each row of `logits`: minus the log-softmax at its label (1-based). Inside a trace, where no error can be
/// raised, a label outside gives `NaN`.
fn cross_entropy(logits: SEXP, targets: SEXP) -> Result<SEXP> {
    let x = operand(logits)?;
    let &[rows, classes] = x.array.shape() else {
        let message = format!("`logits` must be a matrix, samples x classes, not {}.", shown(x.array.shape()));
        return Err(Failure::shape("cross_entropy", message, &[x.array.shape()]));
    };
    let found = tensor(targets)?.map_or_else(|| len(targets), |targets| targets.array.size());
    if found != rows as usize {
        let message = format!("`targets` must hold one class index per sample: {found} for {rows} rows of `logits`.");
        return Err(Failure::shape("cross_entropy", message, &[x.array.shape(), &[found as i32]]));
    }
    let labels = positions(targets, "targets", classes, |label| {
        let message = format!("A target is outside 1:n_classes: {label}, but there are {classes} classes.");
        Failure::new("index", message).with("axis", Field::Ints(vec![2]))
    })?;
    let device = x.device;
    let input = real_float(&x, "cross_entropy")?;
    if input.size() == 0 {
        return x.with(input.reduce(Reduce::Sum, &[1], false, device)?).into_r();
    }
    // half precision would lose the small differences of large logits
    let wide = if input.dtype() == Dtype::Float64 { Dtype::Float64 } else { Dtype::Float32 };
    let logits = input.astype(wide, device)?;
    let column = column_major(&labels.array, device)?.reshape(&[rows, 1], device)?;
    let chosen = logits.take_along_axis(&column, 1, device)?;
    let loss = log_total(&logits, &[1], true, device)?.binary(Binary::Subtract, &chosen, device)?;
    let mut loss = loss.reshape(&[rows], device)?.astype(input.dtype(), device)?;
    if let Some(inside) = labels.inside {
        loss = blanked(loss, &column_major(&inside, device)?, device)?;
    }
    x.with(loss).into_r()
}
