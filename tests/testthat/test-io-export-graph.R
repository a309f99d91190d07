# Numbers of operations in a drawing stand for nothing.
graph_sample <- function() {
  x <- as_mlx(matrix(1:4, 2))
  w <- as_mlx(diag(2))
  list(y = exp(x %*% w) + x, parts = list(x = x, w = w))
}

test_that("a graph is drawn with the names of lists", {
  expect_snapshot({
    cat(mlx_export_to_dot(graph_sample()))
    mlx_print_graph(graph_sample())
  })
})

test_that("arrays may be named by being listed, and others get letters", {
  x <- as_mlx(1:3)
  w <- as_mlx(4:6)
  y <- x * w
  expect_match(mlx_export_to_dot(list(y, x = x, w = w)), "\"x\" -> ", fixed = TRUE)
  expect_match(mlx_export_to_dot(y, w = w, x), "\"w\" -> ", fixed = TRUE)
  expect_match(mlx_export_to_dot(y), "\"A\" -> ", fixed = TRUE)
  expect_match(mlx_export_to_dot(list(B = y)), "rank=sink; \"B\"", fixed = TRUE)
  expect_identical(sum(gregexpr("\"B\"", mlx_export_to_dot(list(B = y)), fixed = TRUE)[[1L]] > 0), 2L)
  expect_identical(capture.output(mlx_print_graph(y)), c(
    "Inputs: A [(3), float32], B [(3), float32]", "Outputs: C [(3), float32]",
    "Multiply A [(3), float32], B [(3), float32] -> C [(3), float32]"
  ))
  capture.output(shown <- withVisible(mlx_print_graph(y)))
  expect_identical(shown, list(value = y, visible = FALSE))
  mlx_eval(y)
  expect_identical(mlx_export_to_dot(list(y = y)), "digraph {\n{ rank=source; \"y\"; }\n}\n")
})

test_that("names cannot break out of the drawing", {
  x <- as_mlx(1)
  expect_identical(
    mlx_export_to_dot(stats::setNames(list(x), "a\"b\\c\nd")), "digraph {\n{ rank=source; \"a\\\"b\\\\c d\"; }\n}\n"
  )
  twice <- mlx_export_to_dot(list(a = x, a = as_mlx(2)))
  expect_match(twice, "\"A\"", fixed = TRUE)
})

test_that("operations with several results, and graphs of a trace, are drawn", {
  text <- mlx_export_to_dot(mlx_eigh(as_mlx(diag(2))))
  expect_match(text, "rank=sink; \"values\"", fixed = TRUE)
  expect_match(text, "rank=sink; \"vectors\"", fixed = TRUE)
  seen <- NULL
  mlx_compile(function(x) {
    y <- x + 1
    seen <<- mlx_export_to_dot(list(y, x = x))
    y
  })(as_mlx(1))
  expect_match(seen, "Add", fixed = TRUE)
})

test_that("a graph of any depth is drawn", {
  x <- as_mlx(1)
  for (i in 1:50000) x <- x + 1
  expect_gt(nchar(mlx_export_to_dot(x)), 1e6)
})

test_that("a graph is written to a file", {
  file <- withr::local_tempfile(fileext = ".dot")
  x <- exp(as_mlx(1))
  expect_identical(withVisible(mlx_export_to_dot(x, file = file)), list(value = file, visible = FALSE))
  expect_identical(readChar(file, 1e5), mlx_export_to_dot(x))
  expect_error(mlx_export_to_dot(x, file = "/no/such/folder/x.dot"), class = "mlx_error_io")
})

test_that("what is no array cannot be drawn", {
  x <- as_mlx(1)
  for (bad in list(1, NULL, list(), list(list()), list(x, 1), "a", exp, quote(x))) {
    expect_error(mlx_export_to_dot(bad), class = "mlx_error_argument")
    expect_error(mlx_print_graph(bad), class = "mlx_error_argument")
  }
  for (bad in list(1, NA_character_, "", character())) {
    expect_error(mlx_export_to_dot(x, file = bad), class = "mlx_error_argument")
  }
  endless <- list(x)
  for (i in 1:300) endless <- list(endless)
  expect_error(mlx_export_to_dot(endless), class = "mlx_error_argument")
})
