test_that("mlx_clip() keeps elements between bounds and NaN as it is", {
  x <- c(-Inf, -2, 0.5, 3, Inf, NaN)
  for (dtype in float_dtypes()) {
    expect_array_equal(mlx_clip(make_mlx(x, dtype), 0, 1), c(0, 0, 0.5, 1, 1, NaN), dtype = dtype, info = dtype)
    expect_array_equal(mlx_clip(make_mlx(x, dtype), max = 1), pmin(x, 1), dtype = dtype, info = dtype)
    expect_array_equal(mlx_clip(make_mlx(x, dtype), min = 0), pmax(x, 0), dtype = dtype, info = dtype)
  }
  for (dtype in c("bool", integer_dtypes())) {
    values <- sample_values(6, dtype)
    expect_array_equal(mlx_clip(make_mlx(values, dtype), 0.5, 2), pmin(pmax(values, 0.5), 2), info = dtype)
  }
  expect_array_equal(mlx_clip(c(1, 2, 3), 2, 2), c(2, 2, 2))
  expect_grad_close(function(x) sum(mlx_clip(x, -1, 1)^2), c(-2, -0.5, 0.3, 5),
    oracle = function(x) sum(pmin(pmax(x, -1), 1)^2)
  )
})

test_that("the bounds of mlx_clip() are checked", {
  x <- as_mlx(1:3)
  expect_error(mlx_clip(x), class = "mlx_error_argument", regexp = "At least one of")
  for (bad in list(c(1, 2), "a", NaN, NA, list(1), numeric())) {
    expect_error(mlx_clip(x, min = bad), class = "mlx_error_argument", regexp = "min must be NULL or a scalar")
    expect_error(mlx_clip(x, max = bad), class = "mlx_error_argument", regexp = "max must be NULL or a scalar")
  }
  expect_error(mlx_clip(x, 2, 1), class = "mlx_error_argument", regexp = "min must be less than or equal to max")
  expect_error(mlx_clip(as_mlx(1i), 0), class = "mlx_error_dtype", regexp = "complex")
  expect_snapshot(show_condition(mlx_clip(x, 2, 1)))
})

test_that("parts, conjugates, moduli and angles of complex numbers are base R's", {
  z <- matrix(complex(real = c(3, -1, 0, 0, -2, NaN), imaginary = c(4, 0, 1, -1, -2, 1)), 2)
  pairs <- list(
    list(mlx_real, Re), list(mlx_imag, Im), list(mlx_conjugate, Conj), list(Re, Re), list(Im, Im), list(Conj, Conj),
    list(Mod, Mod), list(Arg, Arg)
  )
  for (pair in pairs) expect_array_equal(pair[[1L]](as_mlx(z)), pair[[2L]](z))
  expect_array_equal(mlx_imag(1 + 2i), 2)
})

test_that("real numbers are their own real part and conjugate", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- sample_values(5, dtype)
    x <- make_mlx(values, dtype)
    for (f in list(mlx_real, mlx_conjugate, Re, Conj)) expect_array_equal(f(x), as_stored(values, dtype), dtype = dtype)
    expect_array_equal(mlx_imag(x), as_stored(numeric(5), dtype), dtype = dtype)
    expected <- if (dtype %in% float_dtypes()) dtype else "float32"
    expect_array_equal(Arg(x), Arg(values + 0), dtype = expected, info = dtype)
  }
  expect_array_equal(Arg(as_mlx(c(-0, 0, NaN))), c(0, 0, NaN))
})

test_that("degrees and radians are each other's inverse", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- sample_values(5, dtype)
    expected <- if (dtype %in% float_dtypes()) dtype else "float32"
    expect_array_equal(mlx_degrees(make_mlx(values, dtype)), values * 180 / pi, dtype = expected, info = dtype)
    expect_array_equal(mlx_radians(make_mlx(values, dtype)), values * pi / 180, dtype = expected, info = dtype)
  }
  expect_array_equal(mlx_degrees(mlx_radians(c(-90, 0, 45))), c(-90, 0, 45))
})

