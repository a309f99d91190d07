test_that("inverses and systems have gradients", {
  a <- sample_matrix(3)
  b <- sample_matrix(3, 2, seed = 2L)
  expect_weighted_grad(mlx_inv, a, solve)
  expect_weighted_grad(function(x) solve(x), a)
  expect_weighted_grad(function(x) solve(x, b), a)
  expect_weighted_grad(function(x) solve(x, b[, 1]), a)
  expect_weighted_grad(function(x) solve(if (is_mlx(x)) make_mlx(a, "float64") else a, x), b)
  low <- function(x) x * lower.tri(x, TRUE)
  expect_weighted_grad(mlx_tri_inv, a, function(x) solve(low(x)))
  expect_weighted_grad(function(x) mlx_tri_inv(x, TRUE), a, function(x) solve(t(low(t(x)))))
  expect_weighted_grad(function(x) mlx_solve_triangular(x, b), a, function(x) forwardsolve(x, b))
  expect_weighted_grad(function(x) backsolve(x, b, transpose = TRUE), a)
  expect_weighted_grad(function(x) mlx_solve_triangular(make_mlx(a, "float64"), x), b, function(x) forwardsolve(a, x))
  expect_weighted_grad(chol2inv, sample_matrix(3, seed = 4L))
  expect_weighted_grad(mlx_cholesky_inv, a, function(x) base::chol2inv(t(x)))
})

test_that("systems of several matrices have gradients", {
  a <- aperm(array(c(sample_matrix(2), sample_matrix(2, seed = 3L)), c(2L, 2L, 2L)), c(3L, 1L, 2L))
  b <- array(c(1, 2, 3, 4, 5, 6, 7, 8), c(2L, 2L, 2L))
  each <- function(f) function(x) aperm(array(c(f(x[1, , ], b[1, , ]), f(x[2, , ], b[2, , ])), c(2L, 2L, 2L)), c(3L, 1L, 2L))
  expect_weighted_grad(function(x) solve(x, b), a, each(base::solve))
  expect_weighted_grad(mlx_inv, a, each(function(x, y) base::solve(x)))
  expect_weighted_grad(function(x) mlx_solve_triangular(x, b), a, each(forwardsolve))
})

test_that("chol() has the gradient of a symmetric matrix", {
  for (n in c(1L, 4L)) {
    expect_weighted_grad(function(x) chol(x), sample_definite(n), function(x) chol((x + t(x)) / 2))
  }
})

test_that("chol() can be differentiated twice", {
  m <- sample_definite(2)
  weights <- matrix(c(1, 2, 3, 4), 2)
  first <- function(x) sum(mlx_grad(function(y) sum(chol(y)), x)[[1L]] * weights)
  weigh <- function(x) as.vector(first(make_mlx(x, "float64")))
  step <- 1e-5
  differences <- vapply(1:4, function(k) {
    by <- replace(matrix(0, 2, 2), k, step)
    (weigh(m + by) - weigh(m - by)) / (2 * step)
  }, 1)
  expected <- (matrix(differences, 2) + t(matrix(differences, 2))) / 2
  expect_equal(as.matrix(mlx_grad(first, make_mlx(m, "float64"))[[1L]]), expected, tolerance = 1e-5)
})

test_that("qr() has a gradient for tall, square and wide matrices", {
  # squares do not depend on the signs of columns
  for (shape in list(c(3L, 3L), c(4L, 2L), c(2L, 4L))) {
    m <- sample_matrix(shape[[1L]], shape[[2L]])
    info <- toString(shape)
    expect_weighted_grad(function(x) qr(x)$Q^2, m, function(x) qr.Q(base::qr(x))^2, info = info)
    expect_weighted_grad(function(x) qr(x)$R^2, m, function(x) qr.R(base::qr(x))^2, info = info)
    expect_weighted_grad(function(x) qr(x)$Q %*% qr(x)$R, m, identity, info = info)
  }
})

