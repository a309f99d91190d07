#' Operators on arrays
#'
#' R's arithmetic, comparison and logical operators, element by element. Each is recorded and computed later.
#'
#' @param e1,e2 `mlx` arrays, or R vectors that are converted as by [as_mlx()].
#' @returns An `mlx` array of the broadcast shape, on the GPU if an operand is there. Comparisons and logical operators give
#'   `bool`. Arithmetic gives the common dtype of the operands: `complex64` with anything is `complex64`; two different
#'   float types meet in `float32`; a float type keeps its own with integers; two integers take the wider type, and the
#'   next wider signed one when only the sign differs; `bool` adapts to the other and counts as `float32` alone.
#' @details A single R number adapts to the float type of the array that it meets. R vectors are `float32` (`float64`
#'   beside `float64`), so `as_mlx(1:3, dtype = "int32") + 1L` is `float32`; `+ as_mlx(1L, dtype = "int32")` keeps integers.
#'
#'   `/` of integers is a true division in `float32`. `%/%` and `%%` of integers are exact, follow R's signs, and come as
#'   `float32`, with `NaN` for a zero divisor. `^` of two integer arrays stays an integer; a negative exponent is an error
#'   there (inside a compiled or differentiated function, where exponents are not known, it counts as 0).
#' @section Differences from base R: Shapes broadcast as in NumPy, from the last axis on, and nothing is recycled: a 3 x 4
#'   matrix takes a vector of length 4 (added to every row) but not one of length 3. There is no `NA`; comparisons with
#'   `NaN` are `FALSE` (`!=`: `TRUE`). Integers wrap around where they overflow.
#' @section Errors: `mlx_error_shape` when shapes cannot be broadcast; `mlx_error_dtype` for `-x` of `bool`, for a negative
#'   integer exponent, and for `%%` and `%/%` of complex numbers; `mlx_error_argument` for operands that cannot be
#'   converted.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' x + 1
#' x > 2 & x != 4
#' -x %/% 3
#' @export
Ops.mlx <- function(e1, e2 = NULL) .Call(ffi_ops, .Generic, e1, e2, nargs())

#' Mathematical functions of arrays
#'
#' R's Math group: `abs`, `sign`, `sqrt`, `exp`, `expm1`, `log`, `log2`, `log10`, `log1p`, the trigonometric and hyperbolic
#' functions and their inverses, `floor`, `ceiling`, `round` run on MLX; so do `cumsum`, `cumprod`, `cummax` and `cummin`.
#'
#' @param x An `mlx` array.
#' @param ... `base` of `log()`, `digits` of `round()` and `signif()`.
#' @returns An `mlx` array of the same shape; the cumulative functions give one axis, the elements taken in R's order (first
#'   axis fastest). Integers and truth values become `float32`, except in `abs`, `sign`, `floor`, `ceiling`, `round` and the
#'   cumulative functions. `cumsum` of `bool` is `int32`. `abs` of `complex64` is `float32`.
#' @details `trunc`, `gamma`, `lgamma`, `digamma`, `trigamma`, `cospi`, `sinpi` and `tanpi` do not exist in MLX: they are
#'   computed by base R on a copy, with a warning (`mlx_warning_fallback`). So is `signif`, without one. The dtype stays; it
#'   becomes `float32` for integers.
#' @section Differences from base R: A domain error is `NaN` without a warning.
#' @section Errors: `mlx_error_grad` when a function that MLX does not have is differentiated or compiled; `mlx_error_dtype`
#'   where complex numbers have no meaning.
#' @examples
#' x <- as_mlx(c(1, 4, 9))
#' sqrt(x)
#' log(x, base = 3)
#' cumsum(x)
#' @export
Math.mlx <- function(x, ...) {
  if (...length() > 0L) {
    return(math_with(.Generic, x, ...))
  }
  if (.Generic == "signif") {
    # newer versions of R give the default themselves
    return(math_in_r(.Generic, x, 6))
  }
  value <- .Call(ffi_math, .Generic, x)
  if (!is.null(value)) {
    return(value)
  }
  warn_mlx("fallback", sprintf("MLX does not support '%s': it is computed by base R on a copy.", .Generic))
  math_in_r(.Generic, x)
}

math_with <- function(name, x, ...) {
  argument <- c(log = "base", round = "digits", signif = "digits")[name]
  if (is.na(argument) || ...length() > 1L) {
    stop_mlx("argument", sprintf("%s() takes no further arguments for mlx arrays.", name), arg = "...")
  }
  switch(name,
    log = .Call(ffi_log_base, x, ...elt(1L)),
    round = .Call(ffi_round, x, ...elt(1L)),
    signif = math_in_r(name, x, check_digits(...elt(1L)))
  )
}

check_digits <- function(digits) {
  good <- is.numeric(digits) && length(digits) == 1L && !is.na(digits)
  if (!good) stop_mlx("argument", "digits must be a single number.", arg = "digits")
  digits
}

# Base R's function on a copy. A traced array would lose its gradient there without a word.
math_in_r <- function(name, x, ...) {
  if (.Call(ffi_is_tracer, x)) {
    stop_mlx("grad", sprintf("MLX does not support '%s', so it cannot be differentiated or compiled.", name))
  }
  dtype <- .Call(ffi_dtype, x)
  if (dtype == "complex64" && name != "signif") {
    stop_mlx("dtype", sprintf("%s is not defined for complex numbers.", name), op = name, dtype = dtype)
  }
  keep <- if (grepl("int|bool", dtype)) "float32" else dtype
  values <- suppressWarnings(get(name, envir = baseenv())(as.array(x), ...))
  if (length(values) == 0L) {
    return(x)
  }
  shape <- .Call(ffi_shape, x)
  .Call(ffi_array, values, shape, keep, .Call(ffi_device, x))
}

#' The greater and the lesser of two arrays
#'
#' @param x,y `mlx` arrays or R vectors.
#' @returns An `mlx` array of the broadcast shape and the common dtype (see [Ops.mlx()]), with `NaN` where either is `NaN`.
#' @section Errors: `mlx_error_shape` when shapes cannot be broadcast.
#' @examples
#' mlx_maximum(as_mlx(c(-1, 0, 2)), 0)
#' mlx_minimum(1:3, as_mlx(c(2, 2, 2)))
#' @export
mlx_maximum <- function(x, y) .Call(ffi_binary, "maximum", x, y)

#' @rdname mlx_maximum
#' @export
mlx_minimum <- function(x, y) .Call(ffi_binary, "minimum", x, y)
