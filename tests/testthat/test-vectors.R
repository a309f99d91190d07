# The kernels that compute several numbers at once: right everywhere, and the same wherever a number lies.

functions <- list(
  exp = exp, sin = sin, cos = cos, tan = tan, tanh = tanh, sinh = sinh, cosh = cosh, asin = asin, acos = acos, atan = atan,
  asinh = asinh, acosh = acosh, atanh = atanh, log = log, log2 = log2, log10 = log10, log1p = log1p, expm1 = expm1,
  sqrt = sqrt, abs = abs, floor = floor, ceiling = ceiling, sign = sign, negative = function(x) -x,
  square = function(x) x * x
)

# What is left of a result that is out of the range of a dtype.
limited <- function(y, largest) {
  beyond <- !is.nan(y) & abs(y) > largest
  y[beyond] <- sign(y[beyond]) * Inf
  y
}

# All numbers with so many bits of fraction and exponents from `lowest`, infinities and NaN included.
all_numbers <- function(fraction, lowest, highest) {
  steps <- seq_len(2^fraction) - 1
  normal <- outer(1 + steps / 2^fraction, 2^(lowest:highest))
  positive <- c(steps / 2^fraction * 2^lowest, normal, Inf)
  c(positive, -positive, NaN)
}

# The largest error beside the distance of neighbouring numbers: relative, or absolute near 0.
worst <- function(found, expected, step, smallest) {
  expect_identical(is.nan(found), is.nan(expected))
  known <- !is.nan(expected) & is.finite(expected) & is.finite(found)
  max(abs(found - expected)[known] / pmax(abs(expected)[known] * step, smallest))
}

test_that("functions of all half-precision numbers are right", {
  kinds <- list(float16 = c(2^-10, 2^-24, 65504), bfloat16 = c(2^-7, 2^-126, 3.38e38))
  numbers <- list(float16 = all_numbers(10, -14, 15), bfloat16 = all_numbers(7, -126, 127))
  for (dtype in names(kinds)) {
    values <- numbers[[dtype]]
    x <- make_mlx(values, dtype)
    expect_identical(as.vector(x), values)
    expect_identical(sum(is.finite(values)), if (dtype == "float16") 63488L else 65280L)
    for (name in names(functions)) {
      f <- functions[[name]]
      expected <- limited(suppressWarnings(f(values)), kinds[[dtype]][3])
      y <- f(x)
      expect_lte(worst(as.vector(mlx_cast(y, "float64")), expected, kinds[[dtype]][1], kinds[[dtype]][2]), 1,
        label = paste(name, dtype)
      )
    }
  }
})

test_that("functions of float32 numbers are right", {
  grid <- c(2^seq(-149, 127, by = 0.37), seq(0, 100, length.out = 20011))
  x <- as.vector(as_mlx(c(0, grid, -grid, NaN, Inf, -Inf, -0)))
  for (name in names(functions)) {
    f <- functions[[name]]
    expected <- limited(suppressWarnings(f(x)), 3.4028235e38)
    found <- as.vector(f(as_mlx(x)))
    # the slopes of these are steep near the zeros of sine and cosine, whose arguments are reduced in single precision
    periodic <- name %in% c("sin", "cos", "tan")
    known <- if (periodic) abs(x) < 100 | !is.finite(x) else TRUE
    smallest <- if (periodic) 1e-6 else 1.2e-38
    expect_lte(worst(found[known], expected[known], 2^-23, smallest), 20, label = name)
  }
})

test_that("a result does not depend on where in an array a number lies", {
  set.seed(1)
  values <- c(rnorm(60) * 10, 1e30, -1e30, NaN, Inf, 1e-40, -0)
  for (dtype in c("float32", "float64", "float16", "bfloat16")) {
    x <- make_mlx(values, dtype)
    for (name in names(functions)) {
      f <- functions[[name]]
      single <- vapply(seq_along(values), function(i) as.vector(f(x[i])), 0)
      expect_identical(as.vector(f(x)), single, label = paste(name, dtype))
      expect_identical(as.vector(f(x[4:39])), single[4:39], label = paste(name, dtype, "from the middle"))
    }
  }
})

test_that("operations of two arrays are right for all sizes and offsets", {
  set.seed(2)
  numbers <- round(rnorm(70) * 3)
  others <- rev(numbers) + 0.5
  operations <- list(`+` = `+`, `-` = `-`, `*` = `*`, `/` = `/`, `<` = `<`, `>=` = `>=`, `==` = `==`, `!=` = `!=`,
    where = function(x, y) if (is_mlx(x)) mlx_where(x > y, x, y) else pmax(x, y),
    maximum = function(x, y) if (is_mlx(x)) mlx_maximum(x, y) else pmax(x, y)
  )
  for (dtype in c("float32", "float64", "float16", "int32", "int8", "uint8", "int64")) {
    a <- as.vector(make_mlx(abs(numbers), dtype))
    b <- as.vector(make_mlx(abs(others), dtype))
    x <- make_mlx(a, dtype)
    y <- make_mlx(b, dtype)
    for (name in setdiff(names(operations), if (grepl("int", dtype)) "/")) {
      f <- operations[[name]]
      if (name == "-" && dtype == "uint8") next
      tolerance <- if (dtype == "float16") 2e-3 else 1e-6
      for (n in c(0:9, 15:17, 31:33, 63:65)) {
        at <- seq_len(n) + 3L
        expect_equal(as.vector(f(x[at], y[at])), f(a[at], b[at]), tolerance = tolerance, label = paste(name, dtype, n))
      }
      at <- 2:66
      expect_equal(as.vector(f(x[at], y[5])), f(a[at], b[5]), tolerance = tolerance, label = paste(name, dtype, "one"))
      expect_equal(as.vector(f(x[5], y[at])), f(a[5], b[at]), tolerance = tolerance, label = paste("one", name, dtype))
    }
  }
})

