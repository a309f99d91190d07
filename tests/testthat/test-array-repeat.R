test_that("mlx_repeat() repeats each element along an axis", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(2L, 3L), dtype)
    a <- make_mlx(x, dtype)
    expect_array_equal(mlx_repeat(a, 2, 1), as_stored(x[c(1, 1, 2, 2), ], dtype), dtype = dtype, info = dtype)
    expect_array_equal(mlx_repeat(a, 3), as_stored(rep(row_major(x), each = 3), dtype), dtype = dtype, info = dtype)
  }
  expect_array_equal(mlx_repeat(mlx_matrix(1:4, 2, 2), 3), c(1, 1, 1, 3, 3, 3, 2, 2, 2, 4, 4, 4))
  expect_array_equal(mlx_repeat(as_mlx(1:2), 2, axis = 1), c(1, 1, 2, 2))
  expect_array_equal(mlx_repeat(as_mlx(7), 2), c(7, 7))
  expect_array_equal(mlx_repeat(mlx_zeros(c(2, 3))[FALSE, ], 2, 1), matrix(numeric(), 0, 3))
  expect_array_equal(mlx_repeat(mlx_zeros(c(2, 3))[FALSE, ], 2, 2), matrix(numeric(), 0, 6))
})

test_that("mlx_repeat() works on views, and repeats names", {
  for (view in views("float32")) {
    x <- view[[2]]
    expect_array_equal(mlx_repeat(view[[1]], 2, 2), x[, rep(seq_len(ncol(x)), each = 2)])
  }
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  expect_identical(dimnames(mlx_repeat(x, 2, 1)), list(c("a", "a", "b", "b"), c("u", "v")))
  expect_null(dimnames(mlx_repeat(x, 2)))
  expect_identical(names(mlx_repeat(as_mlx(c(a = 1, b = 2)), 2)), c("a", "a", "b", "b"))
})

test_that("mlx_repeat() refuses other counts and axes", {
  x <- mlx_zeros(c(2, 3))
  for (bad in list(0, -1, NA, "a", 1:2, NULL)) {
    expect_error(mlx_repeat(x, bad), "repeats must be a positive integer", class = "mlx_error_argument")
  }
  expect_error(mlx_repeat(x, 1e10, 1), class = "mlx_error_shape")
  expect_error(mlx_repeat(x, 2^31 - 1, 1), class = "mlx_error_shape")
  expect_error(mlx_repeat(x, 2, 3), "axis=3 is out of bounds", class = "mlx_error_shape")
  expect_error(mlx_repeat(x, 2, 1:2), "axis must be NULL or a single integer", class = "mlx_error_argument")
  expect_error(mlx_repeat(x, 2, NA), "axis cannot be NA", class = "mlx_error_argument")
})

test_that("mlx_tile() repeats the whole array", {
  x <- matrix(1:6, 2)
  a <- as_mlx(x)
  expect_array_equal(mlx_tile(a, c(2, 1)), rbind(x, x) + 0)
  expect_array_equal(mlx_tile(a, 2), cbind(x, x) + 0)
  expect_array_equal(mlx_tile(a, c(3, 2, 2)), aperm(array(rbind(cbind(x, x), cbind(x, x)), c(4, 6, 3)), c(3, 1, 2)) + 0)
  expect_array_equal(mlx_tile(as_mlx(1:2), 3), rep(c(1, 2), 3))
  expect_array_equal(mlx_tile(as_mlx(7), c(2, 2)), matrix(7, 2, 2))
  expect_array_equal(mlx_tile(a[FALSE, ], c(2, 2)), matrix(numeric(), 0, 6))
  for (view in views("int8")) expect_array_equal(mlx_tile(view[[1]], c(1, 2)), cbind(view[[2]], view[[2]]), dtype = "int8")
  named <- as_mlx(matrix(1:2, 1, dimnames = list(NULL, c("u", "v"))))
  expect_identical(dimnames(mlx_tile(named, 2)), list(NULL, c("u", "v", "u", "v")))
})

