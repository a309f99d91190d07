//! Names along the axes of an array: R's dimnames, carried by operations as base R does.

use crate::failure::{Failure, Field};
use crate::handle::{require, Tensor};
use crate::sys::{
    cetype_t, elements, kind, len, list, names as names_of, null, protect, text, Protected, R_DimNamesSymbol,
    R_NaString, R_NamesSymbol, Result, Rf_allocVector, Rf_getAttrib, Rf_mkCharLenCE, Rf_protect, Rf_unprotect,
    SET_STRING_ELT, SEXP, SEXPTYPE,
};
use std::os::raw::c_int;
use std::rc::Rc;

routines! {
    ffi_dimnames(x) => dimnames;
    ffi_set_dimnames(x, value) => set_dimnames;
}

/// One name; `None` is `NA`.
pub(crate) type Label = Option<Rc<str>>;

/// The names of one axis, as many as it has elements; `None` for an axis without names.
pub(crate) type AxisNames = Option<Rc<[Label]>>;

/// The names of all axes, one entry each, at least one of them not `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) axes: Vec<AxisNames>,
    /// What the axes themselves are called: the names of R's list of dimnames.
    pub(crate) titles: Option<Vec<Rc<str>>>,
}

/// Names that may be absent; sharing them costs nothing.
pub(crate) type MaybeNames = Option<Rc<Names>>;

impl Names {
    /// `None` when no axis has names.
    pub(crate) fn new(axes: Vec<AxisNames>, titles: Option<Vec<Rc<str>>>) -> MaybeNames {
        if axes.iter().all(Option::is_none) {
            return None;
        }
        Some(Rc::new(Self { axes, titles }))
    }

    /// Do the names fit an array of this shape?
    pub(crate) fn fit(&self, shape: &[i32]) -> bool {
        let fits = |names: &AxisNames, side: i32| names.as_ref().is_none_or(|names| names.len() == side as usize);
        self.axes.len() == shape.len() && self.axes.iter().zip(shape).all(|(names, side)| fits(names, *side))
    }

    /// The axes in another order (0-based).
    pub(crate) fn permuted(&self, order: &[i32]) -> MaybeNames {
        let titles = self.titles.as_ref().map(|titles| order.iter().map(|&i| titles[i as usize].clone()).collect());
        Self::new(order.iter().map(|&i| self.axes[i as usize].clone()).collect(), titles)
    }

    /// Without some axes (0-based).
    pub(crate) fn without(&self, axes: &[i32]) -> MaybeNames {
        let kept: Vec<i32> = (0..self.axes.len() as i32).filter(|i| !axes.contains(i)).collect();
        self.permuted(&kept)
    }

    /// With some axes (0-based) left without names.
    pub(crate) fn cleared(&self, axes: &[i32]) -> MaybeNames {
        let clear = |(i, names): (usize, &AxisNames)| if axes.contains(&(i as i32)) { None } else { names.clone() };
        Self::new(self.axes.iter().enumerate().map(clear).collect(), self.titles.clone())
    }

    /// With axes without names put in; `axes` are ascending 0-based positions in the result.
    pub(crate) fn inserted(&self, axes: &[i32]) -> MaybeNames {
        let (mut all, mut titles) = (self.axes.clone(), self.titles.clone());
        for &axis in axes {
            all.insert(axis as usize, None);
            if let Some(titles) = &mut titles {
                titles.insert(axis as usize, "".into());
            }
        }
        Self::new(all, titles)
    }

    /// With other names on one axis (0-based).
    pub(crate) fn replaced(&self, axis: usize, names: AxisNames) -> MaybeNames {
        let mut axes = self.axes.clone();
        axes[axis] = names;
        Self::new(axes, self.titles.clone())
    }
}

impl Tensor {
    /// The names of one axis (0-based).
    pub(crate) fn axis_names(&self, axis: usize) -> &AxisNames {
        self.names.as_ref().map_or(&None, |names| &names.axes[axis])
    }
}

/// The names of an array after it is broadcast: a name on an axis of length 1 is repeated.
pub(crate) fn broadcast(names: &MaybeNames, to: &[i32]) -> MaybeNames {
    let names = names.as_ref()?;
    let added = to.len().checked_sub(names.axes.len())?;
    let wide = |(axis, side): (&AxisNames, &i32)| match axis {
        Some(labels) if labels.len() == 1 => Some(vec![labels[0].clone(); *side as usize].into()),
        other => other.clone(),
    };
    let front = std::iter::repeat_n(None, added);
    let axes = front.chain(names.axes.iter().zip(&to[added..]).map(wide)).collect();
    let titles = names
        .titles
        .as_ref()
        .map(|titles| std::iter::repeat_n("".into(), added).chain(titles.iter().cloned()).collect::<Vec<Rc<str>>>());
    Names::new(axes, titles)
}

/// The names at these 0-based positions.
pub(crate) fn picked(names: &AxisNames, positions: impl Iterator<Item = i32>) -> AxisNames {
    names.as_ref().map(|names| positions.map(|i| names[i as usize].clone()).collect())
}

