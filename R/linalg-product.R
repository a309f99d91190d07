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
  # base's own is a primitive function, which finds S4 methods by itself
  `%*%` <- function(x, y) {
    if (is_mlx(x) || is_mlx(y)) `%*%.mlx`(x, y) else base::`%*%`(x, y)
  }
}

if (getRversion() < "4.4.0") {
  crossprod <- function(x, y = NULL, ...) {
    if (is_mlx(x) || is_mlx(y)) return(crossprod.mlx(x, y))
    f <- original("crossprod", is.object(x) || is.object(y))
    # to S4 a missing argument is not NULL
    if (missing(y)) f(x, ...) else f(x, y, ...)
  }
  tcrossprod <- function(x, y = NULL, ...) {
    if (is_mlx(x) || is_mlx(y)) return(tcrossprod.mlx(x, y))
    f <- original("tcrossprod", is.object(x) || is.object(y))
    # to S4 a missing argument is not NULL
    if (missing(y)) f(x, ...) else f(x, y, ...)
  }
}

#' Matrix product with a matrix added
#'
#' @param input An `mlx` or R matrix of the shape of the product.
#' @param mat1,mat2 `mlx` or R matrices that conform.
#' @param alpha,beta Single finite numbers.
#' @returns An `mlx` matrix, `beta * input + alpha * (mat1 %*% mat2)`, in the common dtype (see [Ops.mlx()]), on the GPU if
#'   one of the three is there.
#' @section Errors: `mlx_error_shape` for operands that are no matrices or do not conform: nothing is broadcast;
#'   `mlx_error_dtype` for integers and complex numbers; `mlx_error_argument` for `alpha` and `beta`.
#' @examples
#' mlx_addmm(matrix(1, 2, 2), as_mlx(diag(2)), matrix(1:4, 2), alpha = 2)
#' @export
mlx_addmm <- function(input, mat1, mat2, alpha = 1, beta = 1) .Call(ffi_addmm, input, mat1, mat2, alpha, beta)

#' Kronecker product
#'
#' @param X,Y,a,b `mlx` arrays; one of them may be an R array. For `kronecker()` without an `mlx` array, whatever base R
#'   takes.
#' @param FUN Only `"*"` for `mlx` arrays.
#' @param make.dimnames For `mlx` arrays `TRUE` warns: the result has no names.
#' @param ... Handed to base R's function; not used for `mlx` arrays.
#' @returns For `mlx` arrays an `mlx` array in the common dtype (see [Ops.mlx()]); each side is the product of those of the
#'   operands. The shorter shape is filled up with ones: at its end by `kronecker()`, as in base R, at its start by
#'   `mlx_kron()`, as in MLX. For anything else base R's result.
#' @section Errors: `mlx_error_argument` for another `FUN`; `mlx_error_shape` for a product that no memory holds.
#' @examples
#' kronecker(as_mlx(diag(2)), matrix(1:4, 2))
#' mlx_kron(1:2, as_mlx(c(1, 10)))
#' @export
kronecker <- function(X, Y, FUN = "*", make.dimnames = FALSE, ...) UseMethod("kronecker")

#' @rdname kronecker
#' @export kronecker.default
#' @export
kronecker.default <- function(X, Y, FUN = "*", make.dimnames = FALSE, ...) {
  if (is_mlx(Y)) return(kronecker.mlx(X, Y, FUN, make.dimnames = make.dimnames))
  base::kronecker(X, Y, FUN = FUN, make.dimnames = make.dimnames, ...)
}

#' @rdname kronecker
#' @export kronecker.mlx
#' @export
kronecker.mlx <- function(X, Y, FUN = "*", ..., make.dimnames = FALSE) {
  check_product(FUN, "kronecker()")
  if (!isFALSE(make.dimnames)) warn_mlx("argument", "make.dimnames is ignored: the product of mlx arrays has no names.")
  .Call(ffi_kron, X, Y, TRUE)
}

#' @rdname kronecker
#' @export
mlx_kron <- function(a, b) .Call(ffi_kron, a, b, FALSE)

check_product <- function(fun, what) {
  if (!identical(fun, "*") && !identical(fun, `*`)) {
    stop_mlx("argument", sprintf("Only FUN='*' is supported in %s for mlx arrays.", what), arg = "FUN")
  }
}

#' Cross product of vectors
#'
#' @param a,b `mlx` or R arrays of vectors with three components; two are taken as three with a last one of 0.
#' @param axis The 1-based axis of `a` that holds the components; `NULL` is the last one.
#' @returns An `mlx` array of the broadcast shape, three long along `axis`, in the common dtype (see [Ops.mlx()]).
#' @section Errors: `mlx_error_shape` when an axis has neither two nor three elements, is not there, or the shapes cannot be
#'   broadcast; `mlx_error_argument` when `axis` is not one number.
#' @examples
#' mlx_cross(as_mlx(c(1, 0, 0)), c(0, 1, 0))
#' @export
mlx_cross <- function(a, b, axis = NULL) .Call(ffi_cross, a, b, axis)

#' Sum of a diagonal
#'
#' @param x An `mlx` or R array with two axes or more.
#' @param offset Which diagonal: 0 is the main one, positive numbers lie above it.
#' @param axis1,axis2 The two different 1-based axes whose diagonal is taken.
#' @returns An `mlx` array of the other axes; without axes for a matrix. The dtype is that of `x`, `int32` for `bool`. A
#'   diagonal that lies outside sums to 0.
#' @section Errors: `mlx_error_shape` for fewer than two axes and axes that are not there; `mlx_error_argument` for axes that
#'   are the same and numbers that are not whole.
#' @examples
#' mlx_trace(as_mlx(matrix(1:4, 2)))
#' @export
mlx_trace <- function(x, offset = 0L, axis1 = 1L, axis2 = 2L) .Call(ffi_trace, x, offset, axis1, axis2)

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
  if (is_mlx(Y)) {
    return(outer.mlx(X, Y, FUN, ...))
  }
  # base R looks for a function's name where outer() was called
  if (is.character(FUN) && !identical(FUN, "*")) FUN <- get(FUN, envir = parent.frame(), mode = "function")
  base::outer(X, Y, FUN, ...)
}

#' @rdname outer
#' @export
outer.mlx <- function(X, Y, FUN = "*", ...) {
  check_product(FUN, "outer()")
  .Call(ffi_outer, X, Y)
}
