test_that("mlx_dequantize() gives what the packed codes stand for, the nearest to what was packed", {
  w <- quantize_matrix()
  for (setting in quantize_settings()) {
    info <- paste(setting, collapse = " ")
    q <- do.call(mlx_quantize, c(list(w), setting))
    expected <- dequantized_in_r(q, setting$group_size, setting$bits, setting$mode)
    again <- do.call(mlx_dequantize, packed_args(q, setting))
    expect_array_equal(again, expected, tolerance = 1e-5, info = info)
    errors <- abs(expected - w)
    expect_true(all(errors <= nearest_in_r(q, w, setting) + 1e-5), info = info)
    # the scales leave no number further away than a step, and no small float by a quarter of the greatest
    steps <- if (setting$mode == "affine") diff(range(w)) / (2^setting$bits - 1) else max(abs(w)) / 4
    expect_lt(max(errors), steps)
  }
})

test_that("shapes, names and dtypes are as documented", {
  w <- quantize_matrix(128, 64)
  q <- mlx_quantize(w)
  expect_identical(names(q), c("w_q", "scales", "biases"))
  expect_identical(lapply(q, mlx_shape), list(w_q = c(128L, 8L), scales = c(128L, 1L), biases = c(128L, 1L)))
  expect_identical(vapply(q, mlx_dtype, ""), c(w_q = "uint32", scales = "float32", biases = "float32"))
  q <- mlx_quantize(w, group_size = 32, mode = "mxfp4")
  expect_identical(names(q), c("w_q", "scales"))
  expect_null(q$biases)
  expect_identical(vapply(q, mlx_dtype, ""), c(w_q = "uint32", scales = "uint8"))
  expect_identical(lapply(q, mlx_shape), list(w_q = c(128L, 8L), scales = c(128L, 2L)))
  again <- mlx_dequantize(q$w_q, q$scales, group_size = 32, mode = "mxfp4")
  expect_identical(list(mlx_shape(again), mlx_dtype(again)), list(c(128L, 64L), "float32"))
  for (setting in quantize_settings()) {
    q <- do.call(mlx_quantize, c(list(quantize_matrix(2, 256)), setting))
    expect_identical(mlx_shape(q$w_q), c(2L, as.integer(256 * setting$bits / 32)))
    expect_identical(mlx_shape(q$scales), c(2L, as.integer(256 / setting$group_size)))
  }
})

test_that("float dtypes keep themselves; double counts as single", {
  w <- quantize_matrix(2, 64)
  for (dtype in float_dtypes()) {
    found <- if (dtype == "float64") "float32" else dtype
    q <- mlx_quantize(make_mlx(w, dtype))
    expect_identical(mlx_dtype(q$scales), found)
    expect_array_equal(mlx_dequantize(q$w_q, q$scales, q$biases), dequantized_in_r(q, 64, 4, "affine"),
      dtype = found, tolerance = max(tolerance_of(found), 1e-5), info = dtype
    )
    q <- mlx_quantize(make_mlx(w, dtype), 32, mode = "mxfp4")
    expect_array_equal(mlx_dequantize(q$w_q, q$scales, group_size = 32, mode = "mxfp4"), dequantized_in_r(q, 32, 4, "mxfp4"))
  }
})

test_that("views, several axes and exact values are packed", {
  w <- quantize_matrix(64, 3)
  turned <- do.call(mlx_dequantize, packed_args(mlx_quantize(t(as_mlx(w))), list()))
  expect_array_equal(turned, dequantized_in_r(mlx_quantize(t(w)), 64, 4, "affine"), tolerance = 1e-5)
  cube <- array(quantize_matrix(6, 64), c(2, 3, 64))
  q <- mlx_quantize(cube)
  expect_identical(lapply(q, mlx_shape), list(w_q = c(2L, 3L, 8L), scales = c(2L, 3L, 1L), biases = c(2L, 3L, 1L)))
  again <- as.array(mlx_dequantize(q$w_q, q$scales, q$biases))
  expect_identical(again[2, , ], as.matrix(do.call(mlx_dequantize, packed_args(mlx_quantize(cube[2, , ]), list()))))
  exact <- matrix(0:15, 2, 64, byrow = TRUE)
  q <- mlx_quantize(exact)
  expect_array_equal(mlx_dequantize(q$w_q, q$scales, q$biases), exact, tolerance = 1e-5)
  q <- mlx_quantize(matrix(0, 1, 64))
  expect_array_equal(mlx_dequantize(q$w_q, q$scales, q$biases), matrix(0, 1, 64))
})

test_that("matrices without elements stay empty", {
  for (setting in quantize_settings()) {
    for (shape in list(c(0L, 128L), c(3L, 0L))) {
      q <- do.call(mlx_quantize, c(list(matrix(0, shape[[1L]], shape[[2L]])), setting))
      expect_identical(mlx_shape(q$w_q), as.integer(c(shape[[1L]], shape[[2L]] * setting$bits / 32)))
      expect_array_equal(do.call(mlx_dequantize, packed_args(q, setting)), matrix(0, shape[[1L]], shape[[2L]]))
    }
  }
})