test_that("mlx_tile() refuses other counts", {
  x <- mlx_zeros(c(2, 3))
  for (bad in list(0, -1, NA, "a", NULL, integer(), c(1, 0))) {
    expect_error(mlx_tile(x, bad), "reps must be positive integers", class = "mlx_error_argument")
  }
  expect_error(mlx_tile(x, 1e10), class = "mlx_error_shape")
  expect_error(mlx_tile(x, c(2^30, 2^29, 1, 1)), class = "mlx_error_shape")
})

test_that("rep() is base R's on the elements in R's order", {
  x <- matrix(1:6, 2)
  a <- as_mlx(x)
  expect_array_equal(rep(a, 2), rep(x, 2) + 0)
  expect_array_equal(rep(a, each = 2, length.out = 7), rep(x, each = 2, length.out = 7) + 0)
  expect_array_equal(rep(as_mlx(1:3), times = 3:1), rep(1:3, 3:1) + 0)
  expect_array_equal(rep(as_mlx(7), 3), c(7, 7, 7))
  expect_array_equal(rep(as_mlx(1:3), 0), numeric())
  expect_identical(names(rep(as_mlx(c(a = 1, b = 2)), each = 2)), c("a", "a", "b", "b"))
  expect_error(rep(as_mlx(1:3), times = -1), "invalid 'times'", class = "mlx_error_argument")
  expect_error(rep(as_mlx(1:3)[FALSE], length.out = 2), "no elements", class = "mlx_error_argument")
  expect_snapshot(show_condition(rep(as_mlx(1:3), times = -1)))
})

test_that("mlx_roll() moves elements around", {
  x <- matrix(1:12, 3)
  a <- as_mlx(x)
  expect_array_equal(mlx_roll(a, 1, 1), x[c(3, 1, 2), ] + 0)
  expect_array_equal(mlx_roll(a, -1, 2), x[, c(2, 3, 4, 1)] + 0)
  expect_array_equal(mlx_roll(a, c(1, 2), c(1, 2)), x[c(3, 1, 2), c(3, 4, 1, 2)] + 0)
  expect_array_equal(mlx_roll(a, c(1, 1), c(1, 1)), x[c(2, 3, 1), ] + 0)
  expect_array_equal(mlx_roll(a, 1e9, 1), x[(0:2 - 1e9) %% 3 + 1, ] + 0)
  expect_array_equal(mlx_roll(a, c(2, -3)), from_row_major(row_major(x)[c(2:12, 1)], c(3L, 4L)) + 0)
  expect_array_equal(mlx_roll(as_mlx(1:5), 2), c(4, 5, 1, 2, 3))
  expect_array_equal(mlx_roll(as_mlx(7), 3), 7)
  expect_array_equal(mlx_roll(a[FALSE, ], 1, 1), matrix(numeric(), 0, 4))
  expect_array_equal(mlx_roll(a[FALSE, ], 1), matrix(numeric(), 0, 4))
  for (dtype in all_dtypes()) {
    v <- sample_values(5, dtype)
    expect_array_equal(mlx_roll(make_mlx(v, dtype), 1), as_stored(v[c(5, 1:4)], dtype), dtype = dtype, info = dtype)
  }
  expect_identical(names(mlx_roll(as_mlx(c(a = 1, b = 2, c = 3)), 1)), c("c", "a", "b"))
})

test_that("mlx_roll() refuses other shifts", {
  x <- mlx_zeros(c(2, 3))
  for (bad in list(NULL, NA, integer(), "a", Inf)) {
    expect_error(mlx_roll(x, bad), "shift must contain integer", class = "mlx_error_argument")
  }
  expect_error(mlx_roll(x, 1, 1:2), "must have the same length", class = "mlx_error_argument")
  expect_error(mlx_roll(x, 1, 3), "axis=3 is out of bounds", class = "mlx_error_shape")
  expect_error(mlx_roll(x, 1, integer()), "axes must contain at least one element", class = "mlx_error_argument")
})
