test_that("solve() is base R's on systems and inverses of every size", {
  for (n in c(1L, 2L, 5L, 33L)) {
    a <- withr::with_seed(n, matrix(stats::rnorm(n * n), n)) + n * diag(n)
    b <- withr::with_seed(n + 1L, matrix(stats::rnorm(n * 3), n))
    expect_array_equal(solve(as_mlx(a)), base::solve(a), tolerance = 1e-5, info = n)
    expect_array_equal(solve(as_mlx(a), as_mlx(b)), base::solve(a, b), tolerance = 1e-5, info = n)
    expect_array_equal(solve(as_mlx(a), as_mlx(array(b[, 1], n))), array(base::solve(a, b[, 1]), n),
      tolerance = 1e-5, info = n
    )
  }
})

test_that("solve() takes R objects as b", {
  a <- matrix(c(2, 1, 1, 3), 2)
  expect_array_equal(solve(as_mlx(a), c(1, 2)), base::solve(a, c(1, 2)))
  expect_array_equal(solve(as_mlx(a), diag(2)), base::solve(a))
})

test_that("solve() of one equation takes one number as b", {
  expect_array_equal(solve(as_mlx(matrix(4)), 2), 0.5, shape = 1L)
})

test_that("solve() works on views", {
  m <- withr::with_seed(1L, matrix(stats::rnorm(36), 6)) + 6 * diag(6)
  x <- as_mlx(m)
  expect_array_equal(solve(t(x)), base::solve(t(m)), tolerance = 1e-5)
  expect_array_equal(solve(x[2:4, 2:4], x[2:4, 1]), base::solve(m[2:4, 2:4], m[2:4, 1, drop = FALSE]), tolerance = 1e-5)
  expect_array_equal(solve(x[6:1, 6:1]), base::solve(m[6:1, 6:1]), tolerance = 1e-5)
})

test_that("solve() computes in float32, and in float64 for float64", {
  a <- matrix(c(4, 1, 1, 3), 2)
  for (dtype in setdiff(all_dtypes(), c("bool", "complex64"))) {
    expected <- if (dtype == "float64") dtype else "float32"
    expect_array_equal(solve(make_mlx(a, dtype)), base::solve(a), dtype = expected, info = dtype)
    expect_array_equal(solve(make_mlx(a, dtype), c(1, 2)), base::solve(a, c(1, 2)), dtype = expected, info = dtype)
  }
})

test_that("solve() of no rows is empty", {
  expect_array_equal(solve(as_mlx(matrix(0, 0, 0))), matrix(0, 0, 0))
  expect_array_equal(solve(as_mlx(diag(2)), as_mlx(matrix(0, 2, 0))), matrix(0, 2, 0))
})

test_that("solve() of a singular matrix is an error, and the session goes on", {
  for (a in list(matrix(0, 2, 2), matrix(1, 3, 3), matrix(0, 1, 1))) {
    expect_error(solve(as_mlx(a)), class = "mlx_error_singular", regexp = "singular")
    expect_error(solve(as_mlx(a), as_mlx(a)), class = "mlx_error_singular", regexp = "singular")
  }
  expect_array_equal(solve(as_mlx(diag(2))), diag(2))
})

test_that("solve() wants a square matrix and rows that match", {
  x <- as_mlx(matrix(1:6, 2))
  a <- as_mlx(diag(2))
  expect_error(solve(x), class = "mlx_error_shape", regexp = "must be a square matrix")
  expect_error(solve(as_mlx(1:4)), class = "mlx_error_shape", regexp = "must be a square matrix")
  expect_error(solve(as_mlx(3)), class = "mlx_error_shape", regexp = "must be a square matrix")
  expect_error(solve(a, 1:3), class = "mlx_error_shape", regexp = "must match")
  expect_error(solve(a, array(1, c(2, 2, 2))), class = "mlx_error_shape", regexp = "must match")
  expect_error(solve(as_mlx(diag(2) + 0i)), class = "mlx_error_dtype", regexp = "complex")
  expect_error(solve(a, "a"), class = "mlx_error_argument", regexp = "Cannot convert")
})

