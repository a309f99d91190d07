test_that("mlx_zeros_like() and mlx_ones_like() keep shape, dtype and names", {
  for (dtype in all_dtypes()) {
    for (name in names(shapes())) {
      shape <- shapes()[[name]]
      x <- make_mlx(sample_array(shape, dtype), dtype)
      one <- in_shape(rep(dtype == "bool" | 1, prod(shape)), shape)
      expect_array_equal(mlx_ones_like(x), as_stored(one, dtype), dtype = dtype, shape = shape, info = paste(dtype, name))
      expect_array_equal(mlx_zeros_like(x), as_stored(0 * one, dtype), dtype = dtype, shape = shape, info = paste(dtype, name))
    }
  }
  x <- as_mlx(c(a = 1, b = 2))
  expect_array_equal(mlx_ones_like(x, dtype = "int8", device = "cpu"), c(1, 1), dtype = "int8")
  expect_identical(names(mlx_zeros_like(x)), c("a", "b"))
  expect_array_equal(mlx_zeros_like(matrix(TRUE)), matrix(FALSE))
  expect_error(mlx_zeros_like(x, "int"), class = "mlx_error_dtype")
  expect_error(mlx_zeros_like("a"), class = "mlx_error_argument")
})

test_that("mlx_eye(), mlx_identity() and mlx_tri() follow column minus row", {
  for (n in 1:3) {
    for (m in 1:4) {
      distance <- base::col(matrix(0, n, m)) - base::row(matrix(0, n, m))
      for (k in c(-9, -2:2, 9)) {
        expect_array_equal(mlx_eye(n, m, k), (distance == k) + 0, info = paste(n, m, k))
        expect_array_equal(mlx_tri(n, m, k), (distance <= k) + 0, info = paste(n, m, k))
      }
    }
  }
  expect_array_equal(mlx_eye(2), base::diag(2))
  expect_array_equal(mlx_identity(3, "float64", "cpu"), base::diag(3), dtype = "float64")
  expect_array_equal(mlx_tri(2), matrix(c(1, 1, 0, 1), 2))
})

test_that("mlx_eye() and its like refuse other sizes and dtypes", {
  for (bad in list(0, -1, NA, "a", NULL, 1:2)) {
    expect_error(mlx_eye(bad), "n must be a positive integer", class = "mlx_error_argument")
    expect_error(mlx_identity(bad), "n must be a positive integer", class = "mlx_error_argument")
    expect_error(mlx_tri(bad), "n must be a positive integer", class = "mlx_error_argument")
  }
  for (bad in list(0, NA, "a")) {
    expect_error(mlx_eye(2, bad), "m must be a positive integer", class = "mlx_error_argument")
    expect_error(mlx_tri(2, bad), "m must be a positive integer when supplied", class = "mlx_error_argument")
  }
  for (bad in list(NA, "a", NULL, 1:2, Inf)) {
    expect_error(mlx_tri(2, k = bad), "k must be a single integer", class = "mlx_error_argument")
  }
  expect_error(mlx_eye(2, dtype = "int32"), "should be one of", class = "mlx_error_dtype")
  expect_error(mlx_eye(1e10), class = "mlx_error_shape")
  expect_snapshot(show_condition(mlx_eye(0)))
})

test_that("mlx_tril() and mlx_triu() keep a triangle", {
  for (dtype in all_dtypes()) {
    x <- sample_array(c(3L, 4L), dtype)
    zero <- if (dtype == "bool") FALSE else 0
    for (k in c(-4, -1:1, 5)) {
      a <- make_mlx(x, dtype)
      distance <- base::col(x) - base::row(x)
      info <- paste(dtype, k)
      expect_array_equal(mlx_tril(a, k), as_stored(ifelse(distance <= k, x, zero), dtype), dtype = dtype, info = info)
      expect_array_equal(mlx_triu(a, k), as_stored(ifelse(distance >= k, x, zero), dtype), dtype = dtype, info = info)
    }
  }
  cube <- array(1:18, c(2, 3, 3))
  for (i in 1:2) {
    expect_array_equal(mlx_tril(as_mlx(cube))[i, , , drop = TRUE], cube[i, , ] * lower.tri(cube[i, , ], TRUE) + 0)
  }
  expect_array_equal(mlx_tril(as_mlx(matrix(NaN, 2, 2)), -1), matrix(c(0, NaN, 0, 0), 2))
  expect_array_equal(mlx_triu(mlx_zeros(c(2, 3))[FALSE, ]), matrix(numeric(), 0, 3))
  named <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
  expect_identical(dimnames(mlx_triu(named)), dimnames(named))
  expect_error(mlx_tril(as_mlx(1:3)), "at least 2-D", class = "mlx_error_shape")
  expect_error(mlx_triu(as_mlx(1)), "at least 2-D", class = "mlx_error_shape")
})

