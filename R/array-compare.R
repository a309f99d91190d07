#' Are arrays nearly equal?
#'
#' `a` is close to `b` where `|a - b| <= atol + rtol * |b|`. `all.equal()` uses its tolerance for both.
#'
#' @param a,b `mlx` arrays or R vectors; they are broadcast together.
#' @param rtol,atol Relative and absolute tolerance: one number each.
#' @param equal_nan `TRUE` takes two `NaN` as close.
#' @param device Where the result lives; by default on the session's device (on the CPU for `float64`).
#' @param target,current Arrays to compare; `target` is an `mlx` array.
#' @param tolerance One number.
#' @param ... Not used.
#' @returns `mlx_isclose()`: a `bool` array of the broadcast shape. `mlx_allclose()`: a `bool` array without axes.
#'   `all.equal()`: `TRUE`, or a string that says how they differ; shapes must be the same, dtypes need not.
#' @details An infinite number is close only to itself.
#' @section Differences from base R: `all.equal()` compares each element, not the mean difference, and `NaN` is never equal.
#' @section Errors: `mlx_error_shape` when the shapes cannot be broadcast; `mlx_error_argument`; `mlx_error_device`.
#' @examples
#' x <- as_mlx(c(1, 2, NaN))
#' mlx_isclose(x, c(1, 2.1, NaN), equal_nan = TRUE)
#' mlx_allclose(x, x, equal_nan = TRUE)
#' all.equal(as_mlx(3), as_mlx(3.01), tolerance = 0.02)
#' @export
mlx_isclose <- function(a, b, rtol = 1e-5, atol = 1e-8, equal_nan = FALSE, device = mlx_default_device()) {
  .Call(ffi_isclose, a, b, rtol, atol, equal_nan, given(missing(device), device), FALSE)
}

#' @rdname mlx_isclose
#' @export
mlx_allclose <- function(a, b, rtol = 1e-5, atol = 1e-8, equal_nan = FALSE, device = mlx_default_device()) {
  .Call(ffi_isclose, a, b, rtol, atol, equal_nan, given(missing(device), device), TRUE)
}

#' @rdname mlx_isclose
#' @method all.equal mlx
#' @export
all.equal.mlx <- function(target, current, tolerance = sqrt(.Machine$double.eps), ...) {
  if (!is_mlx(target)) {
    return("'target' is not an mlx object")
  }
  if (!is_mlx(current)) {
    return("'current' is not an mlx object")
  }
  shapes <- list(mlx_shape(target), mlx_shape(current))
  if (!identical(shapes[[1L]], shapes[[2L]])) {
    shown <- vapply(shapes, function(shape) sprintf("[%s]", toString(shape)), "")
    return(sprintf("different shapes: %s and %s", shown[[1L]], shown[[2L]]))
  }
  device <- mlx_device(target)
  close <- .Call(ffi_isclose, target, current, tolerance, tolerance, FALSE, device, TRUE)
  if (as.vector(close)) TRUE else sprintf("not all close within tolerance %g", tolerance)
}
