test_that("binary operators give base R's values and the documented dtype for every pair of dtypes", {
  for (op in c(arithmetic_ops(), comparison_ops(), logical_ops())) {
    for (a in all_dtypes()) {
      for (b in all_dtypes()) {
        if (!takes(op, promoted(a, b))) next
        # y is positive and never above x: no divisor is 0, and nothing wraps around
        x <- if (a == "bool") c(TRUE, TRUE, TRUE) else c(2, 3, 4)
        y <- if (b == "bool") c(TRUE, TRUE, TRUE) else if (a == "bool") c(1, 1, 1) else c(2, 1, 1)
        if (op %in% logical_ops()) y <- as_stored(c(0, 1, 0), b)
        dtype <- result_dtype(op, a, b)
        expect_array_equal(base_op(op)(make_mlx(x, a), make_mlx(y, b)), base_op(op)(x, y),
          dtype = dtype, info = paste(a, op, b)
        )
      }
    }
  }
})

test_that("binary operators work on every shape", {
  for (op in c(arithmetic_ops(), comparison_ops(), logical_ops())) {
    for (name in names(shapes())) {
      x <- sample_array(shapes()[[name]], "float32", seed = 1L)
      y <- abs(sample_array(shapes()[[name]], "float32", seed = 2L)) + 0.5
      if (op == "^") x <- abs(x)
      expected <- base_op(op)(x, y)
      expect_array_equal(base_op(op)(as_mlx(x), as_mlx(y)), expected,
        dtype = if (is.logical(expected)) "bool" else "float32", shape = shapes()[[name]], info = paste(op, name)
      )
    }
  }
})

test_that("binary operators work on transposed, sliced and reversed arrays of every dtype", {
  for (op in c("+", "*", "==", "&")) {
    for (dtype in all_dtypes()) {
      for (name in names(views(dtype))) {
        view <- views(dtype)[[name]]
        expect_array_equal(base_op(op)(view[[1L]], view[[1L]]), base_op(op)(view[[2L]], view[[2L]]),
          dtype = result_dtype(op, dtype, dtype), info = paste(op, dtype, name)
        )
      }
    }
  }
})

test_that("binary operators follow base R on NaN, infinities and zeros, save that comparisons give FALSE for NA", {
  grid <- expand.grid(x = specials(), y = specials())
  for (dtype in c("float32", "float64")) {
    x <- make_mlx(grid$x, dtype)
    y <- make_mlx(grid$y, dtype)
    for (op in c("+", "-", "*", "/")) {
      value <- base_op(op)(x, y)
      expected <- base_op(op)(grid$x, grid$y)
      expect_array_equal(value, expected, dtype = dtype, info = paste(op, dtype))
      expect_identical(zero_signs(as.double(value)), zero_signs(expected), info = paste(op, dtype))
    }
    for (op in comparison_ops()) {
      expected <- base_op(op)(grid$x, grid$y)
      expected[is.na(expected)] <- op == "!="
      expect_array_equal(base_op(op)(x, y), expected, info = paste(op, dtype))
    }
  }
})

test_that("^ follows base R on NaN, infinities and zeros where base R follows C's pow()", {
  # base R has NaN for a negative base and an infinite exponent, for roots of -Inf, and no -Inf for powers of -0
  grid <- subset(expand.grid(x = specials(), y = specials()), {
    !(x < 0 & is.infinite(y)) & !(x == -Inf & y != round(y)) & !(x == 0 & y < 0)
  })
  for (dtype in c("float32", "float64")) {
    expect_array_equal(make_mlx(grid$x, dtype)^make_mlx(grid$y, dtype), grid$x^grid$y, dtype = dtype, info = dtype)
  }
  expect_array_equal(as_mlx(c(0, 0))^as_mlx(c(-1, -Inf)), c(Inf, Inf))
})

test_that("logical operators count NaN as TRUE", {
  x <- as_mlx(c(NaN, NaN, 0, Inf))
  y <- as_mlx(c(0, 1, NaN, -0))
  expect_array_equal(x & y, c(FALSE, TRUE, FALSE, FALSE))
  expect_array_equal(x | y, c(TRUE, TRUE, TRUE, TRUE))
  expect_array_equal(!x, c(FALSE, FALSE, TRUE, FALSE))
})

test_that("an R operand may stand on either side", {
  x <- c(1, 2, 3)
  for (op in c(arithmetic_ops(), comparison_ops(), logical_ops())) {
    expected <- base_op(op)(x, 2)
    expect_array_equal(base_op(op)(as_mlx(x), 2), expected, info = op)
    expect_array_equal(base_op(op)(2, as_mlx(x)), base_op(op)(2, x), info = op)
    expect_array_equal(base_op(op)(as_mlx(x), 2L), expected, info = op)
    expect_array_equal(base_op(op)(as_mlx(x), x), base_op(op)(x, x), info = op)
    expect_array_equal(base_op(op)(x, as_mlx(x)), base_op(op)(x, x), info = op)
  }
})

