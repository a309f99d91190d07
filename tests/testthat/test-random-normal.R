# The probability of a truncated normal draw up to q, on the logarithmic scale of the nearer tail.
truncated_cdf <- function(lower, upper) {
  if (isTRUE(lower + upper > 0)) {
    mirrored <- truncated_cdf(-upper, -lower)
    return(function(q) 1 - mirrored(-q))
  }
  most <- stats::pnorm(upper, log.p = TRUE)
  least <- exp(stats::pnorm(lower, log.p = TRUE) - most)
  function(q) (exp(stats::pnorm(q, log.p = TRUE) - most) - least) / (1 - least)
}

test_that("mlx_rand_truncated_normal() follows its law, far out as well", {
  bounds <- list(
    c(-2, 2), c(-1, 3), c(0, 0.001), c(-0.5, -0.4), c(5, 6), c(-6, -5), c(-Inf, Inf), c(-Inf, -8), c(30, 31), c(60, Inf),
    c(-151, -150)
  )
  for (dtype in c("float32", "float64")) {
    for (bound in bounds) {
      x <- mlx_rand_truncated_normal(bound[[1]], bound[[2]], 10000, dtype, device = device_for(dtype), key = mlx_key(1))
      x <- as.vector(x)
      expect_true(all(x >= bound[[1]] & x <= bound[[2]] & is.finite(x)), info = toString(bound))
      p <- suppressWarnings(stats::ks.test(x, truncated_cdf(bound[[1]], bound[[2]]))$p.value)
      expect_gt(p, 1e-3)
    }
  }
})

test_that("draws of half precision stay between the bounds", {
  for (dtype in c("float16", "bfloat16")) {
    for (bound in list(c(-1.3, 0.7), c(0.1, 0.4), c(3.01, 3.3))) {
      x <- as.vector(mlx_rand_truncated_normal(bound[[1]], bound[[2]], 5000, dtype, key = mlx_key(1)))
      expect_true(all(x >= bound[[1]] & x <= bound[[2]]))
    }
  }
})

test_that("double-precision quantiles are those of R", {
  # -Inf to Inf leaves the quantiles of the uniform numbers of the same key
  x <- as.vector(mlx_rand_truncated_normal(-Inf, Inf, 1000, "float64", "cpu", mlx_key(8)))
  u <- as.vector(mlx_rand_uniform(1000, dtype = "float64", device = "cpu", key = mlx_key(8)))
  expect_equal(x, stats::qnorm(u), tolerance = 1e-10)
})

test_that("bounds are checked", {
  for (bad in list("a", 1:2, NULL, NA, list(1))) {
    expect_error(mlx_rand_truncated_normal(bad, 2, 3), class = "mlx_error_argument", regexp = "must be a single numeric value")
    expect_error(mlx_rand_truncated_normal(0, bad, 3), class = "mlx_error_argument", regexp = "must be a single numeric value")
  }
  for (bound in list(c(1, 1), c(2, 1), c(NaN, 1), c(0, NaN), c(Inf, Inf))) {
    expect_error(mlx_rand_truncated_normal(bound[[1]], bound[[2]], 3),
      class = "mlx_error_argument", regexp = "lower must be less than upper"
    )
  }
  expect_error(mlx_rand_truncated_normal(0, 1, 0), class = "mlx_error_argument", regexp = "positive integers")
  expect_error(mlx_rand_truncated_normal(0, 1, 2, "int32"), class = "mlx_error_dtype")
})

test_that("mlx_rand_multivariate_normal() has the mean and covariance asked for", {
  n <- 20000
  mean <- c(1, -2, 0)
  cov <- crossprod(matrix(c(1, 2, 3, 0, 1, 4, 0, 0, 1), 3))
  for (dtype in c("float32", "float64")) {
    x <- mlx_rand_multivariate_normal(n, mean, cov, dtype, key = mlx_key(3))
    expect_identical(list(mlx_shape(x), mlx_dtype(x), mlx_device(x)), list(c(20000L, 3L), dtype, "cpu"))
    # what whitens the covariance leaves independent standard normals
    white <- sweep(as.matrix(x), 2, mean) %*% solve(chol(cov))
    expect_lt(max(abs(colMeans(white))), 5 / sqrt(n))
    expect_lt(max(abs(stats::cov(white) - diag(3))), 5 * sqrt(2 / n))
    for (j in 1:3) expect_gt(suppressWarnings(stats::ks.test(white[, j], "pnorm")$p.value), 1e-3)
  }
})

test_that("dim is the shape that the draws are laid out in", {
  mean <- as_mlx(c(0, 0))
  cov <- as_mlx(diag(2))
  expect_identical(mlx_shape(mlx_rand_multivariate_normal(10, mean, cov)), c(10L, 2L))
  x <- mlx_rand_multivariate_normal(c(10, 2), mean, cov, device = "cpu")
  expect_identical(list(mlx_shape(x), mlx_dtype(x), mlx_device(x)), list(c(10L, 2L, 2L), "float32", "cpu"))
  expect_true(all(is.finite(as.vector(x))))
  expect_identical(mlx_shape(mlx_rand_multivariate_normal(4, 1, 2)), c(4L, 1L))
})

test_that("a singular covariance keeps its draws on its plane", {
  x <- as.matrix(mlx_rand_multivariate_normal(100, c(1, 2), matrix(1, 2, 2), key = mlx_key(1)))
  expect_equal(x[, 2] - x[, 1], rep(1, 100), tolerance = 1e-4)
  expect_array_equal(mlx_rand_multivariate_normal(2, c(1, 2), matrix(0, 2, 2)), rbind(c(1, 2), c(1, 2)))
})

test_that("means and covariances are checked", {
  draw <- function(mean, cov, ...) mlx_rand_multivariate_normal(2, mean, cov, ...)
  expect_error(draw(c(0, 0), matrix(1, 2, 3)), class = "mlx_error_shape", regexp = "square")
  for (mean in list(1:3, diag(2), numeric())) {
    expect_error(draw(mean, diag(2)), class = "mlx_error_shape", regexp = "compatible shapes")
  }
  expect_error(draw(numeric(), matrix(0, 0, 0)), class = "mlx_error_shape", regexp = "compatible shapes")
  expect_error(draw(c(0, 0), 1:2), class = "mlx_error_shape", regexp = "compatible shapes")
  expect_error(draw(c(0, 0), matrix(1:4, 2)), class = "mlx_error_argument", regexp = "symmetric")
  expect_error(draw(c(0, 0), matrix(NaN, 2, 2)), class = "mlx_error_argument", regexp = "symmetric")
  expect_error(draw(c(0, 0), matrix(c(1, 2, 2, 1), 2)), class = "mlx_error_argument", regexp = "negative eigenvalues")
  expect_error(draw(c(0, 0), matrix(1i, 2, 2)), class = "mlx_error_dtype", regexp = "real")
  expect_error(draw("a", diag(2)), class = "mlx_error_argument")
  expect_error(draw(c(0, 0), diag(2), "float16x"), class = "mlx_error_dtype", regexp = "should be one of")
  expect_snapshot({
    show_condition(mlx_rand_truncated_normal(2, 1, 3))
    show_condition(draw(1:3, diag(2)))
    show_condition(draw(c(0, 0), matrix(c(1, 2, 2, 1), 2)))
  })
})

test_that("both can be drawn inside a gradient", {
  f <- function(mean) sum(mlx_rand_multivariate_normal(5, mean, diag(2), key = mlx_key(1)))
  expect_array_equal(mlx_grad(f, as_mlx(c(0, 1)))[[1]], c(5, 5))
})
