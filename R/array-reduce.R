#' Summaries of arrays
#'
#' `sum`, `prod`, `min`, `max`, `all`, `any` and `mean` over all elements or over axes. `mlx_all()` and `mlx_any()` give an
#' array where `all()` and `any()` give an R value.
#'
#' @param x An `mlx` array (for `mlx_sum()` and its like also an R vector).
#' @param ... Further arrays or numbers to be summarised together; or, by name, `axes` (1-based axes to reduce) and `drop`
#'   (`FALSE` keeps reduced axes with length 1). `axis` is an old name for `axes`.
#' @param na.rm Not supported: `TRUE` warns, and `NaN` counts. `mean()` takes no arguments but the array; `mlx_mean()` does.
#' @param axes Integer vector of 1-based axes, or `NULL` for all.
#' @param drop `TRUE` removes the reduced axes, `FALSE` keeps them with length 1. Without `axes` the result is a scalar.
#' @returns `sum`, `prod`, `min`, `max`, `mean` and `mlx_*`: an `mlx` array, without axes when all are reduced. `all()` and
#'   `any()`: an R logical vector. Sums and products of `bool` are `float32`, of 8- and 16-bit integers 32-bit integers;
#'   means of integers are `float32`; all else keeps the dtype.
#' @section Differences from base R: The result of `sum()` and its like stays an array, so that it can be differentiated;
#'   `as.vector()` makes a number of it. Integer sums wrap around. Only the first argument decides that these methods are
#'   used: `sum(2, x)` is base R's.
#' @section Errors: `mlx_error_shape` for axes that are not there, and for `min()` and `max()` of nothing;
#'   `mlx_error_argument` for arguments that cannot be combined, and for `range()`, which MLX does not have.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' sum(x)
#' max(x, axes = 1)
#' mlx_mean(x, axes = 2, drop = FALSE)
#' all(x > 0)
#' @export
Summary.mlx <- function(x, ..., na.rm = FALSE) {
  if (...length() == 0L) .Call(ffi_summary, .Generic, x, na.rm) else summary_of(.Generic, x, na.rm, ...)
}

summary_of <- function(name, x, na.rm, ...) {
  dots <- list(...)
  options <- names(dots) %in% c("axes", "axis", "drop")
  if (!length(options)) options <- logical(length(dots))
  axes <- summary_axes(dots)
  if (any(options) && !all(options)) {
    stop_mlx("argument", "axes and drop are only supported when reducing a single array.", arg = "axes")
  }
  if (any(options)) {
    check_na_rm(na.rm)
    drop <- if (is.null(dots$drop)) TRUE else dots$drop
    value <- .Call(ffi_reduce, name, x, axes, drop)
    return(if (name %in% c("all", "any")) as.vector(value) else value)
  }
  scalars <- list(.Call(ffi_summary, name, x, na.rm))
  for (part in dots) scalars <- c(scalars, list(.Call(ffi_summary, name, part, FALSE)))
  combine <- switch(name,
    sum = `+`, prod = `*`, min = mlx_minimum, max = mlx_maximum, all = `&`, any = `|`
  )
  Reduce(combine, scalars)
}

check_na_rm <- function(na.rm) .Call(ffi_check_na_rm, na.rm)

summary_axes <- function(dots) {
  if (is.null(dots$axis)) {
    return(dots$axes)
  }
  if (!is.null(dots$axes)) {
    stop_mlx("argument", "Give only one of axes and axis.", arg = "axes")
  }
  warn_mlx("argument", "axis is deprecated; use axes.")
  dots$axis
}

#' @rdname Summary.mlx
#' @export
mean.mlx <- function(x, ...) .Call(ffi_reduce, "mean", x, NULL, TRUE)

#' @rdname Summary.mlx
#' @export
mlx_sum <- function(x, axes = NULL, drop = TRUE) .Call(ffi_reduce, "sum", x, axes, drop)

#' @rdname Summary.mlx
#' @export
mlx_mean <- function(x, axes = NULL, drop = TRUE) .Call(ffi_reduce, "mean", x, axes, drop)

#' @rdname Summary.mlx
#' @export
mlx_prod <- function(x, axes = NULL, drop = TRUE) .Call(ffi_reduce, "prod", x, axes, drop)

#' @rdname Summary.mlx
#' @export
mlx_all <- function(x, axes = NULL, drop = TRUE) .Call(ffi_reduce, "all", x, axes, drop)

#' @rdname Summary.mlx
#' @export
mlx_any <- function(x, axes = NULL, drop = TRUE) .Call(ffi_reduce, "any", x, axes, drop)

#' Variance and standard deviation
#'
#' @param x An `mlx` array or R vector.
#' @param axes Integer vector of 1-based axes that are reduced together, or `NULL` for all.
#' @param drop `TRUE` removes the reduced axes, `FALSE` keeps them with length 1. Without `axes` the result is a scalar.
#' @param ddof What is taken off the number of elements for the divisor: 0 for the variance of a population, 1 for the
#'   estimate from a sample that [stats::var()] gives.
#' @returns An `mlx` array in the float dtype of `x`; `float32` for integers, truth values and complex numbers, where the
#'   squared modulus of the deviation counts. `NaN` where the divisor is not positive.
#' @section Errors: `mlx_error_shape` for axes that are not there; `mlx_error_argument`.
#' @examples
#' x <- as_mlx(matrix(c(1, 2, 4, 8, 16, 32), 2))
#' mlx_var(x, axes = 1)
#' mlx_std(x, axes = 2, ddof = 1, drop = FALSE)
#' mlx_var(x)
#' @export
mlx_var <- function(x, axes = NULL, drop = TRUE, ddof = 0L) .Call(ffi_moment, "var", x, axes, drop, ddof)

