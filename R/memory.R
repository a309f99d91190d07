#' Memory that arrays use
#'
#' R sees only a small part of an `mlx` object. The package counts the bytes behind it and asks R to collect in time, so
#' that loops need no `gc()`: after 16 to 32 MB of new arrays (the sooner, the longer these took to compute) and a quarter of
#' what is in use, or after two of the largest arrays if that is more. These functions show the counts.
#'
#' @param limit A number of bytes, 0 or more.
#' @returns Bytes, as a number: those that arrays hold now (`mlx_get_active_memory()`), the most they held at once
#'   (`mlx_get_peak_memory()`, since the start or the last `mlx_reset_peak_memory()`), those kept for the next arrays
#'   (`mlx_get_cache_memory()`, which `mlx_clear_cache()` gives back), and the limit of one array
#'   (`mlx_get_memory_limit()`, see below). `mlx_set_cache_limit()` and `mlx_set_memory_limit()`: the former limit, invisibly.
#'   The other functions return `NULL`, invisibly.
#' @section Limits: The limit is four fifths of the machine's memory, or of what its container is allowed, unless
#'   `mlx_set_memory_limit()` changes it. A single array beyond it is an error of class `mlx_error_device`; when all arrays
#'   together are beyond it, evaluation waits for queued work to end before it begins more. Memory that arrays have left is
#'   kept for the next ones, up to an eighth of that: getting it anew from the system costs more than most operations on
#'   it. `mlx_set_cache_limit()` changes how much is kept; at 0 nothing is. It is given back when an allocation of an array
#'   fails, and on Linux when R collects and less is left on the machine than a quarter of the limit.
#' @section Errors: `mlx_error_argument` for a limit that is no number of bytes.
#' @examples
#' mlx_reset_peak_memory()
#' x <- mlx_eval(mlx_zeros(c(100, 100)))
#' mlx_get_active_memory()
#' mlx_get_peak_memory()
#' mlx_clear_cache()
#' before <- mlx_set_cache_limit(1e9)
#' mlx_set_cache_limit(before)
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

#' @rdname mlx_get_active_memory
#' @export
mlx_set_cache_limit <- function(limit) invisible(.Call(ffi_set_cache_limit, limit))

#' @rdname mlx_get_active_memory
#' @export
mlx_get_memory_limit <- function() .Call(ffi_memory)$limit

#' @rdname mlx_get_active_memory
#' @export
mlx_set_memory_limit <- function(limit) invisible(.Call(ffi_set_memory_limit, limit))
