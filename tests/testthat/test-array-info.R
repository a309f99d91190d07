test_that("mlx_shape(), mlx_dtype(), length() and dim() describe every shape and dtype", {
  for (dtype in all_dtypes()) {
    for (name in names(shapes())) {
      shape <- shapes()[[name]]
      x <- make_mlx(sample_array(shape, dtype), dtype)
      expect_identical(mlx_shape(x), shape, info = name)
      expect_identical(mlx_dtype(x), dtype)
      expect_identical(length(x), as.integer(prod(shape)), info = name)
      expect_identical(dim(x), if (length(shape) >= 2L) shape, info = name)
    }
  }
})

test_that("nrow() and ncol() work as for R's matrices and vectors", {
  expect_identical(c(nrow(as_mlx(matrix(0, 2, 3))), ncol(as_mlx(matrix(0, 2, 3)))), c(2L, 3L))
  expect_null(nrow(as_mlx(1:3)))
})

test_that("is_mlx() knows mlx arrays", {
  expect_true(is_mlx(as_mlx(1)))
  for (other in list(NULL, list(), 1, matrix(1), "mlx")) expect_false(is_mlx(other))
})

test_that("mlx_device() names the device of an array", {
  expect_identical(mlx_device(as_mlx(1, device = "cpu")), "cpu")
  expect_identical(mlx_device(as_mlx(1)), mlx_default_device())
})

test_that("mlx_device() asks for and sets the session's device", {
  expect_identical(mlx_device(), mlx_default_device())
  before <- mlx_default_device()
  withr::defer(mlx_default_device(before))
  expect_identical(mlx_device("cpu"), "cpu")
  expect_identical(mlx_default_device(), "cpu")
})

test_that("questions about an object that is no mlx array are errors", {
  for (ask in list(mlx_eval, mlx_dtype, mlx_shape, mlx_device)) {
    for (other in list(1:10, matrix(1), NULL)) {
      expect_error(ask(other), class = "mlx_error_argument", regexp = "is_mlx\\(x\\) is not TRUE")
    }
  }
  for (ask in list(mlx_dtype, mlx_shape, mlx_device)) {
    expect_error(ask(list()), class = "mlx_error_argument", regexp = "is_mlx\\(x\\) is not TRUE")
  }
  expect_identical(mlx_eval(list()), list())
})

test_that("mlx_eval() returns its argument invisibly", {
  x <- as_mlx(1:3) + 1
  expect_invisible(mlx_eval(x))
  expect_identical(mlx_eval(x), x)
})

test_that("`dim<-` fills by rows", {
  x <- as_mlx(1:12)
  dim(x) <- c(3, 4)
  expect_array_equal(x, matrix(as.double(1:12), 3, byrow = TRUE))
})

test_that("`dim<-` reshapes views by rows of what they show", {
  for (dtype in all_dtypes()) {
    for (name in names(views(dtype))) {
      view <- views(dtype)[[name]]
      x <- view[[1L]]
      shape <- rev(dim(view[[2L]]))
      dim(x) <- shape
      expected <- as_stored(matrix(t(view[[2L]]), shape[[1L]], shape[[2L]], byrow = TRUE), dtype)
      expect_array_equal(x, expected, dtype = dtype, info = paste(dtype, name))
    }
  }
})

test_that("`dim<-` with no sides makes one axis", {
  x <- as_mlx(matrix(1:4, 2))
  dim(x) <- integer(0)
  expect_array_equal(x, c(1, 3, 2, 4))
})

test_that("`dim<-` gives a scalar an axis, and an empty array another empty shape", {
  x <- as_mlx(42)
  dim(x) <- 1
  expect_array_equal(x, 42, shape = 1L)
  y <- as_mlx(numeric())
  dim(y) <- c(0, 3)
  expect_array_equal(y, matrix(0, 0, 3))
})

test_that("`dim<-` refuses what does not fit", {
  x <- as_mlx(1:6)
  expect_error(dim(x) <- c(4, 4), class = "mlx_error_shape",
    regexp = "dims [product 16] do not match the length of object [6]", fixed = TRUE
  )
  expect_error(dim(x) <- NULL, class = "mlx_error_argument", regexp = "dims must be a numeric vector without NAs")
  expect_error(dim(x) <- c(2, NA), class = "mlx_error_argument", regexp = "without NAs")
  expect_error(dim(x) <- "a", class = "mlx_error_argument", regexp = "without NAs")
  expect_error(dim(x) <- c(-2, -3), class = "mlx_error_argument", regexp = "dims cannot be negative")
  expect_array_equal(x, c(1, 2, 3, 4, 5, 6))
})

test_that("`dim<-` keeps dtype and device", {
  x <- as_mlx(1:4, dtype = "int8", device = "cpu")
  dim(x) <- c(2, 2)
  expect_array_equal(x, matrix(c(1, 2, 3, 4), 2, byrow = TRUE), dtype = "int8")
  expect_identical(mlx_device(x), "cpu")
})

test_that("t() reverses all axes, for every dtype and shape", {
  for (dtype in all_dtypes()) {
    for (name in names(shapes())) {
      m <- sample_array(shapes()[[name]], dtype)
      expected <- as_stored(if (length(dim(m)) >= 2L) aperm(m) else m, dtype)
      shape <- rev(shapes()[[name]])
      expect_array_equal(t(make_mlx(m, dtype)), expected, dtype = dtype, shape = shape, info = paste(dtype, name))
    }
  }
})

test_that("t() twice is the array itself", {
  m <- sample_array(c(3L, 4L), "float32")
  expect_array_equal(t(t(as_mlx(m))), m)
})
