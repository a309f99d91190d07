test_that("mlx_embedding() gives rows of its weight in the shape of the ids", {
  layer <- mlx_embedding(7, 3)
  weight <- as.matrix(layer$.env$weight)
  ids <- c(3, 1, 7, 3)
  square <- matrix(c(1, 2, 7, 4), 2)
  rows <- function(ids) array(weight[as.vector(ids), ], c(dim(ids), 3))
  for (convert in list(identity, as_mlx, function(x) as_mlx(x, dtype = "int64"), function(x) as_mlx(x, dtype = "uint8"))) {
    expect_array_equal(mlx_forward(layer, convert(ids)), weight[ids, ])
    expect_array_equal(mlx_forward(layer, convert(square)), rows(square))
    expect_array_equal(mlx_forward(layer, convert(5)), weight[5, , drop = FALSE])
  }
  expect_array_equal(mlx_forward(layer, t(as_mlx(square))), rows(t(square)))
  expect_array_equal(mlx_forward(layer, 1:2), weight[1:2, ])
  expect_array_equal(mlx_forward(layer, c(1.9, 7.9)), weight[c(1, 7), ])
  expect_array_equal(mlx_forward(layer, integer()), matrix(0, 0, 3))
})

test_that("weights are drawn by R's rnorm()", {
  set.seed(2)
  layer <- mlx_embedding(4, 2)
  set.seed(2)
  expect_array_equal(layer$.env$weight, matrix(stats::rnorm(8, sd = 0.01), 4))
  expect_identical(layer$.env$num_embeddings, 4)
  expect_identical(layer$.env$embedding_dim, 2)
  expect_length(mlx_parameters(layer), 1L)
})

test_that("the weight learns: its gradient counts the ids", {
  layer <- mlx_embedding(4, 2)
  loss <- function(w, ids) {
    layer$.env$weight <- w
    sum(mlx_forward(layer, ids) * as_mlx(matrix(1:6, 3)))
  }
  expected <- rbind(c(1, 4), 0, c(2, 5) + c(3, 6), 0)
  for (ids in list(c(1, 3, 3), as_mlx(c(1, 3, 3)))) {
    grad <- mlx_grad(loss, mlx_ones(c(4, 2)), ids, argnums = 1)[[1L]]
    expect_array_equal(grad, expected)
  }
  layer <- mlx_embedding(3, 2)
  optimizer <- mlx_optimizer_sgd(mlx_parameters(layer), lr = 0.5)
  target <- matrix(1:6, 3)
  loss <- function(model, ids, y) mlx_mse_loss(mlx_forward(model, ids), y, "sum")
  for (i in 1:100) mlx_train_step(layer, loss, optimizer, c(2, 3, 1), target)
  expect_array_equal(layer$.env$weight, target[c(3, 1, 2), ], tolerance = 1e-4)
})

test_that("mlx_embedding() works compiled, where ids outside give NaN", {
  layer <- mlx_embedding(4, 2)
  weight <- as.matrix(layer$.env$weight)
  f <- mlx_compile(function(ids) mlx_forward(layer, ids))
  expect_array_equal(f(c(4, 1)), weight[c(4, 1), ])
  expect_array_equal(f(c(1, 2)), weight[1:2, ])
  expect_array_equal(f(as_mlx(c(0, 5))), matrix(NaN, 2, 2))
  expect_array_equal(f(as_mlx(c(NaN, 2))), rbind(NaN, weight[2, ]))
  expect_array_equal(f(as_mlx(3)), weight[3, , drop = FALSE])
  g <- mlx_compile(function(ids) mlx_forward(layer, c(2, 2)) * ids)
  expect_array_equal(g(2), weight[c(2, 2), ] * 2)
})

test_that("ids out of range are errors", {
  layer <- mlx_embedding(4, 2)
  for (bad in list(0, 5, -1, NA_real_, NaN, Inf, 1e10, c(1, 5), 0.5)) {
    for (ids in list(bad, as_mlx(bad))) {
      expect_error(mlx_forward(layer, ids), class = "mlx_error_index", regexp = "out of range")
    }
  }
  expect_error(mlx_forward(layer, NA_integer_), class = "mlx_error_index", regexp = "out of range")
  for (bad in list("a", TRUE, 1i, NULL, list(1), factor("a"), as_mlx(TRUE), as_mlx(1i), data.frame(a = 1))) {
    expect_error(mlx_forward(layer, bad), class = "mlx_error_argument", regexp = "positions")
  }
  error <- tryCatch(mlx_forward(layer, 9), error = identity)
  expect_identical(error[c("index", "size", "axis")], list(index = 9L, size = 4L, axis = 1L))
  expect_snapshot({
    show_condition(mlx_forward(layer, 0))
    show_condition(mlx_forward(layer, "a"))
    show_condition(mlx_embedding(0, 2))
  })
})

test_that("arguments of mlx_embedding() are checked", {
  for (bad in list(0, -1, NA, "a", 1:2, NULL, Inf)) {
    expect_error(mlx_embedding(bad, 1), class = "mlx_error_argument", regexp = "num_embeddings > 0 is not TRUE")
    expect_error(mlx_embedding(1, bad), class = "mlx_error_argument", regexp = "embedding_dim > 0 is not TRUE")
  }
})
