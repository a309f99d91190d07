//! Streams as R objects, and the default streams while a routine runs.

use crate::args;
use crate::device;
use crate::failure::{Failure, Field};
use crate::handle::{address, finalize, inherits};
use crate::memory;
use crate::session;
use crate::sys::{
    integers, kind, len, list, null, protect, string, Protected, R_ClassSymbol, R_MakeExternalPtr,
    R_RegisterCFinalizerEx, R_SetExternalPtrAddr, Rboolean, Result, Rf_protect, Rf_setAttrib, Rf_unprotect, SEXP,
    SEXPTYPE, VECTOR_ELT,
};
use mlx::{Device, Stream};
use std::cell::RefCell;
use std::ffi::c_void;

routines! {
    ffi_new_stream(device) => new_stream;
    ffi_default_stream(device) => default_stream;
    ffi_set_default_stream(stream) => set_default_stream;
    ffi_switch_device(device) => switch_device;
}

thread_local! {
    /// The default streams that the routines in progress have replaced, to be put back.
    static REPLACED: RefCell<Vec<Stream>> = const { RefCell::new(Vec::new()) };
}

/// The time of one routine: when it ends, in whatever way, the default streams are again those of its start.
pub(crate) struct Scope(usize);

impl Scope {
    pub(crate) fn new() -> Self {
        Self(REPLACED.with_borrow(Vec::len))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        while REPLACED.with_borrow(Vec::len) > self.0 {
            if let Some(former) = REPLACED.with_borrow_mut(Vec::pop) {
                // it has been the default before, so it can be again
                let _ = former.make_default();
            }
        }
    }
}

/// Makes a stream its device's default until the routine in progress ends.
pub(crate) fn enter(stream: &Stream) -> Result<Device> {
    let former = Stream::default_of(stream.device())?;
    stream.make_default()?;
    REPLACED.with_borrow_mut(|replaced| replaced.push(former));
    Ok(stream.device())
}

/// The stream of an `mlx_stream`; `None` for any other object.
pub(crate) fn given<'a>(x: SEXP) -> Result<Option<&'a Stream>> {
    if kind(x) != SEXPTYPE::VECSXP || !inherits(x, c"mlx_stream") {
        return Ok(None);
    }
    // SAFETY: the object is a list; the first element of one of ours is the pointer.
    let pointer = if len(x) > 0 { unsafe { VECTOR_ELT(x, 0) } } else { null() };
    if kind(pointer) != SEXPTYPE::EXTPTRSXP {
        return Err(Failure::argument("stream", "Expected an mlx_stream: this object has lost its pointer."));
    }
    // SAFETY: pointers with this tag hold a Stream.
    let stream = unsafe { address::<Stream>(pointer, session::get().stream_tag, "mlx_stream") };
    stream.map(Some).map_err(|_| {
        let message = "The mlx_stream comes from an earlier R session; make another with mlx_new_stream().";
        Failure::new("stale", message).with("class", Field::Text("mlx_stream".into()))
    })
}

/// Makes the R object: a list of the pointer, the device's name and MLX's number, of class `mlx_stream`.
fn into_r(stream: Stream) -> Result<SEXP> {
    let device = Protected::new(string(stream.device().name())?);
    let index = Protected::new(integers(&[stream.index()])?);
    let class = Protected::new(string("mlx_stream")?);
    // SAFETY: runs protected.
    let pointer = Protected::new(protect(|| unsafe {
        let pointer = Rf_protect(R_MakeExternalPtr(std::ptr::null_mut(), session::get().stream_tag, null()));
        R_RegisterCFinalizerEx(pointer, Some(finalize::<Stream>), Rboolean::FALSE);
        Rf_unprotect(1);
        pointer
    })?);
    let names = ["ptr", "device", "index"].map(String::from);
    let object = Protected::new(list(&[pointer.sexp(), device.sexp(), index.sexp()], Some(&names))?);
    // SAFETY: runs protected.
    protect(|| unsafe { Rf_setAttrib(object.sexp(), R_ClassSymbol, class.sexp()) })?;
    // SAFETY: the pointer made above; nothing can jump any more.
    unsafe { R_SetExternalPtrAddr(pointer.sexp(), Box::into_raw(Box::new(stream)).cast::<c_void>()) };
    Ok(object.sexp())
}

/// A new stream. Where there is no room, R may hold some that nobody uses any more.
fn new_stream(device: SEXP) -> Result<SEXP> {
    let device = args::named_device(device)?;
    let stream = match Stream::new(device) {
        Ok(stream) => stream,
        Err(_) => {
            memory::collect_all()?;
            Stream::new(device)?
        }
    };
    into_r(stream)
}

fn default_stream(device: SEXP) -> Result<SEXP> {
    into_r(Stream::default_of(args::named_device(device)?)?)
}

fn set_default_stream(stream: SEXP) -> Result<SEXP> {
    let Some(found) = given(stream)? else {
        let message = format!("Expected an mlx_stream, not an object of class {}.", args::class_of(stream));
        return Err(Failure::argument("stream", message));
    };
    found.make_default()?;
    Ok(stream)
}

/// Makes this device, and this stream where one is given, the session's. Returns what they were: the device's name, and
/// the stream or `NULL`.
fn switch_device(device: SEXP) -> Result<SEXP> {
    let before = Protected::new(string(device::current().name())?);
    let Some(stream) = given(device)? else {
        if device == null() {
            return Err(Failure::argument(
                "device",
                "The device must be \"gpu\", \"cpu\", or an mlx_stream, not NULL.",
            ));
        }
        device::set_current(args::device(device)?)?;
        return list(&[before.sexp(), null()], None);
    };
    let former = Protected::new(into_r(Stream::default_of(stream.device())?)?);
    device::set_current(stream.device())?;
    stream.make_default()?;
    list(&[before.sexp(), former.sexp()], None)
}
