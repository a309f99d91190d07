# Rules that differ from the true derivatives show which one was used.
marked <- function() {
  mlx_custom_function(
    function(x) x^2,
    vjp = function(primals, cotangents, outputs) list(cotangents[[1L]] * primals[[1L]] * 100),
    jvp = function(primals, tangents) tangents[[1L]] * 10,
    vmap = function(inputs, axes) list(inputs[[1L]] * 7, axes[[1L]])
  )
}
x <- c(1, 2, 3)
m <- matrix(as.double(1:6), 2)

test_that("outside transforms and in compiled functions a custom function is the plain one", {
  f <- marked()
  expect_array_equal(f(as_mlx(x)), x^2)
  expect_array_equal(f(x), x^2)
  compiled <- mlx_compile(f)
  for (i in 1:2) expect_array_equal(compiled(as_mlx(x)), x^2)
})

test_that("each rule is used by its transform", {
  f <- marked()
  result <- mlx_value_grad(function(x) sum(f(x)), as_mlx(x))
  expect_array_equal(result$value, sum(x^2))
  expect_array_equal(result$grads[[1L]], 100 * x)
  expect_array_equal(mlx_vjp(f, as_mlx(x), as_mlx(c(1, 0, 2)))$vjps[[1L]], 100 * x * c(1, 0, 2))
  result <- mlx_jvp(f, as_mlx(x), as_mlx(c(1, 0, 2)))
  expect_array_equal(result$outputs[[1L]], x^2)
  expect_array_equal(result$jvps[[1L]], 10 * c(1, 0, 2))
  for (axis in 1:2) expect_array_equal(mlx_vmap(f, axis, axis)(as_mlx(m)), 7 * m)
})

test_that("rules that are not given follow from the function", {
  f <- mlx_custom_function(function(x, y) x^2 * y)
  y <- c(2, -1, 0.5)
  grads <- mlx_grad(function(x, y) sum(f(x, y)), as_mlx(x), as_mlx(y))
  expect_array_equal(grads[[1L]], 2 * x * y)
  expect_array_equal(grads[[2L]], x^2)
  expect_array_equal(mlx_jvp(f, list(as_mlx(x), as_mlx(y)), list(as_mlx(y), as_mlx(x)))$jvps[[1L]], 2 * x * y * y + x^3)
  expect_array_equal(mlx_vmap(f, c(1, NA))(as_mlx(m), as_mlx(y)), sweep(m^2, 2, y, "*"))
  f <- mlx_custom_vjp(function(x) x^2, function(primals, cotangents, outputs) NULL)
  expect_array_equal(mlx_jvp(f, as_mlx(x), as_mlx(x))$jvps[[1L]], 2 * x^2)
  expect_array_equal(mlx_vmap(f)(as_mlx(m)), m^2)
  expect_array_equal(mlx_grad(function(x) sum(f(x)), as_mlx(x))[[1L]], c(0, 0, 0))
})

test_that("rules are used inside other transforms", {
  f <- mlx_custom_vjp(function(x) x^3, function(primals, cotangents, outputs) list(cotangents[[1L]] * primals[[1L]]^2 * 100))
  loss <- function(x) sum(f(x))
  gradient <- function(x) mlx_grad(loss, x)[[1L]]
  first <- 100 * x^2
  second <- 200 * x
  expect_array_equal(gradient(as_mlx(x)), first)
  compiled <- mlx_compile(gradient)
  for (i in 1:2) expect_array_equal(compiled(as_mlx(x)), first)
  expect_array_equal(mlx_vmap(gradient)(as_mlx(m)), 100 * m^2)
  expect_array_equal(mlx_grad(function(x) sum(gradient(x)), as_mlx(x))[[1L]], second)
  expect_array_equal(mlx_jvp(gradient, as_mlx(x), as_mlx(x))$jvps[[1L]], second * x)
  expect_array_equal(mlx_hessian(loss, as_mlx(x)), diag(second))
  expect_array_equal(mlx_jacobian(f, as_mlx(x)), diag(first))
  checkpointed <- mlx_checkpoint(function(x) f(x) * 2)
  expect_array_equal(mlx_grad(function(x) sum(checkpointed(x)), as_mlx(x))[[1L]], 2 * first)
  compiled <- mlx_compile(f)
  expect_array_equal(mlx_grad(function(x) sum(compiled(x)), as_mlx(x))[[1L]], first)
  expect_array_equal(mlx_grad(function(x) sum(mlx_vmap(f)(x)), as_mlx(m))[[1L]], 3 * m^2)
})

