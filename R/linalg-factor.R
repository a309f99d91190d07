#' Cholesky factor
#'
#' @param x A symmetric positive definite `mlx` matrix (`float32` or `float64`), of which the upper triangle is read; or an
#'   array of such matrices in its last two axes.
#' @param pivot Must be `FALSE`.
#' @param ... Not used.
#' @returns The upper triangular `mlx` matrix `r` with `t(r) %*% r` equal to `x`, in the dtype, on the device and with the
#'   names of `x`.
#' @details It is computed on the CPU, and at once; inside a differentiated or compiled function it stays lazy, and a matrix
#'   that is not positive definite gives `NaN`. The gradient is that of a symmetric matrix (Murray 2016, *Differentiation of
#'   the Cholesky decomposition*).
#' @section Errors: `mlx_error_singular` when `x` is not positive definite; `mlx_error_shape` when it is not square;
#'   `mlx_error_dtype` for integers, truth values and complex numbers; `mlx_error_argument` for `pivot = TRUE`.
#' @examples
#' chol(as_mlx(matrix(c(4, 2, 2, 3), 2)))
#' @export
chol.mlx <- function(x, pivot = FALSE, ...) {
  if (!isFALSE(pivot)) stop_mlx("argument", "pivoted Cholesky is not supported for mlx arrays.", arg = "pivot")
  .Call(ffi_chol, x)
}

#' QR decomposition
#'
#' @param x An `mlx` matrix (`float32` or `float64`), or an array of matrices in its last two axes.
#' @param tol,LAPACK Must be left as they are.
#' @param ... Not used.
#' @returns A list of class `mlx_qr`: `Q`, n x m with orthonormal columns, and `R`, m x p upper triangular, for an n x p
#'   matrix and m the lesser of n and p; `Q %*% R` is `x`. They have the dtype and device of `x`.
#' @details It is computed on the CPU. There is a gradient for matrices of full rank (Walter and Lehmann 2010, *Algorithmic
#'   differentiation of linear algebra functions with application in optimum experimental design*).
#' @section Differences from base R: There is no pivoting and no rank, the signs of columns may differ, and `qr.Q()`,
#'   `qr.R()` and their like do not take the result.
#' @section Errors: `mlx_error_argument` for another `tol`, `LAPACK = TRUE` and infinite or missing values; `mlx_error_shape`
#'   for fewer than two axes; `mlx_error_dtype` for integers, truth values and complex numbers.
#' @examples
#' f <- qr(as_mlx(matrix(c(1, 2, 3, 4, 5, 7), 3)))
#' f$Q %*% f$R
#' @export
qr.mlx <- function(x, tol = 1e-7, LAPACK = FALSE, ...) {
  if (!identical(tol, 1e-7)) stop_mlx("argument", "Custom tolerance is not supported: there is no pivoting.", arg = "tol")
  if (!isFALSE(LAPACK)) stop_mlx("argument", "LAPACK = TRUE is not supported for mlx arrays.", arg = "LAPACK")
  structure(.Call(ffi_qr, x), class = c("mlx_qr", "list"))
}

#' Singular value decomposition
#'
#' @param x An `mlx` matrix (`float32`, `float64` or `complex64`), or an array of matrices in its last two axes; or anything
#'   that base R's function takes.
#' @param nu,nv 0 or the lesser of the numbers of rows and columns. When both are 0, no vectors are computed.
#' @param ... Arguments of base R's function.
#' @returns For an n x p `mlx` matrix a list of `mlx` arrays: `d`, the singular values, the greatest first; and `u` (n x n)
#'   and `v` (p x p), or `NULL`. They have the dtype (`d`: its real one) and device of `x`. For anything else base R's
#'   result.
#' @details It is computed on the CPU. The gradient is defined where the singular values in question differ; a loss that
#'   depends on vectors of equal singular values has infinite or `NaN` derivatives. There is none for complex matrices.
#' @section Differences from base R: `u` and `v` are square whatever `nu` and `nv` say, so `u[, 1:min(n, p)]` is base R's.
#'   The signs of vectors may differ.
#' @section Errors: `mlx_error_argument` for another `nu` or `nv` and for infinite or missing values; `mlx_error_shape` for
#'   fewer than two axes and for no rows or columns; `mlx_error_dtype` for integers and truth values.
#' @examples
#' svd(as_mlx(matrix(c(3, 1, 1, 2), 2)))
#' @export
svd <- function(x, ...) UseMethod("svd")

