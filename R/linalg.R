#' Matrix products
#'
#' @param x,y `mlx` matrices; one of them may be an R matrix. `NULL` as `y` means `x`.
#' @param ... Not used.
#' @returns An `mlx` matrix: `x %*% y`, `t(x) %*% y` or `x %*% t(y)`, in the common dtype (see [Ops.mlx()]), which must be a
#'   float or complex one.
#' @section Differences from base R: Both must be matrices: vectors are not turned into rows or columns.
#' @section R versions: `%*%` calls S3 methods from R 4.3 on, and `crossprod()` and `tcrossprod()` from R 4.4 on. On older
#'   versions this package exports functions of these names, which leave everything that is no `mlx` array to base R.
#' @section Errors: `mlx_error_shape` for operands that are no matrices or do not conform; `mlx_error_dtype` for integers.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' x %*% t(x)
#' crossprod(x)
#' tcrossprod(x, matrix(1, 4, 3))
#' @name matmul
#' @aliases %*% crossprod tcrossprod
#' @rawNamespace if (getRversion() < "4.3.0") export("%*%")
#' @rawNamespace if (getRversion() < "4.4.0") export(crossprod, tcrossprod)
NULL

#' @rdname matmul
#' @usage \method{\%*\%}{mlx}(x, y)
#' @rawNamespace S3method("%*%", mlx)
`%*%.mlx` <- function(x, y) .Call(ffi_matmul, x, y, 0L)

#' @rdname matmul
#' @usage \method{crossprod}{mlx}(x, y = NULL, ...)
#' @rawNamespace S3method(crossprod, mlx)
crossprod.mlx <- function(x, y = NULL, ...) .Call(ffi_matmul, x, if (is.null(y)) x else y, 1L)

#' @rdname matmul
#' @usage \method{tcrossprod}{mlx}(x, y = NULL, ...)
#' @rawNamespace S3method(tcrossprod, mlx)
tcrossprod.mlx <- function(x, y = NULL, ...) .Call(ffi_matmul, x, if (is.null(y)) x else y, 2L)

if (getRversion() < "4.3.0") {
  `%*%` <- function(x, y) {
    if (is_mlx(x) || is_mlx(y)) `%*%.mlx`(x, y) else base::`%*%`(x, y)
  }
}

if (getRversion() < "4.4.0") {
  crossprod <- function(x, y = NULL, ...) {
    if (is_mlx(x) || is_mlx(y)) crossprod.mlx(x, y) else base::crossprod(x, y, ...)
  }
  tcrossprod <- function(x, y = NULL, ...) {
    if (is_mlx(x) || is_mlx(y)) tcrossprod.mlx(x, y) else base::tcrossprod(x, y, ...)
  }
}

#' Solve a system of equations
#'
#' @param a A square `mlx` matrix.
#' @param b An `mlx` array or R vector or matrix with as many rows as `a`, or `NULL` for the inverse of `a`.
#' @param ... Not used.
#' @returns An `mlx` array of the shape of `b` (or `a`), in `float32`; `float64` when `a`, and `b` unless it is an R object,
#'   are `float64`. It lives on the device of `a`.
#' @details MLX solves on the CPU. The result is computed at once, so that a singular matrix is an error here; inside a
#'   differentiated or compiled function it stays lazy, and a singular matrix shows when the result is computed: as an error
#'   of MLX (`mlx_error_backend`), or as infinite values or `NaN`.
#' @section Errors: `mlx_error_singular`; `mlx_error_shape` when `a` is not square or `b` does not fit; `mlx_error_dtype` for
#'   complex matrices.
#' @examples
#' a <- as_mlx(matrix(c(2, 1, 1, 3), 2))
#' solve(a, c(1, 2))
#' solve(a)
#' @export
solve.mlx <- function(a, b = NULL, ...) .Call(ffi_solve, a, b)

#' Outer product
#'
#' @param X,Y `mlx` arrays or R vectors; for `mlx` arrays with several axes the elements are taken by rows (last axis
#'   fastest).
#' @param FUN Only `"*"` for `mlx` arrays; any function for R vectors.
#' @param ... Handed to base R's function.
#' @returns When `X` or `Y` is an `mlx` array, an `mlx` matrix of `length(X)` rows and `length(Y)` columns; else base R's
#'   result.
#' @section Errors: `mlx_error_argument` for another `FUN`.
#' @examples
#' outer(as_mlx(1:3), 1:2)
#' @export
outer <- function(X, Y, FUN = "*", ...) UseMethod("outer")

#' @rdname outer
#' @export
outer.default <- function(X, Y, FUN = "*", ...) {
  if (is_mlx(Y)) outer.mlx(X, Y, FUN, ...) else base::outer(X, Y, FUN, ...)
}

#' @rdname outer
#' @export
outer.mlx <- function(X, Y, FUN = "*", ...) {
  if (!identical(FUN, "*") && !identical(FUN, `*`)) {
    stop_mlx("argument", "Only FUN = \"*\" is supported in outer() for mlx arrays.", arg = "FUN")
  }
  .Call(ffi_outer, X, Y)
}
