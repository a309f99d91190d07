test_that("mlx_squeeze() removes axes of length 1", {
  x <- mlx_array(1:6, c(1, 2, 1, 3))
  expect_identical(mlx_shape(mlx_squeeze(x)), c(2L, 3L))
  expect_identical(mlx_shape(mlx_squeeze(x, 1)), c(2L, 1L, 3L))
  expect_identical(mlx_shape(mlx_squeeze(x, c(3, 1))), c(2L, 3L))
  expect_array_equal(mlx_squeeze(x), matrix(as.double(1:6), 2))
  expect_array_equal(mlx_squeeze(mlx_ones(c(1, 1, 1))), 1)
  expect_array_equal(mlx_squeeze(mlx_vector(5), 1), 5)
  expect_identical(mlx_shape(mlx_squeeze(mlx_ones(c(1, 2, 3))[, FALSE, ])), c(0L, 3L))
  expect_array_equal(mlx_squeeze(as_mlx(5)), 5)
})

test_that("mlx_squeeze() refuses other axes", {
  x <- mlx_ones(c(1, 2, 1))
  expect_error(mlx_squeeze(x, 2), "Cannot squeeze axis", class = "mlx_error_shape")
  expect_error(mlx_squeeze(x, c(1, 1)), "duplicate axes", class = "mlx_error_argument")
  expect_error(mlx_squeeze(x, integer()), "axes must contain at least one element", class = "mlx_error_argument")
  expect_error(mlx_squeeze(x, 4), "axis=4 is out of bounds for an array with 3 dimensions", class = "mlx_error_shape")
  expect_error(mlx_squeeze(x, 0), class = "mlx_error_shape")
  expect_error(mlx_squeeze(x, -1), class = "mlx_error_shape")
  expect_error(mlx_squeeze(x, NA), "axis cannot be NA", class = "mlx_error_argument")
  expect_error(mlx_squeeze(x, "a"), class = "mlx_error_argument")
  expect_snapshot(show_condition(mlx_squeeze(x, 2)))
})

test_that("drop() is mlx_squeeze() for mlx arrays, and base R's for all else", {
  x <- as_mlx(matrix(1:3, 1, dimnames = list("r", c("a", "b", "c"))), dtype = "int8")
  expect_array_equal(drop(x), 1:3, dtype = "int8")
  expect_identical(names(drop(x)), c("a", "b", "c"))
  m <- matrix(1:3, 1, dimnames = list("r", letters[1:3]))
  for (object in list(m, array(1, c(1, 1)), 1:3, NULL, "a", list(1), factor("a"))) {
    expect_identical(drop(object), base::drop(object))
  }
  expect_error(drop(sum), NA)
})

test_that("drop() and diag() leave S4 objects to the package that has methods for them", {
  skip_if_not_installed("Matrix")
  m <- Matrix::Matrix(c(1, 0, 0, 2), 2, sparse = TRUE)
  expect_identical(diag(m), Matrix::diag(m))
  expect_identical(drop(m[1, , drop = FALSE]), Matrix::drop(m[1, , drop = FALSE]))
})

test_that("mlx_expand_dims() puts axes in at positions of the result", {
  x <- mlx_zeros(c(2, 2))
  expect_identical(mlx_shape(mlx_expand_dims(x, c(1, 3))), c(1L, 2L, 1L, 2L))
  expect_identical(mlx_shape(mlx_expand_dims(x, c(3, 1, 1))), c(1L, 2L, 1L, 2L))
  expect_identical(mlx_shape(mlx_expand_dims(x, 3)), c(2L, 2L, 1L))
  expect_identical(mlx_shape(mlx_expand_dims(as_mlx(1:3), 1)), c(1L, 3L))
  expect_identical(mlx_shape(mlx_expand_dims(as_mlx(1:3), 2)), c(3L, 1L))
  expect_identical(mlx_shape(mlx_expand_dims(as_mlx(1), 1)), 1L)
  named <- as_mlx(c(a = 1, b = 2))
  expect_identical(dimnames(mlx_expand_dims(named, 1)), list(NULL, c("a", "b")))
  expect_identical(dimnames(mlx_expand_dims(named, 2)), list(c("a", "b"), NULL))
})

test_that("mlx_expand_dims() refuses positions that are not there", {
  x <- mlx_zeros(c(2, 2))
  for (bad in list(0, 4, -1, Inf)) {
    expect_error(mlx_expand_dims(x, bad), "axes must be between 1 and 3", class = "mlx_error_argument")
  }
  expect_error(mlx_expand_dims(x, integer()), "at least one element", class = "mlx_error_argument")
  expect_error(mlx_expand_dims(x, NA), "cannot contain NA", class = "mlx_error_argument")
  expect_error(mlx_expand_dims(x, "a"), class = "mlx_error_argument")
  expect_error(mlx_expand_dims(x, NULL), class = "mlx_error_argument")
})

test_that("mlx_moveaxis() is the permutation that it says", {
  x <- array(1:24, c(2, 3, 4))
  a <- as_mlx(x)
  expect_array_equal(mlx_moveaxis(a, 1, 3), aperm(x, c(2, 3, 1)) + 0)
  expect_array_equal(mlx_moveaxis(a, 3, 1), aperm(x, c(3, 1, 2)) + 0)
  expect_array_equal(mlx_moveaxis(a, c(1, 2), c(3, 1)), aperm(x, c(2, 3, 1)) + 0)
  expect_array_equal(mlx_moveaxis(a, c(1, 3), c(3, 1)), aperm(x, c(3, 2, 1)) + 0)
  expect_array_equal(mlx_moveaxis(as_mlx(1:3), 1, 1), c(1, 2, 3))
})

