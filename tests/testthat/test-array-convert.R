test_that("as.array() gives back what as_mlx() took, for every R type and up to five axes", {
  types <- list(
    logical = function(n) rep_len(c(TRUE, FALSE, FALSE), n), double = function(n) seq_len(n) / 4,
    complex = function(n) complex(real = seq_len(n), imaginary = -seq_len(n) / 2)
  )
  for (type in names(types)) {
    for (rank in 2:5) {
      shape <- c(2L, 3L, 1L, 4L, 2L)[seq_len(rank)]
      x <- array(types[[type]](prod(shape)), shape)
      expect_identical(as.array(as_mlx(x)), x, info = paste(type, rank))
    }
    vector <- types[[type]](5L)
    expect_identical(as.array(as_mlx(vector)), vector, info = type)
    expect_identical(as.array(as_mlx(vector[[1L]])), vector[[1L]], info = type)
  }
})

test_that("as.array() gives integers as they were with dtype int32", {
  for (rank in 2:5) {
    x <- array(seq_len(48L) - 20L, c(2L, 3L, 2L, 2L, 2L)[seq_len(rank)])
    expect_identical(as.array(as_mlx(x, dtype = "int32")), x, info = rank)
  }
})

test_that("as.array() is right for permuted and sliced arrays around the edges of tiles", {
  for (n in c(1L, 31L, 32L, 33L, 65L)) {
    for (p in c(1L, 31L, 32L, 33L, 65L)) {
      m <- matrix(as.double(seq_len(n * p)), n, p)
      x <- as_mlx(m)
      info <- paste(n, p)
      expect_identical(as.array(x), m, info = info)
      expect_identical(as.array(t(x)), t(m), info = info)
      expect_identical(as.array(x[n:1, ]), m[n:1, , drop = FALSE], info = info)
      expect_identical(as.array(t(x[, p:1])), t(m[, p:1, drop = FALSE]), info = info)
    }
  }
})

test_that("as.array() is right for large arrays with three axes, permuted and sliced, in every dtype", {
  shape <- c(33L, 5L, 65L)
  for (dtype in all_dtypes()) {
    a <- sample_array(shape, dtype)
    x <- make_mlx(a, dtype)
    stored <- as_stored(a, dtype)
    expect_array_equal(t(x), aperm(stored), dtype = dtype, tolerance = 0, info = dtype)
    expect_array_equal(x[33:1, c(1, 3, 5), 2:64], stored[33:1, c(1, 3, 5), 2:64],
      dtype = dtype, tolerance = 0, info = dtype
    )
    expect_array_equal(t(x)[65:1, , seq(1, 33, 2)], aperm(stored)[65:1, , seq(1, 33, 2)],
      dtype = dtype, tolerance = 0, info = dtype
    )
  }
})

test_that("as.array() and as.vector() read views of every dtype", {
  for (dtype in all_dtypes()) {
    for (name in names(views(dtype))) {
      view <- views(dtype)[[name]]
      expect_array_equal(view[[1L]], as_stored(view[[2L]], dtype), dtype = dtype, tolerance = 0,
        info = paste(dtype, name)
      )
    }
  }
})

test_that("as.array() of a broadcast array repeats its value", {
  expect_identical(as.array(mlx_full(c(2, 3), 7)), matrix(7, 2, 3))
})

test_that("as.matrix() gives a matrix", {
  m <- matrix(c(TRUE, FALSE, TRUE, TRUE, FALSE, FALSE), 2)
  expect_identical(as.matrix(as_mlx(m)), m)
})

test_that("as.matrix() makes one column of everything else, with a warning", {
  for (x in list(1, c(1, 2, 3), array(1:8 + 0, c(2, 2, 2)), numeric())) {
    expect_warning(m <- as.matrix(as_mlx(x)), "Converting array to 1-column matrix", class = "mlx_warning_shape")
    expect_identical(m, matrix(as.vector(x), ncol = 1L))
  }
})

test_that("as.vector() takes the elements with the first axis fastest", {
  expect_identical(as.vector(as_mlx(matrix(1:6, 2))), as.double(1:6))
  expect_identical(as.vector(t(as_mlx(matrix(1:6, 2)))), as.vector(t(matrix(as.double(1:6), 2))))
})

test_that("as.vector() converts to the mode asked for", {
  x <- as_mlx(c(0, 1.5))
  for (mode in c("integer", "logical", "character", "complex", "list", "double", "numeric")) {
    expect_identical(as.vector(x, mode), as.vector(c(0, 1.5), mode), info = mode)
  }
})

