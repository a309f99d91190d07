type7 <- function(x, probs) stats::quantile(x, probs, names = FALSE, type = 7)

test_that("mlx_quantile() is R's type 7 over everything and along each axis", {
  probs <- c(0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1)
  a <- sample_array(c(3L, 4L, 5L), "float32")
  for (dtype in c("float32", "float64")) {
    x <- make_mlx(a, dtype)
    expect_array_equal(mlx_quantile(x, probs, device = "cpu"), type7(a, probs), dtype = dtype)
    for (axis in 1:3) {
      values <- apply(a, (1:3)[-axis], type7, probs)
      expected <- aperm(values, order(c(axis, (1:3)[-axis])))
      expect_array_equal(mlx_quantile(x, probs, axis, device = "cpu"), expected, dtype = dtype, info = axis)
    }
  }
})

test_that("the shape of quantiles follows probs, axis and drop", {
  x <- as_mlx(matrix(c(1, 5, 2, 8, 3, 9, 4, 7, 6), 3))
  m <- as.matrix(x)
  expect_array_equal(mlx_quantile(x, c(0.2, 0.7), axis = 1), apply(m, 2, type7, c(0.2, 0.7)))
  expect_array_equal(mlx_quantile(x, 0.5, axis = 1), matrix(apply(m, 2, stats::median), 1))
  expect_array_equal(mlx_quantile(x, 0.5, axis = 1, drop = TRUE), apply(m, 2, stats::median))
  expect_array_equal(mlx_quantile(x, c(0.2, 0.7), 1, drop = TRUE), apply(m, 2, type7, c(0.2, 0.7)))
  expect_array_equal(mlx_quantile(x, 0.5), 5, shape = 1L)
  expect_array_equal(mlx_quantile(x, 0.5, drop = TRUE), 5, shape = 1L)
  expect_array_equal(mlx_quantile(4, c(0, 0.3, 1)), c(4, 4, 4))
  expect_array_equal(mlx_quantile(x, numeric()), numeric())
  expect_array_equal(quantile(x, c(0.1, 0.6)), type7(m, c(0.1, 0.6)))
})

test_that("quantiles of integers and half precision are float32", {
  for (dtype in setdiff(all_dtypes(), c("complex64", "float64"))) {
    values <- sample_values(7, dtype)
    expect_array_equal(mlx_quantile(make_mlx(values, dtype), c(0.3, 0.8)), type7(values + 0, c(0.3, 0.8)), info = dtype)
  }
})

test_that("infinite numbers are met as in base R, and NaN sorts last", {
  for (x in list(c(-Inf, 1, Inf), c(-Inf, -Inf, 2, Inf, Inf), c(1, Inf))) {
    for (p in c(0, 0.1, 0.5, 0.9, 1)) expect_array_equal(mlx_quantile(x, p), type7(x, p), shape = 1L, info = p)
  }
  expect_array_equal(mlx_quantile(c(NaN, 1, 2), c(0, 0.5, 1)), c(1, 2, NaN))
})

test_that("quantiles work on views, keep names of other axes, and can be differentiated and compiled", {
  for (view in views("float32")) {
    expect_array_equal(mlx_quantile(view[[1L]], 0.3, 1, drop = TRUE), apply(view[[2L]], 2, type7, 0.3))
  }
  x <- as_mlx(matrix(1:6, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_quantile(x, 0.5, 2)), list(c("a", "b"), NULL))
  expect_identical(names(mlx_quantile(x, 0.5, 2, drop = TRUE)), c("a", "b"))
  expect_grad_close(function(x) sum(mlx_quantile(x, c(0.1, 0.75))), c(3, 1, 2, 5),
    oracle = function(x) sum(type7(x, c(0.1, 0.75)))
  )
  expect_array_equal(mlx_compile(function(x) mlx_quantile(x, 0.25))(as_mlx(c(3, 1, 2))), 1.5, shape = 1L)
})

test_that("arguments of quantiles are checked", {
  x <- as_mlx(matrix(1:6, 2))
  for (probs in list("a", NA, c(0.1, NaN), list(0.1), NULL)) {
    expect_error(mlx_quantile(x, probs), class = "mlx_error_argument", regexp = "without NA values")
  }
  for (probs in c(-0.1, 1.1, Inf)) {
    expect_error(mlx_quantile(x, probs), class = "mlx_error_argument", regexp = "probs must be in [0, 1]", fixed = TRUE)
  }
  expect_error(mlx_quantile(x, 0.5, 1:2), class = "mlx_error_argument", regexp = "Multiple axes are not supported")
  expect_error(mlx_quantile(x, 0.5, 3), class = "mlx_error_shape", regexp = "out of bounds")
  expect_error(mlx_quantile(x, 0.5, 1, drop = NA), class = "mlx_error_argument", regexp = "drop must be")
  expect_error(mlx_quantile(numeric(), 0.5), class = "mlx_error_shape", regexp = "empty array")
  expect_error(mlx_quantile(as_mlx(matrix(0, 0, 3)), 0.5, 2), class = "mlx_error_shape", regexp = "empty array")
  expect_error(mlx_quantile(1i, 0.5), class = "mlx_error_dtype", regexp = "complex")
  expect_error(quantile(x), class = "mlx_error_argument", regexp = "probs")
  expect_snapshot(show_condition(mlx_quantile(x, 2)))
})

