test_that("convolutions are sums over the kernel, whatever the setting", {
  for (axes in 1:3) {
    for (transposed in c(FALSE, TRUE)) {
      oracle <- if (transposed) conv_transpose_in_r else conv_in_r
      settings <- conv_settings(transposed)
      for (name in names(settings)) {
        setting <- settings[[name]]
        data <- conv_input(axes, max(setting$groups, 1))
        y <- do.call(conv_function(axes, transposed), c(unname(data), setting))
        expect_array_equal(y, do.call(oracle, c(unname(data), setting)),
          tolerance = 1e-5, info = paste(axes, transposed, name)
        )
      }
    }
  }
})

# A convolution is linear in either argument: its gradient there, times any change, is the change of the value.
test_that("gradients of convolutions are those of the written-out sum", {
  for (axes in 1:3) {
    for (transposed in c(FALSE, TRUE)) {
      oracle <- if (transposed) conv_transpose_in_r else conv_in_r
      settings <- conv_settings(transposed)
      for (name in if (axes == 3L) c("groups and stride", "wide padding and stride") else names(settings)) {
        setting <- settings[[name]]
        f <- function(x, w) do.call(conv_function(axes, transposed), c(list(x, w), setting))
        data <- conv_input(axes, max(setting$groups, 1))
        other <- conv_input(axes, max(setting$groups, 1), seed = 2L)
        value <- do.call(oracle, c(unname(data), setting))
        weights <- array(sin(seq_along(value)), dim(value))
        grads <- mlx_grad(function(x, w) sum(f(x, w) * weights), as_mlx(data$x), as_mlx(data$w))
        change <- function(x, w) sum(do.call(oracle, c(list(x, w), setting)) * weights)
        info <- paste(axes, transposed, name)
        expect_identical(lapply(grads, mlx_shape), unname(lapply(data, dim)), info = info)
        expect_equal(sum(as.array(grads[[1L]]) * other$x), change(other$x, data$w), tolerance = 1e-4, info = info)
        expect_equal(sum(as.array(grads[[2L]]) * other$w), change(data$x, other$w), tolerance = 1e-4, info = info)
      }
    }
  }
})

test_that("gradients are finite differences", {
  x <- array(c(0.5, -1, 2, 1, 0.25, -0.5, 1.5, 1), c(1, 4, 2))
  w <- array(c(1, -0.5, 0.25, 2, 0.75, -1, 0.5, 1), c(2, 2, 2))
  expect_grad_close(function(x, w) sum(mlx_conv1d(x, w, padding = 1)^2), x, w,
    oracle = function(x, w) sum(conv_in_r(x, w, padding = 1)^2), tolerance = 1e-4
  )
  expect_grad_close(function(x, w) sum(mlx_conv_transpose1d(x, w, stride = 2)^2), x, w,
    oracle = function(x, w) sum(conv_transpose_in_r(x, w, stride = 2)^2), tolerance = 1e-4
  )
})

test_that("each axis has its own numbers", {
  data <- conv_input(2)
  y <- mlx_conv2d(data$x, data$w, stride = c(2, 1), padding = c(0, 3), dilation = c(1, 2))
  expect_array_equal(y, conv_in_r(data$x, data$w, c(2, 1), c(0, 3), c(1, 2)), tolerance = 1e-5)
  y <- mlx_conv_transpose2d(data$x, data$w, stride = c(2, 1), padding = c(0, 1), output_padding = c(1, 0))
  expect_array_equal(y, conv_transpose_in_r(data$x, data$w, c(2, 1), c(0, 1), 1, c(1, 0)), tolerance = 1e-5)
  data <- conv_input(3)
  y <- mlx_conv3d(data$x, data$w, stride = c(2, 1, 1), padding = c(0, 3, 1), dilation = c(1, 2, 1))
  expect_array_equal(y, conv_in_r(data$x, data$w, c(2, 1, 1), c(0, 3, 1), c(1, 2, 1)), tolerance = 1e-5)
  y <- mlx_conv_transpose3d(data$x, data$w, stride = c(2, 1, 2), padding = c(0, 1, 1), output_padding = c(1, 0, 1))
  expect_array_equal(y, conv_transpose_in_r(data$x, data$w, c(2, 1, 2), c(0, 1, 1), 1, c(1, 0, 1)), tolerance = 1e-5)
})