test_that("mlx_arange() counts as seq() does", {
  cases <- list(c(0, 4, 1), c(1, 6, 2), c(0, 1, 0.1), c(5, 1, -1), c(0, 0.3, 0.1), c(2, 2, 1), c(-1, 1, 1e-3), c(1, 0, -0.3))
  for (case in cases) {
    expect_array_equal(mlx_arange(case[1], case[2], case[3]), seq(case[1], case[2], case[3]),
      shape = length(seq(case[1], case[2], case[3])), info = toString(case)
    )
    expect_array_equal(mlx_arange(case[1], case[2], case[3], "float64", "cpu"), seq(case[1], case[2], case[3]),
      dtype = "float64", shape = length(seq(case[1], case[2], case[3])), info = toString(case)
    )
  }
  for (dtype in integer_dtypes()) expect_array_equal(mlx_arange(0, 20, 2, dtype), seq(0, 20, 2), dtype = dtype, info = dtype)
  expect_array_equal(mlx_arange(-2, 2, dtype = "int8"), -2:2, dtype = "int8")
  expect_array_equal(mlx_arange(0, 2^40, 2^39, dtype = "int64"), c(0, 2^39, 2^40), dtype = "int64")
  expect_array_equal(mlx_arange(3, 1), numeric())
  expect_array_equal(mlx_arange(1, 3, -1), numeric())
  # more numbers than single precision counts
  tail <- mlx_arange(0, 2^24 + 4, 1, "float64", "cpu")[2^24 + 1:5]
  expect_array_equal(tail, 2^24 + 0:4, dtype = "float64", tolerance = 0)
})

test_that("mlx_arange() refuses what makes no sequence", {
  for (bad in list("a", NULL, 1:2, NA_integer_)) {
    expect_error(mlx_arange(bad, 1), "start must be a single numeric value", class = "mlx_error_argument")
    expect_error(mlx_arange(1, bad), "stop must be a single numeric value", class = "mlx_error_argument")
    expect_error(mlx_arange(1, 2, bad), "step must be a single numeric value", class = "mlx_error_argument")
  }
  for (bad in list(NaN, Inf, NA_real_)) {
    expect_error(mlx_arange(bad, 1), "Cannot compute length", class = "mlx_error_argument")
    expect_error(mlx_arange(1, bad), "Cannot compute length", class = "mlx_error_argument")
  }
  expect_error(mlx_arange(1, 2, 0), class = "mlx_error_argument")
  expect_error(mlx_arange(0, 1e10), class = "mlx_error_shape")
  expect_error(mlx_arange(0, 300, dtype = "uint8"), "cannot be stored", class = "mlx_error_dtype")
  expect_error(mlx_arange(-1, 3, dtype = "uint8"), class = "mlx_error_dtype")
  expect_error(mlx_arange(0, 1, dtype = "bool"), class = "mlx_error_dtype")
  expect_snapshot(show_condition(mlx_arange(0, 300, dtype = "uint8")))
  expect_snapshot(show_condition(mlx_arange(0, Inf)))
})

test_that("mlx_linspace() includes both ends", {
  for (case in list(c(0, 1, 5), c(-3, 7, 50), c(2, 2, 3), c(5, -5, 11), c(0, 1, 2))) {
    expect_array_equal(mlx_linspace(case[1], case[2], case[3]), seq(case[1], case[2], length.out = case[3]))
    x <- mlx_linspace(case[1], case[2], case[3], "float64", "cpu")
    expect_array_equal(x, seq(case[1], case[2], length.out = case[3]), dtype = "float64")
    expect_identical(as.vector(x)[c(1, case[3])], case[1:2])
  }
  expect_identical(mlx_shape(mlx_linspace(0, 1)), 50L)
  expect_array_equal(mlx_linspace(3, 4, 1), 3, shape = 1L)
  for (bad in list(0, -1, NA, "a", NULL, 1:2)) {
    expect_error(mlx_linspace(0, 1, bad), "num must be a positive integer", class = "mlx_error_argument")
  }
  expect_error(mlx_linspace(0, Inf), class = "mlx_error_argument")
  expect_error(mlx_linspace(0, 1, 1e10), class = "mlx_error_shape")
  expect_error(mlx_linspace(0, 1, dtype = "int32"), class = "mlx_error_dtype")
})

