#' Order, repetition and elements of arrays
#'
#' Methods for generics of base R that treat an array as one vector, in R's order (first axis fastest).
#'
#' @param x An `mlx` array.
#' @param decreasing `TRUE` for the greatest first.
#' @param incomparables,na.rm Not used.
#' @param fromLast `TRUE` looks from the end.
#' @param ... Not used.
#' @returns `sort()` and `rev()`: an `mlx` array with one axis and the dtype of `x`. `unique()`: the same, of the values as
#'   they appear first. `median()`: an `mlx` array without axes, `float32` (`float64` for `float64`). `duplicated()` and
#'   `anyDuplicated()`: as in base R. `as.list()`: a list of arrays without axes, one for each element, with the names of an
#'   array with one axis; so `lapply()` and its like go through the elements. `xtfrm()`: an R vector, by which `order()`
#'   and `rank()` work.
#' @details `sort()`, `rev()`, `median()` and `as.list()` are lazy and can be differentiated; the others look at the values.
#' @section Differences from base R: `NaN` is not left out: `sort()` puts it last (first if `decreasing`), and the `median()`
#'   with one is `NaN`.
#' @section Errors: `mlx_error_shape` for the median of nothing; `mlx_error_trace` where values are looked at inside a function
#'   that is being compiled.
#' @examples
#' x <- as_mlx(c(3, 1, 2, 3))
#' sort(x)
#' order(x)
#' unique(x)
#' median(x)
#' @name sort.mlx
NULL

#' @rdname sort.mlx
#' @export
sort.mlx <- function(x, decreasing = FALSE, ...) {
  sorted <- mlx_sort(c.mlx(x, use.names = FALSE))
  if (isTRUE(decreasing)) rev.mlx(sorted) else sorted
}

#' @rdname sort.mlx
#' @export
rev.mlx <- function(x) {
  flat <- c.mlx(x)
  flat[rev(seq_along(flat))]
}

#' @rdname sort.mlx
#' @export
unique.mlx <- function(x, incomparables = FALSE, ...) {
  values <- unique(as.vector(x))
  .Call(ffi_array, values, length(values), .Call(ffi_dtype, x), .Call(ffi_device, x))
}

#' @rdname sort.mlx
#' @export
duplicated.mlx <- function(x, incomparables = FALSE, fromLast = FALSE, ...) {
  duplicated(as.vector(x), fromLast = isTRUE(fromLast))
}

#' @rdname sort.mlx
#' @export
anyDuplicated.mlx <- function(x, incomparables = FALSE, fromLast = FALSE, ...) {
  anyDuplicated(as.vector(x), fromLast = isTRUE(fromLast))
}

#' @rdname sort.mlx
#' @importFrom stats median
#' @export
median.mlx <- function(x, na.rm = FALSE, ...) {
  middle <- mlx_squeeze(mlx_quantile(x, 0.5, device = .Call(ffi_device, x)))
  mlx_where(mlx_any(mlx_isnan(x)), NaN, middle)
}

#' @rdname sort.mlx
#' @export
as.list.mlx <- function(x, ...) if (length(x)) asplit.mlx(c.mlx(x), 1L) else list()

#' @rdname sort.mlx
#' @export
xtfrm.mlx <- function(x) as.vector(x)
