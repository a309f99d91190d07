test_that("mlx_sort() and mlx_argsort() order along each axis, for every dtype", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    m <- sample_array(c(4L, 6L), dtype)
    x <- make_mlx(m, dtype)
    expect_array_equal(mlx_sort(x, 1), as_stored(apply(m, 2, sort), dtype), dtype = dtype, info = dtype)
    expect_array_equal(mlx_sort(x, 2), as_stored(t(apply(m, 1, sort)), dtype), dtype = dtype, info = dtype)
    expect_array_equal(mlx_sort(x), as_stored(sort(m), dtype), dtype = dtype, info = dtype)
    expect_array_equal(mlx_argsort(x, 1), apply(m, 2, order), dtype = "int64", info = dtype)
    expect_array_equal(mlx_argsort(x), order(t(m)), dtype = "int64", info = dtype)
  }
})

test_that("complex numbers are ordered by their real part, then by the imaginary one, with NaN last", {
  z <- complex(real = c(2, 1, 1, NaN, 3, Inf), imaginary = c(1, 5, -2, 0, NaN, 1))
  sorted <- z[c(3, 2, 1, 6, 4, 5)]
  expect_array_equal(mlx_argsort(as_mlx(z)), c(3, 2, 1, 6, 4, 5), dtype = "int64")
  expect_array_equal(mlx_sort(as_mlx(z)), sorted)
  expect_array_equal(mlx_partition(as_mlx(z), 1), sorted)
  expect_array_equal(mlx_argpartition(as_mlx(z), 1), c(3, 2, 1, 6, 4, 5), dtype = "int64")
  expect_array_equal(mlx_topk(as_mlx(z[1:3]), 1), z[1], shape = 1L)
})

test_that("NaN sorts last in every float dtype", {
  x <- c(NaN, 2, -Inf, NaN, Inf, -1)
  for (dtype in float_dtypes()) {
    expect_array_equal(mlx_sort(make_mlx(x, dtype)), c(-Inf, -1, 2, Inf, NaN, NaN), dtype = dtype)
    expect_array_equal(mlx_argsort(make_mlx(x, dtype)), c(3, 6, 2, 5, 1, 4), dtype = "int64")
    expect_array_equal(mlx_partition(make_mlx(x, dtype), 3)[4], Inf, dtype = dtype, shape = 1L)
    expect_array_equal(mlx_argpartition(make_mlx(x, dtype), 0)[1], 3, dtype = "int64", shape = 1L)
  }
})

test_that("sorting works on every shape and on views", {
  for (name in names(shapes())) {
    shape <- shapes()[[name]]
    x <- sample_array(shape, "float32")
    expect_array_equal(mlx_sort(as_mlx(x)), sort(x), dtype = "float32", shape = length(x), info = name)
    expect_identical(mlx_shape(mlx_argsort(as_mlx(x))), length(x), info = name)
    for (axis in seq_along(shape)) {
      expect_identical(mlx_shape(mlx_sort(as_mlx(x), axis)), as.integer(shape), info = name)
      expect_identical(mlx_shape(mlx_argsort(as_mlx(x), axis)), as.integer(shape), info = name)
    }
  }
  for (view in views("float32")) {
    expect_array_equal(mlx_sort(view[[1L]], 1), apply(view[[2L]], 2, sort))
    expect_array_equal(mlx_argsort(view[[1L]], 2), t(apply(view[[2L]], 1, order)), dtype = "int64")
    expect_array_equal(mlx_argmax(view[[1L]], 1), apply(view[[2L]], 2, which.max), dtype = "int64")
  }
})

test_that("mlx_argmax() and mlx_argmin() find the first extreme, by rows without an axis", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    m <- sample_array(c(4L, 6L), dtype)
    x <- make_mlx(m, dtype)
    expect_array_equal(mlx_argmax(x, 1), apply(m, 2, which.max), dtype = "int64", info = dtype)
    expect_array_equal(mlx_argmin(x, 2), apply(m, 1, which.min), dtype = "int64", info = dtype)
    expect_array_equal(mlx_argmax(x), which.max(t(m)), dtype = "int64", info = dtype)
    expect_array_equal(mlx_argmin(x), which.min(t(m)), dtype = "int64", info = dtype)
  }
  x <- as_mlx(array(1:24, 2:4))
  expect_array_equal(mlx_argmax(x, 2, drop = FALSE), array(3, c(2, 1, 4)), dtype = "int64")
  expect_array_equal(mlx_argmax(x, drop = FALSE), array(24, c(1, 1, 1)), dtype = "int64")
  expect_array_equal(mlx_argmin(5), 1, dtype = "int64")
  expect_array_equal(mlx_argmax(as_mlx(c(1i, 2 + 0i, 2 + 1i))), 3, dtype = "int64")
})

