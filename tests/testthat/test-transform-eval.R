test_that("mlx_eval(), mlx_async_eval() and mlx_wait() take arrays and trees, and return them invisibly", {
  for (evaluate in list(mlx_eval, mlx_async_eval, mlx_wait)) {
    a <- as_mlx(1:3) * 2
    tree <- list(p = as_mlx(1) + 1, q = list("text", NULL, as_mlx(matrix(1:4, 2)) %*% as_mlx(diag(2))))
    expect_identical(expect_invisible(evaluate(a)), a)
    expect_identical(expect_invisible(evaluate(tree)), tree)
    expect_identical(expect_invisible(evaluate(a, tree)), list(a, tree))
    mlx_wait(a, tree)
    expect_true(mlx_is_ready(a, tree))
    expect_array_equal(a, c(2, 4, 6))
    expect_array_equal(tree$q[[3L]], matrix(as.double(1:4), 2))
  }
  expect_identical(mlx_eval(list()), list())
})

test_that("mlx_is_ready() tells whether values are there", {
  x <- as_mlx(1:3)
  y <- x + 1
  expect_false(mlx_is_ready(y))
  expect_false(mlx_is_ready(x, list(y)))
  mlx_eval(y)
  expect_true(mlx_is_ready(y))
  expect_true(mlx_is_ready(list()))
})

test_that("work that was started can be waited for, read, and used", {
  x <- mlx_full(c(300, 300), 1 / 300)
  y <- x
  for (i in 1:20) y <- y %*% x
  mlx_async_eval(y)
  z <- y + 1
  mlx_wait(y)
  expect_true(mlx_is_ready(y))
  expect_array_equal(z[1, 1], matrix(1 + 1 / 300), tolerance = 1e-4)
  many <- lapply(1:50, function(i) as_mlx(i) * 2)
  do.call(mlx_async_eval, many)
  expect_equal(vapply(many, as.vector, 0), 2 * (1:50))
})

test_that("many arrays, the same array twice, and arrays without elements", {
  x <- as_mlx(1:3) * 3
  mlx_eval(x, x, list(x))
  expect_array_equal(x, c(3, 6, 9))
  mlx_eval(as_mlx(numeric()) + 1)
  many <- lapply(1:1000, function(i) x + i)
  mlx_eval(many)
  expect_true(mlx_is_ready(many))
  expect_array_equal(many[[1000L]], c(1003, 1006, 1009))
})

test_that("what holds no arrays is refused", {
  for (use in list(mlx_eval, mlx_async_eval, mlx_wait, mlx_is_ready)) {
    for (bad in list(1, "a", NULL, sum, globalenv(), data.frame(a = 1))) expect_error(use(bad), class = "mlx_error_argument")
  }
})

test_that("inside transforms", {
  x <- as_mlx(c(1, 2))
  expect_array_equal(mlx_grad(function(x) sum(mlx_eval(x * 2)), x)[[1L]], c(2, 2))
  expect_array_equal(mlx_grad(function(x) sum(mlx_eval(list(x * 2, x))[[1L]]), x)[[1L]], c(2, 2))
  expect_error(mlx_grad(function(x) sum(mlx_async_eval(x * 2)), x), class = "mlx_error_trace")
  for (use in list(mlx_eval, mlx_async_eval, mlx_wait)) {
    expect_error(mlx_compile(function(x) use(x * 2))(x), class = "mlx_error_trace")
    expect_error(mlx_vmap(function(x) use(x * 2))(x), class = "mlx_error_trace")
  }
  other <- x + 1
  expect_array_equal(mlx_compile(function(x) x * mlx_eval(other))(x), c(2, 6))
})

test_that("an array that failed can be followed by others", {
  singular <- mlx_compile(function(a) solve(a))(as_mlx(matrix(0, 2, 2)))
  expect_error(mlx_eval(singular), class = "mlx_error_backend")
  expect_array_equal(mlx_eval(as_mlx(1:2) + 1), c(2, 3))
})
