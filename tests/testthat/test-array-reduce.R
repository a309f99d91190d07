test_that("summaries of everything give base R's value and the documented dtype for every dtype", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    values <- sample_array(c(2L, 3L), dtype)
    if (dtype == "float16") values <- sign(values) * 0.5
    for (name in c("sum", "prod", "min", "max")) {
      expect_array_equal(get(name)(make_mlx(values, dtype)), get(name)(values),
        dtype = reduced_dtype(name, dtype), info = paste(name, dtype)
      )
    }
    for (name in c("all", "any")) {
      expect_identical(get(name)(make_mlx(values, dtype)), get(name)(values != 0), info = paste(name, dtype))
    }
    expect_array_equal(mean(make_mlx(values, dtype)), mean(values), dtype = reduced_dtype("mean", dtype), info = dtype)
  }
})

test_that("sums, products and means of complex numbers are base R's", {
  x <- complex(real = c(1, -2, 0.5), imaginary = c(0, 1, 3))
  for (name in c("sum", "prod", "mean")) expect_array_equal(get(name)(as_mlx(x)), get(name)(x), info = name)
})

test_that("all() and any() count a complex number as TRUE when either part is not 0", {
  expect_true(all(as_mlx(c(1i, 2 + 0i))))
  expect_true(any(as_mlx(c(0i, 1i))))
  expect_false(any(as_mlx(c(0i, 0i))))
})

test_that("summaries of everything work on every shape", {
  for (name in names(shapes())) {
    x <- sample_array(shapes()[[name]], "float32")
    for (f in c("sum", "prod", "mean")) {
      expect_array_equal(get(f)(as_mlx(x)), get(f)(x), dtype = "float32", info = paste(f, name), tolerance = 1e-5)
    }
    for (f in c("all", "any")) expect_identical(get(f)(as_mlx(x)), get(f)(x > 0 | x < 0), info = paste(f, name))
    if (length(x) == 0L) next
    for (f in c("min", "max")) expect_array_equal(get(f)(as_mlx(x)), get(f)(x), info = paste(f, name))
  }
})

test_that("min() and max() of nothing are errors", {
  for (name in c("none", "0 x 3", "2 x 0")) {
    x <- as_mlx(sample_array(shapes()[[name]], "float32"))
    expect_error(min(x), class = "mlx_error_shape", regexp = "without elements")
    expect_error(max(x), class = "mlx_error_shape", regexp = "without elements")
  }
  expect_error(max(as_mlx(matrix(0, 0, 3)), axes = 1), class = "mlx_error_shape", regexp = "without elements")
})

test_that("summaries reduce any axes of a cube, kept or dropped", {
  for (dtype in c("float32", "int32", "bool", "float64")) {
    a <- sample_array(c(2L, 3L, 4L), dtype)
    x <- make_mlx(a, dtype)
    for (axes in list(1, 2, 3, c(1, 2), c(1, 3), c(2, 3), c(3, 1), 1:3, c(2, 2))) {
      for (drop in c(TRUE, FALSE)) {
        for (name in c("sum", "prod", "min", "max")) {
          expected <- reduce_in_r(as_stored(a, dtype), get(name), axes, drop)
          expect_array_equal(get(name)(x, axes = axes, drop = drop), expected,
            dtype = reduced_dtype(name, dtype), tolerance = 1e-5, info = paste(name, dtype, toString(axes), drop)
          )
        }
        expect_array_equal(mlx_mean(x, axes = axes, drop = drop), reduce_in_r(a, mean, axes, drop),
          dtype = reduced_dtype("mean", dtype), info = paste("mean", dtype, toString(axes), drop)
        )
      }
    }
  }
})

test_that("summaries over axes without elements have the value of nothing", {
  x <- as_mlx(matrix(0, 0, 3))
  expect_array_equal(sum(x, axes = 1), c(0, 0, 0))
  expect_array_equal(prod(x, axes = 1), c(1, 1, 1))
  expect_array_equal(mlx_mean(x, axes = 1), c(NaN, NaN, NaN))
  expect_array_equal(max(x, axes = 2), numeric())
  expect_identical(all(x, axes = 1), c(TRUE, TRUE, TRUE))
  expect_identical(any(x, axes = 1), c(FALSE, FALSE, FALSE))
})

