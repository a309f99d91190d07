#' Print an array
#'
#' @param x,object An `mlx` array.
#' @param ... Handed to R's own printing of the values.
#' @returns `print()`: `x`, invisibly. `str()`: `NULL`, invisibly.
#' @details Values are shown, and computed, only up to 100 elements and two axes. `str()` never computes.
#' @section Errors: `mlx_error_trace` inside a function that is being compiled; `mlx_error_stale`.
#' @examples
#' print(as_mlx(matrix(1:4, 2)))
#' str(mlx_zeros(c(100, 100)))
#' @export
print.mlx <- function(x, ...) {
  shape <- .Call(ffi_shape, x)
  cat(sprintf("mlx array [%s]\n  dtype: %s\n  device: %s\n", sides(shape), .Call(ffi_dtype, x), .Call(ffi_device, x)))
  if (length(x) > 100 || length(shape) > 2L) {
    cat(sprintf("  (%.0f elements, not shown)\n", length(x)))
  } else {
    values <- .Call(ffi_to_r, x, TRUE)
    cat("  values:\n")
    print(values, ...)
  }
  invisible(x)
}

#' @rdname print.mlx
#' @importFrom utils str
#' @export
str.mlx <- function(object, ...) {
  cat(sprintf("mlx [%s] %s on %s\n", sides(.Call(ffi_shape, object)), mlx_dtype(object), mlx_device(object)))
}

sides <- function(shape) paste(shape, collapse = " x ")
