# Compiled functions that read and change state, beside the same functions run as they are.

# Losses of five steps, and the values that the module has then.
five_steps <- function(make_step, build = function() mlx_sequential(mlx_linear(3, 4), mlx_relu(), mlx_linear(4, 1))) {
  set.seed(3)
  mlx_set_seed(3)
  model <- build()
  opt <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
  x <- as_mlx(matrix(stats::rnorm(60), 20))
  y <- as_mlx(matrix(stats::rnorm(20)))
  loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
  runs <- 0L
  step <- make_step(function(x, y) {
    runs <<- runs + 1L
    mlx_train_step(model, loss, opt, x, y)$loss
  }, model, opt)
  losses <- vapply(1:5, function(i) as.vector(step(x, y)), 0)
  state <- c(mlx_parameters(model), Rmlx:::module_buffers(model))
  list(losses = losses, state = lapply(mlx_param_values(state), as.array), runs = runs)
}

plain <- function(step, model, opt) step
compiled <- function(step, model, opt) mlx_compile(step, inputs = model, outputs = model)

test_that("a compiled training step is the plain one, traced once", {
  expected <- five_steps(plain)
  expect_identical(expected$runs, 5L)
  for (make in list(
    compiled,
    function(step, model, opt) mlx_compile(step, inputs = list(model, opt), outputs = list(model, opt)),
    function(step, model, opt) mlx_compile(step, inputs = opt, outputs = opt),
    function(step, model, opt) mlx_compile(step, inputs = mlx_parameters(model), outputs = mlx_parameters(model))
  )) {
    found <- five_steps(make)
    expect_identical(found$runs, 1L)
    expect_equal(found$losses, expected$losses, tolerance = 1e-5)
    expect_equal(found$state, expected$state, tolerance = 1e-5)
  }
  disabled <- mlx_with_compile_disabled(five_steps(compiled))
  expect_identical(disabled$runs, 5L)
  expect_equal(disabled$losses, expected$losses, tolerance = 1e-5)
})

test_that("batch norm's running statistics are those of the plain loop", {
  build <- function() mlx_sequential(mlx_linear(3, 4), mlx_batch_norm(4), mlx_linear(4, 1))
  expected <- five_steps(plain, build)
  found <- five_steps(compiled, build)
  # the statistics are vectors at first and rows of a matrix after a batch
  expect_identical(found$runs, 2L)
  expect_equal(found$losses, expected$losses, tolerance = 1e-5)
  expect_equal(found$state, expected$state, tolerance = 1e-5)
  # without `outputs` the statistics stay
  norm <- mlx_batch_norm(2)
  f <- mlx_compile(function(x) mlx_forward(norm, x), inputs = norm)
  for (i in 1:2) f(as_mlx(matrix(1:4, 2)))
  expect_array_equal(mlx_param_values(Rmlx:::module_buffers(norm))[[1L]], c(0, 0))
})

test_that("inputs alone follow changes of what they name; without them values are those of the trace", {
  model <- mlx_linear(2, 1, bias = FALSE)
  set_weight <- function(value) mlx_param_set_values(mlx_parameters(model), list(as_mlx(matrix(value, 2, 1))))
  following <- mlx_compile(function(x) mlx_forward(model, x), inputs = model)
  frozen <- mlx_compile(function(x) mlx_forward(model, x))
  x <- as_mlx(matrix(c(1, 2), 1))
  set_weight(1)
  expect_array_equal(following(x), matrix(3))
  expect_array_equal(frozen(x), matrix(3))
  set_weight(10)
  expect_array_equal(following(x), matrix(30))
  expect_array_equal(frozen(x), matrix(3))
})

test_that("environments hold state too: arrays, lists of them, and what is no array", {
  runs <- 0L
  env <- new.env()
  env$total <- as_mlx(0)
  env$history <- list(last = as_mlx(0), "text")
  env$.hidden <- as_mlx(1)
  env$factor <- 2
  add <- mlx_compile(function(x) {
    runs <<- runs + 1L
    env$total <- env$total + x * env$factor
    env$history$last <- x
    env$.hidden <- env$.hidden * 2
    env$total * 10
  }, inputs = env, outputs = env)
  for (i in 1:4) expect_array_equal(add(as_mlx(i)), 20 * sum(1:i))
  expect_identical(runs, 1L)
  expect_array_equal(env$total, 20)
  expect_array_equal(env$history$last, 4)
  expect_identical(env$history[[2L]], "text")
  expect_array_equal(env$.hidden, 16)
  expect_identical(env$factor, 2)
  expect_false(.Call(Rmlx:::ffi_is_tracer, as.list(env, all.names = TRUE)[c("total", "history", ".hidden")]))
})