test_that("summaries work on views", {
  for (view in views("float32")) {
    for (name in c("sum", "min", "max")) {
      for (axes in 1:2) {
        expect_array_equal(get(name)(view[[1L]], axes = axes), apply(view[[2L]], 3 - axes, get(name)), info = name)
      }
    }
  }
})

test_that("all() and any() over axes are an R vector in R's order", {
  a <- sample_array(c(2L, 3L, 4L), "bool")
  for (axes in list(1, 2, 3, c(1, 3))) {
    expect_identical(all(as_mlx(a), axes = axes), as.vector(apply(a, setdiff(1:3, axes), all)), info = toString(axes))
    expect_identical(any(as_mlx(a), axes = axes), as.vector(apply(a, setdiff(1:3, axes), any)), info = toString(axes))
  }
})

test_that("mlx_sum() and mlx_mean() take R vectors and reduce everything unless told otherwise", {
  expect_array_equal(mlx_sum(c(1, 2, 4)), 7)
  expect_array_equal(mlx_mean(c(TRUE, FALSE)), 0.5)
  expect_array_equal(mlx_sum(as_mlx(matrix(1:4, 2)), drop = FALSE), 10)
  expect_array_equal(mlx_sum(as_mlx(1:3), axes = 1, drop = FALSE), 6, shape = 1L)
})

test_that("NaN and infinities go through summaries as in base R", {
  for (x in list(c(1, NaN, 3), c(1, Inf, 2), c(Inf, -Inf), c(-Inf, 1), c(NaN, Inf))) {
    for (name in c("sum", "prod", "min", "max", "mean")) {
      expect_array_equal(get(name)(as_mlx(x)), get(name)(x), info = paste(name, toString(x)))
    }
  }
})

test_that("all() and any() count NaN as TRUE", {
  expect_true(all(as_mlx(c(NaN, 1))))
  expect_true(any(as_mlx(c(NaN, 0))))
})

test_that("integer sums wrap around", {
  expect_array_equal(sum(as_mlx(c(2^31 - 1, 1, 5), "int32")), -2^31 + 5, dtype = "int32")
})

test_that("summaries take further arrays and numbers", {
  x <- as_mlx(c(1, 2, 3))
  y <- as_mlx(matrix(4:7, 2))
  expect_array_equal(sum(x, y), sum(1:3, 4:7))
  expect_array_equal(prod(x, 2), 12)
  expect_array_equal(min(x, y, -1), -1)
  expect_array_equal(max(x, 9L, 4), 9)
  expect_identical(all(x > 0, x > 2), FALSE)
  expect_identical(any(x > 5, c(FALSE, TRUE)), TRUE)
})

test_that("axes and drop are refused beside further arrays", {
  x <- as_mlx(c(1, 2, 3))
  expect_error(sum(x, 1, axes = 1), class = "mlx_error_argument", regexp = "only supported when reducing a single array")
  expect_error(sum(x, 1, drop = FALSE), class = "mlx_error_argument", regexp = "only supported")
})

test_that("the old name axis works with a warning, and not beside axes", {
  x <- as_mlx(matrix(1:6, 2))
  expect_warning(value <- sum(x, axis = 1), "deprecated", class = "mlx_warning_argument")
  expect_array_equal(value, c(3, 7, 11))
  expect_error(sum(x, axis = 1, axes = 1), class = "mlx_error_argument", regexp = "only one of")
})

test_that("na.rm warns that it is ignored", {
  x <- as_mlx(c(1, NaN))
  for (name in summary_functions()[1:4]) {
    expect_warning(value <- get(name)(x, na.rm = TRUE), "na.rm is ignored", class = "mlx_warning_argument")
    expect_array_equal(value, NaN, info = name)
  }
  expect_warning(colSums(as_mlx(matrix(1, 2, 2)), na.rm = TRUE), "na.rm is ignored", class = "mlx_warning_argument")
})

test_that("range() is an error", {
  expect_error(range(as_mlx(1:3)), class = "mlx_error_argument", regexp = "Operation not implemented for mlx objects")
})

