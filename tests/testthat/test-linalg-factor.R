test_that("chol() is base R's, of every size", {
  for (n in c(1L, 2L, 5L, 40L)) {
    m <- sample_definite(n)
    expect_array_equal(chol(make_mlx(m, "float64")), base::chol(m), dtype = "float64", tolerance = 1e-12, info = n)
    expect_array_equal(chol(as_mlx(m)), base::chol(m), tolerance = 1e-5, info = n)
  }
})

test_that("chol() reads the upper triangle, keeps dtype and names, and takes several matrices and views", {
  m <- sample_definite(3)
  dirty <- m
  dirty[lower.tri(m)] <- NaN
  expect_array_equal(chol(make_mlx(dirty, "float64")), base::chol(m), dtype = "float64")
  for (dtype in c("float16", "bfloat16")) {
    expect_array_equal(chol(make_mlx(diag(c(4, 9)), dtype)), diag(c(2, 3)), dtype = dtype)
  }
  dimnames(m) <- list(letters[1:3], LETTERS[1:3])
  expect_identical(dimnames(chol(as_mlx(m))), dimnames(base::chol(m)))
  stack <- aperm(array(c(sample_definite(3, 1L), sample_definite(3, 2L)), c(3L, 3L, 2L)), c(3L, 1L, 2L))
  factors <- as.array(chol(make_mlx(stack, "float64")))
  for (i in 1:2) expect_equal(factors[i, , ], base::chol(stack[i, , ]))
  expect_array_equal(chol(make_mlx(unname(m), "float64")[3:1, 3:1]), base::chol(unname(m)[3:1, 3:1]), dtype = "float64")
})

test_that("chol() of a matrix that is not positive definite is an error", {
  expect_error(chol(as_mlx(matrix(c(1, 2, 2, 1), 2))), class = "mlx_error_singular", regexp = "order 2 is not positive")
  expect_error(chol(as_mlx(matrix(0, 3, 3))), class = "mlx_error_singular", regexp = "order 1 is not positive")
  expect_error(chol(as_mlx(-diag(200))), class = "mlx_error_singular", regexp = "order 1 is")
  late <- diag(c(rep(1, 150), -1, rep(1, 49)))
  expect_error(chol(as_mlx(late)), class = "mlx_error_singular", regexp = "order 151 is")
  expect_error(chol(as_mlx(matrix(NaN))), class = "mlx_error_singular")
  stack <- aperm(array(c(diag(2), diag(c(1, -1))), c(2L, 2L, 2L)), c(3L, 1L, 2L))
  expect_error(chol(as_mlx(stack)), class = "mlx_error_singular", regexp = "order 2 is")
  expect_true(all(is.nan(as.matrix(mlx_compile(function(x) chol(x))(as_mlx(-diag(2)))))))
  expect_snapshot(show_condition(chol(as_mlx(-diag(2)))))
})

test_that("chol() tells what it does not take", {
  x <- as_mlx(diag(2))
  expect_error(chol(x, pivot = TRUE), class = "mlx_error_argument", regexp = "pivoted Cholesky is not supported")
  expect_error(chol(as_mlx(matrix(1:6, 2))), class = "mlx_error_shape", regexp = "square")
  expect_error(chol(as_mlx(matrix(0, 0, 0))), class = "mlx_error_shape", regexp = "dims > 0")
  expect_error(chol(as_mlx(4)), class = "mlx_error_shape")
  for (dtype in c("bool", integer_dtypes(), "complex64")) {
    expect_error(chol(make_mlx(diag(2), dtype)), class = "mlx_error_dtype", regexp = "float32 or float64", info = dtype)
  }
})

