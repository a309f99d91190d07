test_that("mlx_grad() returns an unnamed list, mlx_value_grad() value and gradients", {
  f <- function(x, y) sum(x * y)
  expect_null(names(mlx_grad(f, a = as_mlx(1:2), b = as_mlx(3:4))))
  for (result in list(mlx_value_grad(f, as_mlx(1:2), as_mlx(3:4)), mlx_grad(f, as_mlx(1:2), as_mlx(3:4), value = TRUE))) {
    expect_identical(names(result), c("value", "grads"))
    expect_array_equal(result$value, 11)
    expect_array_equal(result$grads[[1L]], c(3, 4))
    expect_array_equal(result$grads[[2L]], c(1, 2))
  }
  expect_type(mlx_grad(f, as_mlx(1:2), as_mlx(3:4), value = 1), "list")
  expect_null(names(mlx_grad(f, as_mlx(1:2), as_mlx(3:4), value = 1)))
})

test_that("gradients of a linear model's loss are its closed form", {
  x <- matrix(as.double(1:8), 4)
  y <- matrix(c(1, 3, 2, 4))
  loss <- function(w, x, y) sum((x %*% w - y)^2) / length(y)
  grads <- mlx_grad(loss, as_mlx(matrix(0, 2, 1)), as_mlx(x), as_mlx(y), argnums = 1)
  expect_length(grads, 1L)
  expect_array_equal(grads[[1L]], 2 * t(x) %*% (x %*% matrix(0, 2, 1) - y) / 4)
})

test_that("argnums picks arguments in any order", {
  f <- function(x, y, z) sum(x * y^2 * z^3)
  args <- list(2, 3, 1.5)
  all <- c(3^2 * 1.5^3, 2 * 2 * 3 * 1.5^3, 2 * 3^2 * 3 * 1.5^2)
  for (argnums in list(1, 2:3, c(3, 1), 1:3, c(2, 3, 1))) {
    grads <- do.call(mlx_grad, c(list(f), lapply(args, as_mlx), list(argnums = argnums)))
    expect_equal(vapply(grads, as.vector, 0), all[argnums], tolerance = 1e-6, info = toString(argnums))
  }
})

test_that("argnums in any order gives each gradient the shape of its argument", {
  grads <- mlx_grad(function(x, y) sum(x) * sum(y), as_mlx(1:2), as_mlx(matrix(1:6, 2)), argnums = c(2, 1))
  expect_array_equal(grads[[1L]], matrix(3, 2, 3))
  expect_array_equal(grads[[2L]], c(21, 21))
})

test_that("arguments that are not differentiated may be R values and may be read", {
  f <- function(x, labels) sum(x[as.vector(labels)])
  expect_array_equal(mlx_grad(f, as_mlx(c(1, 2, 3)), as_mlx(c(3, 1)), argnums = 1)[[1L]], c(1, 0, 1))
})

test_that("arguments are converted, and given by position", {
  expect_array_equal(mlx_grad(function(x) sum(x^2), matrix(1:4, 2))[[1L]], 2 * matrix(as.double(1:4), 2))
  expect_array_equal(mlx_grad(function(a, b) sum(a - 2 * b), b = as_mlx(1), a = as_mlx(1))[[1L]], 1)
})

test_that("gradients have shape, dtype and device of their argument", {
  for (dtype in float_dtypes()) {
    for (shape in shapes()) {
      x <- make_mlx(sample_array(shape, dtype), dtype)
      grad <- mlx_grad(function(x) sum(x * 2), x)[[1L]]
      expect_array_equal(grad, in_shape(rep(2, prod(shape)), shape), dtype = dtype, shape = shape,
        info = paste(dtype, toString(shape))
      )
      expect_identical(mlx_device(grad), mlx_device(x))
    }
  }
})

test_that("gradients of views are those of the elements they show", {
  for (pair in views("float32")) {
    expect_array_equal(mlx_grad(function(x) sum(x^3), pair[[1L]])[[1L]], 3 * pair[[2L]]^2, tolerance = 1e-5)
  }
})

