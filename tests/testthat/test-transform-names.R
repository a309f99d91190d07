# Lists that belong to the arguments go by their names where both have the same, else by place.

d <- function(x) as_mlx(x, device = "cpu")

test_that("tangents go by name", {
  jvps <- mlx_jvp(function(x, y) x * y, list(y = d(3), x = d(2)), list(x = d(1), y = d(0)))$jvps
  expect_array_equal(jvps[[1L]], 3)
  nested <- mlx_jvp(function(p) p$a * p$b, list(list(a = d(2), b = d(5))), list(list(b = d(1), a = d(0))))$jvps
  expect_array_equal(nested[[1L]], 2)
  f <- function(x, y) x^2 * y
  products <- mlx_hvp(f, list(x = d(2), y = d(5)), list(y = d(0), x = d(1)))
  expect_array_equal(products$x, 10)
  expect_array_equal(products$y, 4)
})

test_that("what a custom rule returns goes by name", {
  f <- mlx_custom_vjp(function(a, b) sum(a - b), function(primals, cotangents, outputs) {
    list(b = -cotangents[[1L]], a = cotangents[[1L]])
  })
  grads <- mlx_grad(function(x, y) f(a = x, b = y), d(1), d(2))
  expect_array_equal(grads[[1L]], 1)
  expect_array_equal(grads[[2L]], -1)
})

test_that("in_axes and out_axes go by name", {
  f <- function(w, x) sum(w * x)
  x <- d(matrix(1:4, 2))
  by_name <- mlx_vmap(f, in_axes = list(x = 1, w = NULL))
  expect_array_equal(by_name(w = d(c(1, 2)), x = x), c(7, 10))
  tree <- mlx_vmap(function(p) sum(p$w * p$x), in_axes = list(list(x = 1, w = NULL)))
  expect_array_equal(tree(list(w = d(c(1, 2)), x = x)), c(7, 10))
  both <- mlx_vmap(function(x) list(a = x, b = 2 * x), out_axes = list(b = 2, a = 1))(x)
  expect_array_equal(both$a, matrix(1:4, 2))
  expect_array_equal(both$b, t(2 * matrix(1:4, 2)))
})

test_that("a vmap rule must return as many parts as it was given", {
  short <- mlx_custom_function(function(x) x * 2, vmap = function(inputs, axes) list(inputs[[1L]][1:2, ], 1))
  expect_error(mlx_vmap(short)(d(matrix(1:12, 4))), class = "mlx_error_vmap", regexp = "as many parts")
})

test_that("an argument that is named twice has its derivatives twice", {
  expect_identical(as.vector(mlx_jacobian(function(x, y) x^3 * y, d(2), d(5), argnums = c(1, 2, 1))[[3L]]), 60)
  entries <- mlx_hessian(function(x) sum(x^3), d(2), argnums = c(1, 1))
  expect_identical(vapply(unlist(entries, recursive = FALSE), as.vector, 0), rep(12, 4))
  for (bad in list(1.5, TRUE, "x", NA, 0)) {
    expect_error(mlx_grad(function(x) sum(x), d(1), argnums = bad), class = "mlx_error_argument", regexp = "argnums")
  }
})

test_that("tangents of nested lists find their primals by name in Hessian products too", {
  f <- function(p) p$a^2 * p$b
  products <- mlx_hvp(f, list(p = list(a = d(2), b = d(5))), list(p = list(b = d(0), a = d(1))))
  expect_array_equal(products[[1L]]$a, 10)
  expect_array_equal(products[[1L]]$b, 4)
})

test_that("factors, dates and functions are given as they are", {
  pick <- function(x, f) sum(x[which(f == "a")])
  expect_array_equal(mlx_grad(pick, d(1:2), factor(c("a", "b")), argnums = 1)[[1L]], c(1, 0))
  year <- function(x, day) sum(x) * as.numeric(format(day, "%Y"))
  expect_array_equal(mlx_grad(year, d(1), as.Date("2000-01-01"), argnums = 1)[[1L]], 2000)
  expect_array_equal(mlx_vjp(function(x, g) g(x), list(d(3), function(x) x^2), list(d(1)))$vjps[[1L]], 6)
})

test_that("elements that are picked by position have gradients under mlx_vmap()", {
  m <- matrix(as.double(1:6), 2)
  for (at in list(c(1, 3, 2), c(1, 1), -1)) {
    expected <- mlx_grad(function(X) sum(X[, at]^2), d(m))[[1L]]
    picked <- function(X) sum(mlx_vmap(function(x) sum(x[at]^2))(X))
    expect_array_equal(mlx_grad(picked, d(m))[[1L]], as.matrix(expected))
  }
})