test_that("qr() gives orthonormal Q and upper triangular R of reduced size", {
  for (shape in list(c(1L, 1L), c(4L, 4L), c(5L, 3L), c(3L, 5L), c(40L, 7L), c(0L, 3L), c(3L, 0L))) {
    m <- sample_array(shape, "float64")
    f <- qr(make_mlx(m, "float64"))
    k <- min(shape)
    expect_s3_class(f, c("mlx_qr", "list"), exact = TRUE)
    expect_named(f, c("Q", "R"))
    expect_identical(mlx_shape(f$Q), c(shape[[1L]], k))
    expect_identical(mlx_shape(f$R), c(k, shape[[2L]]))
    expect_equal(as.matrix(f$Q %*% f$R), m)
    expect_equal(as.matrix(crossprod(f$Q)), diag(1, k))
    r <- as.matrix(f$R)
    expect_true(all(r[row(r) > col(r)] == 0))
  }
  stack <- sample_array(c(2L, 4L, 3L), "float64")
  f <- qr(make_mlx(stack, "float64"))
  for (i in 1:2) expect_equal(as.array(f$Q)[i, , ] %*% as.array(f$R)[i, , ], stack[i, , ])
})

test_that("qr() tells what it does not take", {
  x <- as_mlx(diag(2))
  expect_error(qr(x, tol = 1e-5), class = "mlx_error_argument", regexp = "Custom tolerance is not supported")
  expect_error(qr(x, LAPACK = TRUE), class = "mlx_error_argument", regexp = "LAPACK = TRUE is not supported")
  expect_error(qr(as_mlx(1:3)), class = "mlx_error_shape")
  expect_error(qr(as_mlx(diag(2), dtype = "int32")), class = "mlx_error_dtype")
  expect_error(qr(as_mlx(matrix(Inf, 2, 2))), class = "mlx_error_argument", regexp = "infinite or missing values")
})

test_that("svd() has base R's values and full square bases", {
  for (shape in list(c(1L, 1L), c(4L, 4L), c(5L, 3L), c(3L, 5L), c(30L, 7L))) {
    m <- sample_array(shape, "float64")
    f <- svd(make_mlx(m, "float64"))
    k <- min(shape)
    expect_named(f, c("d", "u", "v"))
    expect_array_equal(f$d, base::svd(m)$d, dtype = "float64", shape = k, tolerance = 1e-12)
    expect_equal(as.matrix(crossprod(f$u)), diag(1, shape[[1L]]))
    expect_equal(as.matrix(crossprod(f$v)), diag(1, shape[[2L]]))
    sigma <- diag(1, shape[[1L]], shape[[2L]])
    sigma[cbind(seq_len(k), seq_len(k))] <- as.vector(f$d)
    expect_equal(as.matrix(f$u) %*% sigma %*% t(as.matrix(f$v)), m)
    expect_array_equal(svd(make_mlx(m, "float64"), nu = 0, nv = 0)$d, base::svd(m)$d, dtype = "float64", shape = k,
      tolerance = 1e-12
    )
  }
})

test_that("svd() takes complex matrices, stacks and matrices of low rank", {
  m <- sample_array(c(3L, 2L), "complex64")
  f <- svd(as_mlx(m))
  u <- as.matrix(f$u)[, 1:2]
  expect_equal(u %*% diag(as.vector(f$d)) %*% Conj(t(as.matrix(f$v))), m, tolerance = 1e-5)
  expect_array_equal(f$d, base::svd(m)$d, tolerance = 1e-5)
  stack <- sample_array(c(2L, 4L, 3L), "float64")
  f <- svd(make_mlx(stack, "float64"))
  for (i in 1:2) expect_equal(as.array(f$d)[i, ], base::svd(stack[i, , ])$d)
  low <- outer(1:4, 1:3) + 0
  expect_lt(max(as.vector(svd(as_mlx(low))$d)[2:3]), 1e-5)
})

test_that("svd() gives no vectors when none are wanted", {
  x <- as_mlx(diag(2))
  expect_null(svd(x, 0, 0)$u)
  expect_null(svd(x, 0, 0)$v)
  expect_named(svd(x, 0, 0), c("d", "u", "v"))
  expect_false(is.null(svd(x, nu = 0)$u))
  for (bad in list(1, -2, NA, "a", c(2, 2), NULL)) {
    expect_error(svd(x, nu = bad), class = "mlx_error_argument", regexp = "only supports nu = 0 or nu = min")
    expect_error(svd(x, nv = bad), class = "mlx_error_argument", regexp = "only supports nv = 0 or nv = min")
  }
})

