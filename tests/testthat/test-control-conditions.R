one <- function() as_mlx(1)
id <- function(x) x

test_that("mlx_cond() says what does not fit", {
  x <- as_mlx(matrix(0, 2, 3))
  endless <- function(x) mlx_cond(as_mlx(FALSE), endless, id, x)
  cond <- function(a, b) mlx_cond(as_mlx(TRUE), function() a, function() b)
  expect_snapshot({
    show_condition(mlx_cond(TRUE, 1, id))
    show_condition(mlx_cond(TRUE, id, "f"))
    show_condition(mlx_cond(NA, id, id, x))
    show_condition(mlx_cond(c(TRUE, FALSE), id, id, x))
    show_condition(mlx_cond("yes", id, id, x))
    show_condition(mlx_cond(NULL, id, id, x))
    show_condition(mlx_cond(as_mlx(NaN), id, id, x))
    show_condition(mlx_cond(as_mlx(c(TRUE, FALSE)), id, id, x))
    show_condition(mlx_cond(as_mlx(numeric()), id, id, x))
    show_condition(cond(x, as_mlx(1:3)))
    show_condition(cond(list(w = list(x, x)), list(w = list(x, as_mlx(1:3)))))
    show_condition(cond(list(x, a = x), list(x, a = mlx_cast(x, "int32"))))
    show_condition(cond(x, NULL))
    show_condition(cond(x, list(x)))
    show_condition(cond(list(a = x), list(b = x)))
    show_condition(cond(list(x, x), list(x)))
    show_condition(cond(list(a = 1), list(a = 2)))
    show_condition(cond(list(a = x), list(a = 0)))
    show_condition(cond("a", id))
    show_condition(endless(x))
  })
})

test_that("mlx_while_loop() says what does not fit", {
  less <- function(s) s < 3
  inc <- function(s) s + 1
  state <- list(i = one(), x = as_mlx(1:3))
  expect_snapshot({
    show_condition(mlx_while_loop(TRUE, inc, 0))
    show_condition(mlx_while_loop(less, 5, 0))
    show_condition(mlx_while_loop(less, inc, 0, max_iterations = -1))
    show_condition(mlx_while_loop(less, inc, 0, max_iterations = 2.5))
    show_condition(mlx_while_loop(less, inc, 0, max_iterations = "many"))
    show_condition(mlx_while_loop(less, inc, 0, max_iterations = NA))
    show_condition(mlx_while_loop(less, inc, as_mlx(1:2)))
    show_condition(mlx_while_loop(function(s) NULL, inc, 0))
    show_condition(mlx_while_loop(function(s) NA, inc, 0))
    show_condition(mlx_while_loop(function(s) 1, inc, 0))
    show_condition(mlx_while_loop(less, function(s) NULL, 0))
    show_condition(mlx_while_loop(less, function(s) c(s, s), 0))
    show_condition(mlx_while_loop(less, function(s) s > 0, 0))
    show_condition(mlx_while_loop(function(s) s$i < 3, function(s) list(i = s$i + 1, x = s$x[1:2]), state))
    show_condition(mlx_while_loop(function(s) s$i < 3, function(s) s["i"], state))
    show_condition(mlx_while_loop(function(s) s$n < 3, function(s) list(n = s$n + 1), list(n = 1)))
    show_condition(mlx_compile(function(x) mlx_while_loop(less, inc, x))(one()))
    show_condition(mlx_vmap(function(x) mlx_while_loop(less, inc, x))(as_mlx(1:3)))
  })
})

test_that("mlx_fori_loop() says what does not fit", {
  body <- function(i, s) s + i
  expect_snapshot({
    show_condition(mlx_fori_loop(1, 3, 5, 0))
    show_condition(mlx_fori_loop(1.5, 3, body, 0))
    show_condition(mlx_fori_loop(1, NA, body, 0))
    show_condition(mlx_fori_loop(1, Inf, body, 0))
    show_condition(mlx_fori_loop(1, 1:2, body, 0))
    show_condition(mlx_fori_loop(NULL, 2, body, 0))
    show_condition(mlx_fori_loop(1, as_mlx(1:2), body, 0))
    show_condition(mlx_fori_loop(1, as_mlx(NaN), body, 0))
    show_condition(mlx_fori_loop(1, 2, function(i, s) s[c(1, 1)], as_mlx(array(1, 1))))
    show_condition(mlx_compile(function(n) mlx_fori_loop(1, n, body, 0))(as_mlx(3)))
  })
})

