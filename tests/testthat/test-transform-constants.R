# What a compiled function takes as constant, and what makes it be traced again.

test_that("the training mode of a module among `inputs` counts", {
  layer <- mlx_dropout(0.5)
  network <- mlx_sequential(layer, mlx_dropout(0.5))
  ones <- mlx_ones(c(10, 10))
  for (module in list(layer, network)) {
    f <- mlx_compile(function(x) mlx_forward(module, x), inputs = module)
    mlx_set_training(module, TRUE)
    expect_lt(mean(as.matrix(f(ones)) == 1), 1)
    mlx_set_training(module, FALSE)
    expect_array_equal(f(ones), matrix(1, 10, 10))
  }
})

test_that("numbers in an environment of `inputs` and `outputs` count", {
  e <- new.env()
  e$count <- 0
  e$total <- as_mlx(0)
  step <- mlx_compile(function(x) {
    e$count <- e$count + 1
    e$total <- e$total + e$count * x
    x
  }, inputs = e, outputs = e)
  for (i in 1:3) step(as_mlx(1))
  expect_identical(e$count, 3)
  expect_array_equal(e$total, 6)
  e$count <- 10
  step(as_mlx(1))
  expect_array_equal(e$total, 17)
})

test_that("bindings that are locked or computed may be read", {
  e <- new.env()
  e$a <- as_mlx(2)
  lockBinding("a", e)
  makeActiveBinding("b", function() as_mlx(7), e)
  expect_array_equal(mlx_compile(function(x) x + e$a + e$b, inputs = e, outputs = e)(as_mlx(1)), 10)
})

test_that("modules and environments cannot be arguments", {
  f <- mlx_compile(function(x, m) x)
  for (state in list(mlx_linear(1, 1), new.env(), list(list(mlx_linear(1, 1))))) {
    expect_error(f(as_mlx(1), state), class = "mlx_error_argument", regexp = "Argument 2 is or holds a module")
  }
})

test_that("a function with state is refused inside another trace, and keeps its state", {
  e <- new.env()
  e$w <- as_mlx(2)
  h <- mlx_compile(function(x) {
    e$w <- e$w + sum(x)
    sum(x)
  }, inputs = e, outputs = e)
  for (outer in list(mlx_compile(function(x) h(x) + 1), mlx_vmap(h))) {
    expect_error(outer(as_mlx(1:2)), class = "mlx_error_trace", regexp = "same `outputs`")
    expect_array_equal(e$w, 2)
  }
  same <- mlx_compile(function(x) h(x) + 1, inputs = e, outputs = e)
  expect_array_equal(same(as_mlx(1:2)), 4)
  expect_array_equal(e$w, 5)
  expect_array_equal(h(as_mlx(1)), 1)
  expect_array_equal(e$w, 6)
})

test_that("an array that was kept outside says so", {
  e <- new.env()
  mlx_compile(function(x) {
    e$kept <- x * 2
    x
  })(as_mlx(1))
  expect_error(as.vector(e$kept), class = "mlx_error_trace", regexp = "was kept outside")
})

test_that("one trace for all shapes holds for axes of length 1", {
  sums <- mlx_compile(colSums, shapeless = TRUE)
  for (rows in c(1, 3, 1)) expect_array_equal(sums(as_mlx(matrix(1, rows, 4))), rep(rows, 4))
  means <- mlx_compile(function(x) mlx_mean(x, axes = 2), shapeless = TRUE)
  for (columns in c(1, 3)) expect_array_equal(means(as_mlx(matrix(2, 4, columns))), rep(2, 4))
})

test_that("`if` on an array tells what to do when values are known", {
  f <- mlx_compile(function(x) if (x > 1) x else -x)
  expect_error(f(as_mlx(2)), class = "mlx_error_trace", regexp = "mlx_where")
  expect_error(mlx_with_compile_disabled(f(as_mlx(c(2, 3)))), class = "mlx_error_argument", regexp = "as.vector")
})

test_that("the compile mode can be asked for", {
  before <- mlx_set_compile_mode()
  mlx_set_compile_mode("no_fuse")
  expect_identical(mlx_set_compile_mode(), "no_fuse")
  mlx_set_compile_mode(before)
})

test_that("one name is enough for mlx_scan()", {
  add <- function(carry, x) list(y = carry, carry + x)
  result <- mlx_scan(add, as_mlx(0), as_mlx(1:3))
  expect_array_equal(result$carry, 6)
  expect_array_equal(result$ys, c(0, 1, 3))
})

test_that("an array may be an argument and a constant at once, itself or what was made of it", {
  x <- as_mlx(matrix(c(1, 2, 3, 4), 2))
  same <- mlx_compile(function(a) a + x)
  expect_array_equal(same(x), matrix(c(2, 4, 6, 8), 2))
  mean <- colMeans(x) # not computed yet
  centred <- mlx_compile(function(x) x - mean)
  expect_array_equal(centred(x), matrix(c(-0.5, 0.5), 2, 2))
  expect_array_equal(centred(x + 1), matrix(c(0.5, 1.5), 2, 2))
  expect_array_equal(mlx_grad(function(a) sum(same(a)^2), x)[[1]], 4 * matrix(1:4, 2))
})
