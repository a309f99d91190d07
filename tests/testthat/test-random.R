# Draws with fixed keys: what passes once passes always.

draws <- function() list(mlx_rand_normal, mlx_rand_uniform, mlx_rand_laplace, mlx_rand_gumbel)

# The p-value of a test of the law. Single precision repeats some values, which the test does not know.
law_p <- function(x, cdf, ...) suppressWarnings(stats::ks.test(as.vector(x), cdf, ...)$p.value)

test_that("random arrays have the shape and dtype asked for", {
  truncated <- function(dim, ...) mlx_rand_truncated_normal(-1, 2, dim, ...)
  for (draw in c(draws(), truncated)) {
    for (dtype in float_dtypes()) {
      for (shape in list(1L, 5L, c(2L, 3L), c(2L, 1L, 4L))) {
        x <- draw(shape, dtype = dtype, device = device_for(dtype))
        expect_identical(list(mlx_shape(x), mlx_dtype(x)), list(shape, dtype))
        expect_true(all(is.finite(as.vector(x))))
      }
    }
    expect_identical(mlx_dtype(draw(2)), "float32")
    expect_identical(mlx_device(draw(2, device = "cpu")), "cpu")
  }
})

test_that("draws follow their laws", {
  n <- 20000
  laplace <- function(q) ifelse(q < 0, exp(q) / 2, 1 - exp(-q) / 2)
  for (dtype in c("float32", "float64")) {
    place <- list(dtype = dtype, device = device_for(dtype), key = mlx_key(2))
    draw <- function(f, ...) do.call(f, c(list(n, ...), place))
    expect_gt(law_p(draw(mlx_rand_uniform, min = -1, max = 3), "punif", -1, 3), 1e-3)
    expect_gt(law_p(draw(mlx_rand_normal, mean = 5, sd = 2), "pnorm", 5, 2), 1e-3)
    expect_gt(law_p(draw(mlx_rand_laplace, loc = 1, scale = 2), function(q) laplace((q - 1) / 2)), 1e-3)
    expect_gt(law_p(draw(mlx_rand_gumbel), function(q) exp(-exp(-q))), 1e-3)
  }
})

test_that("means and standard deviations are right, in half precision too", {
  n <- 50000
  laws <- list(
    list(mlx_rand_normal, 0, 1), list(mlx_rand_uniform, 0.5, sqrt(1 / 12)), list(mlx_rand_laplace, 0, sqrt(2)),
    list(mlx_rand_gumbel, -digamma(1), pi / sqrt(6))
  )
  for (law in laws) {
    for (dtype in float_dtypes()) {
      x <- as.vector(law[[1]](n, dtype = dtype, device = device_for(dtype), key = mlx_key(11)))
      # five standard errors, and the rounding of the dtype
      slack <- 5 / sqrt(n) + tolerance_of(dtype)
      expect_lt(abs(mean(x) - law[[2]]), slack * law[[3]])
      expect_lt(abs(stats::sd(x) / law[[3]] - 1), 2 * slack)
    }
  }
})

test_that("mlx_rand_uniform() stays in its interval, whatever the dtype rounds to", {
  ends <- list(c(0, 1), c(-1, 3), c(0.1, 0.3), c(0.7, 0.7001), c(-3e38, 3e38), c(1e6, 1e6 + 1), c(-2, -1), c(-1, 0))
  for (dtype in float_dtypes()) {
    for (end in ends) {
      if (dtype == "float16" && max(abs(end)) > 65504) next
      x <- as.vector(mlx_rand_uniform(5000, end[[1]], end[[2]], dtype = dtype, device = device_for(dtype), key = mlx_key(4)))
      # a half-precision number may not exist inside
      if (dtype %in% c("float32", "float64")) expect_true(all(x >= end[[1]]), info = paste(dtype, toString(end)))
      if (dtype %in% c("float32", "float64")) expect_true(all(x < end[[2]]), info = paste(dtype, toString(end)))
      expect_true(all(is.finite(x)))
    }
  }
  for (dtype in c("float16", "bfloat16")) {
    x <- as.vector(mlx_rand_uniform(5000, -1, 3, dtype = dtype, key = mlx_key(4)))
    expect_true(all(x >= -1 & x < 3))
  }
})

test_that("float64 draws have more digits than float32 holds", {
  for (draw in draws()) {
    x <- as.vector(draw(100, dtype = "float64", device = "cpu"))
    rounded <- as.vector(as_mlx(x))
    expect_gt(mean(x != rounded), 0.9)
  }
})

