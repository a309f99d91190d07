chain <- function(x, n = 20) {
  for (i in seq_len(n)) x <- tanh(x) + x * 0.5
  x
}

test_that("a checkpointed function has the values and derivatives of the plain one", {
  block <- mlx_checkpoint(chain)
  x <- as_mlx(c(0.5, -1, 2))
  expect_array_equal(block(x), as.vector(chain(x)))
  plain <- mlx_value_grad(function(x) sum(chain(x)), x)
  check <- mlx_value_grad(function(x) sum(block(x)), x)
  expect_array_equal(check$value, as.vector(plain$value))
  expect_array_equal(check$grads[[1L]], as.vector(plain$grads[[1L]]), tolerance = 1e-5)
  expect_array_equal(mlx_jvp(block, x, x)$jvps[[1L]], as.vector(mlx_jvp(chain, x, x)$jvps[[1L]]), tolerance = 1e-5)
  batch <- as_mlx(matrix(c(1, 2, 3, 4), 2))
  expect_array_equal(mlx_vmap(block)(batch), as.matrix(chain(batch)))
})

test_that("checkpoints nest with every other transform", {
  cube <- mlx_checkpoint(function(x) x^3)
  x <- c(1, 2)
  gradient <- function(x) mlx_grad(function(x) sum(cube(x)), x)[[1L]]
  compiled <- mlx_compile(gradient)
  for (i in 1:2) expect_array_equal(compiled(as_mlx(x)), 3 * x^2)
  expect_array_equal(mlx_vmap(gradient)(as_mlx(diag(2))), 3 * diag(2))
  expect_array_equal(mlx_vmap(gradient, 2, 2)(as_mlx(matrix(1:6, 2))), 3 * matrix(1:6, 2)^2)
  expect_array_equal(mlx_jvp(gradient, as_mlx(x), as_mlx(x))$jvps[[1L]], 6 * x * x)
  expect_array_equal(mlx_grad(function(x) sum(gradient(x)), as_mlx(x))[[1L]], 6 * x)
  expect_array_equal(mlx_hessian(function(x) sum(cube(x)), as_mlx(x)), diag(6 * x))
  twice <- mlx_checkpoint(function(x) cube(x) * 2)
  expect_array_equal(mlx_grad(function(x) sum(twice(x)), as_mlx(x))[[1L]], 6 * x^2)
  around <- mlx_checkpoint(mlx_compile(function(x) x^3))
  expect_array_equal(mlx_grad(function(x) sum(around(x)), as_mlx(x))[[1L]], 3 * x^2)
  expect_array_equal(mlx_grad(function(x) sum(mlx_vmap(cube)(x)), as_mlx(diag(2)))[[1L]], 3 * diag(2))
})

test_that("vectorised gradients with arguments for all parts are the explicit loop", {
  # the gradient for w does not depend on the part that x is
  block <- mlx_checkpoint(function(w, x) list(w * w, w * x))
  x <- c(3, -1)
  for (pick in 1:2) {
    gradient <- function(w, x) mlx_grad(function(w) sum(block(w, x)[[pick]]), w)[[1L]]
    loop <- if (pick == 1) rbind(c(2, 4), c(2, 4)) else rbind(c(3, 3), c(-1, -1))
    expect_array_equal(mlx_vmap(gradient, c(NA, 1))(as_mlx(c(1, 2)), as_mlx(x)), loop)
  }
  handed <- mlx_checkpoint(mlx_custom_vjp(function(w, x) w * x, function(primals, cotangents, outputs) primals))
  gradient <- function(w, x) mlx_grad(function(w) sum(handed(w, x)), w)[[1L]]
  expect_array_equal(mlx_vmap(gradient, c(NA, 1))(as_mlx(c(1, 2)), as_mlx(x)), rbind(c(1, 2), c(1, 2)))
})

test_that("captured parameters and arrays have their gradients", {
  set.seed(1)
  model <- mlx_sequential(mlx_linear(3, 4), mlx_relu(), mlx_linear(4, 1))
  block <- mlx_checkpoint(function(x) mlx_forward(model, x))
  params <- mlx_parameters(model)
  x <- as_mlx(matrix(stats::rnorm(15), 5))
  gradients <- function(forward) {
    mlx_grad(function(...) {
      mlx_param_set_values(params, list(...))
      mean(forward(x)^2)
    }, mlx_param_values(params)[[1L]], mlx_param_values(params)[[2L]], mlx_param_values(params)[[3L]],
    mlx_param_values(params)[[4L]])
  }
  before <- mlx_param_values(params)
  plain <- gradients(function(x) mlx_forward(model, x))
  mlx_param_set_values(params, before)
  check <- gradients(block)
  mlx_param_set_values(params, before)
  for (i in seq_along(plain)) expect_equal(as.array(check[[i]]), as.array(plain[[i]]), tolerance = 1e-5)
  expect_gt(max(abs(as.vector(check[[1L]]))), 0)
})

test_that("training steps with a checkpoint are those without", {
  train <- function(wrap) {
    set.seed(2)
    model <- mlx_sequential(mlx_linear(3, 8), mlx_relu(), mlx_linear(8, 1))
    opt <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
    x <- as_mlx(matrix(stats::rnorm(30), 10))
    y <- sum(x^2, axes = 2, drop = FALSE)
    forward <- wrap(function(x) mlx_forward(model, x))
    vapply(1:5, function(i) as.vector(mlx_train_step(model, function(model, x, y) mean((forward(x) - y)^2), opt, x, y)$loss), 0)
  }
  expect_equal(train(mlx_checkpoint), train(identity), tolerance = 1e-5)
})

test_that("dropout draws the same in the function and when it is computed again", {
  drop <- mlx_dropout(0.5)
  x <- mlx_ones(100)
  result <- mlx_value_grad(function(x) {
    y <- mlx_checkpoint(function(x) mlx_forward(drop, x) * x)(x)
    list(sum(y), y)
  }, x)
  # the gradient of mask * x^2 is 2 * mask where x is 1
  expect_array_equal(result$grads[[1L]], 2 * as.vector(result$aux))
  expect_setequal(unique(as.vector(result$aux)), c(0, 2))
})

test_that("a checkpoint lowers the peak of memory that a gradient needs", {
  skip_on_cran()
  n <- 250000
  x <- mlx_eval(mlx_full(n, 0.5))
  peak_of <- function(loss) {
    mlx_clear_cache()
    gc()
    before <- mlx_get_active_memory()
    mlx_reset_peak_memory()
    mlx_eval(mlx_grad(loss, x))
    (mlx_get_peak_memory() - before) / (4 * n)
  }
  segments <- function(wrap) {
    function(x) {
      for (i in 1:6) x <- wrap(function(x) chain(x, 10))(x)
      sum(x)
    }
  }
  plain <- peak_of(segments(identity))
  check <- peak_of(segments(mlx_checkpoint))
  # the plain gradient keeps at least one array for each of 60 steps
  expect_gt(plain, 55)
  expect_lt(check, plain / 2)
})

test_that("the function runs once for a gradient, and fails as it would alone", {
  runs <- 0L
  block <- mlx_checkpoint(function(x) {
    runs <<- runs + 1L
    x^2
  })
  mlx_grad(function(x) sum(block(x)), as_mlx(1:2))
  expect_identical(runs, 1L)
  expect_error(mlx_grad(mlx_checkpoint(function(x) stop("on purpose")), as_mlx(1)), regexp = "^on purpose$")
  expect_error(mlx_grad(mlx_checkpoint(function(x) as.vector(x)), as_mlx(1)), class = "mlx_error_grad")
})