test_that("sequences live where they are asked for", {
  expect_identical(mlx_device(mlx_arange(0, 3)), mlx_default_device())
  expect_identical(mlx_device(mlx_linspace(0, 1, device = "cpu")), "cpu")
})

test_that("mlx_meshgrid() makes coordinates", {
  a <- c(0, 1)
  b <- c(5, 6, 7)
  ij <- mlx_meshgrid(a, b, indexing = "ij")
  expect_array_equal(ij[[1]], matrix(a, 2, 3))
  expect_array_equal(ij[[2]], matrix(b, 2, 3, byrow = TRUE))
  xy <- mlx_meshgrid(list(as_mlx(a), b))
  expect_null(names(xy))
  expect_array_equal(xy[[1]], matrix(a, 3, 2, byrow = TRUE))
  expect_array_equal(xy[[2]], matrix(b, 3, 2))
  three <- mlx_meshgrid(a, b, 1:4)
  expect_identical(unique(lapply(three, mlx_shape)), list(c(3L, 2L, 4L)))
  expect_array_equal(three[[3]], aperm(array(1:4 + 0, c(4, 3, 2)), c(2, 3, 1)))
  expect_identical(lapply(mlx_meshgrid(a, b, sparse = TRUE), mlx_shape), list(c(1L, 2L), c(3L, 1L)))
  expect_array_equal(mlx_meshgrid(b)[[1]], b)
  expect_array_equal(mlx_meshgrid(matrix(1:4, 2))[[1]], c(1, 3, 2, 4))
  expect_identical(mlx_dtype(mlx_meshgrid(as_mlx(1:2, "int8"), as_mlx(1:2, "uint8"))[[1]]), "int16")
  expect_identical(lapply(mlx_meshgrid(as_mlx(a)[FALSE], b), mlx_shape), list(c(3L, 0L), c(3L, 0L)))
  expect_error(mlx_meshgrid(), "No arrays supplied", class = "mlx_error_argument")
  expect_error(mlx_meshgrid(a, sparse = NA), class = "mlx_error_argument")
  expect_error(mlx_meshgrid(a, indexing = "yx"), "should be one of", class = "mlx_error_argument")
})

test_that("mlx_array() and mlx_matrix() recycle data that fits a whole number of times", {
  expect_array_equal(mlx_array(1:2, c(2, 3)), matrix(c(1, 2), 2, 3))
  expect_array_equal(mlx_array(1:6, c(2, 3, 4)), array(1:6 + 0, c(2, 3, 4)))
  expect_array_equal(mlx_array(7, 3), c(7, 7, 7))
  expect_array_equal(mlx_matrix(1:3, 2, 3), matrix(1:3 + 0, 2, 3))
  expect_array_equal(mlx_matrix(1:3, 2, 3, byrow = TRUE), matrix(1:3 + 0, 2, 3, byrow = TRUE))
  expect_array_equal(mlx_matrix(0, nrow = 3), matrix(0, 3))
  expect_array_equal(mlx_matrix(TRUE, 2, 2), matrix(TRUE, 2, 2))
  expect_error(mlx_array(1:4, c(2, 3)), "must match prod\\(dim\\)", class = "mlx_error_shape")
  expect_error(mlx_array(1:12, c(2, 3)), "must match prod\\(dim\\)", class = "mlx_error_shape")
  expect_error(mlx_matrix(1:4, 2, 3), "must equal nrow \\* ncol", class = "mlx_error_shape")
})

test_that("mlx_matrix() takes dimnames", {
  names <- list(c("a", "b"), NULL)
  expect_identical(dimnames(mlx_matrix(1:4, 2, dimnames = names)), names)
  expect_identical(dimnames(mlx_matrix(1:4, 2, byrow = TRUE, dimnames = names)), names)
  expect_error(mlx_matrix(1:4, 2, dimnames = list("a", NULL)), "must match dimension", class = "mlx_error_argument")
})
