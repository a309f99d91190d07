test_that("%*%, crossprod() and tcrossprod() are base R's for every pair of float dtypes", {
  x <- sample_array(c(3L, 4L), "float32", seed = 1L)
  y <- sample_array(c(4L, 2L), "float32", seed = 2L)
  for (a in c(float_dtypes(), "complex64")) {
    for (b in c(float_dtypes(), "complex64")) {
      dtype <- promoted(a, b)
      info <- paste(a, b)
      expect_array_equal(make_mlx(x, a) %*% make_mlx(y, b), base::`%*%`(x, y), dtype = dtype, info = info)
      expect_array_equal(crossprod(make_mlx(t(x), a), make_mlx(y, b)), base::`%*%`(x, y), dtype = dtype, info = info)
      expect_array_equal(tcrossprod(make_mlx(x, a), make_mlx(t(y), b)), base::`%*%`(x, y), dtype = dtype, info = info)
    }
  }
})

test_that("matrix products work on every size, also without elements", {
  for (n in c(0L, 1L, 3L)) {
    for (k in c(0L, 1L, 4L)) {
      for (p in c(0L, 1L, 2L)) {
        x <- sample_array(c(n, k), "float32", seed = 1L)
        y <- sample_array(c(k, p), "float32", seed = 2L)
        expected <- base::`%*%`(x, y)
        info <- paste(n, k, p)
        expect_array_equal(as_mlx(x) %*% as_mlx(y), expected, info = info)
        expect_array_equal(crossprod(as_mlx(t(x)), as_mlx(y)), expected, info = info)
        expect_array_equal(tcrossprod(as_mlx(x), as_mlx(t(y))), expected, info = info)
      }
    }
  }
})

test_that("matrix products work on transposed, sliced and reversed matrices", {
  for (name in names(views("float32"))) {
    pair <- views("float32")[[name]]
    y <- sample_array(c(ncol(pair[[2L]]), 3L), "float32")
    expect_array_equal(pair[[1L]] %*% as_mlx(y), base::`%*%`(pair[[2L]], y), info = name)
    expect_array_equal(t(as_mlx(y)) %*% t(pair[[1L]]), base::`%*%`(t(y), t(pair[[2L]])), info = name)
    expect_array_equal(crossprod(pair[[1L]]), base::crossprod(pair[[2L]]), info = name)
    expect_array_equal(tcrossprod(pair[[1L]]), base::tcrossprod(pair[[2L]]), info = name)
  }
})

test_that("matrix products are right around the edges of tiles", {
  for (n in c(31L, 33L, 65L)) {
    x <- sample_array(c(n, 32L), "float32", seed = 1L)
    y <- sample_array(c(32L, n), "float32", seed = 2L)
    expect_array_equal(as_mlx(x) %*% as_mlx(y), base::`%*%`(x, y), tolerance = 1e-5, info = n)
  }
})

test_that("complex matrix products are base R's, without conjugation", {
  x <- sample_array(c(3L, 4L), "complex64", seed = 1L)
  y <- sample_array(c(4L, 2L), "complex64", seed = 2L)
  expect_array_equal(as_mlx(x) %*% as_mlx(y), base::`%*%`(x, y))
  expect_array_equal(crossprod(as_mlx(x)), base::`%*%`(t(x), x))
  expect_array_equal(tcrossprod(as_mlx(x)), base::`%*%`(x, t(x)))
})

test_that("NaN and infinities go through matrix products as in base R", {
  x <- matrix(c(1, NaN, Inf, 0), 2)
  y <- matrix(c(1, 2, 0, -1), 2)
  expect_array_equal(as_mlx(x) %*% as_mlx(y), base::`%*%`(x, y))
})

test_that("one operand of a matrix product may be an R matrix", {
  x <- sample_array(c(2L, 3L), "float32")
  expect_array_equal(as_mlx(x) %*% t(x), base::`%*%`(x, t(x)))
  expect_array_equal(x %*% as_mlx(t(x)), base::`%*%`(x, t(x)))
  expect_array_equal(crossprod(as_mlx(x), x), base::crossprod(x))
  expect_array_equal(tcrossprod(as_mlx(x), x), base::tcrossprod(x))
})

test_that("integers meet floats in a matrix product, but not each other", {
  x <- as_mlx(matrix(1:4, 2), dtype = "int32")
  expect_array_equal(x %*% as_mlx(diag(2)), matrix(as.double(1:4), 2))
  for (dtype in c("bool", "int32", "uint8")) {
    error <- expect_error(as_mlx(x, dtype = dtype) %*% as_mlx(x, dtype = dtype),
      class = "mlx_error_dtype", regexp = "Only inexact types are supported"
    )
    expect_identical(error[c("op", "dtype")], list(op = "%*%", dtype = dtype))
  }
})

