# The number of the default stream.
default_index <- function() mlx_default_stream("cpu")$index

# An object as it is after a session has ended.
restored <- function(x) {
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(x, file)
  readRDS(file)
}

test_that("a new stream has a device, a number of its own and is no default", {
  before <- default_index()
  stream <- mlx_new_stream("cpu")
  expect_s3_class(stream, "mlx_stream")
  expect_named(stream, c("ptr", "device", "index"))
  expect_identical(stream$device, "cpu")
  expect_type(stream$index, "integer")
  expect_type(stream$ptr, "externalptr")
  other <- mlx_new_stream("cpu")
  expect_length(unique(c(before, stream$index, other$index)), 3L)
  expect_identical(default_index(), before)
  expect_identical(mlx_new_stream()$device, mlx_default_device())
})

test_that("mlx_set_default_stream() makes a stream the default of its device, and returns it", {
  before <- mlx_default_stream("cpu")
  withr::defer(mlx_set_default_stream(before))
  device <- mlx_default_device()
  stream <- mlx_new_stream("cpu")
  expect_identical(expect_invisible(mlx_set_default_stream(stream)), stream)
  expect_identical(default_index(), stream$index)
  expect_identical(mlx_default_device(), device)
  mlx_set_default_stream(before)
  expect_identical(default_index(), before$index)
})

test_that("streams print on one line", {
  stream <- mlx_new_stream("cpu")
  line <- sprintf("^mlx stream \\[cpu\\] index=%d$", stream$index)
  expect_output(expect_identical(expect_invisible(print(stream)), stream), line)
  expect_identical(format(stream), sprintf("<mlx_stream device=cpu index=%d>", stream$index))
})

test_that("functions with a device take a stream, which is the default only meanwhile", {
  before <- default_index()
  stream <- mlx_new_stream("cpu")
  m <- matrix(c(1, 2, 3, 4), 2)
  made <- list(
    as_mlx(m, device = stream), mlx_array(m, c(2, 2), device = stream), mlx_matrix(m, 2, 2, device = stream),
    mlx_vector(1:3, device = stream), mlx_scalar(1, device = stream), mlx_zeros(2, device = stream),
    mlx_ones(c(2, 2), device = stream), mlx_full(2, 3, device = stream), mlx_rand_normal(2, device = stream),
    mlx_rand_uniform(2, device = stream), mlx_rand_permutation(3, device = stream), mlx_rand_bernoulli(2, device = stream),
    mlx_rand_permutation(m, device = stream), mlx_key_bits(2, device = stream)
  )
  expect_setequal(vapply(made, `[[`, "", "device"), "cpu")
  expect_identical(default_index(), before)
  expect_array_equal(made[[1]] %*% made[[7]], m %*% matrix(1, 2, 2))
  expect_setequal(as.vector(made[[11]]), 1:3)
  x <- expect_no_warning(as_mlx(pi, dtype = "float64", device = stream))
  expect_array_equal(x, pi, dtype = "float64")
})

test_that("results of streams meet", {
  sum <- mlx_zeros(100, device = "cpu")
  for (i in 1:20) {
    stream <- mlx_new_stream("cpu")
    part <- with_device(stream, mlx_ones(100) * i)
    expect_identical(with_device(stream, default_index()), stream$index)
    sum <- sum + part
  }
  expect_array_equal(sum, rep(210, 100))
})

test_that("the default stream comes back after an error, also in the arguments that follow", {
  before <- default_index()
  stream <- mlx_new_stream("cpu")
  expect_error(mlx_zeros(0, device = stream), class = "mlx_error_argument")
  expect_error(mlx_rand_uniform(2, device = stream, key = 1), class = "mlx_error_argument")
  expect_error(as_mlx(NA, device = stream), class = "mlx_error")
  expect_identical(default_index(), before)
})

test_that("streams work inside gradients and compiled functions", {
  before <- default_index()
  stream <- mlx_new_stream("cpu")
  loss <- function(x) {
    expect_identical(default_index(), before)
    sum(x * x * mlx_full(3, 2, device = stream))
  }
  expect_array_equal(mlx_grad(loss, as_mlx(1:3, device = "cpu"))[[1]], 4 * (1:3))
  expect_array_equal(mlx_compile(loss)(as_mlx(1:3, device = "cpu")), 28)
  failing <- function(x) {
    mlx_zeros(3, device = stream)
    stop("oops")
  }
  expect_error(mlx_grad(failing, as_mlx(1)), "oops")
  expect_identical(default_index(), before)
  on_stream <- with_device(stream, mlx_grad(function(x) sum(x * x), as_mlx(1:3))[[1]])
  expect_array_equal(on_stream, 2 * (1:3))
})

test_that("mlx_synchronize() takes a stream", {
  stream <- mlx_new_stream("cpu")
  mlx_eval(mlx_ones(1000, device = stream) * 2)
  expect_silent(expect_null(expect_invisible(mlx_synchronize(stream))))
  expect_error(mlx_synchronize(1), class = "mlx_error_argument", regexp = "or an mlx_stream")
})

