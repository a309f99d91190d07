#' Keep values between two bounds
#'
#' @param x An `mlx` array or R vector.
#' @param min,max One number each, or `NULL` for no bound; not both.
#' @returns An `mlx` array of the shape of `x` with its names, in its float dtype (`float32` for integers and truth values).
#'   `NaN` stays.
#' @section Errors: `mlx_error_argument` for bounds that are missing, no number, or in the wrong order; `mlx_error_dtype` for
#'   complex numbers.
#' @examples
#' mlx_clip(as_mlx(c(-2, 0.5, 7)), min = 0, max = 1)
#' @export
mlx_clip <- function(x, min = NULL, max = NULL) .Call(ffi_clip, x, min, max)

#' Parts of complex numbers
#'
#' @param x,z An `mlx` array; `mlx_real()` and its like also take an R vector.
#' @returns An `mlx` array of the same shape with the names of `x`: `float32` for `complex64`, where conjugates stay complex.
#'   Real numbers keep their dtype: they are their own real part and conjugate, and their imaginary part is 0. `Mod()` is
#'   `abs()`; `Arg()` of integers is `float32`.
#' @section Errors: `mlx_error_argument` for what [as_mlx()] does not convert.
#' @examples
#' z <- as_mlx(c(3 + 4i, -1i))
#' Re(z)
#' Im(z)
#' Conj(z)
#' Mod(z)
#' Arg(z)
#' @export
mlx_real <- function(x) .Call(ffi_part, x, FALSE)

#' @rdname mlx_real
#' @export
mlx_imag <- function(x) .Call(ffi_part, x, TRUE)

#' @rdname mlx_real
#' @export
mlx_conjugate <- function(x) .Call(ffi_unary, "conjugate", x)

#' @rdname mlx_real
#' @export
Re.mlx <- function(z) mlx_real(z)

#' @rdname mlx_real
#' @export
Im.mlx <- function(z) mlx_imag(z)

#' @rdname mlx_real
#' @export
Conj.mlx <- function(z) mlx_conjugate(z)

#' @rdname mlx_real
#' @export
Mod.mlx <- function(z) abs(z)

#' @rdname mlx_real
#' @export
Arg.mlx <- function(z) .Call(ffi_arg, z)

#' Degrees and radians
#'
#' @param x An `mlx` array or R vector of angles.
#' @returns An `mlx` array of the same shape with the names of `x`: degrees of radians, or radians of degrees. Integers give
#'   `float32`.
#' @section Errors: `mlx_error_argument` for what [as_mlx()] does not convert.
#' @examples
#' mlx_degrees(as_mlx(c(0, pi)))
#' mlx_radians(as_mlx(c(0, 180)))
#' @export
mlx_degrees <- function(x) .Call(ffi_unary, "degrees", x)

#' @rdname mlx_degrees
#' @export
mlx_radians <- function(x) .Call(ffi_unary, "radians", x)

#' The error function and its inverse
#'
#' `erf(x)` is the integral of `2 / sqrt(pi) * exp(-t^2)` from 0 to `x`, which is `2 * pnorm(x * sqrt(2)) - 1`.
#'
#' @param x An `mlx` array or R vector.
#' @returns An `mlx` array of the same shape with the names of `x`; integers give `float32`. `mlx_erfinv()` of 1 and -1 is
#'   infinite, of anything beyond `NaN`.
#' @section Errors: `mlx_error_dtype` for complex numbers.
#' @examples
#' mlx_erf(as_mlx(c(-1, 0, 0.5)))
#' mlx_erfinv(mlx_erf(as_mlx(0.5)))
#' @export
mlx_erf <- function(x) .Call(ffi_unary, "erf", x)

#' @rdname mlx_erf
#' @export
mlx_erfinv <- function(x) {
  if (!is_mlx(x) || mlx_dtype(x) != "float64") {
    return(.Call(ffi_unary, "erfinv", x))
  }
  # MLX computes doubles in single precision
  normal_quantile(x / 2, 0.5 - abs(x) / 2) / sqrt(2)
}

