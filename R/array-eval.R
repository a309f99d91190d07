#' Have arrays computed
#'
#' Arrays are lazy: an operation is recorded, and computed when its values are needed. `mlx_eval()` computes now and waits;
#' `mlx_async_eval()` has the work done while R goes on.
#'
#' @param x,... `mlx` arrays, or nested lists of them, whose other members are ignored.
#' @returns `mlx_eval()` and `mlx_async_eval()`: `x`, or a list of all arguments if there are several, invisibly.
#'   `mlx_is_ready()`: `TRUE` if all values are there, so that reading them does not wait. `mlx_wait()`: waits for them (and
#'   starts the work if need be) and returns like `mlx_eval()`.
#' @details Arrays that are computed together share what they are made of. In front of a few queued operations
#'   `mlx_async_eval()` waits for room: the last eight of a graph are still to be done when it returns.
#' @section Interrupts: Ctrl-C (or the stop button) ends `mlx_eval()`; what had not been computed yet stays lazy and can be
#'   computed later. Up to eight large operations that were handed to the processor are finished there, and what is computed
#'   next waits for them.
#' @section Errors: `mlx_error_argument` for what is neither an array nor a list; `mlx_error_stale` for an array of an
#'   earlier session; what the recorded operations raise; `mlx_error_trace` inside a function that is being compiled or
#'   vectorised, and `mlx_async_eval()` also inside one that is being differentiated.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' y <- mlx_eval(x * 2)
#' parts <- list(sum = sum(x), root = sqrt(x))
#' mlx_async_eval(parts)
#' mlx_wait(parts)
#' mlx_is_ready(parts)
#' @export
mlx_eval <- function(x, ...) {
  if (...length() > 0L) x <- list(x, ...)
  invisible(.Call(ffi_eval, x))
}

#' @rdname mlx_eval
#' @export
mlx_async_eval <- function(x, ...) {
  if (...length() > 0L) x <- list(x, ...)
  invisible(.Call(ffi_async_eval, x))
}

#' @rdname mlx_eval
#' @export
mlx_is_ready <- function(x, ...) {
  if (...length() > 0L) x <- list(x, ...)
  .Call(ffi_is_ready, x)
}

#' @rdname mlx_eval
#' @export
mlx_wait <- mlx_eval
