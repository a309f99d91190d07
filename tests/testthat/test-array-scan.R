scans <- function() {
  list(
    mlx_cumsum = list(f = mlx_cumsum, oracle = cumsum, first = 0),
    mlx_cumprod = list(f = mlx_cumprod, oracle = cumprod, first = 1),
    mlx_logcumsumexp = list(f = mlx_logcumsumexp, oracle = function(x) log(cumsum(exp(x))), first = -Inf)
  )
}

# The running total of a vector in R.
run_in_r <- function(x, oracle, first, reverse, inclusive) {
  if (reverse) x <- rev(x)
  total <- if (inclusive) oracle(x) else c(first, oracle(x))[seq_along(x)]
  if (reverse) rev(total) else total
}

test_that("running totals go along each axis, from either end, with the element itself or without", {
  m <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.25), 2)
  for (name in names(scans())) {
    scan <- scans()[[name]]
    for (reverse in c(FALSE, TRUE)) {
      for (inclusive in c(FALSE, TRUE)) {
        run <- function(x) run_in_r(x, scan$oracle, scan$first, reverse, inclusive)
        info <- paste(name, reverse, inclusive)
        for (dtype in c("float32", "float64")) {
          x <- make_mlx(m, dtype)
          expect_array_equal(scan$f(x, 1, reverse, inclusive), apply(m, 2, run), dtype = dtype, info = info)
          expect_array_equal(scan$f(x, 2, reverse, inclusive), t(apply(m, 1, run)), dtype = dtype, info = info)
          expect_array_equal(scan$f(x, NULL, reverse, inclusive), run(as.vector(t(m))), dtype = dtype, info = info)
        }
      }
    }
  }
})

test_that("without an axis the elements are taken by rows, while cumsum() takes them by columns", {
  m <- matrix(1:6, 2)
  expect_array_equal(mlx_cumsum(as_mlx(m)), cumsum(t(m)), dtype = "float32")
  expect_array_equal(cumsum(as_mlx(m)), cumsum(m), dtype = "float32")
})

test_that("running totals keep dtypes, except sums of bool and logarithms of integers", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- sample_values(8, dtype) / if (dtype %in% float_dtypes()) 4 else 1
    x <- make_mlx(values, dtype)
    sums <- if (dtype == "bool") "int32" else dtype
    if (!grepl("^uint8|^int8", dtype)) {
      expect_array_equal(mlx_cumsum(x), as_stored(cumsum(values), sums), dtype = sums, tolerance = 0.02, info = dtype)
    }
    logs <- if (dtype %in% float_dtypes()) dtype else "float32"
    expect_array_equal(mlx_logcumsumexp(x), log(cumsum(exp(values))), dtype = logs, tolerance = 0.02, info = dtype)
    expect_identical(mlx_dtype(mlx_cumprod(x)), dtype)
  }
  expect_array_equal(mlx_cumprod(as_mlx(c(TRUE, TRUE, FALSE)), inclusive = FALSE), c(TRUE, TRUE, TRUE))
  expect_array_equal(mlx_cumprod(as_mlx(c(TRUE, FALSE, TRUE))), c(TRUE, FALSE, FALSE))
  z <- c(1 + 1i, 2 + 0i, 3 - 1i)
  expect_array_equal(mlx_cumsum(as_mlx(z)), cumsum(z))
  expect_array_equal(mlx_cumprod(as_mlx(z)), cumprod(z))
  expect_array_equal(mlx_logcumsumexp(as_mlx(z)), log(cumsum(exp(z))))
})

test_that("totals of half precision go on growing", {
  expect_array_equal(mlx_cumsum(as_mlx(rep(1, 5000), "float16"))[c(3000, 5000)], c(3000, 5000), dtype = "float16")
  expect_array_equal(cumsum(as_mlx(rep(1, 1000), "bfloat16"))[c(600, 1000)], c(600, 1000), dtype = "bfloat16")
})

test_that("sums over many elements do not drift", {
  n <- 3e6
  x <- as_mlx(rep(0.1, n))
  expected <- as.vector(as_mlx(0.1)) * c(1e6, n)
  expect_array_equal(cumsum(x)[c(1e6, n)], expected, tolerance = 1e-6)
  expect_array_equal(mlx_cumsum(x, axis = 1)[c(1e6, n)], expected, tolerance = 1e-6)
})