test_that("erf and its inverse agree with the normal distribution", {
  x <- c(-3, -1, -0.3, 0, 1e-3, 0.5, 2, Inf, -Inf, NaN)
  y <- c(-0.999, -0.5, -1e-3, 0, 0.2, 0.9, 0.99999, 1, -1, 1.5, NaN)
  erf <- function(x) 2 * stats::pnorm(x * sqrt(2)) - 1
  erfinv <- function(y) suppressWarnings(stats::qnorm((y + 1) / 2)) / sqrt(2)
  stored <- as.vector(as_mlx(y))
  expect_array_equal(mlx_erf(as_mlx(x)), erf(x))
  expect_array_equal(mlx_erfinv(as_mlx(y)), erfinv(stored))
  expect_array_equal(mlx_erf(make_mlx(x, "float64")), erf(x), dtype = "float64")
  expect_array_equal(mlx_erfinv(make_mlx(y, "float64")), erfinv(y), dtype = "float64", tolerance = 1e-12)
  expect_array_equal(mlx_erf(mlx_erfinv(as_mlx(y[1:7]))), stored[1:7])
  expect_array_equal(mlx_erf(as_mlx(1L, "int32")), erf(1))
  expect_array_equal(mlx_erfinv(TRUE), Inf)
  expect_array_equal(mlx_erf(as_mlx(matrix(0, 0, 2))), matrix(0, 0, 2))
  expect_error(mlx_erf(as_mlx(1i)), class = "mlx_error_dtype", regexp = "complex")
  expect_error(mlx_erfinv(as_mlx(1i)), class = "mlx_error_dtype", regexp = "complex")
  expect_grad_close(mlx_erf, 0.3, oracle = erf)
  expect_grad_close(mlx_erfinv, 0.3, oracle = erfinv)
  expect_grad_close(mlx_erfinv, 0.3, oracle = erfinv, dtype = "float64")
})

sylvester <- function(n) if (n == 1) matrix(1) else kronecker(matrix(c(1, 1, 1, -1), 2), sylvester(n / 2))

test_that("the Hadamard transform multiplies each line of the last axis by Sylvester's matrix", {
  for (n in c(1, 2, 4, 16, 64)) {
    m <- matrix(withr::with_seed(n, stats::rnorm(3 * n)), 3)
    expected <- m %*% sylvester(n)
    expect_array_equal(mlx_hadamard_transform(as_mlx(m), scale = 1), expected, tolerance = 1e-5, info = n)
    expect_array_equal(mlx_hadamard_transform(as_mlx(m)), expected / sqrt(n), info = n)
    expect_array_equal(mlx_hadamard_transform(make_mlx(m, "float64")), expected / sqrt(n), dtype = "float64", info = n)
    expect_array_equal(mlx_hadamard_transform(t(as_mlx(t(m))), scale = 0.5), expected / 2, tolerance = 1e-5, info = n)
  }
  expect_array_equal(mlx_hadamard_transform(c(1, 2)), c(3, -1) / sqrt(2))
  cube <- array(1:16, c(2, 2, 4))
  expected <- aperm(apply(cube, 1:2, function(v) drop(sylvester(4) %*% v)), c(2, 3, 1))
  expect_array_equal(mlx_hadamard_transform(as_mlx(cube, "int32"), scale = 1), expected)
  expect_array_equal(mlx_hadamard_transform(as_mlx(4L, "int32")), 4)
  expect_array_equal(mlx_hadamard_transform(as_mlx(matrix(0, 0, 4))), matrix(0, 0, 4))
})

test_that("the Hadamard transform of other lengths is orthogonal, and its derivative is the transpose", {
  for (n in c(12, 20, 28, 24, 40)) {
    # a row of the result is a column of the matrix
    matrix_of <- t(as.matrix(mlx_hadamard_transform(diag(n), scale = 1)))
    expect_true(all(abs(matrix_of) == 1))
    expect_equal(crossprod(matrix_of), n * diag(n))
    x <- withr::with_seed(n, stats::rnorm(n))
    weights <- seq_len(n) / n
    expect_array_equal(mlx_hadamard_transform(make_mlx(x, "float64")), drop(matrix_of %*% x) / sqrt(n), dtype = "float64")
    grad <- mlx_grad(function(x) sum(mlx_hadamard_transform(x, scale = 2) * weights), as_mlx(x))[[1L]]
    expect_array_equal(grad, drop(crossprod(matrix_of, weights)) * 2, tolerance = 1e-5, info = n)
  }
})

test_that("the arguments of the Hadamard transform are checked", {
  for (x in list(1:3, as_mlx(matrix(1, 4, 6)), as_mlx(matrix(0, 2, 0)), 1:36)) {
    expect_error(mlx_hadamard_transform(x), class = "mlx_error_shape", regexp = "power of two")
  }
  expect_error(mlx_hadamard_transform(1:4, scale = 1:2), class = "mlx_error_argument",
    regexp = "scale must be NULL or a single numeric"
  )
  expect_error(mlx_hadamard_transform(c(1i, 2i)), class = "mlx_error_dtype", regexp = "complex")
  expect_snapshot(show_condition(mlx_hadamard_transform(as_mlx(1:3))))
})