test_that("mlx_argmax() and mlx_argmin() pass over NaN", {
  for (dtype in float_dtypes()) {
    for (x in list(c(NaN, 1, 3, NaN, 2), c(NaN, -Inf), c(NaN, Inf), c(NaN, -Inf, Inf))) {
      expect_array_equal(mlx_argmax(make_mlx(x, dtype)), which.max(x), dtype = "int64")
      expect_array_equal(mlx_argmin(make_mlx(x, dtype)), which.min(x), dtype = "int64")
    }
  }
  expect_array_equal(mlx_argmax(as_mlx(c(NaN, NaN))), 1, dtype = "int64")
})

test_that("the greatest of nothing is an error, that of no lines is empty", {
  x <- as_mlx(matrix(0, 0, 3))
  expect_error(mlx_argmax(x), class = "mlx_error_shape", regexp = "without elements")
  expect_error(mlx_argmin(x, 1), class = "mlx_error_shape", regexp = "without elements")
  expect_array_equal(mlx_argmax(x, 2), numeric(), dtype = "int64")
  expect_array_equal(mlx_argmax(x, 2, drop = FALSE), matrix(0, 0, 1), dtype = "int64")
})

test_that("mlx_topk() gives the greatest elements", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    m <- sample_array(c(4L, 6L), dtype)
    x <- make_mlx(m, dtype)
    for (k in 1:4) {
      greatest <- function(v) tail(sort(v), k)
      value <- mlx_sort(mlx_topk(x, k, 1), 1)
      expect_array_equal(value, as_stored(matrix(apply(m, 2, greatest), k), dtype), dtype = dtype, info = dtype)
      value <- mlx_sort(mlx_topk(x, k))
      expect_array_equal(value, as_stored(greatest(m), dtype), dtype = dtype, shape = k, info = dtype)
    }
  }
})

test_that("mlx_partition() and mlx_argpartition() put one element in its place", {
  a <- array(withr::with_seed(3, sample(60)), 3:5)
  x <- as_mlx(a)
  for (axis in 1:3) {
    for (kth in 0:2) {
      part <- as.array(mlx_partition(x, kth, axis))
      positions <- as.array(mlx_argpartition(x, kth, axis))
      fits <- function(v) max(v[seq_len(kth + 1)]) == v[kth + 1] && min(v[(kth + 1):length(v)]) == v[kth + 1]
      expect_true(all(apply(part, (1:3)[-axis], fits)))
      expect_identical(apply(part, (1:3)[-axis], sort), apply(a, (1:3)[-axis], sort) + 0)
      expect_true(all(apply(positions, (1:3)[-axis], function(v) identical(sort(v), seq_along(v) + 0))))
    }
  }
  expect_array_equal(mlx_partition(as_mlx(c(5, 1, 4, 2, 3)), 2)[3], 3, shape = 1L)
  picked <- as.vector(mlx_argpartition(as_mlx(c(5, 1, 4, 2, 3)), 2))
  expect_identical(c(5, 1, 4, 2, 3)[picked[3]], 3)
  expect_array_equal(mlx_partition(as_mlx(matrix(0, 0, 3)), 1, axis = 2), matrix(0, 0, 3))
  expect_array_equal(mlx_argpartition(as_mlx(matrix(0, 0, 3)), 1, axis = 2), matrix(0, 0, 3), dtype = "int64")
  expect_array_equal(mlx_topk(as_mlx(matrix(0, 0, 3)), 2, axis = 2), matrix(0, 0, 2))
})

test_that("sorted values can be differentiated, equal elements too", {
  x <- c(3, 1, 2, 5, 4)
  w <- c(1, 2, 3, 4, 5)
  expect_grad_close(function(x) sum(mlx_sort(x) * w), x, oracle = function(x) sum(sort(x) * w))
  expect_grad_close(function(x) sum(mlx_topk(x, 2)^2), x, oracle = function(x) sum(sort(x)[4:5]^2))
  expect_grad_close(function(x) sum(mlx_partition(x, 2)[3]), x, oracle = function(x) sort(x)[3])
  ties <- rep(c(2, 1, 3), c(12, 14, 9))[withr::with_seed(1, sample(35))]
  grad <- mlx_grad(function(x) sum(mlx_partition(x, 20)^2), as_mlx(ties))[[1L]]
  expect_array_equal(grad, 2 * ties)
  expect_array_equal(mlx_grad(function(x) max(x), as_mlx(x))[[1L]], c(0, 0, 0, 1, 0))
})

