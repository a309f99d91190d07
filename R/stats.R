#' Quantiles
#'
#' Sample quantiles of R's type 7: linear between the two elements around position `1 + (n - 1) * p` of the sorted array.
#'
#' @param x An `mlx` array; `mlx_quantile()` also takes an R vector.
#' @param probs Probabilities in `[0, 1]`.
#' @param axis One 1-based axis, or `NULL` for all elements.
#' @param drop `TRUE` removes the axis when there is one probability.
#' @param device Where the result lives; by default on the session's device (on the CPU for `float64`).
#' @param ... Not used.
#' @returns An `mlx` array in `float32` (`float64` for `float64`): one axis of `length(probs)`, or the shape of `x` with that
#'   length on `axis`. `quantile()` takes all elements and keeps the device. The names of other axes stay.
#' @section Differences from base R: `probs` has no default in `quantile()`, and the result has no names. `NaN` sorts last.
#' @section Errors: `mlx_error_argument` for `probs` that are no probabilities, and for several axes; `mlx_error_shape` for an
#'   empty array; `mlx_error_dtype` for complex numbers.
#' @examples
#' x <- as_mlx(matrix(c(1, 5, 2, 8, 3, 9), 2))
#' mlx_quantile(x, c(0.25, 0.5), axis = 2)
#' mlx_quantile(x, 0.5, axis = 1, drop = TRUE)
#' quantile(x, 0.9)
#' @export
mlx_quantile <- function(x, probs, axis = NULL, drop = FALSE, device = mlx_default_device()) {
  .Call(ffi_quantile, x, probs, axis, drop, given(missing(device), device))
}

#' @rdname mlx_quantile
#' @importFrom stats quantile
#' @export
quantile.mlx <- function(x, probs, ...) {
  if (missing(probs)) stop_mlx("argument", "probs must be given: it has no default for mlx arrays.", arg = "probs")
  .Call(ffi_quantile, x, probs, NULL, FALSE, mlx_device(x))
}

#' Centre and scale columns
#'
#' @param x An `mlx` matrix.
#' @param center `TRUE` subtracts the columns' means, `FALSE` nothing; or what to subtract: one number, or one for each
#'   column, also as an `mlx` array.
#' @param scale `TRUE` divides by the root of the columns' mean squares (with divisor `n - 1`, or 1 for one row), which after
#'   centring is the standard deviation; `FALSE` by nothing; or what to divide by.
#' @returns An `mlx` matrix of the same shape and names, in the float dtype of `x` (`float32` for integers), with the
#'   attributes `"scaled:center"` and `"scaled:scale"` for what was done: 1-row `mlx` matrices of computed values, or what
#'   was given.
#' @section Differences from base R: A constant column gives `NaN`, as there, but integers stay when nothing is done.
#' @section Errors: `mlx_error_shape` unless `x` is a matrix; `mlx_error_argument` for a `center` or `scale` of another length
#'   or type.
#' @examples
#' x <- as_mlx(matrix(c(1, 2, 3, 10, 20, 60), 3))
#' y <- scale(x)
#' y
#' attr(y, "scaled:center")
#' @export
scale.mlx <- function(x, center = TRUE, scale = TRUE) {
  shape <- mlx_shape(x)
  if (length(shape) != 2L) {
    stop_mlx("shape", "scale() supports 2D arrays: x must be a matrix.", op = "scale", shapes = list(shape))
  }
  if (isFALSE(center) && isFALSE(scale)) {
    return(x)
  }
  if (!grepl("float|complex", mlx_dtype(x))) x <- as_mlx(x, dtype = "float32")
  centers <- column_values(center, x, "center", function() mlx_mean(x, axes = 1L, drop = FALSE))
  if (!is.null(centers)) x <- x - beside(centers, x)
  scales <- column_values(scale, x, "scale", function() {
    sqrt(mlx_sum(x * x, axes = 1L, drop = FALSE) / max(1L, shape[[1L]] - 1L))
  })
  if (!is.null(scales)) x <- x / beside(scales, x)
  attr(x, "scaled:center") <- centers
  attr(x, "scaled:scale") <- scales
  x
}

# What scale() takes off or divides by: NULL for nothing.
column_values <- function(value, x, arg, compute) {
  if (isFALSE(value)) {
    return(NULL)
  }
  if (isTRUE(value)) {
    return(compute())
  }
  columns <- mlx_shape(x)[[2L]]
  if (!is.numeric(value) && !is_mlx(value)) {
    stop_mlx("argument", sprintf("'%s' must be TRUE, FALSE, or numeric.", arg), arg = arg)
  }
  if (!length(value) %in% c(1L, columns)) {
    stop_mlx("argument", sprintf("length of '%s' must equal the number of columns of x (%d).", arg, columns), arg = arg)
  }
  if (is_mlx(value)) value else rep_len(as.vector(value), columns)
}

# Column values as an array that x takes as an operand without changing its dtype or device.
beside <- function(values, x) {
  if (is_mlx(values)) .Call(ffi_reshape, values, length(values), "values") else as_mlx(values, mlx_dtype(x), mlx_device(x))
}
