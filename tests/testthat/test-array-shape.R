test_that("shape functions give base R's values", {
  for_each_entry(shape_expressions(), function(name, entry) {
    value <- do.call(entry$f, lapply(entry$args, as_mlx))
    expect_array_equal(value, do.call(entry$oracle, entry$args), tolerance = 5e-6, info = name)
  })
})

test_that("compiled shape functions give the same values, in the call that traces and in the next", {
  for_each_entry(shape_expressions(), function(name, entry) {
    compiled <- mlx_compile(entry$f)
    for (args in list(entry$args, nudged(entry$args))) {
      value <- do.call(compiled, lapply(args, as_mlx))
      expect_array_equal(value, do.call(entry$oracle, args), tolerance = 5e-6, info = name)
    }
  })
})

test_that("gradients of shape functions are their finite differences", {
  for_each_entry(shape_expressions(), function(name, entry) expect_entry_grad(name, entry, tolerance = 2e-5))
})

test_that("mlx_reshape() takes the elements with the last axis fastest", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(2L, 3L, 4L), dtype)
    for (shape in list(24L, c(4L, 6L), c(1L, 24L), c(3L, 2L, 2L, 2L))) {
      expect_array_equal(mlx_reshape(make_mlx(x, dtype), shape), as_stored(from_row_major(row_major(x), shape), dtype),
        dtype = dtype, shape = shape, info = dtype
      )
    }
  }
  expect_array_equal(mlx_reshape(as_mlx(1:3), c(3, 1)), matrix(c(1, 2, 3)))
  expect_array_equal(mlx_reshape(as_mlx(matrix(7)), integer()), 7)
  expect_array_equal(mlx_reshape(as_mlx(7), c(1, 1)), matrix(7))
  expect_array_equal(mlx_reshape(mlx_zeros(c(2, 3))[FALSE, ], c(4, 0)), matrix(numeric(), 4, 0))
  expect_array_equal(mlx_reshape(matrix(1:4, 2), 4.9), c(1, 3, 2, 4))
})

test_that("mlx_reshape() works on views", {
  for (view in views("float32")) {
    x <- view[[2]]
    expect_array_equal(mlx_reshape(view[[1]], length(x)), row_major(x))
  }
})

test_that("what is parted into more axes meets arrays of R's order element by element", {
  x <- matrix(1:24 + 0, 2)
  cube <- array(sample_values(24, "float32"), c(2, 3, 4))
  parted <- from_row_major(row_major(x), c(2, 3, 4))
  expect_array_equal(mlx_reshape(as_mlx(x), c(2, 3, 4)) * as_mlx(cube), parted * cube)
  expect_array_equal(mlx_unflatten(as_mlx(x), 2, c(3, 4)) - as_mlx(cube), parted - cube)
  # the derivative of merging axes parts them
  grad <- mlx_grad(function(cube) sum(mlx_flatten(cube * cube, 2, 3) * x), as_mlx(cube))[[1]]
  expect_array_equal(grad, 2 * cube * parted)
})

test_that("mlx_reshape() refuses other sizes", {
  x <- as_mlx(matrix(1:6, 2))
  for (bad in list(NULL, "a", c(2, NA), TRUE, list(2, 3))) {
    expect_error(mlx_reshape(x, bad), class = if (isTRUE(bad)) "mlx_error_shape" else "mlx_error_argument")
  }
  expect_error(mlx_reshape(x, NULL), "numeric vector without NAs")
  expect_error(mlx_reshape(x, c(-1, 6)), "negative values", class = "mlx_error_argument")
  expect_error(mlx_reshape(x, 5), "Cannot reshape array of size", class = "mlx_error_shape")
  expect_error(mlx_reshape(x, integer()), class = "mlx_error_shape")
  expect_snapshot(show_condition(mlx_reshape(x, c(4, 2))))
  expect_error(dim(x) <- c(4, 2), "dims [product 8] do not match the length of object [6]", fixed = TRUE)
})

test_that("mlx_flatten() merges a range of axes", {
  x <- array(1:24, c(2, 3, 4))
  a <- as_mlx(x)
  expect_array_equal(mlx_flatten(a), as.double(row_major(x)))
  expect_array_equal(mlx_flatten(a, 1, 2), from_row_major(row_major(x), c(6L, 4L)) + 0)
  expect_array_equal(mlx_flatten(a, 2), from_row_major(row_major(x), c(2L, 12L)) + 0)
  expect_array_equal(mlx_flatten(a, 2, 2), x + 0)
  expect_array_equal(mlx_flatten(as_mlx(matrix(1:4, 2))), c(1, 3, 2, 4))
  expect_array_equal(mlx_flatten(as_mlx(1:3)), c(1, 2, 3))
  expect_array_equal(mlx_flatten(as_mlx(3)), 3)
  expect_array_equal(mlx_flatten(mlx_zeros(c(2, 3))[, FALSE]), numeric())
})

