# Rules of derivatives that MLX lacks or gets wrong, and what has no derivative.

grad_of <- function(f, x) as.vector(mlx_grad(function(x) sum(f(x)), make_mlx(x, "float64"))[[1L]])

test_that("derivatives are finite where a formula would multiply 0 by infinity", {
  expect_equal(grad_of(function(x) x^0, c(0, 2)), c(0, 0))
  expect_equal(grad_of(function(x) x^as_mlx(c(0, 1, 2)), c(0, 0, 0)), c(0, 1, 0))
  expect_equal(grad_of(mlx_dnorm, c(-Inf, 0, Inf)), c(0, 0, 0))
  expect_equal(grad_of(mlx_pnorm, c(-Inf, 0, Inf)), c(0, dnorm(0), 0), tolerance = 1e-7)
  for (dtype in c("float32", "float16")) {
    x <- make_mlx(c(-Inf, Inf, 100), dtype)
    expect_equal(as.vector(mlx_grad(function(x) sum(mlx_pnorm(x) + mlx_dnorm(x)), x)[[1L]]), c(0, 0, 0))
  }
  expect_equal(grad_of(mlx_logcumsumexp, c(-Inf, 0)), c(0, 1))
  expect_equal(grad_of(mlx_logcumsumexp, c(-Inf, -Inf)), c(0, 0))
  expect_equal(grad_of(function(x) mlx_logcumsumexp(x, inclusive = FALSE)[3], c(log(3), 0, 1)), c(0.75, 0.25, 0))
  expect_equal(grad_of(function(x) Mod(x * (3 + 4i)), c(0, 1, -2)), c(0, 5, -5), tolerance = 1e-6)
})

test_that("running products have derivatives at zeros, of any order", {
  x <- c(2, 0, 3, 0)
  loss <- function(x) sum(mlx_cumprod(x) * as_mlx(c(1, 2, 3, 4)))
  plain <- function(x) sum(cumprod(x) * 1:4)
  expect_equal(grad_of(loss, x), finite_differences(plain, list(x), 1L), tolerance = 1e-6)
  a <- make_mlx(x, "float64")
  expected <- matrix(0, 4, 4)
  # d2/dx1dx2 of 2 x1 x2 + 3 x1 x2 x3 + 4 x1 x2 x3 x4, and so on
  expected[1, 2] <- 2 + 3 * 3
  expected[2, 3] <- 3 * 2
  expected[2, 4] <- 4 * 2 * 3
  expect_equal(as.matrix(mlx_hessian(loss, a)), expected + t(expected))
  t <- c(1, -1, 2, 0.5)
  jvp <- as.vector(mlx_jvp(loss, list(a), list(as_mlx(t)))$jvps[[1L]])
  expect_equal(jvp, sum(grad_of(loss, x) * t))
})

test_that("running logarithms of sums keep derivatives over a wide range", {
  x <- c(-800, 0, 500, -300, 499)
  weights <- exp(x - max(x)) / sum(exp(x - max(x)))
  expect_equal(grad_of(function(x) mlx_logcumsumexp(x)[5], x), weights)
  # from a cotangent of 0
  second <- mlx_grad(function(x) sum(mlx_grad(function(x) sum(mlx_logcumsumexp(x)^2), x)[[1L]]), make_mlx(0, "float64"))
  expect_equal(as.vector(second[[1L]]), 2)
})

test_that("running extremes send their derivative to the last of equal elements", {
  expect_equal(grad_of(cummax, c(1, 3, 3, 2)), c(1, 1, 2, 0))
  expect_equal(as.vector(mlx_jvp(cummin, list(as_mlx(c(2, 1, 3))), list(as_mlx(c(5, 7, 11))))$jvps[[1L]]), c(5, 7, 7))
})

