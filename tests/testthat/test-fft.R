test_that("fft() and mlx_fft() transform one axis, the last unless named", {
  for (n in c(1L, 2L, 5L, 8L, 30L)) {
    x <- sample_values(n, "complex64")
    x <- in_shape(x, n)
    for (inverse in c(FALSE, TRUE)) {
      expected <- array(stats::fft(as.vector(x), inverse), n)
      expect_array_equal(fft(as_mlx(x), inverse), expected, tolerance = 1e-5, shape = n)
      expect_array_equal(mlx_fft(x, inverse = inverse), expected, tolerance = 1e-5, shape = n)
    }
  }
  m <- sample_array(c(4L, 6L), "float32")
  expect_array_equal(mlx_fft(m, axis = 1), stats::mvfft(m), tolerance = 1e-5)
  expect_array_equal(fft(as_mlx(m), axis = 1), stats::mvfft(m), tolerance = 1e-5)
  expect_array_equal(fft(as_mlx(m)), t(stats::mvfft(t(m))), tolerance = 1e-5)
  expect_array_equal(fft(as_mlx(m), TRUE, axis = 2), t(stats::mvfft(t(m), TRUE)), tolerance = 1e-5)
})

test_that("mlx_fft2() and mlx_fftn() transform several axes together", {
  m <- sample_array(c(4L, 6L), "float32")
  for (inverse in c(FALSE, TRUE)) {
    expect_array_equal(mlx_fft2(m, inverse = inverse), stats::fft(m, inverse), tolerance = 1e-5)
    expect_array_equal(mlx_fftn(as_mlx(m), inverse = inverse), stats::fft(m, inverse), tolerance = 1e-5)
  }
  x <- sample_array(c(3L, 4L, 5L), "float32")
  expect_array_equal(mlx_fftn(x), stats::fft(x), tolerance = 1e-5)
  expect_array_equal(mlx_fftn(x, NULL), stats::fft(x), tolerance = 1e-5)
  each <- aperm(vapply(1:3, function(i) stats::fft(x[i, , ]), matrix(0i, 4, 5)), c(3, 1, 2))
  expect_array_equal(mlx_fft2(x), each, tolerance = 1e-5)
  expect_array_equal(mlx_fftn(x, c(3, 2)), each, tolerance = 1e-5)
  expect_array_equal(mlx_fftn(mlx_fftn(x, c(1, 3)), c(1, 3), inverse = TRUE), x * 15 + 0i, tolerance = 1e-5)
})

test_that("Fourier transforms take every dtype and views, and give complex64", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(2L, 4L), dtype)
    expect_array_equal(mlx_fft2(make_mlx(x, dtype)), stats::fft(x + 0), tolerance = 1e-5, info = dtype)
  }
  for (pair in views("float32")) expect_array_equal(mlx_fftn(pair[[1L]]), stats::fft(pair[[2L]]), tolerance = 1e-5)
})

test_that("Fourier transforms of nothing and of NaN are base R's", {
  expect_array_equal(fft(as_mlx(numeric())), complex(), shape = 0L)
  expect_array_equal(mlx_fft(matrix(0, 0, 3), axis = 1), matrix(0i, 0, 3))
  expect_array_equal(mlx_fftn(3), 3 + 0i)
  expect_true(all(is.nan(Re(as.vector(fft(as_mlx(c(1, NaN))))))))
})

test_that("Fourier transforms tell which axes they do not have", {
  x <- as_mlx(matrix(1:6, 2))
  for (axis in list(NULL, 1:2, "a", integer())) {
    expect_error(mlx_fft(x, axis), class = "mlx_error_argument", regexp = "single positive integer")
  }
  for (axes in list(NULL, 1, "a")) {
    expect_error(mlx_fft2(x, axes), class = "mlx_error_argument", regexp = "vector of positive integers")
  }
  for (axis in c(0, -1, 3)) expect_error(mlx_fft(x, axis), class = "mlx_error_shape", regexp = "out of bounds")
  expect_error(mlx_fft(x, NA), class = "mlx_error_argument", regexp = "cannot be NA")
  expect_error(mlx_fftn(x, c(1, 1)), class = "mlx_error_argument", regexp = "repeat")
  expect_error(mlx_fftn(x, integer()), class = "mlx_error_argument", regexp = "positive integers")
  expect_error(mlx_fft2(1:3), class = "mlx_error_shape", regexp = "at least two dimensions")
  expect_error(fft(as_mlx(3)), class = "mlx_error_shape", regexp = "must be supplied")
  expect_error(fft(x, inverse = NA), class = "mlx_error_argument")
  expect_error(mlx_fft(x, device = "abacus"), class = "mlx_error_argument")
  expect_error(mlx_fft("a"), class = "mlx_error_argument")
  expect_identical(mlx_device(mlx_fft(x, device = "cpu")), "cpu")
  expect_snapshot(show_condition(mlx_fft(x, 3)))
  expect_snapshot(show_condition(mlx_fft(x, 1:2)))
})

test_that("Fourier transforms have gradients and can be compiled", {
  x <- c(1, -0.5, 2, 0.25)
  power <- function(f) function(x) abs(f(x))^2
  weights <- c(1, 2, 3, 4)
  expect_grad_close(function(x) sum(power(fft)(x) * weights), x,
    oracle = function(x) sum(Mod(stats::fft(x))^2 * weights), tolerance = 1e-3
  )
  expect_grad_close(function(x) sum(power(function(x) fft(x, TRUE))(x) * weights), x,
    oracle = function(x) sum(Mod(stats::fft(x, TRUE))^2 * weights), tolerance = 1e-3
  )
  expect_array_equal(mlx_compile(function(x) fft(x))(as_mlx(x)), stats::fft(x), tolerance = 1e-5)
})

test_that("fft() of other objects is base R's", {
  for (x in list(1:4, c(1, 2, 5), matrix(1:6, 2), 1i, c(TRUE, FALSE), ts(1:8), numeric())) {
    expect_identical(fft(x), stats::fft(x))
    expect_identical(fft(x, TRUE), stats::fft(x, TRUE))
  }
})
