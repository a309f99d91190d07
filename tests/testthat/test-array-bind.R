test_that("mlx_stack() joins along a new axis", {
  x <- matrix(1:6, 2)
  y <- x * 10
  slices <- aperm(array(c(x, y), c(2, 3, 2)), c(3, 1, 2)) + 0
  expect_array_equal(mlx_stack(as_mlx(x), as_mlx(y)), slices)
  expect_array_equal(mlx_stack(list(as_mlx(x), y), axis = 2), aperm(slices, c(2, 1, 3)))
  expect_array_equal(mlx_stack(x, y, axis = 3), aperm(slices, c(2, 3, 1)))
  expect_array_equal(mlx_stack(as_mlx(1:3), 4:6), rbind(1:3, 4:6) + 0)
  expect_array_equal(mlx_stack(as_mlx(1), 2), c(1, 2))
  expect_array_equal(mlx_stack(as_mlx(5)), 5, shape = 1L)
  expect_identical(mlx_shape(mlx_stack(as_mlx(x)[FALSE, ], as_mlx(x)[FALSE, ])), c(2L, 0L, 3L))
  named <- as_mlx(c(a = 1, b = 2))
  expect_identical(dimnames(mlx_stack(named, 3:4)), list(NULL, c("a", "b")))
  expect_null(dimnames(mlx_stack(named, c(x = 3, y = 4))))
})

test_that("mlx_stack() refuses arrays of different shapes", {
  expect_error(mlx_stack(), "No arrays supplied", class = "mlx_error_argument")
  expect_error(mlx_stack(list()), "No arrays supplied", class = "mlx_error_argument")
  expect_error(mlx_stack(as_mlx(1:2), as_mlx(1:3)), "same shape", class = "mlx_error_shape")
  expect_error(mlx_stack(as_mlx(1:2), axis = 1:2), "single insertion position", class = "mlx_error_argument")
  for (bad in list(0, 3, -1)) expect_error(mlx_stack(as_mlx(1:2), axis = bad), class = "mlx_error_shape")
  for (bad in list(NA, "a", NULL)) expect_error(mlx_stack(as_mlx(1:2), axis = bad), class = "mlx_error_argument")
  expect_error(mlx_stack(as_mlx(1:2), "a"), class = "mlx_error_argument")
  expect_snapshot(show_condition(mlx_stack(as_mlx(1:2), as_mlx(1:3))))
})

test_that("abind() joins along any axis", {
  x <- array(1:24, c(2, 3, 4))
  y <- -x
  for (axis in 1:3) {
    expect_array_equal(abind(as_mlx(x), y, along = axis), joined(list(x, y), axis) + 0)
    expect_array_equal(abind(list(x, as_mlx(y), x), along = axis), joined(list(x, y, x), axis) + 0)
  }
  expect_array_equal(abind(as_mlx(1:2), 3, 4:5), as.double(1:5))
  expect_array_equal(abind(as_mlx(x)), x + 0)
})

test_that("binding promotes as operators do", {
  for (a in all_dtypes()) {
    for (b in all_dtypes()) {
      x <- as_mlx(matrix(c(0, 1, 1, 0), 2), a, device = "cpu")
      y <- as_mlx(matrix(c(1, 0, 1, 1), 2), b, device = "cpu")
      values <- rbind(matrix(c(0, 1, 1, 0), 2), matrix(c(1, 0, 1, 1), 2))
      expect_array_equal(rbind(x, y), values, dtype = promoted(a, b), info = paste(a, b))
    }
  }
})

