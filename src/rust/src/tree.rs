//! Arrays in nested R lists. A list with its arrays taken out is a template; filling it puts others in their places.

use crate::failure::Failure;
use crate::handle::{is_mlx, require, Tensor};
use crate::sys::{
    kind, len, null, protect, Protected, R_compute_identical, Rboolean, Result, Rf_shallow_duplicate, SET_VECTOR_ELT,
    SEXP, SEXPTYPE, VECTOR_ELT,
};
use crate::{handle, session};

/// How deep lists may be nested.
const DEEPEST: usize = 200;

/// Is it a list that holds its members apart? Data frames are matrices here.
pub(crate) fn is_list(x: SEXP) -> bool {
    kind(x) == SEXPTYPE::VECSXP && !is_mlx(x) && !handle::inherits(x, c"data.frame")
}

/// Stands for an array in a template.
pub(crate) fn marker() -> SEXP {
    session::get().templates[0]
}

fn member(x: SEXP, i: usize) -> SEXP {
    // SAFETY: x is a list longer than i.
    unsafe { VECTOR_ELT(x, i as isize) }
}

/// The number of arrays in an object.
pub(crate) fn count(x: SEXP) -> Result<usize> {
    counted(x, 0)
}

fn counted(x: SEXP, depth: usize) -> Result<usize> {
    if is_mlx(x) {
        return Ok(1);
    }
    if !is_list(x) {
        return Ok(0);
    }
    if depth > DEEPEST {
        return Err(Failure::argument("...", format!("Lists are nested more than {DEEPEST} deep.")));
    }
    (0..len(x)).map(|i| counted(member(x, i), depth + 1)).sum()
}

/// What becomes of the parts of an object that are no arrays and hold none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// They stay what they are.
    Keep,
    /// Each becomes `NULL`.
    Drop,
}

/// The object with each array, from the first to the last, replaced by what `change` makes of it. Lists keep their names
/// and other attributes.
pub(crate) fn map(x: SEXP, rest: Rest, change: &mut dyn FnMut(SEXP) -> Result<SEXP>) -> Result<SEXP> {
    if is_mlx(x) {
        return change(x);
    }
    if !is_list(x) || (rest == Rest::Keep && count(x)? == 0) {
        return Ok(if rest == Rest::Keep { x } else { null() });
    }
    // SAFETY: runs protected.
    let copy = Protected::new(protect(|| unsafe { Rf_shallow_duplicate(x) })?);
    for i in 0..len(x) {
        let changed = map(member(x, i), rest, change)?;
        // SAFETY: the copy is guarded, and as long as x.
        unsafe { SET_VECTOR_ELT(copy.sexp(), i as isize, changed) };
    }
    Ok(copy.sexp())
}

/// The template of an object; its arrays are added to `tensors`.
pub(crate) fn strip(x: SEXP, tensors: &mut Vec<Tensor>) -> Result<SEXP> {
    count(x)?;
    map(x, Rest::Keep, &mut |array| {
        tensors.push(require(array, "...")?.clone());
        Ok(marker())
    })
}

/// Puts arrays into a template.
pub(crate) fn fill(template: SEXP, rest: Rest, tensors: &mut dyn Iterator<Item = Tensor>) -> Result<SEXP> {
    map(template, rest, &mut |_| match tensors.next() {
        Some(tensor) => tensor.into_r(),
        None => Err(Failure::internal("fewer arrays than their template has")),
    })
}

/// How an R user finds each array in a template, for example `$w[[2]]`; empty for an array that is in no list.
pub(crate) fn paths(template: SEXP) -> Vec<String> {
    let mut found = Vec::new();
    walk(template, String::new(), &mut found);
    found
}

fn walk(x: SEXP, path: String, found: &mut Vec<String>) {
    if is_mlx(x) {
        found.push(path);
    } else if is_list(x) {
        let names = crate::sys::names(x).unwrap_or_default();
        for i in 0..len(x) {
            let step = match names.get(i).filter(|name| !name.is_empty()) {
                Some(name) => format!("{path}${name}"),
                None => format!("{path}[[{}]]", i + 1),
            };
            walk(member(x, i), step, found);
        }
    }
}

/// Do two templates have their arrays in the same places? Names and other members do not count.
pub(crate) fn same_form(a: SEXP, b: SEXP) -> bool {
    if is_mlx(a) || is_mlx(b) {
        return is_mlx(a) && is_mlx(b);
    }
    if !is_list(a) && !is_list(b) {
        return true;
    }
    is_list(a) && is_list(b) && len(a) == len(b) && (0..len(a)).all(|i| same_form(member(a, i), member(b, i)))
}

/// Which member of `value` belongs to each member of `template`, a list of as many: the one of its name where both lists name
/// the same members, else the one in its place.
pub(crate) fn order(template: SEXP, value: SEXP) -> Vec<usize> {
    let in_place = (0..len(template)).collect();
    let (Some(wanted), Some(given)) = (crate::sys::names(template), crate::sys::names(value)) else { return in_place };
    let places = wanted.iter().map(|name| {
        let mut found = given.iter().enumerate().filter(|(_, other)| !name.is_empty() && *other == name);
        found.next().map(|(i, _)| i).filter(|_| found.next().is_none())
    });
    let places: Option<Vec<usize>> = places.collect();
    places.filter(|places| (0..places.len()).all(|i| places.contains(&i))).unwrap_or(in_place)
}

/// The members of `value`, nested lists included, in the order in which `template` names them.
pub(crate) fn ordered(template: SEXP, value: SEXP) -> Result<SEXP> {
    if !is_list(template) || !is_list(value) || len(template) != len(value) {
        return Ok(value);
    }
    // SAFETY: runs protected.
    let copy = Protected::new(protect(|| unsafe { Rf_shallow_duplicate(template) })?);
    for (i, at) in order(template, value).into_iter().enumerate() {
        let one = ordered(member(template, i), member(value, at))?;
        // SAFETY: the copy is guarded, and as long as the template.
        unsafe { SET_VECTOR_ELT(copy.sexp(), i as isize, one) };
    }
    Ok(copy.sexp())
}

/// Are two templates the same in everything, as R's `identical()` sees it?
pub(crate) fn identical(a: SEXP, b: SEXP) -> bool {
    // environments of functions count, and so does the sign of 0; byte code and source references do not
    const FLAGS: i32 = 17;
    // SAFETY: both are guarded by the caller.
    a == b || unsafe { R_compute_identical(a, b, FLAGS) == Rboolean::TRUE }
}

/// Where in a list the first part is that is neither an array nor a list; an empty list is one too.
pub(crate) fn stranger(x: SEXP) -> Option<String> {
    let parts = (0..len(x)).map(|i| (i, member(x, i))).filter(|(_, part)| !is_mlx(*part));
    let mut found = parts.filter_map(|(i, part)| {
        if !is_list(part) || len(part) == 0 {
            return Some((i + 1).to_string());
        }
        stranger(part).map(|inner| format!("{}, {inner}", i + 1))
    });
    if is_mlx(x) {
        None
    } else {
        found.next()
    }
}
