counting <- function(f, shapeless = TRUE) {
  calls <- 0L
  compiled <- mlx_compile(function(...) {
    calls <<- calls + 1L
    f(...)
  }, shapeless = shapeless)
  list(f = compiled, calls = function() calls)
}

test_that("one trace serves all sides of what does not look at them", {
  affine <- counting(function(x, w, b) tanh(x %*% w + b))
  for (sides in list(c(10, 6, 4), c(20, 6, 4), c(5, 3, 2), c(7, 2, 9), c(10, 6, 4))) {
    x <- sample_array(sides[1:2], "float32")
    w <- sample_array(sides[2:3], "float32")
    b <- sample_array(sides[3], "float32")
    expect_array_equal(affine$f(as_mlx(x), as_mlx(w), as_mlx(b)), tanh(sweep(x %*% w, 2, b, "+")), tolerance = 1e-5)
  }
  expect_identical(affine$calls(), 1L)

  mixed <- function(x) mean(x) + sum(abs(x) * x) / 2 - max(x)
  numbers <- counting(mixed)
  for (side in list(c(5, 5), c(10, 10), c(2, 7))) {
    x <- sample_array(side, "float32")
    expect_array_equal(numbers$f(as_mlx(x)), mixed(x), tolerance = 1e-5)
  }
  expect_identical(numbers$calls(), 1L)
})

test_that("another dtype, number of axes or number of arguments is traced also when shapeless", {
  total <- counting(function(...) Reduce(`+`, lapply(list(...), sum)))
  expect_array_equal(total$f(as_mlx(1:3)), 6)
  expect_array_equal(total$f(as_mlx(1:5)), 15)
  expect_identical(total$calls(), 1L)
  expect_array_equal(total$f(as_mlx(matrix(1:4, 2))), 10)
  expect_array_equal(total$f(as_mlx(1:3), as_mlx(1:2)), 9)
  expect_array_equal(total$f(as_mlx(1:3, "int32")), 6L, dtype = "int32")
  expect_identical(total$calls(), 4L)
})

test_that("a function that looks at shapes or holds on to them is traced for each, with right results", {
  functions <- list(
    function(x) sum(x) / nrow(x), function(x) x[-1, ] * 2, function(x) mlx_reshape(x, c(2, nrow(x))), function(x) rbind(x, x),
    function(x) sum(x) / length(x), function(x) x * NROW(x), function(x) cumsum(x), function(x) x[2:1, 1]
  )
  for (f in functions) {
    fast <- counting(f)
    for (n in c(3L, 5L, 3L, 2L)) {
      x <- as_mlx(matrix(as.double(seq_len(2L * n)), n))
      expect_equal(as.vector(fast$f(x)), as.vector(f(x)), tolerance = 1e-6, info = deparse(f))
    }
    expect_lte(fast$calls(), 3L)
  }
})

test_that("sides of 1 and 0 are right", {
  product <- counting(function(x, y) x * y + x)
  x <- sample_array(c(3L, 4L), "float32")
  for (other in list(x + 1, x[1, , drop = FALSE], x[, 1, drop = FALSE], x[1, 1, drop = FALSE])) {
    expect_array_equal(product$f(as_mlx(x), as_mlx(other)), as.matrix(as_mlx(x) * as_mlx(other) + as_mlx(x)), tolerance = 1e-6)
    expect_array_equal(
      product$f(as_mlx(other), as_mlx(x)), as.matrix(as_mlx(other) * as_mlx(x) + as_mlx(other)),
      tolerance = 1e-6
    )
  }
  nothing <- matrix(0, 0, 4)
  expect_array_equal(product$f(as_mlx(nothing), as_mlx(nothing)), nothing)
  top <- mlx_compile(function(x) max(x), shapeless = TRUE)
  expect_array_equal(top(as_mlx(1:3)), 3)
  expect_error(top(as_mlx(numeric())), class = "mlx_error_shape")
})

test_that("random numbers, state and structure work when shapeless", {
  noisy <- mlx_compile(function(x) list(noise = x * 0 + mlx_rand_normal(3), x = x), shapeless = TRUE)
  first <- noisy(as_mlx(1:3))
  expect_named(first, c("noise", "x"))
  expect_false(identical(as.vector(first$noise), as.vector(noisy(as_mlx(1:3))$noise)))
  env <- new.env()
  env$sum <- as_mlx(0)
  add <- mlx_compile(function(x) {
    env$sum <- env$sum + sum(x)
    env$sum
  }, shapeless = TRUE, inputs = env, outputs = env)
  expect_array_equal(add(as_mlx(1:3)), 6)
  expect_array_equal(add(as_mlx(1:4)), 16)
  expect_array_equal(env$sum, 16)
})