test_that("as.numeric(), as.integer() and as.logical() convert every dtype", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- if (dtype == "bool") c(TRUE, FALSE) else c(3, 0)
    x <- make_mlx(values, dtype)
    expect_identical(as.numeric(x), as.numeric(values), info = dtype)
    expect_identical(as.double(x), as.double(values), info = dtype)
    expect_identical(as.integer(x), as.integer(values), info = dtype)
    expect_identical(as.logical(x), as.logical(values), info = dtype)
  }
})

test_that("the least int32 reads back as NA", {
  expect_identical(as.integer(as_mlx(-2^31, dtype = "int32")), NA_integer_)
})

test_that("64-bit integers read back as doubles", {
  expect_identical(as.vector(as_mlx(2^40, dtype = "uint64")), 2^40)
  expect_identical(as.vector(as_mlx(-2^40, dtype = "int64")), -2^40)
})

test_that("attributes that the user has put on a matrix go along", {
  x <- as_mlx(matrix(1:4, 2))
  attr(x, "unit") <- "m"
  expect_identical(attr(as.array(x), "unit"), "m")
  expect_identical(attr(as.matrix(x), "unit"), "m")
  expect_null(attr(as.vector(x), "unit"))
})

test_that("format() formats the values in their shape", {
  m <- matrix(c(1, 2.5, 3, 4), 2)
  expect_identical(format(as_mlx(m)), format(m))
  expect_identical(format(as_mlx(m), nsmall = 2), format(m, nsmall = 2))
  expect_identical(format(as_mlx(c(TRUE, FALSE))), format(c(TRUE, FALSE)))
})

test_that("arrays are converted to every dtype as R values are", {
  values <- c(-1.9, -0.5, 0, 0.4, 1, 2.9, 100)
  for (from in all_dtypes()) {
    x <- suppressWarnings(make_mlx(if (from == "complex64") values + 0i else values, from))
    for (to in all_dtypes()) {
      y <- suppressWarnings(as_mlx(x, dtype = to, device = device_for(to)))
      expected <- suppressWarnings(make_mlx(as.vector(x), to))
      expect_array_equal(y, as.vector(expected), dtype = to, info = paste(from, to))
    }
  }
})

test_that("numbers outside the range of an integer dtype are cut to it with a warning", {
  for (from in c("float32", "float64", "int64")) {
    for (to in setdiff(integer_dtypes(), c("int64", "uint64"))) {
      x <- make_mlx(c(-2^40, 5, 2^40), from)
      expect_warning(y <- as_mlx(x, dtype = to, device = "cpu"), class = "mlx_warning_range", regexp = "cut to that range")
      ends <- c(if (is_signed(to)) -2^(as.integer(sub("\\D+", "", to)) - 1) else 0, 5)
      ends[3] <- 2^(as.integer(sub("\\D+", "", to)) - is_signed(to)) - 1
      expect_identical(as.vector(as_mlx(y, "int64")), ends, info = paste(from, to))
    }
  }
  expect_warning(y <- as_mlx(as_mlx(c(1e30, -1e30, Inf)), dtype = "int64"), class = "mlx_warning_range")
  expect_equal(as.vector(y), c(2^63, -2^63, 2^63))
  expect_warning(y <- as_mlx(as_mlx(-1, dtype = "int8"), dtype = "uint64"), class = "mlx_warning_range")
  expect_identical(as.vector(y), 0)
  expect_silent(as_mlx(as_mlx(c(-0.9, 255.9)), dtype = "uint8"))
  expect_silent(as_mlx(as_mlx(-2147483648), dtype = "int32"))
})

test_that("NaN has no integer, and imaginary parts are told", {
  expect_error(as_mlx(as_mlx(c(1, NaN)), dtype = "int32"), class = "mlx_error_dtype", regexp = "NaN")
  expect_warning(as_mlx(as_mlx(1i), dtype = "float32"), class = "mlx_warning_precision", regexp = "imaginary parts")
  f <- mlx_compile(function(x) as_mlx(x, dtype = "int8"))
  expect_array_equal(f(as_mlx(c(300, -300, NaN, 2.5))), c(127, -128, 0, 2), dtype = "int8")
})

test_that("conversion to an integer type that holds every value of the former computes nothing", {
  x <- as_mlx(1:3, dtype = "int8") + as_mlx(1L, dtype = "int8")
  y <- mlx_cast(x, "int32")
  expect_false(mlx_is_ready(x))
  expect_array_equal(y, 2:4, dtype = "int32")
})
