test_that("an optimizer has step, lr and params", {
  params <- mlx_parameters(mlx_linear(2, 1))
  optimizer <- mlx_optimizer_sgd(params)
  expect_s3_class(optimizer, "mlx_optimizer_sgd")
  expect_identical(optimizer$lr, 0.01)
  expect_identical(optimizer$params, params)
})

test_that("step() takes each parameter down its gradient", {
  layer <- mlx_linear(2, 1)
  params <- mlx_parameters(layer)
  before <- lapply(mlx_param_values(params), as.matrix)
  grads <- list(as_mlx(matrix(c(1, -2))), as_mlx(matrix(3)))
  expect_true(expect_invisible(mlx_optimizer_sgd(params, lr = 0.5)$step(grads)))
  expect_array_equal(layer$.env$weight, before[[1L]] - 0.5 * c(1, -2))
  expect_array_equal(layer$.env$bias, before[[2L]] - 0.5 * 3)
})

test_that("another number of gradients is an error that changes nothing", {
  params <- mlx_parameters(mlx_linear(2, 1))
  before <- lapply(mlx_param_values(params), as.matrix)
  expect_error(mlx_optimizer_sgd(params)$step(list(as_mlx(matrix(0, 2, 1)))),
    class = "mlx_error_argument", regexp = "does not match parameters"
  )
  expect_identical(lapply(mlx_param_values(params), as.matrix), before)
})

test_that("gradients of other shapes are errors that change nothing", {
  params <- mlx_parameters(mlx_linear(2, 1))
  before <- lapply(mlx_param_values(params), as.matrix)
  expect_error(mlx_optimizer_sgd(params)$step(list(as_mlx(matrix(1, 2, 1)), as_mlx(1:3)[c(1, 1)] %*% 1)))
  expect_error(mlx_optimizer_sgd(params)$step(list(as_mlx(matrix(1, 3, 1)), as_mlx(matrix(1)))), class = "mlx_error_shape")
  expect_identical(lapply(mlx_param_values(params), as.matrix), before)
})

test_that("parameters and rates are checked", {
  params <- mlx_parameters(mlx_linear(2, 1))
  for (bad in list(1, "a", NULL, list(1))) {
    expect_error(mlx_optimizer_sgd(bad), class = "mlx_error_argument", regexp = "list of mlx_param objects")
  }
  for (bad in list(0, -1, NA_real_, Inf, "a", c(0.1, 0.2), NULL)) {
    expect_error(mlx_optimizer_sgd(params, bad), class = "mlx_error_argument", regexp = "Learning rate must be positive")
  }
})

test_that("mlx_train_step() makes the steps that base R makes", {
  x <- sample_array(c(8L, 2L), "float32", seed = 1L)
  y <- x %*% c(1, -2) + 0.5
  model <- mlx_linear(2, 1)
  w <- as.matrix(model$.env$weight)
  b <- 0
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.01)
  loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
  for (i in 1:5) {
    residual <- drop(x %*% w + b - y)
    step <- mlx_train_step(model, loss, optimizer, as_mlx(x), as_mlx(y))
    expect_identical(names(step), "loss")
    expect_array_equal(step$loss, mean(residual^2), tolerance = 1e-5)
    w <- w - 0.01 * 2 * crossprod(x, residual) / 8
    b <- b - 0.01 * 2 * mean(residual)
    expect_array_equal(model$.env$weight, w, tolerance = 1e-5)
    expect_array_equal(model$.env$bias, matrix(b), tolerance = 1e-5)
  }
})

test_that("mlx_train_step() finds the least squares of lm()", {
  x <- as.matrix(scale(mtcars[, c("wt", "hp")]))
  y <- scale(mtcars$mpg)
  set.seed(1)
  model <- mlx_linear(2, 1)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.2)
  loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
  for (i in 1:200) mlx_train_step(model, loss, optimizer, unclass(x), matrix(y))
  fit <- stats::lm(y ~ x)
  expect_array_equal(model$.env$weight, matrix(stats::coef(fit)[2:3]), tolerance = 1e-4)
  expect_array_equal(model$.env$bias, matrix(0), tolerance = 1e-4)
})

test_that("the loss may read the parameters in any way while it is differentiated", {
  model <- mlx_linear(2, 1, bias = FALSE)
  params <- mlx_parameters(model)
  start <- as.matrix(model$.env$weight)
  optimizer <- mlx_optimizer_sgd(params, lr = 1)
  for (loss in list(
    function(model) sum(mlx_param_values(params)[[1L]]), function(model) sum(model$.env$weight),
    function(model) sum(mlx_forward(model, as_mlx(diag(2))))
  )) {
    mlx_train_step(model, loss, optimizer)
    start <- start - 1
    expect_array_equal(model$.env$weight, start)
  }
})