test_that("mlx_flatten() refuses axes that are not there", {
  x <- mlx_zeros(c(2, 3))
  for (bad in list(0, -1, NA, "a", 1:2, NULL, numeric())) {
    expect_error(mlx_flatten(x, bad), "start_axis must be a single positive integer", class = "mlx_error_argument")
  }
  for (bad in list(0, NA, "a", 1:2, numeric())) {
    expect_error(mlx_flatten(x, 1, bad), "end_axis must be NULL or a single", class = "mlx_error_argument")
  }
  expect_error(mlx_flatten(x, 2, 1), "start_axis must be less than or equal", class = "mlx_error_argument")
  expect_error(mlx_flatten(x, 1, 3), "out of bounds", class = "mlx_error_shape")
  expect_error(mlx_flatten(x, 3), class = "mlx_error_shape")
  expect_error(mlx_flatten(as_mlx(1:3), 2), class = "mlx_error_shape")
})

test_that("mlx_unflatten() parts an axis", {
  x <- matrix(1:12, 6)
  expect_array_equal(mlx_unflatten(as_mlx(x), 1, c(2, 3)), from_row_major(row_major(x), c(2L, 3L, 2L)) + 0)
  expect_array_equal(mlx_unflatten(as_mlx(x), 2, c(1, -1)), array(x + 0, c(6, 1, 2)))
  expect_array_equal(mlx_unflatten(as_mlx(1:6), 1, c(-1, 2)), from_row_major(1:6 + 0, c(3L, 2L)))
  expect_array_equal(mlx_unflatten(mlx_zeros(c(2, 3))[FALSE, ], 1, c(0, 4)), array(numeric(), c(0, 4, 3)))
})

test_that("mlx_unflatten() refuses shapes that do not fit", {
  x <- as_mlx(1:6)
  for (bad in list(4, c(4, -1), c(0, -1))) {
    expect_error(mlx_unflatten(x, 1, bad), "Cannot unflatten axis", class = "mlx_error_shape")
  }
  for (bad in list("a", NA, NULL, c(-1, -1), c(-2, 3), c(-2, -3))) {
    expect_error(mlx_unflatten(x, 1, bad), class = "mlx_error_argument")
  }
  expect_error(mlx_unflatten(x, 1, integer()), "cannot be empty", class = "mlx_error_argument")
  for (bad in list(0, -1, 2, Inf)) {
    expect_error(mlx_unflatten(x, bad, c(2, 3)), "out of bounds for array with", class = "mlx_error_shape")
  }
  for (bad in list(NA, "a", NULL, 1:2)) expect_error(mlx_unflatten(x, bad, 6), class = "mlx_error_argument")
  expect_error(mlx_unflatten(as_mlx(1), 1, 1), class = "mlx_error_shape")
  expect_snapshot(show_condition(mlx_unflatten(x, 1, c(2, 4))))
})

test_that("mlx_contiguous() keeps values, dtype and names", {
  for (view in views("int16")) expect_array_equal(mlx_contiguous(view[[1]]), view[[2]], dtype = "int16")
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_contiguous(t(x))), list(NULL, c("a", "b")))
  expect_identical(mlx_device(mlx_contiguous(x, device = "cpu")), "cpu")
  expect_array_equal(mlx_contiguous(1:3), c(1, 2, 3))
  expect_error(mlx_contiguous(x, device = "tpu"), class = "mlx_error_argument")
})

test_that("mlx_cast() converts between dtypes as R's own conversions do", {
  for (from in all_dtypes()) {
    for (to in all_dtypes()) {
      values <- if (is_signed(from) && is_signed(to)) c(-2, 0, 1, 3) else c(0, 1, 3)
      if ("bool" %in% c(from, to)) values <- as.double(values != 0)
      x <- as_mlx(values, dtype = from, device = "cpu")
      expect_array_equal(suppressWarnings(mlx_cast(x, to)), values, dtype = to, tolerance = 0, info = paste(from, "to", to))
    }
  }
  expect_array_equal(mlx_cast(as_mlx(c(-1.7, 1.7)), "int32"), c(-1, 1), dtype = "int32")
  expect_array_equal(mlx_cast(as_mlx(c(0i, 1i)), "bool"), c(FALSE, TRUE))
})

test_that("mlx_cast() keeps names, and the dtype for NULL", {
  x <- as_mlx(c(a = 1, b = 2))
  expect_identical(names(mlx_cast(x, "int8")), c("a", "b"))
  expect_identical(mlx_cast(x), x)
  expect_error(mlx_cast(1, "int8"), class = "mlx_error_argument")
  expect_error(mlx_cast(x, "int"), class = "mlx_error_dtype")
})

test_that("mlx_cast() refuses float64 on the GPU", {
  skip_if_no_gpu()
  expect_error(mlx_cast(as_mlx(1, device = "gpu"), "float64"), class = "mlx_error_dtype")
})

test_that("reshaping drops names", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_null(dimnames(mlx_reshape(x, c(2, 2))))
  expect_null(dimnames(mlx_flatten(x)))
  expect_null(dimnames(mlx_unflatten(x, 1, c(2, 1))))
})
