test_that("mlx_isclose() compares elements within the tolerances", {
  a <- c(1, 1.00001, 1.1, 0, 1e-9, -5, Inf, Inf, -Inf, NaN, NaN)
  b <- c(1, 1, 1, 1e-9, 0, -5.00001, Inf, -Inf, 1, NaN, 1)
  expected <- c(TRUE, TRUE, FALSE, TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE)
  for (dtype in c("float32", "float64")) {
    expect_array_equal(mlx_isclose(make_mlx(a, dtype), make_mlx(b, dtype), rtol = 2e-5, device = "cpu"), expected)
  }
  expect_array_equal(mlx_isclose(as_mlx(a), b, rtol = 2e-5, equal_nan = TRUE), replace(expected, 10, TRUE))
  expect_array_equal(mlx_isclose(1, as_mlx(Inf), rtol = 1), FALSE)
  expect_array_equal(mlx_isclose(as_mlx(c(1, 2)), c(1.5, 3), rtol = 0, atol = 0.5), c(TRUE, FALSE))
})

test_that("the relative tolerance is of the second array", {
  expect_array_equal(mlx_isclose(as_mlx(10), 11, rtol = 0.0952, atol = 0), TRUE)
  expect_array_equal(mlx_isclose(as_mlx(11), 10, rtol = 0.0952, atol = 0), FALSE)
})

test_that("every dtype can be compared, unsigned integers without wrapping around", {
  for (dtype in all_dtypes()) {
    x <- make_mlx(c(0, 1), dtype)
    expect_array_equal(mlx_isclose(x, x, device = "cpu"), c(TRUE, TRUE), info = dtype)
    expect_array_equal(mlx_isclose(x, make_mlx(c(1, 0), dtype), device = "cpu"), c(FALSE, FALSE), info = dtype)
  }
  expect_array_equal(mlx_isclose(as_mlx(0, "uint8"), as_mlx(1, "uint8"), atol = 2), TRUE)
  expect_array_equal(mlx_isclose(as_mlx(c(1 + 1i, 1i)), c(1 + 1.000001i, 0i)), c(TRUE, FALSE))
  big <- as_mlx(2^53, "int64")
  expect_array_equal(mlx_isclose(as_mlx(-1, "int8"), as_mlx(2^32 - 1, "uint32"), device = "cpu"), FALSE)
  expect_array_equal(mlx_isclose(big, big), TRUE)
})

test_that("closeness broadcasts and keeps names", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), NULL))
  x <- as_mlx(m)
  expect_array_equal(mlx_isclose(x, c(1, 3, 5)), unname(m == rep(c(1, 3, 5), each = 2)))
  expect_identical(dimnames(mlx_isclose(x, 1)), dimnames(m))
  expect_array_equal(mlx_isclose(as_mlx(matrix(0, 0, 2)), 1), matrix(NA, 0, 2))
  expect_error(mlx_isclose(x, 1:2), class = "mlx_error_shape", regexp = "cannot be broadcast")
})

test_that("mlx_allclose() is one truth value", {
  x <- as_mlx(matrix(1:4, 2))
  expect_array_equal(mlx_allclose(x, x + 1e-7), TRUE)
  expect_array_equal(mlx_allclose(x, x + c(0, 1)), FALSE)
  expect_array_equal(mlx_allclose(as_mlx(numeric()), as_mlx(numeric())), TRUE)
  expect_array_equal(mlx_allclose(c(1, NaN), c(1, NaN)), FALSE)
  expect_array_equal(mlx_allclose(c(1, NaN), c(1, NaN), equal_nan = TRUE), TRUE)
  expect_array_equal(mlx_compile(function(x, y) mlx_allclose(x, y))(x, x), TRUE)
})

test_that("arguments of closeness are checked", {
  for (f in list(mlx_isclose, mlx_allclose)) {
    expect_error(f(1, 1, rtol = "a"), class = "mlx_error_argument", regexp = "rtol must be a single numeric value")
    expect_error(f(1, 1, atol = 1:2), class = "mlx_error_argument", regexp = "atol must be a single numeric value")
    expect_error(f(1, 1, equal_nan = NA), class = "mlx_error_argument", regexp = "equal_nan must be a single logical")
    expect_error(f(1, 1, device = 3), class = "mlx_error_argument", regexp = "device must be")
    expect_error(f("a", 1), class = "mlx_error_argument", regexp = "Cannot convert")
    expect_identical(mlx_device(f(1, 1, device = "cpu")), "cpu")
  }
})

test_that("all.equal() is TRUE or says what differs", {
  x <- as_mlx(matrix(1:4, 2))
  expect_true(all.equal(x, x))
  expect_true(all.equal(x, as_mlx(matrix(1:4, 2), "int32")))
  expect_match(all.equal(x, x + 1e-3), "not all close within tolerance")
  expect_match(all.equal(x, t(x)), "not all close")
  expect_match(all.equal(x, as_mlx(1:4)), "different shapes: [2, 2] and [4]", fixed = TRUE)
  expect_match(all.equal(x, as.matrix(x)), "'current' is not an mlx object")
  expect_match(all.equal(as_mlx(NaN), as_mlx(NaN)), "not all close")
  expect_true(all.equal(as_mlx(3), as_mlx(3.01), tolerance = 0.02))
  expect_match(all.equal(as_mlx(3), as_mlx(3.01), tolerance = 0.001), "not all close")
  expect_true(isTRUE(all.equal(as_mlx("a" == "a"), as_mlx(TRUE), check.attributes = FALSE)))
  expect_error(all.equal(x, x, tolerance = "a"), class = "mlx_error_argument")
})
