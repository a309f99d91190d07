population <- function(x) mean((x - mean(x))^2)

sample_var <- function(x) stats::var(as.vector(x))

test_that("mlx_prod(), mlx_all() and mlx_any() reduce axes and give arrays", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  for (axes in list(1, 2, c(1, 3), 1:3)) {
    for (drop in c(TRUE, FALSE)) {
      for (name in c("prod", "all", "any")) {
        f <- get(paste0("mlx_", name))
        values <- if (name == "prod") a else a > 0
        expected <- reduce_in_r(values, get(name), axes, drop)
        expect_array_equal(f(as_mlx(values), axes = axes, drop = drop), expected, tolerance = 1e-5, info = name)
      }
    }
  }
  expect_array_equal(mlx_prod(c(2, 3, 4)), 24)
  expect_array_equal(mlx_all(as_mlx(c(NaN, 1))), TRUE)
  expect_array_equal(mlx_any(as_mlx(c(0i, 1i)), drop = FALSE), TRUE)
})

test_that("mlx_var() and mlx_std() are the joint moments over the axes", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  for (dtype in c("float32", "float64")) {
    x <- make_mlx(a, dtype)
    for (axes in list(1, 2, 3, c(1, 2), c(3, 1), 1:3)) {
      for (drop in c(TRUE, FALSE)) {
        expect_array_equal(mlx_var(x, axes, drop), reduce_in_r(a, population, axes, drop), dtype = dtype)
        expect_array_equal(mlx_var(x, axes, drop, ddof = 1), reduce_in_r(a, sample_var, axes, drop), dtype = dtype)
        expect_array_equal(mlx_std(x, axes, drop, 1L), reduce_in_r(a, stats::sd, axes, drop), dtype = dtype)
      }
    }
    expect_array_equal(mlx_var(x), population(a), dtype = dtype)
    expect_array_equal(mlx_std(x, drop = FALSE), sqrt(population(a)), dtype = dtype)
  }
})

test_that("moments keep float dtypes and make float32 of all others", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- sample_values(12, dtype)
    expected <- if (dtype %in% float_dtypes()) dtype else "float32"
    expect_array_equal(mlx_var(make_mlx(values, dtype)), population(values), dtype = expected, tolerance = 0.02)
    expect_array_equal(mlx_std(make_mlx(values, dtype)), sqrt(population(values)), dtype = expected, tolerance = 0.02)
  }
  z <- complex(real = c(1, 2, 4), imaginary = c(0, 3, -1))
  expect_array_equal(mlx_var(as_mlx(z)), mean(Mod(z - mean(z))^2))
})

test_that("the sum behind a moment of half precision does not stop growing", {
  x <- rep(c(0, 2), 20000)
  expect_array_equal(mlx_var(as_mlx(x, "float16")), 1, dtype = "float16")
})

test_that("moments are NaN where the divisor is not positive", {
  x <- as_mlx(c(1, 5))
  for (ddof in 2:3) {
    expect_array_equal(mlx_var(x, ddof = ddof), NaN)
    expect_array_equal(mlx_std(x, axes = 1, ddof = ddof), NaN)
  }
  expect_array_equal(mlx_var(as_mlx(3)), 0)
  expect_array_equal(mlx_var(as_mlx(3), ddof = 1), NaN)
  expect_array_equal(mlx_var(as_mlx(numeric())), NaN)
  expect_array_equal(mlx_std(as_mlx(matrix(0, 0, 2)), axes = 1), c(NaN, NaN))
  expect_array_equal(mlx_var(as_mlx(c(1, NaN))), NaN)
})

test_that("moments work on views and can be differentiated", {
  for (view in views("float32")) {
    expect_array_equal(mlx_std(view[[1L]], axes = 1, ddof = 1), apply(view[[2L]], 2, stats::sd), tolerance = 1e-5)
  }
  x <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2)
  expect_grad_close(function(x) mlx_var(x, ddof = 1), x, oracle = sample_var)
  expect_grad_close(function(x) mlx_std(x), x, oracle = function(x) sqrt(population(x)))
})

test_that("mlx_logsumexp() is the logarithm of the sum of exponentials, and does not overflow", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  log_total <- function(x) log(sum(exp(x)))
  for (dtype in c("float32", "float64")) {
    x <- make_mlx(a, dtype)
    for (axes in list(1, 2, 3, c(1, 3), c(2, 3), 1:3)) {
      for (drop in c(TRUE, FALSE)) {
        expect_array_equal(mlx_logsumexp(x, axes, drop), reduce_in_r(a, log_total, axes, drop), dtype = dtype)
      }
    }
    expect_array_equal(mlx_logsumexp(x), log_total(a), dtype = dtype)
    expect_array_equal(mlx_logsumexp(x, drop = FALSE), array(log_total(a), c(1, 1, 1)), dtype = dtype)
  }
  expect_array_equal(mlx_logsumexp(as_mlx(c(1000, 1000))), 1000 + log(2))
  expect_array_equal(mlx_logsumexp(as_mlx(c(-1000, -1001))), -1000 + log1p(exp(-1)))
  expect_array_equal(mlx_logsumexp(as_mlx(c(1L, 2L), "int32")), log_total(1:2))
})

