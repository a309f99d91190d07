test_that("mlx_gather takes one axis in place", {
  a <- sample_array(c(3L, 4L, 2L), "float32")
  x <- as_mlx(a)
  for (i in list(c(3, 1), 2, -1, c(TRUE, FALSE, TRUE), c(2, 2, 2, 1))) {
    expect_array_equal(mlx_gather(x, list(i)), a[i, , , drop = FALSE])
    expect_array_equal(mlx_gather(x, as_mlx(i)), a[i, , , drop = FALSE])
  }
  expect_array_equal(mlx_gather(x, c(4, 2), axes = 2), a[, c(4, 2), ])
  expect_array_equal(mlx_gather(a, 2, axes = 3), a[, , 2, drop = FALSE])
  named <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  expect_identical(dimnames(mlx_gather(named, 2, axes = 2)), list(c("a", "b"), "v"))
})

test_that("mlx_gather takes several axes element by element", {
  a <- sample_array(c(3L, 4L, 2L), "float32")
  x <- as_mlx(a)
  expect_array_equal(mlx_gather(x[, , 1, drop = TRUE], list(1:2, 1:2)), a[, , 1][cbind(1:2, 1:2)])
  expect_array_equal(mlx_gather(x, list(c(3, 1), c(4, 2))), rbind(a[3, 4, ], a[1, 2, ]))
  expect_array_equal(mlx_gather(x, list(c(3, 1), c(2, 1)), axes = c(1, 3)), rbind(a[3, , 2], a[1, , 1]))
  expect_array_equal(mlx_gather(x[, , 2, drop = TRUE], list(1, 2)), a[1, 2, 2])
  expect_array_equal(mlx_gather(x[, , 2, drop = TRUE], list(1, 1:3)), a[1, 1:3, 2])
  i <- matrix(c(1, 2, 3, 3, 1, 2), 2)
  expect_array_equal(mlx_gather(x[, 1, 1], list(i, 1, 1), axes = 1:3), array(a[, 1, 1][i], dim(i)))
  column <- mlx_gather(x[, , 1, drop = TRUE], list(i), axes = 1)
  expect_array_equal(column, aperm(apply(i, 1:2, function(k) a[k, , 1]), c(2, 3, 1)))
})

test_that("mlx_gather checks indices and axes", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(mlx_gather(x, list()), class = "mlx_error_argument", regexp = "at least one tensor")
  expect_error(mlx_gather(x, list(1), axes = 1:2), class = "mlx_error_argument", regexp = "must have the same length as")
  expect_error(mlx_gather(x, list(1), axes = NA), class = "mlx_error_argument", regexp = "must be numeric")
  expect_error(mlx_gather(x, list(1, 1), axes = c(1, 1)), class = "mlx_error_argument", regexp = "must not contain duplicates")
  for (axis in c(-1, 0, 3)) {
    expect_error(mlx_gather(x, list(1), axes = axis), class = "mlx_error_shape", regexp = "Negative axes")
  }
  expect_error(mlx_gather(x, list(NULL)), class = "mlx_error_argument", regexp = "cannot be NULL")
  expect_error(mlx_gather(x, list(3)), class = "mlx_error_index", regexp = "out of bounds")
  expect_error(mlx_gather(x, list(1:2, 1:3)), class = "mlx_error_shape", regexp = "broadcast")
})

test_that("mlx_slice_update replaces a block", {
  m <- sample_array(c(4L, 5L), "float32")
  x <- as_mlx(m)
  expected <- m
  expected[c(1, 3), 2:4] <- matrix(1:6, 2)
  expect_array_equal(mlx_slice_update(x, matrix(1:6, 2), c(1, 2), c(4, 4), c(2, 1)), expected)
  expected[2:4, 5] <- -1
  expect_array_equal(mlx_slice_update(as_mlx(mlx_slice_update(x, matrix(1:6, 2), c(1, 2), c(4, 4), c(2, 1))), -1,
    start = c(2, 5), stop = c(4, 99)
  ), replace(expected, cbind(2:4, 5), -1))
  named <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_slice_update(named, 0, c(1, 1), c(1, 1))), dimnames(named))
  expect_array_equal(mlx_slice_update(as_mlx(1:3, dtype = "int32"), 9.7, 2, 3), c(1L, 9L, 9L), dtype = "int32")
})

test_that("mlx_slice_update checks the block", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(mlx_slice_update(x, 0, 1, c(1, 1)), class = "mlx_error_argument", regexp = "must have the same length")
  expect_error(mlx_slice_update(x, 0, 1, 1), class = "mlx_error_index", regexp = "Invalid number of indices")
  expect_error(mlx_slice_update(x, 0, c(0, 1), c(1, 1)), class = "mlx_error_index", regexp = "must use 1-based indices")
  expect_error(mlx_slice_update(x, 0, c(2, 1), c(1, 1)), class = "mlx_error_index", regexp = "must be >= the corresponding")
  expect_error(mlx_slice_update(x, 0, c(3, 1), c(3, 1)), class = "mlx_error_index", regexp = "out of bounds")
  expect_error(mlx_slice_update(x, 0, c(1, 1), c(1, 1), c(0, 1)), class = "mlx_error_index", regexp = "positive")
  expect_error(mlx_slice_update(x, 1:2, c(1, 1), c(1, 3)), class = "mlx_error_shape", regexp = "broadcast")
  expect_error(mlx_slice_update(x, 0, c(NA, 1), c(1, 3)), class = "mlx_error_argument", regexp = "NA")
  expect_error(mlx_slice_update(x, 0, "a", 1), class = "mlx_error_argument")
})