#' @rdname svd
#' @export
svd.default <- function(x, ...) base::svd(x, ...)

#' @rdname svd
#' @export
svd.mlx <- function(x, nu = min(n, p), nv = min(n, p), ...) {
  shape <- mlx_shape(x)
  rank <- length(shape)
  if (rank < 2L) stop_mlx("shape", "svd() needs a matrix (two axes or more).", op = "svd", shapes = list(shape))
  n <- shape[[rank - 1L]]
  p <- shape[[rank]]
  wanted <- c(check_vectors(nu, "nu", min(n, p)), check_vectors(nv, "nv", min(n, p)))
  .Call(ffi_svd, x, any(wanted))
}

# Are vectors wanted?
check_vectors <- function(count, arg, most) {
  if (!is.numeric(count) || length(count) != 1L || !(count %in% c(0, most))) {
    stop_mlx("argument", sprintf("svd() only supports %s = 0 or %s = min(n, p) for mlx arrays.", arg, arg), arg = arg)
  }
  count > 0
}

#' LU decomposition
#'
#' @param x An `mlx` array (`float32` or `float64`; the last two axes are the matrices) or R matrix, n x p.
#' @returns A list of `mlx` arrays on the device of `x`: `l`, n x m unit lower triangular, `u`, m x p upper triangular, with
#'   m the lesser of n and p; and `p`, `uint32`, for each row of `x` the row of `l` that makes it, from 1:
#'   `x == l[p, ] %*% u`. The other way round, `x[order(p), ] == l %*% u`.
#' @details It is computed on the CPU. A singular matrix has a zero on the diagonal of `u`. There is no gradient.
#' @section Errors: `mlx_error_shape` for fewer than two axes; `mlx_error_dtype` for integers, truth values and complex
#'   numbers; `mlx_error_grad` when it is differentiated.
#' @examples
#' f <- mlx_lu(matrix(c(1, 3, 2, 4), 2))
#' f$l[as.integer(as.vector(f$p)), ] %*% f$u
#' @export
mlx_lu <- function(x) .Call(ffi_lu, x)

#' Eigenvalues and eigenvectors
#'
#' `mlx_eig()` for any square matrix, `mlx_eigh()` for symmetric and Hermitian ones; `mlx_eigvals()` and `mlx_eigvalsh()`
#' give the values alone.
#'
#' @param x A square `mlx` array (`float32`, `float64` or `complex64`; the last two axes are the matrices) or R matrix.
#' @param uplo Which triangle of a symmetric matrix is read: `"L"`, the lower one, or `"U"`.
#' @returns A list of `mlx` arrays on the device of `x`, or the first of them: `values` and `vectors`, the eigenvectors of
#'   unit length in the columns. Of `mlx_eig()` both are `complex64`, in no fixed order. Of `mlx_eigh()` the values are real
#'   and ascend, and both have the dtype of `x` (`values`: its real one).
#' @details They are computed on the CPU. `mlx_eigh()` and `mlx_eigvalsh()` have gradients, those of a symmetric matrix, for
#'   real matrices; where a loss depends on the vectors of equal values they are infinite or `NaN`. The others have none.
#' @section Differences from base R: [base::eigen()] gives the values in descending order, and real ones for a real spectrum.
#' @section Errors: `mlx_error_shape` for a matrix that is not square or has no rows; `mlx_error_argument` for infinite or
#'   missing values and for another `uplo`; `mlx_error_dtype` for integers and truth values; `mlx_error_grad` where there is
#'   no gradient.
#' @examples
#' mlx_eigh(matrix(c(2, 1, 1, 2), 2))
#' mlx_eigvals(matrix(c(0, 1, -1, 0), 2))
#' @export
mlx_eig <- function(x) .Call(ffi_eig, x, TRUE)

#' @rdname mlx_eig
#' @export
mlx_eigvals <- function(x) .Call(ffi_eig, x, FALSE)

#' @rdname mlx_eig
#' @export
mlx_eigh <- function(x, uplo = c("L", "U")) .Call(ffi_eigh, x, reads_upper(uplo), TRUE)

#' @rdname mlx_eig
#' @export
mlx_eigvalsh <- function(x, uplo = c("L", "U")) .Call(ffi_eigh, x, reads_upper(uplo), FALSE)

reads_upper <- function(uplo) match_choice(uplo, c("L", "U"), "uplo") == "U"
