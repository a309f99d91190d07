# Positions of extremes, any() and all(), and remainders: kernels of our own, against base R.

dtypes <- c("float32", "float64", "float16", "bfloat16", "int8", "int32", "int64", "uint8", "uint32", "bool")

test_that("positions of extremes are those of the first, for all sizes and dtypes", {
  for (dtype in dtypes) {
    for (n in c(1:5, 31:33, 63:65, 1000, 1024, 1025, 2100)) {
      values <- (seq_len(n) * 37) %% if (dtype == "bool") 2 else 41
      x <- make_mlx(values, dtype)
      expect_identical(as.vector(mlx_argmax(x)), which.max(values) + 0, label = paste(dtype, n, "max"))
      expect_identical(as.vector(mlx_argmin(x)), which.min(values) + 0, label = paste(dtype, n, "min"))
    }
  }
})

test_that("positions along rows and columns are right for every layout", {
  for (dtype in dtypes) {
    for (side in list(c(1, 7), c(7, 1), c(5, 9), c(3, 600), c(1100, 40))) {
      values <- matrix((seq_len(prod(side)) * 37) %% if (dtype == "bool") 2 else 101, side[1])
      x <- make_mlx(values, dtype)
      for (y in list(x, mlx_contiguous(x))) {
        expect_identical(as.vector(mlx_argmax(y, 1)), apply(values, 2, which.max) + 0, label = paste(dtype, toString(side)))
        expect_identical(as.vector(mlx_argmin(y, 2)), apply(values, 1, which.min) + 0, label = paste(dtype, toString(side)))
      }
      expect_identical(as.vector(mlx_argmax(x[, rev(seq_len(side[2]))], 2)),
        apply(values[, rev(seq_len(side[2])), drop = FALSE], 1, which.max) + 0
      )
    }
  }
})

test_that("positions pass over NaN, and know infinities", {
  for (n in c(3, 40, 1500)) {
    for (at in unique(c(1, 2, n - 1, n))) {
      values <- cos(seq_len(n))
      values[at] <- NaN
      expect_identical(as.vector(mlx_argmax(as_mlx(values))), which.max(values) + 0)
      expect_identical(as.vector(mlx_argmin(as_mlx(values))), which.min(values) + 0)
      expect_identical(as.vector(mlx_argmax(as_mlx(matrix(values, n, 9)), 1)), rep(which.max(values) + 0, 9))
      expect_identical(as.vector(mlx_argmin(as_mlx(t(matrix(values, n, 9))), 2)), rep(which.min(values) + 0, 9))
      values[at] <- -Inf
      expect_identical(as.vector(mlx_argmin(as_mlx(values))), at + 0)
      expect_identical(as.vector(mlx_argmax(as_mlx(values))), which.max(values) + 0)
    }
  }
})

test_that("nothing but NaN has its first element as extreme, and NaN before infinity does not hide it", {
  for (n in c(1, 5, 70)) {
    x <- matrix(NaN, n, 9)
    expect_identical(as.vector(mlx_argmax(as_mlx(x), 1)), rep(1, 9))
    expect_identical(as.vector(mlx_argmin(as_mlx(t(x)), 2)), rep(1, 9))
    x[n, ] <- -Inf
    expect_identical(as.vector(mlx_argmax(as_mlx(x), 1)), rep(n, 9))
    expect_identical(as.vector(mlx_argmax(mlx_contiguous(as_mlx(x)), 1)), rep(n, 9))
    expect_identical(as.vector(mlx_argmax(as_mlx(x[, 1]))), n)
  }
})

test_that("any() and all() find the one value that decides, wherever it is", {
  for (n in c(1:3, 8, 31:33, 64, 1000)) {
    for (at in unique(c(1, n %/% 2 + 1, n))) {
      one <- replace(logical(n), at, TRUE)
      expect_true(any(as_mlx(one)))
      expect_identical(all(as_mlx(one)), n == 1)
      expect_identical(any(as_mlx(!one)), n > 1)
      expect_false(all(as_mlx(!one)))
      expect_false(any(as_mlx(logical(n))))
      expect_true(all(as_mlx(!logical(n))))
    }
  }
  table <- matrix((1:60) %% 7 == 0, 12)
  for (x in list(as_mlx(table), mlx_contiguous(as_mlx(table)))) {
    expect_identical(as.vector(mlx_any(x, 1)), apply(table, 2, any))
    expect_identical(as.vector(mlx_all(!x, 2)), apply(!table, 1, all))
  }
})

test_that("remainders are those of base R, and lie beside quotients that fit", {
  numerators <- c(0, -0, 1, -1, 2.5, -2.5, 7, -7, 1e-3, -1e-3, 1e-30, 123456.7, -98765.4, 2^23 + 1, -2^23, 1e9, -1e9)
  divisors <- c(1, -1, 2, -2, 3, -3, 0.1, -0.1, 0.7, 7, 1e-3, 1e3, 16777215, -1e6)
  # single precision on both sides
  pairs <- expand.grid(
    x = as.vector(as_mlx(numerators)), y = as.vector(as_mlx(divisors)), KEEP.OUT.ATTRS = FALSE
  )
  x <- as_mlx(pairs$x)
  y <- as_mlx(pairs$y)
  expected <- pairs$x - floor(pairs$x / pairs$y) * pairs$y
  rest <- as.vector(x %% y)
  # a quotient that fills a double is left to the exact remainder of the C library
  exact <- abs(pairs$x / pairs$y) < 2^28
  expect_equal(rest[exact], expected[exact], tolerance = 1e-6)
  expect_true(all(rest == 0 | sign(rest) == sign(pairs$y)))
  expect_true(all(abs(rest) <= abs(pairs$y)))
  for (n in c(1:9, 17)) {
    alone <- vapply(seq_len(n), function(i) as.vector(as_mlx(pairs$x[i]) %% as_mlx(pairs$y[i])), 0)
    expect_identical(as.vector(as_mlx(pairs$x[1:n]) %% as_mlx(pairs$y[1:n])), alone)
  }
  whole <- c(-7L, 7L, -8L, 8L, .Machine$integer.max, -.Machine$integer.max, 0L, 5L, 1L)
  for (by in c(3L, -3L, 1L, -1L, 7L, .Machine$integer.max)) {
    rest <- as_mlx(whole, dtype = "int32") %% as_mlx(by, dtype = "int32")
    expect_identical(as.vector(rest), as.vector(as_mlx(whole %% by)))
  }
})

test_that("remainders that are not numbers are so beside those that are", {
  x <- c(5, Inf, 5, 5, NaN, -5, 5, 0, 5, 1e30)
  y <- c(3, 3, Inf, 0, 3, Inf, NaN, 0, -Inf, 3)
  rest <- as.vector(as_mlx(x) %% as_mlx(y))
  expect_identical(is.nan(rest), c(FALSE, TRUE, FALSE, TRUE, TRUE, FALSE, TRUE, TRUE, FALSE, FALSE))
  expect_identical(rest[c(1, 3)], c(2, 5))
})
