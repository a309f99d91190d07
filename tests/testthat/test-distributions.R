# For each function: its values here, base R's, arguments in its domain, and parameters.
families <- function() {
  wide <- seq(-6, 6, by = 0.25)
  p <- c(1e-30, 1e-10, 1e-4, 0.01, 0.0749, 0.0751, 0.2, 0.4999, 0.5, 0.5001, 0.75, 0.92, 0.93, 0.999, 0, 1)
  all <- list(
    norm = list(d = mlx_dnorm, p = mlx_pnorm, q = mlx_qnorm, x = wide, parameters = list(list(), list(mean = 1, sd = 2.5))),
    unif = list(d = mlx_dunif, p = mlx_punif, q = mlx_qunif, x = wide, parameters = list(list(), list(min = -2, max = 3))),
    exp = list(d = mlx_dexp, p = mlx_pexp, q = mlx_qexp, x = wide, parameters = list(list(), list(rate = 0.4))),
    lnorm = list(
      d = mlx_dlnorm, p = mlx_plnorm, q = mlx_qlnorm, x = c(-1, 0, 0.01, wide[wide > 0]),
      parameters = list(list(), list(meanlog = 0.5, sdlog = 0.75))
    ),
    logis = list(
      d = mlx_dlogis, p = mlx_plogis, q = mlx_qlogis, x = wide * 5,
      parameters = list(list(), list(location = -1, scale = 0.5))
    )
  )
  lapply(all, function(family) c(family, list(probabilities = p)))
}

base_function <- function(kind, name) get(paste0(kind, name), envir = asNamespace("stats"))

# The greatest relative error of numbers; places where base R has 0 or an infinite number must agree.
relative_error <- function(x, expected) {
  plain <- is.finite(expected) & expected != 0
  if (!identical(x[!plain], expected[!plain] + 0)) {
    return(Inf)
  }
  max(abs(x[plain] / expected[plain] - 1), 0)
}

expect_relative <- function(x, expected, tolerance, info) {
  testthat::expect_lt(relative_error(as.vector(x), expected), tolerance, label = info)
}

test_that("densities, probabilities and quantiles are base R's in float32 and float64, far into the tails", {
  tolerance <- c(float32 = 4e-6, float64 = 1e-12)
  for (name in names(families())) {
    family <- families()[[name]]
    for (parameters in family$parameters) {
      for (dtype in names(tolerance)) {
        x <- make_mlx(family$x, dtype)
        p <- make_mlx(family$probabilities, dtype)
        call <- function(kind, first, ...) do.call(base_function(kind, name), c(list(as.vector(first)), parameters, ...))
        ours <- function(kind, first, ...) do.call(family[[kind]], c(list(first), parameters, ..., device = "cpu"))
        info <- paste(name, dtype, toString(parameters))
        expect_relative(ours("d", x), call("d", x), tolerance[[dtype]], paste("d", info))
        expect_relative(ours("p", x), call("p", x), tolerance[[dtype]], paste("p", info))
        expect_array_equal(ours("d", x, log = TRUE), call("d", x, log = TRUE), dtype = dtype, tolerance = tolerance[[dtype]])
        expect_array_equal(ours("q", p), call("q", p), dtype = dtype, info = info, tolerance = tolerance[[dtype]] / 4)
        back <- make_mlx(seq(0.125, 0.875, by = 0.125), dtype)
        expect_array_equal(ours("q", ours("p", back)), as.vector(back), dtype = dtype,
          tolerance = tolerance[[dtype]] * 10, info = info
        )
      }
    }
  }
})

test_that("the normal distribution keeps its digits where the probability is tiny", {
  z <- as.vector(as_mlx(-seq(5, 13, by = 0.37)))
  expect_relative(mlx_pnorm(z), stats::pnorm(z), 1e-6, "pnorm")
  expect_relative(mlx_dnorm(z), stats::dnorm(z), 1e-6, "dnorm")
  p <- as.vector(as_mlx(10^-seq(1, 37, by = 0.7)))
  expect_relative(mlx_qnorm(p), stats::qnorm(p), 1e-6, "qnorm")
  near <- as.vector(as_mlx(0.5 + c(-1, 1) * 10^-(1:6)))
  expect_relative(mlx_qnorm(near), stats::qnorm(near), 1e-6, "qnorm near 1/2")
  expect_relative(mlx_qlogis(near), stats::qlogis(near), 1e-6, "qlogis near 1/2")
  far <- make_mlx(-seq(5, 37, by = 0.7), "float64")
  expect_relative(mlx_pnorm(far, device = "cpu"), stats::pnorm(as.vector(far)), 1e-12, "pnorm of doubles")
})

test_that("infinite numbers and NaN are taken as base R takes them", {
  ends <- c(-Inf, Inf, NaN)
  for (name in names(families())) {
    family <- families()[[name]]
    expect_array_equal(family$d(ends), base_function("d", name)(ends), info = name)
    expect_array_equal(family$d(ends, log = TRUE), base_function("d", name)(ends, log = TRUE), info = name)
    expect_array_equal(family$p(ends), base_function("p", name)(ends), info = name)
    outside <- c(-0.1, 1.1, NaN, -Inf, Inf)
    expect_array_equal(family$q(outside), rep(NaN, 5), info = name)
  }
})

test_that("the logistic density is stable", {
  expect_array_equal(mlx_dlogis(c(-1000, 1000, 80)), stats::dlogis(c(-1000, 1000, 80)))
  expect_array_equal(mlx_dlogis(c(-1000, 1000), log = TRUE), c(-1000, -1000))
})

