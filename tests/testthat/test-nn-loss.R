test_that("mlx_mse_loss() is the squared difference, reduced as asked", {
  x <- sample_array(c(3L, 2L), "float32", seed = 1L)
  y <- sample_array(c(3L, 2L), "float32", seed = 2L)
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y)), mean((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "mean"), mean((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "sum"), sum((x - y)^2))
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), reduction = "none"), (x - y)^2)
  expect_array_equal(mlx_mse_loss(as_mlx(x), as_mlx(y), "n"), (x - y)^2)
})

test_that("mlx_mse_loss() takes R values and broadcasts", {
  expect_array_equal(mlx_mse_loss(c(1, 2, 5), as_mlx(1:3)), 4 / 3)
  expect_array_equal(mlx_mse_loss(as_mlx(matrix(1:4, 2)), 1, "none"), (matrix(1:4, 2) - 1)^2)
})

test_that("mlx_mse_loss() of nothing is NaN as a mean and 0 as a sum", {
  expect_array_equal(mlx_mse_loss(numeric(), numeric()), NaN)
  expect_array_equal(mlx_mse_loss(numeric(), numeric(), "sum"), 0)
})

test_that("the gradients of mlx_mse_loss() are their finite differences", {
  for (reduction in c("mean", "sum")) {
    expect_grad_close(function(x, y) mlx_mse_loss(x, y, reduction), c(1, -2, 0.5), c(0, 1, 1),
      oracle = function(x, y) get(reduction)((x - y)^2), tolerance = 1e-5
    )
  }
})

test_that("arguments of mlx_mse_loss() are checked", {
  x <- as_mlx(1:3)
  for (bad in list("most", NA, 1, c("mean", "sum"), NULL, character())) {
    expect_error(mlx_mse_loss(x, x, bad), class = "mlx_error_argument", regexp = "should be one of")
  }
  expect_error(mlx_mse_loss(x, as_mlx(1:2)), class = "mlx_error_shape", regexp = "broadcast")
  expect_error(mlx_mse_loss("a", x), class = "mlx_error_argument", regexp = "Cannot convert")
})

test_that("mlx_l1_loss() is the absolute difference, reduced as asked", {
  x <- sample_array(c(3L, 2L), "float32", seed = 1L)
  y <- sample_array(c(3L, 2L), "float32", seed = 2L)
  expect_array_equal(mlx_l1_loss(x, y), mean(abs(x - y)))
  expect_array_equal(mlx_l1_loss(as_mlx(x), y, "sum"), sum(abs(x - y)))
  expect_array_equal(mlx_l1_loss(x, as_mlx(y), "none"), abs(x - y))
  expect_array_equal(mlx_l1_loss(matrix(1:3), 1:3, "none"), abs(outer(1:3, 1:3, "-")))
  expect_grad_close(function(x, y) mlx_l1_loss(x, y, "sum"), c(1, -2, 0.5), c(0, 1, 1), oracle = function(x, y) sum(abs(x - y)))
  for (dtype in float_dtypes()) {
    expect_array_equal(mlx_l1_loss(make_mlx(x, dtype), make_mlx(y, dtype)), mean(abs(x - y)), dtype = dtype)
  }
})

bce_in_r <- function(p, t) {
  p <- pmin(pmax(p, 1e-7), 1 - 1e-7)
  -(t * log(p) + (1 - t) * log(1 - p))
}

test_that("mlx_binary_cross_entropy() is that of clipped probabilities", {
  p <- matrix(c(0.1, 0.5, 0.9, 0.3, 0.75, 0.001), 3)
  t <- matrix(c(0, 1, 1, 0.5, 0, 1), 3)
  expect_array_equal(mlx_binary_cross_entropy(p, t), mean(bce_in_r(p, t)))
  expect_array_equal(mlx_binary_cross_entropy(as_mlx(p), t, "sum"), sum(bce_in_r(p, t)))
  expect_array_equal(mlx_binary_cross_entropy(p, as_mlx(t), "none"), bce_in_r(p, t))
  expect_array_equal(mlx_binary_cross_entropy(p, t > 0.6, "none"), bce_in_r(p, t > 0.6))
  expect_array_equal(mlx_binary_cross_entropy(matrix(c(0.5, 0.25, 0.125)), matrix(c(1, 0, 1)), "none"),
    bce_in_r(matrix(c(0.5, 0.25, 0.125)), matrix(c(1, 0, 1)))
  )
  expect_grad_close(function(p, t) mlx_binary_cross_entropy(p, t), p, t, oracle = function(p, t) mean(bce_in_r(p, t)),
    tolerance = 2e-3
  )
})

