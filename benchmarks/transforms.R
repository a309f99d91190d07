# What do transforms cost, and what do they save? Compiled functions beside plain ones, gradients beside the function, a
# vectorised gradient beside a loop in R, and the memory and time of a checkpoint. All on the CPU.
source("benchmarks/helpers.R")
mlx_default_device("cpu")
mlx_set_seed(1)
set.seed(1)

# A function that does `code` n times, with little else in the loop.
repeated <- function(n, code) {
  f <- eval(substitute(function() for (i in seq_len(n)) code, list(n = n, code = substitute(code))), parent.frame())
  compiler::cmpfun(f)
}

# Medians of one call, where each function makes n calls.
per_call <- function(candidates, n, rounds = 15L) {
  result <- alternate(candidates, rounds)
  times <- c("median", "lower", "upper")
  result[times] <- result[times] / n
  result
}

# Ten operations, element by element: with slow functions, and arithmetic alone.
slow <- function(x, y) tanh((exp(-x * x) * y + x) / (abs(y) + 1)) * 0.5
arithmetic <- function(x, y) ((((x * y + x) * 0.5 - y) * x + 1) * y - x) * 0.25
beside_compiled <- function(f, size) {
  x <- mlx_eval(mlx_rand_normal(size))
  y <- mlx_eval(mlx_rand_normal(size))
  compiled <- mlx_compile(f)
  list("plain" = function() finish(f(x, y)), "compiled" = function() finish(compiled(x, y)))
}

# A step of training of a network with two hidden layers, on a batch of 128.
mlp_step <- function(width, compiled) {
  network <- mlx_sequential(
    mlx_linear(20, width), mlx_tanh(), mlx_linear(width, width), mlx_tanh(), mlx_linear(width, 1)
  )
  optimizer <- mlx_optimizer_sgd(mlx_parameters(network), lr = 0.01)
  x <- mlx_eval(mlx_rand_normal(c(128, 20)))
  y <- mlx_eval(mlx_rand_normal(c(128, 1)))
  loss <- function(network, x, y) mlx_mse_loss(mlx_forward(network, x), y)
  step <- function(x, y) mlx_train_step(network, loss, optimizer, x, y)$loss
  if (compiled) step <- mlx_compile(step, inputs = network, outputs = network)
  function() for (i in 1:20) mlx_eval(list(step(x, y), mlx_param_values(mlx_parameters(network))))
}
training <- function(width) list("plain" = mlp_step(width, FALSE), "compiled" = mlp_step(width, TRUE))

# Small arrays: what is not arithmetic.
n <- 500L
a <- mlx_eval(as_mlx(matrix(as.double(1:16), 4)))
b <- mlx_eval(as_mlx(t(matrix(as.double(1:16), 4))))
trivial <- function(x) x + 1
trivial_compiled <- mlx_compile(trivial)
holder <- new.env()
holder$total <- mlx_eval(as_mlx(0))
with_state <- mlx_compile(function(x) holder$total <- holder$total + x, inputs = holder, outputs = holder)
one <- mlx_eval(as_mlx(1))
calls <- list(
  "x + 1" = repeated(n, trivial(a)),
  "compiled x + 1" = repeated(n, trivial_compiled(a)),
  "compiled, one array of state" = repeated(n, with_state(one)),
  "x + 1, evaluated" = repeated(n, mlx_eval(trivial(a))),
  "compiled x + 1, evaluated" = repeated(n, mlx_eval(trivial_compiled(a)))
)
# the sum in the state must not become one long chain
count_up <- calls[["compiled, one array of state"]]
calls[["compiled, one array of state"]] <- function() {
  count_up()
  mlx_eval(holder$total)
}

# The parts of a gradient, each with all that is above it.
loss <- function(w, x) sum((x %*% w)^2)
compiled_gradient <- mlx_compile(function(w, x) mlx_grad(loss, w, x, argnums = 1))
seeds_loss <- function(theta, x, y) {
  residuals <- x %*% theta - y
  sum(residuals * residuals) / length(y)
}
gradients <- list(
  "loss" = repeated(n, loss(a, b)),
  "gradient of x" = repeated(n, mlx_grad(function(x) x, one)),
  "gradient" = repeated(n, mlx_grad(loss, a, b, argnums = 1)),
  "loss, evaluated" = repeated(n, mlx_eval(loss(a, b))),
  "gradient, evaluated" = repeated(n, mlx_eval(mlx_grad(loss, a, b, argnums = 1)[[1]])),
  "loss and gradient, evaluated" = repeated(n, mlx_eval(mlx_value_grad(loss, a, b, argnums = 1))),
  "gradient of the residuals' loss, evaluated" = repeated(n, mlx_eval(mlx_grad(seeds_loss, a, b, a, argnums = 1)[[1]])),
  "compiled gradient, evaluated" = repeated(n, mlx_eval(compiled_gradient(a, b)))
)

