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
    expect_error(outer(as_mlx(1:3), 1:2, f), class = "mlx_error_argument", regexp = "Only FUN='\\*' is supported")
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

test_that("outer() carries the names of vectors", {
  x <- c(a = 1, b = 2)
  expect_identical(dimnames(outer(as_mlx(x), c(u = 3, v = 4))), dimnames(base::outer(x, c(u = 3, v = 4))))
  expect_null(dimnames(outer(as_mlx(matrix(1:4, 2)), as_mlx(1:2))))
})

test_that("mlx_kron() and kronecker() are base R's for every shape, with an R array on either side", {
  for (x in list(2, c(1, 2, 3), matrix(1:6, 2), matrix(1:3, 1), matrix(0, 0, 2), array(1:8, c(2, 2, 2)))) {
    for (y in list(matrix(c(1, -2, 0.5, 3), 2), matrix(2, 1, 1), matrix(0, 2, 0))) {
      expected <- base::kronecker(x, y)
      expect_array_equal(kronecker(as_mlx(x), as_mlx(y)), expected)
      expect_array_equal(kronecker(x, as_mlx(y)), expected)
      expect_array_equal(kronecker(as_mlx(y), x), base::kronecker(y, x))
      if (length(dim(x)) == 2L) expect_array_equal(mlx_kron(as_mlx(x), y), expected)
    }
  }
})

test_that("mlx_kron() fills shapes up at their start", {
  y <- matrix(c(1, -2, 0.5, 3), 2)
  expect_array_equal(mlx_kron(1:2, c(1, 10)), array(c(1, 10, 2, 20), 4))
  expect_array_equal(mlx_kron(1:3, as_mlx(y)), base::kronecker(matrix(1:3, 1), y))
  expect_array_equal(mlx_kron(2, as_mlx(y)), 2 * y)
  expect_array_equal(mlx_kron(array(1:8, c(2, 2, 2)), as_mlx(y)), base::kronecker(array(1:8, c(2, 2, 2)), array(y, c(1, 2, 2))))
})

test_that("kronecker() of mlx arrays has the common dtype, warns about names and knows the product only", {
  for (a in all_dtypes()) {
    x <- make_mlx(matrix(c(1, 0, 1, 1), 2), a)
    expect_identical(mlx_dtype(kronecker(x, x)), if (a == "bool") "float32" else a)
  }
  x <- as_mlx(diag(2))
  expect_warning(kronecker(x, x, make.dimnames = TRUE), class = "mlx_warning_argument", regexp = "make.dimnames is ignored")
  expect_error(kronecker(x, x, "+"), class = "mlx_error_argument", regexp = "Only FUN='\\*' is supported")
  expect_error(kronecker(x, diag(2), `+`), class = "mlx_error_argument", regexp = "Only FUN='\\*' is supported")
  expect_error(kronecker(x, "a"), class = "mlx_error_argument")
})

test_that("mlx_addmm() scales and adds", {
  x <- sample_array(c(2L, 3L), "float32", 1L)
  y <- sample_array(c(3L, 4L), "float32", 2L)
  z <- sample_array(c(2L, 4L), "float32", 3L)
  for (dtype in float_dtypes()) {
    args <- lapply(list(z, x, y), make_mlx, dtype = dtype)
    expect_array_equal(do.call(mlx_addmm, args), z + x %*% y, dtype = dtype, info = dtype)
    expect_array_equal(do.call(mlx_addmm, c(args, alpha = 2, beta = -0.5)), -0.5 * z + 2 * x %*% y, dtype = dtype)
  }
  expect_array_equal(mlx_addmm(z, as_mlx(x), y, 0, 2L), 2 * z)
  expect_array_equal(mlx_addmm(z, as_mlx(matrix(0, 2, 0)), matrix(0, 0, 4), beta = 3), 3 * z)
})

test_that("an R matrix in any place of mlx_addmm() takes the dtype of the arrays", {
  third <- matrix(1 / 3, 2, 2)
  y <- as_mlx(third, dtype = "float64", device = "cpu")
  plain <- third + third %*% third
  for (args in list(list(third, y, y), list(y, third, y), list(y, y, third), list(third, third, y), list(y, third, third))) {
    expect_array_equal(do.call(mlx_addmm, args), plain, dtype = "float64", tolerance = 1e-14)
  }
})