test_that("mlx_binary_cross_entropy() stays finite at 0 and 1, also in half precision", {
  for (dtype in float_dtypes()) {
    loss <- mlx_binary_cross_entropy(make_mlx(c(0, 1, 1, 0), dtype), make_mlx(c(0, 1, 0, 1), dtype), "none")
    expect_array_equal(loss, c(0, 0, -log(1e-7), -log(1e-7)),
      dtype = if (dtype == "float64") dtype else "float32", tolerance = 0.02, info = dtype
    )
  }
  expect_array_equal(mlx_binary_cross_entropy(c(NaN, 0.5), c(1, 1), "none"), c(NaN, log(2)))
})

cross_entropy_in_r <- function(x, labels) {
  highest <- apply(x, 1L, max)
  log(rowSums(exp(x - highest))) + highest - x[cbind(seq_len(nrow(x)), labels)]
}

test_that("mlx_cross_entropy() is minus the log-softmax at the label", {
  x <- sample_array(c(4L, 3L), "float32")
  labels <- c(3, 1, 2, 2)
  expected <- cross_entropy_in_r(x, labels)
  for (targets in list(
    labels, as.integer(labels), as_mlx(labels), as_mlx(labels, dtype = "int64"), matrix(labels), as_mlx(matrix(labels, 2)),
    labels + 0.9
  )) {
    expect_array_equal(mlx_cross_entropy(x, targets, "none"), expected, tolerance = 1e-5)
    expect_array_equal(mlx_cross_entropy(as_mlx(x), targets), mean(expected), tolerance = 1e-5)
    expect_array_equal(mlx_cross_entropy(as_mlx(x), targets, "sum"), sum(expected), tolerance = 1e-5)
  }
  for (view in views("float32")) {
    labels <- rep_len(2:1, nrow(view[[2L]]))
    expect_array_equal(mlx_cross_entropy(view[[1L]], labels, "none"), cross_entropy_in_r(view[[2L]], labels), tolerance = 1e-5)
  }
})

test_that("mlx_cross_entropy() keeps the dtype of its logits, and holds for large ones", {
  x <- sample_array(c(4L, 3L), "int32")
  labels <- c(3, 1, 2, 2)
  for (dtype in c(float_dtypes(), "int32")) {
    found <- if (dtype == "int32") "float32" else dtype
    expect_array_equal(mlx_cross_entropy(make_mlx(x, dtype), labels, "none"), cross_entropy_in_r(x, labels),
      dtype = found, tolerance = max(tolerance_of(found), 1e-6), info = dtype
    )
  }
  large <- matrix(c(1e30, -Inf, -1e30, 5, -Inf, 5), 2)
  expect_array_equal(mlx_cross_entropy(large, c(1, 2), "none"), c(0, log(2)))
  expect_array_equal(mlx_cross_entropy(large, c(3, 2), "none"), c(Inf, log(2)))
})

test_that("mlx_cross_entropy() of one class is 0, and of nothing empty", {
  expect_array_equal(mlx_cross_entropy(matrix(c(5, -1)), c(1, 1), "none"), c(0, 0))
  expect_array_equal(mlx_cross_entropy(matrix(0, 0, 3), integer(), "none"), numeric())
  expect_array_equal(mlx_cross_entropy(matrix(0, 0, 3), integer(), "sum"), 0)
  expect_array_equal(mlx_cross_entropy(matrix(c(1, 2), 1), 2, "none"), cross_entropy_in_r(matrix(c(1, 2), 1), 2), shape = 1L)
})

test_that("gradients of mlx_cross_entropy() are finite differences", {
  x <- matrix(c(0.5, -1, 2, 0.25, 1, -0.5), 2)
  for (labels in list(c(3, 1), as_mlx(c(3, 1)))) {
    grad <- mlx_grad(function(x, t) mlx_cross_entropy(x, t), as_mlx(x), labels, argnums = 1)[[1L]]
    expected <- finite_differences(function(x) mean(cross_entropy_in_r(x, c(3, 1))), list(x), 1L)
    expect_array_equal(grad, expected, tolerance = 1e-5)
  }
})