test_that("an argument without effect has a gradient of zeros", {
  expect_array_equal(mlx_grad(function(x, y) sum(x), as_mlx(1:2), as_mlx(1:3))[[2L]], c(0, 0, 0))
})

test_that("loops, conditions on R values and captured arrays take part", {
  w <- as_mlx(c(1, 2))
  f <- function(x, n = 3) {
    for (i in seq_len(n)) if (i != 2) x <- x * w
    sum(x)
  }
  expect_array_equal(mlx_grad(f, as_mlx(c(1, 1)))[[1L]], c(1, 4))
})

test_that("gradients at ties, zeros and infinities are those of MLX's rules", {
  expect_array_equal(mlx_grad(function(x) sum(mlx_forward(mlx_relu(), x)), as_mlx(c(-1, 0, 2)))[[1L]], c(0, 0, 1))
  expect_array_equal(mlx_grad(function(x) sum(abs(x)), as_mlx(c(-2, 3)))[[1L]], c(-1, 1))
  expect_array_equal(mlx_grad(function(x) sum(sqrt(x)), as_mlx(c(0, 4)))[[1L]], c(Inf, 0.25))
  expect_array_equal(mlx_grad(function(x) sum(x * NaN), as_mlx(1))[[1L]], NaN)
})

test_that("gradients of gradients are second derivatives", {
  second <- mlx_grad(function(x) sum(mlx_grad(function(y) sum(y^3), x)[[1L]]), as_mlx(c(1, 2)))
  expect_array_equal(second[[1L]], c(6, 12))
})

test_that("mlx_stop_gradient() keeps the value and has no gradient", {
  x <- as_mlx(c(1, 2, 3))
  expect_array_equal(mlx_stop_gradient(x), c(1, 2, 3))
  expect_array_equal(mlx_stop_gradient(1:2), c(1, 2))
  expect_array_equal(mlx_stop_gradient(as_mlx(1:2, "int8")), c(1, 2), dtype = "int8")
  expect_array_equal(mlx_grad(function(x) sum(mlx_stop_gradient(x) * x), x)[[1L]], c(1, 2, 3))
})

test_that("the loss may have one axis of one element", {
  expect_array_equal(mlx_grad(function(x) x[2]^2, as_mlx(c(1, 3)))[[1L]], c(0, 6))
  expect_array_equal(mlx_grad(function(x) x %*% t(x), as_mlx(matrix(c(1, 3), 1)))[[1L]], matrix(c(2, 6), 1))
})

test_that("losses that have no gradient are errors that say why", {
  x <- as_mlx(c(1, 2))
  hint <- "Ensure all differentiable computations use MLX operations[.]$"
  expect_error(mlx_grad(function(x) 1, x), class = "mlx_error_grad", regexp = "must return an `mlx` object")
  expect_error(mlx_grad(function(x) as.vector(sum(x)), x), class = "mlx_error_grad", regexp = hint)
  expect_error(mlx_grad(function(x) NULL, x), class = "mlx_error_grad", regexp = hint)
  expect_error(mlx_grad(function(x) x, x), class = "mlx_error_grad", regexp = "one element")
  expect_error(mlx_grad(function(x) sum(as_mlx(as.vector(x))), x), class = "mlx_error_grad", regexp = hint)
  expect_error(mlx_grad(function(x) sum(as_mlx(x > 1, "int32")), x), class = "mlx_error_grad", regexp = "float")
  expect_error(suppressWarnings(mlx_grad(function(x) sum(gamma(x)), x)), class = "mlx_error_grad", regexp = "gamma")
})

test_that("arguments of mlx_grad() are checked", {
  x <- as_mlx(c(1, 2))
  expect_error(mlx_grad("sum", x), class = "mlx_error_argument", regexp = "is.function\\(f\\) is not TRUE")
  expect_error(mlx_grad(sum), class = "mlx_error_argument", regexp = "requires at least one argument")
  for (bad in list(0, 2, -1, NA, "a", integer(), 1e10)) {
    expect_error(mlx_grad(sum, x, argnums = bad), class = "mlx_error_argument", regexp = "argnums must be between 1 and")
  }
  error <- expect_error(mlx_grad(function(x, y) sum(x * y), x, as_mlx(1:2, "int32")), class = "mlx_error_grad")
  expect_identical(error$arg, 2L)
  expect_error(mlx_grad(sum, list(1)), class = "mlx_error_argument", regexp = "holds no mlx arrays")
  expect_error(mlx_grad(sum, "a"), class = "mlx_error_argument", regexp = "Cannot convert")
})

