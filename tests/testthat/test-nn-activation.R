test_that("mlx_relu() is max(x, 0) for every shape and float dtype", {
  for (dtype in float_dtypes()) {
    for (shape in shapes()) {
      x <- sample_array(shape, dtype)
      expect_array_equal(mlx_forward(mlx_relu(), make_mlx(x, dtype)), x * (x > 0), dtype = dtype, shape = shape,
        info = paste(dtype, toString(shape))
      )
    }
  }
})

test_that("mlx_relu() keeps NaN and infinity, and makes 0 of minus infinity", {
  expect_array_equal(mlx_forward(mlx_relu(), as_mlx(c(NaN, Inf, -Inf, -0, 2))), c(NaN, Inf, 0, 0, 2))
})

test_that("mlx_relu() has no parameters", {
  expect_identical(mlx_parameters(mlx_relu()), list())
})

test_that("the gradient of mlx_relu() is 1 above 0 and else 0", {
  grad <- mlx_grad(function(x) sum(mlx_forward(mlx_relu(), x)), as_mlx(c(-1, 0, 2)))[[1L]]
  expect_array_equal(grad, c(0, 0, 1))
})
