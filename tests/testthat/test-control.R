collatz <- function(x) mlx_cond(sum(x) %% 2 == 0, function(x) x / 2, function(x) 3 * x + 1, x)

test_that("mlx_cond() with a truth value runs one function only", {
  ran <- character()
  branch <- function(name, value) {
    function(x) {
      ran <<- c(ran, name)
      x * value
    }
  }
  expect_array_equal(mlx_cond(TRUE, branch("a", 2), branch("b", 3), as_mlx(1:2)), c(2, 4))
  expect_array_equal(mlx_cond(FALSE, branch("a", 2), branch("b", 3), as_mlx(1:2)), c(3, 6))
  expect_identical(ran, c("a", "b"))
  expect_array_equal(mlx_cond(TRUE, function() 1, function() "other"), 1)
})

test_that("mlx_cond() with an array chooses, whatever its dtype and axes", {
  for (dtype in all_dtypes()) {
    for (shape in list(1L, c(1L, 1L))) {
      for (value in 0:1) {
        pred <- make_mlx(array(value, shape), dtype)
        result <- mlx_cond(pred, function(x) x, function(x) -x, as_mlx(c(1, 2)))
        expect_array_equal(result, if (value == 1) c(1, 2) else c(-1, -2), info = dtype)
      }
    }
  }
})

test_that("mlx_cond() joins nested lists and leaves what is no array as it is", {
  both <- function(sign) function(p) list(w = list(p$w * sign, p$w), n = p$n + sign)
  p <- list(w = as_mlx(matrix(1:4, 2)), n = as_mlx(3))
  choose <- function(pred) mlx_cond(pred, both(1), both(-1), p)
  for (f in list(choose, mlx_compile(choose))) {
    result <- f(as_mlx(FALSE))
    expect_named(result, c("w", "n"))
    expect_array_equal(result$w[[1]], -matrix(1:4, 2) + 0)
    expect_array_equal(result$w[[2]], matrix(1:4, 2) + 0)
    expect_array_equal(result$n, 2)
  }
  label <- function(x) list(x, label = "kept", none = NULL)
  expect_identical(mlx_cond(as_mlx(TRUE), label, label, as_mlx(1))[-1], list(label = "kept", none = NULL))
})

test_that("mlx_cond() is traced once and chooses anew in each call", {
  calls <- 0L
  f <- mlx_compile(function(x) {
    calls <<- calls + 1L
    collatz(x)
  })
  expect_array_equal(f(as_mlx(c(3, 5))), c(1.5, 2.5))
  expect_array_equal(f(as_mlx(c(3, 4))), c(10, 13))
  expect_array_equal(f(as_mlx(c(1, 1))), c(0.5, 0.5))
  expect_identical(calls, 1L)
})

test_that("under mlx_vmap() each example has its own choice", {
  m <- matrix(c(1, 2, 3, 4, 5, 7), 3)
  expected <- t(apply(m, 1, function(x) if (sum(x) %% 2 == 0) x / 2 else 3 * x + 1))
  expect_array_equal(mlx_vmap(collatz)(as_mlx(m)), expected)
  expect_array_equal(mlx_compile(mlx_vmap(collatz))(as_mlx(m)), expected)
  # one of the values has no example axis, the other has
  one <- mlx_vmap(function(x) mlx_cond(x > 0, function(x) x, function(x) as_mlx(-1), x))
  expect_array_equal(one(as_mlx(c(-3, 2, 0))), c(-1, 2, -1))
  nested <- mlx_vmap(mlx_vmap(function(x) mlx_cond(x > 3, function(x) x * 10, function(x) x, x)))
  expect_array_equal(nested(as_mlx(m)), ifelse(m > 3, m * 10, m))
})

