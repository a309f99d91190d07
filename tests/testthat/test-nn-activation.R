test_that("mlx_relu() is max(x, 0) for every shape and float dtype", {
  for (dtype in float_dtypes()) {
    for (shape in shapes()) {
      x <- sample_array(shape, dtype)
      expect_array_equal(mlx_forward(mlx_relu(), make_mlx(x, dtype)), x * (x > 0), dtype = dtype, shape = shape,
        info = paste(dtype, toString(shape))
      )
    }
  }
})

test_that("mlx_relu() keeps NaN and infinity, and makes 0 of minus infinity", {
  expect_array_equal(mlx_forward(mlx_relu(), as_mlx(c(NaN, Inf, -Inf, -0, 2))), c(NaN, Inf, 0, 0, 2))
})

test_that("mlx_relu() has no parameters", {
  expect_identical(mlx_parameters(mlx_relu()), list())
})

test_that("the gradient of mlx_relu() is 1 above 0 and else 0", {
  grad <- mlx_grad(function(x) sum(mlx_forward(mlx_relu(), x)), as_mlx(c(-1, 0, 2)))[[1L]]
  expect_array_equal(grad, c(0, 0, 1))
})

activations <- function() {
  x <- list(
    sigmoid = list(mlx_sigmoid(), function(x) 1 / (1 + exp(-x))), tanh = list(mlx_tanh(), tanh),
    silu = list(mlx_silu(), function(x) x / (1 + exp(-x))),
    gelu = list(mlx_gelu(), function(x) 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))),
    leaky_relu = list(mlx_leaky_relu(), function(x) pmax(x, 0.01 * x)),
    `steep leaky_relu` = list(mlx_leaky_relu(2), function(x) pmax(x, 2 * x))
  )
  lapply(x, stats::setNames, c("module", "oracle"))
}

test_that("activations are R's formulas for every shape and float dtype", {
  for (name in names(activations())) {
    entry <- activations()[[name]]
    for (dtype in float_dtypes()) {
      tolerance <- switch(dtype, float64 = 1e-6, float32 = 1e-6, float16 = 4e-3, 2e-2)
      for (shape in shapes()) {
        x <- sample_array(shape, dtype)
        expect_array_equal(mlx_forward(entry$module, make_mlx(x, dtype)), entry$oracle(x),
          dtype = dtype, tolerance = tolerance, shape = shape, info = paste(name, dtype, toString(shape))
        )
      }
    }
  }
})

test_that("activations take R values, integers and truth values, and views", {
  x <- matrix(c(-2L, 0L, 1L, 3L), 2)
  for (name in names(activations())) {
    entry <- activations()[[name]]
    expect_array_equal(mlx_forward(entry$module, x), entry$oracle(x), info = name)
    expect_array_equal(mlx_forward(entry$module, as_mlx(x, "int32")), entry$oracle(x), info = name)
    expect_array_equal(mlx_forward(entry$module, x > 0), entry$oracle(x > 0), info = name)
    for (view in views("float32")) {
      expect_array_equal(mlx_forward(entry$module, view[[1L]]), entry$oracle(view[[2L]]), tolerance = 2e-6, info = name)
    }
  }
})

test_that("activations have their limits at infinity, also in half precision", {
  limits <- list(
    sigmoid = c(0, 1), tanh = c(-1, 1), silu = c(0, Inf), gelu = c(0, Inf), leaky_relu = c(-Inf, Inf),
    `steep leaky_relu` = c(-Inf, Inf)
  )
  for (dtype in float_dtypes()) {
    for (name in names(limits)) {
      y <- mlx_forward(activations()[[name]]$module, make_mlx(c(-Inf, Inf, NaN), dtype))
      expect_array_equal(y, c(limits[[name]], NaN), dtype = dtype, info = paste(name, dtype))
    }
    expect_array_equal(mlx_forward(mlx_leaky_relu(0), make_mlx(c(-Inf, Inf, NaN, -1), dtype)), c(0, Inf, NaN, 0), dtype = dtype)
    expect_array_equal(mlx_forward(mlx_gelu(), make_mlx(c(-60000, 60000), dtype)), c(0, 60000), dtype = dtype,
      tolerance = 1e-2
    )
  }
})

test_that("gradients of activations are finite differences, and 0 or 1 far out", {
  x <- c(-3, -0.5, 0.25, 1, 4)
  for (name in names(activations())) {
    entry <- activations()[[name]]
    expect_grad_close(function(x) sum(mlx_forward(entry$module, x) * c(1, 2, 3, 4, 5)), x,
      oracle = function(x) sum(entry$oracle(x) * c(1, 2, 3, 4, 5)), info = name
    )
  }
  for (module in list(mlx_gelu(), mlx_silu())) {
    for (dtype in c("float16", "float32")) {
      grad <- mlx_grad(function(x) sum(mlx_forward(module, x)), make_mlx(c(-1000, -60, 60, 1000), dtype))[[1L]]
      expect_array_equal(grad, c(0, 0, 1, 1), dtype = dtype)
    }
  }
  grad <- mlx_grad(function(x) sum(mlx_forward(mlx_leaky_relu(0.25), x)), as_mlx(c(-1, 0, 1)))[[1L]]
  expect_array_equal(grad, c(0.25, 0.25, 1))
})

