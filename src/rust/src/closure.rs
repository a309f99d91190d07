//! R closures that MLX calls while it traces.

use crate::failure::Failure;
use crate::handle::{self, Tensor};
use crate::names::MaybeNames;
use crate::sys::{
    names, null, protect, Protected, R_GlobalEnv, Result, Rf_cons, Rf_eval, Rf_lcons, Rf_protect, Rf_unprotect, CDR,
    SETCDR, SEXP, SEXPTYPE,
};
use mlx::{Array, Device};
use std::cell::RefCell;
use std::rc::Rc;

/// Where a closure leaves the reason why it failed, for the routine that called MLX.
pub(crate) type Slot = Rc<RefCell<Option<Failure>>>;

/// What an argument has besides its values: its device and its names.
pub(crate) type Place = (Device, MaybeNames);

/// Calls the R function with these arrays and hands its value, guarded, to `read`.
pub(crate) fn call<T>(
    function: SEXP,
    inputs: Vec<Array>,
    places: &[Place],
    read: impl FnOnce(SEXP) -> Result<T>,
) -> Result<T> {
    // arguments are made from the last to the first; a pairlist in a guarded cell grows at its front
    // SAFETY: runs protected.
    let cell = Protected::new(protect(|| unsafe { Rf_cons(null(), null()) })?);
    for (array, (device, names)) in inputs.into_iter().zip(places).rev() {
        let object = Protected::new(Tensor::new(array, *device).named(names.clone()).into_r()?);
        // SAFETY: runs protected; both parts are guarded.
        protect(|| unsafe {
            SETCDR(cell.sexp(), Rf_cons(object.sexp(), CDR(cell.sexp())));
            null()
        })?;
    }
    // SAFETY: runs protected; R itself guards what it evaluates.
    let value = protect(|| unsafe {
        let call = Rf_protect(Rf_lcons(function, CDR(cell.sexp())));
        let value = Rf_eval(call, R_GlobalEnv);
        Rf_unprotect(1);
        value
    })?;
    let value = Protected::new(value);
    read(value.sexp())
}

/// Runs a traced function and keeps its failure for later.
pub(crate) fn keep<T>(slot: &Slot, result: Result<T>) -> std::result::Result<T, ()> {
    result.map_err(|failure| {
        *slot.borrow_mut() = Some(failure);
    })
}

/// The failure that a closure left, or MLX's own, told in `tell`'s words.
pub(crate) fn reason(slot: &Slot, error: mlx::Error, tell: impl FnOnce(mlx::Error) -> Failure) -> Failure {
    match slot.borrow_mut().take() {
        Some(failure) => failure,
        None => tell(error),
    }
}

/// The names of the list that a closure returned, if it had any.
pub(crate) type Names = Option<Vec<String>>;

/// The arrays of a closure's value, one or a list (`None` for a member that is not an array), and their names; `None` when
/// it is neither an array nor a list.
pub(crate) fn arrays(value: SEXP) -> Result<Option<(Vec<Option<Array>>, Names)>> {
    if let Some(tensor) = handle::tensor(value)? {
        return Ok(Some((vec![Some(tensor.array.clone())], None)));
    }
    if crate::sys::kind(value) != SEXPTYPE::VECSXP {
        return Ok(None);
    }
    let members = crate::sys::elements(value)
        .into_iter()
        .map(|member| Ok(handle::tensor(member)?.map(|tensor| tensor.array.clone())))
        .collect::<Result<Vec<_>>>()?;
    Ok(Some((members, names(value))))
}