test_that("positions along an axis are read, put and added", {
  m <- matrix(1:12, 3, dimnames = list(c("a", "b", "c"), NULL))
  x <- as_mlx(m)
  across <- matrix(c(1, 2, 3, 4, 4, 1), 3)
  down <- matrix(c(3, 1, 2, 2, 1, 1, 3, 3), 2)
  expect_array_equal(mlx_take_along_axis(x, across, 2), cbind(m[cbind(1:3, across[, 1])], m[cbind(1:3, across[, 2])]),
    dtype = "float32"
  )
  expect_array_equal(mlx_take_along_axis(x, as_mlx(down, dtype = "int32"), 1),
    matrix(m[cbind(c(down), rep(1:4, each = 2))], 2),
    dtype = "float32"
  )
  expect_array_equal(mlx_take_along_axis(x, matrix(c(3, 1)), 1), m[c(3, 1), ], dtype = "float32")
  expect_identical(rownames(mlx_take_along_axis(x, across, 2)), rownames(m))
  put <- m
  put[cbind(1:3, across[, 1])] <- 100L
  put[cbind(1:3, across[, 2])] <- 200L
  y <- mlx_put_along_axis(x, across, cbind(100, rep(200, 3)), 2)
  expect_array_equal(y, put, dtype = "float32")
  expect_identical(dimnames(y), dimnames(m))
  added <- m
  added[, 1] <- added[, 1] + 30L
  expect_array_equal(mlx_scatter_add_axis(x, matrix(1, 3, 2), cbind(10, rep(20, 3)), 2), added, dtype = "float32")
})

test_that("positions along an axis are checked", {
  x <- as_mlx(matrix(1:6, 2))
  for (bad in list(0, 3, -1, 1.5, NA, Inf)) {
    expect_error(mlx_take_along_axis(x, matrix(bad, 1, 3), 1), class = "mlx_error_index", regexp = "out of bounds")
    expect_error(mlx_put_along_axis(x, matrix(bad, 1, 3), 0, 1), class = "mlx_error_index", regexp = "out of bounds")
  }
  expect_error(mlx_take_along_axis(x, 1, 1), class = "mlx_error_shape", regexp = "as many axes")
  expect_error(mlx_take_along_axis(x, matrix(1, 3, 1), 2), class = "mlx_error_shape", regexp = "broadcast")
  expect_error(mlx_put_along_axis(x, matrix(1, 1, 3), 1:2, 1), class = "mlx_error_shape", regexp = "broadcast")
  for (axis in list(0, 3, NA, "a", NULL)) {
    expect_error(mlx_take_along_axis(x, matrix(1, 1, 3), axis), class = "mlx_error")
  }
  expect_error(mlx_take_along_axis(x, matrix(TRUE, 1, 3), 1)[0], class = "mlx_error")
})

test_that("gathering and scattering are differentiated and compiled", {
  m <- matrix(c(1, -2, 3, 4, 5, -6), 3)
  i <- matrix(c(1, 3), 1)
  expect_grad_close(function(x) sum(mlx_take_along_axis(x, i, 1)^2), m,
    oracle = function(x) sum(x[cbind(c(1, 3), 1:2)]^2), dtype = "float64"
  )
  expect_grad_close(function(x, v) sum(mlx_scatter_add_axis(x, i, v, 1)^3), m, matrix(c(2, -1), 1),
    oracle = function(x, v) {
      x[cbind(c(1, 3), 1:2)] <- x[cbind(c(1, 3), 1:2)] + c(v)
      sum(x^3)
    }, dtype = "float64"
  )
  expect_grad_close(function(x) sum(mlx_gather(x, list(c(1, 1), 1:2))^2), m,
    oracle = function(x) sum(x[1, ]^2), dtype = "float64"
  )
  f <- function(x) mlx_slice_update(mlx_put_along_axis(x, i, 0, 1), 9, c(2, 1), c(2, 2))
  expect_array_equal(mlx_compile(f)(as_mlx(m)), rbind(c(0, 4), 9, c(3, 0)))
})

test_that("many single numbers are read from anywhere, whatever lies where", {
  m <- matrix(as.double(1:600), 30)
  positions <- (1:2000 * 37) %% 600 + 1
  rows <- positions %% 30 + 1
  for (x in list(as_mlx(m), mlx_contiguous(as_mlx(m)), as_mlx(rbind(m, 0))[1:30, ], t(as_mlx(t(m))))) {
    for (at in list(positions, as.integer(positions), as_mlx(positions, dtype = "int32"), as_mlx(positions))) {
      expect_array_equal(x[at], m[positions])
    }
    expect_array_equal(x[cbind(rows, 7)], m[cbind(rows, 7)])
    expect_array_equal(mlx_gather(x[, 3], list(as_mlx(rows)), 1), m[rows, 3, drop = FALSE])
    expect_array_equal(x[as_mlx(rev(positions))[2000:1]], m[positions])
  }
  for (dtype in c("bool", "uint8", "int16", "float16", "int64", "complex64")) {
    y <- as_mlx(m[1:100] %% 2, dtype = dtype)
    expect_identical(as.vector(y[rows]), as.vector(y)[rows], info = dtype)
  }
})

test_that("errors of gathering read well", {
  x <- as_mlx(matrix(1:6, 2))
  expect_snapshot(show_condition(mlx_gather(x, list(1), axes = -1)))
  expect_snapshot(show_condition(mlx_gather(x, list(1), axes = 1:2)))
  expect_snapshot(show_condition(mlx_slice_update(x, 0, c(0, 1), c(1, 1))))
  expect_snapshot(show_condition(mlx_slice_update(x, 1:2, c(1, 1), c(1, 3))))
  expect_snapshot(show_condition(mlx_take_along_axis(x, matrix(9, 1, 3), 1)))
  expect_snapshot(show_condition(mlx_put_along_axis(x, matrix(1, 1, 3), 1:2, 1)))
})