test_that("solve() takes several matrices at once, and broadcasts the right-hand side", {
  a <- array(stats::rnorm(2 * 3 * 9), c(2L, 3L, 3L, 3L)) + aperm(array(4 * diag(3), c(3L, 3L, 2L, 3L)), c(3L, 4L, 1L, 2L))
  b <- array(stats::rnorm(36), c(2L, 3L, 3L, 2L))
  inverse <- as.array(solve(make_mlx(a, "float64")))
  x <- as.array(solve(make_mlx(a, "float64"), b))
  y <- as.array(solve(make_mlx(a, "float64"), b[1, 1, , ]))
  for (i in 1:2) {
    for (j in 1:3) {
      expect_equal(inverse[i, j, , ], base::solve(a[i, j, , ]))
      expect_equal(x[i, j, , ], base::solve(a[i, j, , ], b[i, j, , ]))
      expect_equal(y[i, j, , ], base::solve(a[i, j, , ], b[1, 1, , ]))
    }
  }
  expect_error(solve(as_mlx(a), 1:3), class = "mlx_error_shape", regexp = "must match")
  expect_error(solve(as_mlx(a), b[, 1:2, , ]), class = "mlx_error_shape", regexp = "cannot be broadcast")
})

test_that("solve() and mlx_inv() carry names as base R does", {
  a <- matrix(c(2, 1, 1, 3), 2, dimnames = list(c("p", "q"), c("x", "y")))
  b <- matrix(1:4, 2, dimnames = list(c("i", "j"), c("u", "v")))
  expect_identical(dimnames(solve(as_mlx(a))), dimnames(base::solve(a)))
  expect_identical(dimnames(mlx_inv(as_mlx(a))), dimnames(base::solve(a)))
  expect_identical(dimnames(solve(as_mlx(a), b)), dimnames(base::solve(a, b)))
  expect_identical(names(solve(as_mlx(a), c(1, 2))), names(base::solve(a, c(1, 2))))
})

test_that("a matrix is singular where base R says so, at the precision of the dtype", {
  a <- matrix(c(1, 1, 1, 1 + 1e-9), 2)
  expect_error(solve(as_mlx(a)), class = "mlx_error_singular")
  expect_equal(as.matrix(solve(make_mlx(a, "float64"))), base::solve(a), tolerance = 1e-6)
  for (tiny in c(1e-9, 1e-30)) {
    d <- diag(c(1, tiny))
    expect_error(solve(as_mlx(d)), class = "mlx_error_singular", regexp = "reciprocal condition number")
    expect_error(solve(as_mlx(d), c(1, 1)), class = "mlx_error_singular", regexp = "reciprocal condition number")
    expect_error(mlx_inv(as_mlx(d)), class = "mlx_error_singular", regexp = "reciprocal condition number")
  }
  expect_array_equal(solve(as_mlx(diag(c(1e-5, 1)))), diag(c(1e5, 1)))
  expect_error(solve(as_mlx(matrix(c(NaN, 1, 1, 1), 2))), class = "mlx_error_singular")
  expect_error(solve(as_mlx(matrix(c(NaN, 1, 1, 1), 2)), c(1, 1)), class = "mlx_error_singular")
  expect_array_equal(solve(as_mlx(diag(2)), c(NaN, 1)), c(NaN, NaN))
  expect_snapshot(show_condition(solve(as_mlx(diag(c(1, 1e-30))))))
  expect_snapshot(show_condition(solve(as_mlx(matrix(0, 2, 2)), c(1, 1))))
})

test_that("mlx_inv() takes stacks, half precision and R matrices, but no integers", {
  a <- array(stats::rnorm(12), c(3L, 2L, 2L)) + aperm(array(3 * diag(2), c(2L, 2L, 3L)), c(3L, 1L, 2L))
  inverse <- as.array(mlx_inv(make_mlx(a, "float64")))
  for (i in 1:3) expect_equal(inverse[i, , ], base::solve(a[i, , ]))
  m <- matrix(c(2, 0, 1, 4), 2)
  for (dtype in float_dtypes()) expect_array_equal(mlx_inv(make_mlx(m, dtype)), base::solve(m), dtype = dtype)
  expect_array_equal(mlx_inv(m), base::solve(m))
  expect_array_equal(mlx_inv(matrix(0, 0, 0)), matrix(0, 0, 0))
  expect_array_equal(mlx_inv(array(0, c(2L, 0L, 0L))), array(0, c(2L, 0L, 0L)))
  expect_error(mlx_inv(as_mlx(m, dtype = "int32")), class = "mlx_error_dtype", regexp = "must have type float32 or float64")
  expect_error(mlx_inv(m + 1i), class = "mlx_error_dtype", regexp = "float32 or float64")
  expect_error(mlx_inv(matrix(1:6, 2)), class = "mlx_error_shape", regexp = "must be a square matrix")
  expect_error(mlx_inv(1:3), class = "mlx_error_shape", regexp = "must be a square matrix")
  expect_error(mlx_inv(array(0, c(2, 2, 2))), class = "mlx_error_singular")
  expect_snapshot(show_condition(mlx_inv(as_mlx(diag(2), dtype = "int32"))))
})

