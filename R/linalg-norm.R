#' Norms of vectors and matrices
#'
#' @param x An `mlx` or R array.
#' @param ord Which norm; see below.
#' @param axes One axis or two, 1-based, or negative to count from the end; `NULL` is all.
#' @param drop `TRUE` removes the axes, `FALSE` keeps them with length 1 (without `ord` and `axes`: one axis of length 1).
#' @returns An `mlx` array of the remaining axes, in `float32` or the float dtype of `x`; `float32` for `complex64`.
#' @details Without `ord` it is the square root of the sum of squares, over everything or over the axes.
#'
#'   Over one axis (or of an array with one axis) `ord` is a number p: `sum(abs(x)^p)^(1/p)`, the number of elements that are
#'   not zero for 0, and the greatest and least absolute value for `Inf` and `-Inf`.
#'
#'   Over two axes (or of a matrix), the first of which counts as rows:
#'
#'   | `ord` | norm |
#'   |---|---|
#'   | `1`, `-1` | greatest and least sum of absolute values of a column |
#'   | `Inf`, `-Inf` | the same of a row |
#'   | `2`, `-2` | greatest and least singular value |
#'   | `"fro"` or `"f"` | square root of the sum of squares |
#'   | `"nuc"` | sum of the singular values |
#'
#'   Upper and lower case are the same. The norms of nothing are 0. Singular values are computed on the CPU.
#' @section Errors: `mlx_error_argument` for another `ord`, for axis 0 and axes that repeat, and for infinite or missing
#'   values where singular values are needed; `mlx_error_shape` for axes that are not there and for more than two.
#' @examples
#' x <- as_mlx(matrix(c(3, 4, 0, 1), 2))
#' mlx_norm(x)
#' mlx_norm(x, axes = 1)
#' mlx_norm(x, "nuc")
#' mlx_norm(x, Inf, axes = 2)
#' @export
mlx_norm <- function(x, ord = NULL, axes = NULL, drop = TRUE) .Call(ffi_norm, x, ord, axes, drop)
