//! R closures that MLX calls while it traces: their arguments, their values, and why they failed.

use crate::failure::Failure;
use crate::handle::Tensor;
use crate::names::MaybeNames;
use crate::promote::{operand, Operand};
use crate::sys::{
    elements, kind, len, null, protect, vector, Kept, Protected, R_DimSymbol, R_GlobalEnv, R_NamesSymbol,
    R_QuoteSymbol, Result, Rf_allocList, Rf_cons, Rf_eval, Rf_getAttrib, Rf_installTrChar, Rf_lcons, Rf_protect,
    Rf_setAttrib, Rf_unprotect, Rf_xlength, CDR, SETCAR, SET_TAG, SET_VECTOR_ELT, SEXP, SEXPTYPE, STRING_ELT,
    VECTOR_ELT,
};
use crate::tree::{self, Rest};
use mlx::{Array, Device, Error};
use std::cell::RefCell;

thread_local! {
    /// Why a closure failed, for the routine that called MLX.
    static REASON: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// Runs a traced function and keeps its failure for later.
pub(crate) fn keep<T>(result: Result<T>) -> std::result::Result<T, ()> {
    result.map_err(|failure| REASON.set(Some(failure)))
}

/// The failure that a closure left.
pub(crate) fn reason() -> Failure {
    REASON.take().unwrap_or_else(|| Failure::internal("a closure failed and left no reason"))
}

/// A failure of a transform: the closure's own, or MLX's told in `tell`'s words.
pub(crate) fn told(error: Error, tell: impl FnOnce(Failure) -> Failure) -> Failure {
    match error {
        Error::Callback | Error::Interrupted => error.into(),
        other => tell(other.into()),
    }
}

/// What an array has besides its values: its device and its names.
pub(crate) type Place = (Device, MaybeNames);

/// The place of a tensor.
pub(crate) fn place(tensor: &Tensor) -> Place {
    (tensor.device, tensor.names.clone())
}

/// An array in a place; names that do not fit it are left out.
pub(crate) fn placed(array: Array, (device, names): &Place) -> Tensor {
    Tensor::new(array, *device).named(names.clone())
}

/// The arguments of a function: a list of templates, and the arrays that were taken out of it.
pub(crate) struct Arguments {
    templates: Protected,
    /// The arrays of all arguments in a row.
    pub(crate) tensors: Vec<Tensor>,
    /// How many of them each argument has.
    pub(crate) counts: Vec<usize>,
}

impl Arguments {
    /// Takes the arrays out of a list of arguments. `convert` says which of those that are neither arrays nor lists become
    /// arrays, as `as_mlx()` makes them; the others are given to the function as they are.
    pub(crate) fn read(inputs: SEXP, convert: impl Fn(usize, SEXP) -> bool) -> Result<Self> {
        let arguments = Self::by_position(inputs, convert)?;
        copy_names(inputs, arguments.templates())?;
        Ok(arguments)
    }

    /// The same, without the names of the arguments.
    pub(crate) fn by_position(inputs: SEXP, convert: impl Fn(usize, SEXP) -> bool) -> Result<Self> {
        let templates = Protected::new(vector(SEXPTYPE::VECSXP, len(inputs))?);
        let (mut tensors, mut counts) = (Vec::new(), Vec::new());
        for (i, input) in elements(inputs).into_iter().enumerate() {
            let before = tensors.len();
            let template = if crate::handle::is_mlx(input) || tree::is_list(input) || !convert(i, input) {
                tree::strip(input, &mut tensors)?
            } else {
                tensors.push(match operand(input)? {
                    Operand::Borrowed(tensor) => tensor.clone(),
                    Operand::Made(tensor) => tensor,
                });
                tree::marker()
            };
            // SAFETY: the list is guarded and longer than i.
            unsafe { SET_VECTOR_ELT(templates.sexp(), i as isize, template) };
            counts.push(tensors.len() - before);
        }
        Ok(Self { templates, tensors, counts })
    }

    /// The list of templates, guarded as long as this lives.
    pub(crate) fn templates(&self) -> SEXP {
        self.templates.sexp()
    }

    /// The template of one argument.
    pub(crate) fn template(&self, i: usize) -> SEXP {
        elements(self.templates())[i]
    }

    /// Where the arrays of one argument are among all.
    pub(crate) fn range(&self, i: usize) -> std::ops::Range<usize> {
        let start = self.counts[..i].iter().sum();
        start..start + self.counts[i]
    }

    /// The bare arrays.
    pub(crate) fn arrays(&self) -> Vec<&Array> {
        self.tensors.iter().map(|tensor| &tensor.array).collect()
    }

    /// The places of the arrays.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.tensors.iter().map(place).collect()
    }

    /// How a user finds an array: `argument 2`, or `$w of argument 1`.
    pub(crate) fn describe(&self, index: usize) -> String {
        let argument = (0..self.counts.len()).find(|&i| self.range(i).contains(&index)).unwrap_or(0);
        let path = tree::paths(self.template(argument)).swap_remove(index - self.range(argument).start);
        let argument = argument + 1;
        if path.is_empty() {
            format!("argument {argument}")
        } else {
            format!("{path} of argument {argument}")
        }
    }
}

