#' Gather elements at given positions
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param indices A list with an index for each of `axes`, or one index. Each is what `x[i]` takes for one axis;
#'   positions may have several axes themselves.
#' @param axes Integer vector: the axes that the indices are for; the first ones if `NULL`.
#' @returns An `mlx` array with the dtype and device of `x`. One index without several axes replaces its axis by the
#'   selection, as `x[, i]` does. Otherwise the indices are broadcast together and taken element by element: the result has
#'   their shape, followed by the axes of `x` that were not indexed. An index of length one counts as a scalar.
#' @section Differences from base R: `mlx_gather(x, list(1:2, 1:2))` is `x[cbind(1:2, 1:2)]`, not `x[1:2, 1:2]`.
#' @section Errors: `mlx_error_argument` for indices and axes that do not go together; `mlx_error_shape` for axes that are
#'   not there and indices that cannot be broadcast; `mlx_error_index` as for reading with `[`.
#' @examples
#' x <- as_mlx(matrix(1:9, 3))
#' mlx_gather(x, list(1:2, 1:2))
#' mlx_gather(x, c(3, 1), axes = 2)
#' @export
mlx_gather <- function(x, indices, axes = NULL) {
  .Call(ffi_gather, x, if (is.list(indices) && !is_mlx(indices)) indices else list(indices), axes)
}

#' Replace a regular block
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param value R values or an `mlx` array, converted to the dtype of `x` and broadcast to the block.
#' @param start,stop Integer vectors: the first and last position on each axis, both included. A `stop` beyond the axis
#'   means its end.
#' @param strides Integer vector: the step on each axis; 1 if `NULL`.
#' @returns An `mlx` array like `x`, with the names of `x`, and with the block replaced.
#' @section Errors: `mlx_error_index` for a block that does not lie in the array; `mlx_error_argument` for vectors of
#'   unequal length; `mlx_error_shape` when `value` cannot be broadcast to the block.
#' @examples
#' x <- mlx_zeros(c(3, 4))
#' mlx_slice_update(x, 1, start = c(1, 2), stop = c(3, 4), strides = c(2, 1))
#' @export
mlx_slice_update <- function(x, value, start, stop, strides = NULL) {
  .Call(ffi_slice_update, x, value, start, stop, strides)
}

#' Read and write along one axis
#'
#' For each position along an axis, one index for each place on the other axes: `y[i, j]` is `x[indices[i, j], j]` for
#' `axis = 1`.
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param indices R array or `mlx` array of 1-based positions along `axis`, with as many axes as `x`. Its other sides are
#'   those of `x`, or 1.
#' @param values R values or an `mlx` array, converted to the dtype of `x` and broadcast to the shape of `indices`.
#' @param axis The axis: one integer.
#' @returns An `mlx` array with the dtype and device of `x`. `mlx_take_along_axis()`: of the shape of `indices`, broadcast on
#'   the other axes; the names of the indexed axis are dropped. The others: a copy of `x`, names included, with `values`
#'   put, or added, at the positions. Positions that repeat add up in `mlx_scatter_add_axis()`; in `mlx_put_along_axis()`
#'   one of their values stays.
#' @section Inside transforms: Positions that depend on the arguments are not checked.
#' @section Errors: `mlx_error_index` for positions outside the axis; `mlx_error_shape` for shapes or an axis that do not
#'   fit; `mlx_error_dtype`.
#' @examples
#' x <- as_mlx(matrix(1:12, 3))
#' mlx_take_along_axis(x, matrix(c(1, 3, 2, 1), 1), axis = 1)
#' mlx_put_along_axis(x, cbind(c(1, 1, 2), 4), cbind(-1, rep(-2, 3)), axis = 2)
#' mlx_scatter_add_axis(x, matrix(1, 3, 2), 10, axis = 2)
#' @export
mlx_take_along_axis <- function(x, indices, axis) .Call(ffi_take_along_axis, x, indices, axis)

#' @rdname mlx_take_along_axis
#' @export
mlx_put_along_axis <- function(x, indices, values, axis) .Call(ffi_put_along_axis, x, indices, values, axis, FALSE)

#' @rdname mlx_take_along_axis
#' @export
mlx_scatter_add_axis <- function(x, indices, values, axis) .Call(ffi_put_along_axis, x, indices, values, axis, TRUE)