test_that("gradients of mlx_cond() are those of the chosen function", {
  f <- function(x) {
    if (is_mlx(x)) sum(mlx_cond(sum(x) > 2, function(x) x^3, exp, x)) else if (sum(x) > 2) sum(x^3) else sum(exp(x))
  }
  for (x in list(c(0.5, 1), c(1.5, 2))) {
    expect_grad_close(f, x, dtype = "float64", tolerance = 1e-8)
    expect_grad_close(mlx_compile(f), x, oracle = f, dtype = "float64", tolerance = 1e-8)
    tangent <- list(make_mlx(c(1, 0), "float64"))
    jvp <- function(g) mlx_jvp(g, list(make_mlx(x, "float64")), tangent)$jvps[[1]]
    expected <- finite_differences(f, list(x), 1)[[1]]
    expect_array_equal(jvp(f), expected, dtype = "float64", tolerance = 1e-8)
    compiled <- mlx_compile(function(x) mlx_jvp(f, list(x), tangent)$jvps[[1]])
    expect_array_equal(compiled(make_mlx(x, "float64")), expected, dtype = "float64", tolerance = 1e-8)
  }
  slope <- function(x) mlx_grad(function(x) mlx_cond(x > 0, function(x) x^3, function(x) x^2, x), x)[[1]]
  expect_array_equal(mlx_grad(slope, as_mlx(2))[[1]], 12)
})

test_that("what is not chosen adds no NaN to gradients where the value is known", {
  root <- function(x) mlx_cond(x > 0, function(x) sqrt(x), function(x) x * 0, x)
  expect_array_equal(mlx_grad(root, as_mlx(0))[[1]], 0)
  expect_array_equal(mlx_grad(root, as_mlx(4))[[1]], 0.25)
})

test_that("what the function that is not chosen assigns is undone", {
  layer <- mlx_linear(1, 1, bias = FALSE)
  params <- mlx_parameters(layer)
  set <- function(value) {
    function(x) {
      mlx_param_set_values(params, list(as_mlx(matrix(value))))
      x
    }
  }
  for (pred in c(TRUE, FALSE)) {
    mlx_cond(as_mlx(pred), set(1), set(2), as_mlx(0))
    expect_array_equal(mlx_param_values(params)[[1]], matrix(if (pred) 1 else 2))
  }
  f <- mlx_compile(function(x) mlx_cond(x > 0, set(3), set(4), x))
  expect_error(f(as_mlx(1)), class = "mlx_error_trace")
  expect_array_equal(mlx_param_values(params)[[1]], matrix(2))
})

newton <- function(a) {
  mlx_while_loop(function(x) abs(x^2 - a) > 1e-9, function(x) (x + a / x) / 2, a / a, max_iterations = 30)
}

test_that("mlx_while_loop() ends by its condition or after max_iterations", {
  count <- function(limit) {
    mlx_while_loop(function(s) s < 5, function(s) s + 1, 0, max_iterations = limit)
  }
  expect_array_equal(count(NULL), 5)
  expect_array_equal(count(3), 3)
  expect_array_equal(count(0), 0)
  expect_array_equal(mlx_compile(function(x) mlx_while_loop(function(s) s < 5, function(s) s + 1, x, 3))(as_mlx(1)), 4)
  expect_array_equal(mlx_while_loop(function(s) FALSE, function(s) stop("never"), 7), 7)
})

test_that("mlx_while_loop() carries nested lists", {
  one <- as_mlx(1L, dtype = "int32")
  gcd <- function(a, b) {
    mlx_while_loop(
      function(s) s$pair[[2]] > 0,
      function(s) list(pair = list(s$pair[[2]], s$pair[[1]] %% s$pair[[2]]), steps = s$steps + one, note = "gcd"),
      list(pair = list(a, b), steps = one - one, note = "gcd"),
      max_iterations = 12
    )[1:2]
  }
  a <- c(12, 35, 7, 9)
  b <- c(18, 21, 0, 6)
  loop <- function(x, y, n = 0) if (y > 0) loop(y, x %% y, n + 1) else c(x, n)
  expected <- mapply(loop, a, b)
  for (k in seq_along(a)) {
    for (f in list(gcd, mlx_compile(gcd))) {
      result <- f(as_mlx(a[k]), as_mlx(b[k]))
      expect_array_equal(result$pair[[1]], expected[1, k])
      expect_array_equal(result$steps, as.integer(expected[2, k]), dtype = "int32")
    }
  }
  many <- mlx_vmap(gcd)(as_mlx(a), as_mlx(b))
  expect_array_equal(many$pair[[1]], expected[1, ])
  expect_array_equal(many$steps, as.integer(expected[2, ]), dtype = "int32")
})

