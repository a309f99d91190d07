test_that("as_mlx() keeps the shape of every R object and infers the dtype", {
  for (dtype in c("bool", "float32", "complex64")) {
    for (name in names(shapes())) {
      x <- sample_array(shapes()[[name]], dtype)
      expect_array_equal(as_mlx(x), x, dtype = dtype, shape = shapes()[[name]], info = paste(dtype, name))
    }
  }
})

test_that("as_mlx() stores R integers as float32", {
  expect_array_equal(as_mlx(1:10), as.double(1:10), dtype = "float32")
})

test_that("as_mlx() stores raw bytes as numbers", {
  expect_array_equal(as_mlx(as.raw(c(0, 7, 255))), c(0, 7, 255))
})

test_that("as_mlx() makes every dtype in every shape", {
  for (dtype in all_dtypes()) {
    for (name in names(shapes())) {
      x <- sample_array(shapes()[[name]], dtype)
      expect_array_equal(make_mlx(x, dtype), as_stored(x, dtype),
        dtype = dtype, tolerance = 0, shape = shapes()[[name]], info = paste(dtype, name)
      )
    }
  }
})

test_that("as_mlx() drops names", {
  expect_array_equal(as_mlx(c(a = 1, b = 2)), c(1, 2))
})

test_that("as_mlx() takes an array with one axis", {
  expect_array_equal(as_mlx(array(1:3, 3)), c(1, 2, 3), shape = 3L)
})

test_that("as_mlx() stores the ends of every integer range", {
  ends <- list(
    uint8 = c(0, 255), uint16 = c(0, 65535), uint32 = c(0, 2^32 - 1), uint64 = c(0, 2^53),
    int8 = c(-128, 127), int16 = c(-32768, 32767), int32 = c(1 - 2^31, 2^31 - 1), int64 = c(-2^53, 2^53)
  )
  for (dtype in names(ends)) expect_array_equal(as_mlx(ends[[dtype]], dtype), ends[[dtype]], dtype = dtype, info = dtype)
})

test_that("as_mlx() cuts numbers outside an integer range to the range, with a warning", {
  for (dtype in integer_dtypes()) {
    bits <- as.integer(sub("\\D+", "", dtype))
    range <- if (is_signed(dtype)) c(-2^(bits - 1), 2^(bits - 1) - 1) else c(0, 2^bits - 1)
    expect_warning(x <- as_mlx(c(-1e30, 1e30), dtype), class = "mlx_warning_range")
    expect_identical(as.double(x), if (dtype == "int32") c(NA, range[[2]]) else range, info = dtype)
  }
})

test_that("as_mlx() cuts fractions off for integer dtypes", {
  expect_array_equal(as_mlx(c(-1.9, -0.5, 0.5, 1.9), "int16"), c(-1, 0, 0, 1), dtype = "int16")
})

test_that("as_mlx() rounds numbers to the nearest that a float dtype holds", {
  # 1 + 2^-k is held by a type with k bits behind the point; 1 + 2^-(k+1) is a tie, which goes to the even neighbour
  for (type in list(list("float16", 10), list("bfloat16", 7), list("float32", 23), list("float64", 52))) {
    step <- 2^-type[[2]]
    x <- c(1 + step, 1 + step / 2, 1 + 3 * step / 2)
    expected <- if (type[[1]] == "float64") x else c(1 + step, 1, 1 + 2 * step)
    expect_identical(as.double(make_mlx(x, type[[1]])), expected, info = type[[1]])
  }
})

test_that("as_mlx() overflows to infinity in float dtypes", {
  expect_array_equal(as_mlx(c(7e4, -7e4), "float16"), c(Inf, -Inf), dtype = "float16")
  expect_array_equal(as_mlx(c(1e39, -1e39)), c(Inf, -Inf))
})

test_that("as_mlx() makes NaN of a numeric NA, and keeps NaN, infinities and the sign of zero", {
  for (dtype in float_dtypes()) {
    x <- make_mlx(specials(), dtype)
    expect_array_equal(x, specials(), dtype = dtype, info = dtype)
    expect_identical(zero_signs(as.double(x)), zero_signs(specials()), info = dtype)
  }
  expect_identical(as.double(as_mlx(c(NA, 1))), c(NaN, 1))
  expect_identical(as.double(as_mlx(c(NA, 1L))), c(NaN, 1))
  expect_identical(as.double(as_mlx(c(NA, TRUE), dtype = "float32")), c(NaN, 1))
})

test_that("as_mlx() refuses a logical NA in bool", {
  expect_error(as_mlx(NA), class = "mlx_error_dtype", regexp = "Logical NA values are not supported")
  expect_error(as_mlx(c(1, NaN), dtype = "bool"), class = "mlx_error_dtype", regexp = "Logical NA")
})