/// The names after the elements of one axis (0-based) have been chosen anew.
pub(crate) fn along(names: &MaybeNames, axis: i32, positions: impl Iterator<Item = i32>) -> MaybeNames {
    let names = names.as_ref()?;
    names.replaced(axis as usize, picked(&names.axes[axis as usize], positions))
}

/// The names of a binary operation: those of the first operand that has some and the result's shape.
pub(crate) fn of_either(x: &Tensor, y: &Tensor, shape: &[i32]) -> MaybeNames {
    let fitting = |side: &Tensor| side.names.clone().filter(|_| side.array.shape() == shape);
    fitting(x).or_else(|| fitting(y))
}

/// The names that an R vector or array brings along: `dimnames`, or `names` for one axis.
pub(crate) fn from_r(x: SEXP, ndim: usize) -> Result<MaybeNames> {
    // SAFETY: for vectors and arrays these attributes are stored, nothing is allocated.
    let dimnames = unsafe { Rf_getAttrib(x, R_DimNamesSymbol) };
    if kind(dimnames) == SEXPTYPE::VECSXP {
        return if len(dimnames) == ndim { read(dimnames) } else { Ok(None) };
    }
    if ndim != 1 {
        return Ok(None);
    }
    // SAFETY: as above.
    let names = unsafe { Rf_getAttrib(x, R_NamesSymbol) };
    Ok(Names::new(vec![labels(names)?], None))
}

/// A list of dimnames.
fn read(dimnames: SEXP) -> Result<MaybeNames> {
    let axes = elements(dimnames).into_iter().map(labels).collect::<Result<Vec<AxisNames>>>()?;
    let titles = names_of(dimnames).map(|titles| titles.into_iter().map(Rc::from).collect());
    Ok(Names::new(axes, titles))
}

/// A character vector as names; anything else is none.
fn labels(x: SEXP) -> Result<AxisNames> {
    if kind(x) != SEXPTYPE::STRSXP {
        return Ok(None);
    }
    Ok(Some((0..len(x)).map(|i| text(x, i).map(Rc::from)).collect()))
}

/// The character vector of an axis' names, or `NULL`.
pub(crate) fn axis_to_r(names: &AxisNames) -> Result<SEXP> {
    let Some(names) = names else { return Ok(null()) };
    // SAFETY: runs protected, and the vector is guarded against collection while it is filled.
    protect(|| unsafe {
        let out = Rf_protect(Rf_allocVector(SEXPTYPE::STRSXP, names.len() as isize));
        for (i, label) in names.iter().enumerate() {
            let element = match label {
                Some(text) => Rf_mkCharLenCE(text.as_ptr().cast(), text.len() as c_int, cetype_t::CE_UTF8),
                None => R_NaString,
            };
            SET_STRING_ELT(out, i as isize, element);
        }
        Rf_unprotect(1);
        out
    })
}

/// R's list of dimnames, or `NULL`.
pub(crate) fn to_r(names: &MaybeNames) -> Result<SEXP> {
    let Some(names) = names else { return Ok(null()) };
    let axes: Vec<Protected> =
        names.axes.iter().map(|axis| axis_to_r(axis).map(Protected::new)).collect::<Result<_>>()?;
    let values: Vec<SEXP> = axes.iter().map(Protected::sexp).collect();
    let titles: Option<Vec<String>> =
        names.titles.as_ref().map(|titles| titles.iter().map(ToString::to_string).collect());
    list(&values, titles.as_deref())
}

fn dimnames(x: SEXP) -> Result<SEXP> {
    to_r(&require(x, "x")?.names)
}

/// The same array with these names: `NULL`, or a list with `NULL` or a character vector for each axis.
fn set_dimnames(x: SEXP, value: SEXP) -> Result<SEXP> {
    let x = require(x, "x")?;
    if kind(value) == SEXPTYPE::NILSXP {
        return x.with(x.array.clone()).into_r();
    }
    let shape = x.array.shape();
    if shape.is_empty() {
        return Err(Failure::argument("value", "dimnames are not supported for MLX scalars, which have no axes."));
    }
    if len(value) != shape.len() {
        let message = format!(
            "The length of the dimnames ({}) must match the number of dimensions ({}).",
            len(value),
            shape.len()
        );
        return Err(Failure::argument("value", message));
    }
    for (axis, (entry, side)) in elements(value).into_iter().zip(shape).enumerate() {
        if kind(entry) != SEXPTYPE::NILSXP && len(entry) != *side as usize {
            let message = format!(
                "The length of dimnames [[{}]] ({}) must match dimension {}, which is {side}.",
                axis + 1,
                len(entry),
                axis + 1
            );
            return Err(Failure::argument("value", message).with("axis", Field::Ints(vec![axis as i32 + 1])));
        }
    }
    x.with(x.array.clone()).named(read(value)?).into_r()
}