test_that("a single R number takes the float type of the array that it meets", {
  for (dtype in float_dtypes()) {
    expect_array_equal(make_mlx(c(1, 2), dtype) + 0.5, c(1.5, 2.5), dtype = dtype)
    expect_array_equal(1L - make_mlx(c(1, 2), dtype), c(0, -1), dtype = dtype)
  }
  expect_identical(as.double(make_mlx(1, "float64") * 0.1), 0.1)
})

test_that("R numbers are float32 beside integers, and R's TRUE and FALSE keep them", {
  x <- as_mlx(1:3, dtype = "int32")
  expect_array_equal(x + 1L, c(2, 3, 4), dtype = "float32")
  expect_array_equal(x + 1, c(2, 3, 4), dtype = "float32")
  expect_array_equal(x + TRUE, c(2L, 3L, 4L), dtype = "int32")
  expect_array_equal(x + as_mlx(1L, dtype = "int32"), c(2L, 3L, 4L), dtype = "int32")
})

test_that("an R vector is float64 beside float64 and float32 beside half types", {
  expect_identical(as.double(make_mlx(c(1, 1), "float64") * c(0.1, 0.2)), c(0.1, 0.2))
  expect_array_equal(make_mlx(c(1, 1), "float16") * c(0.5, 2), c(0.5, 2), dtype = "float32")
})

test_that("shapes broadcast from the last axis on", {
  m <- matrix(as.double(1:12), 3)
  x <- as_mlx(m)
  expect_array_equal(x + as_mlx(1:4), m + rep(1:4, each = 3))
  expect_array_equal(x + as_mlx(matrix(1:3, 3)), m + 1:3)
  expect_array_equal(as_mlx(matrix(1:3, 3)) * as_mlx(matrix(1:4, 1)), matrix(1:3, 3) %*% matrix(as.double(1:4), 1))
  expect_array_equal(x + as_mlx(matrix(1)), m + 1)
  a <- array(as.double(1:24), c(2, 3, 4))
  expect_array_equal(as_mlx(a) - as_mlx(m[, 1:4]), sweep(a, 2:3, m, "-"))
})

test_that("arrays without elements broadcast", {
  expect_array_equal(as_mlx(matrix(0, 0, 3)) + as_mlx(1:3), matrix(0, 0, 3))
  expect_array_equal(as_mlx(numeric()) > 1, logical())
  expect_error(as_mlx(numeric()) + as_mlx(1:3), class = "mlx_error_shape")
})

test_that("nothing is recycled", {
  m <- as_mlx(matrix(1:12, 3))
  expect_error(m + as_mlx(1:3), class = "mlx_error_shape", regexp = "cannot be broadcast")
  expect_error(as_mlx(1:2) + as_mlx(1:4), class = "mlx_error_shape", regexp = "cannot be broadcast")
  expect_error(m + 1:12, class = "mlx_error_shape", regexp = "cannot be broadcast")
})

test_that("operands that cannot be converted are errors", {
  x <- as_mlx(1:3)
  for (bad in list(NULL, list(1), "a", globalenv())) {
    expect_error(x + bad, class = "mlx_error_argument", regexp = "Cannot convert object of class")
    expect_error(bad < x, class = "mlx_error_argument", regexp = "Cannot convert object of class")
  }
  expect_error(x & NA, class = "mlx_error_dtype", regexp = "Logical NA")
})

test_that("unary minus and plus keep the dtype", {
  for (dtype in setdiff(all_dtypes(), "bool")) {
    x <- sample_array(c(2L, 3L), dtype)
    expect_array_equal(+make_mlx(x, dtype), x, dtype = dtype, info = dtype)
    if (is_signed(dtype)) expect_array_equal(-make_mlx(x, dtype), -x, dtype = dtype, info = dtype)
  }
})

test_that("unary minus wraps around for unsigned integers, and is an error for bool", {
  expect_array_equal(-as_mlx(c(0, 1, 255), "uint8"), c(0, 255, 1), dtype = "uint8")
  expect_error(-as_mlx(TRUE), class = "mlx_error_dtype", regexp = "Not supported for bool")
})

