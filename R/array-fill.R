#' Zeros and ones in the shape of another array
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param dtype Name of the element type, see [as_mlx()]; `NULL` is that of `x`.
#' @param device `"gpu"` or `"cpu"`; `NULL` is where `x` is.
#' @returns An `mlx` array with the shape and the names of `x`.
#' @section Errors: `mlx_error_argument`, `mlx_error_dtype`, `mlx_error_device`.
#' @examples
#' mlx_zeros_like(as_mlx(matrix(1:6, 2)))
#' mlx_ones_like(as_mlx(1:3), dtype = "int32")
#' @family array makers
#' @export
mlx_zeros_like <- function(x, dtype = NULL, device = NULL) .Call(ffi_filled_like, x, 0, dtype, device)

#' @rdname mlx_zeros_like
#' @export
mlx_ones_like <- function(x, dtype = NULL, device = NULL) .Call(ffi_filled_like, x, 1, dtype, device)

#' Identity and triangular matrices
#'
#' @param n,m Rows and columns, positive integers; `m` is `n` when left out.
#' @param k Which diagonal: 0 is the main one, 1 the first above it, -1 the first below it.
#' @param dtype `"float32"` (the default) or `"float64"`, which can be computed on the CPU only; or a half float type.
#' @param device `"gpu"` or `"cpu"`; the default is [mlx_default_device()].
#' @param x An `mlx` array with two axes or more, or what [as_mlx()] converts; the last two axes are the matrix.
#' @returns `mlx_eye()`: an `n` x `m` matrix with ones on the diagonal `k`. `mlx_identity()`: the square one with `k = 0`.
#'   `mlx_tri()`: ones on and below the diagonal `k`. `mlx_tril()`, `mlx_triu()`: `x` with zeros above or below the diagonal
#'   `k`; dtype, device and names stay.
#' @section Errors: `mlx_error_argument` for sizes that are not positive; `mlx_error_shape` for `x` with fewer than two axes.
#' @examples
#' mlx_eye(3, k = 1)
#' mlx_identity(2)
#' mlx_tri(2, 3)
#' mlx_triu(as_mlx(matrix(1:9, 3)))
#' @family array makers
#' @export
mlx_eye <- function(n, m = n, k = 0L, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_eye, n, m, k, given(missing(dtype), dtype), given(missing(device), device))
}

#' @rdname mlx_eye
#' @export
mlx_identity <- function(n, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_eye, n, n, 0L, given(missing(dtype), dtype), given(missing(device), device))
}

#' @rdname mlx_eye
#' @export
mlx_tri <- function(n, m = NULL, k = 0L, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_tri, n, m, k, given(missing(dtype), dtype), given(missing(device), device))
}

#' @rdname mlx_eye
#' @export
mlx_tril <- function(x, k = 0L) .Call(ffi_triangle, x, k, FALSE)

#' @rdname mlx_eye
#' @export
mlx_triu <- function(x, k = 0L) .Call(ffi_triangle, x, k, TRUE)

#' Sequences
#'
#' The numbers are computed in double precision and rounded once, to the dtype.
#'
#' @param start,stop The ends, finite numbers. `mlx_arange()` includes `stop` when the steps reach it, as [base::seq()] does.
#' @param step The step, not 0; a negative one counts down.
#' @param num How many numbers, a positive integer; one number is `start`.
#' @param dtype Name of the element type: `"float32"` by default, also for whole numbers. `mlx_linspace()` takes float types
#'   only.
#' @param device `"gpu"` or `"cpu"`; the default is [mlx_default_device()].
#' @returns An `mlx` array of one axis; of no element where `step` leads away from `stop`.
#' @section Errors: `mlx_error_argument` for ends that are not finite or a step of 0; `mlx_error_dtype` where an integer dtype
#'   does not hold the numbers; `mlx_error_shape` for more than 2^31 - 1 of them.
#' @examples
#' mlx_arange(1, 6, 2)
#' mlx_arange(3, 0, -1, dtype = "int32")
#' mlx_linspace(0, 1, 5)
#' @family array makers
#' @export
mlx_arange <- function(start,
                       stop,
                       step = 1,
                       dtype = c(
                         "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"
                       ),
                       device = mlx_default_device()) {
  .Call(ffi_arange, start, stop, step, given(missing(dtype), dtype), given(missing(device), device))
}

#' @rdname mlx_arange
#' @export
mlx_linspace <- function(start, stop, num = 50L, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_linspace, start, stop, num, given(missing(dtype), dtype), given(missing(device), device))
}

#' Coordinates of a grid
#'
#' @param ... `mlx` arrays or what [as_mlx()] converts, or one list of them: the coordinates along each axis. Arrays with other
#'   than one axis are taken in a row, the last axis fastest.
#' @param sparse `TRUE` leaves the results at length 1 along all axes but their own.
#' @param indexing `"ij"`: axis k belongs to array k. `"xy"`: the first two change places, so that the first array runs along
#'   columns.
#' @param device `"gpu"` or `"cpu"`; `NULL` is where the arrays are.
#' @returns A list with one `mlx` array for each argument, in the common dtype (see [Ops.mlx()]).
#' @section Errors: `mlx_error_argument`.
#' @examples
#' mlx_meshgrid(0:1, 0:2)
#' lapply(mlx_meshgrid(0:1, 0:2, sparse = TRUE), mlx_shape)
#' @family array makers
#' @export
mlx_meshgrid <- function(..., sparse = FALSE, indexing = c("xy", "ij"), device = NULL) {
  crossed <- match_choice(indexing, c("xy", "ij"), "indexing") == "xy"
  .Call(ffi_meshgrid, pieces(...), sparse, crossed, device)
}
