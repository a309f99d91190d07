# Assigns in base R and here, and compares.
expect_assigned <- function(a, assign, dtype = "float32", info = NULL) {
  x <- make_mlx(a, dtype)
  before <- as.vector(x)
  expect_array_equal(assign(x), assign(as_stored(a, dtype)), dtype = dtype, info = info)
  expect_identical(as.vector(x), before)
}

test_that("regions are assigned for every combination of index forms", {
  a <- sample_array(c(3L, 4L, 2L), "float32")
  rows <- list(2, c(3, 1), 3:1, -1, c(TRUE, FALSE, TRUE), TRUE)
  columns <- list(4, c(4, 1, 2), 1:3, -c(2, 2), c(FALSE, TRUE, TRUE, FALSE))
  for (i in rows) {
    for (j in columns) {
      n <- length(a[i, j, ])
      for (value in list(7, seq_len(n), seq_len(n / 2))) {
        assign <- function(x) {
          x[i, j, ] <- value
          x
        }
        expect_assigned(a, assign, info = paste(deparse(i), deparse(j), length(value)))
      }
    }
  }
})

test_that("missing indices and fewer indices mean whole axes", {
  m <- sample_array(c(3L, 4L), "float32")
  expect_assigned(m, function(x) `[<-`(x, , 2, value = 1:3))
  expect_assigned(m, function(x) `[<-`(x, 3, , value = 1:4))
  expect_assigned(m, function(x) `[<-`(x, , , value = 12:1))
  expect_assigned(m, function(x) {
    x[] <- 1:6
    x
  })
  a <- sample_array(c(2L, 3L, 2L), "float32")
  x <- as_mlx(a)
  x[1, 3:2] <- 1:4
  a[1, 3:2, ] <- 1:4
  expect_array_equal(x, a)
})

test_that("one index assigns to elements in R's order", {
  for (shape in list(6L, c(3L, 4L), c(2L, 3L, 2L))) {
    a <- sample_array(shape, "float32")
    for (i in list(2, c(5, 2), 4:2, -1, a > 0, TRUE)) {
      expect_assigned(a, function(x) `[<-`(x, i, value = seq_along(a[i])), info = paste(toString(shape), deparse(i)))
      expect_assigned(a, function(x) `[<-`(x, i, value = -3), info = paste(toString(shape), deparse(i)))
    }
  }
})

test_that("masks and positions may be mlx arrays", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  expect_array_equal(`[<-`(x, x > 0, value = 0), `[<-`(m, m > 0, value = 0))
  expect_array_equal(`[<-`(x, x > 0, value = seq_len(sum(m > 0))), `[<-`(m, m > 0, value = seq_len(sum(m > 0))))
  expect_array_equal(`[<-`(x, as_mlx(-2), as_mlx(c(4, 1)), value = as_mlx(1:4)), `[<-`(m, -2, c(4, 1), value = 1:4))
  expect_array_equal(`[<-`(x, as_mlx(c(TRUE, FALSE, TRUE)), 2, value = 9), `[<-`(m, c(1, 3), 2, value = 9))
})

test_that("a matrix of coordinates or names assigns to one element for each row", {
  m <- matrix(0, 3, 4, dimnames = list(letters[1:3], LETTERS[1:4]))
  where <- cbind(c(1, 3, 2), c(2, 3, 4))
  expect_assigned(m, function(x) `[<-`(x, where, value = 1:3))
  expect_assigned(m, function(x) `[<-`(x, cbind(c("a", "c"), c("B", "D")), value = 5:6))
  expect_array_equal(`[<-`(as_mlx(m), as_mlx(where), value = 1:3), `[<-`(m, where, value = 1:3))
})

test_that("names index, and stay", {
  m <- matrix(1:6, 2, dimnames = list(c("a", "b"), NULL))
  x <- as_mlx(m)
  x["b", ] <- c(p = 0, q = 0, r = 0)
  m["b", ] <- 0L
  expect_array_equal(x, m, dtype = "float32")
  expect_identical(dimnames(x), dimnames(m))
  x[1] <- 3
  x[x > 2] <- 1
  expect_identical(dimnames(x), dimnames(m))
})

test_that("every dtype takes values", {
  for (dtype in all_dtypes()) {
    m <- sample_array(c(3L, 4L), dtype)
    value <- sample_array(c(2L, 2L), dtype, seed = 2L)
    for (assign in list(
      function(x) `[<-`(x, c(3, 1), c(4, 2), value = value),
      function(x) `[<-`(x, 1:2, 2:3, value = value),
      function(x) `[<-`(x, c(11, 2), value = value[1:2])
    )) {
      expect_assigned(m, assign, dtype = dtype, info = dtype)
    }
    x <- make_mlx(m, dtype)
    x[1:2, 1:2] <- make_mlx(value, dtype)
    expect_identical(mlx_dtype(x), dtype)
  }
})

test_that("values are converted to the array's dtype", {
  x <- as_mlx(1:3, dtype = "int32")
  x[2] <- 7.9
  expect_array_equal(x, c(1L, 7L, 3L), dtype = "int32")
  x[1] <- as_mlx(TRUE)
  expect_array_equal(x, c(1L, 7L, 3L), dtype = "int32")
  b <- as_mlx(c(TRUE, FALSE))
  b[2] <- 5
  expect_array_equal(b, c(TRUE, TRUE))
  expect_error(b[1] <- NA, class = "mlx_error_dtype")
  f <- as_mlx(c(1, 2))
  f[1] <- NA
  expect_array_equal(f, c(NaN, 2))
  expect_warning(f[1] <- 1i, class = "mlx_warning_precision", regexp = "imaginary parts discarded")
  expect_warning(f[1] <- as_mlx(1i), class = "mlx_warning_precision", regexp = "imaginary parts discarded")
  expect_warning(x[1] <- 1e12, class = "mlx_warning_range")
})