# Gradients of single examples: a row of x and an element of y each.
examples <- 200L
x <- mlx_eval(mlx_rand_normal(c(examples, 10)))
y <- mlx_eval(mlx_rand_normal(examples))
w <- mlx_eval(mlx_rand_normal(10))
one_example <- mlx_grad_fn(function(w, x, y) (sum(w * x) - y)^2)
batch <- mlx_vmap(one_example, in_axes = list(NULL, 1, 1))
batch_compiled <- mlx_compile(batch)
rows <- lapply(seq_len(examples), function(i) mlx_eval(mlx_reshape(x[i, ], 10)))
elements <- lapply(seq_len(examples), function(i) mlx_eval(mlx_reshape(y[i], integer())))
per_example <- list(
  "loop in R" = function() finish(mlx_stack(Map(function(x, y) one_example(w, x, y), rows, elements))),
  "mlx_vmap" = function() finish(batch(w, x, y)),
  "mlx_vmap, compiled" = function() finish(batch_compiled(w, x, y))
)

# Ten blocks of eight operations each, on 4 MB.
large <- mlx_eval(mlx_rand_normal(1e6))
block <- function(x) {
  for (i in 1:4) x <- tanh(x * 1.1)
  x
}
deep <- function(block) {
  function(x) {
    for (i in 1:10) x <- block(x)
    sum(x)
  }
}
gradient_of <- function(f) function() finish(mlx_grad(f, large))
checkpoints <- list("plain" = gradient_of(deep(block)), "checkpointed" = gradient_of(deep(mlx_checkpoint(block))))
peak <- function(f) {
  gc(FALSE)
  mlx_clear_cache()
  before <- mlx_get_active_memory()
  mlx_reset_peak_memory()
  f()
  (mlx_get_peak_memory() - before) / 2^20
}
memory <- vapply(checkpoints, peak, 0)
checkpoint_table <- function(result) {
  table <- timing_table(result, "ms")
  peaks <- c("peak, MB", "--:", sprintf("%.0f", memory))
  paste0(table, " ", peaks, " |")
}

report("transforms", "Transforms",
  "The machine is shared: times vary by a factor of two between runs, ratios far less.", "",
  "## Compiled functions", "",
  "Ten operations of arithmetic, element by element, on 1e6 numbers:", "",
  timing_table(alternate(beside_compiled(arithmetic, 1e6)), "ms"), "",
  "On 1e7 numbers:", "", timing_table(alternate(beside_compiled(arithmetic, 1e7), 9L), "ms"), "",
  "Ten operations with `exp()` and `tanh()` among them, on 1e6 numbers:", "",
  timing_table(alternate(beside_compiled(slow, 1e6)), "ms"), "",
  "On 1e7 numbers:", "", timing_table(alternate(beside_compiled(slow, 1e7), 7L), "ms"), "",
  "20 training steps of a network 20-32-32-1 on a batch of 128, with `inputs` and `outputs`:", "",
  timing_table(alternate(training(32)), "ms"), "",
  "The same with 256 hidden units:", "", timing_table(alternate(training(256)), "ms"), "",
  "One call on a 4 x 4 matrix (aim: at most 15 us for the compiled one, not evaluated):", "",
  timing_table(per_call(calls, n), "us"), "",
  "## Gradients", "",
  "`sum((x %*% w)^2)` of 4 x 4 matrices (aim: at most 112 us, evaluated). Rows that are not evaluated are the part of",
  "R, Rust and MLX's trace; the rest is evaluation.", "",
  timing_table(per_call(gradients, n), "us"), "",
  "## Vectorised", "",
  sprintf("Gradients of %d examples of a linear model with 10 weights:", examples), "",
  timing_table(alternate(per_example), "ms"), "",
  "## Checkpoints", "",
  "Gradient of ten blocks of eight operations on 1e6 numbers:", "",
  checkpoint_table(alternate(checkpoints, 9L))
)