test_that("matrix products want conformable matrices", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(x %*% x, class = "mlx_error_shape", regexp = "Non-conformable arrays")
  expect_error(crossprod(x, t(x)), class = "mlx_error_shape", regexp = "Non-conformable arrays")
  expect_error(tcrossprod(x, t(x)), class = "mlx_error_shape", regexp = "Non-conformable arrays")
  expect_error(x %*% as_mlx(1:3), class = "mlx_error_shape", regexp = "Matrix multiplication requires 2D arrays")
  expect_error(as_mlx(1:2) %*% x, class = "mlx_error_shape", regexp = "requires 2D arrays")
  expect_error(as_mlx(array(1, c(2, 2, 2))) %*% x, class = "mlx_error_shape", regexp = "requires 2D arrays")
  expect_error(x %*% 1:3, class = "mlx_error_shape", regexp = "requires 2D arrays")
  expect_error(x %*% list(1), class = "mlx_error_argument", regexp = "Cannot convert")
})

test_that("matrix products that do not conform tell op and shapes", {
  x <- as_mlx(matrix(1:6, 2))
  error <- expect_error(tcrossprod(x, t(x)), class = "mlx_error_shape")
  expect_identical(error[c("op", "shapes")], list(op = "tcrossprod", shapes = list(c(2L, 3L), c(3L, 2L))))
})

test_that("products of R's own objects are base R's, with names", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), c("x", "y", "z")))
  v <- c(p = 1, q = 2)
  expect_identical(m %*% t(m), base::`%*%`(m, t(m)))
  expect_identical(v %*% m, base::`%*%`(v, m))
  expect_identical(m %*% 1:3, base::`%*%`(m, 1:3))
  expect_identical(v %*% v, base::`%*%`(v, v))
  expect_identical(crossprod(m), base::crossprod(m))
  expect_identical(crossprod(v, t(m)[1:2, ]), base::crossprod(v, t(m)[1:2, ]))
  expect_identical(crossprod(1:3), base::crossprod(1:3))
  expect_identical(tcrossprod(m), base::tcrossprod(m))
  expect_identical(tcrossprod(v), base::tcrossprod(v))
  expect_identical(tcrossprod(m, m + 1i), base::tcrossprod(m, m + 1i))
  expect_error(m %*% m, "non-conformable")
  expect_error("a" %*% m, "numeric/complex")
})

test_that("products of S4 objects are those of their own methods", {
  skip_if_not_installed("Matrix")
  m <- Matrix::Matrix(c(1, 0, 0, 2), 2, sparse = TRUE)
  expect_s4_class(m %*% m, "Matrix")
  expect_identical(as.vector(as.matrix(m %*% m)), c(1, 0, 0, 4))
})

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

test_that("outer() is base R's product for every pair of dtypes", {
  for (a in all_dtypes()) {
    for (b in all_dtypes()) {
      x <- if (a == "bool") c(TRUE, FALSE) else c(1, 3)
      y <- if (b == "bool") c(TRUE, TRUE, FALSE) else c(2, 0, 1)
      expect_array_equal(outer(make_mlx(x, a), make_mlx(y, b)), base::outer(x + 0, y + 0),
        dtype = result_dtype("*", a, b), info = paste(a, b)
      )
    }
  }
})

test_that("outer() takes an R vector on either side, scalars, and vectors without elements", {
  expect_array_equal(outer(as_mlx(1:3), 1:2), base::outer(1:3, c(1, 2)))
  expect_array_equal(outer(1:3, as_mlx(1:2)), base::outer(1:3, c(1, 2)))
  expect_array_equal(outer(as_mlx(2), as_mlx(1:3)), matrix(c(2, 4, 6), 1))
  expect_array_equal(outer(as_mlx(numeric()), as_mlx(1:3)), matrix(0, 0, 3))
  expect_array_equal(outer(as_mlx(1:3), as_mlx(1:2), "*"), base::outer(1:3, c(1, 2)))
})

test_that("outer() takes the elements of matrices by rows", {
  m <- matrix(c(1, 2, 3, 4), 2)
  expect_array_equal(outer(as_mlx(m), as_mlx(c(1, 10))), base::outer(as.vector(t(m)), c(1, 10)))
})

test_that("outer() knows the product only", {
  for (f in list("+", `-`, function(x, y) x * y)) {
    expect_error(outer(as_mlx(1:3), 1:2, f), class = "mlx_error_argument", regexp = "Only FUN = \"\\*\" is supported")
  }
})

test_that("outer() of R's own objects is base R's, with names and other functions", {
  x <- c(a = 1, b = 2)
  y <- c(u = 3, v = 4, w = 5)
  expect_identical(outer(x, y), base::outer(x, y))
  expect_identical(outer(x, y, "+"), base::outer(x, y, "+"))
  expect_identical(outer(x, y, function(p, q, r) p + q * r, r = 2), base::outer(x, y, function(p, q, r) p + q * r, r = 2))
  expect_identical(outer(matrix(1:4, 2), 1:2), base::outer(matrix(1:4, 2), 1:2))
  expect_identical(outer(c("a", "b"), 1:2, paste), base::outer(c("a", "b"), 1:2, paste))
})