test_that("outputs alone are set by each call, and new variables too", {
  env <- new.env()
  f <- mlx_compile(function(x) {
    env$seen <- x * 2
    x
  }, outputs = env)
  for (i in 1:3) {
    f(as_mlx(i))
    expect_array_equal(env$seen, 2 * i)
  }
})

test_that("state without arrays, and results of each form", {
  env <- new.env()
  for (inputs in list(env, list(), list(env, mlx_relu()), mlx_dropout(0))) {
    expect_array_equal(mlx_compile(function(x) x * 2, inputs = inputs)(as_mlx(1)), 2)
    expect_array_equal(mlx_compile(function(x) x * 2, inputs = inputs, outputs = inputs)(as_mlx(1)), 2)
  }
  result <- mlx_compile(function(x) list(a = x, b = list(x * 2)), inputs = env)(as_mlx(1))
  expect_named(result, c("a", "b"))
  expect_array_equal(mlx_compile(function(x) list(only = x), inputs = env)(as_mlx(1)), 1)
})

test_that("an error in a trace leaves the state as it was", {
  env <- new.env()
  env$total <- as_mlx(1)
  fail <- TRUE
  f <- mlx_compile(function(x) {
    env$total <- env$total + x
    env$other <- x
    if (fail) stop("on purpose")
    x
  }, inputs = env, outputs = env)
  expect_error(f(as_mlx(1)), "on purpose")
  expect_array_equal(env$total, 1)
  expect_identical(ls(env), "total")
  fail <- FALSE
  f(as_mlx(1))
  expect_array_equal(env$total, 2)
  expect_identical(ls(env), c("other", "total"))
})

test_that("what holds no state is refused", {
  for (bad in list(1, "a", as_mlx(1), sum, list(1), data.frame(a = 1), NA)) {
    expect_error(mlx_compile(identity, inputs = bad), class = "mlx_error_argument", regexp = "`inputs` must be")
    expect_error(mlx_compile(identity, outputs = bad), class = "mlx_error_argument", regexp = "`outputs` must be")
  }
  model <- mlx_linear(2, 1)
  opt <- mlx_optimizer_sgd(mlx_parameters(model))
  step <- function(x) mlx_train_step(model, function(model, x) mean(mlx_forward(model, x)), opt, x)$loss
  expect_error(mlx_compile(step)(as_mlx(diag(2))), class = "mlx_error_trace", regexp = "cannot step")
  expect_error(mlx_compile(step, inputs = model)(as_mlx(diag(2))), class = "mlx_error_trace", regexp = "cannot step")
})

test_that("random numbers differ from call to call and follow the seed", {
  draws <- list(
    function(x) x + mlx_rand_normal(8), function(x) x + mlx_rand_uniform(8),
    function(x) mlx_forward(mlx_dropout(0.5), x + 1)
  )
  for (draw in draws) {
    f <- mlx_compile(draw)
    x <- mlx_zeros(8)
    run <- function() {
      mlx_set_seed(7)
      lapply(1:4, function(i) as.vector(f(x)))
    }
    first <- run()
    expect_length(unique(first), 4L)
    expect_identical(run(), first)
    mlx_set_seed(8)
    expect_false(identical(as.vector(f(x)), first[[1L]]))
  }
})

test_that("two draws in one trace differ, and a function without draws takes nothing from the sequence", {
  both <- mlx_compile(function(x) list(x + mlx_rand_normal(4), x + mlx_rand_normal(4)))
  result <- both(mlx_zeros(4))
  expect_false(identical(as.vector(result[[1L]]), as.vector(result[[2L]])))
  quiet <- mlx_compile(function(x) x * 2)
  after <- function(n) {
    mlx_set_seed(5)
    for (i in seq_len(n)) quiet(as_mlx(i))
    as.vector(mlx_rand_normal(3))
  }
  expect_identical(after(0), after(3))
})

test_that("dropout in a compiled training step draws anew in each step", {
  set.seed(1)
  model <- mlx_sequential(mlx_dropout(0.5), mlx_linear(50, 1))
  loss <- mlx_compile(function(x) mean(mlx_forward(model, x)^2), inputs = model)
  x <- mlx_ones(c(4, 50))
  expect_length(unique(vapply(1:5, function(i) as.vector(loss(x)), 0)), 5L)
  grads <- mlx_compile(function(x) mlx_grad(function(x) sum(mlx_forward(mlx_dropout(0.5), x)), x)[[1L]])
  first <- as.vector(grads(mlx_ones(100)))
  expect_setequal(unique(first), c(0, 2))
  expect_false(identical(as.vector(grads(mlx_ones(100))), first))
})