test_that("reductions are right for all sizes, with NaN anywhere", {
  set.seed(3)
  values <- rnorm(66)
  for (n in 1:66) {
    x <- values[seq_len(n)]
    m <- as_mlx(x)
    expect_equal(as.vector(sum(m)), sum(x), tolerance = 1e-5)
    expect_equal(as.vector(max(m)), max(x), tolerance = 1e-6)
    expect_equal(as.vector(min(m)), min(x), tolerance = 1e-6)
    expect_identical(as.vector(mlx_any(m > max(x) - 1e-3)), TRUE)
    expect_identical(as.vector(mlx_all(m < max(x))), FALSE)
    expect_equal(as.vector(rowSums(as_mlx(rbind(x, -x)))), unname(c(sum(x), -sum(x))), tolerance = 1e-5)
    expect_equal(as.vector(colSums(as_mlx(cbind(x, -x)))), unname(c(sum(x), -sum(x))), tolerance = 1e-5)
    for (at in c(1L, n %/% 2L + 1L, n)) {
      x[at] <- NaN
      expect_identical(c(as.vector(max(as_mlx(x))), as.vector(min(as_mlx(x)))), c(NaN, NaN))
      x[at] <- values[at]
    }
  }
})

test_that("compiled chains give what the operations give one by one", {
  chain <- function(x, y, b) tanh((exp(-x * x) * y + b) / (abs(y) + 1)) * 0.123456789 + (x > y) * x
  compiled <- mlx_compile(chain)
  set.seed(4)
  for (dtype in c("float32", "float64", "float16")) {
    tolerance <- c(float32 = 1e-5, float64 = 1e-12, float16 = 5e-3)[[dtype]]
    for (n in c(1:9, 31:33, 65)) {
      x <- make_mlx(rnorm(n), dtype)
      y <- make_mlx(rnorm(n), dtype)
      b <- make_mlx(0.5, dtype)
      expect_equal(as.vector(compiled(x, y, b)), as.vector(chain(x, y, b)), tolerance = tolerance, label = paste(dtype, n))
      m <- make_mlx(matrix(rnorm(3 * n), 3), dtype)
      row <- mlx_reshape(y, c(1, n))
      expect_equal(as.matrix(compiled(m, row, b)), as.matrix(chain(m, row, b)), tolerance = tolerance, label = paste(dtype, n))
      expect_equal(as.matrix(compiled(t(m), t(row), b)), as.matrix(chain(t(m), t(row), b)), tolerance = tolerance)
      column <- make_mlx(matrix(rnorm(3), 3), dtype)
      expect_equal(as.matrix(compiled(m, column, b)), as.matrix(chain(m, column, b)), tolerance = tolerance)
    }
  }
})

test_that("constants of fused kernels keep their digits and signs, and whole numbers wrap", {
  x <- as_mlx(c(16777215, 16777219))
  same <- function(f, x) expect_identical(as.vector(mlx_compile(f)(x)), as.vector(f(x)))
  same(function(x) (x + 1) * 1 == 16777217, x)
  same(function(x) x * 0 + 123456789, x)
  same(function(x) x * x / 3 + pi, x)
  zero <- as_mlx(-0)
  same(function(x) (x + 1) / zero, x)
  expect_identical(as.vector(mlx_compile(function(x, n) (x + 1) / n)(x, -0)), c(-Inf, -Inf))
  over <- mlx_compile(function(x, n) x / n)
  expect_identical(c(as.vector(over(as_mlx(1), -0)), as.vector(over(as_mlx(1), 0))), c(-Inf, Inf))
  most <- as_mlx(2147483647L, dtype = "int32")
  wraps <- function(x) mlx_cast(x * x + most, "int64")
  same(wraps, as_mlx(1:3, dtype = "int32"))
})

test_that("products with vectors, with parts of matrices, and of halves are right", {
  set.seed(5)
  m <- matrix(rnorm(300 * 7), 300)
  for (dtype in c("float32", "float64", "float16", "bfloat16")) {
    tolerance <- c(float32 = 1e-5, float64 = 1e-12, float16 = 5e-3, bfloat16 = 3e-2)[[dtype]]
    x <- make_mlx(m, dtype)
    a <- as.matrix(x)
    w <- a[7, , drop = FALSE]
    v <- x[7, , drop = FALSE]
    equal <- function(found, expected) expect_equal(as.matrix(found), expected, tolerance = tolerance, label = dtype)
    equal(x %*% t(v), a %*% t(w))
    equal(v %*% t(x), w %*% t(a))
    equal(t(x) %*% x[, 3, drop = FALSE], t(a) %*% a[, 3, drop = FALSE])
    equal(t(x[, 3, drop = FALSE]) %*% x, t(a[, 3, drop = FALSE]) %*% a)
    equal(crossprod(x[2:30, 3:6]), crossprod(a[2:30, 3:6]))
    equal(x[2:30, 3:6] %*% x[5:8, ], a[2:30, 3:6] %*% a[5:8, ])
    equal(x[2:30, 3:6] %*% t(x[9:11, 2:5]), a[2:30, 3:6] %*% t(a[9:11, 2:5]))
    equal(mlx_contiguous(t(x)), t(a))
  }
})
