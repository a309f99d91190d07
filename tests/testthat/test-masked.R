# Objects that are no mlx arrays must not notice that this package masks a function.

test_that("masked functions are base R's for base R's own objects, errors included", {
  m <- matrix(c(2, 1, 0.5, 3), 2, dimnames = list(c("a", "b"), c("x", "y")))
  inputs <- list(
    matrix = m, integer = matrix(1:6, 2), complex = m + 1i, logical = m > 1, frame = data.frame(p = 1:3, q = c(2, 4, NA)),
    table = table(c(1, 1, 2), c("u", "v", "v")), cube = array(1:24, 2:4), vector = c(a = 1, b = 2), number = 4,
    character = letters[1:3], list = list(1, 2), factor = factor(c("u", "v")), none = NULL, date = as.Date("2020-01-01") + 0:1,
    empty = matrix(0, 0, 2), f = sum
  )
  calls <- list(
    colSums = function(f, x) f(x), colMeans = function(f, x) f(x, na.rm = TRUE), rowSums = function(f, x) f(x, TRUE),
    rowMeans = function(f, x) f(x, dims = 2), colSums = function(f, x) f(x, dims = 5), crossprod = function(f, x) f(x),
    crossprod = function(f, x) f(x, x), tcrossprod = function(f, x) f(x), tcrossprod = function(f, x) f(x, NULL),
    `%*%` = function(f, x) f(x, x), kronecker = function(f, x) f(x, diag(2)), kronecker = function(f, x) f(x, x, "+", TRUE),
    outer = function(f, x) f(x, 1:2), outer = function(f, x) f(x, 1:2, function(p, q) paste(p, q)), svd = function(f, x) f(x),
    svd = function(f, x) f(x, nu = 1, nv = 0), chol2inv = function(f, x) f(x), chol2inv = function(f, x) f(x, 1),
    backsolve = function(f, x) f(x, 1:2), backsolve = function(f, x) f(x, 1, 1, FALSE, TRUE), fft = function(f, x) f(x),
    fft = function(f, x) f(x, inverse = TRUE)
  )
  outcome <- function(expression) suppressWarnings(tryCatch(expression, error = conditionMessage))
  for (i in seq_along(calls)) {
    name <- names(calls)[[i]]
    plain <- if (name == "fft") stats::fft else get(name, baseenv())
    for (kind in names(inputs)) {
      expect_identical(
        outcome(calls[[i]](get(name), inputs[[kind]])), outcome(calls[[i]](plain, inputs[[kind]])),
        info = paste(i, name, kind)
      )
    }
  }
})

# What a child prints that runs the same calls with packages attached in an order.
with_matrix <- function(order) {
  script <- withr::local_tempfile(fileext = ".R")
  file.copy(testthat::test_path("fixtures", "masked.R"), script)
  suppressWarnings(system2(rscript(), c("--vanilla", shQuote(script), order),
    stdout = TRUE, stderr = TRUE, env = paste0("R_LIBS=", paste(.libPaths(), collapse = .Platform$path.sep)), timeout = 60
  ))
}

test_that("S4 objects of Matrix go to its methods, whichever package is attached first", {
  skip_if_not_installed("Matrix")
  plain <- with_matrix("Matrix")
  expect_gt(length(plain), 50L)
  expect_identical(with_matrix(c("Rmlx", "Matrix")), plain)
  expect_identical(with_matrix(c("Matrix", "Rmlx")), plain)
})

test_that("mlx arrays work whichever package is attached first", {
  skip_if_not_installed("Matrix")
  code <- quote({
    suppressPackageStartupMessages(library(Matrix))
    x <- as_mlx(matrix(c(2, 1, 0, 3), 2))
    y <- matrix(c(1, 2, 3, 4), 2)
    results <- list(
      colSums(x), colMeans(x), rowSums(x), rowMeans(x), crossprod(x), crossprod(x, y), crossprod(y, x), tcrossprod(x),
      tcrossprod(y, x), kronecker(x, y), kronecker(y, x), methods::kronecker(x, x), chol2inv(x), outer(y, x), svd(x)$d,
      x %*% y, y %*% x
    )
    cat(all(vapply(results, is_mlx, NA)), sum(vapply(results, function(r) sum(as.vector(r)), 1)))
  })
  after <- eval(bquote(run_child(.(code))))
  before <- eval(bquote(run_child({
    detach("package:Rmlx")
    suppressPackageStartupMessages(library(Matrix))
    suppressPackageStartupMessages(library(Rmlx))
    .(code)
  })))
  expect_match(after, "^TRUE ")
  expect_identical(before, after)
})

test_that("outer() finds a function by its name where it was called", {
  f <- function() {
    plus_one <- function(a, b) a + b + 1
    outer(1:2, 1:2, "plus_one")
  }
  expect_identical(f(), base::outer(1:2, 1:2, function(a, b) a + b + 1))
})

test_that("diag() of an mlx array works where Matrix is attached later", {
  skip_if_not_installed("Matrix")
  found <- run_child({
    suppressPackageStartupMessages(library(Matrix))
    cat(as.vector(diag(as_mlx(matrix(1:4, 2)))), dim(diag(as_mlx(1:3))))
  })
  expect_match(paste(found, collapse = " "), "1 4 3 3")
})
