//! The session's device.

use crate::args;
use crate::sys::{flag, null, string, Result, SEXP};
use mlx::{runtime, Device};
use std::sync::atomic::{AtomicBool, Ordering};

routines! {
    ffi_default_device() => default_device;
    ffi_has_gpu() => has_gpu;
    ffi_device(x) => device_of;
    ffi_synchronize(device) => synchronize;
}

static ON_GPU: AtomicBool = AtomicBool::new(false);

/// Starts on the GPU where there is one.
pub(crate) fn start() {
    ON_GPU.store(runtime::has_gpu(), Ordering::Relaxed);
}

/// Where new arrays go.
pub(crate) fn current() -> Device {
    if ON_GPU.load(Ordering::Relaxed) {
        Device::Gpu
    } else {
        Device::Cpu
    }
}

fn default_device() -> Result<SEXP> {
    string(current().name())
}

/// Makes this device the session's.
pub(crate) fn set_current(device: Device) -> Result<()> {
    runtime::set_default_device(device)?;
    ON_GPU.store(device == Device::Gpu, Ordering::Relaxed);
    Ok(())
}

fn has_gpu() -> Result<SEXP> {
    Ok(flag(runtime::has_gpu()))
}

fn device_of(x: SEXP) -> Result<SEXP> {
    string(crate::handle::require(x, "x")?.device.name())
}

fn synchronize(device: SEXP) -> Result<SEXP> {
    runtime::synchronize(args::device(device)?)?;
    Ok(null())
}
