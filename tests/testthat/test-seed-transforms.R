# The examples of the transforms document, in its order, and those of the page of mlx_compile().

test_that("eval: one array, several, and lists", {
  y <- as_mlx(1:3) + 1
  expect_identical(expect_invisible(mlx_eval(y)), y)
  expect_true(mlx_is_ready(y))
  a <- as_mlx(c(1, 2)) * 2
  b <- as_mlx(c(3, 4)) * 2
  mlx_eval(a, b)
  expect_true(mlx_is_ready(a, b))
  expect_array_equal(a, c(2, 4))
  expect_array_equal(b, c(6, 8))
})

test_that("async_eval", {
  y <- as_mlx(1:3) * 2
  expect_invisible(mlx_async_eval(y))
  mlx_wait(y)
  expect_array_equal(y, c(2, 4, 6))
})

test_that("grad: of x^2, and of several arguments", {
  grad_f <- mlx_grad_fn(function(x) sum(x * x))
  expect_array_equal(grad_f(as_mlx(c(1, 2, 3))), c(2, 4, 6))
  grad_g <- mlx_grad_fn(function(x, y) sum(x * y), argnums = c(1, 2))
  grads <- grad_g(as_mlx(c(1, 2)), as_mlx(c(3, 4)))
  expect_length(grads, 2L)
  expect_array_equal(grads[[1L]], c(3, 4))
  expect_array_equal(grads[[2L]], c(1, 2))
})

test_that("value_and_grad: with and without auxiliary outputs", {
  result <- mlx_value_grad_fn(function(x) sum(x * x))(as_mlx(c(1, 2, 3)))
  expect_identical(names(result), c("value", "grads"))
  expect_array_equal(result$value, 14)
  expect_array_equal(result$grads, c(2, 4, 6))
  with_aux <- function(x) list(sum(x * x), list(intermediate = x * 2))
  result <- mlx_value_grad_fn(with_aux)(as_mlx(c(1, 2)))
  expect_identical(names(result), c("value", "grads", "aux"))
  expect_array_equal(result$value, 5)
  expect_array_equal(result$grads, c(2, 4))
  expect_array_equal(result$aux$intermediate, c(2, 4))
})

test_that("vjp and jvp", {
  result <- mlx_vjp(function(x) 2 * x, list(as_mlx(1)), list(as_mlx(2)))
  expect_identical(names(result), c("outputs", "vjps"))
  expect_array_equal(result$outputs[[1L]], 2)
  expect_array_equal(result$vjps[[1L]], 4)
  result <- mlx_jvp(function(x, y) x * y, list(as_mlx(4), as_mlx(2)), list(as_mlx(3), as_mlx(2)))
  expect_identical(names(result), c("outputs", "jvps"))
  expect_array_equal(result$outputs[[1L]], 8)
  expect_array_equal(result$jvps[[1L]], 14)
})

test_that("vmap: over rows, and with an argument for all", {
  x <- matrix(c(1, 3, 5, 2, 4, 6), 3)
  expect_array_equal(mlx_vmap(function(x) x * 2)(as_mlx(x)), 2 * x)
  vg <- mlx_vmap(function(x, y) x + y, in_axes = list(1, NULL))
  expect_array_equal(vg(as_mlx(c(1, 2, 3)), as_mlx(10)), c(11, 12, 13))
})

test_that("compile", {
  compiled <- mlx_compile(function(x, y) exp(x) + log(y))
  for (i in 1:2) {
    expect_array_equal(compiled(as_mlx(c(1, 2)), as_mlx(c(3, 4))), exp(c(1, 2)) + log(c(3, 4)), tolerance = 1e-6)
  }
})