#' Hadamard transform
#'
#' Multiplies along the last axis by the Hadamard matrix of Sylvester's construction (rows and columns of 1 and -1 that are
#' orthogonal).
#'
#' @param x An `mlx` array or R vector whose last axis has a length of 1, 12, 20 or 28 times a power of two.
#' @param scale A factor: one number, or `NULL` for `1 / sqrt(n)`, which makes the matrix orthonormal.
#' @returns An `mlx` array of the shape and float dtype of `x` (`float32` for integers).
#' @section Errors: `mlx_error_shape` for another length; `mlx_error_argument`; `mlx_error_dtype` for complex numbers.
#' @examples
#' mlx_hadamard_transform(as_mlx(c(1, 0, 0, 0)), scale = 1)
#' mlx_hadamard_transform(as_mlx(matrix(1:8, 2)))
#' @export
mlx_hadamard_transform <- function(x, scale = NULL) .Call(ffi_hadamard, x, scale)

#' NaN and infinite numbers
#'
#' @param x An `mlx` array; `mlx_isnan()` and its like also take an R vector.
#' @param recursive Not used.
#' @param nan,posinf,neginf What replaces `NaN`, `Inf` and `-Inf`: one number each. `NULL` stands for 0, the greatest and the
#'   least finite number of the dtype.
#' @returns A `bool` array of the same shape with the names of `x`; `anyNA()`: `TRUE` or `FALSE`; `mlx_nan_to_num()`: an
#'   array of the dtype of `x`. A complex number is `NaN` or infinite when one of its parts is, and each part is replaced.
#'   Integers and truth values are always finite.
#' @section Differences from base R: The tests give arrays; `as.vector()` makes R values of them. There is no `NA`: `is.na()`
#'   is `is.nan()`.
#' @section Errors: `mlx_error_argument` for a replacement that is not one number; `mlx_error_dtype` for `mlx_isposinf()` and
#'   `mlx_isneginf()` of complex numbers; `mlx_error_trace` for `anyNA()` inside a function that is being compiled.
#' @examples
#' x <- as_mlx(c(1, NaN, Inf, -Inf))
#' is.nan(x)
#' mlx_isposinf(x)
#' anyNA(x)
#' mlx_nan_to_num(x, nan = 0, posinf = 10, neginf = -10)
#' @export
mlx_isnan <- function(x) .Call(ffi_unary, "isnan", x)

#' @rdname mlx_isnan
#' @export
mlx_isinf <- function(x) .Call(ffi_unary, "isinf", x)

#' @rdname mlx_isnan
#' @export
mlx_isfinite <- function(x) .Call(ffi_unary, "isfinite", x)

#' @rdname mlx_isnan
#' @export
mlx_isposinf <- function(x) .Call(ffi_unary, "isposinf", x)

#' @rdname mlx_isnan
#' @export
mlx_isneginf <- function(x) .Call(ffi_unary, "isneginf", x)

#' @rdname mlx_isnan
#' @export
is.nan.mlx <- function(x) mlx_isnan(x)

#' @rdname mlx_isnan
#' @export
is.infinite.mlx <- function(x) mlx_isinf(x)

#' @rdname mlx_isnan
#' @export
is.finite.mlx <- function(x) mlx_isfinite(x)

#' @rdname mlx_isnan
#' @export
is.na.mlx <- function(x) mlx_isnan(x)

#' @rdname mlx_isnan
#' @export
anyNA.mlx <- function(x, recursive = FALSE) as.vector(mlx_any(mlx_isnan(x)))

#' @rdname mlx_isnan
#' @export
mlx_nan_to_num <- function(x, nan = 0, posinf = NULL, neginf = NULL) .Call(ffi_nan_to_num, x, nan, posinf, neginf)