test_that("mlx_moveaxis() refuses axes that do not match", {
  x <- mlx_zeros(c(2, 3, 4))
  expect_error(mlx_moveaxis(x, 1), "must be supplied", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x), "must be supplied", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, 1:2, 1), "must have the same length", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, integer(), integer()), "source must contain at least one", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, c(1, 1), 1:2), "source axes must be unique", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, 1:2, c(1, 1)), "destination axes must be unique", class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, 4, 1), "axis=4 is out of bounds", class = "mlx_error_shape")
  expect_error(mlx_moveaxis(x, 1, 0), class = "mlx_error_shape")
  expect_error(mlx_moveaxis(x, NA, 1), class = "mlx_error_argument")
  expect_error(mlx_moveaxis(x, "a", 1), class = "mlx_error_argument")
})

test_that("aperm() permutes axes and names as base R does", {
  x <- array(1:24, c(2, 3, 4), list(c("a", "b"), NULL, axis = letters[1:4]))
  a <- as_mlx(x, dtype = "int32")
  for (perm in list(NULL, 1:3, c(3, 1, 2), c(2, 1, 3))) {
    expect_array_equal(aperm(a, perm), aperm(x, perm), dtype = "int32")
    expect_identical(dimnames(aperm(a, perm)), dimnames(aperm(x, perm)))
  }
  expect_array_equal(aperm(as_mlx(1:3)), c(1, 2, 3))
  expect_array_equal(aperm(as_mlx(1:3), 1), c(1, 2, 3))
  expect_array_equal(aperm(as_mlx(5)), 5)
})

test_that("aperm() refuses what is no permutation", {
  x <- mlx_zeros(c(2, 3))
  expect_error(aperm(x, 1), "perm must have length equal", class = "mlx_error_argument")
  for (bad in list(c(1, 1), c(0, 1), c(1, 3), c(1, NA))) {
    expect_error(aperm(x, bad), "perm must be a permutation", class = "mlx_error_argument")
  }
  expect_error(aperm(x, c("a", "b")), "perm must be a permutation", class = "mlx_error_argument")
  for (bad in list(FALSE, NA, "a", NULL)) {
    expect_error(aperm(x, resize = bad), "resize = FALSE", class = "mlx_error_argument")
  }
})

test_that("mlx_swapaxes() exchanges two axes", {
  x <- array(1:24, c(2, 3, 4))
  expect_array_equal(mlx_swapaxes(as_mlx(x), 1, 3), aperm(x, c(3, 2, 1)) + 0)
  expect_array_equal(mlx_swapaxes(as_mlx(x), 3, 2), aperm(x, c(1, 3, 2)) + 0)
  expect_array_equal(mlx_swapaxes(as_mlx(1:3), 1, 1), c(1, 2, 3))
  expect_error(mlx_swapaxes(as_mlx(x), 1), "axis1 and axis2 must be supplied", class = "mlx_error_argument")
  expect_error(mlx_swapaxes(as_mlx(x), 1, 4), "axis=4 is out of bounds", class = "mlx_error_shape")
  expect_error(mlx_swapaxes(as_mlx(x), 1:2, 1), "axis must be NULL or a single integer", class = "mlx_error_argument")
})

test_that("row() and col() number the elements as base R does", {
  m <- matrix(0, 2, 3)
  expect_array_equal(row(as_mlx(m)), row(m), dtype = "int32")
  expect_array_equal(col(as_mlx(m)), col(m), dtype = "int32")
  cube <- mlx_zeros(c(2, 3, 2))
  expect_array_equal(row(cube), array(1:2, c(2, 3, 2)), dtype = "int32")
  expect_array_equal(col(cube), array(rep(1:3, each = 2), c(2, 3, 2)), dtype = "int32")
  expect_array_equal(row(mlx_zeros(c(2, 3))[FALSE, ]), matrix(integer(), 0, 3), dtype = "int32")
  expect_warning(x <- row(as_mlx(m), as.factor = TRUE), "ignores as.factor", class = "mlx_warning_argument")
  expect_array_equal(x, row(m), dtype = "int32")
  expect_error(row(as_mlx(1:3)), "a matrix-like object is required", class = "mlx_error_shape")
  expect_error(col(as_mlx(1)), "a matrix-like object is required", class = "mlx_error_shape")
})

test_that("row() and col() of R objects are base R's", {
  m <- matrix(0, 2, 3, dimnames = list(c("a", "b"), NULL))
  expect_identical(row(m), base::row(m))
  expect_identical(col(m, as.factor = TRUE), base::col(m, as.factor = TRUE))
  expect_identical(row(m, TRUE), base::row(m, TRUE))
  expect_identical(col(data.frame(a = 1:2)), base::col(data.frame(a = 1:2)))
  expect_error(row(1:3), "matrix-like")
})

test_that("moving axes moves names", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(u = c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_moveaxis(x, 1, 2)), dimnames(t(as.matrix(x))))
  expect_identical(dimnames(mlx_swapaxes(x, 1, 2)), dimnames(t(as.matrix(x))))
})
