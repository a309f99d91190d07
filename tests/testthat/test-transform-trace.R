# What a traced function must not do, and how it is told where it did it.

# A function whose lines R knows, as those of a script.
sourced <- function(...) {
  env <- new.env(parent = globalenv())
  eval(parse(text = c(...), keep.source = TRUE), env)
}

expect_told <- function(lines, line, code, args = list(as_mlx(c(1, 2))), message = "cannot be read|needs a value") {
  for (transform in list(mlx_compile, mlx_vmap)) {
    f <- transform(sourced(lines))
    for (i in 1:2) {
      error <- expect_error(capture.output(do.call(f, args)), class = "mlx_error_trace", regexp = message)
      expect_match(conditionMessage(error), sprintf("\nIt was in line %d: `%s`", line, code), fixed = TRUE)
    }
  }
}

test_that("an error says in which line of the function a value was read", {
  body <- function(line) c("function(x) {", "  y <- x * 2", line, "  y", "}")
  expect_told(body("  print(y)"), 3, "print(y)")
  expect_told(body("  as.matrix(y)"), 3, "as.matrix(y)")
  expect_told(body("  as.numeric(y)"), 3, "as.numeric(y)")
  expect_told(body("  z <- as.vector(y) + 1"), 3, "as.vector(y)")
  expect_told(body("  mlx_eval(y)"), 3, "mlx_eval(y)")
  expect_told(body("  cat(format(y))"), 3, "cat(format(y))")
})

test_that("an error says in which line an array decided", {
  expect_told(c("function(x) {", "  y <- x * 2", "  if (sum(y) > 0) y else x", "}"), 3, "if (sum(y) > 0) y else x")
  expect_told(c("function(x) {", "  while (sum(x) > 0) {", "    x <- x - 1", "  }", "  x", "}"), 2, "while (sum(x) > 0) {")
  expect_told(c("function(x) {", "  ok <- sum(x) > 0 && TRUE", "  x", "}"), 2, "sum(x) > 0 && TRUE")
  expect_told(c("function(x) {", "  ok <- FALSE || sum(x) > 0", "  x", "}"), 2, "FALSE || sum(x) > 0")
})

test_that("functions that the function calls are told with the call in it", {
  f <- mlx_compile(sourced("function(x) {", "  helper <- function(y) as.vector(y)", "  z <- helper(x * 2)", "  x", "}"))
  error <- expect_error(f(as_mlx(1)), class = "mlx_error_trace")
  expect_match(conditionMessage(error), "It was in line 3: `helper(x * 2)`", fixed = TRUE)
})

test_that("without sources the call is told alone", {
  f <- function(x) {
    as.vector(x)
    x
  }
  error <- expect_error(mlx_compile(utils::removeSource(f))(as_mlx(1)), class = "mlx_error_trace")
  expect_match(conditionMessage(error), "\nIt was in `as.vector(x)`.", fixed = TRUE)
})

test_that("arrays cannot be kept outside, R values can", {
  for (transform in list(mlx_compile, mlx_vmap)) {
    env <- new.env()
    env$kept <- "before"
    env$count <- 0L
    f <- eval(parse(text = "function(x) {\n  count <<- count + 1L\n  kept <<- x * 2\n  x\n}", keep.source = TRUE), env)
    error <- expect_error(transform(f)(as_mlx(c(1, 2))), class = "mlx_error_trace", regexp = "`kept <<-`")
    expect_match(conditionMessage(error), "line 3: `kept <<- x * 2`", fixed = TRUE)
    expect_identical(env$kept, "before")
    expect_identical(env$count, 1L)
    nested <- eval(quote(function(x) {
      kept <<- list(a = list(x))
      x
    }), env)
    expect_error(transform(nested)(as_mlx(c(1, 2))), class = "mlx_error_trace", regexp = "`kept <<-`")
    expect_identical(env$kept, "before")
  }
})