test_that("rbind() and cbind() are base R's on matrices", {
  x <- matrix(1:6, 2)
  y <- matrix(7:12, 2)
  for (bind in list(rbind, cbind, base::rbind, base::cbind)) {
    expected <- unname(bind(x, y)) + 0
    expect_array_equal(bind(as_mlx(x), as_mlx(y)), expected)
    expect_array_equal(bind(as_mlx(x), y), expected)
    expect_array_equal(bind(x, as_mlx(y)), expected)
    expect_array_equal(bind(x, NULL, as_mlx(y)), expected)
    expect_array_equal(bind(a = x, as_mlx(y), deparse.level = 0), expected)
    expect_array_equal(bind(as_mlx(x)), x + 0)
    expect_array_equal(do.call(bind, list(x, as_mlx(y))), expected)
  }
  expect_array_equal(rbind(as_mlx(x)[FALSE, ], x), x + 0)
  for (view in views("int16")) expect_array_equal(cbind(view[[1]], view[[1]]), cbind(view[[2]], view[[2]]), dtype = "int16")
})

test_that("rbind() and cbind() take arrays of more axes without flattening", {
  x <- array(1:24, c(2, 3, 4))
  expect_array_equal(rbind(as_mlx(x), x), joined(list(x, x), 1) + 0)
  expect_array_equal(cbind(x, as_mlx(x)), joined(list(x, x), 2) + 0)
})

test_that("arrays of one axis are rows and columns", {
  x <- matrix(1:6, 2)
  expect_array_equal(rbind(as_mlx(x), 7:9), unname(rbind(x, 7:9)) + 0)
  expect_array_equal(rbind(7:9, as_mlx(x)), unname(rbind(7:9, x)) + 0)
  expect_array_equal(cbind(as_mlx(x), as_mlx(7:8)), unname(cbind(x, 7:8)) + 0)
  expect_array_equal(rbind(as_mlx(1:3), as_mlx(4:6)), rbind(1:3, 4:6) + 0)
  expect_array_equal(cbind(as_mlx(1:3), 4:6), cbind(1:3, 4:6) + 0)
  expect_array_equal(rbind(as_mlx(1:3)), rbind(1:3) + 0)
  expect_array_equal(rbind(as_mlx(matrix(1:2)), 3), matrix(c(1, 2, 3)))
})

test_that("a hundred pieces are bound as two are", {
  pieces <- lapply(1:100, function(i) as_mlx(matrix(i, 2, 3)))
  expect_array_equal(do.call(rbind, pieces), matrix(rep(1:100 + 0, each = 2), 200, 3))
  expect_array_equal(abind(pieces, along = 2), matrix(rep(1:100 + 0, each = 6), 2, 300))
})

test_that("binding refuses what does not fit", {
  x <- mlx_zeros(c(2, 3))
  expect_error(abind(), "No objects to bind", class = "mlx_error_argument")
  expect_error(rbind(x, mlx_zeros(c(2, 2))), "Non-bound dimensions must match", class = "mlx_error_shape")
  expect_error(rbind(x, 1:2), "Non-bound dimensions must match", class = "mlx_error_shape")
  expect_error(rbind(x, mlx_zeros(c(2, 3, 1))), "same number of dimensions", class = "mlx_error_shape")
  expect_error(rbind(as_mlx(1), x), "Cannot bind scalar mlx arrays", class = "mlx_error_shape")
  expect_error(rbind(x, as_mlx(1)), "Cannot bind scalar mlx arrays", class = "mlx_error_shape")
  expect_error(abind(x, along = 3), "Axis 3 is out of bounds", class = "mlx_error_shape")
  expect_error(abind(x, along = 0), "Axis 0 is out of bounds", class = "mlx_error_shape")
  for (bad in list(1:2, NA, "a", NULL)) {
    expect_error(abind(x, along = bad), "must be a single integer", class = "mlx_error_argument")
  }
  for (bad in list("a", list(1), sum)) expect_error(rbind(x, bad), class = "mlx_error_argument")
  expect_snapshot(show_condition(rbind(x, mlx_zeros(c(2, 2)))))
  expect_snapshot(show_condition(cbind(x, as_mlx(1))))
})

test_that("data frames are not bound to arrays", {
  x <- mlx_zeros(c(1, 2))
  frame <- data.frame(a = 1, b = 2)
  expect_error(rbind(x, frame), "class data.frame", class = "mlx_error_argument")
  expect_error(rbind(frame, x), "class data.frame", class = "mlx_error_argument")
  expect_error(cbind(frame, x), "class data.frame", class = "mlx_error_argument")
  expect_snapshot(show_condition(rbind(frame, x)))
})

