#' Diagonals
#'
#' `diag()` reads the diagonal of an `mlx` matrix, or makes a matrix with an `mlx` vector on its diagonal; for anything else it
#' is base R's. `mlx_diagonal()` reads the diagonal of two axes of any array.
#'
#' @param x An `mlx` array, or anything that [base::diag()] takes; for `mlx_diagonal()` also what [as_mlx()] converts.
#' @param nrow For `mlx` arrays: which diagonal (0 is the main one, 1 the first above it, -1 the first below it). Otherwise the
#'   rows of the result.
#' @param ncol For `mlx` arrays not used; otherwise the columns of the result.
#' @param names `FALSE` leaves the names of the diagonal out.
#' @param offset Which diagonal, as `nrow` above.
#' @param axis1,axis2 The axes (1-based) that play rows and columns.
#' @param ... `nrow`, `ncol` and `names`, handed to base R's function.
#' @returns An `mlx` array with the dtype and the device of `x`: one axis for a matrix, a square matrix for one axis.
#'   `mlx_diagonal()`: the other axes, then the diagonal. The diagonal has names where rows and columns have the same.
#' @section Differences from base R: For `mlx` arrays `nrow` is the diagonal's offset.
#' @section Errors: `mlx_error_shape` for arrays with other numbers of axes; `mlx_error_argument`.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' diag(x)
#' diag(x, 1)
#' diag(as_mlx(1:2))
#' mlx_diagonal(mlx_ones(c(2, 3, 3)), axis1 = 2, axis2 = 3)
#' @export
diag <- function(x = 1, nrow, ncol, names = TRUE) UseMethod("diag")

#' @rdname diag
#' @export
diag.default <- function(x, ...) {
  if (missing(x)) {
    # base R counts the arguments
    return(base::diag(...))
  }
  generic <- s4_generic("diag", x)
  if (is.null(generic)) base::diag(x, ...) else generic(x, ...)
}

#' @rdname diag
#' @export
diag.mlx <- function(x, nrow, ncol, names = TRUE) .Call(ffi_diag, x, if (missing(nrow)) 0L else nrow, names)

#' @rdname diag
#' @export
mlx_diagonal <- function(x, offset = 0L, axis1 = 1L, axis2 = 2L) .Call(ffi_diagonal, x, offset, axis1, axis2)
