test_that("print() shows shape, dtype, device and R's own print of the values", {
  m <- matrix(as.double(1:12), 3)
  expect_identical(capture.output(print(as_mlx(m))), printed("3 x 4", "float32", m))
  expect_identical(capture.output(print(as_mlx(1:10))), printed("10", "float32", as.double(1:10)))
  expect_identical(capture.output(print(as_mlx(5050))), printed("", "float32", 5050))
  expect_identical(capture.output(print(as_mlx(c(TRUE, FALSE)))), printed("2", "bool", c(TRUE, FALSE)))
  expect_identical(capture.output(print(as_mlx(1 + 2i))), printed("", "complex64", 1 + 2i))
})

test_that("print() shows an array of every dtype and shape up to two axes", {
  for (dtype in all_dtypes()) {
    for (shape in Filter(function(shape) length(shape) <= 2L, shapes())) {
      values <- sample_array(shape, dtype)
      x <- make_mlx(values, dtype)
      expected <- printed(paste(shape, collapse = " x "), dtype, as.array(x), mlx_device(x))
      expect_identical(capture.output(print(x)), expected, info = paste(dtype, toString(shape)))
    }
  }
})

test_that("print() shows up to 100 elements, and only up to two axes", {
  expect_true("  values:" %in% capture.output(print(mlx_zeros(c(10, 10)))))
  expect_identical(capture.output(print(mlx_zeros(101)))[[4L]], "  (101 elements, not shown)")
  expect_identical(capture.output(print(mlx_zeros(c(2, 2, 16))))[[4L]], "  (64 elements, not shown)")
})

test_that("print() computes nothing that it does not show", {
  huge <- mlx_zeros(c(2^20, 2^20, 2^10))
  expect_identical(capture.output(print(huge))[[4L]], "  (1125899906842624 elements, not shown)")
})

test_that("print() hands its arguments to R's print, and returns the array invisibly", {
  x <- as_mlx(pi)
  expect_identical(capture.output(print(x, digits = 3))[[5L]], "[1] 3.14")
  capture.output(expect_invisible(returned <- print(x)))
  expect_identical(returned, x)
})

test_that("str() writes one line and computes nothing", {
  expect_identical(capture.output(str(mlx_zeros(c(3, 4), device = "cpu"))), "mlx [3 x 4] float32 on cpu")
  expect_identical(capture.output(str(as_mlx(TRUE, device = "cpu"))), "mlx [] bool on cpu")
  expect_identical(
    capture.output(str(mlx_zeros(c(2^20, 2^20, 2^10), device = "cpu"))),
    "mlx [1048576 x 1048576 x 1024] float32 on cpu"
  )
  capture.output(expect_null(str(as_mlx(1))))
})
