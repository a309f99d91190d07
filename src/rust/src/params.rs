//! Parameters of modules: a list of an environment and a name each, the variable that holds the array.

use crate::closure::copy_names;
use crate::failure::Failure;
use crate::handle::inherits;
use crate::sys::{
    elements, kind, len, null, protect, text, vector, Protected, Result, Rf_defineVar, Rf_eval, Rf_install,
    SET_VECTOR_ELT, SEXP, SEXPTYPE,
};
use std::ffi::CString;

routines! {
    ffi_param_values(params) => values;
    ffi_set_params(params, values) => set;
}

/// The environment and the symbol of each parameter.
fn places(params: SEXP) -> Result<Vec<(SEXP, SEXP)>> {
    let bad = || Failure::argument("params", "all elements of `params` must be mlx_param objects.");
    if kind(params) != SEXPTYPE::VECSXP {
        return Err(bad());
    }
    let place = |param: SEXP| {
        let parts = if kind(param) == SEXPTYPE::VECSXP && len(param) >= 2 { elements(param) } else { Vec::new() };
        let &[env, name, ..] = parts.as_slice() else { return Err(bad()) };
        let name = if kind(name) == SEXPTYPE::STRSXP { text(name, 0) } else { None };
        let name = name.and_then(|name| CString::new(name).ok());
        let (true, true, Some(name)) = (inherits(param, c"mlx_param"), kind(env) == SEXPTYPE::ENVSXP, name) else {
            return Err(bad());
        };
        // SAFETY: runs protected; a symbol lives for good.
        Ok((env, protect(|| unsafe { Rf_install(name.as_ptr()) })?))
    };
    elements(params).into_iter().map(place).collect()
}

/// The list of what the parameters hold, with its names.
fn values(params: SEXP) -> Result<SEXP> {
    let places = places(params)?;
    let values = Protected::new(vector(SEXPTYPE::VECSXP, places.len())?);
    for (i, (env, symbol)) in places.into_iter().enumerate() {
        // SAFETY: runs protected; the list is guarded and longer than i.
        protect(|| unsafe {
            SET_VECTOR_ELT(values.sexp(), i as isize, Rf_eval(symbol, env));
            null()
        })?;
    }
    copy_names(params, values.sexp())?;
    Ok(values.sexp())
}

/// Gives the parameters new values.
fn set(params: SEXP, values: SEXP) -> Result<SEXP> {
    for ((env, symbol), value) in places(params)?.into_iter().zip(elements(values)) {
        // SAFETY: runs protected; R guards the list of values.
        protect(|| unsafe {
            Rf_defineVar(symbol, value, env);
            null()
        })?;
    }
    Ok(null())
}