test_that("mlx_scan() and mlx_map() say what does not fit", {
  x <- as_mlx(1:3)
  add <- function(c, x) list(c + x, c)
  grow <- 0
  growing <- function(c, x) list(c, as_mlx(seq_len(grow <<- grow + 1)))
  expect_snapshot({
    show_condition(mlx_scan(NULL, 0, x))
    show_condition(mlx_scan(add, 0, NULL))
    show_condition(mlx_scan(add, 0, list()))
    show_condition(mlx_scan(add, 0, NULL, length = -2))
    show_condition(mlx_scan(add, 0, x, length = 4))
    show_condition(mlx_scan(add, 0, as_mlx(3)))
    show_condition(mlx_scan(add, 0, x, reverse = NA))
    show_condition(mlx_scan(add, 0, list(x, as_mlx(1:2))))
    show_condition(mlx_scan(function(c, x) NULL, 0, x))
    show_condition(mlx_scan(function(c, x) c + x, 0, x))
    show_condition(mlx_scan(function(c, x) list(c), 0, x))
    show_condition(mlx_scan(function(c, x) list(list(c), x), 0, x))
    show_condition(mlx_scan(function(c, x) list(NULL, x), 0, x))
    show_condition(mlx_scan(growing, 0, x))
    show_condition(mlx_map("f", x))
    show_condition(mlx_map(id, NULL))
    show_condition(mlx_map(function(x) NULL, x))
    show_condition(mlx_map(function(x) "text", x))
    show_condition(mlx_depends(1, x))
    show_condition(mlx_depends(x, "a"))
  })
})

test_that("errors inside the functions arrive as they were raised, and everything is usable afterwards", {
  bad <- function(...) rlang::abort("mine", class = "own_error")
  calls <- list(
    function(x) mlx_cond(as_mlx(TRUE), id, bad, x),
    function(x) mlx_while_loop(bad, id, x, 3),
    function(x) mlx_while_loop(function(s) TRUE, bad, x, 3),
    function(x) mlx_fori_loop(1, 2, bad, x),
    function(x) mlx_scan(bad, x, as_mlx(1:3)),
    function(x) mlx_map(bad, as_mlx(1:3), x)
  )
  for (call in calls) {
    expect_error(call(as_mlx(1)), class = "own_error")
    expect_error(mlx_compile(call)(as_mlx(1)), class = "own_error")
    expect_error(mlx_grad(call, as_mlx(1)), class = "own_error")
    expect_error(mlx_vmap(call)(as_mlx(1:2)), class = "own_error")
  }
  good <- function(x) mlx_cond(x > 0, function(x) x * 2, id, x)
  expect_array_equal(mlx_compile(good)(as_mlx(2)), 4)
  expect_array_equal(mlx_vmap(good)(as_mlx(c(-1, 2))), c(-1, 4))
  expect_array_equal(mlx_grad(good, as_mlx(2))[[1]], 2)
})

test_that("a body that assigns parameters where its end is not known is refused", {
  params <- mlx_parameters(mlx_linear(1, 1, bias = FALSE))
  before <- as.vector(mlx_param_values(params)[[1]])
  body <- function(x) {
    mlx_param_set_values(params, list(mlx_param_values(params)[[1]] + 1))
    x + 1
  }
  f <- function(x) mlx_while_loop(function(x) x < 3, body, x, 5)
  expect_error(mlx_compile(f)(as_mlx(1)), "assigns parameters", class = "mlx_error_trace")
  expect_identical(as.vector(mlx_param_values(params)[[1]]), before)
  f(as_mlx(1))
  expect_array_equal(mlx_param_values(params)[[1]], matrix(before + 2))
})
