test_that("mlx_mse_loss() is the squared difference, reduced as asked", {
  x <- sample_array(c(3L, 2L), "float32", seed = 1L)
  y <- sample_array(c(3L, 2L), "float32", seed = 2L)
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y)), mean((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "mean"), mean((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "sum"), sum((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), reduction = "none"), (x - y)^2)
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "n"), (x - y)^2)
})

test_that("mlx_mse_loss() takes R values and broadcasts", {
  expect_array_equal(mlx_mse_loss(c(1, 2, 5), as_mlx(1:3)), 4 / 3)
  expect_array_equal(mlx_mse_loss(as_mlx(matrix(1:4, 2)), 1, "none"), (matrix(1:4, 2) - 1)^2)
})

test_that("mlx_mse_loss() of nothing is NaN as a mean and 0 as a sum", {
  expect_array_equal(mlx_mse_loss(numeric(), numeric()), NaN)
  expect_array_equal(mlx_mse_loss(numeric(), numeric(), "sum"), 0)
})

test_that("the gradients of mlx_mse_loss() are their finite differences", {
  for (reduction in c("mean", "sum")) {
    expect_grad_close(function(x, y) mlx_mse_loss(x, y, reduction), c(1, -2, 0.5), c(0, 1, 1),
      oracle = function(x, y) get(reduction)((x - y)^2), tolerance = 1e-5
    )
  }
})

test_that("arguments of mlx_mse_loss() are checked", {
  x <- as_mlx(1:3)
  for (bad in list("most", NA, 1, c("mean", "sum"), NULL, character())) {
    expect_error(mlx_mse_loss(x, x, bad), class = "mlx_error_argument", regexp = "should be one of")
  }
  expect_error(mlx_mse_loss(x, as_mlx(1:2)), class = "mlx_error_shape", regexp = "broadcast")
  expect_error(mlx_mse_loss("a", x), class = "mlx_error_argument", regexp = "Cannot convert")
})
