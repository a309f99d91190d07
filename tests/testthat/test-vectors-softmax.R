# Softmax along the rows of matrices that lie column by column, where rows are computed side by side. The oracle is base R.

softmax_of_rows <- function(x) {
  x <- exp(x - apply(x, 1, max))
  x / rowSums(x)
}
scores <- function(rows, columns) matrix(4 * sin(seq_len(rows * columns)), rows)

test_that("every number of rows and columns gives the same as base R", {
  for (rows in c(1, 2, 63:66, 71, 72, 100, 4095:4097)) {
    for (columns in c(1, 2, 3, 17)) {
      x <- scores(rows, columns)
      expect_array_equal(mlx_softmax(as_mlx(x), 2), softmax_of_rows(x), tolerance = 1e-6)
    }
  }
  for (columns in c(63:65, 128, 300)) {
    x <- scores(70, columns)
    expect_array_equal(mlx_softmax(as_mlx(x), 2), softmax_of_rows(x), tolerance = 1e-6)
  }
})

test_that("every float type is right, and a matrix that nobody else needs", {
  tolerance <- c(float64 = 1e-14, float32 = 1e-6, float16 = 2e-3, bfloat16 = 1e-2)
  x <- scores(77, 300)
  for (dtype in names(tolerance)) {
    y <- as_mlx(x, dtype = dtype, device = "cpu")
    plain <- softmax_of_rows(as.matrix(y))
    for (result in list(mlx_softmax(y, 2), mlx_softmax(y + 0, 2), mlx_softmax(y, 2, precise = TRUE))) {
      expect_array_equal(result, plain, dtype = dtype, tolerance = tolerance[[dtype]])
    }
    expect_array_equal(y, as.matrix(as_mlx(x, dtype = dtype, device = "cpu")), dtype = dtype)
  }
})

test_that("infinite and missing numbers stay in their rows", {
  x <- scores(80, 5)
  x[1, 2] <- -Inf
  x[2, ] <- -Inf
  x[3, 4] <- Inf
  x[70, 1] <- NaN
  x[71, ] <- 1e30
  expected <- softmax_of_rows(x)
  result <- as.matrix(mlx_softmax(as_mlx(x), 2))
  expect_equal(result, expected, tolerance = 1e-6)
  expect_true(all(is.nan(result[c(2, 70), ])))
})

test_that("arrays of three axes, transposed arrays, compiled and differentiated functions are right", {
  x <- array(scores(9, 8 * 6), c(9, 8, 6))
  plain <- aperm(apply(x, 1:2, function(v) exp(v) / sum(exp(v))), c(2, 3, 1))
  expect_array_equal(mlx_softmax(as_mlx(x), 3), plain, tolerance = 1e-6)
  y <- scores(90, 7)
  expect_array_equal(mlx_softmax(t(as_mlx(y)), 1), t(softmax_of_rows(y)), tolerance = 1e-6)
  expect_array_equal(mlx_compile(function(y) mlx_softmax(y * 2, 2))(as_mlx(y)), softmax_of_rows(2 * y), tolerance = 1e-6)
  weights <- scores(90, 7)[, 7:1]
  p <- softmax_of_rows(y)
  grad <- mlx_grad(function(y) sum(mlx_softmax(y, 2) * as_mlx(weights)), as_mlx(y))[[1]]
  expect_array_equal(grad, p * (weights - rowSums(p * weights)), tolerance = 1e-5)
})
