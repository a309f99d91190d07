# Each function of a family brings its argument to the standard variable z, or back from it.

#' Distribution functions
#'
#' Densities, cumulative probabilities and quantiles of the normal, uniform, exponential, lognormal and logistic
#' distributions.
#'
#' @param x Values: an `mlx` array or R vector.
#' @param p Probabilities: an `mlx` array or R vector.
#' @param mean,meanlog,location Location: one number, an R vector or an `mlx` array; it is broadcast with `x`.
#' @param sd,sdlog,scale,rate One positive number.
#' @param min,max Ends of the interval: one number each.
#' @param log `TRUE` gives the logarithm of the density.
#' @param device Where the result lives; by default on the session's device (on the CPU for `float64`).
#' @returns An `mlx` array of the shape of `x` or `p` (broadcast with the location), with its names: `float32`, or
#'   `float64` for a `float64` array. The density is 0 outside the support, and quantiles of anything
#'   outside `[0, 1]` are `NaN`.
#' @details Small probabilities keep their digits as far as the dtype goes: `mlx_pnorm(-10)` is 7.6e-24, and
#'   `mlx_qnorm(1e-30)` is -11.46. All functions can be differentiated with respect to `x` and the location.
#'
#'   The normal distribution function is `exp(-z^2 / 2)` times a smooth function of `z`, and its inverse a smooth function of
#'   `sqrt(-log(p))`, or of `p - 1/2` in the middle (as in Wichura, 1988, algorithm AS 241). Both are evaluated as Chebyshev
#'   series, whose coefficients are computed from [stats::pnorm()] and [stats::qnorm()] when the package is built.
#' @section Differences from base R: The first argument of the distribution functions is `x`, not `q`; there are no
#'   `lower.tail` and `log.p`; scales are single numbers; there are no warnings about `NaN`.
#' @section Errors: `mlx_error_argument` for a scale that is not one positive number, or `min` not below `max`;
#'   `mlx_error_dtype` for complex numbers; `mlx_error_shape` when the location cannot be broadcast; `mlx_error_device`.
#' @examples
#' mlx_dnorm(as_mlx(c(-1, 0, 1)))
#' mlx_pnorm(1.96)
#' mlx_qnorm(c(0.025, 0.5), mean = 10, sd = 2)
#' mlx_pexp(1:3, rate = 0.5)
#' mlx_qlogis(c(0.1, 0.9))
#' @name distributions
NULL

#' @rdname distributions
#' @export
mlx_dnorm <- function(x, mean = 0, sd = 1, log = FALSE, device = mlx_default_device()) {
  check_positive(sd, "sd")
  z <- standardized(x, mean, sd, given(missing(device), device))
  normal_density(z, sd, log)
}

#' @rdname distributions
#' @export
mlx_pnorm <- function(x, mean = 0, sd = 1, device = mlx_default_device()) {
  check_positive(sd, "sd")
  normal_cdf(standardized(x, mean, sd, given(missing(device), device)))
}

#' @rdname distributions
#' @export
mlx_qnorm <- function(p, mean = 0, sd = 1, device = mlx_default_device()) {
  check_positive(sd, "sd")
  p <- real_array(p, given(missing(device), device))
  normal_quantile(p - 0.5, mlx_minimum(p, 1 - p)) * sd + location_of(mean, p)
}

#' @rdname distributions
#' @export
mlx_dunif <- function(x, min = 0, max = 1, log = FALSE, device = mlx_default_device()) {
  check_ends(min, max)
  x <- real_array(x, given(missing(device), device))
  height <- if (check_log(log)) c(-log(max - min), -Inf) else c(1 / (max - min), 0)
  # NaN is neither inside nor outside
  mlx_where(x >= min & x <= max, height[[1L]], mlx_where(is.nan(x), x, height[[2L]]))
}

#' @rdname distributions
#' @export
mlx_punif <- function(x, min = 0, max = 1, device = mlx_default_device()) {
  check_ends(min, max)
  mlx_clip((real_array(x, given(missing(device), device)) - min) / (max - min), 0, 1)
}

#' @rdname distributions
#' @export
mlx_qunif <- function(p, min = 0, max = 1, device = mlx_default_device()) {
  check_ends(min, max)
  p <- real_array(p, given(missing(device), device))
  mlx_where(p >= 0 & p <= 1, p * (max - min) + min, NaN)
}

#' @rdname distributions
#' @export
mlx_dexp <- function(x, rate = 1, log = FALSE, device = mlx_default_device()) {
  check_positive(rate, "rate")
  z <- real_array(x, given(missing(device), device)) * rate
  if (check_log(log)) {
    return(mlx_where(z < 0, -Inf, log(rate) - z))
  }
  mlx_where(z < 0, 0, rate * exp(-mlx_maximum(z, 0)))
}

#' @rdname distributions
#' @export
mlx_pexp <- function(x, rate = 1, device = mlx_default_device()) {
  check_positive(rate, "rate")
  z <- real_array(x, given(missing(device), device)) * rate
  mlx_where(z < 0, 0, -expm1(-mlx_maximum(z, 0)))
}