test_that("Newton's method gives roots and their gradients, also compiled and vectorised", {
  a <- c(2, 9, 0.25, 50)
  forms <- list(plain = newton, compiled = mlx_compile(newton))
  for (name in names(forms)) {
    for (value in a) {
      x <- make_mlx(value, "float64")
      expect_array_equal(forms[[name]](x), sqrt(value), dtype = "float64", tolerance = 1e-9, info = name)
      expect_grad_close(forms[[name]], value, oracle = sqrt, dtype = "float64", tolerance = 1e-6, info = name)
    }
  }
  xs <- make_mlx(a, "float64")
  expect_array_equal(mlx_vmap(newton)(xs), sqrt(a), dtype = "float64", tolerance = 1e-9)
  slopes <- mlx_vmap(function(x) mlx_grad(newton, x)[[1]])
  expect_array_equal(slopes(xs), 0.5 / sqrt(a), dtype = "float64", tolerance = 1e-6)
  expect_array_equal(mlx_compile(slopes)(xs), 0.5 / sqrt(a), dtype = "float64", tolerance = 1e-6)
  expect_grad_close(function(x) sum(mlx_vmap(newton)(x)), a, oracle = function(x) sum(sqrt(x)),
    dtype = "float64", tolerance = 1e-6
  )
  expect_array_equal(mlx_jvp(newton, list(xs[1]), list(xs[1] / xs[1]))$jvps[[1]], 0.5 / sqrt(2),
    dtype = "float64", tolerance = 1e-6, shape = 1L
  )
})

test_that("mlx_while_loop() is traced once, and runs its conditions anew in each call", {
  bodies <- 0L
  f <- mlx_compile(function(x) {
    mlx_while_loop(function(s) s < 10, function(s) {
      bodies <<- bodies + 1L
      s * 2
    }, x, max_iterations = 6)
  })
  expect_array_equal(f(as_mlx(3)), 12)
  expect_array_equal(f(as_mlx(1)), 16)
  expect_array_equal(f(as_mlx(20)), 20)
  expect_identical(bodies, 6L)
})

test_that("states that have ended add no NaN to gradients", {
  # 1 / n at n = 0 has an infinite derivative
  f <- function(x, n) {
    mlx_while_loop(function(s) s$n > 0, function(s) list(x = s$x + x / s$n, n = s$n - 1), list(x = x, n = n), 5)$x
  }
  plain <- mlx_grad(f, as_mlx(2), as_mlx(3), argnums = 1)[[1]]
  expect_array_equal(plain, 1 + 1 + 1 / 2 + 1 / 3)
  compiled <- mlx_compile(function(x, n) mlx_grad(f, x, n)[[1]])
  expect_array_equal(compiled(as_mlx(2), as_mlx(3)), as.vector(plain))
  mapped <- mlx_vmap(function(n) mlx_grad(f, as_mlx(2), n)[[1]])
  expect_array_equal(mapped(as_mlx(c(3, 1))), c(as.vector(plain), 2))
})

test_that("the condition may be an R value while the state is not known", {
  n <- 0
  f <- mlx_compile(function(x) {
    mlx_while_loop(function(s) (n <<- n + 1) <= 3, function(s) s * 2, x)
  })
  expect_array_equal(f(as_mlx(1:2)), c(8, 16))
})

