test_that("the tables of functions hold all of R's Math group", {
  # methods counts round() and signif() as a group of their own
  members <- c(methods::getGroupMembers("Math"), "round", "signif")
  expect_setequal(c(names(math_functions()), names(fallback_functions())), members)
})

test_that("mathematical functions give base R's values for every float dtype", {
  for (name in names(math_functions())) {
    x <- math_functions()[[name]]
    for (dtype in float_dtypes()) {
      # a product of nine halves needs more bits than half types have
      if (name == "cumprod" && dtype == "bfloat16") next
      expect_array_equal(get(name)(make_mlx(x, dtype)), quietly(name)(x), dtype = dtype, info = paste(name, dtype))
    }
  }
})

test_that("mathematical functions of integers and bool give base R's values and the documented dtype", {
  for (name in names(math_functions())) {
    for (dtype in c("bool", integer_dtypes())) {
      x <- if (dtype == "bool" || name %in% c("asin", "acos")) c(0, 1, 1, 0) else c(1, 2, 1, 3)
      if (name %in% c("acosh", "log", "log2", "log10")) x <- pmax(x, 1)
      if (name == "atanh") x <- c(0, 0, 0, 0)
      expected <- if (!name %in% keeps_integers()) {
        "float32"
      } else if (name == "cumsum" && dtype == "bool") {
        "int32"
      } else {
        dtype
      }
      expect_array_equal(get(name)(make_mlx(x, dtype)), quietly(name)(x), dtype = expected,
        info = paste(name, dtype)
      )
    }
  }
})

test_that("mathematical functions of signed integers are right below zero", {
  for (name in c("abs", "sign", "floor", "ceiling", "round", "exp", "sin", "cumsum", "cumprod", "cummax", "cummin")) {
    for (dtype in c("int8", "int16", "int32", "int64")) {
      x <- c(-3, 0, 2, -1)
      expect_array_equal(get(name)(as_mlx(x, dtype)), get(name)(x),
        dtype = if (name %in% keeps_integers()) dtype else "float32", info = paste(name, dtype)
      )
    }
  }
})

test_that("mathematical functions keep the shape, and cumulative ones make one axis in R's order", {
  for (name in names(math_functions())) {
    for (shape in shapes()) {
      n <- prod(shape)
      x <- in_shape(rep_len(math_functions()[[name]], n), shape)
      cumulative <- name %in% cumulative_functions()
      expect_array_equal(get(name)(as_mlx(x)), quietly(name)(x),
        dtype = "float32", shape = if (cumulative) as.integer(n) else shape, info = paste(name, toString(shape))
      )
    }
  }
})

test_that("mathematical functions work on views", {
  for (name in c("abs", "exp", "floor", "round", "cumsum", "cummax")) {
    for (view in views("float32")) {
      expect_array_equal(get(name)(view[[1L]]), get(name)(view[[2L]]), info = name, tolerance = 1e-5)
    }
  }
})

test_that("mathematical functions follow base R on NaN, infinities and zeros", {
  for (name in names(math_functions())) {
    for (dtype in c("float32", "float64")) {
      # base R's cumulative functions carry NaN on as well
      value <- get(name)(make_mlx(specials(), dtype))
      expected <- quietly(name)(specials())
      expect_array_equal(value, expected, dtype = dtype, info = paste(name, dtype))
      # MLX's own sine makes 0 of -0
      if (name == "sin") next
      expect_identical(zero_signs(as.double(value)), zero_signs(expected), info = paste(name, dtype))
    }
  }
})

test_that("cumulative functions carry NaN and infinities on", {
  for (name in cumulative_functions()) {
    x <- c(1, -Inf, 2, NaN, 3)
    expect_array_equal(get(name)(as_mlx(x)), get(name)(x), info = name)
  }
})

test_that("float64 functions have double precision, and its range", {
  expect_array_equal(exp(make_mlx(c(-700, 100, 700), "float64")) / exp(c(-700, 100, 700)), c(1, 1, 1), dtype = "float64")
  for (name in c("exp", "sin", "cos", "tan", "log", "tanh", "expm1", "log1p")) {
    x <- c(0.1, 1, 2.5, 10)
    expect_array_equal(get(name)(make_mlx(x, "float64")), get(name)(x), dtype = "float64", info = name)
  }
})

test_that("mathematical functions of complex numbers are base R's", {
  x <- complex(real = c(0.5, -1, 2, 0.25), imaginary = c(1.5, 0.5, -0.25, -2))
  others <- c("abs", "floor", "ceiling", "cummax", "cummin", "sign", "expm1", "log1p", "acosh")
  for (name in setdiff(names(math_functions()), others)) {
    expect_array_equal(get(name)(as_mlx(x)), get(name)(x), tolerance = 5e-6, info = name)
  }
  expect_array_equal(abs(as_mlx(x)), Mod(x), dtype = "float32")
  expect_array_equal(sign(as_mlx(x)), x / Mod(x))
  expect_array_equal(log1p(as_mlx(x)), log(1 + x))
  # the principal value, which base R does not give everywhere
  expect_array_equal(acosh(as_mlx(x)), log(x + sqrt(x + 1) * sqrt(x - 1)), tolerance = 5e-6)
})

test_that("functions that have no meaning for complex numbers are errors", {
  x <- as_mlx(c(1i, 2))
  for (name in c("floor", "ceiling", "cummax", "cummin", "expm1", names(fallback_functions()))) {
    if (name == "signif") next
    error <- expect_error(suppressWarnings(get(name)(x)), class = "mlx_error_dtype", info = name)
    expect_identical(error$dtype, "complex64", info = name)
  }
})

