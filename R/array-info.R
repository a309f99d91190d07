#' Ask about an array, or have it computed
#'
#' Arrays are lazy: an operation is recorded, and computed when its values are needed. `mlx_eval()` computes now.
#'
#' @param x An `mlx` array (any object for `is_mlx()`).
#' @returns `is_mlx()`: `TRUE` or `FALSE`. `mlx_dtype()`: the name of the element type. `mlx_shape()`: an integer vector of
#'   the sides, of length 0 for a scalar. `mlx_device()`: `"gpu"` or `"cpu"`; without an argument the session's device, and
#'   with a device's name (or a stream) that device after it has been made the session's. `mlx_eval()`: `x`, invisibly.
#' @section Interrupts: Ctrl-C (or the stop button) ends `mlx_eval()`; what had not been computed yet stays lazy and can be
#'   computed later.
#' @section Errors: `mlx_error_argument` when `x` is no `mlx` array; `mlx_error_stale` for an array of an earlier session;
#'   `mlx_eval()` also raises what the recorded operations do, and `mlx_error_trace` inside a function that is being
#'   compiled.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' mlx_shape(x)
#' mlx_dtype(x)
#' mlx_device(x)
#' y <- mlx_eval(x * 2)
#' @export
mlx_eval <- function(x) {
  invisible(.Call(ffi_eval, x))
}

#' @rdname mlx_eval
#' @export
is_mlx <- function(x) inherits(x, "mlx")

#' @rdname mlx_eval
#' @export
mlx_dtype <- function(x) .Call(ffi_dtype, x)

#' @rdname mlx_eval
#' @export
mlx_shape <- function(x) .Call(ffi_shape, x)

#' @rdname mlx_eval
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
