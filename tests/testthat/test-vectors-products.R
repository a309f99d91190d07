# Products of large matrices with small ones, for which there are kernels of our own. The oracle is base R in double precision.

# Numbers whose products and sums are exact in single precision.
whole_matrix <- function(rows, columns, from = -4) matrix((seq_len(rows * columns) * 5) %% 11 + from, rows)

expect_products <- function(x, y, dtype = "float32") {
  for (one in layouts(x, dtype)) {
    for (other in layouts(y, dtype)) expect_identical(as.matrix(one %*% other), x %*% y)
  }
}

test_that("long matrices are multiplied by narrow ones", {
  for (columns in c(1, 2, 4:6, 10, 11, 13:17)) {
    for (inner in c(1, 2, 3, 7, 20, 64, 65)) {
      expect_products(whole_matrix(256 + columns, inner), whole_matrix(inner, columns, 1))
    }
  }
  for (rows in c(255:257, 263, 272, 1000)) expect_products(whole_matrix(rows, 9), whole_matrix(9, 7))
  for (columns in c(3, 16)) expect_products(whole_matrix(259, 20), whole_matrix(20, columns), "float64")
})

test_that("few rows are multiplied by wide matrices", {
  for (rows in c(2, 5, 14:17)) {
    for (columns in c(127, 128, 130, 1001)) expect_products(whole_matrix(rows, 13), whole_matrix(13, columns))
  }
})

test_that("long columns are multiplied with each other", {
  for (inner in c(1023:1025, 1031, 2050)) {
    for (columns in c(2, 3, 8, 32, 33)) {
      x <- whole_matrix(inner, 5)
      y <- whole_matrix(inner, columns, 1)
      for (one in layouts(x)) {
        for (other in layouts(y)) expect_identical(as.matrix(crossprod(one, other)), crossprod(x, y))
      }
    }
  }
  for (rows in c(1, 6, 7, 13, 32)) {
    x <- whole_matrix(1500, rows)
    expect_identical(as.matrix(crossprod(as_mlx(x), as_mlx(y[1:1500, 1:3]))), crossprod(x, y[1:1500, 1:3]))
  }
  x <- whole_matrix(1500, 7)
  for (one in layouts(x, "float64")) expect_identical(as.matrix(crossprod(one)), crossprod(x))
})

test_that("sums of long columns are as exact as in single precision they can be", {
  x <- matrix(sin(seq_len(3e5)), ncol = 3)
  expect_equal(as.matrix(crossprod(as_mlx(x))), crossprod(x), tolerance = 1e-6)
})

test_that("infinite and missing numbers stay in their rows and columns", {
  x <- whole_matrix(300, 6)
  x[2, 3] <- Inf
  x[5, ] <- NaN
  y <- whole_matrix(6, 4, 1)
  expect_array_equal(as_mlx(x) %*% as_mlx(y), x %*% y)
  x <- whole_matrix(1200, 4)
  x[1100, 2] <- NaN
  x[3, 4] <- -Inf
  y <- whole_matrix(1200, 5, 1)
  expect_array_equal(crossprod(as_mlx(x), as_mlx(y)), crossprod(x, y))
})

test_that("a narrow product goes on being right: added to, chosen from, parted, differentiated, compiled", {
  x <- whole_matrix(300, 6)
  y <- whole_matrix(6, 4, 1)
  plain <- x %*% y
  product <- as_mlx(x) %*% as_mlx(y)
  bias <- matrix(1:4, 1)
  expect_array_equal(product + as_mlx(bias), plain + bias[rep(1, 300), ])
  expect_array_equal(product[5:9, 2:3], plain[5:9, 2:3])
  expect_array_equal(t(product), t(plain))
  expect_equal(as.vector(mlx_argmax(product, 2)), apply(plain, 1, which.max))
  expect_array_equal(mlx_sort(product, 2), t(apply(plain, 1, sort)))
  expect_array_equal(rbind(product, product), rbind(plain, plain))
  expect_array_equal(product %*% as_mlx(diag(4)), plain)
  expect_array_equal(mlx_softmax(product, 2), exp(plain) / rowSums(exp(plain)), tolerance = 1e-5)
  loss <- function(x, y) sum((x %*% y)^2)
  for (f in list(loss, mlx_compile(loss))) {
    grads <- mlx_grad(f, as_mlx(x), as_mlx(y))
    expect_array_equal(grads[[1]], 2 * plain %*% t(y))
    expect_array_equal(grads[[2]], 2 * t(x) %*% plain)
  }
})

test_that("what is broadcast to a long narrow matrix is right", {
  column <- matrix((1:300) %% 7, ncol = 1)
  row <- matrix(0:5, 1)
  equal <- outer(as.vector(column), as.vector(row), "==")
  is_equal <- function(column, row) mlx_cast(column == row, "float32")
  for (f in list(is_equal, mlx_compile(is_equal))) expect_array_equal(f(as_mlx(column), as_mlx(row)), equal + 0)
  expect_array_equal(as_mlx(column) - as_mlx(row), outer(as.vector(column), as.vector(row), "-"))
  chosen <- ifelse(column[, rep(1, 6)] > 2, row[rep(1, 300), ], 9)
  expect_array_equal(mlx_where(as_mlx(column) > 2, as_mlx(row), 9), chosen)
})
