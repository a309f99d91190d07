# Operations on 1e7 numbers, a compiled chain of them, and products in each precision: Rmlx beside base R (in double
# precision), Python's MLX and JAX.
source("benchmarks/helpers.R")
source("benchmarks/peers/peers.R")
mlx_default_device("cpu")
set.seed(1)
rounds <- as.integer(Sys.getenv("RMLX_BENCH_ROUNDS", "11"))

chain <- function(x) exp(-x * x) * sin(x) + x / (1 + abs(x))
compiled_chain <- mlx_compile(chain)
sigmoid <- mlx_sigmoid()

# Rmlx on x and y, base R on their copies a and b.
one_by_one <- function(x, y, a, b) {
  list(
    "add" = list(function() x + y, function() a + b),
    "exp" = list(function() exp(x), function() exp(a)),
    "sin" = list(function() sin(x), function() sin(a)),
    "tanh" = list(function() tanh(x), function() tanh(a)),
    "sigmoid" = list(function() mlx_forward(sigmoid, x), function() 1 / (1 + exp(-a))),
    "sum" = list(function() sum(x), function() sum(a)),
    "where" = list(function() mlx_where(x > y, x, y), function() ifelse(a > b, a, b)),
    "chain" = list(function() chain(x), function() chain(a)),
    "compiled chain" = list(function() compiled_chain(x), function() chain(a))
  )
}

softmax <- function(m, a) {
  base_softmax <- function() {
    e <- exp(a - a[cbind(seq_len(nrow(a)), max.col(a, "first"))])
    e / rowSums(e)
  }
  list("softmax" = list(function() mlx_softmax(m, 2), base_softmax))
}

products <- function(a, b, dtypes) {
  one <- function(dtype) {
    x <- mlx_eval(mlx_cast(as_mlx(a), dtype))
    y <- mlx_eval(mlx_cast(as_mlx(b), dtype))
    list(function() x %*% y, function() a %*% b)
  }
  sapply(paste("product,", dtypes), function(task) one(sub(".* ", "", task)), simplify = FALSE)
}

# The tasks with their data in all systems. Results in half precision differ by its spacing.
measure <- function(data, tasks, times = 1L) {
  with_peers(data, function(peers) {
    results <- lapply(names(tasks), function(task) {
      tolerance <- if (grepl("bfloat16", task)) 2e-2 else if (grepl("float16", task)) 3e-3 else 1e-4
      candidates <- setNames(tasks[[task]], c("Rmlx", "base R"))
      beside_peers(peers, task, candidates, rounds, times, tolerance)
    })
    do.call(rbind, results)
  })
}

matrices <- function(n) list(a = matrix(rnorm(n^2), n), b = matrix(rnorm(n^2), n))
a <- rnorm(1e7, mean = 0.5)
b <- rnorm(1e7)
m <- matrix(a, 1000)
large <- matrices(1000)
small <- matrices(512)
results <- rbind(
  measure(list(x = a, y = b), one_by_one(mlx_eval(as_mlx(a)), mlx_eval(as_mlx(b)), a, b)),
  measure(list(m = m), softmax(mlx_eval(as_mlx(m)), m)),
  measure(large, products(large$a, large$b, "float32")),
  measure(small, products(small$a, small$b, c("float16", "bfloat16")), times = 5L)
)

ratio_chart("elementwise", results, "Operations on 1e7 float32 numbers, and products of matrices")
report("elementwise", "Operations on 1e7 numbers, and products",
  peer_lines(), "",
  "Medians in milliseconds; in parentheses the median over rounds of the time divided by Rmlx's in the same round, so that",
  "more than 1 is slower than Rmlx. All in float32 but base R, which computes in double precision; products in half",
  "precision are of 512 x 512 matrices, the other one of 1000 x 1000; `softmax` is over the rows of a 1000 x 10000 matrix;",
  "`where` is `where(x > y, x, y)`; the chain is `exp(-x * x) * sin(x) + x / (1 + abs(x))`. JAX's functions are under",
  "`jax.jit`, but for the plain chain.", "",
  peer_table(results, "ms"), "",
  "![](elementwise.png)", "",
  spread_table(results, "ms")
)