test_that("mlx_fori_loop() counts as R does, but not backwards", {
  horner <- function(x) mlx_fori_loop(1, 4, function(i, s) s * x + i, x * 0)
  oracle <- function(x) x^3 + 2 * x^2 + 3 * x + 4
  expect_array_equal(horner(as_mlx(c(0.5, 2))), oracle(c(0.5, 2)))
  seen <- integer()
  mlx_fori_loop(-1, 2, function(i, s) {
    seen <<- c(seen, i)
    s
  }, 0)
  expect_identical(seen, -1:2)
  expect_array_equal(mlx_fori_loop(2, 1, function(i, s) stop("never"), 5), 5)
  expect_array_equal(mlx_fori_loop(as_mlx(2), as_mlx(3L, dtype = "int32"), function(i, s) s * i, as_mlx(1)), 6)
  expect_grad_close(function(x) sum(horner(x)), c(0.5, 2), oracle = function(x) sum(oracle(x)),
    dtype = "float64", tolerance = 1e-8
  )
  expect_array_equal(mlx_compile(horner)(as_mlx(2)), oracle(2))
  expect_array_equal(mlx_vmap(horner)(as_mlx(c(1, 2, 3))), oracle(1:3))
  expect_array_equal(mlx_compile(function(x, n) mlx_fori_loop(1, n, function(i, s) s + i, x))(as_mlx(0), 4), 10)
})

test_that("control flow nests", {
  # the sum over rows of the steps to 1 in the Collatz sequence, at most 10
  steps <- function(n) {
    mlx_while_loop(
      function(s) s$n > 1,
      function(s) {
        n <- mlx_cond(s$n %% 2 == 0, function(n) n / 2, function(n) 3 * n + 1, s$n)
        list(n = n, k = s$k + 1)
      },
      list(n = n, k = as_mlx(0)),
      max_iterations = 10
    )$k
  }
  total <- function(x) mlx_scan(function(sum, n) list(sum + steps(n), NULL), 0, x)$carry
  expected <- 0 + 1 + 7 + 2 + 5
  for (f in list(total, mlx_compile(total), function(x) sum(mlx_vmap(steps)(x)))) {
    expect_array_equal(f(as_mlx(1:5)), expected)
  }
})

test_that("mlx_depends() passes values, names, gradients and vectorisation on", {
  x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  first <- exp(as_mlx(c(1, 2)))
  result <- mlx_depends(list(x = x * 2, note = "kept"), first, list(first))
  expect_identical(result$note, "kept")
  expect_identical(dimnames(result$x), dimnames(x))
  expect_false(mlx_is_ready(first))
  expect_array_equal(result$x, matrix(1:4, 2) * 2)
  expect_true(mlx_is_ready(first))
  for (dtype in all_dtypes()) {
    expect_array_equal(mlx_depends(make_mlx(c(0, 1), dtype), first), as_stored(c(0, 1), dtype), dtype = dtype, info = dtype)
  }
  f <- function(x, y) if (is_mlx(x)) sum(mlx_depends(x, y^3)^2 * y) else sum(x^2 * y)
  for (g in list(f, mlx_compile(f), mlx_checkpoint(f))) {
    expect_grad_close(g, c(0.5, 2), c(1, 3), oracle = f, dtype = "float64", tolerance = 1e-8)
  }
  jvp <- mlx_jvp(f, list(as_mlx(c(1, 2)), as_mlx(c(3, 4))), list(as_mlx(c(1, 0)), as_mlx(c(0, 1))))$jvps[[1]]
  expect_array_equal(jvp, 2 * 3 + 4)
  m <- matrix(c(1, 2, 3, 4, 5, 6), 3)
  expect_array_equal(mlx_vmap(f)(as_mlx(m), as_mlx(m)), rowSums(m^3))
  expect_array_equal(mlx_vmap(f, in_axes = list(2, NULL))(as_mlx(t(m)), as_mlx(c(1, 2))), colSums(t(m)^2 * c(1, 2)))
  # the array that passes through has no example axis, those before it have
  whole <- mlx_vmap(function(y) mlx_depends(as_mlx(c(1, 2)), y))
  expect_array_equal(whole(as_mlx(1:3)), matrix(c(1, 2), 3, 2, byrow = TRUE))
  expect_array_equal(mlx_depends(x), matrix(1:4, 2) + 0)
  expect_identical(mlx_depends(list(), first), list())
})
