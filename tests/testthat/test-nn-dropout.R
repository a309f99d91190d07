test_that("mlx_dropout() zeroes about p of the elements and keeps the mean", {
  mlx_set_seed(1)
  x <- mlx_ones(c(200, 500))
  for (p in c(0.1, 0.5, 0.9)) {
    y <- as.matrix(mlx_forward(mlx_dropout(p), x))
    expect_true(all(y == 0 | abs(y - 1 / (1 - p)) < 1e-4 / (1 - p)))
    # six standard deviations of 1e5 draws
    expect_lt(abs(mean(y == 0) - p), 6 * sqrt(p * (1 - p) / 1e5))
  }
})

test_that("mlx_dropout() draws anew each time, repeatably with mlx_set_seed()", {
  layer <- mlx_dropout(0.5)
  x <- mlx_ones(1000)
  mlx_set_seed(3)
  first <- as.vector(mlx_forward(layer, x))
  second <- as.vector(mlx_forward(layer, x))
  expect_false(identical(first, second))
  mlx_set_seed(3)
  expect_identical(as.vector(mlx_forward(layer, x)), first)
  set.seed(1)
  before <- .Random.seed
  mlx_forward(layer, x)
  expect_identical(.Random.seed, before)
})

test_that("mlx_dropout() keeps shape and dtype", {
  for (dtype in float_dtypes()) {
    for (shape in shapes()) {
      y <- mlx_forward(mlx_dropout(0.25), make_mlx(sample_array(shape, dtype), dtype))
      expect_identical(mlx_shape(y), as.integer(shape))
      expect_identical(mlx_dtype(y), dtype)
    }
  }
  expect_identical(mlx_dtype(mlx_forward(mlx_dropout(0.25), as_mlx(1:3, "int32"))), "float32")
})

test_that("mlx_dropout() is the identity for p = 0 and in use, and gives zeros for p = 1", {
  x <- as_mlx(matrix(c(1, NaN, -Inf, 2), 2))
  expect_identical(mlx_forward(mlx_dropout(0), x), x)
  layer <- mlx_dropout(0.9)
  mlx_set_training(layer, FALSE)
  expect_identical(mlx_forward(layer, x), x)
  expect_array_equal(mlx_forward(layer, 1:3), 1:3)
  expect_array_equal(mlx_forward(mlx_dropout(1), x), matrix(0, 2, 2))
  expect_array_equal(mlx_grad(function(x) sum(mlx_forward(mlx_dropout(1), x)), as_mlx(1:3))[[1L]], c(0, 0, 0))
})

test_that("the gradient of mlx_dropout() is its mask", {
  x <- as_mlx(rep(2, 50))
  mask <- NULL
  grad <- mlx_grad(function(x) {
    y <- mlx_forward(mlx_dropout(0.5), x)
    mask <<- mlx_stop_gradient(y)
    sum(y)
  }, x)[[1L]]
  expect_array_equal(grad, as.vector(mask) / 2)
  expect_true(all(as.vector(grad) %in% c(0, 2)))
})

test_that("`.env` of mlx_dropout() holds p and training", {
  layer <- mlx_dropout(0.3)
  expect_identical(layer$.env$p, 0.3)
  expect_true(layer$.env$training)
})

test_that("arguments of mlx_dropout() are checked", {
  for (bad in list(-0.1, 1.1, NA, NaN, Inf, "a", 1:2, NULL, list(1))) {
    expect_error(mlx_dropout(bad), class = "mlx_error_argument", regexp = "p >= 0 && p <= 1")
  }
  expect_snapshot(show_condition(mlx_dropout(2)))
})