test_that("as_mlx() refuses NA, NaN and infinite values in integer dtypes", {
  for (dtype in integer_dtypes()) {
    for (x in list(NA, NA_integer_, NA_real_, NaN, Inf, -Inf)) {
      expect_error(as_mlx(x, dtype), class = "mlx_error_dtype", info = paste(dtype, x))
    }
  }
})

test_that("as_mlx() counts every number but 0 as TRUE in bool", {
  expect_array_equal(as_mlx(c(0, -0, 0.1, -3, Inf), "bool"), c(FALSE, FALSE, TRUE, TRUE, TRUE))
})

test_that("as_mlx() discards imaginary parts with a warning", {
  expect_warning(x <- as_mlx(c(1 + 2i, -3i), "float32"), class = "mlx_warning_precision")
  expect_array_equal(x, c(1, 0))
})

test_that("as_mlx() warns of float64 without device = \"cpu\", and stores float32", {
  expect_warning(x <- as_mlx(c(1, 2), dtype = "float64"), "stored in float32", class = "mlx_warning_precision")
  expect_array_equal(x, c(1, 2), dtype = "float32")
  expect_warning(y <- as_mlx(as_mlx(1:2), dtype = "float64"), "stored in float32", class = "mlx_warning_precision")
  expect_array_equal(y, c(1, 2), dtype = "float32")
})

test_that("as_mlx() keeps double precision on the CPU", {
  expect_identical(as.double(as_mlx(c(pi, 1e300), dtype = "float64", device = "cpu")), c(pi, 1e300))
})

test_that("as_mlx() takes unique prefixes of dtypes and devices", {
  expect_array_equal(as_mlx(1:2, dtype = "comp", device = "c"), c(1, 2) + 0i, dtype = "complex64")
})

test_that("as_mlx() returns an mlx array that needs no change as it is", {
  x <- as_mlx(1:3)
  expect_identical(as_mlx(x), x)
  expect_identical(as_mlx(x, dtype = "float32"), x)
})

test_that("as_mlx() converts between any two dtypes", {
  for (from in all_dtypes()) {
    for (to in setdiff(all_dtypes(), from)) {
      values <- if (is_signed(from) && is_signed(to)) c(-2, 0, 1, 3) else c(0, 1, 3)
      if ("bool" %in% c(from, to)) values <- as.double(values != 0)
      x <- suppressWarnings(as_mlx(make_mlx(values, from), dtype = to, device = "cpu"))
      expect_array_equal(x, values, dtype = to, tolerance = 0, info = paste(from, "to", to))
    }
  }
})

test_that("as_mlx() refuses what is no plain vector or array, and names its class", {
  bad <- list(
    `NULL` = NULL, list = list(1, 2), data.frame = data.frame(a = 1), factor = factor("a"), Date = as.Date("2020-01-01"),
    character = "a", `function` = sum, environment = globalenv(), name = quote(a),
    POSIXct = as.POSIXct("2020-01-01", tz = "UTC")
  )
  for (class in names(bad)) {
    expect_error(as_mlx(bad[[class]]),
      class = "mlx_error_argument",
      regexp = paste("Cannot convert object of class", class), info = class
    )
  }
})

test_that("as_mlx() refuses unknown dtypes and devices", {
  expect_error(as_mlx(1, dtype = "float8"), class = "mlx_error_dtype", regexp = "should be one of")
  expect_error(as_mlx(1, dtype = "int"), class = "mlx_error_dtype")
  expect_error(as_mlx(1, dtype = 1), class = "mlx_error_argument")
  expect_error(as_mlx(1, dtype = c("int8", "int16")), class = "mlx_error_argument")
  expect_error(as_mlx(1, dtype = NA_character_), class = "mlx_error_argument")
  expect_error(as_mlx(1, device = "tpu"), class = "mlx_error_argument", regexp = "should be one of")
  expect_error(as_mlx(1, device = 2), class = "mlx_error_argument", regexp = "or an mlx_stream")
})

test_that("as_mlx() refuses the gpu where there is none", {
  skip_if_gpu()
  expect_error(as_mlx(1, device = "gpu"), class = "mlx_error_device", regexp = "gpu")
})

test_that("an mlx object is a list of ptr and device with class \"mlx\"", {
  x <- as_mlx(1, device = "cpu")
  expect_identical(class(x), "mlx")
  expect_identical(names(unclass(x)), c("ptr", "device"))
  expect_identical(x$device, "cpu")
  expect_type(x$ptr, "externalptr")
})

test_that("mlx_array() lays values out with the first axis fastest", {
  expect_array_equal(mlx_array(1:24, dim = c(2, 3, 4)), array(as.double(1:24), c(2, 3, 4)))
  expect_array_equal(mlx_array(c(TRUE, FALSE), dim = 2), c(TRUE, FALSE))
  expect_array_equal(mlx_array(1:2, dim = c(1, 2), dtype = "uint8"), matrix(c(1, 2), 1), dtype = "uint8")
})