test_that("unary operators work on every shape", {
  for (shape in shapes()) {
    x <- sample_array(shape, "float32")
    expect_array_equal(-as_mlx(x), -x, dtype = "float32", shape = shape, info = toString(shape))
    expect_array_equal(!as_mlx(x), !x, dtype = "bool", shape = shape, info = toString(shape))
  }
})

test_that("`!` casts every dtype to bool first", {
  for (dtype in all_dtypes()) {
    values <- as_stored(c(0, 1, 0, 1), dtype)
    expect_array_equal(!make_mlx(values, dtype), c(TRUE, FALSE, TRUE, FALSE), dtype = "bool", info = dtype)
  }
})

test_that("a complex number is TRUE when either part is not 0", {
  x <- c(0i, 1i, 1 + 0i, 1 - 1i)
  expect_array_equal(as_mlx(x) & TRUE, x & TRUE)
  expect_array_equal(as_mlx(x) | FALSE, x | FALSE)
  expect_array_equal(!as_mlx(x), !x)
})

test_that("integers wrap around where they overflow", {
  for (dtype in integer_dtypes()) {
    bits <- as.integer(sub("\\D+", "", dtype))
    if (bits == 64L) next
    top <- if (is_signed(dtype)) 2^(bits - 1) - 1 else 2^bits - 1
    bottom <- if (is_signed(dtype)) -2^(bits - 1) else 0
    one <- as_mlx(1, dtype)
    wrapped <- as_mlx(top, dtype) + one
    expect_identical(as.double(as_mlx(wrapped, "float32")), bottom, info = dtype)
    expect_identical(as.double(as_mlx(wrapped - one, dtype = "float64", device = "cpu")), top, info = dtype)
  }
})

test_that("/ of integers is a true division, with infinities for a zero divisor", {
  for (dtype in integer_dtypes()) {
    expect_array_equal(as_mlx(c(7, 1, 0), dtype) / as_mlx(c(2, 0, 0), dtype), c(3.5, Inf, NaN), info = dtype)
  }
})

test_that("%/% and %% of integers are exact and have R's signs", {
  for (dtype in integer_dtypes()) {
    grid <- if (is_signed(dtype)) c(-7:-1, 1:7) else 1:7
    pairs <- expand.grid(x = c(0, grid), y = grid)
    x <- as_mlx(pairs$x, dtype)
    y <- as_mlx(pairs$y, dtype)
    expect_array_equal(x %/% y, pairs$x %/% pairs$y, info = dtype)
    expect_array_equal(x %% y, pairs$x %% pairs$y, info = dtype)
  }
})

test_that("%/% and %% of integers by zero are NaN", {
  for (dtype in integer_dtypes()) {
    x <- as_mlx(c(0, 1, 5), dtype)
    zero <- as_mlx(c(0, 0, 0), dtype)
    expect_array_equal(x %/% zero, c(NaN, NaN, NaN), info = dtype)
    expect_array_equal(x %% zero, c(NaN, NaN, NaN), info = dtype)
  }
})

test_that("the least integer divided by -1 does no harm", {
  for (dtype in c("int8", "int16", "int32", "int64")) {
    least <- -2^(as.integer(sub("\\D+", "", dtype)) - 1)
    x <- as_mlx(least, dtype)
    y <- as_mlx(-1, dtype)
    expect_array_equal(x %% y, 0, info = dtype)
    # the quotient has no place in the dtype; 64 bits are divided in it
    expect_identical(as.double(x %/% y), if (dtype == "int64") least else -least, info = dtype)
  }
})

test_that("%/% and %% of large integers are exact before they become float32", {
  x <- as_mlx(c(2^31 - 1, 2^31 - 2, -(2^31 - 1)), "int32")
  expect_array_equal(x %% as_mlx(10, "int32"), c(2^31 - 1, 2^31 - 2, -(2^31 - 1)) %% 10)
  expect_array_equal(x %/% as_mlx(2^20, "int32"), c(2^31 - 1, 2^31 - 2, -(2^31 - 1)) %/% 2^20)
})

test_that("%/% and %% of floats are base R's, also for zero and infinite divisors", {
  grid <- expand.grid(x = c(-10, -5, -0.5, 0, 0.75, 5, 10, Inf, NaN), y = c(-3, -2, -0.25, 0, 0.5, 2, Inf, -Inf, NaN))
  for (dtype in c("float32", "float64")) {
    x <- make_mlx(grid$x, dtype)
    y <- make_mlx(grid$y, dtype)
    expect_array_equal(x %/% y, grid$x %/% grid$y, dtype = dtype, info = paste("%/%", dtype))
    expect_array_equal(x %% y, grid$x %% grid$y, dtype = dtype, info = paste("%%", dtype))
  }
})

