#' Ask about an array
#'
#' What an object is, and the shape, dtype and device of an array. Nothing is computed.
#'
#' @param x An `mlx` array (any object for `is_mlx()`).
#' @returns `is_mlx()`: `TRUE` or `FALSE`. `mlx_dtype()`: the name of the element type. `mlx_shape()`: an integer vector of
#'   the sides, of length 0 for a scalar. `mlx_device()`: `"gpu"` or `"cpu"`; without an argument the session's device, and
#'   with a device's name (or a stream) that device after it has been made the session's.
#' @section Errors: `mlx_error_argument` when `x` is no `mlx` array; `mlx_error_stale` for an array of an earlier session.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' mlx_shape(x)
#' mlx_dtype(x)
#' mlx_device(x)
#' @export
is_mlx <- function(x) inherits(x, "mlx")

#' @rdname is_mlx
#' @export
mlx_dtype <- function(x) .Call(ffi_dtype, x)

#' @rdname is_mlx
#' @export
mlx_shape <- function(x) .Call(ffi_shape, x)

#' @rdname is_mlx
#' @export
mlx_device <- function(x) {
  if (missing(x)) {
    return(mlx_default_device())
  }
  if (is.character(x) || is_stream(x)) {
    return(mlx_default_device(x))
  }
  .Call(ffi_device, x)
}

#' Dimensions of an array
#'
#' @param x An `mlx` array.
#' @param value Numeric vector of sides that has the same product as the array's, or `integer(0)` for one axis.
#' @returns `dim()`: an integer vector for two axes or more, else `NULL`, so that `nrow()` and `ncol()` work as for R's own
#'   vectors and matrices. `length()`: the number of elements. `dim(x) <- value`: the same elements in another shape.
#' @section Differences from base R: `dim(x) <- value` fills by rows (the last axis runs fastest), as MLX and NumPy do; and
#'   `dim(x) <- NULL` is an error.
#' @section Errors: `mlx_error_argument` for a `value` that is not numeric, is negative or has an `NA`; `mlx_error_shape`
#'   when the product differs from the number of elements.
#' @examples
#' x <- as_mlx(1:6)
#' dim(x)
#' length(x)
#' dim(x) <- c(2, 3)
#' x
#' @name dim.mlx
NULL

#' @rdname dim.mlx
#' @export
dim.mlx <- function(x) .Call(ffi_dim, x)

#' @rdname dim.mlx
#' @export
length.mlx <- function(x) .Call(ffi_length, x)

#' @rdname dim.mlx
#' @export
`dim<-.mlx` <- function(x, value) {
  if (is.numeric(value) && length(value) == 0L) value <- length(x)
  .Call(ffi_reshape, x, value, "dims")
}

#' Transpose an array
#'
#' @param x An `mlx` array.
#' @returns An `mlx` array with the axes in reverse order; nothing is copied.
#' @section Differences from base R: An array with one axis stays as it is, where base R makes a row of it. All axes of a
#'   larger array are reversed.
#' @examples
#' t(as_mlx(matrix(1:6, 2)))
#' @export
t.mlx <- function(x) .Call(ffi_transpose, x)