test_that("sorting can be compiled", {
  x <- c(3, 1, NaN, 2)
  expect_array_equal(mlx_compile(function(x) mlx_sort(x))(as_mlx(x)), c(1, 2, 3, NaN))
  expect_array_equal(mlx_compile(function(x) mlx_argsort(x))(as_mlx(x)), c(2, 4, 1, 3), dtype = "int64")
  expect_array_equal(mlx_compile(function(x) mlx_topk(x, 1, 1))(as_mlx(1:3)), 3, shape = 1L)
  expect_array_equal(mlx_compile(function(x) mlx_argmax(x))(as_mlx(x)), 1, dtype = "int64")
})

test_that("the names of the other axes stay", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), c("u", "v"))))
  for (f in list(mlx_sort, mlx_argsort, function(x, axis) mlx_topk(x, 1, axis), function(x, axis) mlx_partition(x, 0, axis))) {
    expect_identical(dimnames(f(x, axis = 2)), list(c("a", "b"), NULL))
  }
  expect_identical(names(mlx_argmax(x, axis = 2)), c("a", "b"))
  expect_identical(dimnames(mlx_argmin(x, axis = 1, drop = FALSE)), list(NULL, c("u", "v")))
  expect_null(names(mlx_sort(as_mlx(c(b = 2, a = 1)))))
})

test_that("k and kth must lie within the axis", {
  x <- as_mlx(matrix(1:6, 2))
  for (k in list(0, -1, NA, NaN, Inf, "a", 1:2, NULL, list(1))) {
    expect_error(mlx_topk(x, k), class = "mlx_error_argument", regexp = "k must be a positive finite scalar")
  }
  for (kth in list(-1, NA, NaN, Inf, "a", 1:2, NULL)) {
    for (f in list(mlx_partition, mlx_argpartition)) {
      expect_error(f(x, kth), class = "mlx_error_argument", regexp = "kth must be a non-negative finite scalar")
    }
  }
  expect_error(mlx_topk(x, 7), class = "mlx_error_argument", regexp = "exceeds number of elements")
  expect_error(mlx_topk(x, 1e10, 1), class = "mlx_error_argument", regexp = "exceeds size of axis 1")
  expect_error(mlx_topk(as_mlx(numeric()), 1), class = "mlx_error_argument", regexp = "exceeds number of elements")
  for (f in list(mlx_partition, mlx_argpartition)) {
    expect_error(f(x, 6), class = "mlx_error_argument", regexp = "exceeds number of elements")
    expect_error(f(x, 3, 2), class = "mlx_error_argument", regexp = "exceeds size of axis 2")
  }
  expect_snapshot({
    show_condition(mlx_topk(as_mlx(1:3), 0))
    show_condition(mlx_topk(as_mlx(1:3), 4))
    show_condition(mlx_partition(as_mlx(matrix(1:6, 2)), 3, axis = 2))
    show_condition(mlx_argmax(as_mlx(numeric())))
  })
})

test_that("axes are checked", {
  x <- as_mlx(matrix(1:6, 2))
  sorts <- list(
    mlx_sort, mlx_argsort, mlx_argmax, mlx_argmin, function(x, axis) mlx_topk(x, 1, axis),
    function(x, axis) mlx_partition(x, 1, axis), function(x, axis) mlx_argpartition(x, 1, axis)
  )
  for (f in sorts) {
    expect_error(f(x, axis = 3), class = "mlx_error_shape", regexp = "out of bounds")
    expect_error(f(x, axis = 0), class = "mlx_error_shape", regexp = "out of bounds")
    expect_error(f(x, axis = 1:2), class = "mlx_error_argument", regexp = "axis must be NULL or a single integer")
    expect_error(f(x, axis = NA_real_), class = "mlx_error_argument", regexp = "axis cannot be NA")
    expect_error(f("a", axis = 1), class = "mlx_error_argument", regexp = "Cannot convert")
  }
  expect_error(mlx_argmax(x, drop = NA), class = "mlx_error_argument", regexp = "drop must be a single logical value")
})