test_that("with_device() and its old name switch device and stream, and back", {
  before <- list(mlx_default_device(), default_index())
  stream <- mlx_new_stream("cpu")
  for (with_it in list(with_device, with_default_device)) {
    found <- with_it(stream, list(mlx_default_device(), default_index()))
    expect_identical(found, list("cpu", stream$index))
    expect_error(with_it(stream, stop("oops")), "oops")
    with_it(stream, inside <- default_index())
    expect_identical(inside, stream$index)
    nested <- with_it(stream, c(with_it(mlx_default_stream("cpu"), default_index()), with_it("cpu", default_index())))
    expect_identical(nested, rep(stream$index, 2))
    expect_identical(list(mlx_default_device(), default_index()), before)
  }
})

test_that("local_device() and its long name last as long as their function", {
  before <- list(mlx_default_device(), default_index())
  stream <- mlx_new_stream("cpu")
  for (local_it in list(local_device, local_default_device)) {
    said <- character()
    f <- function(fail = FALSE) {
      on.exit(said <<- c(said, "left"))
      expect_identical(expect_invisible(local_it(stream)), before[[1]])
      local_it("cpu")
      if (fail) stop("oops")
      list(mlx_default_device(), default_index())
    }
    expect_identical(f(), list("cpu", stream$index))
    expect_error(f(TRUE), "oops")
    expect_identical(said, c("left", "left"))
    outer <- function() {
      (function(env) local_it(stream, env))(environment())
      default_index()
    }
    expect_identical(outer(), stream$index)
    expect_identical(list(mlx_default_device(), default_index()), before)
    for (bad in list(new.env(), 1, NULL)) {
      expect_error(local_it("cpu", bad), class = "mlx_error_argument", regexp = "function that is running")
    }
  }
})

test_that("mlx_device() and mlx_default_device() take a stream", {
  before <- mlx_default_stream("cpu")
  device <- mlx_default_device()
  withr::defer({
    mlx_set_default_stream(before)
    mlx_default_device(device)
  })
  for (set in list(mlx_device, mlx_default_device)) {
    stream <- mlx_new_stream("cpu")
    expect_identical(set(stream), "cpu")
    expect_identical(default_index(), stream$index)
  }
})

test_that("a stream that nobody holds is given out again, and too many at once are refused", {
  seen <- integer()
  for (i in 1:1000) {
    stream <- mlx_new_stream("cpu")
    seen[[i]] <- stream$index
    if (i %% 50 == 0) expect_array_equal(mlx_ones(3, device = stream) * 2, c(2, 2, 2))
  }
  expect_lte(length(unique(seen)), 256L)
  held <- list()
  error <- tryCatch(for (i in 1:300) held[[i]] <- mlx_new_stream("cpu"), error = identity)
  expect_s3_class(error, "mlx_error_device")
  expect_match(conditionMessage(error), "256 streams")
  indices <- vapply(held, function(stream) stream$index, 1L)
  expect_identical(anyDuplicated(c(indices, default_index())), 0L)
  rm(held)
  expect_s3_class(mlx_new_stream("cpu"), "mlx_stream")
})

test_that("the default stream is not given out again", {
  before <- mlx_default_stream("cpu")
  withr::defer(mlx_set_default_stream(before))
  mlx_set_default_stream(mlx_new_stream("cpu"))
  index <- default_index()
  gc()
  others <- lapply(1:5, function(i) mlx_new_stream("cpu"))
  expect_false(index %in% vapply(others, function(stream) stream$index, 1L))
})

test_that("what is no stream is refused", {
  for (bad in list(NULL, 1, "cpu", as_mlx(1), list(), structure(list(), class = "mlx_stream"))) {
    expect_error(mlx_set_default_stream(bad), class = "mlx_error_argument", regexp = "Expected an mlx_stream")
  }
  stream <- mlx_new_stream("cpu")
  for (f in list(mlx_new_stream, mlx_default_stream)) {
    for (bad in list(stream, 1, c("cpu", "gpu"))) {
      expect_error(f(bad), class = "mlx_error_argument", regexp = "\"gpu\" or \"cpu\"")
    }
    expect_error(f("tpu"), class = "mlx_error_argument", regexp = "should be one of")
  }
  for (bad in list(1, list(), as_mlx(1), c("cpu", "gpu"), NA)) {
    expect_error(mlx_zeros(2, device = bad), class = "mlx_error_argument", regexp = "or an mlx_stream")
  }
  # an array's pointer is none of a stream
  stream$ptr <- unclass(as_mlx(1))$ptr
  expect_error(mlx_zeros(2, device = stream), class = "mlx_error_stale")
})

test_that("a stream of an earlier session is stale", {
  stale <- restored(mlx_new_stream("cpu"))
  for (f in list(mlx_set_default_stream, mlx_synchronize, mlx_device, function(x) mlx_zeros(2, device = x))) {
    expect_error(f(stale), class = "mlx_error_stale", regexp = "earlier R session")
  }
  expect_snapshot({
    show_condition(mlx_set_default_stream(stale))
    show_condition(mlx_set_default_stream(1))
    show_condition(mlx_new_stream(mlx_new_stream("cpu")))
    show_condition(local_device("cpu", new.env()))
  })
})