test_that("functions that MLX does not have are computed by base R, with a warning", {
  for (name in setdiff(names(fallback_functions()), "signif")) {
    x <- fallback_functions()[[name]]
    expect_warning(value <- get(name)(as_mlx(x)), class = "mlx_warning_fallback",
      regexp = sprintf("MLX does not support '%s'", name)
    )
    expect_array_equal(value, quietly(name)(x), info = name)
  }
})

test_that("functions that MLX does not have keep float dtypes, and make float32 of integers and bool", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- c(1, 0, 1)
    value <- suppressWarnings(trunc(make_mlx(values, dtype)))
    expect_array_equal(value, values, dtype = if (dtype %in% float_dtypes()) dtype else "float32", info = dtype)
  }
})

test_that("functions that MLX does not have keep the shape, also without elements", {
  for (shape in shapes()) {
    x <- sample_array(shape, "float32")
    value <- suppressWarnings(trunc(as_mlx(x)))
    expect_array_equal(value, trunc(x), dtype = "float32", shape = shape, info = toString(shape))
  }
})

test_that("log() takes a base", {
  x <- c(0.5, 1, 8, 100)
  for (base in c(2, 10, 0.5, exp(1))) {
    expect_array_equal(log(as_mlx(x), base), log(x, base), info = base)
    expect_array_equal(log(as_mlx(x), base = base), log(x, base), info = base)
  }
  expect_array_equal(log(as_mlx(8, "int32"), 2), 3)
  expect_array_equal(log(make_mlx(8, "float64"), 2), 3, dtype = "float64")
  expect_array_equal(log(as_mlx(-1), 2), NaN)
})

test_that("round() takes digits, and rounds half to even", {
  x <- c(-1234.5678, -2.5, -0.5, 0.5, 1.5, 2.5, 1234.5678)
  for (digits in c(-3, -2, -1, 0, 1, 2)) {
    expect_array_equal(round(as_mlx(x), digits), round(x, digits), info = digits)
    expect_array_equal(round(as_mlx(x), digits = digits), round(x, digits), info = digits)
  }
})

test_that("round() to digits is base R's, of what the dtype holds", {
  values <- c((1:400) * 0.005 - 1, 2.675, -8.345, 0.15, 2.5, 1e-5, 123456.789, NaN, Inf, -Inf, 0)
  for (digits in c(-2, -1, 1, 2, 3, 5)) {
    double <- make_mlx(values, "float64")
    expect_identical(as.vector(round(double, digits)), round(values, digits), label = digits)
    single <- as_mlx(values)
    expect_identical(as.vector(round(single, digits)), as.vector(as_mlx(round(as.vector(single), digits))), label = digits)
  }
  expect_identical(as.vector(round(make_mlx(1.23456789012345, "float64"), 10)), 1.2345678901)
})

test_that("round() keeps whole numbers, and rounds them before the point", {
  for (dtype in c("int16", "int32", "int64", "uint16")) {
    x <- as_mlx(c(1234, 55), dtype)
    expect_array_equal(round(x, 2), c(1234, 55), dtype = dtype)
    expect_array_equal(round(x, -2), c(1200, 100), dtype = dtype)
  }
})

test_that("round() to more digits than a number has changes nothing", {
  for (digits in c(20, 100, 400)) {
    x <- c(1e30, -1, 5)
    expect_array_equal(round(as_mlx(x), digits), x, tolerance = 1e-6, info = digits)
  }
})

test_that("round() keeps complex numbers that are too large for the digits", {
  x <- c(1e30 + 2e30i, 1.234 - 5.678i)
  expect_equal(as.vector(round(as_mlx(x), 20))[1], x[1], tolerance = 1e-6)
  expect_equal(as.vector(round(as_mlx(x), 2))[2], round(x[2], 2), tolerance = 1e-6)
})

test_that("signif() needs no warning", {
  x <- c(1234.5678, 0.00012345)
  expect_silent(value <- signif(as_mlx(x)))
  expect_array_equal(value, signif(x))
  expect_silent(value <- signif(as_mlx(x), 2))
  expect_array_equal(value, signif(x, 2))
})

test_that("arguments of functions are checked", {
  x <- as_mlx(c(1, 2))
  expect_error(log(x, "a"), class = "mlx_error_argument", regexp = "base must be a single numeric value")
  expect_error(round(x, "a"), class = "mlx_error_argument", regexp = "digits must be")
  expect_error(round(x, 1:2), class = "mlx_error_argument", regexp = "digits must be")
})

test_that("cummax and cummin keep NaN in every float dtype, and their gradient does", {
  x <- c(1, 7, NaN, 2)
  for (dtype in c("float16", "bfloat16", "float32", "float64")) {
    expect_array_equal(cummax(make_mlx(x, dtype)), c(1, 7, NaN, NaN), dtype = dtype, info = dtype)
    expect_array_equal(cummin(make_mlx(x, dtype)), c(1, 1, NaN, NaN), dtype = dtype, info = dtype)
  }
  expect_length(as.vector(mlx_grad(function(x) sum(cummax(x)), as_mlx(c(NaN, 1)))[[1L]]), 2L)
  expect_array_equal(mlx_grad(function(x) sum(cummax(x)), as_mlx(c(1, 3, 2)))[[1L]], c(1, 2, 0))
})

test_that("arguments of log() may come in any order, and the base may be an array", {
  x <- as_mlx(c(8, 9))
  expect_array_equal(log(base = 2, x = x), log(c(8, 9), 2))
  expect_array_equal(log(x, c(2, 3)), c(3, 2))
  expect_array_equal(log(x, as_mlx(c(2, 3))), c(3, 2))
})
