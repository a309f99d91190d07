# Operations on arrays that lie in memory in different ways: what is computed does not depend on that.

whole <- function(n, from = -9) matrix((seq_len(n) * 7) %% 19 + from, ncol = 1)

test_that("operators and choices are right for every pair of layouts, and with broadcasting", {
  for (side in list(c(1, 1), c(1, 5), c(5, 1), c(3, 4), c(37, 70))) {
    x <- matrix(whole(prod(side)), side[1])
    y <- matrix(whole(prod(side), 2), side[1])
    row <- whole(side[2], 1)
    column <- whole(side[1], 1)
    full_row <- matrix(row, side[1], side[2], byrow = TRUE)
    full_column <- matrix(column, side[1], side[2])
    for (one in layouts(x)) {
      for (other in layouts(y)) {
        expect_array_equal(one * other + one, x * y + x)
        expect_array_equal(mlx_where(one > other, one, other), pmax(x, y))
        expect_array_equal(one > other, x > y)
      }
      expect_array_equal(one + as_mlx(t(row)), x + full_row)
      expect_array_equal(as_mlx(column) - one, full_column - x)
      expect_array_equal(mlx_where(one > 0, one, as_mlx(t(row))), ifelse(x > 0, x, full_row))
      expect_array_equal(mlx_where(as_mlx(column) > 0, one, 0), ifelse(full_column > 0, x, 0))
    }
  }
})

test_that("results by columns go on being right: transposed, reduced, parted, multiplied", {
  x <- matrix(whole(35 * 20), 35)
  row <- whole(20, 1)
  y <- as_mlx(x) + as_mlx(t(row))
  plain <- x + matrix(row, 35, 20, byrow = TRUE)
  expect_array_equal(t(y), t(plain))
  expect_array_equal(rowSums(y), rowSums(plain))
  expect_array_equal(colSums(y), colSums(plain))
  expect_array_equal(y[3:9, 2:5], plain[3:9, 2:5])
  expect_array_equal(y %*% t(y), plain %*% t(plain))
  expect_identical(as.vector(y), as.vector(plain))
  expect_identical(as.vector(mlx_reshape(y, c(20, 35))), as.vector(mlx_reshape(as_mlx(plain), c(20, 35))))
})

test_that("axes in any order are right with three of them", {
  x <- array(whole(6 * 5 * 17), c(6, 5, 17))
  y <- array(whole(6 * 5 * 17, 3), c(6, 5, 17))
  orders <- list(1:3, c(3, 2, 1), c(2, 1, 3), c(1, 3, 2))
  for (from in orders) {
    for (other in orders) {
      a <- aperm(as_mlx(aperm(x, from)), order(from))
      b <- aperm(as_mlx(aperm(y, other)), order(other))
      expect_array_equal(a * b, x * y)
      expect_array_equal(a + as_mlx(y[, , 1, drop = FALSE]), sweep(x, 1:2, y[, , 1], "+"))
    }
  }
})

test_that("fused kernels are right for every pair of layouts, and with broadcasting", {
  f <- mlx_compile(function(x, y, row) abs(x * y - row) + exp(x / 16))
  expected <- function(x, y, row) abs(x * y - row) + exp(x / 16)
  for (side in list(c(1, 6), c(6, 1), c(3, 4), c(19, 40))) {
    x <- matrix(whole(prod(side)), side[1])
    y <- matrix(whole(prod(side), 2), side[1])
    row <- matrix(whole(side[2], 1), 1)
    plain <- expected(x, y, row[rep(1, side[1]), , drop = FALSE])
    for (one in layouts(x)) {
      for (other in layouts(y)) expect_array_equal(f(one, other, as_mlx(row)), plain, tolerance = 1e-5)
    }
  }
})

test_that("several results of one fused kernel over columns are right, and their inputs stay", {
  f <- mlx_compile(function(x, row) list(sum = x + row, product = x * row))
  x <- matrix(whole(24 * 31), 24)
  row <- matrix(whole(31, 1), 1)
  given <- as_mlx(x)
  result <- f(given, as_mlx(row))
  full <- row[rep(1, 24), ]
  expect_array_equal(result$sum, x + full)
  expect_array_equal(result$product, x * full)
  expect_identical(as.matrix(given), x)
})

test_that("gradients through columns and rows are right", {
  x <- matrix(whole(12 * 20) / 8, 12)
  row <- matrix(whole(20, 1) / 8, 1)
  grads <- mlx_grad(function(x, row) sum((x * row)^2), as_mlx(x), as_mlx(row))
  full <- row[rep(1, 12), ]
  expect_array_equal(grads[[1]], 2 * x * full^2, tolerance = 1e-5)
  expect_array_equal(grads[[2]], matrix(colSums(2 * x^2 * full), 1), tolerance = 1e-5)
})

test_that("columns and rows that are computed and then broadcast are right in fused kernels", {
  column <- matrix(whole(40), 40)
  row <- matrix(whole(7, 1), 1)
  f <- function(x, column, row) (x - exp(column / 8)) * sqrt(abs(row) + 1) + (column * 2 + 1) * (row - 3)
  x <- matrix(whole(280), 40)
  plain <- f(x, column[, rep(1, 7)], row[rep(1, 40), ])
  compiled <- mlx_compile(f)
  loose <- mlx_compile(f, shapeless = TRUE)
  for (one in layouts(x)) {
    expect_array_equal(compiled(one, as_mlx(column), as_mlx(row)), plain, tolerance = 1e-5)
    expect_array_equal(loose(one, as_mlx(column), as_mlx(row)), plain, tolerance = 1e-5)
  }
  grads <- mlx_compile(function(x, column, row) mlx_grad(function(...) sum(f(...)), x, column, row))
  for (grad in list(grads, function(...) mlx_grad(function(...) sum(f(...)), ...))) {
    found <- grad(as_mlx(x), as_mlx(column), as_mlx(row))
    slope <- sqrt(abs(row) + 1)
    expect_array_equal(found[[1]], slope[rep(1, 40), ], tolerance = 1e-5)
    expect_array_equal(found[[2]], matrix(2 * sum(row - 3) - exp(column / 8) / 8 * sum(slope), 40), tolerance = 1e-4)
  }
})