test_that("rules get arguments, cotangents and outputs in their form", {
  seen <- NULL
  f <- mlx_custom_vjp(
    function(p, how, times) list(u = p$a * p$b * times, v = list(p$a, how)),
    function(primals, cotangents, outputs) {
      seen <<- list(names(primals[[1L]]), primals[-1L], names(cotangents), cotangents$v[[2L]], names(outputs))
      list(list(a = cotangents$u * primals[[1L]]$b + cotangents$v[[1L]], b = NULL))
    }
  )
  loss <- function(a, b) {
    out <- f(list(a = a, b = b), "text", 3)
    sum(out$u) + sum(out$v[[1L]]) * 5
  }
  grads <- mlx_grad(loss, as_mlx(x), as_mlx(2 * x))
  expect_identical(seen, list(c("a", "b"), list("text", 3), c("u", "v"), "text", c("u", "v")))
  expect_array_equal(grads[[1L]], 2 * x + 5)
  expect_array_equal(grads[[2L]], c(0, 0, 0))
})

test_that("a vjp rule that uses the outputs, and one that clips", {
  f <- mlx_custom_vjp(function(x) exp(x), function(primals, cotangents, outputs) list(cotangents[[1L]] * outputs[[1L]]))
  expect_array_equal(mlx_grad(function(x) sum(f(x)), as_mlx(x))[[1L]], exp(x), tolerance = 1e-6)
  clip <- mlx_custom_vjp(identity, function(primals, cotangents, outputs) lapply(cotangents, mlx_minimum, 1))
  expect_array_equal(mlx_grad(function(x) sum(clip(x)^2), as_mlx(c(0.1, 5)))[[1L]], c(0.2, 1), tolerance = 1e-6)
})

test_that("arrays that the function captures have a gradient where no rule is given", {
  y <- as_mlx(5)
  inside <- function(wrap) {
    mlx_grad(function(x, y) sum(wrap(function(x) x * y)(x)), as_mlx(x), y)
  }
  expect_array_equal(inside(mlx_custom_function)[[2L]], sum(x))
  expect_array_equal(inside(mlx_custom_function)[[1L]], c(5, 5, 5))
  ruled <- inside(function(f) mlx_custom_vjp(f, function(primals, cotangents, outputs) list(cotangents[[1L]] * 2)))
  expect_array_equal(ruled[[1L]], c(2, 2, 2))
  expect_array_equal(ruled[[2L]], 0)
  batched <- mlx_vmap(function(y) mlx_custom_vjp(function(x) x * y, function(p, c, o) list(c[[1L]] * y))(as_mlx(x)))
  expect_array_equal(batched(as_mlx(c(1, 10))), rbind(x, 10 * x))
})

test_that("functions that reshape, transpose and broadcast can be vectorised, again and again", {
  f <- function(x, y) list(x * y, mlx_reshape(t(x %*% t(x)), c(1, 4)) + y, y)
  x <- as_mlx(matrix(c(1, -2, 3, 4), 2))
  y <- as_mlx(c(3, -1))
  plain <- mlx_vmap(f, c(NA, 1))(x, y)
  for (wrapped in list(mlx_custom_function(f), mlx_checkpoint(f), mlx_checkpoint(mlx_checkpoint(f)))) {
    for (i in 1:2) {
      result <- mlx_vmap(wrapped, c(NA, 1))(x, y)
      for (k in 1:3) expect_array_equal(result[[k]], as.array(plain[[k]]))
    }
    twice <- mlx_vmap(function(y) mlx_vmap(wrapped, c(NA, 1))(x, y))(as_mlx(matrix(1:4, 2)))
    loop <- mlx_vmap(function(y) mlx_vmap(f, c(NA, 1))(x, y))(as_mlx(matrix(1:4, 2)))
    for (k in 1:3) expect_array_equal(twice[[k]], as.array(loop[[k]]))
  }
})

test_that("a vmap rule gets axes and may move them", {
  seen <- list()
  f <- mlx_custom_function(function(x, y) x + y, vmap = function(inputs, axes) {
    seen <<- axes
    list(list(t(inputs[[1L]]) * 2), list(2))
  })
  expect_array_equal(mlx_vmap(f, list(1, NULL))(as_mlx(m), as_mlx(c(0, 0, 0))), 2 * m)
  expect_identical(seen, list(1L, NULL))
})

