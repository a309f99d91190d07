standardised <- function(x, axes, eps = 1e-5) {
  mean <- apply(x, axes, mean)
  var <- apply(x, axes, function(v) mean((v - mean(v))^2))
  sweep(sweep(x, axes, mean), axes, sqrt(var + eps), "/")
}

test_that("mlx_layer_norm() standardises the last axis", {
  for (shape in list(c(3L, 4L), c(2L, 3L, 4L), c(1L, 4L))) {
    x <- sample_array(shape, "float32")
    expect_array_equal(mlx_forward(mlx_layer_norm(4), as_mlx(x)), standardised(x, seq_len(length(shape) - 1L)),
      tolerance = 1e-5
    )
  }
  x <- c(1, 2, 4, 8)
  expected <- (x - mean(x)) / sqrt(mean((x - mean(x))^2) + 1e-5)
  expect_array_equal(mlx_forward(mlx_layer_norm(4), x), expected)
  for (view in views("float32")) {
    layer <- mlx_layer_norm(ncol(view[[2L]]))
    expect_array_equal(mlx_forward(layer, view[[1L]]), standardised(view[[2L]], 1L), tolerance = 1e-5)
  }
})

test_that("mlx_layer_norm() scales, shifts and takes other dtypes", {
  layer <- mlx_layer_norm(3, eps = 0.5)
  gamma <- c(1, 2, -1)
  beta <- c(0.5, 0, 3)
  mlx_param_set_values(mlx_parameters(layer), list(as_mlx(gamma), as_mlx(beta)))
  x <- sample_array(c(4L, 3L), "int32")
  expected <- sweep(sweep(standardised(x, 1L, 0.5), 2L, gamma, "*"), 2L, beta, "+")
  for (dtype in c("int32", "int8", "float16", "bfloat16", "float32", "float64")) {
    expect_array_equal(mlx_forward(layer, make_mlx(x, dtype)), expected, tolerance = 1e-5, info = dtype)
  }
  mlx_param_set_values(mlx_parameters(layer), lapply(list(gamma, beta), as_mlx, dtype = "float64", device = "cpu"))
  expect_array_equal(mlx_forward(layer, make_mlx(x, "float64")), expected, dtype = "float64")
})

test_that("mlx_layer_norm() of a constant row is beta, and empty arrays stay empty", {
  expect_array_equal(mlx_forward(mlx_layer_norm(3), matrix(7, 2, 3)), matrix(0, 2, 3))
  expect_array_equal(mlx_forward(mlx_layer_norm(1), matrix(1:3)), matrix(0, 3, 1))
  expect_array_equal(mlx_forward(mlx_layer_norm(3), matrix(0, 0, 3)), matrix(0, 0, 3))
  y <- mlx_forward(mlx_layer_norm(2), matrix(c(NaN, 1, 2, 3), 2))
  expect_array_equal(y, matrix(c(NaN, -1, NaN, 1), 2), tolerance = 1e-4)
})

norm_loss <- function(make) {
  weights <- matrix(c(1, -2, 3, 0.5, 2, -1), 2)
  function(x, gamma, beta) {
    layer <- make()
    layer$.env$gamma <- gamma
    layer$.env$beta <- beta
    sum(mlx_forward(layer, x) * as_mlx(weights, mlx_dtype(gamma), mlx_device(gamma)))
  }
}

norm_oracle <- function(axis) {
  weights <- matrix(c(1, -2, 3, 0.5, 2, -1), 2)
  function(x, gamma, beta) sum(sweep(sweep(standardised(x, axis, 0.1), 2L, gamma, "*"), 2L, beta, "+") * weights)
}

test_that("gradients of both norms are finite differences", {
  x <- matrix(c(0.5, -1, 2, 0.25, 1, -0.5), 2)
  gamma <- c(1, 0.5, -2)
  beta <- c(0, 1, 0.5)
  for (dtype in c("float32", "float64")) {
    row_wise <- norm_loss(function() mlx_layer_norm(3, eps = 0.1))
    expect_grad_close(row_wise, x, gamma, beta, oracle = norm_oracle(1L), dtype = dtype)
    column_wise <- norm_loss(function() mlx_batch_norm(3, eps = 0.1))
    expect_grad_close(column_wise, x, gamma, beta, oracle = norm_oracle(2L), dtype = dtype)
  }
})

test_that("mlx_batch_norm() standardises columns and moves its running statistics", {
  layer <- mlx_batch_norm(3, momentum = 0.25)
  x <- sample_array(c(5L, 3L), "float32")
  expect_array_equal(layer$.env$running_mean, c(0, 0, 0))
  expect_array_equal(layer$.env$running_var, c(1, 1, 1))
  expect_array_equal(mlx_forward(layer, as_mlx(x)), standardised(x, 2L), tolerance = 1e-5)
  mean <- 0.25 * colMeans(x)
  var <- 0.75 + 0.25 * apply(x, 2, function(v) mean((v - mean(v))^2))
  expect_array_equal(layer$.env$running_mean, matrix(mean, 1))
  expect_array_equal(layer$.env$running_var, matrix(var, 1))
  mlx_set_training(layer, FALSE)
  expected <- sweep(sweep(x, 2, mean), 2, sqrt(var + 1e-5), "/")
  expect_array_equal(mlx_forward(layer, as_mlx(x)), expected, tolerance = 1e-5)
  expect_array_equal(mlx_forward(layer, as_mlx(x[1, , drop = FALSE])), expected[1, , drop = FALSE], tolerance = 1e-5)
  expect_array_equal(layer$.env$running_mean, matrix(mean, 1))
})

