# The positions that numpy's modes read, written out from their definition.
border_positions <- function(n, low, high, mode) {
  around <- switch(mode,
    edge = NULL,
    reflect = if (n > 1) c(seq_len(n), rev(seq_len(n - 1)[-1])) else 1L,
    symmetric = c(seq_len(n), rev(seq_len(n)))
  )
  if (is.null(around)) {
    return(c(rep(1L, low), seq_len(n), rep(n, high)))
  }
  around[(seq(-low, length.out = low + n + high) %% length(around)) + 1L]
}

test_that("mlx_pad() puts a constant around", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(2L, 3L), dtype)
    expected <- matrix(if (dtype == "bool") TRUE else 3, 5, 4)
    expected[2:3, 2:4] <- x
    expect_array_equal(mlx_pad(make_mlx(x, dtype), list(c(1, 2), c(1, 0)), value = 3), as_stored(expected, dtype),
      dtype = dtype, info = dtype
    )
  }
  expect_array_equal(mlx_pad(mlx_zeros(c(2, 3))[FALSE, ], 1, value = 5), matrix(5, 2, 5))
})

test_that("mlx_pad() understands every form of widths", {
  x <- as_mlx(matrix(1:4, 2))
  base <- rbind(0, cbind(0, matrix(c(1, 2, 3, 4), 2), 0), 0)
  expect_array_equal(mlx_pad(x, 1), base)
  expect_array_equal(mlx_pad(x, c(1, 0)), base[1:3, 1:3])
  expect_array_equal(mlx_pad(x, matrix(c(1, 0), 1)), base[1:3, 1:3])
  expect_array_equal(mlx_pad(x, list(c(1, 0), c(0, 1))), base[1:3, 2:4])
  expect_array_equal(mlx_pad(x, rbind(c(1, 0), c(0, 1))), base[1:3, 2:4])
  expect_array_equal(mlx_pad(x, c(1, 0, 0, 1)), base[1:3, 2:4])
  expect_array_equal(mlx_pad(x, c(0, 2), value = -1, axes = 2), cbind(c(1, 2), c(3, 4), -1, -1))
  expect_array_equal(mlx_pad(x, list(c(0, 1), c(1, 0)), axes = c(2, 1)), base[1:3, 2:4])
  expect_array_equal(mlx_pad(as_mlx(1:2), 1), c(0, 1, 2, 0))
  expect_array_equal(mlx_pad(x, 0), matrix(c(1, 2, 3, 4), 2))
})

test_that("mlx_pad() repeats the array's elements in its other modes", {
  x <- matrix(sample_values(6, "float32"), 2)
  for (mode in c("edge", "reflect", "symmetric")) {
    for (widths in list(c(1, 0, 0, 2), c(0, 1, 1, 1), c(5, 4, 7, 9))) {
      expected <- x[
        border_positions(2L, widths[[1]], widths[[2]], mode), border_positions(3L, widths[[3]], widths[[4]], mode)
      ]
      expect_array_equal(mlx_pad(as_mlx(x), widths, mode = mode), expected, info = paste(mode, toString(widths)))
    }
    expect_array_equal(mlx_pad(mlx_vector(7), 2, mode = mode), rep(7, 5), info = mode)
    for (view in views("int32")) {
      m <- view[[2]]
      expect_array_equal(mlx_pad(view[[1]], c(1, 1), mode = mode, axes = 2),
        m[, border_positions(ncol(m), 1, 1, mode)],
        dtype = "int32", info = mode
      )
    }
  }
  for (dtype in all_dtypes()) {
    v <- sample_values(3, dtype)
    expect_array_equal(mlx_pad(make_mlx(v, dtype), 1, mode = "reflect"), as_stored(v[c(2, 1, 2, 3, 2)], dtype),
      dtype = dtype, info = dtype
    )
  }
})

test_that("mlx_pad() keeps the names of axes that stay", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  expect_identical(dimnames(mlx_pad(x, 1, axes = 2)), list(c("a", "b"), NULL))
  expect_identical(dimnames(mlx_pad(x, 0)), dimnames(x))
})

test_that("mlx_pad() refuses widths that do not fit", {
  x <- mlx_zeros(c(2, 3))
  refused <- function(widths, message, ...) {
    expect_error(mlx_pad(x, widths, ...), message, class = "mlx_error_argument", info = deparse(widths))
  }
  refused(-1, "pad_width values must be non-negative")
  refused(NA_real_, "pad_width values must be non-negative")
  refused(NaN, "pad_width values must be non-negative")
  refused(matrix(1, 2, 3), "must have two columns")
  refused(matrix(1, 3, 2), "one row per axis")
  refused(list(c(1, 1)), "one element per axis")
  refused(list(1, 1), "length-two numeric vector")
  refused(list("a", c(1, 1)), "length-two numeric vector")
  for (bad in list(NULL, "a", 1:3, numeric(), data.frame(1), sum)) refused(bad, "Unsupported pad_width")
  refused(1, "at least one axis", axes = integer())
  refused(1, "duplicate axes", axes = c(1, 1))
  expect_error(mlx_pad(x, 1, axes = 3), class = "mlx_error_shape")
  expect_error(mlx_pad(x, 3e9), class = "mlx_error_shape")
  expect_error(mlx_pad(as_mlx(1), 1), "Cannot pad a scalar", class = "mlx_error_shape")
  for (bad in list(NA, NaN, Inf, "a", 1:2, NULL, 1i)) {
    refused(1, "single finite numeric scalar", value = bad)
  }
  expect_error(mlx_pad(x, 1, mode = "wrap"), "should be one of", class = "mlx_error_argument")
  for (mode in c("edge", "reflect", "symmetric")) {
    expect_error(mlx_pad(x[FALSE, ], 1, mode = mode), "has none", class = "mlx_error_shape")
  }
  expect_snapshot(show_condition(mlx_pad(x, 1:3)))
  expect_snapshot(show_condition(mlx_pad(x, -1)))
})

test_that("mlx_pad() cuts a value that the dtype cannot hold, with a warning", {
  expect_warning(x <- mlx_pad(as_mlx(1:2, "uint8"), c(0, 1), value = 300), class = "mlx_warning_range")
  expect_array_equal(x, c(1, 2, 255), dtype = "uint8")
})
