#' Remove and add axes of length 1
#'
#' @param x An `mlx` array, or what [as_mlx()] converts (`drop()`: any object).
#' @param axes `mlx_squeeze()`: the axes to remove (1-based), or `NULL` for all of length 1. `mlx_expand_dims()`: the
#'   positions (1-based, at most one more than `x` has axes) that the new axes have in the result.
#' @returns An `mlx` array with the dtype and the device of `x`; the other axes keep their names. `drop()` of anything else is
#'   base R's result.
#' @section Differences from base R: `drop()` of an array with axes of length 1 alone is an array without axes.
#' @section Errors: `mlx_error_shape` for an axis that is not there or is longer; `mlx_error_argument` for axes that repeat
#'   (`mlx_squeeze()`) or cannot be positions.
#' @examples
#' x <- mlx_array(1:4, c(1, 4, 1))
#' mlx_shape(mlx_squeeze(x))
#' mlx_shape(mlx_squeeze(x, axes = 1))
#' mlx_shape(drop(x))
#' mlx_shape(mlx_expand_dims(as_mlx(1:4), c(1, 2)))
#' @family shape functions
#' @export
mlx_squeeze <- function(x, axes = NULL) .Call(ffi_squeeze, x, axes)

#' @rdname mlx_squeeze
#' @export
mlx_expand_dims <- function(x, axes) .Call(ffi_expand_dims, x, axes)

#' @rdname mlx_squeeze
#' @export
drop <- function(x) UseMethod("drop")

#' @rdname mlx_squeeze
#' @export
drop.default <- function(x) {
  generic <- s4_generic("drop", x)
  if (is.null(generic)) base::drop(x) else generic(x)
}

#' @rdname mlx_squeeze
#' @export
drop.mlx <- function(x) mlx_squeeze(x)

#' Put axes in another order
#'
#' @param x,a An `mlx` array; `mlx_moveaxis()` and `mlx_swapaxes()` also take what [as_mlx()] converts.
#' @param source,destination Axes (1-based) and the positions that they get; the other axes keep their order.
#' @param perm The axes in their new order, as in [base::aperm()]; `NULL` reverses them.
#' @param resize Only `TRUE`.
#' @param axis1,axis2 Two axes (1-based) to exchange.
#' @param ... Not used.
#' @returns An `mlx` array with the dtype and the device of `x`; nothing is copied, and names move with their axes.
#' @section Errors: `mlx_error_shape` for an axis that is not there; `mlx_error_argument` for axes that are no permutation,
#'   repeat, or do not match in number, and for `resize = FALSE`.
#' @examples
#' x <- mlx_zeros(c(2, 3, 4))
#' mlx_shape(mlx_moveaxis(x, 1, 3))
#' mlx_shape(mlx_swapaxes(x, 1, 3))
#' mlx_shape(aperm(x, c(2, 1, 3)))
#' @family shape functions
#' @export
mlx_moveaxis <- function(x, source, destination) {
  if (missing(source) || missing(destination)) {
    stop_mlx("argument", "source and destination must be supplied.", arg = if (missing(source)) "source" else "destination")
  }
  .Call(ffi_moveaxis, x, source, destination)
}

#' @rdname mlx_moveaxis
#' @export
mlx_swapaxes <- function(x, axis1, axis2) {
  if (missing(axis1) || missing(axis2)) {
    stop_mlx("argument", "axis1 and axis2 must be supplied.", arg = if (missing(axis1)) "axis1" else "axis2")
  }
  .Call(ffi_swapaxes, x, axis1, axis2)
}

#' @rdname mlx_moveaxis
#' @export
aperm.mlx <- function(a, perm = NULL, resize = TRUE, ...) {
  if (!isTRUE(resize)) {
    stop_mlx("argument", "resize = FALSE is not supported for mlx arrays.", arg = "resize")
  }
  .Call(ffi_aperm, a, perm)
}

#' Row and column numbers
#'
#' @param x An `mlx` array with two axes or more, or any object for which base R's functions work.
#' @param as.factor Base R's argument; for `mlx` arrays `TRUE` warns, and the result is the same.
#' @returns For `mlx` arrays an `int32` array of the shape of `x` with each element's position along axis 1 (`row()`) or 2
#'   (`col()`); for anything else base R's result.
#' @section Errors: `mlx_error_shape` for an `mlx` array with fewer than two axes.
#' @examples
#' x <- mlx_zeros(c(2, 3))
#' row(x)
#' col(x)
#' @family shape functions
#' @export
row <- function(x, as.factor = FALSE) UseMethod("row")

#' @rdname row
#' @export
row.default <- function(x, as.factor = FALSE) base::row(x, as.factor = as.factor)

#' @rdname row
#' @export
row.mlx <- function(x, as.factor = FALSE) positions_along(x, 1L, as.factor)

#' @rdname row
#' @export
col <- function(x, as.factor = FALSE) UseMethod("col")

#' @rdname row
#' @export
col.default <- function(x, as.factor = FALSE) base::col(x, as.factor = as.factor)

#' @rdname row
#' @export
col.mlx <- function(x, as.factor = FALSE) positions_along(x, 2L, as.factor)

positions_along <- function(x, axis, as.factor) {
  if (!isFALSE(as.factor)) warn_mlx("argument", "row() and col() of an mlx array: ignores as.factor.")
  .Call(ffi_positions, x, axis)
}
