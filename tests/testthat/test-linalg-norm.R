test_that("mlx_norm() of everything is the root of the sum of squares", {
  for (shape in list(5L, c(3L, 4L), c(2L, 3L, 2L), c(0L, 3L))) {
    x <- sample_array(shape, "float32")
    expect_array_equal(mlx_norm(as_mlx(x)), sqrt(sum(x^2)))
    expect_array_equal(mlx_norm(as_mlx(x), drop = FALSE), sqrt(sum(x^2)), shape = 1L)
  }
  expect_array_equal(mlx_norm(-3), 3)
})

test_that("mlx_norm() of vectors knows every p", {
  x <- sample_array(c(3L, 4L), "float32")
  for (p in c(0, 1, 2, 3, 0.5, Inf, -Inf, -1, -2)) {
    expect_array_equal(mlx_norm(as_mlx(x), p, axes = 2), apply(x, 1, vector_norm, p), info = p)
    expect_array_equal(mlx_norm(as_mlx(x), p, axes = -2), apply(x, 2, vector_norm, p), info = p)
    expect_array_equal(mlx_norm(as_mlx(x), p, axes = 1, drop = FALSE), matrix(apply(x, 2, vector_norm, p), 1), info = p)
    expect_array_equal(mlx_norm(as_mlx(x[1, ]), p), vector_norm(x[1, ], p), info = p)
    expect_array_equal(mlx_norm(-2.5, p), vector_norm(-2.5, p), info = p)
  }
  expect_array_equal(mlx_norm(as_mlx(x), axes = 2), sqrt(rowSums(x^2)))
})

test_that("mlx_norm() of matrices knows every ord, on axes in either order, kept or not", {
  x <- sample_array(c(3L, 2L, 4L), "float32", 3L)
  for (ord in list(1, -1, 2, -2, Inf, -Inf, "fro", "F", "nuc", "NUC")) {
    p <- tolower(ord)
    p <- if (is.numeric(ord)) ord else p
    expect_array_equal(mlx_norm(as_mlx(x[, 1, ]), ord), matrix_norm(x[, 1, ], p), tolerance = 1e-5, info = ord)
    expected <- apply(x, 2, matrix_norm, p)
    expect_array_equal(mlx_norm(as_mlx(x), ord, axes = c(1, 3)), expected, tolerance = 1e-5, info = ord)
    expected <- apply(x, 2, function(m) matrix_norm(t(m), p))
    expect_array_equal(mlx_norm(as_mlx(x), ord, axes = c(3, 1), drop = FALSE), array(expected, c(1, 2, 1)),
      tolerance = 1e-5, info = ord
    )
  }
  m <- x[, 1, ]
  expect_array_equal(mlx_norm(as_mlx(m), Inf), base::norm(m, "I"))
  expect_array_equal(mlx_norm(as_mlx(m), 1), base::norm(m, "O"))
})

test_that("mlx_norm() of every dtype is real and floating", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(3L, 3L), dtype, 2L)
    expected <- if (dtype %in% float_dtypes()) dtype else "float32"
    tolerance <- max(tolerance_of(expected), 1e-5)
    for (ord in list(NULL, 1, Inf, 2, "nuc")) {
      truth <- if (is.null(ord)) sqrt(sum(Mod(x + 0)^2)) else matrix_norm(x + 0, ord)
      if (dtype == "complex64" && is.numeric(ord) && abs(ord) != 2) truth <- matrix_norm(Mod(x), ord)
      expect_array_equal(mlx_norm(make_mlx(x, dtype), ord), truth, dtype = expected, tolerance = tolerance, info = dtype)
    }
  }
})

test_that("norms of nothing are 0, NaN goes through", {
  for (ord in list(1, -1, 2, -2, Inf, -Inf, "fro", "nuc")) {
    expect_array_equal(mlx_norm(as_mlx(matrix(0, 0, 3)), ord), 0, info = ord)
    expect_array_equal(mlx_norm(as_mlx(array(0, c(2, 3, 0))), ord, axes = 2:3), c(0, 0), info = ord)
  }
  expect_array_equal(mlx_norm(as_mlx(numeric()), -Inf), 0)
  expect_array_equal(mlx_norm(c(1, NaN)), NaN)
  expect_error(mlx_norm(matrix(NaN, 2, 2), 2), class = "mlx_error_argument", regexp = "infinite or missing values")
})

test_that("mlx_norm() tells what is wrong", {
  x <- as_mlx(matrix(1:4, 2))
  for (ord in list(3, 0, "two", NaN)) expect_error(mlx_norm(x, ord), class = "mlx_error_argument", regexp = "Invalid ord")
  for (ord in list(TRUE, list(1), c(1, 2), character())) {
    expect_error(mlx_norm(x, ord), class = "mlx_error_argument", regexp = "ord must be numeric, character, or NULL")
  }
  expect_error(mlx_norm(x, axes = 0), class = "mlx_error_argument", regexp = "1-based")
  for (axis in c(3, -3, 1e10)) expect_error(mlx_norm(x, axes = axis), class = "mlx_error_shape", regexp = "out of bounds")
  expect_error(mlx_norm(x, axes = c(1, -2)), class = "mlx_error_argument", regexp = "repeat")
  expect_error(mlx_norm(array(1, c(2, 2, 2)), 1), class = "mlx_error_shape", regexp = "too many axes")
  expect_error(mlx_norm(array(1, c(2, 2, 2)), axes = 1:3), class = "mlx_error_shape", regexp = "too many axes")
  expect_error(mlx_norm(x, "nuc", axes = 1), class = "mlx_error_argument", regexp = "two axes")
  expect_error(mlx_norm(x, drop = NA), class = "mlx_error_argument")
  for (axes in list("a", NA, integer())) expect_error(mlx_norm(x, axes = axes), class = "mlx_error")
  expect_snapshot(show_condition(mlx_norm(x, 3)))
  expect_snapshot(show_condition(mlx_norm(array(1, c(2, 2, 2)), 1)))
})
