#' Memory that arrays use
#'
#' R sees only a small part of an `mlx` object. The package counts the bytes behind it and asks R to collect in time, so
#' that loops need no `gc()`; these functions show the counts.
#'
#' @returns Bytes, as a number: those that arrays hold now (`mlx_get_active_memory()`), the most they held at once
#'   (`mlx_get_peak_memory()`, since the start or the last `mlx_reset_peak_memory()`), and those kept for the next arrays
#'   (`mlx_get_cache_memory()`, which `mlx_clear_cache()` gives back). The other functions return `NULL`, invisibly.
#' @examples
#' mlx_reset_peak_memory()
#' x <- mlx_eval(mlx_zeros(c(100, 100)))
#' mlx_get_active_memory()
#' mlx_get_peak_memory()
#' mlx_clear_cache()
#' @export
mlx_get_active_memory <- function() .Call(ffi_memory)$active

#' @rdname mlx_get_active_memory
#' @export
mlx_get_peak_memory <- function() .Call(ffi_memory)$peak

#' @rdname mlx_get_active_memory
#' @export
mlx_get_cache_memory <- function() .Call(ffi_memory)$cache

#' @rdname mlx_get_active_memory
#' @export
mlx_reset_peak_memory <- function() invisible(.Call(ffi_reset_peak_memory))

#' @rdname mlx_get_active_memory
#' @export
mlx_clear_cache <- function() invisible(.Call(ffi_clear_cache))
