# What does one operation cost when there is next to nothing to compute? 4 x 4 matrices; base R's `m + m` is the yardstick.
source("benchmarks/helpers.R")

n <- 1000L
m <- matrix(as.double(1:16), 4)
x <- mlx_eval(as_mlx(m))
y <- mlx_eval(as_mlx(t(m)))

# A function that does `code` n times, with little else in the loop.
repeated <- function(code) {
  f <- eval(substitute(function() for (i in seq_len(n)) code, list(code = substitute(code))))
  compiler::cmpfun(f)
}

lazy <- list(
  "m + m" = repeated(m + m),
  "x + y" = repeated(x + y),
  "x + 1" = repeated(x + 1),
  "exp(x)" = repeated(exp(x)),
  "sum(x)" = repeated(sum(x)),
  "x %*% y" = repeated(x %*% y),
  "x[1:2, 2]" = repeated(x[1:2, 2]),
  "as_mlx(m)" = repeated(as_mlx(m))
)
loss <- function(w, x) sum((x %*% w)^2)
fused <- mlx_compile(function(x, y) exp(x) * y + 1)
computed <- list(
  "m + m" = repeated(m + m),
  "as.matrix(x)" = repeated(as.matrix(x)),
  "mlx_eval(x + y)" = repeated(mlx_eval(x + y)),
  "mlx_grad(), evaluated" = repeated(mlx_eval(mlx_grad(loss, x, y, argnums = 1)[[1]])),
  "compiled call, traced before, lazy" = repeated(fused(x, y)),
  "compiled call, traced before, evaluated" = repeated(mlx_eval(fused(x, y)))
)

per_call <- function(result) {
  times <- c("median", "lower", "upper")
  result[times] <- result[times] / n
  timing_table(result, "us")
}

report("overhead", "Cost of one operation on 4 x 4 matrices",
  "Operations that are only recorded (`as_mlx(m)` copies):", "", per_call(alternate(lazy)), "",
  "Operations that compute:", "", per_call(alternate(computed))
)