test_that("quantize and dequantize work compiled", {
  w <- quantize_matrix()
  f <- mlx_compile(function(w) mlx_quantize(w))
  q <- mlx_quantize(w)
  compiled <- f(w)
  expect_identical(lapply(compiled, as.array), lapply(q, as.array))
  g <- mlx_compile(function(w_q, scales, biases) mlx_dequantize(w_q, scales, biases))
  expect_array_equal(do.call(g, unname(q)), dequantized_in_r(q, 64, 4, "affine"), tolerance = 1e-5)
})

test_that("what cannot be packed is an error", {
  w <- quantize_matrix(2, 64)
  for (bad in list(0, 33, NA, NaN, "a", NULL, 1:2, -32, 64.5)) {
    expect_error(mlx_quantize(w, group_size = bad), class = "mlx_error_argument", regexp = "group_size")
  }
  for (bad in list(0, 7, 1, 16, NA, "a", NULL, 1:2)) {
    expect_error(mlx_quantize(w, bits = bad), class = "mlx_error_argument", regexp = "bits")
  }
  for (bad in list("aff", "nf4", NA, 1, NULL, c("affine", "mxfp4"))) {
    expect_error(mlx_quantize(w, mode = bad), class = "mlx_error_argument", regexp = "mode")
  }
  expect_error(mlx_quantize(w, mode = "mxfp4"), class = "mlx_error_argument", regexp = "group_size")
  for (bad in list(1:64, 1)) expect_error(mlx_quantize(bad), class = "mlx_error_shape", regexp = "two axes")
  expect_error(mlx_quantize(matrix(0, 2, 65)), class = "mlx_error_shape", regexp = "divisible")
  for (dtype in setdiff(all_dtypes(), float_dtypes())) {
    expect_error(mlx_quantize(as_mlx(matrix(1, 2, 64), dtype = dtype)), class = "mlx_error_dtype", regexp = dtype)
  }
  for (bad in list("a", NULL, list(1), sum)) expect_error(mlx_quantize(bad), class = "mlx_error_argument")
  expect_error(mlx_quantize(matrix(0, 1, 16), 16, mode = "nvfp4"), class = "mlx_error_shape", regexp = "32 elements")
})

test_that("parts that do not fit each other are errors", {
  q <- mlx_quantize(quantize_matrix(2, 64))
  f <- function(w = q$w_q, scales = q$scales, biases = q$biases, ...) mlx_dequantize(w, scales, biases, ...)
  expect_error(f(biases = NULL), class = "mlx_error_argument", regexp = "`biases` must be given")
  expect_error(f(group_size = 32), class = "mlx_error_shape", regexp = "`scales`")
  expect_error(f(bits = 8), class = "mlx_error_shape", regexp = "whole groups")
  expect_error(f(bits = 2), class = "mlx_error_shape", regexp = "`scales`")
  for (bad in list(1, matrix(1, 2, 2), matrix(1, 1, 1), array(1, c(1, 2, 1)), 1:2)) {
    expect_error(f(scales = bad), class = "mlx_error_shape", regexp = "`scales`")
    expect_error(f(biases = bad), class = "mlx_error_shape", regexp = "`biases`")
  }
  expect_error(f(scales = as_mlx(matrix(1, 2, 1), dtype = "int32")), class = "mlx_error_dtype", regexp = "scales")
  expect_error(f(w = as_mlx(matrix(1, 2, 8))), class = "mlx_error_dtype", regexp = "packed")
  expect_error(f(w = matrix(1, 2, 8)), class = "mlx_error_argument", regexp = "is_mlx")
  expect_error(f(w = as_mlx(1:8, dtype = "uint32")), class = "mlx_error_shape", regexp = "two axes")
  for (bad in list("a", list(1), sum)) {
    expect_error(f(scales = bad), class = "mlx_error_argument")
    expect_error(f(biases = bad), class = "mlx_error_argument")
  }
  small <- mlx_quantize(quantize_matrix(2, 64), 32, mode = "mxfp4")
  expect_error(mlx_dequantize(small$w_q, small$scales, q$biases, 32, mode = "mxfp4"),
    class = "mlx_error_argument", regexp = "NULL"
  )
  expect_error(mlx_dequantize(small$w_q, as_mlx(matrix(1, 2, 2)), group_size = 32, mode = "mxfp4"),
    class = "mlx_error_dtype", regexp = "uint8"
  )
  expect_snapshot({
    show_condition(mlx_quantize(matrix(0, 2, 65)))
    show_condition(mlx_quantize(matrix(0, 2, 64), bits = 7))
    show_condition(mlx_quantize(matrix(0, 2, 64), mode = "mxfp4"))
    show_condition(mlx_quantize(matrix(0, 2, 64), mode = "int4"))
    show_condition(mlx_quantize(as_mlx(diag(2), dtype = "int32")))
    show_condition(mlx_dequantize(q$w_q, q$scales))
    show_condition(mlx_dequantize(q$w_q, q$scales, q$biases, bits = 8))
    show_condition(mlx_dequantize(q$w_q, q$scales, q$biases, group_size = 32))
    show_condition(mlx_dequantize(matrix(1, 2, 8), q$scales, q$biases))
  })
})
