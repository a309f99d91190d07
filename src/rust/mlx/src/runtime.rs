//! Evaluation, devices, random state and memory.

use crate::array::{pack, Array};
use crate::bridge::ffi;
use crate::error::Result;
use crate::ops::Device;

/// Computes these arrays and waits for them. Work is queued first and waited for in short turns, between which the hook
/// of [`set_interrupt_hook`] is asked.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted), after which every array can still be evaluated;
/// [`Error::Memory`](crate::Error::Memory); what the operations raise.
pub fn eval(arrays: &[&Array]) -> Result<()> {
    Ok(ffi::evaluate(&pack(arrays.iter().copied()))?)
}

/// Queues the work that these arrays need and returns, with the last operations still to be done.
///
/// # Errors
/// As [`eval`].
pub fn start_eval(arrays: &[&Array]) -> Result<()> {
    Ok(ffi::start_evaluation(&pack(arrays.iter().copied()))?)
}

/// Are the operations that [`eval`] computes simplified and fused first, as those of a compiled function?
pub fn set_fused_eval(fused: bool) {
    ffi::set_fused_evaluation(fused);
}

/// Are the values there?
pub fn is_ready(x: &Array) -> bool {
    ffi::is_ready(&x.0)
}

/// Sets the function that says whether the user wants to stop.
pub fn set_interrupt_hook(hook: fn() -> bool) {
    ffi::set_interrupt_hook(hook);
}

/// Is there a Metal or CUDA device?
pub fn has_gpu() -> bool {
    ffi::has_gpu()
}

/// Makes this device the one that MLX takes where none is named.
///
/// # Errors
/// [`Error::Device`](crate::Error::Device) when it is not there.
pub fn set_default_device(device: Device) -> Result<()> {
    Ok(ffi::set_default_device(device.is_gpu())?)
}

/// Waits for all work queued on a device's default stream.
///
/// # Errors
/// What the queued work raises.
pub fn synchronize(device: Device) -> Result<()> {
    Ok(ffi::synchronize(device.is_gpu())?)
}

/// Why a fused CPU kernel could not be built since this was last asked; its operations ran one by one instead.
pub fn take_kernel_failure() -> Option<String> {
    Some(ffi::take_kernel_failure()).filter(|text| !text.is_empty())
}

/// Bytes that arrays hold now.
pub fn active_memory() -> usize {
    ffi::active_memory()
}

/// The most bytes that arrays held at once since the start or the last reset.
pub fn peak_memory() -> usize {
    ffi::peak_memory()
}

/// Starts the count of [`peak_memory`] anew.
pub fn reset_peak_memory() {
    ffi::reset_peak_memory();
}

/// Bytes that MLX keeps for the next arrays.
pub fn cache_memory() -> usize {
    ffi::cache_memory()
}

/// Sets how many bytes MLX keeps for the next arrays; returns the former limit.
pub fn set_cache_limit(limit: usize) -> usize {
    ffi::set_cache_limit(limit)
}

/// How many bytes arrays may hold.
pub fn memory_limit() -> usize {
    ffi::memory_limit()
}

/// Sets how many bytes arrays may hold; returns the former limit.
pub fn set_memory_limit(limit: usize) -> usize {
    ffi::set_memory_limit(limit)
}

/// Gives back the bytes kept for the next arrays.
pub fn clear_cache() {
    ffi::clear_cache();
}

/// MLX's version.
pub fn version() -> String {
    ffi::version()
}

/// The library that multiplies matrices on the CPU: its file, and for OpenBLAS its version and the processor that its
/// kernels are for.
pub fn blas() -> String {
    ffi::blas()
}

/// Lets OpenBLAS take its kernels for AVX-512 where it knows the processor too little to do so by itself. No product may be
/// computed meanwhile. The environment variable `OPENBLAS_CORETYPE` goes before.
pub fn choose_blas_kernels() {
    ffi::choose_blas_kernels();
}

/// Are the CPU kernels those for vectors of 256 bits (x86-64 with AVX2)?
pub fn is_wide() -> bool {
    ffi::is_wide()
}

/// Sets the folder below which the CPU kernels of compiled functions are kept. Whoever can write there can run code here.
pub fn set_kernel_folder(folder: &str) {
    ffi::set_kernel_folder(folder);
}
