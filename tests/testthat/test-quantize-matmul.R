test_that("mlx_quantized_matmul() is the product with what the codes stand for", {
  w <- quantize_matrix(32, 128)
  across <- quantize_matrix(4, 128, seed = 2)
  along <- quantize_matrix(4, 32, seed = 3)
  for (setting in quantize_settings()) {
    info <- paste(setting, collapse = " ")
    q <- do.call(mlx_quantize, c(list(w), setting))
    plain <- dequantized_in_r(q, setting$group_size, setting$bits, setting$mode)
    y <- do.call(mlx_quantized_matmul, c(list(across), packed_args(q, setting)))
    expect_array_equal(y, across %*% t(plain), tolerance = 2e-5, info = info)
    y <- do.call(mlx_quantized_matmul, c(list(along), packed_args(q, setting), transpose = FALSE))
    expect_array_equal(y, along %*% plain, tolerance = 2e-5, info = info)
    y <- do.call(mlx_quantized_matmul, c(list(across, w), setting))
    expect_array_equal(y, across %*% t(plain), tolerance = 2e-5, info = info)
  }
})

test_that("shapes and dtypes of the product are as documented", {
  w <- quantize_matrix(128, 64)
  q <- mlx_quantize(w)
  x <- quantize_matrix(10, 64)
  expect_identical(mlx_shape(mlx_quantized_matmul(x, q$w_q, q$scales, q$biases)), c(10L, 128L))
  expect_array_equal(mlx_quantized_matmul(x[1, ], q$w_q, q$scales, q$biases),
    as.vector(x[1, ] %*% t(dequantized_in_r(q, 64, 4, "affine"))),
    tolerance = 2e-5
  )
  for (dtype in float_dtypes()) {
    q <- mlx_quantize(make_mlx(w, dtype))
    y <- mlx_quantized_matmul(make_mlx(x, dtype), q$w_q, q$scales, q$biases)
    expect_array_equal(y, x %*% t(dequantized_in_r(q, 64, 4, "affine")),
      dtype = if (dtype == "float64") "float32" else dtype,
      tolerance = switch(dtype, float16 = 2e-2, bfloat16 = 0.2, 2e-5), info = dtype
    )
  }
})

test_that("given biases replace those of a matrix that is quantized first", {
  w <- quantize_matrix(2, 64)
  x <- quantize_matrix(1, 64, seed = 2)
  q <- mlx_quantize(w)
  q$biases <- q$biases + 1
  y <- mlx_quantized_matmul(x, w, biases = q$biases)
  expect_array_equal(y, x %*% t(dequantized_in_r(q, 64, 4, "affine")), tolerance = 2e-5)
})

test_that("stacks are broadcast", {
  w <- array(quantize_matrix(6, 64), c(2, 3, 64))
  q <- mlx_quantize(w)
  plain <- as.array(mlx_dequantize(q$w_q, q$scales, q$biases))
  x <- array(quantize_matrix(8, 64, seed = 2), c(2, 4, 64))
  product <- function(x) mlx_quantized_matmul(x, q$w_q, q$scales, q$biases)
  expected <- aperm(simplify2array(lapply(1:2, function(i) x[i, , ] %*% t(plain[i, , ]))), c(3, 1, 2))
  expect_array_equal(product(x), expected, tolerance = 2e-5)
  one <- aperm(simplify2array(lapply(1:2, function(i) x[1, , ] %*% t(plain[i, , ]))), c(3, 1, 2))
  expect_array_equal(product(x[1, , ]), one, tolerance = 2e-5)
  expect_array_equal(product(x[1, , , drop = FALSE]), one, tolerance = 2e-5)
  expect_array_equal(product(x[1, 1, ]), one[, 1, , drop = FALSE], tolerance = 2e-5)
  flat <- mlx_quantize(w[1, , ])
  expect_array_equal(mlx_quantized_matmul(x, flat$w_q, flat$scales, flat$biases),
    aperm(simplify2array(lapply(1:2, function(i) x[i, , ] %*% t(plain[1, , ]))), c(3, 1, 2)),
    tolerance = 2e-5
  )
  expect_error(product(array(1, c(3, 4, 64))), class = "mlx_error_shape", regexp = "broadcast")
})

