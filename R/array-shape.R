#' Give an array another shape
#'
#' `mlx_reshape()` gives any shape of the same size, `mlx_flatten()` merges neighbouring axes into one, `mlx_unflatten()`
#' parts one axis into several. The elements are taken with the last axis fastest, as in MLX and NumPy.
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param newshape Integer vector: the sides, none of them negative; `integer(0)` makes a scalar of one element.
#' @param start_axis,end_axis The first and the last of the axes to merge (1-based, both included); `NULL` is the last axis.
#' @param axis The axis to part, one number (1-based).
#' @param shape Integer vector: the new sides, whose product is the length of the axis. One of them may be `-1`: it is found
#'   from the others.
#' @returns An `mlx` array with the dtype and the device of `x`, without names. `mlx_flatten()` returns an array of one axis
#'   or none as it is.
#' @section Differences from base R: `dim(x) <- ` on an R array keeps the first axis fastest; these functions, and
#'   [`dim<-`][dim.mlx] on `mlx` arrays, have the last axis fastest.
#' @section Errors: `mlx_error_shape` when the size would change or an axis is not there; `mlx_error_argument` for other
#'   values.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' mlx_reshape(x, c(3, 2))
#' mlx_flatten(x)
#' mlx_unflatten(as_mlx(1:6), 1, c(2, -1))
#' @family shape functions
#' @export
mlx_reshape <- function(x, newshape) .Call(ffi_reshape, x, newshape, "newshape")

#' @rdname mlx_reshape
#' @export
mlx_flatten <- function(x, start_axis = 1L, end_axis = NULL) .Call(ffi_flatten, x, start_axis, end_axis)

#' @rdname mlx_reshape
#' @export
mlx_unflatten <- function(x, axis, shape) .Call(ffi_unflatten, x, axis, shape)

#' The same values, stored otherwise
#'
#' `mlx_contiguous()` lays the elements out in one block of memory, the last axis fastest, which some views (a transposed
#' array, say) are not. `mlx_cast()` converts to another dtype.
#'
#' @param x An `mlx` array (for `mlx_contiguous()` also what [as_mlx()] converts).
#' @param device `"gpu"` or `"cpu"` to move the array there; `NULL` leaves it where it is.
#' @param dtype Name of the element type, see [as_mlx()]; `NULL` keeps it. Floats lose their fraction in integers; anything
#'   but 0 is `TRUE` in `bool`.
#' @returns An `mlx` array of the same shape and names.
#' @section Errors: `mlx_error_argument` for `x` that is no `mlx` array (`mlx_cast()`); `mlx_error_dtype` for `"float64"` on
#'   the GPU, which does not have it; `mlx_error_device`.
#' @examples
#' x <- as_mlx(matrix(c(1.5, -2.5, 0, 3), 2))
#' mlx_contiguous(t(x))
#' mlx_cast(x, "int32")
#' mlx_cast(x, "bool")
#' @family shape functions
#' @export
mlx_contiguous <- function(x, device = NULL) .Call(ffi_contiguous, x, device)

#' @rdname mlx_contiguous
#' @export
mlx_cast <- function(x, dtype = NULL) .Call(ffi_cast, x, dtype)