test_that("shapes are as documented", {
  x <- array(1, c(1, 5, 5, 2))
  w <- array(1, c(3, 3, 3, 2))
  expect_identical(mlx_shape(mlx_conv2d(x, w, padding = 1)), c(1L, 5L, 5L, 3L))
  four <- x[, 1:4, 1:4, , drop = FALSE]
  expect_identical(mlx_shape(mlx_conv_transpose2d(four, w, stride = 2, padding = 1)), c(1L, 7L, 7L, 3L))
  more <- mlx_conv_transpose2d(four, w, stride = 2, padding = 1, output_padding = c(1, 1))
  expect_identical(mlx_shape(more), c(1L, 8L, 8L, 3L))
  expect_identical(mlx_shape(mlx_conv2d(x, w, stride = 2.9)), c(1L, 2L, 2L, 3L))
  x <- array(1, c(1, 5, 4, 6, 2))
  w <- array(1, c(3, 3, 2, 3, 2))
  expect_identical(mlx_shape(mlx_conv3d(x, w, padding = 1)), c(1L, 5L, 5L, 6L, 3L))
  expect_identical(mlx_shape(mlx_conv_transpose3d(x, w, stride = 2, padding = 1)), c(1L, 9L, 6L, 11L, 3L))
})

test_that("every dtype that holds the numbers is computed in floats", {
  x <- sample_array(c(1L, 4L, 2L), "uint8")
  w <- sample_array(c(2L, 2L, 2L), "uint8", seed = 2L)
  for (dtype in c(integer_dtypes(), "float16", "bfloat16", "float32")) {
    found <- if (dtype %in% float_dtypes()) dtype else "float32"
    expect_array_equal(mlx_conv1d(make_mlx(x, dtype), make_mlx(w, dtype)), conv_in_r(x, w), dtype = found, info = dtype)
    y <- mlx_conv_transpose1d(make_mlx(x, dtype), make_mlx(w, dtype), stride = 2)
    expect_array_equal(y, conv_transpose_in_r(x, w, stride = 2), dtype = found, info = dtype)
  }
  expect_array_equal(mlx_conv1d(x > 2, w), conv_in_r(x > 2, w))
  for (dtype in c("float64", "complex64")) {
    expect_error(mlx_conv1d(make_mlx(x, dtype), w), class = "mlx_error_dtype", regexp = dtype)
  }
})

test_that("views are convolved like copies", {
  cube <- sample_array(c(3L, 4L, 2L), "float32")
  w <- sample_array(c(2L, 2L, 3L), "float32", seed = 2L)
  expect_array_equal(mlx_conv1d(t(as_mlx(cube)), w), conv_in_r(aperm(cube), w))
  part <- as_mlx(cube)[c(3, 1), 4:1, 1]
  w <- w[, , 1, drop = FALSE]
  expect_array_equal(mlx_conv1d(part, w), conv_in_r(cube[c(3, 1), 4:1, 1, drop = FALSE], w))
})

test_that("convolutions without batches or channels have no elements, or zeros", {
  expect_array_equal(mlx_conv1d(array(0, c(0, 4, 2)), array(1, c(3, 2, 2))), array(0, c(0, 3, 3)))
  expect_array_equal(mlx_conv2d(array(0, c(2, 3, 3, 0)), array(1, c(1, 2, 2, 0))), array(0, c(2, 2, 2, 1)))
  expect_array_equal(mlx_conv1d(array(0, c(2, 4, 1)), array(1, c(0, 2, 1))), array(0, c(2, 3, 0)))
  expect_array_equal(mlx_conv_transpose1d(array(0, c(0, 4, 2)), array(1, c(3, 2, 2))), array(0, c(0, 5, 3)))
  grad <- mlx_grad(function(x) sum(mlx_conv1d(x, array(1, c(3, 2, 0)))), as_mlx(array(0, c(2, 4, 0))))[[1L]]
  expect_array_equal(grad, array(0, c(2, 4, 0)))
})

