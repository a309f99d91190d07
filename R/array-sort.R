#' Sort, and find positions
#'
#' Ascending order along an axis. `mlx_partition()` only puts the element of one position where sorting would put it, with
#' no greater one before it and no lesser one after it; `mlx_topk()` gives the `k` greatest elements.
#'
#' @param x An `mlx` array or R vector.
#' @param axis One 1-based axis, or `NULL` for all elements in a row, taken by rows (last axis fastest).
#' @param k How many elements: one number from 1 to the length of the axis.
#' @param kth A position, counted **from 0** as in MLX: `kth = 2` is about the third least element.
#' @param drop `TRUE` removes the axis, `FALSE` keeps it with length 1 (all axes when `axis` is `NULL`).
#' @returns An `mlx` array: of the shape of `x`, or with one axis when `axis` is `NULL`; in `mlx_topk()` the axis has length
#'   `k`, and `mlx_argmax()` and `mlx_argmin()` remove it. Values keep the dtype. Positions are `int64` and **1-based**,
#'   along the axis or in the row of all elements. The names of the other axes stay.
#' @details `NaN` sorts last and so counts as greatest in `mlx_topk()`; `mlx_argmax()` and `mlx_argmin()` pass over it. Equal
#'   elements keep their order in `mlx_sort()` and `mlx_argsort()`, and the first of them is found. `FALSE` is less than
#'   `TRUE`; complex numbers are ordered by their real part, then by the imaginary one. The order inside the results of
#'   `mlx_topk()` and on both sides of `kth` is not promised. Values can be differentiated, positions cannot.
#' @section Differences from base R: `mlx_argmax(x)` of a matrix counts by rows, [which.max()] by columns.
#' @section Errors: `mlx_error_argument` for `k` and `kth` that are no number or beyond the axis; `mlx_error_shape` for an
#'   axis that is not there, and for the greatest of nothing.
#' @examples
#' x <- as_mlx(matrix(c(3, 1, 2, 9, 8, 7), 2, byrow = TRUE))
#' mlx_sort(x, axis = 2)
#' mlx_argsort(x, axis = 2)
#' mlx_argmax(x, axis = 1)
#' mlx_topk(x, k = 2, axis = 2)
#' mlx_partition(x, kth = 2)
#' @export
mlx_sort <- function(x, axis = NULL) .Call(ffi_sort, x, axis)

#' @rdname mlx_sort
#' @export
mlx_argsort <- function(x, axis = NULL) .Call(ffi_argsort, x, axis)

#' @rdname mlx_sort
#' @export
mlx_argmax <- function(x, axis = NULL, drop = TRUE) .Call(ffi_arg_extreme, x, axis, drop, TRUE)

#' @rdname mlx_sort
#' @export
mlx_argmin <- function(x, axis = NULL, drop = TRUE) .Call(ffi_arg_extreme, x, axis, drop, FALSE)

#' @rdname mlx_sort
#' @export
mlx_topk <- function(x, k, axis = NULL) .Call(ffi_topk, x, k, axis)

#' @rdname mlx_sort
#' @export
mlx_partition <- function(x, kth, axis = NULL) .Call(ffi_partition, x, kth, axis)

#' @rdname mlx_sort
#' @export
mlx_argpartition <- function(x, kth, axis = NULL) .Call(ffi_argpartition, x, kth, axis)
