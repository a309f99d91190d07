test_that("mlx_broadcast_to() repeats axes of size 1", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(1L, 3L), dtype)
    expect_array_equal(mlx_broadcast_to(make_mlx(x, dtype), c(4, 3)), as_stored(x[c(1, 1, 1, 1), ], dtype),
      dtype = dtype, info = dtype
    )
  }
  expect_array_equal(mlx_broadcast_to(as_mlx(1:3), c(2, 3)), rbind(1:3, 1:3) + 0)
  expect_array_equal(mlx_broadcast_to(as_mlx(7), c(2, 1, 2)), array(7, c(2, 1, 2)))
  expect_array_equal(mlx_broadcast_to(as_mlx(matrix(1:2)), c(2, 3)) * 2, matrix(c(2, 4), 2, 3))
  expect_identical(mlx_device(mlx_broadcast_to(as_mlx(1), 2, device = "cpu")), "cpu")
})

test_that("mlx_broadcast_to() repeats the name of a repeated axis", {
  x <- as_mlx(matrix(1:2, 1, dimnames = list("a", c("u", "v"))))
  expect_identical(dimnames(mlx_broadcast_to(x, c(3, 2))), list(c("a", "a", "a"), c("u", "v")))
  expect_identical(dimnames(mlx_broadcast_to(as_mlx(c(p = 1, q = 2)), c(3, 2))), list(NULL, c("p", "q")))
})

test_that("mlx_broadcast_to() refuses shapes that do not fit", {
  x <- mlx_zeros(c(2, 3))
  for (bad in list(c(3, 3), 3, c(2, 1), c(2, 3, 1))) {
    expect_error(mlx_broadcast_to(x, bad), "broadcast", class = "mlx_error_shape")
  }
  expect_error(mlx_broadcast_to(x, integer()), "dim must contain at least one element", class = "mlx_error_argument")
  for (bad in list(c(0, 3), NA, -1, "a", NULL)) {
    expect_error(mlx_broadcast_to(x, bad), class = "mlx_error_argument")
  }
  expect_error(mlx_broadcast_to(as_mlx(1), c(1e9, 1e9, 1e9)), class = "mlx_error_shape")
  expect_snapshot(show_condition(mlx_broadcast_to(x, c(3, 3))))
})

test_that("mlx_broadcast_arrays() gives one shape and dtype", {
  out <- mlx_broadcast_arrays(as_mlx(1:3, "int8"), matrix(c(TRUE, FALSE)), 2)
  expect_null(names(out))
  expect_array_equal(out[[1]], rbind(1:3, 1:3) + 0)
  expect_array_equal(out[[2]], matrix(c(1, 0), 2, 3))
  expect_array_equal(out[[3]], matrix(2, 2, 3))
  empty <- mlx_broadcast_arrays(list(as_mlx(1), mlx_zeros(c(2, 1))[FALSE, ]))
  expect_identical(lapply(empty, mlx_shape), list(c(0L, 1L), c(0L, 1L)))
  expect_error(mlx_broadcast_arrays(), "No arrays supplied", class = "mlx_error_argument")
  expect_error(mlx_broadcast_arrays(as_mlx(1:2), as_mlx(1:3)), "broadcast", class = "mlx_error_shape")
})

test_that("mlx_where() is ifelse() with broadcasting", {
  x <- matrix(c(-1, 2, NaN, Inf, -Inf, 0), 2)
  a <- as_mlx(x)
  expect_array_equal(mlx_where(a > 0, a, 0), ifelse(is.nan(x), 0, ifelse(x > 0, x, 0)))
  expect_array_equal(mlx_where(c(TRUE, FALSE, TRUE), matrix(1:2), as_mlx(9)), rbind(c(1, 9, 1), c(2, 9, 2)))
  expect_array_equal(mlx_where(TRUE, as_mlx(1:3), 0), c(1, 2, 3))
  expect_array_equal(mlx_where(as_mlx(c(0, -2, NaN)), 1, 0), c(0, 1, 1))
  expect_array_equal(mlx_where(c(TRUE, FALSE), TRUE, FALSE), c(TRUE, FALSE))
  expect_array_equal(mlx_where(as_mlx(TRUE), as_mlx(1), 2), 1)
  expect_array_equal(mlx_where(a[FALSE, ] > 0, a[FALSE, ], 0), matrix(numeric(), 0, 3))
  expect_array_equal(mlx_where(as_mlx(c(0i, 1i)), 1, 2), c(2, 1))
})

test_that("mlx_where() promotes its two branches", {
  for (a in all_dtypes()) {
    for (b in all_dtypes()) {
      x <- as_mlx(c(0, 1), a, device = "cpu")
      y <- as_mlx(c(1, 1), b, device = "cpu")
      expect_array_equal(mlx_where(c(TRUE, FALSE), x, y), c(0, 1), dtype = promoted(a, b), info = paste(a, b))
    }
  }
  for (dtype in float_dtypes()) {
    x <- make_mlx(c(-1, 1), dtype)
    expect_array_equal(mlx_where(x > 0, x, 0), c(0, 1), dtype = dtype, info = dtype)
  }
})

test_that("mlx_where() takes the names of the first argument of the result's shape", {
  x <- as_mlx(c(a = 1, b = 2))
  expect_identical(names(mlx_where(x > 1, 1:2, 0)), c("a", "b"))
  expect_identical(names(mlx_where(c(TRUE, FALSE), x, c(u = 1, v = 2))), c("a", "b"))
  expect_identical(names(mlx_where(c(TRUE, FALSE), 0, x)), c("a", "b"))
})

test_that("mlx_where() refuses shapes that do not fit", {
  expect_error(mlx_where(c(TRUE, FALSE), as_mlx(1:3), 0), "broadcast", class = "mlx_error_shape")
  expect_error(mlx_where(TRUE, as_mlx(1:3), as_mlx(1:2)), "broadcast", class = "mlx_error_shape")
  expect_error(mlx_where(NA, as_mlx(1), 2), class = "mlx_error_dtype")
  expect_error(mlx_where("a", as_mlx(1), 2), class = "mlx_error_argument")
  expect_snapshot(show_condition(mlx_where(c(TRUE, FALSE), as_mlx(1:3), 0)))
})