test_that("the gradient reaches x, scales and biases", {
  w <- quantize_matrix(3, 64)
  x <- quantize_matrix(2, 64, seed = 2)
  q <- mlx_quantize(w)
  codes <- codes_in_r(as.matrix(q$w_q), 4)
  weights <- matrix(1:6, 2)
  expect_grad_close(
    function(x, scales, biases) sum(mlx_quantized_matmul(x, q$w_q, scales, biases) * as_mlx(weights)),
    x, as.matrix(q$scales), as.matrix(q$biases),
    oracle = function(x, scales, biases) sum(x %*% t(spread(scales, 64) * codes + spread(biases, 64)) * weights),
    tolerance = 1e-4
  )
  f <- mlx_compile(function(x) mlx_quantized_matmul(x, q$w_q, q$scales, q$biases))
  expect_array_equal(f(x), x %*% t(dequantized_in_r(q, 64, 4, "affine")), tolerance = 2e-5)
})

test_that("products without elements are zeros", {
  q <- mlx_quantize(quantize_matrix(3, 64))
  expect_array_equal(mlx_quantized_matmul(matrix(0, 0, 64), q$w_q, q$scales, q$biases), matrix(0, 0, 3))
  none <- mlx_quantize(matrix(0, 0, 64))
  product <- function(x, ...) mlx_quantized_matmul(x, none$w_q, none$scales, none$biases, ...)
  expect_array_equal(product(matrix(1, 2, 64)), matrix(0, 2, 0))
  expect_array_equal(product(matrix(1, 2, 0), transpose = FALSE), matrix(0, 2, 64))
  thin <- mlx_quantize(matrix(0, 3, 0))
  expect_array_equal(mlx_quantized_matmul(matrix(1, 2, 0), thin$w_q, thin$scales, thin$biases), matrix(0, 2, 3))
})

gather_data <- function() {
  w <- array(quantize_matrix(9, 64), c(3, 3, 64))
  q <- mlx_quantize(w)
  x <- array(quantize_matrix(8, 64, seed = 2), c(4, 2, 64))
  plain <- as.array(mlx_dequantize(q$w_q, q$scales, q$biases))
  product <- function(lhs, rhs) {
    aperm(simplify2array(Map(function(i, j) x[i, , ] %*% t(plain[j, , ]), lhs, rhs)), c(3, 1, 2))
  }
  list(x = x, q = q, product = product, run = function(...) mlx_gather_qmm(x, q$w_q, q$scales, q$biases, ...))
}

test_that("mlx_gather_qmm() multiplies the matrices that 1-based indices name", {
  d <- gather_data()
  lhs <- c(4, 1, 2, 2)
  rhs <- c(3, 3, 1, 2)
  kinds <- list(
    identity, as.integer, as_mlx, function(x) as_mlx(x, dtype = "uint32"), function(x) as_mlx(x, dtype = "int64")
  )
  for (convert in kinds) {
    expect_array_equal(d$run(convert(lhs), convert(rhs)), d$product(lhs, rhs), tolerance = 2e-5)
    expect_array_equal(d$run(rhs_indices = convert(rhs)), d$product(1:4, rhs), tolerance = 2e-5)
    expect_array_equal(d$run(lhs_indices = convert(lhs[1:3])), d$product(lhs[1:3], 1:3), tolerance = 2e-5)
  }
  expect_array_equal(d$run(2, 3), d$product(2, 3)[1, , ], tolerance = 2e-5)
  expect_array_equal(d$run(lhs, 2), d$product(lhs, c(2, 2, 2, 2)), tolerance = 2e-5)
  grid <- as.array(d$run(matrix(c(1, 2), 2), matrix(1:3, 1)))
  expect_identical(dim(grid), c(2L, 3L, 2L, 3L))
  expect_equal(grid[2, 3, , ], d$product(2, 3)[1, , ], tolerance = 1e-5)
  sorted <- d$run(c(1, 2, 4), c(1, 1, 2), sorted_indices = TRUE)
  expect_array_equal(sorted, d$product(c(1, 2, 4), c(1, 1, 2)), tolerance = 2e-5)
})

test_that("mlx_gather_qmm() takes matrices, the other direction, and all formats", {
  for (setting in quantize_settings()) {
    w <- array(quantize_matrix(64, 128), c(2, 32, 128))
    q <- do.call(mlx_quantize, c(list(w), setting))
    plain <- as.array(do.call(mlx_dequantize, packed_args(q, setting)))
    x <- quantize_matrix(3, 32, seed = 2)
    y <- do.call(mlx_gather_qmm, c(list(x), packed_args(q, setting), list(rhs_indices = c(2, 1), transpose = FALSE)))
    expected <- aperm(simplify2array(lapply(2:1, function(i) x %*% plain[i, , ])), c(3, 1, 2))
    expect_array_equal(y, expected, tolerance = 2e-5, info = paste(setting, collapse = " "))
  }
})

test_that("mlx_gather_qmm() without indices is the plain product", {
  d <- gather_data()
  x <- d$x[1:3, , ]
  expect_array_equal(mlx_gather_qmm(x, d$q$w_q, d$q$scales, d$q$biases), d$product(1:3, 1:3), tolerance = 2e-5)
})

