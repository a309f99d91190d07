test_that("a callback is told of each part", {
  events <- list()
  result <- withVisible(mlx_export_function(NULL, function(x, k) sum(x[2:3, ] * k + as_mlx(matrix(1:4, 2))),
    matrix(1:6, 3), k = 2, callback = function(event) events[[length(events) + 1L]] <<- event
  ))
  expect_identical(result, list(value = NULL, visible = FALSE))
  types <- vapply(events, `[[`, "", "type")
  expect_identical(types[1:4], c("inputs", "keyword_inputs", "outputs", "constants"))
  expect_true(all(types[-(1:4)] == "primitive"))
  expect_identical(events[[1L]]$inputs, list(
    A = list(shape = c(3L, 2L), dtype = "float32"), B = list(shape = integer(), dtype = "float32")
  ))
  expect_identical(events[[2L]]$keywords, c(k = "B"))
  expect_identical(unname(events[[3L]]$outputs), list(list(shape = integer(), dtype = "float32")))
  expect_length(events[[4L]]$constants, 1L)
  expect_array_equal(events[[4L]]$constants[[1L]], matrix(as.double(1:4), 2))
  steps <- events[-(1:4)]
  expect_identical(vapply(steps, `[[`, "", "name"), c("Slice", "Broadcast", "Multiply", "Add", "Reduce", "Squeeze"))
  expect_identical(steps[[1L]]$arguments, list(c(1L, 0L), c(3L, 2L), c(1L, 1L)))
  expect_identical(names(steps[[6L]]$outputs), names(events[[3L]]$outputs))
  expect_error(mlx_export_function(NULL, exp, 1, callback = function(event) stop("mine")), "mine")
})

test_that("a callback sees settings of every kind", {
  arguments <- list()
  note <- function(event) if (!is.null(event$name)) arguments[[event$name]] <<- c(arguments[[event$name]], event$arguments)
  mlx_export_function(NULL, function(x) {
    list(mlx_cast(x, "int32"), mlx_cumsum(x), mlx_eigh(x)$values, mlx_softmax(x), fft(x), mlx_hadamard_transform(x))
  }, diag(4), callback = note)
  expect_true("int32" %in% arguments$AsType)
  expect_identical(arguments$Eigh[[1L]], "L")
  expect_type(arguments$Scan[[3L]], "logical")
  expect_identical(arguments$Hadamard, list(0.5))
  expect_type(unlist(arguments$FFT[[1L]]), "integer")
})
