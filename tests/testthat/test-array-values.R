test_that("values are sorted, turned and told apart as base R does", {
  for (shape in list(5L, c(3L, 4L), c(2L, 3L, 2L), 1L)) {
    for (dtype in c("float32", "int32", "bool", "float64")) {
      a <- as_stored(sample_array(shape, dtype), dtype)
      x <- make_mlx(a, dtype)
      n <- length(a)
      expect_array_equal(sort(x), sort(as.vector(a)), dtype = dtype, shape = n)
      expect_array_equal(sort(x, decreasing = TRUE), sort(as.vector(a), decreasing = TRUE), dtype = dtype, shape = n)
      expect_array_equal(rev(x), rev(as.vector(a)), dtype = dtype, shape = n)
      expect_array_equal(unique(x), unique(as.vector(a)), dtype = dtype, shape = length(unique(as.vector(a))))
      expect_identical(duplicated(x), duplicated(as.vector(a)))
      expect_identical(anyDuplicated(x), anyDuplicated(as.vector(a)))
      expect_identical(order(x), order(as.vector(a)))
    }
  }
})

test_that("the median is base R's, and NaN with one", {
  for (values in list(c(3, 1, 2), c(4, 1, 3, 2), 7, matrix(c(5, -1, 2, 8), 2))) {
    expect_array_equal(median(as_mlx(values)), stats::median(values))
    expect_array_equal(median(make_mlx(values, "float64")), stats::median(values), dtype = "float64")
  }
  expect_array_equal(median(as_mlx(c(1, NaN, 2))), NaN)
  expect_error(median(as_mlx(numeric())), class = "mlx_error_shape")
})

test_that("lists and lapply() go through the elements", {
  m <- matrix(c(1, 2, 3, 4), 2)
  expect_identical(vapply(as_mlx(m), as.vector, 0), as.vector(m))
  expect_identical(lapply(as_mlx(c(a = 1, b = 2)), as.vector), list(a = 1, b = 2))
  expect_identical(as.list(as_mlx(numeric())), list())
  expect_array_equal(as.list(as_mlx(5))[[1L]], 5)
})

test_that("sorting and turning are differentiated", {
  expect_grad_close(function(x) sum(sort(x) * c(1, 2, 3, 4)), c(3, 1, 4, 2), oracle = function(x) sum(sort(x) * 1:4))
  expect_grad_close(function(x) sum(rev(x) * c(1, 2, 3)), c(3, 1, 4), oracle = function(x) sum(rev(x) * 1:3))
  expect_grad_close(function(x) median(x), c(3, 1, 4, 2), oracle = stats::median)
})
