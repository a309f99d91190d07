#' Running totals along an axis
#'
#' @param x An `mlx` array or R vector.
#' @param axis One 1-based axis, or `NULL` for all elements in a row.
#' @param reverse `TRUE` accumulates from the end.
#' @param inclusive `FALSE` leaves the element itself out: the first total is that of nothing (0, 1 or `-Inf`).
#' @returns An `mlx` array of the shape of `x` with its names, or with one axis when `axis` is `NULL`. `mlx_cumsum()` and
#'   `mlx_cumprod()` keep the dtype (`bool` is summed in `int32`); `mlx_logcumsumexp()` gives `float32` for integers.
#' @details On the CPU floats are accumulated in double precision and rounded at the end.
#' @section Differences from base R: Without `axis` the elements are taken by rows (last axis fastest), while
#'   [cumsum()][Math.mlx] and [cumprod()][Math.mlx] take them by columns. Integers wrap around where they overflow.
#' @section Errors: `mlx_error_shape` for an axis that is not there; `mlx_error_argument`.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' mlx_cumsum(x, axis = 2)
#' mlx_cumsum(x)
#' mlx_cumprod(1:4, reverse = TRUE, inclusive = FALSE)
#' @export
mlx_cumsum <- function(x, axis = NULL, reverse = FALSE, inclusive = TRUE) {
  .Call(ffi_scan, "cumsum", x, axis, reverse, inclusive)
}

#' @rdname mlx_cumsum
#' @export
mlx_cumprod <- function(x, axis = NULL, reverse = FALSE, inclusive = TRUE) {
  .Call(ffi_scan, "cumprod", x, axis, reverse, inclusive)
}

#' @rdname mlx_cumsum
#' @export
mlx_logcumsumexp <- function(x, axis = NULL, reverse = FALSE, inclusive = TRUE) {
  .Call(ffi_scan, "logcumsumexp", x, axis, reverse, inclusive)
}