test_that("mlx_array() ignores attributes of its data", {
  expect_array_equal(mlx_array(matrix(1:4, 2, dimnames = list(NULL, c("a", "b"))), dim = 4), c(1, 2, 3, 4))
})

test_that("mlx_array() makes float64 without a warning", {
  expect_silent(x <- mlx_array(pi, dim = 1, dtype = "float64", device = "cpu"))
  expect_array_equal(x, pi, dtype = "float64", tolerance = 0, shape = 1L)
})

test_that("mlx_array() makes a scalar only where that is allowed", {
  expect_array_equal(mlx_array(3, dim = integer(0), allow_scalar = TRUE), 3)
  expect_array_equal(mlx_array(3, dim = 1, allow_scalar = TRUE), 3, shape = 1L)
  expect_error(mlx_array(3, dim = integer(0)), class = "mlx_error_argument", regexp = "at least one element")
  expect_error(mlx_array(3, dim = NULL, allow_scalar = TRUE), class = "mlx_error_argument")
  expect_error(mlx_array(1:2, dim = integer(0), allow_scalar = TRUE),
    class = "mlx_error_argument",
    regexp = "Scalar data must be length 1"
  )
})

test_that("mlx_array() wants as many values as dim has room for", {
  expect_error(mlx_array(1:6, dim = c(2, 2)), class = "mlx_error_shape", regexp = "must match prod\\(dim\\)")
  expect_error(mlx_array(numeric(), dim = 1), class = "mlx_error_shape", regexp = "must match prod\\(dim\\)")
})

test_that("mlx_array() takes atomic vectors only", {
  for (bad in list(NULL, list(1), as_mlx(1:2))) {
    expect_error(mlx_array(bad, dim = 2), class = "mlx_error_argument", regexp = "data must be an atomic vector")
  }
})

test_that("mlx_matrix() finds the side that is left out", {
  m <- matrix(as.double(1:6), 2)
  expect_array_equal(mlx_matrix(1:6, nrow = 2), m)
  expect_array_equal(mlx_matrix(1:6, ncol = 3), m)
  expect_array_equal(mlx_matrix(1:6, 2, 3), m)
})

test_that("mlx_matrix() fills by rows when byrow is TRUE", {
  expect_array_equal(mlx_matrix(1:6, 2, byrow = TRUE), matrix(as.double(1:6), 2, byrow = TRUE))
  expect_array_equal(mlx_matrix(1:6, 2, byrow = 1), matrix(as.double(1:6), 2))
})

test_that("mlx_matrix() takes the elements of an mlx array in R's order", {
  x <- as_mlx(matrix(1:6, 2))
  expect_array_equal(mlx_matrix(t(x), ncol = 2), t(matrix(as.double(1:6), 2)), shape = c(3L, 2L))
})

test_that("mlx_matrix() refuses sides that do not fit", {
  expect_error(mlx_matrix(1:6), class = "mlx_error_argument", regexp = "Provide either nrow or ncol")
  expect_error(mlx_matrix(1:6, nrow = 4), class = "mlx_error_shape", regexp = "must be divisible by nrow")
  expect_error(mlx_matrix(1:6, ncol = 4), class = "mlx_error_shape", regexp = "must be divisible by ncol")
  expect_error(mlx_matrix(1:6, 2, 2), class = "mlx_error_shape", regexp = "must equal nrow \\* ncol")
  for (bad in list(0, -1, NA, "a", 1:2)) {
    expect_error(mlx_matrix(1:6, nrow = bad), class = "mlx_error_argument", regexp = "nrow must be a positive integer")
    expect_error(mlx_matrix(1:6, ncol = bad), class = "mlx_error_argument", regexp = "ncol must be a positive integer")
  }
})

test_that("mlx_matrix() refuses data without elements", {
  expect_error(mlx_matrix(numeric(), nrow = 2), class = "mlx_error_argument", regexp = "positive integers")
})

test_that("mlx_vector() makes one axis, also of one element", {
  expect_array_equal(mlx_vector(1:3), c(1, 2, 3))
  expect_array_equal(mlx_vector(TRUE), TRUE, shape = 1L)
  expect_array_equal(mlx_vector(1i, dtype = "complex64"), 1i, shape = 1L)
})

test_that("mlx_vector() refuses nothing and what is not atomic", {
  expect_error(mlx_vector(numeric()), class = "mlx_error_argument", regexp = "at least one element")
  expect_error(mlx_vector(list(1)), class = "mlx_error_argument", regexp = "atomic")
  expect_error(mlx_vector(NULL), class = "mlx_error_argument", regexp = "atomic")
})