test_that("running totals work on every shape and on views", {
  for (name in names(shapes())) {
    x <- sample_array(shapes()[[name]], "float32")
    flat <- if (length(shapes()[[name]]) > 1) aperm(x) else x
    expect_array_equal(mlx_cumsum(as_mlx(x)), cumsum(flat), dtype = "float32", shape = length(x), info = name)
    for (axis in seq_along(shapes()[[name]])) {
      expect_identical(mlx_shape(mlx_cumprod(as_mlx(x), axis)), as.integer(shapes()[[name]]))
    }
  }
  for (view in views("float32")) {
    expect_array_equal(mlx_cumsum(view[[1L]], 1), apply(view[[2L]], 2, cumsum))
    expect_array_equal(mlx_cumsum(view[[1L]], 2, reverse = TRUE), t(apply(view[[2L]], 1, function(x) rev(cumsum(rev(x))))))
  }
})

test_that("NaN and infinities run through", {
  expect_array_equal(mlx_cumsum(as_mlx(c(1, Inf, 2, -Inf, 0))), c(1, Inf, Inf, NaN, NaN))
  expect_array_equal(mlx_cumprod(as_mlx(c(2, NaN, 0))), c(2, NaN, NaN))
  expect_array_equal(mlx_logcumsumexp(as_mlx(c(-Inf, -Inf, 1, Inf))), c(-Inf, -Inf, 1, Inf))
  expect_array_equal(mlx_logcumsumexp(as_mlx(c(1000, 1000))), c(1000, 1000 + log(2)))
})

test_that("running totals can be differentiated and compiled", {
  x <- c(0.5, 1.25, -0.75, 2, -1.5, 0.3)
  w <- c(1, -2, 3, 0.5, 1, 2)
  for (name in names(scans())) {
    scan <- scans()[[name]]
    for (reverse in c(FALSE, TRUE)) {
      for (inclusive in c(FALSE, TRUE)) {
        # the first total of nothing is -Inf and has no weight
        part <- if (inclusive) seq_along(w) else if (reverse) 1:5 else 2:6
        run <- function(x) sum(run_in_r(x, scan$oracle, scan$first, reverse, inclusive)[part] * w[part])
        loss <- function(x) sum(scan$f(x, 1, reverse, inclusive)[part] * w[part])
        expect_grad_close(loss, x, oracle = run, info = paste(name, reverse, inclusive))
      }
    }
    expect_array_equal(mlx_compile(function(x) scan$f(x))(as_mlx(x)), scan$oracle(x), info = name)
  }
})

test_that("running totals keep names, unless the elements are put in a row", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_cumsum(x, axis = 1)), dimnames(x))
  expect_null(dimnames(mlx_cumsum(x)))
  expect_identical(names(cumsum(as_mlx(c(a = 1, b = 2)))), c("a", "b"))
  expect_identical(names(mlx_cumprod(as_mlx(c(a = 1, b = 2)))), c("a", "b"))
})

test_that("arguments of running totals are checked", {
  x <- as_mlx(matrix(1:6, 2))
  for (scan in scans()) {
    expect_error(scan$f(x, axis = 1:2), class = "mlx_error_argument", regexp = "axis must be NULL or a single integer")
    expect_error(scan$f(x, axis = "a"), class = "mlx_error_argument", regexp = "axis must be NULL or a single integer")
    expect_error(scan$f(x, axis = NA), class = "mlx_error_argument", regexp = "axis cannot be NA")
    for (axis in c(0, -1, 3, 1e10)) {
      expect_error(scan$f(x, axis = axis), class = "mlx_error_shape", regexp = "out of bounds")
    }
    expect_error(scan$f(x, 1, reverse = NA), class = "mlx_error_argument", regexp = "reverse must be a single logical")
    expect_error(scan$f(x, 1, inclusive = 1), class = "mlx_error_argument", regexp = "inclusive must be a single logical")
    expect_error(scan$f(list()), class = "mlx_error_argument", regexp = "Cannot convert")
  }
  expect_error(mlx_cumsum(as_mlx(1), axis = 1), class = "mlx_error_shape", regexp = "out of bounds")
  expect_snapshot(show_condition(mlx_cumsum(as_mlx(1:3), axis = 1:2)))
})