test_that("disable_compile and enable_compile hold for a block", {
  calls <- 0L
  f <- mlx_compile(function(x) {
    calls <<- calls + 1L
    x * 2
  })
  x <- as_mlx(c(1, 2))
  for (i in 1:2) expect_array_equal(mlx_with_compile_disabled(f(x)), c(2, 4))
  expect_identical(calls, 2L)
  for (i in 1:2) expect_array_equal(mlx_with_compile_enabled(f(x)), c(2, 4))
  expect_identical(calls, 3L)
})

test_that("custom_function", {
  custom <- mlx_custom_function(function(x) x * 2, vjp = function(primals, cotangents, outputs) {
    lapply(cotangents, function(c) c * 2)
  })
  expect_array_equal(custom(as_mlx(c(1, 2))), c(2, 4))
  expect_array_equal(mlx_grad(function(x) sum(custom(x)), as_mlx(c(1, 2)))[[1L]], c(2, 2))
})

test_that("checkpoint", {
  expensive <- function(x) {
    for (i in 1:100) {
      x <- exp(x)
      x <- log(x + 1)
    }
    x
  }
  x <- c(0.5, 1)
  grad <- mlx_grad_fn(function(x) sum(mlx_checkpoint(expensive)(x)))(as_mlx(x))
  # the derivative of log(exp(x) + 1) is exp(x) / (exp(x) + 1), the logistic function, at each step
  slope <- c(1, 1)
  for (i in 1:100) {
    slope <- slope * stats::plogis(x)
    x <- log1p(exp(x))
  }
  expect_array_equal(grad, slope, tolerance = 1e-5)
})

test_that("the page of mlx_compile(): nothing is traced before the first call, which is the only one", {
  calls <- 0L
  fast <- mlx_compile(function(x, w, b) {
    calls <<- calls + 1L
    (x %*% w) + b
  })
  expect_identical(calls, 0L)
  x <- mlx_rand_normal(c(32, 128))
  w <- mlx_rand_normal(c(128, 256))
  b <- mlx_rand_normal(256)
  for (i in 1:5) result <- fast(x, w, b)
  expect_identical(calls, 1L)
  expected <- sweep(as.matrix(x) %*% as.matrix(w), 2, as.vector(b), "+")
  expect_array_equal(result, expected, tolerance = 1e-4)
})

test_that("the page of mlx_compile(): several results", {
  calls <- 0L
  compiled <- mlx_compile(function(x, w) {
    calls <<- calls + 1L
    y <- x %*% w
    list(y, sqrt(sum(y * y)))
  })
  x <- matrix(1:6, 2)
  w <- matrix(c(1, -1, 2), 3)
  for (i in 1:2) results <- compiled(as_mlx(x), as_mlx(w))
  expect_identical(calls, 1L)
  expect_array_equal(results[[1L]], x %*% w)
  expect_array_equal(results[[2L]], sqrt(sum((x %*% w)^2)))
})

test_that("the page of mlx_compile(): other shapes, dtypes and numbers of arguments are traced again", {
  calls <- 0L
  f <- mlx_compile(function(x, w, ...) {
    calls <<- calls + 1L
    x %*% w
  })
  w <- mlx_ones(c(64, 8))
  for (rows in c(10, 20, 10, 20)) expect_identical(mlx_shape(f(mlx_zeros(c(rows, 64)), w)), as.integer(c(rows, 8)))
  expect_identical(calls, 2L)
  f(mlx_zeros(c(10, 64), dtype = "float16"), w)
  expect_identical(calls, 3L)
  f(mlx_zeros(c(10, 64)), w, w)
  expect_identical(calls, 4L)
  f(mlx_zeros(c(10, 64)), w)
  expect_identical(calls, 4L)
})

test_that("the page of mlx_compile(): shapeless functions take batches of any size", {
  fast <- mlx_compile(function(x, w) x %*% w, shapeless = TRUE)
  w <- as_mlx(diag(4))
  for (rows in c(1, 3, 0, 5)) {
    x <- matrix(as.double(seq_len(rows * 4)), rows, 4)
    expect_array_equal(fast(as_mlx(x), w), x)
  }
})