test_that("triangular inverses and systems read one triangle", {
  m <- matrix(c(2, 1, -1, 9, 4, 3, 8, 7, 5), 3)
  low <- m * lower.tri(m, TRUE)
  up <- m * upper.tri(m, TRUE)
  x <- make_mlx(m, "float64")
  expect_array_equal(mlx_tri_inv(x), base::solve(low), dtype = "float64")
  expect_array_equal(mlx_tri_inv(x, upper = TRUE), base::solve(up), dtype = "float64")
  for (b in list(c(1, 2, 3), matrix(1:6 + 0, 3), matrix(0, 3, 0))) {
    expect_array_equal(mlx_solve_triangular(x, b), forwardsolve(m, b), dtype = "float64")
    expect_array_equal(mlx_solve_triangular(x, b, TRUE), base::backsolve(m, b), dtype = "float64")
    expect_array_equal(backsolve(x, b), base::backsolve(m, b), dtype = "float64")
    expect_array_equal(backsolve(x, b, upper.tri = FALSE), base::backsolve(m, b, upper.tri = FALSE), dtype = "float64")
    for (upper in c(TRUE, FALSE)) {
      expect_array_equal(backsolve(x, b, k = 3, upper.tri = upper, transpose = TRUE),
        base::backsolve(m, b, upper.tri = upper, transpose = TRUE),
        dtype = "float64"
      )
    }
  }
  expect_array_equal(backsolve(m, as_mlx(1:3)), base::backsolve(m, 1:3))
  expect_array_equal(backsolve(as_mlx(matrix(4)), 2), 0.5, shape = 1L)
  expect_array_equal(mlx_solve_triangular(as_mlx(m, dtype = "int32"), c(1, 2, 3)), forwardsolve(m, 1:3))
})

test_that("mlx_solve_triangular() takes several matrices", {
  a <- array(stats::rnorm(18) + 3, c(2L, 3L, 3L))
  b <- array(stats::rnorm(12), c(2L, 3L, 2L))
  x <- as.array(mlx_solve_triangular(make_mlx(a, "float64"), make_mlx(b, "float64")))
  for (i in 1:2) expect_equal(x[i, , ], forwardsolve(a[i, , ], b[i, , ]))
})

test_that("triangular systems tell what is wrong", {
  m <- matrix(c(1, 2, 3, 0), 2)
  singular <- "first zero in diagonal \\[2\\]"
  expect_error(mlx_tri_inv(m), class = "mlx_error_singular", regexp = singular)
  expect_error(mlx_cholesky_inv(m), class = "mlx_error_singular", regexp = singular)
  expect_error(backsolve(as_mlx(m), 1:2), class = "mlx_error_singular", regexp = singular)
  x <- as_mlx(diag(2))
  expect_error(backsolve(as_mlx(1:3), 1:3), class = "mlx_error_shape", regexp = "must be a matrix")
  expect_error(backsolve(as_mlx(matrix(1:6, 2)), 1:2), class = "mlx_error_shape", regexp = "square")
  expect_error(backsolve(x, 1:3), class = "mlx_error_shape", regexp = "must match")
  for (k in list(0, 3, NA, "a", c(2, 2))) {
    expect_error(backsolve(x, 1:2, k = k), class = "mlx_error_argument", regexp = "`k` must be one integer from 1 to 2")
  }
  expect_error(backsolve(x, 1:2, upper.tri = NA), class = "mlx_error_argument")
  expect_error(mlx_solve_triangular(as_mlx(diag(2), dtype = "int32"), as_mlx(1:2, dtype = "int32")),
    class = "mlx_error_dtype", regexp = "float32 or float64"
  )
  expect_snapshot(show_condition(backsolve(as_mlx(m), 1:2)))
  expect_snapshot(show_condition(backsolve(x, 1:2, k = 3)))
})