test_that("convolutions work compiled, and keep NaN to where it falls", {
  data <- conv_input(1)
  f <- mlx_compile(function(x, w) mlx_conv_transpose1d(mlx_conv1d(x, w, stride = 2) * 2, t(w), padding = 1))
  square <- array(data$w, c(4, 3, 4))
  expected <- conv_transpose_in_r(2 * conv_in_r(data$x, square, stride = 2), aperm(square), padding = 1)
  expect_array_equal(f(data$x, square), expected, tolerance = 1e-5)
  x <- array(c(1, NaN, 1, 1, 1), c(1, 5, 1))
  expect_array_equal(mlx_conv1d(x, array(1, c(1, 2, 1))), array(c(NaN, NaN, 2, 2), c(1, 4, 1)))
})

test_that("the result lives on the device asked for", {
  expect_identical(mlx_device(mlx_conv1d(array(1, c(1, 2, 1)), array(1, c(1, 1, 1)), device = "cpu")), "cpu")
})

test_that("numbers of a convolution are checked before MLX sees them", {
  x <- array(1, c(1, 5, 5, 2))
  w <- array(1, c(2, 3, 3, 2))
  numbers <- list(NULL, NA, NaN, Inf, -1, 1e10, "1", list(1), integer(), c(1, 2, 3), 1i, quote(a), sum)
  for (bad in numbers) {
    for (name in c("stride", "padding", "dilation", "groups", "output_padding")) {
      f <- if (name == "output_padding") mlx_conv_transpose2d else mlx_conv2d
      expect_error(do.call(f, c(list(x, w), stats::setNames(list(bad), name)), quote = TRUE), class = "mlx_error", info = name)
    }
  }
  for (name in c("stride", "dilation", "groups")) {
    expect_error(do.call(mlx_conv2d, c(list(x, w), stats::setNames(list(0), name))), class = "mlx_error_argument",
      regexp = sprintf("`%s` must be", name)
    )
  }
  line <- array(1, c(1, 5, 1))
  expect_error(mlx_conv1d(line, line, stride = c(1, 1)), class = "mlx_error_argument", regexp = "one whole number")
  expect_error(mlx_conv1d(line, line, padding = 2^30), class = "mlx_error")
  expect_error(mlx_conv1d(line, line, dilation = 2^31 - 1), class = "mlx_error_shape")
  expect_error(mlx_conv_transpose1d(line, line, stride = 2^31 - 1), class = "mlx_error_shape")
  for (bad in list(NULL, "a", list(1), sum, NA_character_)) {
    expect_error(mlx_conv2d(bad, w), class = "mlx_error_argument")
    expect_error(mlx_conv2d(x, bad), class = "mlx_error_argument")
  }
})

test_that("messages of convolutions name the argument", {
  x <- array(1, c(1, 5, 5, 2))
  w <- array(1, c(2, 3, 3, 2))
  expect_snapshot({
    show_condition(mlx_conv2d(x, w, stride = 0))
    show_condition(mlx_conv2d(x, w, padding = -1))
    show_condition(mlx_conv2d(x, w, dilation = c(1, 2, 3)))
    show_condition(mlx_conv2d(x, w, groups = 3))
    show_condition(mlx_conv2d(x, w[, , , 1, drop = FALSE]))
    show_condition(mlx_conv1d(x, w))
    show_condition(mlx_conv2d(x, array(1, c(2, 3, 2))))
    show_condition(mlx_conv2d(x, array(1, c(2, 0, 3, 2))))
    show_condition(mlx_conv2d(array(1, c(1, 0, 5, 2)), w))
    show_condition(mlx_conv2d(x, w, dilation = 3))
    show_condition(mlx_conv_transpose2d(x, w, padding = 4))
    show_condition(mlx_conv_transpose2d(x, w, output_padding = -1))
    show_condition(mlx_conv2d(as_mlx(x, dtype = "complex64"), w))
  })
})