#' @rdname distributions
#' @export
mlx_qexp <- function(p, rate = 1, device = mlx_default_device()) {
  check_positive(rate, "rate")
  p <- real_array(p, given(missing(device), device))
  mlx_where(p < 0, NaN, -log1p(-p) / rate)
}

#' @rdname distributions
#' @export
mlx_dlnorm <- function(x, meanlog = 0, sdlog = 1, log = FALSE, device = mlx_default_device()) {
  check_positive(sdlog, "sdlog")
  x <- real_array(x, given(missing(device), device))
  inside <- mlx_where(x <= 0, 1, x)
  z <- standardized(log(inside), meanlog, sdlog, mlx_device(x))
  if (check_log(log)) {
    return(mlx_where(x <= 0, -Inf, normal_density(z, sdlog, TRUE) - log(inside)))
  }
  mlx_where(x <= 0, 0, normal_density(z, sdlog, FALSE) / inside)
}

#' @rdname distributions
#' @export
mlx_plnorm <- function(x, meanlog = 0, sdlog = 1, device = mlx_default_device()) {
  check_positive(sdlog, "sdlog")
  x <- real_array(x, given(missing(device), device))
  z <- standardized(log(mlx_where(x <= 0, 1, x)), meanlog, sdlog, mlx_device(x))
  mlx_where(x <= 0, 0, normal_cdf(z))
}

#' @rdname distributions
#' @export
mlx_qlnorm <- function(p, meanlog = 0, sdlog = 1, device = mlx_default_device()) {
  check_positive(sdlog, "sdlog")
  p <- real_array(p, given(missing(device), device))
  exp(normal_quantile(p - 0.5, mlx_minimum(p, 1 - p)) * sdlog + location_of(meanlog, p))
}

#' @rdname distributions
#' @export
mlx_dlogis <- function(x, location = 0, scale = 1, log = FALSE, device = mlx_default_device()) {
  check_positive(scale, "scale")
  z <- abs(standardized(x, location, scale, given(missing(device), device)))
  e <- exp(-z)
  if (check_log(log)) -z - 2 * log1p(e) - log(scale) else e / ((1 + e) * (1 + e) * scale)
}

#' @rdname distributions
#' @export
mlx_plogis <- function(x, location = 0, scale = 1, device = mlx_default_device()) {
  check_positive(scale, "scale")
  .Call(ffi_unary, "sigmoid", standardized(x, location, scale, given(missing(device), device)))
}

#' @rdname distributions
#' @export
mlx_qlogis <- function(p, location = 0, scale = 1, device = mlx_default_device()) {
  check_positive(scale, "scale")
  p <- real_array(p, given(missing(device), device))
  # the logarithms of nearly equal numbers differ by rounding errors
  middle <- 2 * atanh(mlx_clip(2 * p - 1, -0.5, 0.5))
  z <- mlx_where(p > 0.25 & p < 0.75, middle, log(p) - log1p(-p))
  z * scale + location_of(location, p)
}

# The argument as a float array on the device.
real_array <- function(x, device) {
  dtype <- if (is_mlx(x)) mlx_dtype(x) else if (is.complex(x)) "complex64" else "float32"
  if (dtype == "complex64") stop_mlx("dtype", "Distributions of complex numbers are not available.", dtype = dtype)
  if (is.null(device)) device <- if (dtype == "float64") mlx_device(x) else mlx_default_device()
  as_mlx(x, dtype = if (dtype == "float64") dtype else "float32", device = device)
}

standardized <- function(x, location, scale, device) {
  x <- real_array(x, device)
  (x - location_of(location, x)) / scale
}

# A location beside x: numbers stay as they are, arrays come to its dtype and device.
location_of <- function(value, x) {
  if (!is.numeric(value) && !is_mlx(value)) {
    stop_mlx("argument", "mean, meanlog and location must be numeric.", arg = "mean")
  }
  if (is.numeric(value) && length(value) == 1L) value else as_mlx(value, dtype = mlx_dtype(x), device = mlx_device(x))
}

check_parameter <- function(value, arg) {
  good <- is.numeric(value) && length(value) == 1L && !is.na(value)
  if (!good) stop_mlx("argument", sprintf("%s must be a single numeric value.", arg), arg = arg)
}

check_positive <- function(value, arg) {
  check_parameter(value, arg)
  if (value <= 0) stop_mlx("argument", sprintf("%s must be positive.", arg), arg = arg)
}

check_ends <- function(min, max) {
  check_parameter(min, "min")
  check_parameter(max, "max")
  if (min >= max) stop_mlx("argument", "min must be less than max.", arg = "min")
}

check_log <- function(log) {
  good <- isTRUE(log) || isFALSE(log)
  if (!good) stop_mlx("argument", "log must be a single logical value (TRUE or FALSE).", arg = "log")
  log
}
