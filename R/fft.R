#' Fourier transforms
#'
#' @param z,x An `mlx` or R array, real or complex; `fft()` takes anything that the function of package stats does.
#' @param inverse `TRUE` for the inverse transform. As in base R it is not scaled: there and back gives the array times the
#'   number of elements that were transformed together.
#' @param axis The 1-based axis to transform; the last one unless given.
#' @param axes The different 1-based axes to transform: two for `mlx_fft2()`, the last two unless given; any for
#'   `mlx_fftn()`, all unless given.
#' @param device The device of the result, `"gpu"` or `"cpu"`; `NULL` is the one of `x`.
#' @param ... Not used.
#' @returns A `complex64` `mlx` array of the shape of `x`. For `fft()` of other objects base R's result.
#' @section Differences from base R: `fft()` of an `mlx` array transforms one axis. [stats::fft()] transforms all axes of an
#'   array, which is what `mlx_fftn()` does.
#' @section Errors: `mlx_error_argument` when `axis` is not one number, or `axes` do not fit the function or repeat;
#'   `mlx_error_shape` for axes that are not there or too few of them.
#' @examples
#' x <- as_mlx(c(1, 2, 4, 8))
#' fft(x)
#' Re(as.vector(fft(fft(x), inverse = TRUE))) / 4
#' mlx_fft(matrix(1:6, 2), axis = 1)
#' mlx_fftn(matrix(1:6, 2))
#' @export
fft <- function(z, inverse = FALSE, ...) UseMethod("fft")

#' @rdname fft
#' @export
fft.default <- function(z, inverse = FALSE, ...) stats::fft(z, inverse, ...)

#' @rdname fft
#' @export
fft.mlx <- function(z, inverse = FALSE, axis, ...) {
  if (...length() > 0L) {
    stop_mlx("argument", "fft() of an mlx array takes no other arguments than inverse and axis.", arg = "...")
  }
  inverse <- if (is.numeric(inverse)) inverse != 0 else inverse
  .Call(ffi_fft, z, 1L, if (!missing(axis)) list(axis), inverse, NULL)
}

#' @rdname fft
#' @export
mlx_fft <- function(x, axis, inverse = FALSE, device = NULL) {
  .Call(ffi_fft, x, 1L, if (!missing(axis)) list(axis), inverse, device)
}

#' @rdname fft
#' @export
mlx_fft2 <- function(x, axes, inverse = FALSE, device = NULL) {
  .Call(ffi_fft, x, 2L, if (!missing(axes)) list(axes), inverse, device)
}

#' @rdname fft
#' @export
mlx_fftn <- function(x, axes = NULL, inverse = FALSE, device = NULL) .Call(ffi_fft, x, 0L, list(axes), inverse, device)