test_that("mlx_scalar() makes an array without axes", {
  expect_array_equal(mlx_scalar(7), 7)
  expect_array_equal(mlx_scalar(7L, dtype = "int64"), 7, dtype = "int64")
  expect_array_equal(mlx_scalar(matrix(TRUE)), TRUE, shape = integer())
})

test_that("mlx_scalar() wants one value", {
  for (bad in list(1:2, numeric(), NULL, list(1), as_mlx(1))) {
    expect_error(mlx_scalar(bad), class = "mlx_error_argument", regexp = "length 1")
  }
})

test_that("mlx_zeros() and mlx_ones() make every dtype in every shape", {
  for (dtype in all_dtypes()) {
    for (shape in Filter(function(shape) length(shape) > 0L && all(shape > 0L), shapes())) {
      info <- paste(dtype, toString(shape))
      device <- device_for(dtype)
      zero <- as_stored(in_shape(numeric(prod(shape)), shape), dtype)
      expect_array_equal(mlx_zeros(shape, dtype, device), zero, dtype = dtype, shape = shape, info = info)
      one <- as_stored(in_shape(numeric(prod(shape)) + 1, shape), dtype)
      expect_array_equal(mlx_ones(shape, dtype, device), one, dtype = dtype, shape = shape, info = info)
    }
  }
})

test_that("mlx_zeros() and mlx_ones() are float32 unless asked otherwise", {
  expect_array_equal(mlx_zeros(2), c(0, 0), dtype = "float32")
  expect_array_equal(mlx_ones(2), c(1, 1), dtype = "float32")
})

test_that("mlx_full() takes the dtype of its value, or the one asked for", {
  expect_array_equal(mlx_full(c(2, 2), 0.5), matrix(0.5, 2, 2))
  expect_array_equal(mlx_full(2, 3L), c(3, 3), dtype = "float32")
  expect_array_equal(mlx_full(2, TRUE), c(TRUE, TRUE))
  expect_array_equal(mlx_full(2, 1i), c(1i, 1i))
  expect_array_equal(mlx_full(2, 3, dtype = "uint16"), c(3, 3), dtype = "uint16")
  expect_array_equal(mlx_full(2, NaN), c(NaN, NaN))
})

test_that("mlx_full() wants one value", {
  for (bad in list(1:2, numeric(), NULL, "a", list(1))) {
    expect_error(mlx_full(2, bad), class = "mlx_error_argument", regexp = "scalar", info = class(bad))
  }
})

test_that("makers refuse a dim that is empty, not positive, NA or no number", {
  makers <- list(
    zeros = mlx_zeros, ones = mlx_ones, full = function(dim) mlx_full(dim, 1),
    array = function(dim) mlx_array(numeric(), dim)
  )
  for (name in names(makers)) {
    for (bad in list(0, -1, c(2, 0), c(2, NA), NaN, "a", list(2))) {
      expect_error(makers[[name]](bad), class = "mlx_error_argument", regexp = "dim must contain", info = name)
    }
    expect_error(makers[[name]](integer()), class = "mlx_error_argument", regexp = "at least one element", info = name)
    expect_error(makers[[name]](NULL), class = "mlx_error_argument", regexp = "dim must contain", info = name)
  }
})

test_that("makers cut fractions of dim off", {
  expect_array_equal(mlx_zeros(c(2.9, 1)), matrix(0, 2, 1))
})

test_that("more elements along an axis than MLX counts are an error that names the argument", {
  condition <- expect_error(mlx_zeros(2^31), class = "mlx_error_shape")
  expect_identical(condition$arg, "dim")
  expect_error(mlx_full(c(2, Inf), 1), class = "mlx_error_shape")
})

test_that("an array that no memory can hold costs nothing until it is computed, and is an error then", {
  huge <- mlx_zeros(c(2^20, 2^20, 2^10))
  expect_identical(mlx_shape(huge), as.integer(c(2^20, 2^20, 2^10)))
  expect_identical(length(huge), 2^50)
  expect_error(mlx_eval(huge), class = "mlx_error_device", regexp = "memory")
  expect_array_equal(mlx_zeros(2) + 1, c(1, 1))
})

test_that("shapes whose elements cannot be counted are errors", {
  for (dim in list(c(65536, 65536, 65536, 16384), rep(65536, 4), rep(2, 70), rep(2^31 - 1, 3))) {
    for (make in list(mlx_zeros, mlx_ones, mlx_rand_normal, mlx_rand_uniform)) {
      expect_error(make(dim), class = "mlx_error_shape")
    }
  }
  wide <- mlx_zeros(c(2^30, 1))
  expect_error(wide + mlx_zeros(c(1, 2^30)), class = "mlx_error_shape")
})

test_that("objects with a class are no shapes", {
  expect_error(mlx_zeros(factor("3")), class = "mlx_error_argument")
  expect_error(mlx_zeros(Sys.Date()), class = "mlx_error_argument")
})