test_that("the same key gives the same draws, whatever was drawn before", {
  for (draw in draws()) {
    first <- as.vector(draw(5, key = mlx_key(1)))
    draw(3)
    expect_identical(as.vector(draw(5, key = mlx_key(1))), first)
    expect_false(any(as.vector(draw(5, key = mlx_key(2))) == first))
  }
})

test_that("single-precision draws are MLX's own", {
  # Python: mx.random.uniform(shape=(2,), key=mx.random.key(0)) divides the key's bits
  bits <- as.vector(mlx_key_bits(4, key = mlx_key(9)))
  expect_array_equal(mlx_rand_uniform(4, key = mlx_key(9)), bits / (2^32 - 1))
  u <- -1 + 2 * bits / (2^32 - 1)
  expect_array_equal(mlx_rand_normal(4, key = mlx_key(9)), stats::qnorm((u + 1) / 2), tolerance = 1e-5)
})

test_that("draws that follow each other differ", {
  expect_false(any(as.vector(mlx_rand_uniform(10)) == as.vector(mlx_rand_uniform(10))))
})

test_that("sd = 0 and min = max give constants", {
  expect_array_equal(mlx_rand_normal(3, mean = 2, sd = 0), c(2, 2, 2))
  expect_array_equal(mlx_rand_uniform(3, min = 2, max = 2), c(2, 2, 2))
})

test_that("draws with a key can be compiled and differentiated through", {
  drawn <- mlx_compile(function(key) list(mlx_rand_normal(3, key = key), mlx_rand_laplace(3, key = key)))
  for (seed in 1:2) {
    found <- drawn(mlx_key(seed))
    expect_array_equal(found[[1]], as.vector(mlx_rand_normal(3, key = mlx_key(seed))), tolerance = 1e-5)
    expect_array_equal(found[[2]], as.vector(mlx_rand_laplace(3, key = mlx_key(seed))), tolerance = 1e-5)
  }
  noise <- as.vector(mlx_rand_normal(3, key = mlx_key(5)))
  grad <- mlx_grad(function(x) sum(x * x * mlx_rand_normal(3, key = mlx_key(5))), as_mlx(c(1, 2, 3)))[[1]]
  expect_array_equal(grad, 2 * c(1, 2, 3) * noise)
})

test_that("arguments of random arrays are checked", {
  for (draw in draws()) {
    expect_error(draw(integer()), class = "mlx_error_argument", regexp = "at least one element")
    for (dim in list(0, -1, NA, "a", NULL, list(2))) {
      expect_error(draw(dim), class = "mlx_error_argument", regexp = "positive integers|at least one element")
    }
    for (dtype in c("int32", "bool", "complex64", "nonsense")) {
      expect_error(draw(2, dtype = dtype), class = "mlx_error_dtype", regexp = "should be one of")
    }
    expect_error(draw(2, device = "tpu"), class = "mlx_error_argument", regexp = "should be one of")
    expect_error(draw(1e10), class = "mlx_error_shape")
    for (key in list(1, "a", as_mlx(1:2), mlx_key_bits(3), mlx_key_bits(c(2, 2)))) {
      expect_error(draw(2, key = key), class = "mlx_error_argument", regexp = "produced by mlx_key()")
    }
  }
  for (draw in draws()[1:3]) {
    expect_error(draw(2, 1:2), class = "mlx_error_argument", regexp = "must be a single numeric value")
  }
  for (draw in draws()[1:2]) {
    expect_error(draw(2, 1, "a"), class = "mlx_error_argument", regexp = "must be a single numeric value")
  }
  for (bad in list(NA_real_, Inf, NaN)) {
    expect_error(mlx_rand_uniform(2, bad), class = "mlx_error_argument", regexp = "finite")
    expect_error(mlx_rand_laplace(2, bad), class = "mlx_error_argument", regexp = "loc must be a single numeric value")
  }
  for (bad in list(0, -1, NA, Inf, 1:2, "a")) {
    expect_error(mlx_rand_laplace(2, 0, bad), class = "mlx_error_argument", regexp = "single positive numeric value")
  }
  expect_snapshot({
    show_condition(mlx_rand_normal(2, key = 1))
    show_condition(mlx_rand_uniform(2, max = Inf))
    show_condition(mlx_rand_laplace(2, scale = 0))
  })
})
