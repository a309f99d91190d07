m <- matrix(as.double(1:6), 2)

test_that("mlx_vmap() applies a function to each part, along any axis", {
  x <- as_mlx(m)
  expect_array_equal(mlx_vmap(function(r) sum(r^2))(x), rowSums(m^2))
  expect_array_equal(mlx_vmap(function(r) sum(r^2), in_axes = 2)(x), colSums(m^2))
  cube <- array(as.double(1:24), 2:4)
  for (axis in 1:3) {
    expected <- apply(cube, axis, function(part) sum(part * seq_along(part)))
    weighted <- mlx_vmap(function(part) sum(part * as_mlx(array(seq_len(24 / dim(cube)[axis]), dim(cube)[-axis]))), axis)
    expect_array_equal(weighted(as_mlx(cube)), expected, info = toString(axis))
  }
})

test_that("out_axes puts the new axis", {
  x <- as_mlx(m)
  expect_array_equal(mlx_vmap(identity, 1, 2)(x), t(m))
  expect_array_equal(mlx_vmap(identity, 2, 2)(x), m)
  expect_array_equal(mlx_vmap(identity, 2)(x), t(m))
  square <- as_mlx(array(as.double(1:24), 2:4))
  for (axis in 1:3) expect_array_equal(mlx_vmap(identity, axis, axis)(square), array(as.double(1:24), 2:4))
})

test_that("axes are given as a number, a vector, a list, or nested lists", {
  x <- as_mlx(m)
  v <- as_mlx(c(10, 20))
  expected <- m + c(10, 20)
  expect_array_equal(mlx_vmap(function(a, b) a + b, 1)(x, v), expected)
  expect_array_equal(mlx_vmap(function(a, b) a + b, c(1, 1))(x, v), expected)
  expect_array_equal(mlx_vmap(function(a, b) a + b, c(2, NA), 2)(x, v), expected)
  expect_array_equal(mlx_vmap(function(a, b) a + b, list(2, NULL), list(2))(x, v), expected)
  expect_array_equal(mlx_vmap(function(a, b) a + b, list(2, NA_real_), 2)(x, v), expected)
  expect_array_equal(mlx_vmap(function(p) p$a + p$b, list(list(a = 2, b = NULL)), 2)(list(a = x, b = v)), expected)
  expect_array_equal(mlx_vmap(function(p) p$a + p$b[[1L]], list(list(2, list(NULL))), 2)(list(a = x, b = list(v))), expected)
  expect_array_equal(mlx_vmap(function(p) p$a + p$b, list(1))(list(a = x, b = v)), expected)
  result <- mlx_vmap(function(r) list(r, s = list(sum(r), r)), 1, list(2, list(1, 2)))(x)
  expect_array_equal(result[[1L]], t(m))
  expect_array_equal(result$s[[1L]], rowSums(m))
  expect_array_equal(result$s[[2L]], t(m))
  expect_array_equal(mlx_vmap(function(r) list(r, sum(r)), 1, c(2, 1))(x)[[2L]], rowSums(m))
})

test_that("an array that is returned several times has its axis in the right place each time", {
  for (out_axes in list(1, 2, c(1, 2), c(2, 1))) {
    result <- mlx_vmap(function(r) list(r, r), 1, out_axes)(as_mlx(m))
    out_axes <- rep(out_axes, length.out = 2)
    for (i in 1:2) expect_array_equal(result[[i]], if (out_axes[[i]] == 1) m else t(m), info = toString(out_axes))
  }
})

test_that("outputs that do not depend on the parts are repeated", {
  other <- as_mlx(c(5, 6))
  expect_array_equal(mlx_vmap(function(r) other)(as_mlx(m)), rbind(c(5, 6), c(5, 6)))
  expect_array_equal(mlx_vmap(function(r) other, out_axes = 2)(as_mlx(m)), cbind(c(5, 6), c(5, 6)))
  result <- mlx_vmap(function(r, n) list(n * 2, r), c(1, NA))(as_mlx(m), as_mlx(7))
  expect_array_equal(result[[1L]], c(14, 14))
})

test_that("axes of length 0 and 1", {
  one <- as_mlx(matrix(1:3, 1))
  expect_array_equal(mlx_vmap(sum)(one), 6, shape = 1L)
  expect_array_equal(mlx_vmap(function(r) r * 2)(one), matrix(c(2, 4, 6), 1))
  none <- as_mlx(matrix(0, 0, 3))
  expect_array_equal(mlx_vmap(sum)(none), numeric(), shape = 0L)
  expect_array_equal(mlx_vmap(function(r) r * 2)(none), matrix(0, 0, 3))
  expect_array_equal(mlx_vmap(sum, 2)(none), c(0, 0, 0))
  expect_array_equal(mlx_vmap(function(r) as_mlx(c(1, 2)))(none), matrix(0, 0, 2))
})

test_that("every dtype and view", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(3L, 2L), dtype)
    swapped <- mlx_vmap(function(r) r[2:1])(make_mlx(x, dtype))
    expect_array_equal(swapped, as_stored(x[, 2:1], dtype), dtype = dtype, info = dtype)
  }
  for (pair in views("float32")) {
    if (length(dim(pair[[2L]])) == 2L) expect_array_equal(mlx_vmap(sum)(pair[[1L]]), rowSums(pair[[2L]]), tolerance = 1e-5)
  }
})