test_that("data reaches the loss by position or name", {
  model <- mlx_linear(2, 1)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.5)
  x <- as_mlx(diag(2))
  loss <- function(model, x, values, .v) sum(mlx_forward(model, x)) * 0 + values - .v
  expect_array_equal(mlx_train_step(model, loss, optimizer, .v = as_mlx(1), x, values = as_mlx(3))$loss, 2)
  expect_array_equal(mlx_train_step(model, loss, optimizer, x, 3, 1)$loss, 2)
})

test_that("parameters keep their values after a failing loss, and its error arrives as raised", {
  model <- mlx_linear(2, 1)
  params <- mlx_parameters(model)
  before <- lapply(mlx_param_values(params), as.matrix)
  optimizer <- mlx_optimizer_sgd(params)
  condition <- structure(class = c("my_error", "error", "condition"), list(message = "mine", call = quote(f(x))))
  step <- function(loss) mlx_train_step(model, loss, optimizer, as_mlx(diag(2)))
  expect_identical(tryCatch(step(function(model, x) stop(condition)), error = identity), condition)
  expect_identical(callCC(function(leave) step(function(model, x) leave("left"))), "left")
  expect_error(step(function(model, x) mlx_forward(model, x)), class = "mlx_error_grad", regexp = "one element")
  expect_error(step(function(model, x) 1), class = "mlx_error_argument", regexp = "loss_fn must return an mlx array")
  expect_error(step(function(model, x) as_mlx(1)), class = "mlx_error_grad")
  expect_identical(lapply(mlx_param_values(params), as.matrix), before)
  expect_array_equal(mlx_forward(model, as_mlx(diag(2))), before[[1L]] + before[[2L]][[1L]])
})

test_that("an error in the loss shows a short call", {
  model <- mlx_linear(2, 1)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model))
  error <- tryCatch(
    mlx_train_step(model, function(model, x) stop("oops"), optimizer, as_mlx(diag(2))),
    error = identity
  )
  expect_lt(nchar(paste(deparse(conditionCall(error)), collapse = "")), 40L)
})

test_that("arguments of mlx_train_step() are checked", {
  model <- mlx_linear(2, 1)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model))
  expect_error(mlx_train_step(model, "loss", optimizer), class = "mlx_error_argument", regexp = "must be a function")
  expect_error(mlx_train_step(model, sum, "sgd"), class = "mlx_error_argument")
  expect_error(mlx_train_step(model, sum, list(params = list(), step = identity)), class = "mlx_error")
})

test_that("a small network learns exclusive or", {
  set.seed(3)
  x <- matrix(c(0, 0, 1, 1, 0, 1, 0, 1), 4)
  y <- matrix(c(0, 1, 1, 0))
  model <- mlx_sequential(mlx_linear(2, 8), mlx_relu(), mlx_linear(8, 1))
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
  loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
  for (i in 1:500) step <- mlx_train_step(model, loss, optimizer, x, y)
  expect_array_equal(mlx_forward(model, as_mlx(x)) > 0.5, y > 0.5)
})

test_that("gradients must be arrays of their parameters' shapes", {
  layer <- mlx_linear(2, 3)
  before <- lapply(mlx_param_values(mlx_parameters(layer)), as.array)
  opt <- mlx_optimizer_sgd(mlx_parameters(layer))
  expect_error(opt$step(list(mlx_zeros(c(2, 3)), mlx_zeros(c(5, 3)))), class = "mlx_error_shape")
  expect_error(opt$step(list("a", mlx_zeros(c(1, 3)))), class = "mlx_error_argument")
  expect_identical(lapply(mlx_param_values(mlx_parameters(layer)), as.array), before)
})

test_that("an optimizer without parameters cannot train", {
  opt <- mlx_optimizer_sgd(list())
  expect_error(mlx_train_step(mlx_relu(), function(m, x) sum(x), opt, 1), class = "mlx_error_argument")
})

test_that("a step keeps the dtype of a parameter", {
  env <- new.env()
  for (dtype in float_dtypes()) {
    env$w <- make_mlx(c(1, 2), dtype)
    opt <- mlx_optimizer_sgd(list(structure(list(env = env, name = "w"), class = "mlx_param")), lr = 0.5)
    opt$step(list(as_mlx(c(1, 1))))
    expect_array_equal(env$w, c(0.5, 1.5), dtype = dtype)
  }
})

test_that("compiled functions leave parameters usable, and an optimizer refuses to step in one", {
  net <- mlx_linear(2, 1)
  opt <- mlx_optimizer_sgd(mlx_parameters(net))
  x <- as_mlx(matrix(1:4, 2))
  before <- as.vector(net$.env$weight)
  loss <- function(module, x) mean(mlx_forward(module, x)^2)
  step <- mlx_compile(function(x) mlx_train_step(net, loss, opt, x)$loss)
  expect_error(step(x), class = "mlx_error_trace", regexp = "optimizer cannot step")
  set <- mlx_compile(function(x, w) {
    mlx_param_set_values(mlx_parameters(net)[1], list(w))
    mlx_forward(net, x)
  })
  expect_array_equal(set(x, matrix(1, 2, 1)), matrix(c(4, 6), 2))
  expect_identical(as.vector(net$.env$weight), before)
})