test_that("chol2inv() and mlx_cholesky_inv() invert what a factor belongs to", {
  s <- crossprod(matrix(c(2, 1, 0, 1, 3, 1, 1, 0, 4), 3))
  u <- base::chol(s)
  dirty <- u + 7 * lower.tri(u)
  expect_array_equal(chol2inv(make_mlx(dirty, "float64")), base::solve(s), dtype = "float64")
  expect_array_equal(mlx_cholesky_inv(make_mlx(dirty, "float64"), TRUE), base::solve(s), dtype = "float64")
  expect_array_equal(mlx_cholesky_inv(make_mlx(t(dirty), "float64")), base::solve(s), dtype = "float64")
  expect_array_equal(chol2inv(make_mlx(u, "float64"), size = 2), base::chol2inv(u, 2), dtype = "float64")
  expect_array_equal(chol2inv(make_mlx(u[1:2, ], "float64"), size = 2), base::chol2inv(u, 2), dtype = "float64")
  for (size in list(0, 4, NA, "a")) expect_error(chol2inv(as_mlx(u), size), class = "mlx_error_argument")
  expect_array_equal(mlx_cholesky_inv(matrix(0, 0, 0)), matrix(0, 0, 0))
  expect_error(mlx_cholesky_inv(matrix(1:6, 2)), class = "mlx_error_shape", regexp = "square")
  expect_error(chol2inv(as_mlx(diag(2), dtype = "int32")), class = "mlx_error_dtype", regexp = "float32 or float64")
})

test_that("pinv() has the properties of the Moore-Penrose inverse, at every rank", {
  ranked <- function(n, p, r) matrix(stats::rnorm(n * r), n) %*% matrix(stats::rnorm(r * p), r)
  for (m in list(ranked(4, 3, 3), ranked(3, 4, 3), ranked(4, 4, 2), matrix(0, 2, 3), matrix(2, 1, 1))) {
    x <- as.matrix(pinv(make_mlx(m, "float64")))
    expect_identical(dim(x), rev(dim(m)))
    expect_equal(m %*% x %*% m, m)
    expect_equal(x %*% m %*% x, x)
    expect_equal(t(m %*% x), m %*% x)
    expect_equal(t(x %*% m), x %*% m)
  }
  expect_array_equal(pinv(matrix(0, 0, 3)), matrix(0, 3, 0))
  a <- array(stats::rnorm(24), c(2L, 4L, 3L))
  expect_equal(as.array(pinv(as_mlx(a)))[2, , ], as.matrix(pinv(a[2, , ])), tolerance = 1e-5)
  expect_error(pinv(matrix(NaN, 2, 2)), class = "mlx_error_argument", regexp = "infinite or missing values")
  expect_error(pinv(1:3), class = "mlx_error_shape")
})

test_that("backsolve() uses as much of the system as `k` says", {
  r <- matrix(c(2, 0, 0, 0, 1, 3, 0, 0, -1, 2, 4, 0), 4)
  b <- matrix(1:8, 4)
  for (k in 1:3) {
    expect_array_equal(backsolve(as_mlx(r), b, k = k), base::backsolve(r, b, k = k), dtype = "float32")
    expect_array_equal(backsolve(as_mlx(r), b[, 1], k = k), base::backsolve(r, b[, 1], k = k), dtype = "float32", shape = k)
  }
})

test_that("triangular systems keep the digits that multiplying by an inverse loses", {
  h <- 1 / base::outer(1:9, 1:9, function(i, j) i + j - 1)
  r <- chol(h)
  for (b in list(1:9, matrix(sin(1:27), 9))) {
    x <- backsolve(make_mlx(r, "float64"), b)
    expect_lt(max(abs(r %*% as_r(x) - b)), 1e-9)
    l <- mlx_solve_triangular(make_mlx(t(r), "float64"), b)
    expect_array_equal(l, forwardsolve(t(r), b), dtype = "float64", tolerance = 1e-11)
  }
})
