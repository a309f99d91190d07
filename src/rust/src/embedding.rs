//! Embeddings.

use crate::failure::{Failure, Field};
use crate::handle::{require, Tensor};
use crate::positions::{blanked, positions};
use crate::sys::{Result, SEXP};

routines! {
    ffi_embedding(weight, ids) => embedding;
}

/// Rows of `weight` by 1-based position, in the shape of `ids` with one more axis; a scalar gives one row. Inside a trace,
/// where no error can be raised, a position outside gives `NaN`.
fn embedding(weight: SEXP, ids: SEXP) -> Result<SEXP> {
    let weight = &require(weight, "weight")?.array;
    let &[rows, columns] = weight.shape() else {
        let message = "The weight of an embedding must be a matrix.";
        return Err(Failure::shape("embedding", message, &[weight.shape()]));
    };
    let ids = positions(ids, "ids", rows, |id| {
        let message = format!("Token id {id} is out of range: ids must lie in 1 to {rows}.");
        Failure::new("index", message).with("axis", Field::Ints(vec![1]))
    })?;
    let device = ids.device;
    let mut found = weight.take(&ids.array, 0, device)?;
    if let Some(inside) = ids.inside {
        let shape: Vec<i32> = inside.shape().iter().copied().chain([1]).collect();
        found = blanked(found, &inside.reshape(&shape, device)?, device)?;
    }
    if found.ndim() < 2 {
        found = found.reshape(&[1, columns], device)?;
    }
    Tensor::new(found, device).into_r()
}