test_that("mlx_addmm() tells what does not fit", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(mlx_addmm(x, 1:3, x), class = "mlx_error_shape", regexp = "requires mat1 and mat2 to be 2D matrices")
  expect_error(mlx_addmm(1:3, x, t(x)), class = "mlx_error_shape", regexp = "requires input to be a 2D matrix")
  expect_error(mlx_addmm(x, x, x), class = "mlx_error_shape", regexp = "mat1 is 2 x 3 but mat2 is 2 x 3")
  expect_error(mlx_addmm(x, x, t(x)),
    class = "mlx_error_shape",
    regexp = "Input shape \\(2 x 3\\) must match mat1 %\\*% mat2 result \\(2 x 2\\)"
  )
  square <- as_mlx(diag(2))
  for (bad in list(NA, Inf, c(1, 2), "a", NULL)) {
    expect_error(mlx_addmm(square, square, square, alpha = bad), class = "mlx_error_argument", regexp = "single finite numeric")
    expect_error(mlx_addmm(square, square, square, beta = bad), class = "mlx_error_argument", regexp = "single finite numeric")
  }
  whole <- as_mlx(diag(2), dtype = "int32")
  expect_error(mlx_addmm(whole, whole, whole), class = "mlx_error_dtype", regexp = "Only real floating point types")
  expect_error(mlx_addmm(square, square + 1i, square), class = "mlx_error_dtype", regexp = "Only real floating point types")
  expect_snapshot(show_condition(mlx_addmm(x, x, t(x))))
})

test_that("mlx_cross() is the cross product along an axis, broadcast", {
  cross <- function(a, b) c(a[2] * b[3] - a[3] * b[2], a[3] * b[1] - a[1] * b[3], a[1] * b[2] - a[2] * b[1])
  a <- sample_array(c(4L, 3L), "float32", 1L)
  b <- sample_array(c(4L, 3L), "float32", 2L)
  expected <- t(vapply(1:4, function(i) cross(a[i, ], b[i, ]), numeric(3)))
  expect_array_equal(mlx_cross(as_mlx(a), b), expected)
  expect_array_equal(mlx_cross(t(a), as_mlx(t(b)), axis = 1), t(expected))
  expect_array_equal(mlx_cross(as_mlx(a[1, ]), b[1, ]), expected[1, ])
  expect_array_equal(mlx_cross(a, as_mlx(b[1, ])), t(apply(a, 1, cross, b[1, ])))
  expect_array_equal(mlx_cross(as_mlx(a[, 1:2]), b), t(vapply(1:4, function(i) cross(c(a[i, 1:2], 0), b[i, ]), numeric(3))))
  expect_array_equal(mlx_cross(as_mlx(a[, 1:2]), b[, 1:2]), cbind(0, 0, a[, 1] * b[, 2] - a[, 2] * b[, 1]))
  expect_array_equal(mlx_cross(make_mlx(a, "float64"), make_mlx(b, "float64")), expected, dtype = "float64")
  expect_array_equal(mlx_cross(as_mlx(matrix(0, 0, 3)), matrix(0, 0, 3)), matrix(0, 0, 3))
})

test_that("mlx_cross() wants axes of 2 or 3 elements", {
  x <- as_mlx(matrix(1:12, 4))
  for (axis in list(NA, 1:2, "a", list(1))) expect_error(mlx_cross(x, x, axis), class = "mlx_error")
  expect_error(mlx_cross(x, x, 1:2), class = "mlx_error_argument", regexp = "single positive integer")
  for (axis in c(0, -1, 3)) expect_error(mlx_cross(x, x, axis), class = "mlx_error_shape", regexp = "out of bounds")
  expect_error(mlx_cross(x, x, 1), class = "mlx_error_shape", regexp = "must have size 2 or 3")
  expect_error(mlx_cross(as_mlx(1), x), class = "mlx_error_shape", regexp = "must have size 2 or 3")
  expect_error(mlx_cross(x, t(x)), class = "mlx_error_shape", regexp = "must have size 2 or 3")
  expect_error(mlx_cross(x, matrix(1, 3, 3)), class = "mlx_error_shape", regexp = "cannot be broadcast")
})

test_that("mlx_trace() sums diagonals over two axes", {
  x <- sample_array(c(3L, 5L), "float32")
  for (offset in -4:6) {
    expect_array_equal(mlx_trace(as_mlx(x), offset), sum(x[col(x) - row(x) == offset]), info = offset)
    expect_array_equal(mlx_trace(as_mlx(x), offset, 2, 1), sum(x[row(x) - col(x) == offset]), info = offset)
  }
  y <- sample_array(c(2L, 3L, 3L), "float32")
  expect_array_equal(mlx_trace(as_mlx(y), 0, 2, 3), apply(y, 1, function(m) sum(diag(m))))
  for (dtype in all_dtypes()) {
    expect_identical(mlx_dtype(mlx_trace(make_mlx(diag(2), dtype))), if (dtype == "bool") "int32" else dtype)
  }
  expect_array_equal(mlx_trace(matrix(0, 0, 3)), 0)
  expect_error(mlx_trace(as_mlx(1:3)), class = "mlx_error_shape", regexp = "at least two dimensions")
  expect_error(mlx_trace(x, 0, 1, 1), class = "mlx_error_argument", regexp = "must differ")
  for (axis in c(0, -1, 3)) expect_error(mlx_trace(x, 0, axis, 1), class = "mlx_error_shape", regexp = "out of bounds")
  for (offset in list(NA, "a", NULL, c(1, 2), 1e10)) expect_error(mlx_trace(x, offset), class = "mlx_error_argument")
})