test_that("rules hold in any nesting", {
  a <- make_mlx(sample_definite(3), "float64")
  f <- function(x) sum(chol(x)^2 * direction(c(3, 3), 1)) + sum(solve(x)[1, ])
  plain <- mlx_grad(f, a)[[1L]]
  stack <- mlx_stack(a, a * 2, axis = 2)
  mapped <- mlx_grad(function(s) sum(mlx_vmap(f, in_axes = 2)(s)), stack)[[1L]]
  expect_equal(as.array(mapped)[, 1, ], as.matrix(plain))
  expect_equal(as.array(mlx_vmap(function(x) mlx_grad(f, x)[[1L]], 2)(stack))[1, , ], as.matrix(plain))
  twice <- mlx_vmap(mlx_vmap(function(x) mlx_grad(f, x)[[1L]]))
  expect_equal(as.array(twice(mlx_stack(mlx_stack(a, a), mlx_stack(a, a))))[2, 1, , ], as.matrix(plain))
  expect_equal(as.matrix(mlx_compile(function(x) mlx_grad(f, x)[[1L]])(a)), as.matrix(plain))
  expect_equal(as.matrix(mlx_grad(mlx_compile(f), a)[[1L]]), as.matrix(plain))
  expect_equal(as.matrix(mlx_grad(mlx_checkpoint(f), a)[[1L]]), as.matrix(plain))
  forward <- function(x) sum(mlx_jvp(function(x) solve(x), list(x), list(a * 0 + 1))$jvps[[1L]])
  differences <- finite_differences(function(x) as.vector(forward(make_mlx(x, "float64"))), list(as.matrix(a)), 1L)
  expect_equal(as.matrix(mlx_grad(forward, a)[[1L]]), differences, tolerance = 1e-6)
  expect_equal(dim(mlx_hessian(f, a)), c(3L, 3L, 3L, 3L))
  corner <- mlx_grad(function(x) solve(x)[1, 1], a)[[1L]]
  expect_equal(as.array(mlx_jacobian(function(x) solve(x), a))[1, 1, , ], as.matrix(corner))
})

test_that("comparisons, updates and inverses keep their parts when they are vectorised", {
  x <- make_mlx(matrix(c(1, 2, 3, 4, 5, 6), 2), "float64")
  y <- mlx_stack(x, x + 1, x * 0, x, axis = 1)
  for (f in list(function(x, y) x != y, function(x, y) y != x, function(x, y) x == y)) {
    mapped <- as.array(mlx_vmap(f, in_axes = list(NULL, 1))(x, y))
    expect_identical(dim(mapped), c(4L, 2L, 3L))
    expect_identical(mapped[3, , ], as.array(f(x, drop(y[3, , ]))))
  }
  lower <- mlx_vmap(mlx_tri_inv)(mlx_stack(make_mlx(sample_matrix(3), "float64"), make_mlx(diag(3), "float64")))
  expect_equal(as.array(lower)[1, , ], as.matrix(mlx_tri_inv(make_mlx(sample_matrix(3), "float64"))))
})

test_that("gradients of chosen elements are vectorised along any axis", {
  x <- normal_values(3, 4, 2)
  for (axis in 1:3) {
    f <- function(part) mlx_grad(function(p) sum(p[c(2, 1, 1), ]^2 * 3) + sum(p[cbind(1:2, 2:1)]^3), part)[[1L]]
    mapped <- as.array(mlx_vmap(f, in_axes = axis, out_axes = axis)(make_mlx(x, "float64")))
    looped <- as.array(do.call(mlx_stack, c(lapply(asplit(make_mlx(x, "float64"), axis), f), list(axis = axis))))
    expect_equal(mapped, looped, info = axis)
  }
})

test_that("what has no derivative or cannot be vectorised says so", {
  x <- make_mlx(sample_matrix(2), "float64")
  for (f in list(function(x) mlx_lu(x)$u, function(x) abs(mlx_eig(x)$values), function(x) abs(mlx_eigvals(x)))) {
    expect_error(mlx_grad(function(x) sum(f(x)), x), "has no gradient", class = "mlx_error_grad")
    expect_error(mlx_jvp(f, list(x), list(x)), "has no gradient", class = "mlx_error_grad")
    stack <- mlx_stack(x, x)
    expect_equal(as.vector(mlx_vmap(f)(stack)[2, ]), as.vector(f(x)), tolerance = 1e-6)
  }
  expect_error(suppressWarnings(mlx_grad(function(x) sum(gamma(x)), x)), class = "mlx_error_grad")
  expect_error(mlx_vmap(function(x) unique(x))(x), class = "mlx_error")
})