test_that("axes that are not there are errors", {
  x <- as_mlx(matrix(1:6, 2))
  for (bad in list(0, 3, -1, c(1, 3))) {
    error <- expect_error(mlx_sum(x, axes = bad), class = "mlx_error_shape", regexp = "out of bounds")
    expect_identical(error$axis, as.integer(bad[[length(bad)]]))
  }
  for (bad in list(NA, "a", list(1), integer())) {
    expect_error(mlx_sum(x, axes = bad), class = "mlx_error_argument", regexp = "axes|axis")
  }
  expect_error(mlx_sum(as_mlx(5), axes = 1), class = "mlx_error_shape", regexp = "out of bounds")
})

test_that("drop must be TRUE or FALSE", {
  for (bad in list(NA, 1, "a", c(TRUE, FALSE), NULL)) {
    expect_error(mlx_sum(as_mlx(1:3), axes = 1, drop = bad), class = "mlx_error_argument",
      regexp = "drop must be a single logical value"
    )
  }
})

test_that("row and column sums and means are base R's, for every dtype", {
  for (dtype in setdiff(all_dtypes(), "complex64")) {
    m <- sample_array(c(3L, 4L), dtype)
    x <- make_mlx(m, dtype)
    for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
      expected <- get(name, envir = baseenv())(m)
      kind <- if (grepl("Sums", name)) "sum" else "mean"
      expect_array_equal(get(name)(x), expected, dtype = reduced_dtype(kind, dtype), info = paste(name, dtype))
    }
  }
})

test_that("row and column sums and means take complex numbers", {
  m <- sample_array(c(3L, 4L), "complex64")
  for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
    expect_array_equal(get(name)(as_mlx(m)), get(name, envir = baseenv())(m), info = name)
  }
})

test_that("row and column sums and means work on views, one row, one column and nothing", {
  matrices <- c(
    views("float32"),
    lapply(list(c(1L, 4L), c(4L, 1L), c(0L, 3L), c(2L, 0L), c(1L, 1L)), function(shape) {
      m <- sample_array(shape, "float32")
      list(as_mlx(m), m)
    })
  )
  for (pair in matrices) {
    for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
      expected <- get(name, envir = baseenv())(pair[[2L]])
      expect_array_equal(get(name)(pair[[1L]]), expected, dtype = "float32", shape = length(expected),
        info = paste(name, toString(dim(pair[[2L]])))
      )
    }
  }
})

test_that("row and column sums and means of a cube take dims as base R does", {
  a <- sample_array(c(2L, 3L, 4L), "float32")
  for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
    for (dims in 1:2) {
      expected <- get(name, envir = baseenv())(a, dims = dims)
      expect_array_equal(get(name)(as_mlx(a), dims = dims), expected, info = paste(name, dims))
    }
    expect_error(get(name)(as_mlx(a), dims = 3), class = "mlx_error_argument", regexp = "dims")
    expect_error(get(name)(as_mlx(a), dims = 0), class = "mlx_error_argument", regexp = "dims")
  }
})

test_that("row and column sums and means of one axis are errors", {
  for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
    expect_error(get(name)(as_mlx(1:3)), class = "mlx_error_shape", regexp = "out of bounds", info = name)
    expect_error(get(name)(as_mlx(1)), class = "mlx_error_shape", regexp = "out of bounds", info = name)
  }
})

test_that("row and column sums and means of R's own objects are base R's, with names, na.rm and dims", {
  m <- matrix(c(1, NA, 3, 4, 5, 6), 2, dimnames = list(c("a", "b"), c("x", "y", "z")))
  frame <- data.frame(u = 1:3, v = c(2.5, NA, 1))
  a <- array(1:24, c(2, 3, 4), dimnames = list(c("a", "b"), NULL, NULL))
  for (name in c("colSums", "rowSums", "colMeans", "rowMeans")) {
    base <- get(name, envir = baseenv())
    expect_identical(get(name)(m), base(m), info = name)
    expect_identical(get(name)(m, na.rm = TRUE), base(m, na.rm = TRUE), info = name)
    expect_identical(get(name)(m, TRUE), base(m, TRUE), info = name)
    expect_identical(get(name)(frame), base(frame), info = name)
    expect_identical(get(name)(a, dims = 2), base(a, dims = 2), info = name)
    expect_error(get(name)(1:3), "'x' must be an array of at least two dimensions", info = name)
  }
})