pub(crate) fn copy_names(from: SEXP, to: SEXP) -> Result<()> {
    // SAFETY: runs protected; both lists are guarded and of one length.
    protect(|| unsafe {
        let names = Rf_getAttrib(from, R_NamesSymbol);
        if names != null() {
            Rf_setAttrib(to, R_NamesSymbol, names);
        }
        null()
    })?;
    Ok(())
}

/// Is this what `as_mlx()` makes numbers of? Not a factor, a date, or another object.
pub(crate) fn is_data(x: SEXP) -> bool {
    let of_class = |class| crate::handle::inherits(x, class);
    let numbers = matches!(
        kind(x),
        SEXPTYPE::LGLSXP | SEXPTYPE::INTSXP | SEXPTYPE::REALSXP | SEXPTYPE::CPLXSXP | SEXPTYPE::VECSXP
    );
    numbers && ![c"factor", c"Date", c"POSIXct", c"difftime"].into_iter().any(of_class)
}

/// Is it one plain number or truth value? Where arrays are traced such an argument stays what it is.
pub(crate) fn is_number(x: SEXP) -> bool {
    len(x) == 1 && !crate::sys::is_object(x) && kind(x) != SEXPTYPE::VECSXP && {
        // SAFETY: reading a stored attribute allocates nothing.
        unsafe { Rf_getAttrib(x, R_DimSymbol) == null() }
    }
}

/// Calls the R function with arguments that have these arrays in their places, and hands its value, guarded, to `read`.
pub(crate) fn call<T>(
    function: SEXP,
    templates: SEXP,
    arrays: Vec<Array>,
    places: &[Place],
    read: impl FnOnce(SEXP) -> Result<T>,
) -> Result<T> {
    let mut tensors = arrays.into_iter().zip(places).map(|(array, place)| placed(array, place));
    let arguments = Protected::new(tree::fill(templates, Rest::Keep, &mut tensors)?);
    apply(function, arguments.sexp(), read)
}

/// Calls the R function with the members of a list, named ones by name.
pub(crate) fn apply<T>(function: SEXP, arguments: SEXP, read: impl FnOnce(SEXP) -> Result<T>) -> Result<T> {
    // SAFETY: runs protected; the cells belong to a guarded list that is as long as the arguments and their names.
    let value = protect(|| unsafe {
        let cells = Rf_protect(Rf_allocList(len(arguments) as i32));
        let names = Rf_getAttrib(arguments, R_NamesSymbol);
        let mut cell = cells;
        for i in 0..len(arguments) as isize {
            SETCAR(cell, as_value(VECTOR_ELT(arguments, i)));
            if names != null() && Rf_xlength(STRING_ELT(names, i)) > 0 {
                SET_TAG(cell, Rf_installTrChar(STRING_ELT(names, i)));
            }
            cell = CDR(cell);
        }
        let call = Rf_protect(Rf_lcons(function, cells));
        let value = Rf_eval(call, R_GlobalEnv);
        Rf_unprotect(2);
        value
    })?;
    let value = Protected::new(value);
    read(value.sexp())
}

/// An argument in a call that is evaluated: code is quoted.
///
/// # Safety
/// R may jump, and `x` is guarded by the caller.
unsafe fn as_value(x: SEXP) -> SEXP {
    if !matches!(kind(x), SEXPTYPE::SYMSXP | SEXPTYPE::LANGSXP | SEXPTYPE::PROMSXP | SEXPTYPE::BCODESXP) {
        return x;
    }
    // SAFETY: the caller's promise.
    unsafe { Rf_lcons(R_QuoteSymbol, Rf_cons(x, null())) }
}

/// What a function returned: the lists around its arrays, and the places of these.
#[derive(Debug)]
pub(crate) struct Structure {
    template: Kept,
    places: Vec<Place>,
}

impl Structure {
    /// Takes the arrays out of a value.
    pub(crate) fn of(value: SEXP) -> Result<(Vec<Array>, Self)> {
        let mut tensors = Vec::new();
        let template = Kept::new(tree::strip(value, &mut tensors)?)?;
        let places = tensors.iter().map(place).collect();
        Ok((tensors.into_iter().map(|tensor| tensor.array).collect(), Self { template, places }))
    }

    /// The value with other arrays.
    pub(crate) fn fill(&self, arrays: impl IntoIterator<Item = Array>) -> Result<SEXP> {
        let mut tensors = arrays.into_iter().zip(&self.places).map(|(array, place)| placed(array, place));
        tree::fill(self.template.sexp(), Rest::Keep, &mut tensors)
    }

    /// The same once more.
    pub(crate) fn again(&self) -> Result<Self> {
        Ok(Self { template: Kept::new(self.template.sexp())?, places: self.places.clone() })
    }

    /// Is it the same as another, arrays apart?
    pub(crate) fn same(&self, other: &Self) -> bool {
        let devices = |structure: &Self| structure.places.iter().map(|(device, _)| *device).collect::<Vec<Device>>();
        devices(self) == devices(other) && tree::identical(self.template(), other.template())
    }

    /// The lists without arrays.
    pub(crate) fn template(&self) -> SEXP {
        self.template.sexp()
    }

    /// How many arrays it has.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}