test_that("rbind() and cbind() without an array are base R's", {
  a <- 1:2
  b <- c(x = 3, y = 4)
  frame <- data.frame(u = 1:2, v = c("p", "q"))
  m <- matrix(1:4, 2, dimnames = list(c("r", "s"), NULL))
  expect_identical(rbind(a, b), base::rbind(a, b))
  expect_identical(cbind(a, 2 * b, deparse.level = 2), base::cbind(a, 2 * b, deparse.level = 2))
  expect_identical(rbind(a, b, deparse.level = 0), base::rbind(a, b, deparse.level = 0))
  expect_identical(cbind(one = a, m), base::cbind(one = a, m))
  expect_identical(cbind(frame, a, w = b), base::cbind(frame, a, w = b))
  more <- list(3, "r")
  expect_identical(
    rbind(frame, more, stringsAsFactors = FALSE), base::rbind(frame, more, stringsAsFactors = FALSE)
  )
  expect_identical(do.call(rbind, list(frame, frame)), do.call(base::rbind, list(frame, frame)))
  expect_identical(rbind(), base::rbind())
  expect_identical(rbind(NULL, a), base::rbind(NULL, a))
})

test_that("binding joins names along its axis, and keeps those that agree", {
  a <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  b <- as_mlx(matrix(5:8, 2, dimnames = list(NULL, c("u", "v"))))
  expect_identical(dimnames(rbind(a, b)), list(c("a", "b", NA, NA), c("u", "v")))
  expect_identical(dimnames(cbind(a, b)), list(NULL, c("u", "v", "u", "v")))
  expect_identical(dimnames(rbind(b, c(u = 1, v = 2))), list(NULL, c("u", "v")))
  expect_null(dimnames(rbind(matrix(0, 1, 2), as_mlx(matrix(0, 1, 2)))))
})

test_that("c() takes all elements in R's order", {
  x <- matrix(1:6, 2)
  y <- array(1:8, c(2, 2, 2))
  expect_array_equal(c(as_mlx(x), y, 9), c(x, y, 9) + 0)
  expect_array_equal(c(as_mlx(7)), 7, shape = 1L)
  expect_array_equal(c(as_mlx(1:3), NULL, numeric(), as_mlx(4)), c(1, 2, 3, 4))
  expect_array_equal(c(as_mlx(1:3)[FALSE]), numeric())
  for (view in views("float16")) expect_array_equal(c(view[[1]], view[[1]]), rep(as.vector(view[[2]]), 2), dtype = "float16")
  expect_identical(mlx_dtype(c(as_mlx(1:2, "int8"), as_mlx(1:2, "uint8"))), "int16")
  expect_error(c(as_mlx(1:2), list(1)), class = "mlx_error_argument")
  expect_error(c(as_mlx(1:2), "a"), class = "mlx_error_argument")
})

test_that("c() names as base R does", {
  a <- c(p = 1, q = 2)
  expect_identical(names(c(as_mlx(a), 3)), names(c(a, 3)))
  expect_identical(names(c(as_mlx(3:4), x = 5)), names(c(3:4, x = 5)))
  expect_identical(names(c(u = as_mlx(a), v = as_mlx(1:2))), names(c(u = a, v = 1:2)))
  expect_null(names(c(as_mlx(1:2), 3)))
  expect_null(names(c(as_mlx(a), 3, use.names = FALSE)))
})

test_that("a plain number keeps the float dtype of the arrays it is joined with", {
  expect_identical(mlx_dtype(c(as_mlx(1:2, "float16"), 3)), "float16")
  expect_identical(mlx_dtype(c(as_mlx(1:2, "float64", "cpu"), 3)), "float64")
  expect_array_equal(c(as_mlx(pi, "float64", "cpu"), exp(1)), c(pi, exp(1)), dtype = "float64", tolerance = 0)
})
