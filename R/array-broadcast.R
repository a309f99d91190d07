#' Broadcast arrays
#'
#' A size of 1 is repeated to meet a larger one; sizes are compared from the last axis on, and missing axes count as 1.
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param shape Integer vector of positive sides.
#' @param ... `mlx` arrays or what [as_mlx()] converts, or one list of them.
#' @param device `"gpu"` or `"cpu"`; `NULL` is where the arrays are.
#' @returns `mlx_broadcast_to()`: an `mlx` array of this shape; nothing is copied, and the name on a repeated axis is repeated.
#'   `mlx_broadcast_arrays()`: a list of `mlx` arrays in the common shape and dtype (see [Ops.mlx()]).
#' @section Errors: `mlx_error_shape` when the shapes cannot be broadcast; `mlx_error_argument`.
#' @examples
#' mlx_broadcast_to(as_mlx(1:3), c(2, 3))
#' lapply(mlx_broadcast_arrays(as_mlx(1:3), mlx_zeros(c(2, 1))), mlx_shape)
#' @family shape functions
#' @export
mlx_broadcast_to <- function(x, shape, device = NULL) .Call(ffi_broadcast_to, x, shape, device)

#' @rdname mlx_broadcast_to
#' @export
mlx_broadcast_arrays <- function(..., device = NULL) .Call(ffi_broadcast_arrays, pieces(...), device)

#' Choose between two arrays, element by element
#'
#' @param condition An `mlx` array or R vector; what is not 0 or `FALSE` counts as true.
#' @param x,y `mlx` arrays or R vectors: the values where the condition is true, and where it is not.
#' @returns An `mlx` array of the shape that all three broadcast to, in the common dtype of `x` and `y` (see [Ops.mlx()]; a
#'   single R number adapts to the float type of the array that it meets). Names are those of the first argument that has some
#'   and the result's shape. Both `x` and `y` are computed everywhere.
#' @section Errors: `mlx_error_shape` when shapes cannot be broadcast; `mlx_error_argument`.
#' @examples
#' x <- as_mlx(c(-1, 0, 2))
#' mlx_where(x > 0, x, 0)
#' @export
mlx_where <- function(condition, x, y) .Call(ffi_where, condition, x, y)