test_that("mlx_gather_qmm() works compiled and differentiated", {
  d <- gather_data()
  f <- mlx_compile(function(x, i) mlx_gather_qmm(x, d$q$w_q, d$q$scales, d$q$biases, rhs_indices = i))
  expect_array_equal(f(d$x, c(3, 3, 1, 2)), d$product(1:4, c(3, 3, 1, 2)), tolerance = 2e-5)
  # positions outside must not read foreign memory
  expect_identical(mlx_shape(f(d$x, c(0, 1e9, 1, 2))), c(4L, 2L, 3L))
  plain <- as.array(mlx_dequantize(d$q$w_q, d$q$scales, d$q$biases))
  product <- function(x) mlx_gather_qmm(x, d$q$w_q, d$q$scales, d$q$biases, rhs_indices = c(3, 3, 1, 2))
  grad <- mlx_grad(function(x) sum(product(x)), as_mlx(d$x))[[1L]]
  sums <- lapply(c(3, 3, 1, 2), function(i) matrix(colSums(plain[i, , ]), 2, 64, byrow = TRUE))
  expect_array_equal(grad, aperm(simplify2array(sums), c(3, 1, 2)), tolerance = 1e-4)
})

test_that("mlx_gather_qmm() of nothing is empty", {
  d <- gather_data()
  expect_array_equal(d$run(integer(), integer()), array(0, c(0, 2, 3)))
  y <- mlx_gather_qmm(array(0, c(2, 0, 64)), d$q$w_q, d$q$scales, d$q$biases, rhs_indices = c(1, 2))
  expect_array_equal(y, array(0, c(2, 0, 3)))
})

test_that("indices out of range and operands that do not fit are errors", {
  d <- gather_data()
  for (bad in list(0, 5, -1, NA_real_, Inf, 1e10)) {
    for (index in list(bad, as_mlx(bad))) {
      expect_error(d$run(lhs_indices = index), class = "mlx_error_index", regexp = "lhs_indices")
      expect_error(d$run(rhs_indices = index), class = "mlx_error_index", regexp = "rhs_indices")
    }
  }
  for (bad in list("a", TRUE, 1i, list(1), as_mlx(TRUE))) {
    expect_error(d$run(rhs_indices = bad), class = "mlx_error_argument", regexp = "rhs_indices")
  }
  expect_error(d$run(1:2, 1:3), class = "mlx_error_shape", regexp = "broadcast")
  expect_error(d$run(rhs_indices = c(2, 1), sorted_indices = TRUE), class = "mlx_error_argument", regexp = "ascend")
  for (bad in list(NA, "a", NULL, c(TRUE, FALSE))) {
    expect_error(d$run(1, 1, transpose = bad), class = "mlx_error_argument", regexp = "transpose")
    expect_error(d$run(1, 1, sorted_indices = bad), class = "mlx_error_argument", regexp = "sorted_indices")
  }
  q <- d$q
  expect_error(mlx_gather_qmm(d$x[, , 1:32], q$w_q, q$scales, q$biases, 1, 1), class = "mlx_error_shape", regexp = "last axis")
  expect_error(mlx_gather_qmm(1:64, q$w_q, q$scales, q$biases, 1, 1), class = "mlx_error_shape", regexp = "two axes")
  for (bad in list(1, matrix(1, 2, 63), numeric())) {
    expect_error(mlx_quantized_matmul(bad, q$w_q, q$scales, q$biases), class = "mlx_error_shape", regexp = "last axis")
  }
  whole <- as_mlx(matrix(1, 2, 64), dtype = "int32")
  expect_error(mlx_quantized_matmul(whole, q$w_q, q$scales, q$biases), class = "mlx_error_dtype")
  for (bad in list("a", NULL, list(1), sum)) {
    expect_error(mlx_quantized_matmul(bad, q$w_q, q$scales, q$biases), class = "mlx_error_argument")
    expect_error(mlx_quantized_matmul(d$x, bad), class = "mlx_error_argument")
  }
  expect_snapshot({
    show_condition(mlx_quantized_matmul(matrix(1, 2, 32), q$w_q, q$scales, q$biases))
    show_condition(mlx_quantized_matmul(as_mlx(diag(2), dtype = "int32"), q$w_q, q$scales, q$biases))
    show_condition(mlx_gather_qmm(d$x, q$w_q, q$scales, q$biases, rhs_indices = 4))
    show_condition(mlx_gather_qmm(d$x, q$w_q, q$scales, q$biases, rhs_indices = 2:1, sorted_indices = TRUE))
  })
})
