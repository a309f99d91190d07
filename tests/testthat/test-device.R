test_that("mlx_default_device() asks for and sets the session's device, visibly", {
  before <- mlx_default_device()
  withr::defer(mlx_default_device(before))
  expect_identical(expect_visible(mlx_default_device("cpu")), "cpu")
  expect_identical(c(mlx_default_device(), mlx_device(as_mlx(1))), c("cpu", "cpu"))
})

test_that("mlx_best_device() is the gpu exactly where there is one", {
  expect_identical(mlx_best_device(), if (mlx_has_gpu()) "gpu" else "cpu")
})

test_that("new arrays are made on the session's device", {
  with_default_device("cpu", {
    made <- list(
      as_mlx(1), mlx_array(1, 1), mlx_matrix(1, 1), mlx_vector(1), mlx_scalar(1), mlx_zeros(1), mlx_ones(1),
      mlx_full(1, 1), mlx_rand_normal(1), mlx_rand_uniform(1)
    )
  })
  expect_setequal(vapply(made, mlx_device, ""), "cpu")
})

test_that("arrays are made on the device asked for", {
  skip_if_no_gpu()
  for (device in c("cpu", "gpu")) {
    expect_identical(mlx_device(as_mlx(1, device = device)), device)
    expect_identical(mlx_device(mlx_zeros(1, device = device)), device)
  }
})

test_that("with_default_device() restores the device, also after an error", {
  before <- mlx_default_device()
  expect_identical(with_default_device("cpu", mlx_default_device()), "cpu")
  expect_identical(mlx_default_device(), before)
  expect_error(with_default_device("cpu", stop("oops")), "oops")
  expect_identical(mlx_default_device(), before)
})

test_that("with_default_device() evaluates its code in the caller's frame", {
  with_default_device("cpu", inside <- mlx_default_device())
  expect_identical(inside, "cpu")
})

test_that("mlx_synchronize() waits and returns NULL invisibly", {
  expect_null(expect_invisible(mlx_synchronize()))
  expect_null(mlx_synchronize("cpu"))
})

test_that("unknown devices are errors everywhere", {
  for (f in list(mlx_default_device, mlx_synchronize, mlx_device, function(device) with_default_device(device, 1))) {
    expect_error(f("tpu"), class = "mlx_error_argument", regexp = "should be one of")
    expect_error(f(c("cpu", "gpu")), class = "mlx_error_argument", regexp = "gpu")
  }
  expect_error(mlx_default_device(1), class = "mlx_error_argument", regexp = "or an mlx_stream")
})

test_that("the gpu is an error that tells what was asked for where there is none", {
  skip_if_gpu()
  for (f in list(
    mlx_default_device, mlx_synchronize, function(device) as_mlx(1, device = device),
    function(device) mlx_zeros(1, device = device), function(device) with_default_device(device, 1),
    function(device) mlx_rand_normal(1, device = device), function(device) mlx_linear(1, 1, device = device)
  )) {
    error <- expect_error(f("gpu"), class = "mlx_error_device", regexp = "gpu")
    expect_identical(error[c("requested", "device")], list(requested = "gpu", device = "cpu"))
  }
  expect_identical(mlx_default_device(), "cpu")
})

test_that("mlx_version() is three numbers", {
  expect_match(mlx_version(), "^[0-9]+[.][0-9]+[.][0-9]+$")
})