test_that("svd() tells what it does not take", {
  for (bad in c(NaN, Inf)) {
    expect_error(svd(as_mlx(matrix(bad, 2, 2))), class = "mlx_error_argument", regexp = "infinite or missing values in 'x'")
  }
  expect_error(svd(as_mlx(matrix(0, 0, 2))), class = "mlx_error_shape", regexp = "a dimension is zero")
  expect_error(svd(as_mlx(1:3)), class = "mlx_error_shape")
  expect_error(svd(as_mlx(TRUE)), class = "mlx_error")
  expect_error(svd(as_mlx(diag(2), dtype = "int32")), class = "mlx_error_dtype", regexp = "float32 or float64")
  expect_snapshot(show_condition(svd(as_mlx(matrix(NaN, 2, 2)))))
})

test_that("mlx_lu() factors squares and rectangles, and p picks the rows of l", {
  for (shape in list(c(1L, 1L), c(4L, 4L), c(5L, 3L), c(3L, 5L), c(0L, 2L), c(2L, 0L))) {
    m <- sample_array(shape, "float64")
    f <- mlx_lu(make_mlx(m, "float64"))
    k <- min(shape)
    l <- as.matrix(f$l)
    u <- as.matrix(f$u)
    p <- as.integer(as.vector(f$p))
    expect_identical(mlx_dtype(f$p), "uint32")
    expect_identical(dim(l), c(shape[[1L]], k))
    expect_identical(dim(u), c(k, shape[[2L]]))
    expect_identical(sort(p), seq_len(shape[[1L]]))
    expect_equal(l[p, , drop = FALSE] %*% u, m)
    expect_equal(m[order(p), , drop = FALSE], l %*% u)
    expect_true(all(l[col(l) > row(l)] == 0) && all(l[col(l) == row(l)] == 1) && all(u[row(u) > col(u)] == 0))
  }
  stack <- sample_array(c(2L, 3L, 3L), "float64")
  f <- lapply(mlx_lu(make_mlx(stack, "float64")), as.array)
  for (i in 1:2) expect_equal(f$l[i, , ][f$p[i, ], ] %*% f$u[i, , ], stack[i, , ])
  expect_array_equal(mlx_lu(matrix(0, 2, 2))$u, matrix(0, 2, 2))
  expect_error(mlx_lu(1:3), class = "mlx_error_shape")
  expect_error(mlx_lu(as_mlx(diag(2), dtype = "int32")), class = "mlx_error_dtype")
})

test_that("mlx_eigh() reads the triangle that it is told, ascends, and is base R's", {
  for (n in c(1L, 3L, 20L)) {
    m <- sample_definite(n)
    for (uplo in c("L", "U")) {
      dirty <- m
      dirty[if (uplo == "L") upper.tri(m) else lower.tri(m)] <- 1e3
      f <- mlx_eigh(make_mlx(dirty, "float64"), uplo)
      expect_named(f, c("values", "vectors"))
      expect_array_equal(f$values, rev(eigen(m)$values), dtype = "float64", shape = n, tolerance = 1e-11, info = uplo)
      v <- as.matrix(f$vectors)
      expect_equal(m %*% v, v %*% diag(as.vector(f$values), n))
      expect_equal(crossprod(v), diag(1, n))
      values <- mlx_eigvalsh(make_mlx(dirty, "float64"), uplo)
      expect_array_equal(values, rev(eigen(m)$values), dtype = "float64", shape = n, tolerance = 1e-11, info = uplo)
    }
  }
})