#' @rdname mlx_var
#' @export
mlx_std <- function(x, axes = NULL, drop = TRUE, ddof = 0L) .Call(ffi_moment, "std", x, axes, drop, ddof)

#' Softmax and the logarithm of a sum of exponentials
#'
#' `mlx_logsumexp()` is `log(sum(exp(x)))`, `mlx_softmax()` is `exp(x) / sum(exp(x))`, both without overflow.
#'
#' @param x An `mlx` array or R vector.
#' @param axes Integer vector of 1-based axes to sum over, or `NULL` for all elements together.
#' @param drop `TRUE` removes the reduced axes, `FALSE` keeps them with length 1, also when `axes` is `NULL`.
#' @param precise `TRUE` computes half precision in `float32` in between.
#' @returns An `mlx` array in the float or complex dtype of `x` (`float32` for integers and truth values).
#'   `mlx_logsumexp()`: of the shape that is left; `-Inf` for no elements. `mlx_softmax()`: of the shape of `x`, with its
#'   names.
#' @section Errors: `mlx_error_shape` for axes that are not there; `mlx_error_argument`.
#' @examples
#' x <- as_mlx(matrix(c(1000, 1001, 0, 2), 2))
#' mlx_logsumexp(x, axes = 1)
#' mlx_softmax(x, axes = 1)
#' @export
mlx_logsumexp <- function(x, axes = NULL, drop = TRUE) .Call(ffi_logsumexp, x, axes, drop)

#' @rdname mlx_logsumexp
#' @export
mlx_softmax <- function(x, axes = NULL, precise = FALSE) .Call(ffi_softmax, x, axes, precise)

#' Sums and means of rows and columns
#'
#' @param x An `mlx` array with two axes or more, or any object for which base R's functions work.
#' @param na.rm Base R's argument; for `mlx` arrays `TRUE` warns, and `NaN` counts.
#' @param dims Which axes are rows: as in [base::colSums()].
#' @param ... Not used.
#' @returns For `mlx` arrays an `mlx` array of what is left of the shape: the columns' sums (axes after `dims`) or the rows'
#'   (the first `dims` axes). Sums of `bool` and means are `float32`. For anything else base R's result.
#' @section Errors: `mlx_error_shape` for an array with fewer than two axes; `mlx_error_argument` for `dims` that do not fit.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' colMeans(x)
#' rowSums(x)
#' @name colMeans
NULL

by_columns <- function(name, x, na.rm, dims) {
  .Call(ffi_reduce, name, x, seq_len(check_dims(x, na.rm, dims)), TRUE)
}

by_rows <- function(name, x, na.rm, dims) {
  .Call(ffi_reduce, name, x, seq.int(check_dims(x, na.rm, dims) + 1L, length(mlx_shape(x))), TRUE)
}

check_dims <- function(x, na.rm, dims) {
  check_na_rm(na.rm)
  shape <- mlx_shape(x)
  if (length(shape) < 2L) {
    stop_mlx("shape", "'x' must be an array of at least two dimensions: axis 1 or 2 is out of bounds.", shapes = list(shape))
  }
  good <- is.numeric(dims) && length(dims) == 1L && !is.na(dims) && dims >= 1 && dims < length(shape)
  if (!good) stop_mlx("argument", "invalid 'dims': it must lie between 1 and one less than the number of axes.", arg = "dims")
  as.integer(dims)
}

#' @rdname colMeans
#' @export
colMeans <- function(x, ...) UseMethod("colMeans")

#' @rdname colMeans
#' @export
colMeans.default <- function(x, na.rm = FALSE, dims = 1, ...) {
  original("colMeans", is.object(x))(x, na.rm = na.rm, dims = dims, ...)
}

#' @rdname colMeans
#' @export
colMeans.mlx <- function(x, na.rm = FALSE, dims = 1, ...) by_columns("mean", x, na.rm, dims)

#' @rdname colMeans
#' @export
colSums <- function(x, ...) UseMethod("colSums")

#' @rdname colMeans
#' @export
colSums.default <- function(x, na.rm = FALSE, dims = 1, ...) {
  original("colSums", is.object(x))(x, na.rm = na.rm, dims = dims, ...)
}

#' @rdname colMeans
#' @export
colSums.mlx <- function(x, na.rm = FALSE, dims = 1, ...) by_columns("sum", x, na.rm, dims)

#' @rdname colMeans
#' @export
rowMeans <- function(x, ...) UseMethod("rowMeans")

#' @rdname colMeans
#' @export
rowMeans.default <- function(x, na.rm = FALSE, dims = 1, ...) {
  original("rowMeans", is.object(x))(x, na.rm = na.rm, dims = dims, ...)
}

#' @rdname colMeans
#' @export
rowMeans.mlx <- function(x, na.rm = FALSE, dims = 1, ...) by_rows("mean", x, na.rm, dims)

#' @rdname colMeans
#' @export
rowSums <- function(x, ...) UseMethod("rowSums")

#' @rdname colMeans
#' @export
rowSums.default <- function(x, na.rm = FALSE, dims = 1, ...) {
  original("rowSums", is.object(x))(x, na.rm = na.rm, dims = dims, ...)
}

#' @rdname colMeans
#' @export
rowSums.mlx <- function(x, na.rm = FALSE, dims = 1, ...) by_rows("sum", x, na.rm, dims)
