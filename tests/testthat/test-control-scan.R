# base R's loop for mlx_scan() over the rows of matrices
scan_loop <- function(f, carry, xs, reverse = FALSE) {
  n <- nrow(xs)
  ys <- NULL
  for (i in if (reverse) rev(seq_len(n)) else seq_len(n)) {
    step <- f(carry, xs[i, ])
    carry <- step[[1]]
    ys <- if (reverse) rbind(step[[2]], ys) else rbind(ys, step[[2]])
  }
  list(carry = carry, ys = ys)
}

test_that("mlx_scan() gives cumulative sums", {
  add <- function(sum, x) list(sum + x, sum + x)
  x <- c(3, -1, 4, 1, 5)
  result <- mlx_scan(add, 0, as_mlx(x))
  expect_array_equal(result$carry, sum(x))
  expect_array_equal(result$ys, cumsum(x))
  expect_array_equal(mlx_scan(add, 0, x, reverse = TRUE)$ys, rev(cumsum(rev(x))))
  expect_array_equal(mlx_scan(add, 0, as_mlx(array(2, 1)))$ys, 2, shape = 1L)
  cube <- sample_array(c(4L, 2L, 3L), "float32")
  sums <- mlx_scan(add, mlx_zeros(c(2, 3)), as_mlx(cube))$ys
  expect_array_equal(sums, apply(cube, 2:3, cumsum), tolerance = 1e-5)
})

test_that("mlx_scan() takes every dtype, and views", {
  second <- function(carry, x) list(x, carry)
  for (dtype in all_dtypes()) {
    x <- sample_array(c(3L, 2L), dtype)
    out <- mlx_scan(second, make_mlx(x[2, ], dtype), make_mlx(x, dtype))
    expect_array_equal(out$carry, as_stored(x[3, ], dtype), dtype = dtype, info = dtype)
    expect_array_equal(out$ys, as_stored(x[c(2, 1, 2), ], dtype), dtype = dtype, info = dtype)
  }
  for (pair in views("float32")) {
    shape <- mlx_shape(pair[[1L]])
    if (length(shape) == 0L) next
    expect_array_equal(mlx_map(function(x) x * 2, pair[[1L]]), pair[[2L]] * 2, shape = shape)
  }
})

test_that("mlx_scan() takes and gives nested lists", {
  a <- matrix(as.numeric(1:6), 3)
  b <- c(10, 20, 30)
  f <- function(carry, x) {
    total <- carry$total + sum(x$a) * x$b
    list(list(total = total, tag = "t"), list(x$a * 2, deep = list(total = total), by = x$by))
  }
  out <- mlx_scan(f, list(total = as_mlx(0), tag = "t"), list(a = as_mlx(a), b = as_mlx(b), by = 7))
  expect_array_equal(out$carry$total, sum(rowSums(a) * b))
  expect_identical(out$carry$tag, "t")
  expect_array_equal(out$ys[[1]], a * 2)
  expect_array_equal(out$ys$deep$total, cumsum(rowSums(a) * b))
  expect_identical(out$ys$by, 7)
})

test_that("mlx_scan() without values, without a carry, and without xs", {
  expect_identical(mlx_scan(function(c, x) list(c + x, NULL), 0, as_mlx(1:3))["ys"], list(ys = NULL))
  none <- mlx_scan(function(c, x) list(NULL, x * 2), NULL, as_mlx(1:3))
  expect_null(none$carry)
  expect_array_equal(none$ys, c(2, 4, 6))
  powers <- mlx_scan(function(c, x) list(y = c, carry = c * 2), 1, NULL, length = 5)
  expect_array_equal(powers$ys, 2^(0:4))
  expect_array_equal(powers$carry, 32)
})

test_that("without any part, the form of the values is known nevertheless", {
  layer <- mlx_linear(1, 1, bias = FALSE)
  params <- mlx_parameters(layer)
  before <- as.vector(mlx_param_values(params)[[1]])
  f <- function(carry, x) {
    mlx_param_set_values(params, list(as_mlx(matrix(99))))
    list(carry + 1, list(x = x, n = mlx_cast(x > 0, "int32")))
  }
  out <- mlx_scan(f, 5, as_mlx(matrix(0, 0, 3)))
  expect_array_equal(out$carry, 5)
  expect_array_equal(out$ys$x, matrix(0, 0, 3))
  expect_identical(mlx_shape(out$ys$n), c(0L, 3L))
  expect_identical(mlx_dtype(out$ys$n), "int32")
  expect_identical(as.vector(mlx_param_values(params)[[1]]), before)
  expect_identical(mlx_shape(mlx_map(sum, as_mlx(matrix(0, 0, 3)))), 0L)
  expect_identical(mlx_shape(mlx_map(function(x) x, as_mlx(matrix(0, 3, 0)))), c(3L, 0L))
  expect_null(mlx_scan(function(c, x) list(c, NULL), 0, NULL, length = 0)$ys)
})

test_that("a linear recurrence has the values and gradients of base R's loop", {
  recur <- function(carry, x, w) {
    h <- carry * w + x
    list(h, h * h)
  }
  w <- c(0.5, -0.8)
  x <- matrix(c(0.3, -1, 0.7, 1.2, 0.1, -0.4, 0.9, 2), 4)
  for (reverse in c(FALSE, TRUE)) {
    f <- function(w, x) {
      scan <- if (is_mlx(w)) mlx_scan else scan_loop
      out <- scan(function(carry, x) recur(carry, x, w), w * 0, x, reverse = reverse)
      sum(out$ys) + sum(out$carry)
    }
    expect_array_equal(f(make_mlx(w, "float64"), make_mlx(x, "float64")), f(w, x), dtype = "float64")
    expect_grad_close(f, w, x, dtype = "float64", tolerance = 1e-7)
    expect_grad_close(mlx_compile(f), w, x, oracle = f, dtype = "float64", tolerance = 1e-7)
  }
})

