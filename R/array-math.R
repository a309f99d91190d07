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
    # R mixes the names up in log(base = 2, x = y)
    if (!is_mlx(x)) return(math_with(.Generic, ..1, x))
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
    log = log_of(x, ...elt(1L)),
    round = .Call(ffi_round, x, ...elt(1L)),
    signif = math_in_r(name, x, check_digits(...elt(1L)))
  )
}

log_of <- function(x, base) {
  if (is_mlx(base) || (is.numeric(base) && length(base) > 1L)) log(x) / log(as_mlx(base)) else .Call(ffi_log_base, x, base)
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
