test_that("an array that was saved is stale for every function, in the same session", {
  stale <- saved_array()
  uses <- list(
    print, format, str, as.array, as.vector, as.matrix, as.numeric, mlx_eval, mlx_shape, mlx_dtype, mlx_device, dim,
    length, t, sum, mean, exp, cumsum, function(x) x + 1, function(x) 1 < x, function(x) x[1], function(x) x %*% x,
    function(x) crossprod(diag(2), x), function(x) as_mlx(1:3)[x], as_mlx, mlx_stop_gradient,
    function(x) mlx_maximum(1, x), function(x) mlx_grad(sum, x), function(x) mlx_compile(identity)(x),
    function(x) solve(as_mlx(diag(2)), x), function(x) outer(1, x)
  )
  # expect_error() would ask for the dim of the array that R puts into the call of sum(x)
  for (i in seq_along(uses)) {
    class <- tryCatch(class(uses[[i]](stale)), error = function(e) class(e)[[1L]])
    expect_identical(class, "mlx_error_stale", info = i)
  }
})

test_that("an array that was saved with save() or serialize() is stale", {
  x <- as_mlx(1:3)
  file <- withr::local_tempfile()
  save(x, file = file)
  loaded <- new.env()
  load(file, loaded)
  expect_error(loaded$x + 1, class = "mlx_error_stale")
  expect_error(unserialize(serialize(x, NULL)) + 1, class = "mlx_error_stale")
  expect_array_equal(x, c(1, 2, 3))
})

test_that("a compiled function and a module that were saved are stale", {
  file <- withr::local_tempfile()
  saveRDS(mlx_compile(function(x) x + 1), file)
  expect_error(readRDS(file)(as_mlx(1)), class = "mlx_error_stale")
  saveRDS(mlx_linear(2, 1), file)
  expect_error(mlx_forward(readRDS(file), as_mlx(diag(2))), class = "mlx_error_stale")
})

test_that("an array that was saved is stale in another session", {
  skip_on_cran()
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(as_mlx(1:3), file)
  withr::local_envvar(SAVED_ARRAY = file)
  output <- run_child({
    x <- readRDS(Sys.getenv("SAVED_ARRAY"))
    cat(class(tryCatch(x + 1, error = identity))[[1]], class(tryCatch(print(x), error = identity))[[1]])
    cat("", as.vector(as_mlx(2) + 1))
  })
  expect_identical(utils::tail(output, 1L), "mlx_error_stale mlx_error_stale 3")
})

test_that("damaged objects of class mlx are errors", {
  for (bad in list(
    structure(list(), class = "mlx"), structure(list(ptr = 1, device = "cpu"), class = "mlx"),
    structure(list(ptr = NULL), class = "mlx")
  )) {
    expect_error(bad + 1, class = "mlx_error", regexp = "Invalid MLX array pointer")
  }
})

test_that("MLX in a forked child is an error and does not hang", {
  skip_on_os("windows")
  x <- mlx_eval(as_mlx(1:3))
  lazy <- x + 1
  uses <- list(
    function() as_mlx(1), function() x + 1, function() as.vector(x), function() mlx_eval(lazy), function() print(x),
    function() mlx_zeros(2), function() mlx_synchronize(), function() mlx_shape(x), function() mlx_rand_normal(2)
  )
  for (i in seq_along(uses)) {
    expect_s3_class(in_fork(uses[[i]]()), "mlx_error_fork")
  }
})

test_that("a forked child collects garbage and ends without harm", {
  skip_on_os("windows")
  x <- mlx_eval(as_mlx(1:3))
  expect_identical(in_fork({
    rm(x)
    gc()
    "done"
  }), "done")
  expect_identical(parallel::mclapply(1:2, function(i) i * 2, mc.cores = 2L), list(2, 4))
})

test_that("the parent goes on after its children failed", {
  skip_on_os("windows")
  x <- as_mlx(1:3)
  in_fork(x + 1)
  expect_array_equal(x + 1, c(2, 3, 4))
})