test_that("tests for NaN and infinities are base R's, as arrays", {
  for (dtype in float_dtypes()) {
    x <- make_mlx(specials(), dtype)
    expect_array_equal(mlx_isnan(x), is.nan(specials()))
    expect_array_equal(mlx_isinf(x), is.infinite(specials()))
    expect_array_equal(mlx_isfinite(x), is.finite(specials()))
    expect_array_equal(mlx_isposinf(x), specials() %in% Inf)
    expect_array_equal(mlx_isneginf(x), specials() %in% -Inf)
    for (f in list(is.nan, is.infinite, is.finite, is.na)) expect_array_equal(f(x), f(specials()))
    expect_true(anyNA(x))
    expect_false(anyNA(x[2:10]))
  }
})

test_that("integers and truth values are finite, and a complex number is as its parts are", {
  for (dtype in c("bool", integer_dtypes())) {
    x <- make_mlx(matrix(c(0, 1), 1), dtype)
    for (f in list(mlx_isnan, mlx_isinf, mlx_isposinf, mlx_isneginf)) expect_array_equal(f(x), matrix(FALSE, 1, 2))
    expect_array_equal(mlx_isfinite(x), matrix(TRUE, 1, 2))
    expect_false(anyNA(x))
  }
  z <- complex(real = c(NaN, 1, Inf, 1, 2), imaginary = c(1, NaN, 0, -Inf, 3))
  for (f in list(is.nan, is.infinite, is.finite)) expect_array_equal(f(as_mlx(z)), f(z))
  expect_error(mlx_isposinf(as_mlx(z)), class = "mlx_error_dtype", regexp = "complex")
  expect_array_equal(mlx_isnan(numeric()), logical())
  expect_array_equal(mlx_isnan(NA_real_), TRUE)
})

test_that("mlx_nan_to_num() replaces NaN and infinities", {
  x <- c(NaN, Inf, -Inf, 1.5)
  most <- c(float16 = 65504, bfloat16 = 2^127 * (2 - 2^-7), float32 = 2^127 * (2 - 2^-23), float64 = .Machine$double.xmax)
  for (dtype in float_dtypes()) {
    expect_array_equal(mlx_nan_to_num(make_mlx(x, dtype), 0, 10, -10), c(0, 10, -10, 1.5), dtype = dtype)
    limit <- most[[dtype]]
    expect_array_equal(mlx_nan_to_num(make_mlx(x, dtype), nan = NULL), c(0, limit, -limit, 1.5), dtype = dtype)
  }
  expect_array_equal(mlx_nan_to_num(x, nan = Inf, posinf = NaN, neginf = 2), c(Inf, NaN, 2, 1.5))
  expect_array_equal(mlx_nan_to_num(as_mlx(1:3, "int32")), 1:3, dtype = "int32")
  expect_array_equal(mlx_nan_to_num(c(TRUE, FALSE), nan = 5), c(TRUE, FALSE))
  z <- complex(real = c(NaN, 1, Inf), imaginary = c(1, NaN, -Inf))
  expect_array_equal(mlx_nan_to_num(z, 7, 8, 9), complex(real = c(7, 1, 8), imaginary = c(1, 7, 9)))
  expect_array_equal(mlx_grad(function(x) sum(mlx_nan_to_num(x, posinf = 10)^2), as_mlx(c(NaN, 3, Inf)))[[1L]], c(0, 6, 0))
  for (arg in c("nan", "posinf", "neginf")) {
    for (bad in list("a", 1:2, NA)) {
      expect_error(do.call(mlx_nan_to_num, c(list(x), setNames(list(bad), arg))),
        class = "mlx_error_argument", regexp = paste(arg, "must be a single numeric value or NULL")
      )
    }
  }
})

test_that("elementwise functions keep shape and names", {
  functions <- list(
    function(x) mlx_clip(x, 0), Re, Im, Conj, Arg, mlx_degrees, mlx_radians, mlx_erf, mlx_erfinv, mlx_hadamard_transform,
    is.nan, is.finite, is.infinite, is.na, mlx_nan_to_num
  )
  x <- as_mlx(matrix(c(0.1, 0.2), 1, dimnames = list("a", c("u", "v"))))
  for (f in functions) expect_identical(dimnames(f(x)), dimnames(x))
  for (f in functions[-10L]) {
    for (shape in shapes()) expect_identical(mlx_shape(f(as_mlx(sample_array(shape, "float32")))), as.integer(shape))
    for (view in views("float32")) expect_identical(as.vector(f(view[[1L]])), as.vector(f(as_mlx(view[[2L]]))))
  }
})

test_that("elementwise functions can be compiled", {
  x <- c(-0.5, NaN, 0.25)
  expect_array_equal(mlx_compile(function(x) mlx_nan_to_num(mlx_erf(mlx_clip(x, 0))))(as_mlx(x)), c(0, 0, 0.27632639))
  expect_error(mlx_compile(function(x) if (anyNA(x)) x else -x)(as_mlx(x)), class = "mlx_error_trace")
})
