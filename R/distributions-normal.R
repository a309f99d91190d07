# The standard normal distribution, by Chebyshev series.

# Interpolates f on [from, to] at Chebyshev nodes of u = (x - k) / (x + k), in which functions that change slowly towards
# infinity are smooth. float32 needs the first coefficients only.
fit_series <- function(f, from, to, k, terms = 30L) {
  ends <- (c(from, to) - k) / (c(from, to) + k)
  middle <- mean(ends)
  half <- diff(ends) / 2
  angles <- pi * (seq_len(terms) - 0.5) / terms
  u <- middle + half * cos(angles)
  values <- f(k * (1 + u) / (1 - u))
  coefficients <- vapply(seq_len(terms) - 1L, function(j) 2 / terms * sum(values * cos(j * angles)), 0)
  coefficients[[1L]] <- coefficients[[1L]] / 2
  enough <- function(error) coefficients[seq_len(max(which(abs(coefficients) > error * max(abs(coefficients)))))]
  list(k = k, middle = middle, half = half, float32 = enough(1e-8), float64 = enough(1e-16))
}

evaluate_series <- function(fit, x) {
  u <- (x - fit$k) / (x + fit$k)
  .Call(ffi_chebyshev, (u - fit$middle) / fit$half, fit[[mlx_dtype(x)]])
}

# Beyond these, float64 is 0: exp(-40^2 / 2), and the least positive number.
most_deviant <- 40
least_root <- sqrt(-log(0.075))
most_root <- sqrt(745)

# tail(a), where pnorm(-a) is exp(-a^2 / 2) times it
tail_fit <- fit_series(function(a) exp(stats::pnorm(-a, log.p = TRUE) + a^2 / 2), 0, most_deviant, k = 3)

# root(r), where qnorm(p) for small p is -r times it, with r = sqrt(-log(p))
root_fit <- fit_series(function(r) -stats::qnorm(-r^2, log.p = TRUE) / r, least_root, most_root, k = 2)

# centre(y^2), where qnorm(1/2 + y) is y times it, for |y| up to 0.425
centre_fit <- fit_series(function(s) stats::qnorm(0.5 + sqrt(s)) / sqrt(s), 0, 0.425^2, k = 1)

# exp(-z^2 / 2): the square of the nearest 1/16 is exact, and the rest is small. (Rounding z^2 itself would cost digits.)
# On the CPU MLX's single-precision exp() loses some of large arguments; there are doubles there.
# Far out, where it is 0, its derivative must not be infinity times 0.
bell <- function(z) {
  z <- mlx_clip(z, -1e4, 1e4)
  if (mlx_dtype(z) == "float32" && mlx_device(z) == "cpu") {
    wide <- as_mlx(z, dtype = "float64", device = "cpu")
    return(as_mlx(exp(-wide * wide / 2), dtype = "float32"))
  }
  near <- mlx_clip(round(z * 16) / 16, -most_deviant, most_deviant)
  exp(-near * near / 2) * exp((near - z) * (near + z) / 2)
}

normal_density <- function(z, scale, log) {
  if (check_log(log)) -z * z / 2 - log(scale * sqrt(2 * pi)) else bell(z) / (scale * sqrt(2 * pi))
}

normal_cdf <- function(z) {
  below <- z <= 0
  # abs() has no derivative at 0
  a <- mlx_where(below, -z, z)
  tail <- bell(a) * evaluate_series(tail_fit, mlx_minimum(a, most_deviant))
  mlx_where(below, tail, 1 - tail)
}

# The quantile of 1/2 + y, which is that far from the nearer end: `tail` is exact where y is not. Each branch gets only
# arguments that it is made for, so that the other's derivative stays finite.
normal_quantile <- function(y, tail) {
  inner <- mlx_clip(y, -0.425, 0.425)
  centre <- inner * evaluate_series(centre_fit, inner * inner)
  root <- sqrt(-log(mlx_clip(tail, exp(-most_root^2), exp(-least_root^2))))
  outer <- root * evaluate_series(root_fit, root)
  z <- mlx_where(abs(y) <= 0.425, centre, mlx_where(y < 0, -outer, outer))
  # infinite at the ends, NaN beyond
  mlx_where(tail > 0, z, y / sqrt(tail))
}
