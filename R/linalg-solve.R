#' Solve a system of equations
#'
#' @param a A square `mlx` matrix, or an array of such matrices in its last two axes.
#' @param b An `mlx` array or R vector or matrix with as many rows as `a`, or `NULL` for the inverse of `a`. For several
#'   matrices `a`, an array of matrices; leading axes are broadcast.
#' @param ... Not used.
#' @returns An `mlx` array of the shape of `b` (or `a`), in `float32`; `float64` when `a`, and `b` unless it is an R object,
#'   are `float64`. It lives on the device of `a`, and carries the column names of `a` and `b` as in base R.
#' @details MLX solves on the CPU. The result is computed at once, so that a singular matrix is an error here; inside a
#'   differentiated or compiled function it stays lazy, and a singular matrix shows when the result is computed: as an error
#'   of MLX (`mlx_error_backend`), or as infinite values or `NaN`. As in base R a matrix is singular when the reciprocal of
#'   its condition number (for a system a cheap estimate) is below the precision of the dtype: about 1e-7 in `float32`.
#'
#'   R looks at the class of `a` only: where `a` is an R matrix and `b` an `mlx` array, write `solve(as_mlx(a), b)`.
#' @section Errors: `mlx_error_singular`; `mlx_error_shape` when `a` is not square or `b` does not fit; `mlx_error_dtype` for
#'   complex matrices.
#' @references The derivative is that of M. B. Giles (2008), *An extended collection of matrix derivative results for forward
#'   and reverse mode algorithmic differentiation*, section 2.3.
#' @examples
#' a <- as_mlx(matrix(c(2, 1, 1, 3), 2))
#' solve(a, c(1, 2))
#' solve(a)
#' @export
solve.mlx <- function(a, b = NULL, ...) .Call(ffi_solve, a, b)

#' Inverses
#'
#' The inverse of a matrix, of a triangular matrix, and of the matrix that a Cholesky factor belongs to.
#'
#' @param x For `mlx_inv()` a square matrix; for the others a square matrix of which one triangle is read. `mlx` arrays
#'   (`float32` or `float64`; the last two axes are the matrices) or R matrices. `chol2inv()` takes anything that base R's
#'   does.
#' @param upper Which triangle is read: the lower one, or (`TRUE`) the upper one.
#' @param size The number of leading columns of `x` that hold the factor.
#' @param ... Not used for `mlx` arrays.
#' @returns An `mlx` array of the shape, dtype and device of `x` (`chol2inv()`: for `mlx` arrays). `mlx_inv()` is the
#'   inverse, with row and column names exchanged; `mlx_tri_inv()` the inverse of the triangle, with zeros in the other one;
#'   `mlx_cholesky_inv()` and `chol2inv()`, which takes an upper factor, the inverse of `l %*% t(l)` or `t(u) %*% u`.
#' @section Errors: `mlx_error_singular` (see [solve.mlx()]); `mlx_error_shape` for a matrix that is not square;
#'   `mlx_error_dtype` for integers, truth values and complex numbers; `mlx_error_argument` for a `size` that does not fit.
#' @examples
#' x <- crossprod(as_mlx(matrix(c(2, 1, 0, 3), 2)))
#' mlx_inv(x)
#' chol2inv(chol(x))
#' mlx_tri_inv(matrix(c(2, 1, 0, 4), 2))
#' @export
mlx_inv <- function(x) .Call(ffi_inverse, x)

#' @rdname mlx_inv
#' @export
mlx_tri_inv <- function(x, upper = FALSE) .Call(ffi_triangular_inverse, x, upper)

#' @rdname mlx_inv
#' @export
mlx_cholesky_inv <- function(x, upper = FALSE) .Call(ffi_cholesky_inverse, x, upper, NULL)

#' @rdname mlx_inv
#' @export
chol2inv <- function(x, size = NCOL(x), ...) UseMethod("chol2inv")

#' @rdname mlx_inv
#' @export
chol2inv.default <- function(x, size = NCOL(x), ...) {
  f <- original("chol2inv", is.object(x))
  # methods of Matrix warn about a size
  if (missing(size)) f(x, ...) else f(x, size = size, ...)
}

