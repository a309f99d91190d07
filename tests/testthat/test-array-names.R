named_matrix <- function() matrix(c(1, 4, 9, 16, 25, 36), 2, dimnames = list(row = c("a", "b"), NULL))

test_that("names come with R objects and go back with them", {
  for (r in list(
    named_matrix(), array(1:8, c(2, 2, 2), list(NULL, c("x", "y"), c("p", NA))), c(u = 1, v = 2),
    array(1:2, 2, list(c("a", "b"))), matrix(1:4, 2), matrix(0, 0, 2, dimnames = list(NULL, c("a", "b")))
  )) {
    x <- as_mlx(r)
    expected <- if (is.null(names(r))) dimnames(r) else list(names(r))
    expect_identical(dimnames(x), expected)
    expect_identical(as_r(x), if (length(dim(r)) == 1L) `names<-`(as.double(r), dimnames(r)[[1L]]) else r + 0)
    expect_null(names(as.vector(x)))
  }
  expect_identical(names(mlx_vector(c(a = 1, b = 2))), c("a", "b"))
  expect_identical(dimnames(as_mlx(as_mlx(named_matrix()), dtype = "int32")), dimnames(named_matrix()))
})

test_that("encodings and NA survive", {
  names <- c("\u00e4", "latin\xe9", NA)
  Encoding(names) <- c("UTF-8", "latin1", "unknown")
  x <- as_mlx(stats::setNames(1:3, names))
  expect_identical(names(x), names)
  expect_array_equal(x["latin\u00e9"], 2, shape = 1L)
})

test_that("names are set and cleared", {
  x <- as_mlx(matrix(1:4, 2))
  rownames(x) <- c("a", "b")
  expect_identical(dimnames(x), list(c("a", "b"), NULL))
  colnames(x) <- 1:2
  expect_identical(colnames(x), c("1", "2"))
  dimnames(x) <- list(NULL, NULL)
  expect_null(dimnames(x))
  v <- as_mlx(1:3)
  names(v) <- c("a", "b", "c")
  expect_identical(names(v), c("a", "b", "c"))
  expect_identical(dimnames(v), list(c("a", "b", "c")))
  expect_null(dimnames(unname(v)))
  names(v) <- NULL
  expect_null(names(v))
  expect_identical(v$device, mlx_device(v))
  expect_null(names(as_mlx(matrix(1, 1, 1))))
})

test_that("setting names leaves the other variable alone", {
  x <- as_mlx(c(a = 1, b = 2))
  y <- x
  names(y) <- c("u", "v")
  expect_identical(names(x), c("a", "b"))
})

test_that("wrong names are errors", {
  x <- as_mlx(matrix(1:4, 2))
  expect_error(dimnames(x) <- "a", class = "mlx_error_argument", regexp = "dimnames must be a list")
  expect_error(dimnames(x) <- list("a"), class = "mlx_error_argument", regexp = "must match the number of dimensions")
  error <- expect_error(dimnames(x) <- list(NULL, "a"), class = "mlx_error_argument", regexp = "must match dimension 2")
  expect_identical(error$axis, 2L)
  expect_error(names(x) <- c("a", "b"), class = "mlx_error_argument", regexp = "one-dimensional")
  scalar <- as_mlx(1)
  expect_error(dimnames(scalar) <- list(), class = "mlx_error_argument", regexp = "not supported for MLX scalars")
})

test_that("elementwise functions keep names", {
  r <- named_matrix()
  x <- as_mlx(r)
  for (f in list(sqrt, exp, log, abs, sign, floor, round, function(x) round(x, 1), function(x) log(x, 2), `-`, `!`)) {
    expect_identical(dimnames(f(x)), dimnames(r))
  }
})

test_that("operators take the names of the first operand that has some and the right shape", {
  r <- named_matrix()
  other <- matrix(1, 2, 3, dimnames = list(c("x", "y"), NULL))
  plain <- matrix(1, 2, 3)
  x <- as_mlx(r)
  expect_identical(dimnames(x + 1), dimnames(r))
  expect_identical(dimnames(2 * x), dimnames(r))
  expect_identical(dimnames(x + other), dimnames(r))
  expect_identical(dimnames(as_mlx(other) > r), dimnames(other))
  expect_identical(dimnames(plain - x), dimnames(r))
  expect_identical(dimnames(mlx_maximum(as_mlx(plain), x)), dimnames(r))
  expect_null(dimnames(as_mlx(array(1, c(2, 2, 3))) + x))
  expect_identical(dimnames(x + as_mlx(c(a = 1, b = 2, c = 3))), dimnames(r))
})

test_that("products, permutations and reductions follow base R", {
  r <- named_matrix()
  s <- matrix(1:6, 3, dimnames = list(NULL, c("u", "v")))
  x <- as_mlx(r)
  expect_identical(dimnames(x %*% s), dimnames(r %*% s))
  expect_identical(dimnames(crossprod(x)), dimnames(crossprod(r)))
  expect_identical(dimnames(tcrossprod(x)), dimnames(tcrossprod(r)))
  expect_identical(dimnames(crossprod(x, r)), dimnames(crossprod(r, r)))
  expect_identical(dimnames(t(x)), dimnames(t(r)))
  expect_identical(names(rowSums(x)), c("a", "b"))
  expect_null(names(colMeans(x)))
  expect_identical(dimnames(mlx_sum(x, axes = 2, drop = FALSE)), list(row = c("a", "b"), NULL))
  expect_null(dimnames(mlx_sum(x, axes = 1, drop = FALSE)))
  expect_null(dimnames(sum(x)))
})

test_that("gradients have their argument's names, which the function sees", {
  x <- as_mlx(named_matrix())
  grad <- mlx_grad(function(x) sum(x["b", ]^2), x)[[1L]]
  expect_identical(dimnames(grad), dimnames(x))
  expect_array_equal(grad["b", ], 2 * named_matrix()["b", , drop = FALSE])
})

test_that("compiled functions drop names", {
  x <- as_mlx(named_matrix())
  f <- mlx_compile(function(x) x + 1)
  expect_null(dimnames(f(x)))
  expect_null(dimnames(f(x)))
})

test_that("names print as base R prints them", {
  r <- named_matrix()
  expect_identical(capture.output(print(as_mlx(r))), printed("2 x 3", "float32", r))
  v <- c(a = 1, b = 2)
  expect_identical(capture.output(print(as_mlx(v))), printed("2", "float32", v))
})

test_that("errors about names read well", {
  x <- as_mlx(matrix(1:4, 2))
  expect_snapshot(show_condition(dimnames(x) <- list("a")))
  expect_snapshot(show_condition(dimnames(x) <- list(NULL, "a")))
  expect_snapshot(show_condition(names(x) <- c("a", "b")))
  expect_snapshot(show_condition(x["a", ]))
})
