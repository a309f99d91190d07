# One table of expressions that run as they are, compiled and differentiated. `f` works on R's own arrays and on mlx
# arrays; where base R has no such function, `oracle` is its counterpart. `smooth` is FALSE where there is no gradient.

expression_entry <- function(f, ..., oracle = f, smooth = TRUE) list(f = f, args = list(...), oracle = oracle, smooth = smooth)

expressions <- function() {
  x <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2)
  y <- matrix(c(1.5, -0.4, 0.8, 1.1, -2, 0.6), 2)
  p <- abs(x) + 0.25
  q <- matrix(c(0.3, 0.6, -0.2, 0.7, -0.5, 0.1), 2)
  w <- matrix(c(1, -0.5, 0.25, 2, 0.75, -1), 3)
  a <- matrix(c(3, 0.5, -1, 0.25, 2, 0.5, 1, -0.5, 4), 3)
  v <- c(0.5, -1, 2)
  cube <- array(seq(-1.1, 1.2, by = 0.1), c(2, 3, 4))
  c(
    list(
      `x + y` = expression_entry(function(x, y) x + y, x, y),
      `x - y` = expression_entry(function(x, y) x - y, x, y),
      `x * y` = expression_entry(function(x, y) x * y, x, y),
      `x / y` = expression_entry(function(x, y) x / y, x, y),
      `x ^ y` = expression_entry(function(x, y) x^y, p, y),
      `x %% y` = expression_entry(function(x, y) x %% y, x, y),
      `x %/% y` = expression_entry(function(x, y) x %/% y, x, y),
      `x * x` = expression_entry(function(x) x * x, x),
      `number on either side` = expression_entry(function(x) 2 * x - 3 + 1 / x + 2^x + x^3, x),
      `-x` = expression_entry(function(x) -x, x),
      comparisons = expression_entry(function(x, y) (x > y) + (x <= 0.5) + (x != y), x, y, smooth = FALSE),
      logic = expression_entry(function(x, y) (x > 0 & y > 0) | !(y < 1), x, y, smooth = FALSE),
      `t(x)` = expression_entry(function(x) t(x), x),
      `t(cube)` = expression_entry(function(x) t(x), cube, oracle = function(x) aperm(x)),
      `x %*% w` = expression_entry(function(x, w) x %*% w, x, w),
      crossprod = expression_entry(function(x, y) crossprod(x, y), x, y),
      `crossprod of one` = expression_entry(function(x) crossprod(x), x),
      tcrossprod = expression_entry(function(x, y) tcrossprod(x, y), x, y),
      `solve(a, b)` = expression_entry(function(a, b) solve(a, b), a, w),
      `solve(a)` = expression_entry(function(a) solve(a), a),
      outer = expression_entry(function(x, y) outer(x, y), v, c(1, 3)),
      sum = expression_entry(function(x) sum(x * x), x),
      mean = expression_entry(function(x) mean(x * x), x),
      prod = expression_entry(function(x) prod(x), p),
      min = expression_entry(function(x) min(x), x),
      max = expression_entry(function(x) max(x), x),
      colSums = expression_entry(function(x) colSums(x * x), x),
      rowSums = expression_entry(function(x) rowSums(x * x), x),
      colMeans = expression_entry(function(x) colMeans(x * x), x),
      rowMeans = expression_entry(function(x) rowMeans(x * x), x),
      `sum over axes` = expression_entry(function(x) sum(x * x, axes = c(1, 3)), cube,
        oracle = function(x) apply(x * x, 2, sum)
      ),
      `mean over an axis` = expression_entry(function(x) mlx_mean(x * x, axes = 2), cube,
        oracle = function(x) apply(x * x, c(1, 3), mean)
      ),
      `matrix and vector` = expression_entry(function(x, v) x * v, x, v, oracle = function(x, v) sweep(x, 2, v, "*")),
      maximum = expression_entry(function(x, y) mlx_maximum(x, y), x, y, oracle = pmax),
      minimum = expression_entry(function(x, y) mlx_minimum(x, y), x, y, oracle = pmin),
      relu = expression_entry(function(x) mlx_forward(mlx_relu(), x), x, oracle = function(x) pmax(x, 0)),
      mse = expression_entry(function(x, y) mlx_mse_loss(x, y), x, y, oracle = function(x, y) mean((x - y)^2)),
      `rows` = expression_entry(function(x) x[c(2, 1, 1), ], x),
      `reversed columns` = expression_entry(function(x) x[, 3:1], x),
      `without a column` = expression_entry(function(x) x[, -2], x),
      `by mask` = expression_entry(function(x) x[, c(TRUE, FALSE, TRUE)], x),
      `flat positions` = expression_entry(function(x) x[c(5, 2, 2)], x),
      `coordinates` = expression_entry(function(x) x[cbind(c(1, 2), c(3, 1))], x),
      `transposed slice` = expression_entry(function(x) t(x)[2:3, ] * x[1:2, 1:2], x),
      `fused chain` = expression_entry(function(x, y) sqrt(abs(x)) * exp(-y / 2) + sin(x * y), x, y),
      `log with base` = expression_entry(function(x) log(x, 2), p),
      `round with digits` = expression_entry(function(x) round(x, 1), p, smooth = FALSE),
      `regression loss` = expression_entry(function(w, x, y) mean((x %*% w - y)^2), w, x, matrix(c(1, 2, 3, 4), 2))
    ),
    lapply(c(
      sqrt = "sqrt", log = "log", log2 = "log2", log10 = "log10", log1p = "log1p"
    ), function(name) expression_entry(function(x) get(name)(x), p)),
    lapply(c(
      abs = "abs", exp = "exp", expm1 = "expm1", sin = "sin", cos = "cos", tan = "tan", atan = "atan", sinh = "sinh",
      cosh = "cosh", tanh = "tanh", asinh = "asinh", cumsum = "cumsum", cumprod = "cumprod"
    ), function(name) expression_entry(function(x) get(name)(x), x)),
    lapply(c(asin = "asin", acos = "acos", atanh = "atanh"), function(name) {
      expression_entry(function(x) get(name)(x), q)
    }),
    list(acosh = expression_entry(function(x) acosh(x), p + 1)),
    lapply(c(sign = "sign", floor = "floor", ceiling = "ceiling"), function(name) {
      expression_entry(function(x) get(name)(x), q)
    }),
    lapply(c(round = "round", cummax = "cummax", cummin = "cummin"), function(name) {
      expression_entry(function(x) get(name)(x), x, smooth = FALSE)
    })
  )
}