test_that("the uniform support includes its ends, and the exponential one 0", {
  expect_array_equal(mlx_dunif(c(0.1, 0.7, 0.0999), 0.1, 0.7), c(1, 1, 0) / 0.6)
  expect_array_equal(mlx_dexp(c(0, -1e-9), rate = 2), c(2, 0))
  expect_array_equal(mlx_dlnorm(0), 0)
})

test_that("locations are broadcast, as R vectors and as arrays", {
  m <- matrix(c(1, 2, 3, 4), 2)
  expected <- function(f, values) matrix(f(as.vector(m), rep(values, each = 2)), 2)
  for (mean in list(c(1, 3), as_mlx(c(1, 3)), as_mlx(c(1, 3), "float64", "cpu"))) {
    expect_array_equal(mlx_dnorm(m, mean), expected(stats::dnorm, c(1, 3)))
    expect_array_equal(mlx_plogis(m, mean), expected(stats::plogis, c(1, 3)))
    expect_array_equal(mlx_plnorm(m, mean), expected(stats::plnorm, c(1, 3)))
    expect_array_equal(mlx_qnorm(m / 5, mean), matrix(stats::qnorm(m / 5, rep(c(1, 3), each = 2)), 2))
    expect_array_equal(mlx_qlogis(m / 5, mean), matrix(stats::qlogis(m / 5, rep(c(1, 3), each = 2)), 2))
  }
  expect_error(mlx_dnorm(m, 1:3), class = "mlx_error_shape", regexp = "cannot be broadcast")
})

test_that("the result is float32 with the shape and names of x, on the device asked for", {
  for (name in names(families())) {
    for (kind in c("d", "p", "q")) {
      f <- families()[[name]][[kind]]
      for (dtype in setdiff(all_dtypes(), c("complex64", "float64"))) {
        expect_identical(mlx_dtype(f(make_mlx(c(0, 1), dtype))), "float32")
      }
      for (shape in shapes()) expect_identical(mlx_shape(f(as_mlx(sample_array(shape, "float32")))), as.integer(shape))
      expect_identical(names(f(as_mlx(c(a = 0.1, b = 0.2)))), c("a", "b"))
      expect_identical(mlx_device(f(0.5, device = "cpu")), "cpu")
      expect_identical(mlx_dtype(f(as_mlx(0.5, "float64", "cpu"))), "float64")
    }
  }
})

test_that("distributions can be differentiated and compiled", {
  x <- c(0.3, 0.05, 0.6, 0.98)
  for (name in names(families())) {
    family <- families()[[name]]
    for (kind in c("d", "p", "q")) {
      f <- family[[kind]]
      expect_grad_close(function(x) sum(f(x)), x, oracle = function(x) sum(base_function(kind, name)(x)),
        tolerance = 3e-4, info = paste(kind, name)
      )
      expect_array_equal(mlx_compile(function(x) f(x))(as_mlx(x)), base_function(kind, name)(x), info = paste(kind, name))
    }
  }
  expect_grad_close(function(x) sum(mlx_pnorm(x)), c(0, -4, 4), oracle = function(x) sum(stats::pnorm(x)))
  expect_grad_close(function(x, m) sum(mlx_dnorm(x, m, log = TRUE)), x, 0.3,
    oracle = function(x, m) sum(stats::dnorm(x, m, log = TRUE))
  )
  expect_array_equal(mlx_grad(function(x) sum(mlx_dlnorm(x)), as_mlx(c(-1, 0)))[[1L]], c(0, 0))
  expect_array_equal(mlx_grad(function(x) sum(mlx_dexp(x)), as_mlx(c(-200, 0.5)))[[1L]], c(0, -exp(-0.5)))
})

test_that("parameters are checked", {
  scales <- list(
    sd = list(mlx_dnorm, mlx_pnorm, mlx_qnorm), sdlog = list(mlx_dlnorm, mlx_plnorm, mlx_qlnorm),
    rate = list(mlx_dexp, mlx_pexp, mlx_qexp), scale = list(mlx_dlogis, mlx_plogis, mlx_qlogis)
  )
  for (name in names(scales)) {
    for (f in scales[[name]]) {
      wrong <- function(value) do.call(f, c(list(0.5), setNames(list(value), name)))
      for (bad in list(0, -1)) expect_error(wrong(bad), class = "mlx_error_argument", paste(name, "must be positive"))
      for (bad in list(1:2, "a", NA_real_, NULL, as_mlx(1))) {
        expect_error(wrong(bad), class = "mlx_error_argument", regexp = paste(name, "must be a single numeric value"))
      }
    }
  }
  for (f in list(mlx_dunif, mlx_punif, mlx_qunif)) {
    expect_error(f(0.5, 1, 1), class = "mlx_error_argument", regexp = "min must be less than max")
    expect_error(f(0.5, min = "a"), class = "mlx_error_argument", regexp = "min must be a single numeric value")
    expect_error(f(0.5, max = 1:2), class = "mlx_error_argument", regexp = "max must be a single numeric value")
  }
  for (f in list(mlx_dnorm, mlx_dunif, mlx_dexp, mlx_dlnorm, mlx_dlogis)) {
    expect_error(f(0.5, log = NA), class = "mlx_error_argument", regexp = "log must be a single logical value")
  }
  for (name in names(families())) {
    for (kind in c("d", "p", "q")) {
      f <- families()[[name]][[kind]]
      expect_error(f(1i), class = "mlx_error_dtype", regexp = "complex")
      expect_error(f("a"), class = "mlx_error_argument", regexp = "Cannot convert")
      expect_error(f(1, device = 1), class = "mlx_error_argument", regexp = "device must be")
    }
  }
  expect_error(mlx_dnorm(1, mean = "a"), class = "mlx_error_argument", regexp = "must be numeric")
  expect_snapshot({
    show_condition(mlx_pnorm(1, sd = -1))
    show_condition(mlx_dunif(1, 2, 1))
  })
})