softmax_in_r <- function(x, axis = length(dim(x))) {
  if (length(dim(x)) < 2L) {
    return(exp(x - max(x)) / sum(exp(x - max(x))))
  }
  sums <- apply(exp(x), setdiff(seq_along(dim(x)), axis), sum)
  sweep(exp(x), setdiff(seq_along(dim(x)), axis), sums, "/")
}

test_that("mlx_softmax_layer() normalises one axis, by default the last", {
  for (dtype in float_dtypes()) {
    tolerance <- switch(dtype, float64 = 1e-6, float32 = 1e-6, float16 = 2e-3, 1e-2)
    for (shape in list(4L, c(3L, 2L), c(2L, 3L, 4L), 1L, c(2L, 1L))) {
      x <- sample_array(shape, dtype)
      expect_array_equal(mlx_forward(mlx_softmax_layer(), make_mlx(x, dtype)), softmax_in_r(x),
        dtype = dtype, tolerance = tolerance, shape = shape, info = dtype
      )
      for (axis in seq_along(dim(x))) {
        expect_array_equal(mlx_forward(mlx_softmax_layer(axis), make_mlx(x, dtype)), softmax_in_r(x, axis),
          dtype = dtype, tolerance = tolerance, shape = shape, info = paste(dtype, axis)
        )
      }
    }
  }
  expect_array_equal(rowSums(mlx_forward(mlx_softmax_layer(), matrix(1:6, 2))), c(1, 1))
})

test_that("mlx_softmax_layer() holds for large numbers and empty arrays", {
  expect_array_equal(mlx_forward(mlx_softmax_layer(), as_mlx(c(1e6, 1e6 - 1, -Inf))), c(exp(0), exp(-1), 0) / (1 + exp(-1)))
  for (shape in list(0L, c(0L, 3L), c(2L, 0L))) {
    expect_array_equal(mlx_forward(mlx_softmax_layer(), make_mlx(sample_array(shape, "float32"), "float32")),
      sample_array(shape, "float32"),
      shape = shape
    )
  }
})

test_that("gradients of mlx_softmax_layer() are finite differences", {
  x <- matrix(c(0.5, -1, 2, 0.25, 1, -0.5), 2)
  weights <- matrix(1:6, 2)
  for (dtype in c("float32", "float64")) {
    for (axis in 1:2) {
      expect_grad_close(function(x) sum(mlx_forward(mlx_softmax_layer(axis), x) * as_mlx(weights, dtype, device_for(dtype))), x,
        oracle = function(x) sum(softmax_in_r(x, axis) * weights), dtype = dtype
      )
    }
  }
})

test_that("activations work compiled and keep dimnames", {
  x <- matrix(c(-1, 2, 0.5, -3), 2, dimnames = list(c("a", "b"), NULL))
  for (name in names(activations())) {
    entry <- activations()[[name]]
    f <- mlx_compile(function(x) mlx_forward(entry$module, x))
    expect_array_equal(f(x), entry$oracle(x), info = name)
    expect_identical(dimnames(mlx_forward(entry$module, as_mlx(x))), dimnames(x), info = name)
  }
  f <- mlx_compile(function(x) mlx_forward(mlx_softmax_layer(1), x))
  expect_array_equal(f(x), softmax_in_r(unname(x), 1))
})

test_that("activations have no parameters", {
  modules <- list(mlx_sigmoid(), mlx_tanh(), mlx_silu(), mlx_gelu(), mlx_leaky_relu(), mlx_softmax_layer(), mlx_dropout())
  kinds <- paste0("mlx_", c("sigmoid", "tanh", "silu", "gelu", "leaky_relu", "softmax_layer", "dropout"))
  for (i in seq_along(modules)) {
    expect_identical(class(modules[[i]]), c(kinds[[i]], "mlx_module"))
    expect_identical(mlx_parameters(modules[[i]]), list())
  }
})

test_that("arguments of activations are checked", {
  for (bad in list(-0.1, NA, NaN, Inf, "a", 1:2, NULL, list(1))) {
    expect_error(mlx_leaky_relu(bad), class = "mlx_error_argument", regexp = "negative_slope >= 0")
  }
  for (bad in list(0, -1, NA, NaN, Inf, "a", 1:2, list(1), TRUE)) {
    expect_error(mlx_softmax_layer(bad), class = "mlx_error_argument", regexp = "must be NULL or a single positive integer")
  }
  expect_error(mlx_forward(mlx_softmax_layer(3), diag(2)), class = "mlx_error_shape", regexp = "out of bounds")
  expect_error(mlx_forward(mlx_softmax_layer(), as_mlx(1)), class = "mlx_error_shape", regexp = "out of bounds")
  for (module in list(mlx_gelu(), mlx_silu(), mlx_leaky_relu(), mlx_sigmoid(), mlx_dropout())) {
    expect_error(mlx_forward(module, as_mlx(c(1i, 2))), class = "mlx_error_dtype")
    expect_error(mlx_forward(module, "a"), class = "mlx_error_argument")
    expect_error(mlx_forward(module, NULL), class = "mlx_error_argument")
  }
  expect_snapshot({
    show_condition(mlx_leaky_relu(-1))
    show_condition(mlx_softmax_layer("rows"))
    show_condition(mlx_forward(mlx_softmax_layer(3), diag(2)))
    show_condition(mlx_forward(mlx_gelu(), 1i))
  })
})