test_that("mlx_logsumexp() takes infinities, NaN, nothing and complex numbers", {
  expect_array_equal(mlx_logsumexp(as_mlx(c(Inf, 1))), Inf)
  expect_array_equal(mlx_logsumexp(as_mlx(c(-Inf, -Inf))), -Inf)
  expect_array_equal(mlx_logsumexp(as_mlx(c(-Inf, 2))), 2)
  expect_array_equal(mlx_logsumexp(as_mlx(c(Inf, NaN))), NaN)
  expect_array_equal(mlx_logsumexp(as_mlx(numeric())), -Inf)
  expect_array_equal(mlx_logsumexp(as_mlx(matrix(0, 0, 2)), axes = 1, drop = FALSE), matrix(-Inf, 1, 2))
  expect_array_equal(mlx_logsumexp(as_mlx(4)), 4)
  z <- c(1 + 1i, 2 + 0i, 3 - 1i)
  expect_array_equal(mlx_logsumexp(as_mlx(z)), log(sum(exp(z))))
})

test_that("mlx_softmax() normalises over the axes together", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  soft <- function(x) exp(x) / sum(exp(x))
  for (precise in c(TRUE, FALSE)) {
    for (axes in list(1, 2, 3, c(1, 3), c(2, 3))) {
      total <- reduce_in_r(exp(a), sum, axes, FALSE)
      expected <- exp(a) / total[cbind(
        rep(if (1 %in% axes) 1 else 1:2, length.out = 24),
        rep(if (2 %in% axes) 1 else rep(1:3, each = 2), length.out = 24),
        rep(if (3 %in% axes) 1 else rep(1:4, each = 6), length.out = 24)
      )]
      expect_array_equal(mlx_softmax(as_mlx(a), axes, precise), expected, info = toString(axes))
    }
    expect_array_equal(mlx_softmax(as_mlx(a), precise = precise), soft(a))
  }
  expect_array_equal(mlx_softmax(as_mlx(c(1e4, 1e4, -1e4))), c(0.5, 0.5, 0))
  expect_array_equal(mlx_softmax(as_mlx(1:3, "int32")), soft(1:3))
  expect_array_equal(mlx_softmax(make_mlx(1:3, "float64")), soft(1:3), dtype = "float64", tolerance = 1e-7)
  expect_array_equal(mlx_softmax(as_mlx(7)), 1)
  expect_array_equal(mlx_softmax(as_mlx(matrix(0L, 0, 2), "int32")), matrix(0, 0, 2))
})

test_that("logsumexp and softmax can be differentiated and compiled", {
  x <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2)
  w <- matrix(1:6, 2)
  soft_rows <- function(x) exp(x) / rowSums(exp(x))
  expect_grad_close(function(x) mlx_logsumexp(x), x, oracle = function(x) log(sum(exp(x))))
  expect_grad_close(function(x) sum(mlx_softmax(x, axes = 2) * w), x, oracle = function(x) sum(soft_rows(x) * w))
  expect_array_equal(mlx_compile(function(x) mlx_softmax(x, 2))(as_mlx(x)), soft_rows(x))
  expect_array_equal(mlx_compile(function(x) mlx_logsumexp(x, 1))(as_mlx(x)), log(colSums(exp(x))))
})

test_that("reductions keep the names of what is left, softmax keeps all", {
  x <- as_mlx(matrix(1:6 / 2, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(names(mlx_var(x, axes = 2)), c("a", "b"))
  expect_identical(dimnames(mlx_std(x, axes = 2, drop = FALSE)), list(c("a", "b"), NULL))
  expect_identical(names(mlx_logsumexp(x, axes = 2)), c("a", "b"))
  expect_null(dimnames(mlx_logsumexp(x, drop = FALSE)))
  expect_identical(dimnames(mlx_softmax(x)), dimnames(x))
  expect_identical(dimnames(mlx_softmax(x, 1)), dimnames(x))
})

test_that("arguments of moments, logsumexp and softmax are checked", {
  x <- as_mlx(matrix(1:6, 2))
  for (f in list(mlx_var, mlx_std, mlx_logsumexp, mlx_softmax, mlx_prod, mlx_all, mlx_any)) {
    expect_error(f(x, axes = 3), class = "mlx_error_shape", regexp = "out of bounds")
    expect_error(f(x, axes = NA), class = "mlx_error_argument", regexp = "vector of integers")
    expect_error(f(x, axes = integer()), class = "mlx_error_argument", regexp = "at least one element")
    expect_error(f("a"), class = "mlx_error_argument", regexp = "Cannot convert")
  }
  expect_error(mlx_var(x, drop = NA), class = "mlx_error_argument", regexp = "drop must be a single logical value")
  expect_error(mlx_logsumexp(x, drop = 1), class = "mlx_error_argument", regexp = "drop must be a single logical value")
  expect_error(mlx_softmax(x, precise = NULL), class = "mlx_error_argument", regexp = "precise must be a single logical")
  for (ddof in list("a", NA, NaN, 1:2, NULL, 1e10)) {
    expect_error(mlx_var(x, ddof = ddof), class = "mlx_error_argument", regexp = "ddof must be a single")
  }
})