test_that("rules that return something else are errors that say so", {
  with_vjp <- function(rule) mlx_grad(function(x) sum(mlx_custom_vjp(function(x) x * 2, rule)(x)), as_mlx(x))
  expect_error(with_vjp(function(p, c, o) stop("on purpose")), regexp = "^on purpose$")
  expect_error(with_vjp(function(p, c, o) 3), class = "mlx_error_grad", regexp = "vjp rule returned numeric")
  expect_error(with_vjp(function(p, c, o) list(sum)), class = "mlx_error_grad", regexp = "vjp rule returned function")
  expect_error(with_vjp(function(p, c, o) list()), class = "mlx_error_grad", regexp = "0 entries")
  expect_error(with_vjp(function(p, c, o) c(c, c)), class = "mlx_error_grad", regexp = "2 entries")
  expect_error(with_vjp(function(p, c, o) list(c)), class = "mlx_error_grad", regexp = "vjp rule returned list")
  expect_error(with_vjp(function(p, c, o) list(sum(c[[1L]]))), class = "mlx_error_shape", regexp = "a scalar where length 3")
  expect_array_equal(with_vjp(function(p, c, o) NULL)[[1L]], c(0, 0, 0))
  expect_array_equal(with_vjp(function(p, c, o) list(as_mlx(1:3, "int32")))[[1L]], x)
  with_jvp <- function(rule) mlx_jvp(mlx_custom_function(function(x) x * 2, jvp = rule), as_mlx(x), as_mlx(x))$jvps[[1L]]
  expect_error(with_jvp(function(p, t) stop("on purpose")), regexp = "^on purpose$")
  expect_error(with_jvp(function(p, t) "a"), class = "mlx_error_grad", regexp = "jvp rule returned character")
  expect_error(with_jvp(function(p, t) sum(t[[1L]])), class = "mlx_error_shape", regexp = "jvp rule")
  expect_array_equal(with_jvp(function(p, t) NULL), c(0, 0, 0))
  with_vmap <- function(rule) mlx_vmap(mlx_custom_function(function(x) x * 2, vmap = rule))(as_mlx(m))
  expect_error(with_vmap(function(i, a) stop("on purpose")), regexp = "^on purpose$")
  expect_error(with_vmap(function(i, a) i[[1L]]), class = "mlx_error_vmap", regexp = "list\\(outputs, out_axes\\)")
  expect_error(with_vmap(function(i, a) list(NULL, 1)), class = "mlx_error_vmap", regexp = "an mlx array for each output")
  expect_error(with_vmap(function(i, a) list(i, 2)), class = "mlx_error_vmap", regexp = "outputs' shapes")
  expect_error(with_vmap(function(i, a) list(i, 9)), class = "mlx_error_vmap", regexp = "axis=9")
  expect_error(with_vmap(function(i, a) list(i, NULL)), class = "mlx_error_vmap", regexp = "must name an axis")
  expect_error(with_vmap(function(i, a) list(as_mlx(1), 1)), class = "mlx_error_vmap", regexp = "out of bounds")
  expect_array_equal(with_vmap(function(i, a) list(i, a)), m)
  expect_array_equal(mlx_grad(function(x) sum(marked()(x)), as_mlx(x))[[1L]], 100 * x)
})

test_that("arguments are checked", {
  for (bad in list(1, "sum", NA, list())) {
    expect_error(mlx_custom_function(bad), class = "mlx_error_argument", regexp = "`f` must be a function")
    expect_error(mlx_custom_vjp(sum, bad), class = "mlx_error_argument", regexp = "`vjp` must be a function")
    expect_error(mlx_custom_function(sum, jvp = bad), class = "mlx_error_argument", regexp = "`jvp` must be a function")
    expect_error(mlx_custom_function(sum, vmap = bad), class = "mlx_error_argument", regexp = "`vmap` must be a function")
    expect_error(mlx_checkpoint(bad), class = "mlx_error_argument", regexp = "`f` must be a function")
  }
  for (value in list(1, NULL, list())) {
    expect_error(mlx_custom_function(function(x) value)(as_mlx(x)), class = "mlx_error_grad", regexp = "must return")
    expect_error(mlx_checkpoint(function(x) value)(as_mlx(x)), class = "mlx_error_grad", regexp = "must return")
  }
  expect_error(mlx_custom_function(function(x) stop("on purpose"))(as_mlx(x)), regexp = "^on purpose$")
})
