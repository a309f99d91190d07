test_that("random arrays have the shape and dtype asked for", {
  for (draw in list(mlx_rand_normal, mlx_rand_uniform)) {
    for (dtype in float_dtypes()) {
      for (shape in list(1L, 5L, c(2L, 3L), c(2L, 3L, 4L))) {
        x <- draw(shape, dtype = dtype, device = device_for(dtype))
        expect_identical(list(mlx_shape(x), mlx_dtype(x)), list(shape, dtype))
        expect_true(all(is.finite(as.vector(x))))
      }
    }
    expect_identical(mlx_dtype(draw(2)), "float32")
  }
})

test_that("mlx_rand_uniform() draws from its interval, evenly", {
  mlx_set_seed(1)
  for (dtype in c("float32", "float64")) {
    x <- as.vector(mlx_rand_uniform(20000, min = -1, max = 3, dtype = dtype, device = device_for(dtype)))
    expect_true(all(x >= -1 & x <= 3))
    expect_gt(stats::ks.test(unique(x), "punif", -1, 3)$p.value, 1e-4)
  }
})

test_that("mlx_rand_normal() draws from the normal distribution", {
  mlx_set_seed(2)
  for (dtype in c("float32", "float64")) {
    x <- as.vector(mlx_rand_normal(20000, mean = 5, sd = 2, dtype = dtype, device = device_for(dtype)))
    expect_gt(stats::ks.test(unique(x), "pnorm", 5, 2)$p.value, 1e-4)
  }
})

test_that("float64 draws have more digits than float32 holds", {
  for (draw in list(mlx_rand_normal, mlx_rand_uniform)) {
    x <- as.vector(draw(100, dtype = "float64", device = "cpu"))
    rounded <- as.vector(as_mlx(x))
    expect_gt(mean(x != rounded), 0.9)
  }
})

test_that("mlx_set_seed() makes draws repeatable, and another seed makes others", {
  draws <- function(seed) {
    mlx_set_seed(seed)
    c(as.vector(mlx_rand_normal(5)), as.vector(mlx_rand_uniform(5)))
  }
  expect_identical(draws(42), draws(42))
  expect_false(any(draws(42) == draws(43)))
})

test_that("R's own generator does not touch MLX's, nor the other way round", {
  mlx_set_seed(1)
  set.seed(1)
  first <- list(as.vector(mlx_rand_normal(3)), stats::rnorm(1))
  mlx_set_seed(1)
  set.seed(2)
  second <- as.vector(mlx_rand_normal(3))
  set.seed(1)
  expect_identical(list(second, stats::rnorm(1)), first)
})

test_that("draws that follow each other differ", {
  expect_false(any(as.vector(mlx_rand_uniform(10)) == as.vector(mlx_rand_uniform(10))))
})

test_that("sd = 0 and min = max give constants", {
  expect_array_equal(mlx_rand_normal(3, mean = 2, sd = 0), c(2, 2, 2))
  expect_array_equal(mlx_rand_uniform(3, min = 2, max = 2), c(2, 2, 2))
})

test_that("arguments of random arrays are checked", {
  for (draw in list(mlx_rand_normal, mlx_rand_uniform)) {
    expect_error(draw(integer()), class = "mlx_error_argument", regexp = "at least one element")
    expect_error(draw(0), class = "mlx_error_argument", regexp = "positive integers")
    expect_error(draw(2, 1:2), class = "mlx_error_argument", regexp = "must be a single numeric value")
    expect_error(draw(2, 1, "a"), class = "mlx_error_argument", regexp = "must be a single numeric value")
    for (dtype in c("int32", "bool", "complex64", "nonsense")) {
      expect_error(draw(2, dtype = dtype), class = "mlx_error_dtype", regexp = "should be one of")
    }
    expect_error(draw(2, device = "tpu"), class = "mlx_error_argument", regexp = "should be one of")
  }
})

test_that("mlx_set_seed() wants one finite number", {
  for (bad in list(NA_real_, NaN, Inf, "a", 1:2, NULL)) {
    expect_error(mlx_set_seed(bad), class = "mlx_error_argument", regexp = "seed must be a single")
  }
  expect_invisible(mlx_set_seed(-3.7))
})