rnn <- function(w, u, x) {
  times <- if (is_mlx(x)) `%*%` else base::`%*%`
  cell <- function(h, x) {
    h <- tanh(times(x, w) + times(h, u))
    list(h, h)
  }
  h <- matrix(0, 2, 3)
  if (is_mlx(x)) return(mlx_scan(cell, make_mlx(h, mlx_dtype(x)), x)$ys)
  hs <- array(0, c(dim(x)[1], dim(h)))
  for (i in seq_len(dim(x)[1])) hs[i, , ] <- h <- cell(h, x[i, , ])[[1]]
  hs
}

test_that("a recurrent network has base R's values and finite differences' gradients", {
  w <- matrix(c(0.5, -0.3, 0.8, 0.1, 0.4, -0.6), 2)
  u <- matrix(seq(-0.4, 0.4, by = 0.1), 3)
  x <- array(sin(1:16), c(4, 2, 2))
  arrays <- lapply(list(w, u, x), make_mlx, dtype = "float64")
  expect_array_equal(do.call(rnn, arrays), rnn(w, u, x), dtype = "float64", tolerance = 1e-12)
  loss <- function(...) sum(rnn(...)^2)
  expect_grad_close(loss, w, u, x, dtype = "float64", tolerance = 1e-7)
  calls <- 0L
  step <- mlx_compile(function(w, u, x) {
    calls <<- calls + 1L
    mlx_grad(loss, w, u, x, argnums = 2)[[1]]
  })
  for (by in 1:2) {
    expect_array_equal(step(arrays[[1]] * by, arrays[[2]], arrays[[3]]), finite_differences(loss, list(w * by, u, x), 2),
      dtype = "float64", tolerance = 1e-7
    )
  }
  expect_identical(calls, 1L)
})

test_that("mlx_scan() and mlx_map() under mlx_vmap() are those of each example", {
  m <- sample_array(c(5L, 4L), "float32")
  sums <- function(x) mlx_scan(function(sum, x) list(sum + x, sum * x), 1, x)
  out <- mlx_vmap(sums)(as_mlx(m))
  each <- apply(m, 1, function(x) {
    loop <- scan_loop(function(sum, x) list(sum + x, sum * x), 1, matrix(x))
    c(loop$carry, loop$ys)
  })
  expect_array_equal(out$carry, each[1, ], tolerance = 1e-5)
  expect_array_equal(out$ys, t(each[-1, ]), tolerance = 1e-5)
  expect_array_equal(mlx_vmap(sums, in_axes = 2)(as_mlx(t(m)))$carry, each[1, ], tolerance = 1e-5)
  expect_array_equal(mlx_vmap(function(x) mlx_map(function(e) e * sum(x), x))(as_mlx(m)), m * rowSums(m), tolerance = 1e-5)
  expect_array_equal(mlx_compile(mlx_vmap(sums))(as_mlx(m))$carry, each[1, ], tolerance = 1e-5)
  parts <- mlx_map(mlx_vmap(function(x) x * 2), as_mlx(m))
  expect_array_equal(parts, m * 2)
})

test_that("second derivatives and forward mode go through mlx_scan()", {
  product <- function(x) mlx_scan(function(p, x) list(p * x, NULL), 1, x)$carry
  x <- c(2, 3, 5)
  expected <- outer(x, x, function(a, b) ifelse(a == b, 0, prod(x) / (a * b)))
  expect_array_equal(mlx_hessian(product, as_mlx(x)), expected)
  jvp <- mlx_jvp(product, list(as_mlx(x)), list(as_mlx(c(1, 0, 1))))$jvps[[1]]
  expect_array_equal(jvp, 15 + 6)
})

test_that("mlx_map() is base R's loop over the first axis", {
  m <- matrix(c(1, 2, 3, 4, 5, 6), 3)
  expect_array_equal(mlx_map(function(x) x / sum(x), as_mlx(m)), m / rowSums(m))
  expect_array_equal(mlx_map(sum, as_mlx(m)), rowSums(m))
  expect_array_equal(mlx_map(function(x, by) sum(x) * by, m, by = 2), rowSums(m) * 2)
  both <- mlx_map(function(x) list(sum = sum(x$m * x$w), n = length(x$m)), list(m = as_mlx(m), w = as_mlx(m)))
  expect_array_equal(both$sum, rowSums(m^2))
  expect_identical(both$n, 2L)
  # values are known outside compiled functions, and numbers are taken as arrays
  expect_array_equal(mlx_map(function(x) max(as.vector(x)), as_mlx(m)), apply(m, 1, max))
  expect_grad_close(function(x) if (is_mlx(x)) sum(mlx_map(function(r) prod(r), x)) else sum(apply(x, 1, prod)), m,
    dtype = "float64", tolerance = 1e-7
  )
})

test_that("names of the other axes stay with the parts", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("r1", "r2"), c("a", "b"))))
  seen <- NULL
  mlx_map(function(row) {
    seen <<- names(row)
    row
  }, x)
  expect_identical(seen, c("a", "b"))
})
