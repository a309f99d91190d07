//! The R object of class `mlx`: a list of an external pointer and the name of a device.

use crate::failure::{Failure, Field};
use crate::names::MaybeNames;
use crate::sys::{
    kind, list, null, protect, Protected, R_ClassSymbol, R_ExternalPtrAddr, R_ExternalPtrTag, R_MakeExternalPtr,
    R_RegisterCFinalizerEx, R_SetExternalPtrAddr, Rboolean, Result, Rf_getAttrib, Rf_protect, Rf_shallow_duplicate,
    Rf_unprotect, R_CHAR, SET_VECTOR_ELT, SEXP, SEXPTYPE, STRING_ELT, VECTOR_ELT,
};
use crate::{evaluate, memory, session, shortage, trace};
use mlx::{Array, Device};
use std::ffi::{c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// An array and the device that its results are computed on.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) array: Array,
    pub(crate) device: Device,
    pub(crate) names: MaybeNames,
}

impl Tensor {
    pub(crate) fn new(array: Array, device: Device) -> Self {
        Self { array, device, names: None }
    }

    /// The result of an operation on this tensor, on the same device, without names.
    pub(crate) fn with(&self, array: Array) -> Self {
        Self::new(array, self.device)
    }

    /// The result of an operation that leaves every element in its place, on the same device and with the same names.
    pub(crate) fn like(&self, array: Array) -> Self {
        self.with(array).named(self.names.clone())
    }

    /// With these names, if they fit.
    pub(crate) fn named(mut self, names: MaybeNames) -> Self {
        self.names = names.filter(|names| names.fit(self.array.shape()));
        self
    }

    /// With the names of the first operand that has some and this shape.
    pub(crate) fn named_by(self, x: &Self, y: &Self) -> Self {
        if x.names.is_none() && y.names.is_none() {
            return self;
        }
        let names = crate::names::of_either(x, y, self.array.shape());
        self.named(names)
    }

    /// With the names of the R object that it was made of.
    pub(crate) fn named_as(self, x: SEXP) -> Result<Self> {
        let names = crate::names::from_r(x, self.array.ndim())?;
        Ok(self.named(names))
    }

    /// Makes the R object.
    pub(crate) fn into_r(self) -> Result<SEXP> {
        crate::args::countable(self.array.shape())?;
        memory::note(self.array.nbytes());
        trace::note(&self.array);
        evaluate::at_once(&self.array)?;
        let template = session::get().templates[usize::from(self.device == Device::Gpu)];
        // SAFETY: runs protected.
        let object = protect(|| unsafe {
            let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), session::get().array_tag, null()));
            R_RegisterCFinalizerEx(pointer, Some(finalize::<Tensor>), Rboolean::FALSE);
            let object = Rf_protect(Rf_shallow_duplicate(template));
            SET_VECTOR_ELT(object, 0, pointer);
            Rf_unprotect(2);
            object
        })?;
        // only now, when nothing can jump any more, does the pointer own the tensor
        // SAFETY: the first element is the pointer made above.
        unsafe { R_SetExternalPtrAddr(VECTOR_ELT(object, 0), Box::into_raw(Box::new(self)).cast::<c_void>()) };
        Ok(object)
    }
}

/// Frees what an external pointer owns when R collects it. In a forked child it is left alone: the locks that freeing
/// takes may be held by a thread that does not exist there.
pub(crate) unsafe extern "C" fn finalize<T>(pointer: SEXP) {
    // SAFETY: R hands over the pointer for which this was registered; its address is null or from Box::into_raw.
    unsafe {
        let address = R_ExternalPtrAddr(pointer).cast::<T>();
        if address.is_null() || session::is_forked() {
            return;
        }
        R_SetExternalPtrAddr(pointer, std::ptr::null_mut());
        // a destructor that panics must not unwind into R's collector
        let _ = catch_unwind(AssertUnwindSafe(|| {
            drop(Box::from_raw(address));
            shortage::freed();
        }));
    }
}

/// Does the object inherit from the class?
pub(crate) fn inherits(x: SEXP, class: &CStr) -> bool {
    // SAFETY: reading the class attribute allocates nothing; R's strings end with NUL.
    unsafe {
        let classes = Rf_getAttrib(x, R_ClassSymbol);
        kind(classes) == SEXPTYPE::STRSXP
            && (0..crate::sys::len(classes)).any(|i| CStr::from_ptr(R_CHAR(STRING_ELT(classes, i as isize))) == class)
    }
}

/// Is this an `mlx` object?
pub(crate) fn is_mlx(x: SEXP) -> bool {
    kind(x) == SEXPTYPE::VECSXP && inherits(x, c"mlx")
}

/// The tensor of an `mlx` object; `None` for any other object.
pub(crate) fn tensor<'a>(x: SEXP) -> Result<Option<&'a Tensor>> {
    if !is_mlx(x) {
        return Ok(None);
    }
    // SAFETY: the object is a list; the first element of one of ours is the pointer.
    let pointer = if crate::sys::len(x) > 0 { unsafe { VECTOR_ELT(x, 0) } } else { null() };
    // SAFETY: an address under our tag is null or a tensor, which lives as long as the object that R guards.
    unsafe { address::<Tensor>(pointer, session::get().array_tag, "mlx") }.map(Some)
}

/// What an external pointer of ours points to.
///
/// # Safety
/// Pointers with this tag must hold a `T`.
pub(crate) unsafe fn address<'a, T>(pointer: SEXP, tag: SEXP, class: &str) -> Result<&'a T> {
    // SAFETY: checked to be an external pointer before it is read as one.
    let address = unsafe {
        if kind(pointer) != SEXPTYPE::EXTPTRSXP {
            return Err(Failure::argument(
                "x",
                format!("Invalid MLX array pointer: a damaged object of class {class}"),
            ));
        }
        // after readRDS() the tag is another object, but the address is null
        if R_ExternalPtrTag(pointer) == tag {
            R_ExternalPtrAddr(pointer).cast::<T>()
        } else {
            std::ptr::null_mut()
        }
    };
    if address.is_null() {
        let message = "Invalid MLX array pointer: the object comes from an earlier R session. Arrays do not survive \
                       saveRDS() or save(): convert them with as.array() before, and back with as_mlx().";
        return Err(Failure::new("stale", message).with("class", Field::Text(class.into())));
    }
    // SAFETY: not null, and the caller's promise.
    Ok(unsafe { &*address })
}

/// The tensor of an argument that must be an `mlx` object.
pub(crate) fn require<'a>(x: SEXP, arg: &str) -> Result<&'a Tensor> {
    tensor(x)?
        .ok_or_else(|| Failure::argument(arg, format!("is_mlx({arg}) is not TRUE: `{arg}` must be an mlx array.")))
}

/// A list of `mlx` objects.
pub(crate) fn tensors(members: Vec<Tensor>, names: Option<&[String]>) -> Result<SEXP> {
    let empty = vec![null(); members.len()];
    let out = Protected::new(list(&empty, names)?);
    for (i, member) in members.into_iter().enumerate() {
        let object = member.into_r()?;
        // SAFETY: the list is guarded and longer than i.
        unsafe { SET_VECTOR_ELT(out.sexp(), i as isize, object) };
    }
    Ok(out.sexp())
}
