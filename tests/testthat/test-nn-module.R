test_that("a module is a list of functions with its class", {
  for (module in list(mlx_linear(2, 1), mlx_relu(), mlx_sequential(mlx_relu()))) {
    expect_s3_class(module, "mlx_module")
    expect_true(is.list(module) && is.function(module$forward) && is.function(module$parameters))
  }
  expect_identical(class(mlx_relu()), c("mlx_relu", "mlx_module"))
  expect_identical(class(mlx_linear(1, 1)), c("mlx_linear", "mlx_module"))
})

test_that("mlx_sequential() applies its modules from left to right", {
  first <- mlx_linear(3, 2)
  second <- mlx_linear(2, 4)
  x <- as_mlx(sample_array(c(5L, 3L), "float32"))
  expected <- as.matrix(mlx_forward(second, mlx_forward(mlx_relu(), mlx_forward(first, x))))
  model <- mlx_sequential(first, mlx_relu(), second)
  expect_array_equal(mlx_forward(model, x), expected)
  expect_array_equal(model$forward(x), expected)
  expect_array_equal(mlx_forward(mlx_sequential(mlx_sequential(first, mlx_relu()), second), x), expected)
  expect_identical(model$layers[[1L]], first)
})

test_that("mlx_sequential() refuses nothing and what is no module", {
  expect_error(mlx_sequential(), class = "mlx_error_argument", regexp = "requires at least one module")
  expect_error(mlx_sequential(mlx_relu(), 1), class = "mlx_error_argument", regexp = "must inherit from `mlx_module`")
})

test_that("mlx_parameters() lists parameters layer by layer, weight before bias", {
  model <- mlx_sequential(mlx_linear(3, 2), mlx_relu(), mlx_linear(2, 4, bias = FALSE))
  params <- mlx_parameters(model)
  expect_identical(vapply(params, function(param) param$name, ""), c("weight", "bias", "weight"))
  expect_identical(lapply(mlx_param_values(params), mlx_shape), list(c(3L, 2L), c(1L, 2L), c(2L, 4L)))
  for (param in params) expect_s3_class(param, "mlx_param", exact = TRUE)
})

test_that("mlx_parameters() takes nested lists of modules, and modules without parameters", {
  expect_length(mlx_parameters(mlx_relu()), 0L)
  expect_length(mlx_parameters(list(mlx_linear(1, 1), list(mlx_linear(1, 1), mlx_relu()))), 4L)
  for (bad in list(1, "a", NULL, mlx_zeros, list(1), data.frame(a = 1))) {
    expect_error(mlx_parameters(bad), class = "mlx_error_argument", regexp = "Unsupported type for mlx_parameters")
  }
})

test_that("parameters are references: all copies of a module see a new value", {
  model <- mlx_linear(2, 1)
  copy <- model
  params <- mlx_parameters(model)
  expect_null(expect_invisible(mlx_param_set_values(params, list(as_mlx(matrix(c(1, 2))), as_mlx(matrix(10))))))
  expect_array_equal(mlx_forward(copy, as_mlx(matrix(c(1, 1), 1))), matrix(13))
  expect_array_equal(copy$.env$weight, matrix(c(1, 2)))
  expect_array_equal(mlx_param_values(params)[[2L]], matrix(10))
})

test_that("mlx_param_values() keeps names", {
  params <- stats::setNames(mlx_parameters(mlx_linear(2, 1)), c("w", "b"))
  expect_identical(names(mlx_param_values(params)), c("w", "b"))
})

test_that("values and parameters are checked, and nothing changes after an error", {
  params <- mlx_parameters(mlx_linear(2, 1))
  before <- lapply(mlx_param_values(params), as.matrix)
  values <- mlx_param_values(params)
  for (bad in list(1, NULL, list(1), "a")) {
    expect_error(mlx_param_values(bad), class = "mlx_error_argument", regexp = "mlx_param objects")
    expect_error(mlx_param_set_values(bad, values), class = "mlx_error_argument", regexp = "mlx_param objects")
  }
  expect_error(mlx_param_set_values(params, values[1]), class = "mlx_error_argument", regexp = "length\\(params\\) == length")
  expect_error(mlx_param_set_values(params, list(as_mlx(0), 1)), class = "mlx_error_argument", regexp = "is_mlx\\(value\\)")
  expect_identical(lapply(mlx_param_values(params), as.matrix), before)
})

test_that("mlx_forward() wants a module", {
  for (bad in list(1, NULL, list(forward = identity), mlx_relu)) {
    expect_error(mlx_forward(bad, as_mlx(1)), class = "mlx_error_argument", regexp = "Expected an `mlx_module`")
  }
})

test_that("a module of the user's own works like those of the package", {
  env <- new.env()
  env$scale <- as_mlx(c(2, 3))
  own <- structure(
    list(
      forward = function(x) x * env$scale,
      parameters = function() list(structure(list(env = env, name = "scale"), class = "mlx_param"))
    ),
    class = c("my_scale", "mlx_module")
  )
  model <- mlx_sequential(own, mlx_relu())
  expect_array_equal(mlx_forward(model, as_mlx(c(1, -1))), c(2, 0))
  optimizer <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.5)
  mlx_train_step(model, function(model, x) sum(mlx_forward(model, x)), optimizer, as_mlx(c(1, -1)))
  expect_array_equal(env$scale, c(1.5, 3))
})

test_that("mlx_set_training() reaches every layer of every depth, and returns the module", {
  net <- mlx_sequential(mlx_linear(2, 3), mlx_dropout(0.5), mlx_sequential(mlx_batch_norm(3), mlx_relu()))
  modes <- function() c(net$layers[[2L]]$.env$training, net$layers[[3L]]$layers[[1L]]$.env$training)
  expect_identical(modes(), c(TRUE, TRUE))
  result <- withVisible(mlx_set_training(net, FALSE))
  expect_false(result$visible)
  expect_identical(result$value, net)
  expect_identical(modes(), c(FALSE, FALSE))
  mlx_set_training(net)
  expect_identical(modes(), c(TRUE, TRUE))
  net$set_training(FALSE)
  expect_identical(modes(), c(FALSE, FALSE))
})

test_that("modules without a mode ignore it, those of a user's own may have one", {
  expect_identical(mlx_set_training(mlx_relu(), FALSE), mlx_set_training(mlx_relu(), TRUE))
  state <- NULL
  own <- structure(list(
    forward = identity, parameters = function() list(), set_training = function(mode) state <<- mode
  ), class = c("own", "mlx_module"))
  mlx_set_training(mlx_sequential(own), FALSE)
  expect_false(state)
})

test_that("arguments of mlx_set_training() are checked", {
  for (bad in list(1, NULL, list(mlx_relu()), "a", sum)) {
    expect_error(mlx_set_training(bad), class = "mlx_error_argument", regexp = "Expected an `mlx_module`")
  }
  for (bad in list(NA, 1, "yes", NULL, c(TRUE, FALSE))) {
    expect_error(mlx_set_training(mlx_relu(), bad), class = "mlx_error_argument", regexp = "single logical")
  }
})