test_that("mlx_batch_norm() takes all axes but the last together, and integers", {
  x <- sample_array(c(2L, 3L, 4L), "int32")
  layer <- mlx_batch_norm(4)
  expect_array_equal(mlx_forward(layer, as_mlx(x, "int32")), standardised(x, 3L), tolerance = 1e-5)
  expect_array_equal(layer$.env$running_mean, matrix(0.1 * apply(x, 3, mean), 1))
})

test_that("running statistics move inside a gradient, and are plain arrays after it", {
  layer <- mlx_batch_norm(2)
  x <- matrix(c(1, 2, 3, 4, 6, 8), 3)
  mlx_grad(function(x) sum(mlx_forward(layer, x)^2), as_mlx(x))
  expected <- matrix(0.1 * colMeans(x), 1)
  expect_array_equal(layer$.env$running_mean, expected)
  # a second gradient does not reach through them into the first
  mlx_set_training(layer, FALSE)
  grad <- mlx_grad(function(w) sum(w * layer$.env$running_mean), as_mlx(1))[[1L]]
  expect_array_equal(grad, sum(expected))
  expect_error(mlx_grad(function(w) sum(layer$.env$running_mean), as_mlx(1)), class = "mlx_error_grad", regexp = "depend")
})

test_that("running statistics are what they were after a failing loss", {
  layer <- mlx_batch_norm(2)
  x <- matrix(c(1, 2, 3, 4, 6, 8), 3)
  fail <- function(x) {
    mlx_forward(layer, x)
    stop("mine")
  }
  expect_error(mlx_grad(fail, as_mlx(x)), "mine")
  expect_array_equal(layer$.env$running_mean, c(0, 0))
  expect_array_equal(mlx_forward(layer, as_mlx(x)), standardised(x, 2L), tolerance = 1e-5)
})

test_that("a network with a batch norm trains, its statistics following the batches", {
  set.seed(1)
  x <- matrix(stats::rnorm(60), 20)
  y <- x %*% c(1, -2, 0.5)
  norm <- mlx_batch_norm(4)
  model <- mlx_sequential(mlx_linear(3, 4), norm, mlx_linear(4, 1))
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
  loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
  first <- mlx_train_step(model, loss, optimizer, x, y)
  for (i in 1:60) last <- mlx_train_step(model, loss, optimizer, x, y)
  expect_lt(as.vector(last$loss), as.vector(first$loss) / 10)
  hidden <- as.matrix(mlx_forward(model$layers[[1L]], as_mlx(x)))
  expect_equal(as.vector(norm$.env$running_mean), colMeans(hidden), tolerance = 0.2)
})

test_that("running statistics stay where values are not known", {
  layer <- mlx_batch_norm(2)
  x <- matrix(c(1, 2, 3, 4, 6, 8), 3)
  f <- mlx_compile(function(x) mlx_forward(layer, x))
  for (i in 1:2) expect_array_equal(f(x), standardised(x, 2L), tolerance = 1e-5)
  expect_array_equal(layer$.env$running_mean, c(0, 0))
  expect_array_equal(mlx_forward(layer, matrix(0, 0, 2)), matrix(0, 0, 2))
  expect_array_equal(layer$.env$running_var, c(1, 1))
})

test_that("norms have gamma and beta as parameters, and their settings in `.env`", {
  for (layer in list(mlx_layer_norm(3, eps = 0.25), mlx_batch_norm(3, eps = 0.25, momentum = 0.5))) {
    expect_identical(vapply(mlx_parameters(layer), function(p) p$name, ""), c("gamma", "beta"))
    expect_array_equal(layer$.env$gamma, c(1, 1, 1))
    expect_array_equal(layer$.env$beta, c(0, 0, 0))
    expect_identical(layer$.env$eps, 0.25)
  }
  expect_identical(mlx_batch_norm(3, momentum = 0.5)$.env$momentum, 0.5)
  expect_identical(dimnames(mlx_forward(mlx_layer_norm(1), matrix(1, 1, 1, dimnames = list("a", "b")))), list("a", "b"))
})

test_that("arguments of norms are checked", {
  for (bad in list(0, -1, NA, "a", 1:2, NULL, Inf, list(1))) {
    expect_error(mlx_layer_norm(bad), class = "mlx_error_argument", regexp = "normalized_shape > 0")
    expect_error(mlx_batch_norm(bad), class = "mlx_error_argument", regexp = "num_features > 0")
    expect_error(mlx_layer_norm(2, eps = bad), class = "mlx_error_argument", regexp = "eps > 0")
    expect_error(mlx_batch_norm(2, eps = bad), class = "mlx_error_argument", regexp = "eps > 0")
  }
  for (bad in list(-0.1, 1.1, NA, "a", NULL)) {
    expect_error(mlx_batch_norm(2, momentum = bad), class = "mlx_error_argument", regexp = "momentum >= 0")
  }
  for (layer in list(mlx_layer_norm(3), mlx_batch_norm(3))) {
    for (bad in list(matrix(0, 2, 4), matrix(0, 3, 1), 1, 1:4)) {
      expect_error(mlx_forward(layer, bad), class = "mlx_error_shape", regexp = "of length 3")
    }
    expect_error(mlx_forward(layer, matrix(1i, 1, 3)), class = "mlx_error_dtype")
    expect_error(mlx_forward(layer, "a"), class = "mlx_error_argument")
  }
  expect_error(mlx_forward(mlx_batch_norm(3), 1:3), class = "mlx_error_shape", regexp = "two axes or more")
  expect_snapshot({
    show_condition(mlx_batch_norm(2, momentum = 2))
    show_condition(mlx_forward(mlx_layer_norm(3), diag(2)))
    show_condition(mlx_forward(mlx_batch_norm(3), 1:3))
    show_condition(mlx_forward(mlx_batch_norm(3), 1))
  })
})