#' @rdname mlx_inv
#' @export
chol2inv.mlx <- function(x, size = NCOL(x), ...) .Call(ffi_cholesky_inverse, x, TRUE, given(missing(size), size))

#' Solve a triangular system
#'
#' @param a,r A square matrix of which one triangle is read: an `mlx` array (for `mlx_solve_triangular()` also an R matrix,
#'   or several matrices in the last two axes).
#' @param b,x The right-hand side, a vector or matrix, or an array of matrices when there are several `a`.
#' @param upper,upper.tri Which triangle is read.
#' @param k How many columns of `r`, and as many rows of `r` and `x`, to use: one integer; all columns if `NULL`.
#' @param transpose `TRUE` solves with the transpose of `r`.
#' @param ... Not used.
#' @returns An `mlx` array of the shape of the right-hand side, in the common dtype, on the device of `a`. `backsolve()` of
#'   objects that are no `mlx` arrays is base R's.
#' @section Errors: `mlx_error_singular` for a zero on the diagonal; `mlx_error_shape` for matrices that are not square or do
#'   not fit; `mlx_error_dtype` unless the common dtype is a float one; `mlx_error_argument` for a `k` that `r` does not have.
#' @examples
#' r <- chol(as_mlx(matrix(c(4, 2, 2, 3), 2)))
#' backsolve(r, c(1, 2))
#' backsolve(r, c(1, 2), transpose = TRUE)
#' mlx_solve_triangular(t(r), c(1, 2))
#' @export
mlx_solve_triangular <- function(a, b, upper = FALSE) .Call(ffi_solve_triangular, a, b, upper, FALSE)

#' @rdname mlx_solve_triangular
#' @export
backsolve <- function(r, x, k = NULL, upper.tri = TRUE, transpose = FALSE, ...) UseMethod("backsolve")

#' @rdname mlx_solve_triangular
#' @export
backsolve.default <- function(r, x, k = NULL, upper.tri = TRUE, transpose = FALSE, ...) {
  if (is_mlx(x)) return(backsolve.mlx(as_mlx(r), x, k, upper.tri, transpose))
  if (is.null(k)) return(base::backsolve(r, x, upper.tri = upper.tri, transpose = transpose, ...))
  base::backsolve(r, x, k = k, upper.tri = upper.tri, transpose = transpose, ...)
}

#' @rdname mlx_solve_triangular
#' @export
backsolve.mlx <- function(r, x, k = NULL, upper.tri = TRUE, transpose = FALSE, ...) {
  shape <- mlx_shape(r)
  if (length(shape) != 2L) {
    stop_mlx("shape", "`r` must be a matrix.", op = "backsolve", shapes = list(shape))
  }
  if (!is.null(k)) {
    if (!is.numeric(k) || length(k) != 1L || is.na(k) || k < 1 || k > min(shape)) {
      stop_mlx("argument", sprintf("`k` must be one integer from 1 to %d.", min(shape)), arg = "k")
    }
    rows <- seq_len(k)
    r <- r[rows, rows]
    if (NROW(x) > length(rows)) x <- if (length(dim(x)) == 2L) x[rows, , drop = FALSE] else x[rows]
  }
  .Call(ffi_solve_triangular, r, x, upper.tri, transpose)
}

#' Moore-Penrose inverse
#'
#' @param x An `mlx` array (`float32` or `float64`; the last two axes are the matrices) or R matrix, of any rank.
#' @returns An `mlx` array, the pseudoinverse: p x n for n x p, in the dtype and on the device of `x`. Singular values at or
#'   below `10 * max(n, p)` times the precision of the dtype times the greatest one count as zero.
#' @section Errors: `mlx_error_shape` for fewer than two axes; `mlx_error_dtype` for integers, truth values and complex
#'   numbers; `mlx_error_argument` for infinite or missing values.
#' @references The derivative is that of G. H. Golub and V. Pereyra (1973), *The differentiation of pseudo-inverses and
#'   nonlinear least squares problems whose variables separate*, for a matrix whose rank does not change.
#' @examples
#' pinv(as_mlx(matrix(c(1, 2, 3, 4, 5, 6), 3)))
#' @export
pinv <- function(x) .Call(ffi_pinv, x)