test_that("x is (x %/% y) * y + x %% y, also where the quotient rounds up to a whole number", {
  x <- c(1, -1, 0.3, 6, 0.7)
  y <- c(0.1, 0.1, 0.1, 0.2, 0.1)
  a <- make_mlx(x, "float64")
  b <- make_mlx(y, "float64")
  expect_array_equal((a %/% b) * b + a %% b, x, dtype = "float64")
})

test_that("%/% and %% of complex numbers are errors", {
  x <- as_mlx(1i)
  expect_error(x %% x, class = "mlx_error_dtype", regexp = "not defined for complex numbers")
  expect_error(x %/% 2, class = "mlx_error_dtype", regexp = "not defined for complex numbers")
})

test_that("^ of integers stays an integer", {
  for (dtype in integer_dtypes()) {
    expect_array_equal(as_mlx(c(0, 1, 2, 3, 5), dtype)^as_mlx(c(0, 3, 6, 4, 2), dtype), c(1, 1, 64, 81, 25),
      dtype = dtype, info = dtype
    )
  }
})

test_that("a negative integer exponent is an error, unless an operand is a float", {
  for (dtype in c("int8", "int16", "int32", "int64")) {
    expect_error(as_mlx(c(2, 2), dtype)^as_mlx(c(1, -1), dtype), class = "mlx_error_dtype", regexp = "negative power")
  }
  expect_array_equal(as_mlx(2, "int32")^-1, 0.5)
})

test_that("^ of a negative base and a fraction is NaN", {
  expect_array_equal(as_mlx(c(-8, 8))^0.5, c(NaN, sqrt(8)))
})

test_that("complex arithmetic is base R's", {
  x <- complex(real = c(1, -2, 0.5, 0), imaginary = c(2, 1, -0.5, -1))
  y <- complex(real = c(-1, 3, 2, 1), imaginary = c(1, 0, -1, 2))
  for (op in c("+", "-", "*", "/", "==", "!=")) {
    expect_array_equal(base_op(op)(as_mlx(x), as_mlx(y)), base_op(op)(x, y), info = op)
  }
  expect_array_equal(as_mlx(x)^2, x^2, tolerance = 1e-5)
})

test_that("results live on the GPU if an operand does", {
  skip_if_no_gpu()
  expect_identical(mlx_device(as_mlx(1, device = "cpu") + as_mlx(1, device = "gpu")), "gpu")
  expect_identical(mlx_device(as_mlx(1, device = "cpu") + as_mlx(1, device = "cpu")), "cpu")
})

test_that("results live on the CPU if all operands do", {
  x <- as_mlx(1:3, device = "cpu")
  for (op in c("+", "<", "&")) expect_identical(mlx_device(base_op(op)(x, x)), "cpu")
  expect_identical(mlx_device(x + 1), "cpu")
})

test_that("mlx_maximum() and mlx_minimum() compare element by element, for every pair of dtypes", {
  for (a in setdiff(all_dtypes(), "complex64")) {
    for (b in setdiff(all_dtypes(), "complex64")) {
      x <- if (a == "bool") c(TRUE, FALSE, TRUE) else c(1, 5, 2)
      y <- if (b == "bool") c(FALSE, FALSE, TRUE) else c(3, 0, 2)
      dtype <- result_dtype("+", a, b)
      expect_array_equal(mlx_maximum(make_mlx(x, a), make_mlx(y, b)), pmax(x, y), dtype = dtype, info = paste(a, b))
      expect_array_equal(mlx_minimum(make_mlx(x, a), make_mlx(y, b)), pmin(x, y), dtype = dtype, info = paste(a, b))
    }
  }
})

test_that("mlx_maximum() and mlx_minimum() broadcast and take R vectors", {
  m <- matrix(c(1, 4, 2, 3), 2)
  expect_array_equal(mlx_maximum(as_mlx(m), 2), pmax(m, 2))
  expect_array_equal(mlx_minimum(2.5, as_mlx(m)), pmin(m, 2.5))
  expect_array_equal(mlx_minimum(as_mlx(m), c(2, 3)), pmin(m, rep(c(2, 3), each = 2)))
  expect_array_equal(mlx_maximum(1:3, c(2, 2, 2)), c(2, 2, 3))
  expect_error(mlx_maximum(as_mlx(m), 1:3), class = "mlx_error_shape", regexp = "broadcast")
})

test_that("mlx_maximum() and mlx_minimum() give NaN where either is NaN", {
  grid <- expand.grid(x = specials(), y = specials())
  expect_array_equal(mlx_maximum(as_mlx(grid$x), as_mlx(grid$y)), pmax(grid$x, grid$y))
  expect_array_equal(mlx_minimum(as_mlx(grid$x), as_mlx(grid$y)), pmin(grid$x, grid$y))
})