test_that("matrix algebra over a batch is the explicit loop", {
  a <- sample_array(c(4L, 2L, 3L), "float32")
  b <- sample_array(c(3L, 5L, 4L), "float32")
  loop <- aperm(vapply(1:4, function(i) a[i, , ] %*% b[, , i], matrix(0, 2, 5)), c(3, 1, 2))
  expect_array_equal(mlx_vmap(function(a, b) a %*% b, c(1, 3))(as_mlx(a), as_mlx(b)), loop, tolerance = 1e-5)
  loop <- aperm(vapply(1:4, function(i) a[i, , ] %*% b[, , 1], matrix(0, 2, 5)), c(3, 1, 2))
  expect_array_equal(mlx_vmap(function(a, b) a %*% b, c(1, NA))(as_mlx(a), as_mlx(b[, , 1])), loop, tolerance = 1e-5)
})

test_that("a random draw is the same for all parts, and keys as arguments make others", {
  x <- mlx_zeros(c(3, 4))
  same <- as.matrix(mlx_vmap(function(r) r + mlx_rand_normal(4))(x))
  expect_identical(same[1, ], same[3, ])
  expect_gt(max(abs(same)), 0)
})

test_that("axes that do not fit are refused", {
  x <- as_mlx(m)
  for (axis in list(0, -1, 3, 1.5, Inf, 1e10)) {
    error <- expect_error(mlx_vmap(identity, axis)(x), class = "mlx_error_vmap", regexp = "in_axes.*axis=")
    expect_identical(error$arg, "in_axes")
    error <- expect_error(mlx_vmap(identity, 1, axis)(x), class = "mlx_error_vmap", regexp = "out_axes.*axis=")
    expect_identical(error$arg, "out_axes")
  }
  for (axes in list(NULL, NA, NaN, list(NULL))) {
    expect_error(mlx_vmap(identity, axes)(x), class = "mlx_error_vmap", regexp = "names no axis")
    expect_error(mlx_vmap(identity, 1, axes)(x), class = "mlx_error_vmap", regexp = "must name an axis for each output")
  }
  for (axes in list("a", x, sum, character(), globalenv())) {
    expect_error(mlx_vmap(identity, axes)(x), class = "mlx_error_argument", regexp = "in_axes")
    expect_error(mlx_vmap(identity, 1, axes)(x), class = "mlx_error_argument", regexp = "out_axes")
  }
  for (axes in list(c(1, 1), list(1, 1), list())) {
    expect_error(mlx_vmap(identity, axes)(x), class = "mlx_error_vmap", regexp = "entries for 1 arguments")
  }
  expect_error(mlx_vmap(function(r) list(r, r), 1, list(1))(x), class = "mlx_error_vmap", regexp = "1 entries for 2 outputs")
  expect_error(mlx_vmap(identity, list(list(1)))(x), class = "mlx_error_vmap", regexp = "another form")
  expect_error(mlx_vmap(sum, list(list(1, 1)))(list(x)), class = "mlx_error_vmap", regexp = "another form")
  expect_error(mlx_vmap(function(a, b) a)(x, as_mlx(1:3)), class = "mlx_error_vmap",
    regexp = "differ in length: 2 in argument 1, 3 in argument 2"
  )
  expect_error(mlx_vmap(function(a, b) a)(x, list(k = as_mlx(1:3))), class = "mlx_error_vmap", regexp = "\\$k of argument 2")
  expect_error(mlx_vmap(function(a, b) a)(x, as_mlx(1)), class = "mlx_error_vmap", regexp = "axis=1 is out of bounds")
  expect_error(mlx_vmap(identity)(), class = "mlx_error_vmap")
  expect_error(mlx_vmap(identity)(3), class = "mlx_error_vmap")
  expect_error(mlx_vmap("f"), class = "mlx_error_argument")
  expect_array_equal(mlx_vmap(sum)(x), rowSums(m))
})

test_that("what the function returns and does is checked", {
  x <- as_mlx(m)
  for (value in list(1, NULL, "a", list(), list(1), sum)) {
    expect_error(mlx_vmap(function(r) value)(x), class = "mlx_error_vmap", regexp = "must return")
  }
  expect_error(mlx_vmap(function(r) stop("on purpose"))(x), regexp = "^on purpose$")
  for (read in list(as.vector, as.matrix, mlx_eval, function(r) sum(as.numeric(r)), function(r) format(r))) {
    reading <- mlx_vmap(function(r) {
      read(r)
      r
    })
    expect_error(reading(x), class = "mlx_error_trace", regexp = "cannot be read")
  }
  expect_error(mlx_vmap(function(r) if (sum(r) > 0) r else -r)(x), class = "mlx_error_trace", regexp = "mlx_where")
  kept <- NULL
  expect_error(mlx_vmap(function(r) kept <<- r)(x), class = "mlx_error_trace", regexp = "kept <<-")
  expect_null(kept)
  expect_array_equal(mlx_vmap(sum)(x), rowSums(m))
})