test_that("losses work compiled, with labels as arguments too", {
  x <- sample_array(c(4L, 3L), "float32")
  labels <- c(3, 1, 2, 2)
  f <- mlx_compile(function(x, t) mlx_cross_entropy(x, t, "none"))
  expect_array_equal(f(x, labels), cross_entropy_in_r(x, labels), tolerance = 1e-5)
  expect_array_equal(f(x, matrix(labels, 2)), cross_entropy_in_r(x, labels), tolerance = 1e-5)
  expect_array_equal(f(x, c(1, 0, 4, NaN)), c(cross_entropy_in_r(x, c(1, 1, 1, 1))[[1L]], NaN, NaN, NaN), tolerance = 1e-5)
  g <- mlx_compile(function(x) mlx_cross_entropy(x, labels))
  expect_array_equal(g(x), mean(cross_entropy_in_r(x, labels)), tolerance = 1e-5)
  h <- mlx_compile(function(p, t) mlx_binary_cross_entropy(p, t) + mlx_l1_loss(p, t))
  expect_array_equal(h(c(0.5, 0.25), c(1, 0)), mean(bce_in_r(c(0.5, 0.25), c(1, 0))) + 0.375)
})

test_that("a classifier learns by mlx_cross_entropy()", {
  set.seed(1)
  x <- rbind(matrix(stats::rnorm(40), 20), matrix(stats::rnorm(40, 4), 20))
  labels <- rep(1:2, each = 20)
  model <- mlx_linear(2, 2)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.2)
  loss <- function(model, x, y) mlx_cross_entropy(mlx_forward(model, x), y)
  for (i in 1:100) mlx_train_step(model, loss, optimizer, x, labels)
  scores <- as.matrix(mlx_forward(model, as_mlx(x)))
  expect_gt(mean(max.col(scores) == labels), 0.9)
})

test_that("arguments of the other losses are checked", {
  x <- matrix(c(0.5, 0.25, 0.75, 1), 2)
  for (loss in list(mlx_l1_loss, mlx_binary_cross_entropy)) {
    expect_error(loss(x, x, "most"), class = "mlx_error_argument", regexp = "should be one of")
    expect_error(loss(x, as_mlx(1:3)), class = "mlx_error_shape", regexp = "broadcast")
    expect_error(loss("a", x), class = "mlx_error_argument", regexp = "Cannot convert")
  }
  expect_error(mlx_cross_entropy(x, c(1, 2), "most"), class = "mlx_error_argument", regexp = "should be one of")
  for (bad in list(1, 1:3, array(1, c(2, 2, 1)))) {
    expect_error(mlx_cross_entropy(bad, c(1, 2)), class = "mlx_error_shape", regexp = "must be a matrix")
  }
  for (bad in list(1, c(1, 2, 1), numeric())) {
    expect_error(mlx_cross_entropy(x, bad), class = "mlx_error_shape", regexp = "one class index per sample")
  }
  for (bad in list(c(1, 0), c(3, 1), c(1, NA), c(1, Inf), as_mlx(c(0, 1)))) {
    expect_error(mlx_cross_entropy(x, bad), class = "mlx_error_index", regexp = "outside 1:n_classes")
  }
  for (bad in list(c(TRUE, FALSE), c("a", "b"), c(1i, 1), list(1, 2), factor(1:2))) {
    expect_error(mlx_cross_entropy(x, bad), class = "mlx_error_argument", regexp = "targets")
  }
  expect_error(mlx_cross_entropy(x + 0i, 1:2), class = "mlx_error_dtype")
  expect_snapshot({
    show_condition(mlx_cross_entropy(x, 1:3))
    show_condition(mlx_cross_entropy(x, c(1, 3)))
    show_condition(mlx_cross_entropy(1:3, 1:3))
    show_condition(mlx_l1_loss(x, x, "most"))
  })
})

test_that("losses of whole numbers do not wrap around", {
  expect_array_equal(mlx_mse_loss(as_mlx(1:3, "int8"), as_mlx(100, "int8")), mean((1:3 - 100)^2))
  expect_array_equal(mlx_l1_loss(as_mlx(c(1, 2), "uint8"), as_mlx(3, "uint8"), "none"), c(2, 1))
})

test_that("labels are checked in a gradient, and in a training step", {
  logits <- matrix(0, 3, 2)
  expect_error(mlx_grad(mlx_cross_entropy, logits, c(1, 9, 2), argnums = 1), class = "mlx_error_index", regexp = "outside 1")
  em <- mlx_embedding(4, 2)
  opt <- mlx_optimizer_sgd(mlx_parameters(em))
  expect_error(mlx_train_step(em, function(m, i) sum(mlx_forward(m, i)), opt, c(1, 9)), "out of range", class = "mlx_error")
})