test_that("mlx_eigh() takes Hermitian matrices, stacks and R matrices", {
  m <- sample_array(c(3L, 3L), "complex64")
  m <- m + Conj(t(m))
  for (uplo in c("L", "U")) {
    dirty <- m
    dirty[if (uplo == "L") upper.tri(m) else lower.tri(m)] <- 5i
    f <- mlx_eigh(as_mlx(dirty), uplo)
    expect_array_equal(f$values, rev(eigen(m)$values), tolerance = 1e-5)
    v <- as.matrix(f$vectors)
    expect_equal(m %*% v, v %*% diag(as.vector(f$values)), tolerance = 1e-5)
  }
  stack <- aperm(array(c(sample_definite(3, 1L), sample_definite(3, 2L)), c(3L, 3L, 2L)), c(3L, 1L, 2L))
  values <- as.matrix(mlx_eigvalsh(make_mlx(stack, "float64")))
  for (i in 1:2) expect_equal(values[i, ], rev(eigen(stack[i, , ])$values))
  expect_array_equal(mlx_eigvalsh(diag(3:1)), c(1, 2, 3))
})

test_that("mlx_eig() solves the equation of eigenvalues for real and complex matrices", {
  for (m in list(matrix(2), sample_array(c(5L, 5L), "float32"), matrix(c(0, 1, -1, 0), 2), matrix(c(1, 0, 1, 1), 2),
    sample_array(c(4L, 4L), "complex64")
  )) {
    f <- mlx_eig(as_mlx(m))
    expect_identical(c(mlx_dtype(f$values), mlx_dtype(f$vectors)), c("complex64", "complex64"))
    v <- as.matrix(f$vectors)
    expect_lt(max(Mod(m %*% v - v %*% diag(as.vector(f$values), nrow(m)))), 1e-4)
    expect_equal(colSums(Mod(v)^2), rep(1, nrow(m)), tolerance = 1e-5)
    found <- as.vector(mlx_eigvals(as_mlx(m)))
    distance <- vapply(eigen(m)$values, function(value) min(Mod(found - value)), 1)
    expect_lt(max(distance), 1e-2)
  }
  expect_identical(mlx_shape(mlx_eig(array(1, c(2, 3, 3)))$vectors), c(2L, 3L, 3L))
})

test_that("eigenvalues tell what they do not take", {
  for (f in list(mlx_eig, mlx_eigvals, mlx_eigh, mlx_eigvalsh)) {
    expect_error(f(matrix(1:6, 2)), class = "mlx_error_shape", regexp = "square")
    expect_error(f(1:3), class = "mlx_error_shape")
    expect_error(f(matrix(0, 0, 0)), class = "mlx_error_shape", regexp = "0 x 0")
    for (bad in c(NaN, Inf)) {
      expect_error(f(matrix(bad, 2, 2)), class = "mlx_error_argument", regexp = "infinite or missing values in 'x'")
    }
    expect_error(f(as_mlx(diag(2), dtype = "int32")), class = "mlx_error_dtype")
    expect_error(f("a"), class = "mlx_error_argument")
  }
  expect_error(mlx_eigh(diag(2), "X"), class = "mlx_error_argument", regexp = "uplo")
  expect_snapshot(show_condition(mlx_eig(matrix(1:6, 2))))
})

test_that("what is not finite gives NaN in compiled functions, not a crash", {
  x <- as_mlx(matrix(NaN, 3, 3))
  functions <- list(
    mlx_eigvals, mlx_eigvalsh, function(x) mlx_eig(x)$vectors, function(x) mlx_eigh(x)$vectors, function(x) svd(x)$u,
    function(x) svd(x, 0, 0)$d, pinv, function(x) qr(x)$Q, chol, function(x) mlx_norm(x, 2)
  )
  for (f in functions) {
    values <- suppressWarnings(as.vector(mlx_compile(function(x) f(x) * 1)(x)))
    expect_true(all(is.nan(Re(values))))
  }
})

test_that("decompositions are the same in compiled functions", {
  m <- sample_definite(3)
  x <- make_mlx(m, "float64")
  functions <- list(
    chol, mlx_inv, mlx_tri_inv, pinv, mlx_eigvalsh, function(x) svd(x)$u, function(x) qr(x)$R, function(x) mlx_lu(x)$l,
    function(x) solve(x, x[, 1:2])
  )
  for (f in functions) expect_equal(as.vector(mlx_compile(f)(x)), as.vector(f(x)))
})