test_that("long sums and means keep their precision", {
  ones <- mlx_ones(2e7)
  expect_identical(as.vector(sum(ones)), 2e7)
  expect_identical(as.vector(mean(ones)), 1)
  x <- rep(0.1, 1e6)
  expect_array_equal(sum(as_mlx(x)), sum(x), tolerance = 1e-4)
  m <- matrix(x, ncol = 2)
  expect_array_equal(colMeans(as_mlx(m)), c(0.1, 0.1), tolerance = 1e-4)
  expect_array_equal(rowSums(as_mlx(t(m))), c(5e4, 5e4), tolerance = 1e-4)
  expect_array_equal(mlx_sum(mlx_eval(t(as_mlx(m)) * 2), axes = 2), c(1e5, 1e5), tolerance = 1e-4)
  tall <- as_mlx(array(0.5, c(9001, 2, 3)))
  expect_array_equal(mlx_sum(tall, axes = 1), matrix(4500.5, 2, 3))
})

test_that("sums and means of half precision are added up in single precision", {
  for (dtype in c("float16", "bfloat16")) {
    x <- make_mlx(rep(1, 5000), dtype)
    expect_array_equal(mean(x), 1, dtype = dtype, info = dtype)
    expect_array_equal(sum(x), 5000, dtype = dtype, info = dtype)
  }
})

test_that("means of integers do not overflow", {
  expect_array_equal(mean(as_mlx(rep(2^31 - 1, 4), dtype = "int32")), 2^31 - 1)
  expect_array_equal(mean(as_mlx(rep(2^62, 4), dtype = "int64")), 2^62)
})

test_that("the product of nothing is 1 and has an empty gradient", {
  for (shape in list(0L, c(0L, 3L), c(3L, 0L))) {
    x <- as_mlx(array(numeric(), shape))
    expect_array_equal(prod(x), 1)
    grad <- mlx_grad(function(x) prod(x), x)[[1L]]
    expect_identical(mlx_shape(grad), shape)
    expect_length(as.vector(grad), 0L)
  }
})

test_that("axes must be whole numbers", {
  x <- as_mlx(matrix(1:6, 2))
  calls <- list(
    function() mlx_sum(x, 1.5), function() mlx_sort(x, 1.5), function() mlx_cumsum(x, 1.5), function() mlx_fft(x, 1.5),
    function() mlx_norm(x, axes = 1.5), function() mlx_norm(x, axes = -1.5), function() mlx_quantile(x, 0.5, 1.5),
    function() mlx_trace(x, 0.5), function() diag(x, 0.5), function() mlx_gather(x, list(1), axes = 1.5)
  )
  for (call in calls) expect_error(call(), class = "mlx_error")
})

test_that("means and variances of wide integers keep their digits", {
  values <- c(2147483000L, 2147483001L, 2147483007L)
  x <- as_mlx(values, dtype = "int32", device = "cpu")
  expect_array_equal(mlx_var(x, ddof = 1), stats::var(values), tolerance = 1e-6)
  expect_array_equal(mlx_mean(x - as_mlx(2147483000L, "int32", "cpu")), 8 / 3)
})

test_that("reductions of nothing are neutral, over any axes", {
  for (shape in list(c(2L, 3L, 0L), c(5L, 0L, 4L), c(0L, 3L), c(2L, 0L, 0L))) {
    for (axes in list(1, 2, 1:2, seq_along(shape))) {
      for (dtype in c("float32", "int16", "bool")) {
        x <- make_mlx(array(sample_values(0L, dtype), shape), dtype)
        left <- shape[-axes]
        expected <- function(value) if (length(left)) array(value, left) else value
        expect_identical(as.vector(mlx_sum(x, axes)) + 0, as.vector(expected(0)))
        expect_identical(as.vector(mlx_prod(x, axes)) + 0, as.vector(expected(1)))
        expect_identical(as.vector(mlx_any(x, axes)), as.vector(expected(FALSE)))
        if (prod(shape[axes]) == 0) expect_true(all(is.nan(as.vector(mlx_mean(x, axes)))))
      }
    }
  }
})