test_that("results that are no arrays are told with their place", {
  x <- as_mlx(1)
  expect_error(mlx_compile(function(x) list(x, list(x, 1)))(x), class = "mlx_error_trace", regexp = "position 2, 2")
  expect_error(mlx_compile(function(x) list(x, list()))(x), class = "mlx_error_trace", regexp = "position 2")
  for (value in list("a", NULL, sum, 1:3, TRUE)) {
    expect_error(mlx_compile(function(x) value)(x), class = "mlx_error_trace", regexp = "must return either")
    stateful <- mlx_compile(function(x) value, inputs = new.env())
    expect_error(stateful(x), class = "mlx_error_trace", regexp = "must return either")
  }
  expect_error(mlx_compile(function(x) list(x, 1), outputs = new.env())(x), class = "mlx_error_trace", regexp = "position 2")
})

test_that("a trace counts once for shapes, dtypes, ranks, numbers of arguments, forms and constants", {
  n <- 0L
  f <- mlx_compile(function(...) {
    n <<- n + 1L
    first <- list(...)[[1L]]
    if (is_mlx(first)) first * 2 else first[[1L]] * 2
  })
  x <- as_mlx(c(1, 2))
  signatures <- list(
    list(x), list(as_mlx(1:3)), list(as_mlx(matrix(1:2, 1))), list(as_mlx(2)), list(make_mlx(c(1, 2), "float16")),
    list(as_mlx(1:2, "int32")), list(x, x), list(list(x)), list(list(a = x)), list(list(x, x)), list(list(x, list(x))),
    list(x, 1), list(x, 2), list(x, 2L), list(x, TRUE), list(x, "a"), list(x, NULL), list(x, sum), list(x, quote(a + b)),
    list(x, list(1, "a")), list(x, NA), list(x, NaN), list(list(x, 3)), list(as_mlx(numeric()))
  )
  for (i in seq_along(signatures)) {
    do.call(f, signatures[[i]], quote = TRUE)
    expect_identical(n, i, info = toString(i))
  }
  for (pass in 1:2) for (args in rev(signatures)) do.call(f, args, quote = TRUE)
  expect_identical(n, length(signatures))
  f(c(1, 2))
  expect_identical(n, length(signatures))
})

test_that("constants that change have their values in the results", {
  f <- mlx_compile(function(x, power, how) how(x^power))
  for (power in c(1, 2, 3, 2, 1)) expect_array_equal(f(as_mlx(c(1, 2)), power, sum), 1 + 2^power)
  expect_array_equal(f(as_mlx(c(1, 2)), 2, mean), 2.5)
})

test_that("the number of results may change between traces", {
  f <- mlx_compile(function(x, n) lapply(seq_len(n), function(i) x * i))
  for (n in c(2, 3, 1, 2)) {
    result <- f(as_mlx(c(1, 2)), n)
    if (n == 1) expect_array_equal(result, c(1, 2)) else expect_length(result, n)
  }
  by_shape <- mlx_compile(function(x) lapply(seq_len(mlx_shape(x)), function(i) x[i]))
  for (n in c(2, 4, 2)) expect_length(by_shape(mlx_ones(n)), n)
})

test_that("many values of a constant make one warning, and older traces are dropped", {
  n <- 0L
  f <- mlx_compile(function(x, k) {
    n <<- n + 1L
    x * k
  })
  warnings <- 0L
  withCallingHandlers(
    for (k in 1:140) expect_equal(as.vector(f(as_mlx(1), k)), k),
    mlx_warning_compile = function(w) {
      warnings <<- warnings + 1L
      invokeRestart("muffleWarning")
    }
  )
  expect_identical(c(n, warnings), c(140L, 1L))
  expect_equal(as.vector(f(as_mlx(1), 140L)), 140)
  expect_identical(n, 140L)
  expect_equal(as.vector(f(as_mlx(1), 1L)), 1)
  expect_identical(n, 141L)
})