test_that("views are assigned to", {
  for (view in views("float32")) {
    expect_array_equal(`[<-`(view[[1L]], 1, , value = 5), `[<-`(view[[2L]], 1, , value = 5))
    expect_array_equal(`[<-`(view[[1L]], c(2, 1), 2, value = 1:2), `[<-`(view[[2L]], c(2, 1), 2, value = 1:2))
    expect_array_equal(`[<-`(view[[1L]], 3, value = 5), `[<-`(view[[2L]], 3, value = 5))
  }
})

test_that("an empty selection changes nothing and does not look at the values", {
  m <- sample_array(c(3L, 4L), "float32")
  x <- as_mlx(m)
  expect_array_equal(`[<-`(x, integer(), , value = 1:7), m)
  expect_array_equal(`[<-`(x, FALSE, 2, value = "a"), m)
  expect_array_equal(`[<-`(x, matrix(0, 0, 2), value = 1), m)
  expect_array_equal(`[<-`(x, x > 100, value = 1:2), m)
})

test_that("wrong assignments are errors and leave the array as it is", {
  x <- as_mlx(matrix(1:6, 2))
  expect_error(x[c(1, 1), ] <- 0, class = "mlx_error_index", regexp = "Duplicate indices are not allowed")
  expect_error(x[, c(2, 1, 2)] <- 0, class = "mlx_error_index", regexp = "Duplicate indices")
  expect_error(x[c(4, 4)] <- 0, class = "mlx_error_index", regexp = "Duplicate indices")
  expect_error(x[cbind(c(1, 1), c(2, 2))] <- 0, class = "mlx_error_index", regexp = "Duplicate indices")
  expect_error(x[1:2, 1:2] <- 1:3, class = "mlx_error_shape", regexp = "not a multiple of replacement length")
  expect_error(x[c(TRUE, FALSE), ] <- 1:5, class = "mlx_error_shape", regexp = "not a multiple")
  expect_error(x[1, 1] <- numeric(), class = "mlx_error_argument", regexp = "must have length >= 1")
  expect_error(x[1] <- NULL, class = "mlx_error_argument", regexp = "must have length >= 1")
  expect_error(x[3, 1] <- 1, class = "mlx_error_index", regexp = "Index out of bounds")
  expect_error(x[7] <- 1, class = "mlx_error_index", regexp = "Index out of bounds")
  expect_error(x[0, 1] <- 1, class = "mlx_error_index", regexp = "zeros")
  expect_error(x[NA, 1] <- 1, class = "mlx_error_index", regexp = "NA")
  expect_error(x[c(1, -1), 1] <- 1, class = "mlx_error_index", regexp = "Cannot mix")
  expect_error(x[1, 1, 1] <- 1, class = "mlx_error_index", regexp = "Incorrect number of indices")
  expect_error(x[1, 1] <- "a", class = "mlx_error_argument", regexp = "Cannot convert")
  scalar <- as_mlx(1)
  expect_error(scalar[1] <- 2, class = "mlx_error_index", regexp = "Cannot assign to a scalar")
  expect_array_equal(x, matrix(1:6, 2), dtype = "float32")
  expect_warning(x[1:5] <- 1:2, class = "mlx_warning_shape", regexp = "not a multiple")
  expect_array_equal(x, matrix(c(1, 2, 1, 2, 1, 6), 2))
})

test_that("fields and length cannot be assigned", {
  x <- as_mlx(1:3)
  expect_error(x[[2]] <- 9, class = "mlx_error_argument")
  expect_error(x$device <- "gpu", class = "mlx_error_argument")
  expect_error(length(x) <- 2, class = "mlx_error_argument")
  expect_array_equal(x, c(1, 2, 3))
  expect_identical(x$device, mlx_device(x))
})

test_that("assignments are differentiated with respect to array and values", {
  for (set in list(
    function(x, v) `[<-`(x, 2:1, c(3, 1), value = v), function(x, v) `[<-`(x, c(2, 1), 1:2, value = v),
    function(x, v) `[<-`(x, 1:2, 2:3, value = v), function(x, v) `[<-`(x, c(6, 1, 3, 4), value = v),
    function(x, v) `[<-`(x, -3, c(TRUE, FALSE, TRUE), value = v)
  )) {
    f <- function(x, v) sum(set(x, v)^2)
    expect_grad_close(f, matrix(c(1, -2, 3, 4, 5, -6, 2, 1, 3), 3), matrix(c(2, 3, -1, 1), 2), dtype = "float64")
  }
})

test_that("assignments are compiled", {
  m <- sample_array(c(3L, 4L), "float32")
  f <- function(x, v) {
    x[2, ] <- v
    x[x > 3] <- 3
    x[c(3, 1), c(4, 2)] <- 0
    x
  }
  expected <- f(m, 1:4)
  expect_array_equal(mlx_compile(f)(as_mlx(m), as_mlx(1:4)), expected)
})

test_that("errors of assignments read well", {
  x <- as_mlx(matrix(1:6, 2))
  expect_snapshot(show_condition(x[c(1, 1), ] <- 0))
  expect_snapshot(show_condition(x[1:2, 1:2] <- 1:3))
  expect_snapshot(show_condition(x[3, 1] <- 1))
  expect_snapshot(show_condition(x[1, 1] <- numeric()))
  expect_snapshot(show_condition(x[1:5] <- 1:2))
  expect_snapshot(show_condition(x$device <- "gpu"))
})
