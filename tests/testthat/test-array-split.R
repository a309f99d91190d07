test_that("mlx_split() makes equal parts", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(2L, 6L), dtype)
    parts <- mlx_split(make_mlx(x, dtype), 3, axis = 2)
    expect_length(parts, 3L)
    expect_null(names(parts))
    for (i in 1:3) {
      expect_array_equal(parts[[i]], as_stored(x[, 2 * i - 1:0], dtype), dtype = dtype, info = paste(dtype, i))
    }
  }
  x <- array(1:24, c(2, 12, 1))
  parts <- mlx_split(as_mlx(x), 12, 2)
  for (i in 1:12) expect_array_equal(parts[[i]], x[, i, , drop = FALSE] + 0)
  expect_array_equal(mlx_split(as_mlx(x), 1)[[1]], x + 0)
  expect_array_equal(mlx_split(as_mlx(1:4), 2)[[2]], c(3, 4))
  expect_identical(lapply(mlx_split(mlx_zeros(c(2, 3))[FALSE, ], 2), mlx_shape), list(c(0L, 3L), c(0L, 3L)))
})

test_that("mlx_split() ends parts after the points", {
  x <- matrix(1:12, 3)
  parts <- mlx_split(as_mlx(x), c(1, 3), axis = 2)
  expect_array_equal(parts[[1]], x[, 1, drop = FALSE] + 0)
  expect_array_equal(parts[[2]], x[, 2:3] + 0)
  expect_array_equal(parts[[3]], x[, 4, drop = FALSE] + 0)
  parts <- mlx_split(as_mlx(x), list(1))
  expect_identical(lapply(parts, mlx_shape), list(c(1L, 4L), c(2L, 4L)))
  expect_identical(lapply(mlx_split(as_mlx(x), list(1, 2)), mlx_shape), list(c(1L, 4L), c(1L, 4L), c(1L, 4L)))
  expect_length(mlx_split(as_mlx(x), c(NA, 1, NA, 2)), 3L)
  expect_length(mlx_split(as_mlx(1:30), 1:29), 30L)
  for (view in views("float32")) {
    m <- view[[2]]
    parts <- mlx_split(view[[1]], list(1), 2)
    expect_array_equal(parts[[2]], m[, -1, drop = FALSE])
    expect_array_equal(parts[[2]] * 2, m[, -1, drop = FALSE] * 2)
  }
})

test_that("mlx_split() divides the names of its axis", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  parts <- mlx_split(x, 2, 2)
  expect_identical(dimnames(parts[[1]]), list(c("a", "b"), "u"))
  expect_identical(dimnames(parts[[2]]), list(c("a", "b"), "v"))
})

test_that("mlx_split() refuses other sections", {
  x <- mlx_zeros(c(4, 3))
  expect_error(mlx_split(x), "sections must be supplied", class = "mlx_error_argument")
  for (bad in list(3, 0, -1, 5, 1e10, Inf)) {
    expect_error(mlx_split(x, bad), "sections must evenly divide", class = "mlx_error_shape", info = bad)
  }
  for (bad in list(c(0, 1), c(1, 4), list(4), list(0), c(-1, 2))) {
    expect_error(mlx_split(x, bad), "Split points must be between 1", class = "mlx_error_argument")
  }
  for (bad in list(c(2, 1), c(1, 1))) {
    expect_error(mlx_split(x, bad), "strictly increasing", class = "mlx_error_argument")
  }
  for (bad in list(NA, NULL, integer(), "a", list(), list("a"))) {
    expect_error(mlx_split(x, bad), "at least one integer", class = "mlx_error_argument")
  }
  expect_error(mlx_split(x, 2, axis = 3), "axis=3 is out of bounds", class = "mlx_error_shape")
  expect_error(mlx_split(x, 2, axis = 1:2), "single integer", class = "mlx_error_argument")
  expect_error(mlx_split(as_mlx(1), 1), class = "mlx_error_shape")
  expect_error(mlx_split(x[FALSE, ], 1e9), class = "mlx_error_shape")
  expect_snapshot(show_condition(mlx_split(x, 3)))
  expect_snapshot(show_condition(mlx_split(x, c(1, 9))))
})

test_that("asplit() gives the slices of an axis", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), c("u", "v", "w")))
  x <- as_mlx(m)
  for (margin in 1:2) {
    parts <- asplit(x, margin)
    expected <- base::asplit(m, margin)
    expect_identical(names(parts), names(expected))
    expect_null(dim(parts))
    for (i in seq_along(parts)) {
      expect_array_equal(parts[[i]], as.vector(expected[[i]]) + 0)
      expect_identical(names(parts[[i]]), dimnames(m)[[3 - margin]])
    }
  }
  cube <- array(1:24, c(2, 3, 4))
  expect_array_equal(asplit(as_mlx(cube), 3)[[2]], cube[, , 2] + 0)
  expect_array_equal(asplit(as_mlx(cube), 3, drop = TRUE)[[2]], row_major(cube[, , 2]) + 0)
  expect_array_equal(asplit(as_mlx(1:3), 1)[[2]], 2)
  expect_array_equal(asplit(as_mlx(1:3), 1, drop = TRUE)[[2]], 2, shape = 1L)
  expect_identical(asplit(mlx_zeros(c(2, 3))[FALSE, ], 1), list())
})

test_that("asplit() refuses several margins", {
  x <- mlx_zeros(c(2, 3))
  expect_error(asplit(x, 1:2), "supports a single margin", class = "mlx_error_argument")
  expect_error(asplit(x, 3), class = "mlx_error_shape")
  expect_error(asplit(x, "a"), class = "mlx_error_argument")
  expect_error(asplit(x, 1, drop = NA), class = "mlx_error_argument")
})

test_that("asplit() of R objects is base R's", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), NULL))
  expect_identical(asplit(m, 1), base::asplit(m, 1))
  expect_identical(asplit(array(1:8, c(2, 2, 2)), c(1, 2)), base::asplit(array(1:8, c(2, 2, 2)), c(1, 2)))
  expect_identical(asplit(array(1:8, c(2, 2, 2)), 3), base::asplit(array(1:8, c(2, 2, 2)), 3))
  if ("drop" %in% names(formals(base::asplit))) {
    expect_identical(asplit(m, 1, TRUE), base::asplit(m, 1, TRUE))
  } else {
    expect_error(asplit(m, 1, TRUE), "no `drop`", class = "mlx_error_argument")
  }
})