test_that("an error inside the function arrives as it was raised", {
  condition <- structure(
    class = c("my_error", "error", "condition"),
    list(message = "my message", call = quote(my_call(1)), data = 42)
  )
  for (run in list(
    function(f) mlx_grad(f, as_mlx(1)), function(f) mlx_value_grad(f, as_mlx(1)), function(f) mlx_compile(f)(as_mlx(1))
  )) {
    expect_identical(tryCatch(run(function(x) stop(condition)), error = identity), condition)
    expect_identical(conditionMessage(tryCatch(run(function(x) log(-x, "a")), mlx_error = identity)),
      conditionMessage(tryCatch(log(as_mlx(1), "a"), mlx_error = identity))
    )
  }
})

test_that("calling handlers, warnings and messages work inside the function", {
  seen <- character()
  grads <- withCallingHandlers(
    mlx_grad(function(x) {
      warning("careful")
      message("hello")
      sum(x^2)
    }, as_mlx(c(1, 2))),
    warning = function(w) {
      seen <<- c(seen, conditionMessage(w))
      invokeRestart("muffleWarning")
    },
    message = function(m) {
      seen <<- c(seen, conditionMessage(m))
      invokeRestart("muffleMessage")
    }
  )
  expect_identical(seen, c("careful", "hello\n"))
  expect_array_equal(grads[[1L]], c(2, 4))
})

test_that("jumps out of the function go where they were to go", {
  x <- as_mlx(c(1, 2))
  for (run in list(function(f) mlx_grad(f, x), function(f) mlx_compile(f)(x))) {
    expect_identical(callCC(function(leave) run(function(x) leave("left"))), "left")
    expect_identical(withRestarts(run(function(x) invokeRestart("mine", 7)), mine = function(value) value), 7)
    expect_identical(tryCatch(run(function(x) rlang::interrupt()), interrupt = function(i) "interrupted"), "interrupted")
    expect_identical(
      tryCatch(run(function(x) signalCondition(structure(class = c("own", "condition"), list(message = "", call = NULL)))),
        own = function(condition) "caught"
      ),
      "caught"
    )
    returning <- function() {
      run(function(x) return(sum(x)))
      "went on"
    }
    expect_identical(returning(), "went on")
  }
  expect_array_equal(mlx_grad(function(x) sum(x^2), x)[[1L]], c(2, 4))
})

test_that("arrays and session stay usable after errors inside the function", {
  x <- as_mlx(c(1, 2))
  kept <- NULL
  for (i in 1:20) {
    try(mlx_grad(function(y) {
      kept <<- y * 2
      stop("on purpose")
    }, x), silent = TRUE)
  }
  expect_array_equal(x, c(1, 2))
  expect_array_equal(mlx_grad(function(y) sum(y^2), x)[[1L]], c(2, 4))
  # an array that has escaped from the trace still has its value
  expect_array_equal(kept, c(2, 4))
})

test_that("on.exit() and finally run when the function fails", {
  ran <- character()
  try(mlx_grad(function(x) {
    on.exit(ran <<- c(ran, "on.exit"))
    tryCatch(stop("on purpose"), finally = ran <<- c(ran, "finally"))
  }, as_mlx(1)), silent = TRUE)
  expect_identical(ran, c("finally", "on.exit"))
})

test_that("differentiated arguments may be read, printed and asked for their shape", {
  output <- capture.output(mlx_grad(function(x) {
    print(mlx_shape(x))
    print(as.vector(x))
    sum(x)
  }, as_mlx(c(1, 2))))
  expect_identical(output[1:2], c("[1] 2", "[1] 1 2"))
})