test_that("svd() has a gradient for tall, square and wide matrices, full bases included", {
  for (shape in list(c(3L, 3L), c(4L, 3L), c(3L, 4L))) {
    m <- sample_matrix(shape[[1L]], shape[[2L]])
    full <- function(x) base::svd(x, nrow(x), ncol(x))
    info <- toString(shape)
    expect_weighted_grad(function(x) svd(x)$d, m, function(x) full(x)$d, info = info)
    expect_weighted_grad(function(x) svd(x, 0, 0)$d, m, function(x) full(x)$d, info = info)
    expect_weighted_grad(function(x) svd(x)$u^2, m, function(x) full(x)$u^2, info = info)
    expect_weighted_grad(function(x) svd(x)$v^2, m, function(x) full(x)$v^2, info = info)
    k <- min(shape)
    rebuilt <- function(x) {
      f <- svd(x)
      (f$u[, 1:k] * exp(f$d)) %*% t(f$v[, 1:k])
    }
    expect_weighted_grad(rebuilt, m, function(x) with(base::svd(x), u %*% diag(exp(d)) %*% t(v)), info = info)
  }
})

test_that("equal singular values and eigenvalues do not spoil gradients of the values", {
  for (f in list(function(x) sum(svd(x)$d), function(x) sum(svd(x, 0, 0)$d), function(x) sum(mlx_eigh(x)$values))) {
    expect_array_equal(mlx_grad(f, make_mlx(diag(3), "float64"))[[1L]], diag(3), dtype = "float64")
  }
  expect_array_equal(mlx_grad(function(x) mlx_norm(x, "nuc"), make_mlx(diag(2), "float64"))[[1L]], diag(2), dtype = "float64")
})

test_that("eigenvalues of symmetric matrices have gradients", {
  m <- sample_definite(4)
  symmetric <- function(x) eigen((x + t(x)) / 2, symmetric = TRUE)
  expect_weighted_grad(function(x) mlx_eigh(x)$values, m, function(x) rev(symmetric(x)$values))
  expect_weighted_grad(mlx_eigvalsh, m, function(x) rev(symmetric(x)$values))
  expect_weighted_grad(function(x) mlx_eigvalsh(x, "U"), m, function(x) rev(symmetric(x)$values))
  expect_weighted_grad(function(x) mlx_eigh(x, "U")$vectors^2, m, function(x) symmetric(x)$vectors[, 4:1]^2)
})

test_that("pinv() has a gradient at full rank", {
  expect_weighted_grad(pinv, sample_matrix(4, 2), function(x) solve(crossprod(x), t(x)))
  expect_weighted_grad(pinv, sample_matrix(2, 4), function(x) t(x) %*% solve(tcrossprod(x)))
  expect_weighted_grad(pinv, diag(3), solve)
})

test_that("products and norms have gradients", {
  a <- sample_matrix(3)
  b <- sample_matrix(3, seed = 2L)
  expect_weighted_grad(function(x) kronecker(x, b), a)
  expect_weighted_grad(mlx_trace, a, function(x) sum(diag(x)))
  expect_weighted_grad(function(x) mlx_cross(x, b), a, function(x) {
    cbind(x[, 2] * b[, 3] - x[, 3] * b[, 2], x[, 3] * b[, 1] - x[, 1] * b[, 3], x[, 1] * b[, 2] - x[, 2] * b[, 1])
  })
  expect_weighted_grad(function(x) mlx_addmm(x, x, b, 2, 3), a, function(x) 3 * x + 2 * x %*% b)
  expect_weighted_grad(mlx_norm, a, function(x) sqrt(sum(x^2)))
  expect_weighted_grad(function(x) mlx_norm(x, 3, axes = 1), a, function(x) colSums(abs(x)^3)^(1 / 3))
  for (ord in list(1, Inf, 2, -2, "nuc")) {
    expect_weighted_grad(function(x) mlx_norm(x, ord), a, function(x) matrix_norm(x, ord), info = ord)
  }
})

test_that("what has no gradient says so", {
  x <- make_mlx(sample_matrix(2), "float64")
  for (f in list(function(x) sum(mlx_lu(x)$u), function(x) sum(abs(mlx_eig(x)$values)), function(x) sum(abs(mlx_eigvals(x))))) {
    expect_error(mlx_grad(f, x), class = "mlx_error_grad", regexp = "has no gradient")
  }
  for (f in list(function(x) svd(x)$d, function(x) svd(x, 0, 0)$d, mlx_eigvalsh, function(x) mlx_eigh(x)$values)) {
    loss <- function(x) sum(abs(f(x)))
    expect_error(mlx_grad(loss, as_mlx(diag(2) + 0i)), class = "mlx_error_grad", regexp = "complex matrices has no gradient")
  }
  expect_snapshot(show_condition(mlx_grad(function(x) sum(mlx_lu(x)$u), x)))
})
