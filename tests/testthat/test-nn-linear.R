test_that("mlx_linear() computes x %*% weight + bias", {
  layer <- mlx_linear(3, 2)
  w <- sample_array(c(3L, 2L), "float32", seed = 1L)
  b <- sample_array(c(1L, 2L), "float32", seed = 2L)
  mlx_param_set_values(mlx_parameters(layer), list(as_mlx(w), as_mlx(b)))
  for (n in c(0L, 1L, 5L)) {
    x <- sample_array(c(n, 3L), "float32", seed = 3L)
    expect_array_equal(mlx_forward(layer, as_mlx(x)), x %*% w + b[rep(1, n), ], shape = c(n, 2L), info = n)
  }
})

test_that("weights are drawn by R's rnorm(), and the bias starts at 0", {
  set.seed(1)
  layer <- mlx_linear(3, 2)
  set.seed(1)
  expect_array_equal(layer$.env$weight, matrix(stats::rnorm(6, sd = sqrt(2 / 3)), 3))
  expect_array_equal(layer$.env$bias, matrix(0, 1, 2))
  after <- stats::runif(1)
  set.seed(1)
  mlx_linear(3, 2)
  expect_identical(stats::runif(1), after)
})

test_that("the known layer has its known values", {
  set.seed(1)
  x <- as_mlx(matrix(1:6, 2, 3))
  expected <- rbind(c(-3.473105, -1.2398810), c(-4.516946, -0.3382072))
  expect_array_equal(mlx_forward(mlx_linear(3, 2), x), expected, tolerance = 1e-6)
})

test_that("bias = FALSE leaves the bias out", {
  layer <- mlx_linear(3, 2, bias = FALSE)
  expect_null(layer$.env$bias)
  expect_length(mlx_parameters(layer), 1L)
  x <- sample_array(c(4L, 3L), "float32")
  expect_array_equal(mlx_forward(layer, as_mlx(x)), x %*% as.matrix(layer$.env$weight))
})

test_that("gradients of weight and bias are their finite differences", {
  x <- sample_array(c(4L, 3L), "float32")
  forward <- function(w, b) {
    layer <- mlx_linear(3, 2)
    layer$.env$weight <- w
    layer$.env$bias <- b
    mean(mlx_forward(layer, as_mlx(x))^2)
  }
  oracle <- function(w, b) mean((x %*% w + b[rep(1, 4), ])^2)
  expect_grad_close(forward, matrix(seq(-1, 1, length.out = 6), 3), matrix(c(0.5, -0.25), 1), oracle = oracle,
    tolerance = 1e-4
  )
})

test_that("sizes must be positive numbers", {
  for (bad in list(0, -1, NA, "a", 1:2, NULL, Inf)) {
    expect_error(mlx_linear(bad, 1), class = "mlx_error_argument", regexp = "in_features > 0 is not TRUE")
    expect_error(mlx_linear(1, bad), class = "mlx_error_argument", regexp = "out_features > 0 is not TRUE")
  }
})

test_that("input of other width or rank is an error", {
  layer <- mlx_linear(3, 2)
  expect_error(mlx_forward(layer, as_mlx(diag(2))), class = "mlx_error_shape", regexp = "Non-conformable")
  expect_error(mlx_forward(layer, as_mlx(1:3)), class = "mlx_error_shape", regexp = "2D")
})

test_that("parameters live on the device asked for", {
  layer <- mlx_linear(2, 1, device = "cpu")
  expect_identical(vapply(mlx_param_values(mlx_parameters(layer)), mlx_device, ""), c("cpu", "cpu"))
})