test_that("unsigned and signed 64-bit integers compare and divide as numbers", {
  x <- as_mlx(c(5, 1), dtype = "uint64")
  y <- as_mlx(c(-1, 1), dtype = "int32")
  expect_array_equal(x < y, c(FALSE, FALSE))
  expect_array_equal(x > y, c(TRUE, FALSE))
  expect_array_equal(x == y, c(FALSE, TRUE))
  expect_array_equal(x / as_mlx(c(-100, 4), dtype = "int32"), c(-0.05, 0.25))
})

test_that("x^2 is a square: exact, of every float dtype and shape, with its names and derivatives", {
  values <- c(-3, -0.5, -0, 0, 1e-30, 7, 1e30, Inf, -Inf, NaN)
  for (two in list(2, 2L)) {
    expect_array_equal(as_mlx(values)^two, c(9, 0.25, 0, 0, 0, 49, Inf, Inf, Inf, NaN), tolerance = 0)
    for (dtype in c("float16", "bfloat16", "float32", "float64")) {
      expect_array_equal(make_mlx(c(2, -3), dtype)^two, c(4, 9), dtype = dtype, info = dtype)
    }
    for (name in names(shapes())) {
      x <- sample_array(shapes()[[name]], "float32")
      expect_array_equal(as_mlx(x)^two, x^2, shape = shapes()[[name]], info = name)
    }
  }
  m <- matrix(1:4, 2, dimnames = list(c("a", "b"), NULL))
  expect_identical(dimnames(as_mlx(m)^2), dimnames(m))
  expect_array_equal(mlx_scalar(3)^2, 9, shape = integer())
  expect_grad_close(function(x) sum(x^2), c(-2, 0, 1.5))
  expect_array_equal(mlx_hessian(function(x) sum(x^2), as_mlx(c(-2, 0))), diag(2, 2))
})

test_that("%/% of all 8-bit integers is the floor of the quotient, also at the bounds of wider ones", {
  pairs <- expand.grid(x = -128:127, y = setdiff(-128:127, 0L))
  x <- make_mlx(pairs$x, "int8")
  y <- make_mlx(pairs$y, "int8")
  expect_identical(as.vector(x %/% y), floor(pairs$x / pairs$y))
  rest <- pairs$x - floor(pairs$x / pairs$y) * pairs$y
  expect_identical(as.vector(x %% y), rest)
  bound <- make_mlx(c(2147483647, -2147483648, 2147483647), "int32")
  expect_array_equal(bound %/% make_mlx(c(-10, 10, 2), "int32"), c(-214748365, -214748365, 1073741823))
  expect_array_equal(make_mlx(-2^63, "int64") %/% make_mlx(5, "int64"), floor(-2^63 / 5))
})

test_that("%/% of floats does not overflow on the way", {
  expect_array_equal(as_mlx(3e38) %/% as_mlx(-2e38), -2)
  expect_array_equal(make_mlx(60000, "float16") %/% make_mlx(-40000, "float16"), -2, dtype = "float16")
  expect_array_equal(make_mlx(1.5e308, "float64") %/% make_mlx(-1e308, "float64"), -2, dtype = "float64")
})

test_that("%/% of floats is the floor of the exact quotient, for every pair of small whole numbers and their parts", {
  grid <- expand.grid(x = c(-40:40) / 4, y = setdiff(-16:16, 0) / 8)
  for (dtype in c("float16", "bfloat16", "float32")) {
    expect_array_equal(
      make_mlx(grid$x, dtype) %/% make_mlx(grid$y, dtype), grid$x %/% grid$y, dtype = dtype, info = dtype
    )
    expect_array_equal(make_mlx(grid$x, dtype) %/% 0.75, grid$x %/% 0.75, dtype = dtype, info = dtype)
  }
  single <- c(0.1, 0.3, 0.7, 1e10, 16777216, 1e30)
  x <- as.vector(as_mlx(single))
  y <- as.vector(as_mlx(rev(single)))
  expect_array_equal(as_mlx(single) %/% as_mlx(rev(single)), x %/% y)
  expect_array_equal(as_mlx(single) %/% Inf, numeric(6))
  expect_array_equal(as_mlx(-single) %/% Inf, rep(-1, 6))
  expect_array_equal(mlx_compile(function(x, y) x %/% y)(as_mlx(-single), as_mlx(Inf)), rep(-1, 6))
  expect_array_equal(mlx_grad(function(x) sum(x * (x %/% 0.3)), as_mlx(c(1, 2)))[[1]], c(3, 6))
})