# Other values of the same kind for a second call.
nudged <- function(args) lapply(args, function(x) x * 1.0625)

# A loss that weighs each element of a value differently.
weighted_sum <- function(f, n) {
  weights <- seq(1, 2, length.out = max(n, 2L))
  function(...) {
    value <- f(...)
    if (n == 1L) value * weights[[2L]] else sum(value * array(weights, natural_shape_of(value)))
  }
}

natural_shape_of <- function(x) if (is_mlx(x)) mlx_shape(x) else natural_shape(x)

# Runs `check(name, entry)` for each entry of a table; an error counts as a failure of that entry only.
for_each_entry <- function(table, check) {
  for (name in names(table)) {
    tryCatch(check(name, table[[name]]), error = function(e) {
      if (inherits(e, "expectation")) testthat::exp_signal(e)
      testthat::fail(sprintf("%s: %s", name, conditionMessage(e)))
    })
  }
}

# The gradient of each element's weighted sum, beside finite differences.
expect_entry_grad <- function(name, entry, f = entry$f, ...) {
  n <- length(do.call(entry$oracle, entry$args))
  do.call(expect_grad_close, c(
    list(weighted_sum(f, n)), unname(entry$args), list(oracle = weighted_sum(entry$oracle, n), info = name, ...)
  ))
}