# The attributes that scale() leaves, as plain vectors.
scaled <- function(x) {
  lapply(attributes(x)[c("scaled:center", "scaled:scale")], function(a) if (is_mlx(a)) as.vector(a) else a)
}

test_that("scale() is base R's, with its attributes", {
  m <- matrix(c(1, 2, 4, 10, 20, 60, -1, 0, 7, 3, 3, 9), 4)
  choices <- list(TRUE, FALSE, 2, c(1, 2, 3))
  for (dtype in c("float32", "float64")) {
    for (center in choices) {
      for (scale in choices) {
        wide <- function(value) if (is.numeric(value)) rep_len(value, 3) else value
        expected <- base::scale(m, wide(center), wide(scale))
        value <- scale(make_mlx(m, dtype), center, scale)
        info <- paste(dtype, toString(center), toString(scale))
        expect_array_equal(value, expected[seq_len(4), ], dtype = dtype, info = info)
        expect_equal(scaled(value), scaled(expected), tolerance = 1e-6, info = info)
      }
    }
  }
})

test_that("computed attributes of scale() are arrays of one row, given ones are kept", {
  x <- as_mlx(matrix(c(1, 2, 4, 10, 20, 60), 3))
  expect_array_equal(attr(scale(x), "scaled:center"), matrix(c(7 / 3, 30), 1))
  expect_identical(mlx_shape(attr(scale(x), "scaled:scale")), c(1L, 2L))
  expect_identical(attr(scale(x, center = 3), "scaled:center"), c(3, 3))
  given <- as_mlx(c(1, 2))
  expect_array_equal(attr(scale(x, scale = given), "scaled:scale"), c(1, 2))
  expect_array_equal(scale(x, FALSE, given), as.matrix(x) / rep(1:2, each = 3))
  expect_null(attr(scale(x, FALSE), "scaled:center"))
  expect_named(attributes(as.matrix(scale(x))), c("dim", "scaled:center", "scaled:scale"))
})

test_that("scale() takes integers, one row, constant columns and names", {
  m <- matrix(1:6, 3)
  expect_array_equal(scale(as_mlx(m, "int32")), base::scale(m)[1:3, ])
  expect_array_equal(scale(as_mlx(m, "int32"), FALSE), base::scale(m, FALSE)[1:3, ])
  expect_array_equal(scale(as_mlx(m, "int32"), FALSE, FALSE), m, dtype = "int32")
  expect_array_equal(scale(as_mlx(m, "float16"), center = 1, scale = FALSE), m - 1, dtype = "float16")
  expect_array_equal(scale(as_mlx(matrix(1:2, 1))), matrix(NaN, 1, 2))
  expect_array_equal(scale(as_mlx(matrix(5, 3, 1))), matrix(NaN, 3, 1))
  x <- as_mlx(matrix(1:4, 2, dimnames = list(NULL, c("u", "v"))))
  expect_identical(colnames(scale(x)), c("u", "v"))
  expect_grad_close(function(x) sum(scale(x)[1, ]^3), m / 2 + c(0, 1, 0), oracle = function(x) sum(base::scale(x)[1, ]^3))
})

test_that("arguments of scale() are checked", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(scale(as_mlx(1:3)), class = "mlx_error_shape", regexp = "supports 2D arrays")
  for (arg in c("center", "scale")) {
    wrong <- function(value) do.call(scale, c(list(x), setNames(list(value), arg)))
    expect_error(wrong(1:2), class = "mlx_error_argument",
      regexp = sprintf("length of '%s' must equal the number of columns", arg)
    )
    expect_error(wrong(as_mlx(1:2)), class = "mlx_error_argument", regexp = "number of columns")
    for (bad in list("a", NA, NULL, list(1))) {
      expect_error(wrong(bad), class = "mlx_error_argument", regexp = sprintf("'%s' must be TRUE, FALSE, or numeric", arg))
    }
  }
  expect_snapshot(show_condition(scale(x, center = 1:2)))
})
