test_that("mlx_vjp() multiplies the Jacobian from the left, mlx_jvp() from the right", {
  a <- matrix(c(1, -2, 0.5, 3, 2, -1), 2)
  linear <- function(x) as_mlx(a) %*% x
  x <- matrix(c(1, 2, 3))
  left <- matrix(c(2, -1))
  right <- matrix(c(0.5, 1, -2))
  result <- mlx_vjp(linear, list(as_mlx(x)), list(as_mlx(left)))
  expect_array_equal(result$outputs[[1L]], a %*% x)
  expect_array_equal(result$vjps[[1L]], t(a) %*% left)
  result <- mlx_jvp(linear, list(as_mlx(x)), list(as_mlx(right)))
  expect_array_equal(result$jvps[[1L]], a %*% right)
})

test_that("several arguments and outputs", {
  f <- function(x, y) list(p = x * y, q = x + 3 * y)
  x <- c(1, 2)
  y <- c(4, -1)
  result <- mlx_vjp(f, list(as_mlx(x), as_mlx(y)), list(as_mlx(c(1, 0)), as_mlx(c(0, 1))))
  expect_named(result$outputs, c("p", "q"))
  expect_array_equal(result$vjps[[1L]], c(1, 0) * y + c(0, 1))
  expect_array_equal(result$vjps[[2L]], c(1, 0) * x + 3 * c(0, 1))
  result <- mlx_jvp(f, list(as_mlx(x), as_mlx(y)), list(as_mlx(c(1, 1)), as_mlx(c(2, 0))))
  expect_named(result$jvps, c("p", "q"))
  expect_array_equal(result$jvps$p, c(1, 1) * y + x * c(2, 0))
  expect_array_equal(result$jvps$q, c(1, 1) + 3 * c(2, 0))
})

test_that("primals have names as the arguments of a call do, and vjps have them too", {
  result <- mlx_vjp(function(x, y) x - 2 * y, list(y = as_mlx(1), x = as_mlx(5)), as_mlx(1))
  expect_array_equal(result$outputs[[1L]], 3)
  expect_named(result$vjps, c("y", "x"))
  expect_array_equal(result$vjps$y, -2)
})

test_that("products have the dtypes of their arguments", {
  for (dtype in float_dtypes()) {
    x <- make_mlx(c(1, 2), dtype)
    result <- mlx_vjp(function(x) x^2, list(x), list(as_mlx(c(1, 1))))
    expect_array_equal(result$vjps[[1L]], c(2, 4), dtype = dtype, info = dtype)
    result <- mlx_jvp(function(x) x^2, list(x), list(as_mlx(c(1, 1))))
    expect_array_equal(result$jvps[[1L]], c(2, 4), dtype = dtype, info = dtype)
  }
})

test_that("outputs that do not depend on the arguments, or are one of them", {
  x <- as_mlx(c(1, 2))
  other <- as_mlx(c(5, 6))
  result <- mlx_vjp(function(x) list(other, x, x), list(x), list(other, x, other))
  expect_array_equal(result$vjps[[1L]], c(6, 8))
  result <- mlx_jvp(function(x) list(other, x), list(x), list(as_mlx(c(3, 4))))
  expect_array_equal(result$jvps[[1L]], c(0, 0))
  expect_array_equal(result$jvps[[2L]], c(3, 4))
  expect_array_equal(mlx_vjp(function(x) mlx_stop_gradient(x), x, x)$vjps[[1L]], c(0, 0))
})

test_that("arrays without elements, of one element and without axes", {
  for (shape in list(c(0L, 3L), 1L, c(1L, 1L))) {
    x <- mlx_ones(if (prod(shape)) shape else c(1, 3))[seq_len(shape[[1L]]), drop = FALSE]
    if (length(shape) == 2L) x <- as_mlx(array(1, shape))
    expect_identical(mlx_shape(mlx_vjp(function(x) x * 2, x, x)$vjps[[1L]]), shape)
    expect_identical(mlx_shape(mlx_jvp(function(x) x * 2, x, x)$jvps[[1L]]), shape)
  }
  expect_array_equal(mlx_jvp(function(x) x^3, as_mlx(2), as_mlx(1))$jvps[[1L]], 12)
})

test_that("cotangents and tangents that do not fit are told apart", {
  x <- as_mlx(c(1, 2))
  m <- as_mlx(diag(2))
  f <- function(x) list(x, sum(x))
  expect_error(mlx_vjp(f, x, x), class = "mlx_error_argument", regexp = "holds 1 arrays, .* returned 2")
  expect_error(mlx_vjp(f, x, list(x, x, x)), class = "mlx_error_argument", regexp = "holds 3 arrays")
  error <- expect_error(mlx_vjp(f, x, list(x, x)), class = "mlx_error_shape", regexp = "cotangent 2 .*length 2.*a scalar")
  expect_identical(error$arg, "cotangents")
  expect_error(mlx_vjp(f, x, NULL), class = "mlx_error")
  expect_error(mlx_vjp(f, x, "a"), class = "mlx_error_argument")
  expect_error(mlx_jvp(f, x, list(x, x)), class = "mlx_error_argument", regexp = "form of `primals`")
  expect_error(mlx_jvp(f, list(list(x)), list(x)), class = "mlx_error_argument", regexp = "form of `primals`")
  error <- expect_error(mlx_jvp(f, x, m), class = "mlx_error_shape", regexp = "tangent 1 \\(2 x 2\\) .*length 2")
  expect_identical(error$arg, "tangents")
  expect_error(mlx_jvp(f, x, list()), class = "mlx_error_argument")
  expect_array_equal(mlx_vjp(f, x, list(x, as_mlx(1)))$vjps[[1L]], c(2, 3))
})

test_that("primals and functions that have no derivative are refused", {
  x <- as_mlx(c(1, 2))
  for (product in list(mlx_vjp, mlx_jvp)) {
    expect_error(product("f", x, x), class = "mlx_error_argument", regexp = "must be a function")
    expect_error(product(identity, as_mlx(1:2, "int32"), x), class = "mlx_error_grad", regexp = "Argument 1 has dtype int32")
    expect_error(product(function(x) 1, x, x), class = "mlx_error_grad", regexp = "must return")
    expect_error(product(function(x) NULL, x, x), class = "mlx_error_grad", regexp = "must return")
    expect_error(product(function(x) list(), x, x), class = "mlx_error_grad", regexp = "must return")
    expect_error(product(function(x) stop("on purpose"), x, x), regexp = "^on purpose$")
    expect_error(product(identity, list(), list()), class = "mlx_error_argument")
  }
  expect_array_equal(mlx_vjp(identity, x, x)$vjps[[1L]], c(1, 2))
})
