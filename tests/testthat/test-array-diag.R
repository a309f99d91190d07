test_that("diag() reads the diagonal of an mlx matrix", {
  for (dtype in all_dtypes()) {
    for (shape in list(c(3L, 3L), c(2L, 4L), c(4L, 2L))) {
      x <- sample_array(shape, dtype)
      expect_array_equal(diag(make_mlx(x, dtype)), as_stored(base::diag(x), dtype), dtype = dtype, info = dtype)
    }
  }
  x <- matrix(1:12, 3)
  for (k in -4:5) {
    expected <- x[base::col(x) - base::row(x) == k] + 0
    expect_array_equal(diag(as_mlx(x), k), expected, shape = length(expected), info = k)
  }
  for (view in views("float32")) expect_array_equal(diag(view[[1]]), base::diag(view[[2]]))
  expect_array_equal(diag(as_mlx(x)[FALSE, ]), numeric())
  expect_array_equal(diag(as_mlx(x), 2^31 - 1), numeric())
  expect_array_equal(diag(as_mlx(x), 1 - 2^31), numeric())
})

test_that("diag() puts an mlx vector on a diagonal", {
  for (dtype in all_dtypes()) {
    v <- sample_values(3, dtype)
    for (k in -2:2) {
      expected <- matrix(if (dtype == "bool") FALSE else 0, 3 + abs(k), 3 + abs(k))
      expected[base::col(expected) - base::row(expected) == k] <- v
      expect_array_equal(diag(make_mlx(v, dtype), k), as_stored(expected, dtype), dtype = dtype, info = paste(dtype, k))
    }
  }
  expect_array_equal(diag(as_mlx(c(NaN, Inf))), matrix(c(NaN, 0, 0, Inf), 2))
  expect_array_equal(diag(as_mlx(1:2)[FALSE]), matrix(numeric(), 0, 0))
  expect_array_equal(diag(as_mlx(1:2)[FALSE], 2), matrix(0, 2, 2))
  expect_array_equal(diag(mlx_vector(5)), matrix(5))
})

test_that("diag() refuses other arrays", {
  expect_error(diag(as_mlx(1)), "must be 1-D or 2-D", class = "mlx_error_shape")
  expect_error(diag(mlx_zeros(c(2, 2, 2))), "must be 1-D or 2-D", class = "mlx_error_shape")
  expect_error(diag(mlx_zeros(c(2, 2)), "a"), class = "mlx_error_argument")
  expect_error(diag(mlx_zeros(c(2, 2)), names = NA), class = "mlx_error_argument")
  expect_error(diag(as_mlx(1:2), 2^31 - 1), class = "mlx_error_shape")
  expect_snapshot(show_condition(diag(mlx_zeros(c(2, 2, 2)))))
})

test_that("diag() keeps names where rows and columns agree", {
  both <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("a", "b"))))
  expect_identical(names(diag(both)), c("a", "b"))
  expect_null(names(diag(both, names = FALSE)))
  expect_null(names(diag(both, 1)))
  expect_null(names(diag(as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("a", "c")))))))
  expect_null(names(diag(as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL))))))
})

test_that("diag() of R objects is base R's", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), c("a", "b", "c")))
  calls <- list(
    quote(diag(3)), quote(diag(nrow = 2)), quote(diag(2, 3)), quote(diag(c(a = 1, b = 2))), quote(diag(m)),
    quote(diag(m, names = FALSE)), quote(diag(1:2, 2, 4)), quote(diag(TRUE, 2)), quote(diag(3, names = TRUE)),
    quote(diag(2.7)), quote(diag(1i, 2)), quote(diag(ncol = 3, nrow = 2)), quote(diag(x = 1:3)), quote(diag(numeric(), 2))
  )
  for (call in calls) {
    masked <- tryCatch(eval(call), error = conditionMessage)
    base <- tryCatch(eval(call, list(diag = base::diag)), error = conditionMessage)
    expect_identical(masked, base, info = deparse(call))
  }
  expect_error(diag(), "nrow")
  expect_error(diag(m, 2), "cannot be specified")
  expect_error(diag(m, nrow = 2), "cannot be specified")
  expect_error(diag(array(1, c(1, 1, 1))), "not one-dimensional")
})

test_that("mlx_diagonal() reads any two axes", {
  x <- array(1:24, c(2, 3, 4))
  a <- as_mlx(x)
  expect_array_equal(mlx_diagonal(a), vapply(1:2, function(i) x[i, i, ] + 0, numeric(4)))
  expect_array_equal(mlx_diagonal(a, axis1 = 2, axis2 = 3), vapply(1:3, function(i) x[, i, i] + 0, numeric(2)))
  expect_array_equal(mlx_diagonal(a, 1, 1, 3), vapply(1:2, function(i) x[i, , i + 1] + 0, numeric(3)))
  expect_array_equal(mlx_diagonal(a, -1, 3, 1), vapply(1:2, function(i) x[i, , i + 1] + 0, numeric(3)))
  expect_array_equal(mlx_diagonal(a, 9), matrix(numeric(), 4, 0))
  expect_array_equal(mlx_diagonal(a[, , FALSE]), matrix(numeric(), 0, 2))
  expect_array_equal(mlx_diagonal(matrix(1:4, 2)), c(1, 4))
  named <- as_mlx(array(1:8, c(2, 2, 2), list(NULL, NULL, c("u", "v"))))
  expect_identical(dimnames(mlx_diagonal(named)), list(c("u", "v"), NULL))
})

test_that("mlx_diagonal() refuses axes that are not two", {
  x <- mlx_zeros(c(2, 2))
  expect_error(mlx_diagonal(as_mlx(1:2)), "at least 2-D", class = "mlx_error_shape")
  expect_error(mlx_diagonal(x, axis1 = 2), "different axes", class = "mlx_error_argument")
  expect_error(mlx_diagonal(x, axis2 = 3), class = "mlx_error_shape")
  expect_error(mlx_diagonal(x, offset = NA), class = "mlx_error_argument")
  expect_error(mlx_diagonal(x, offset = 1:2), class = "mlx_error_argument")
})
