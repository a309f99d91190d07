test_that("arrays print as the document shows", {
  withr::local_options(width = 80)
  m <- matrix(1:12, nrow = 3, ncol = 4)
  expect_identical(replay({
    v <- as_mlx(1:10)
    print(v)
  }), shown_in_seed("vector"))
  expect_identical(replay({
    x <- as_mlx(m)
    print(x)
  }), shown_in_seed("matrix"))
  expect_identical(replay(x_dev <- as_mlx(m, device = mlx_best_device())), character())
  expect_identical(mlx_device(x_dev), mlx_best_device())
})

test_that("lazy evaluation shows what the document shows", {
  withr::local_options(width = 80)
  expect_identical(replay({
    x <- as_mlx(matrix(1:100, 10, 10))
    y <- as_mlx(matrix(101:200, 10, 10))
    z <- x + y * 2
    mlx_eval(z)
    as.matrix(z)
    mlx_synchronize(mlx_best_device())
  }), shown_in_seed("lazy"))
})

test_that("arithmetic shows what the document shows", {
  expect_identical(replay({
    x <- as_mlx(matrix(1:12, 3, 4))
    y <- as_mlx(matrix(13:24, 3, 4))
    sum_xy <- x + y
    diff_xy <- x - y
    prod_xy <- x * y
    quot_xy <- x / y
    pow_xy <- x^2
    as.matrix(sum_xy)
  }), shown_in_seed("arithmetic"))
  a <- matrix(as.double(1:12), 3)
  b <- matrix(as.double(13:24), 3)
  expect_array_equal(diff_xy, a - b)
  expect_array_equal(prod_xy, a * b)
  expect_array_equal(quot_xy, a / b)
  expect_array_equal(pow_xy, a^2)
})

test_that("the loss that leaves MLX fails in the document's words, and the right one works", {
  set.seed(1)
  x <- as_mlx(matrix(stats::rnorm(20), 5, 4))
  true_w <- as_mlx(matrix(c(2, -1, 0.5, 0.25), 4, 1))
  y <- x %*% true_w
  w <- as_mlx(matrix(0, 4, 1))
  loss <- function(theta, data_x, data_y) {
    preds <- data_x %*% theta
    resids <- preds - data_y
    sum(resids * resids) / length(data_y)
  }
  grads <- mlx_grad(loss, w, x, y)
  expect_length(grads, 3L)
  xr <- as.matrix(x)
  expect_array_equal(grads[[1L]], 2 * crossprod(xr, -xr %*% as.matrix(true_w)) / 5, tolerance = 1e-5)
  bad_loss <- function(theta, data_x, data_y) {
    preds <- as.matrix(data_x %*% theta)
    resids <- preds - as.matrix(data_y)
    sum(resids * resids) / nrow(resids)
  }
  message <- tryCatch(mlx_grad(bad_loss, w, x, y), error = conditionMessage)
  expect_identical(strsplit(message, "\n")[[1L]], shown_in_seed("bad loss"))
})

test_that("the training loop learns the weights that the document shows", {
  set.seed(1)
  x <- as_mlx(matrix(stats::rnorm(80), 20, 4))
  true_w <- as_mlx(matrix(c(2, -1, 0.5, 0.25), 4, 1))
  y <- x %*% true_w
  loss <- function(theta, data_x, data_y) {
    preds <- data_x %*% theta
    resids <- preds - data_y
    sum(resids * resids) / length(data_y)
  }
  model <- mlx_linear(4, 1, bias = FALSE)
  parameters <- mlx_parameters(model)
  opt <- mlx_optimizer_sgd(parameters, lr = 0.1)
  loss_fn <- function(mod, data_x, data_y) {
    theta <- mlx_param_values(parameters)[[1]]
    loss(theta, data_x, data_y)
  }
  loss_history <- numeric(50)
  for (step in seq_along(loss_history)) {
    step_res <- mlx_train_step(model, loss_fn, opt, x, y)
    loss_history[step] <- as.vector(step_res$loss)
  }
  expect_true(all(diff(loss_history) < 0))
  final_loss <- mlx_forward(model, x)
  residual_mse <- as.vector(mean((final_loss - y) * (final_loss - y)))
  expect_lt(residual_mse, loss_history[[50L]])
  learned_w <- mlx_param_values(parameters)[[1]]
  expect_array_equal(learned_w, as.matrix(true_w), tolerance = 0.05)
  expect_identical(replay(as.matrix(true_w)), shown_in_seed("true weights"))
})

test_that("reductions print as the document shows", {
  withr::local_options(width = 80)
  x <- as_mlx(matrix(1:100, 10, 10))
  expect_identical(replay(sum(x)), shown_in_seed("sum"))
  expect_identical(replay(mean(x)), shown_in_seed("mean"))
  expect_identical(replay(colMeans(x)), shown_in_seed("column means"))
  expect_identical(replay(rowMeans(x)), shown_in_seed("row means"))
  expect_identical(replay(as.matrix(colMeans(x))), shown_in_seed("column means as matrix"))
  expect_identical(replay(as.vector(cumsum(x))), shown_in_seed("cumulative sums"))
})

test_that("devices print as the document shows", {
  device <- mlx_best_device()
  withr::defer(mlx_default_device(device))
  shown <- replay(device = "none", {
    mlx_default_device()
    mlx_default_device("cpu")
    x_cpu <- as_mlx(matrix(1:12, 3, 4), device = "cpu")
    mlx_default_device(device)
  })
  expected <- shown_in_seed("device")
  expect_identical(shown, c(sub("gpu", device, expected[[1L]]), expected[[2L]], sub("gpu", device, expected[[3L]])))
})

test_that("a large product is base R's, as in the document's comparison", {
  n <- 300
  set.seed(1)
  m1 <- matrix(stats::rnorm(n * n), n, n)
  m2 <- matrix(stats::rnorm(n * n), n, n)
  expect_array_equal(as_mlx(m1) %*% as_mlx(m2), base::`%*%`(m1, m2), tolerance = 1e-4)
})
