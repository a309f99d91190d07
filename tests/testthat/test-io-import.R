example_function <- function() system.file("extdata", "add_matrix.mlxfn", package = "Rmlx")

imported <- function(name, env = parent.frame()) {
  mlx_import_function(bytes_file(io_fixtures("functions")[[name]], ".mlxfn", env = env), device = "cpu")
}

test_that("the example adds matrices, however its arguments are given", {
  add <- mlx_import_function(example_function())
  a <- matrix(1:4, 2)
  b <- matrix(5:8, 2)
  expect_identical(formals(add)$.device, mlx_default_device())
  expect_identical(names(formals(add)), c("...", ".device"))
  expect_array_equal(add(a, b), a + b + 0)
  expect_array_equal(add(as_mlx(a), as_mlx(b)), a + b + 0)
  expect_array_equal(add(b = b, a = a), a + b + 0)
  expect_array_equal(add(a, bias = b), a + b + 0)
  expect_identical(mlx_device(add(a, b, .device = "cpu")), "cpu")
  expect_identical(formals(mlx_import_function(example_function(), device = "cpu"))$.device, "cpu")
})

test_that("the example is what MLX writes, but for its numbers of arrays", {
  ours <- file_bytes(example_function())
  theirs <- io_fixtures("functions")$add
  expect_length(ours, length(theirs))
  # where the eight bytes of an id start: inputs, result, steps, inputs of the sum
  inputs <- 8 + 6 + 4 + 1 + 8 + 8 + 8 + c(0, 8)
  result <- max(inputs) + 8 + 8 + 2 * (8 + 8 + 5) + 8
  steps <- result + 8 + 8 + c(0, 10, 20)
  operands <- max(steps) + 8 + 1 + 8 + c(0, 8)
  ids <- c(outer(1:8, c(inputs, result, steps, operands), `+`))
  expect_identical(ours[-ids], theirs[-ids])
})

test_that("files of older versions of MLX, without metadata, are read", {
  bytes <- file_bytes(example_function())
  metadata <- 8L + 6L + 4L + 1L + 1:8
  add <- mlx_import_function(bytes_file(bytes[-metadata], ".mlxfn"))
  expect_array_equal(add(diag(2), diag(2)), 2 * diag(2))
  with_text <- append(bytes, charToRaw("some text"), after = max(metadata))
  with_text[[metadata[[1L]]]] <- as.raw(9)
  expect_array_equal(mlx_import_function(bytes_file(with_text, ".mlxfn"))(diag(2), diag(2)), 2 * diag(2))
})

test_that("functions that MLX exported give what they gave there", {
  good <- io_fixtures("functions")
  names <- sub(" values$", "", grep(" values$", names(good), value = TRUE))
  expect_gt(length(names), 10L)
  for (name in names) {
    values <- mlx_load_safetensors(bytes_file(good[[paste(name, "values")]], ".safetensors"), device = "cpu")$tensors
    values <- values[order(names(values))]
    expected <- values[startsWith(names(values), "output")]
    results <- do.call(imported(name), unname(values[startsWith(names(values), "input")]))
    if (is_mlx(results)) results <- list(results)
    expect_length(results, length(expected))
    for (i in seq_along(expected)) {
      want <- expected[[i]]
      expect_array_equal(results[[i]], as.array(want), dtype = mlx_dtype(want), shape = mlx_shape(want),
        tolerance = max(2e-5, tolerance_of(mlx_dtype(want))), info = paste(name, i)
      )
    }
  }
})

test_that("keyword inputs go by their names", {
  f <- imported("keywords")
  x <- matrix(as.double(1:12), 3)
  expect_array_equal(f(x, scale = 2, bias = x), 3 * x)
  expect_array_equal(f(bias = x + 1, scale = 2, x), 3 * x + 1)
  expect_error(f(x, 2, x), class = "mlx_error_argument", regexp = "bias = float32 \\(3 x 4\\), scale = float32")
  expect_error(f(x, scale = 2, offset = x), class = "mlx_error_argument")
})

test_that("a file may hold several traces, and a trace may serve arguments of any sides", {
  f <- imported("two traces")
  expect_array_equal(f(c(10, 20)), c(11, 22))
  expect_array_equal(f(c(10, 20), matrix(0, 3, 2)), matrix(c(11, 22), 3, 2, byrow = TRUE))
  expect_error(f(c(1, 2, 3)), class = "mlx_error_argument")
  g <- imported("shapeless")
  x <- matrix(as.double(1:6), 2)
  y <- matrix(as.double(1:12), 3)
  expect_array_equal(g(x, y), colSums(x %*% y + 1))
  expect_error(g(x, x), class = "mlx_error_shape")
  expect_error(g(x, 1:3), class = "mlx_error_argument")
})

test_that("imported functions are differentiated and compiled", {
  good <- io_fixtures("functions")
  values <- mlx_load_safetensors(bytes_file(good$`network values`, ".safetensors"), device = "cpu")$tensors
  f <- imported("network")
  x <- values$`input 00`
  w <- as.matrix(values$`input 01`)
  forward <- function(x, w) {
    z <- exp(pmax(x %*% w + rep(1:5, each = 3), 0))
    sum((z / rowSums(z))^2)
  }
  grad <- mlx_grad(function(w) sum(f(x, w)^2), as_mlx(w, device = "cpu"))[[1L]]
  expected <- finite_differences(function(w) forward(as.matrix(x), w), list(w), 1L)
  expect_array_equal(grad, expected, tolerance = 1e-4)
  compiled <- mlx_compile(function(x, w) f(x, w))
  expect_array_equal(compiled(x, as_mlx(w, device = "cpu")), as.matrix(f(x, w)), tolerance = 1e-6)
})

test_that("an index outside an array is moved into it", {
  good <- io_fixtures("functions")
  values <- mlx_load_safetensors(bytes_file(good$`indices values`, ".safetensors"), device = "cpu")$tensors
  f <- imported("indices")
  for (wrong in c(-1000, 1000, 2147483647, -2147483647)) {
    index <- as_mlx(matrix(wrong, 3, 4), dtype = "int32", device = "cpu")
    results <- lapply(f(values$`input 00`, index), as.array)
    expect_true(all(is.finite(unlist(results))), info = wrong)
  }
})

test_that("the device may be another in each call", {
  skip_if_no_gpu()
  add <- mlx_import_function(example_function())
  x <- matrix(1:4, 2)
  for (device in c("cpu", "gpu")) {
    expect_identical(mlx_device(add(x, x, .device = device)), device)
    expect_array_equal(add(x, x, .device = device), x + x + 0)
  }
})

test_that("what cannot be imported or called is an error that says why", {
  masked <- io_fixtures("functions")$masked
  withr::local_dir(withr::local_tempdir())
  writeBin(masked, "masked.mlxfn")
  writeLines("nonsense", "bad.mlxfn")
  add <- mlx_import_function(example_function(), device = "cpu")
  expect_error(mlx_import_function("masked.mlxfn"), class = "mlx_error_io", regexp = "AsStrided")
  expect_error(mlx_import_function("bad.mlxfn"), class = "mlx_error_io")
  expect_error(mlx_import_function(1), class = "mlx_error_argument")
  expect_error(mlx_import_function("bad.mlxfn", device = "tpu"), class = "mlx_error_argument")
  expect_error(add(diag(2), diag(2), .device = "tpu"), class = "mlx_error_argument")
  expect_error(add(diag(2), list(1)), class = "mlx_error_argument")
  expect_error(add(), class = "mlx_error_argument")
  expect_snapshot({
    show_condition(mlx_import_function("masked.mlxfn"))
    show_condition(mlx_import_function("missing.mlxfn"))
    show_condition(mlx_import_function(NA_character_))
    show_condition(add(diag(2), 1:3))
    show_condition(add(as_mlx(diag(2), dtype = "int32"), diag(2)))
  })
})

test_that("an imported function does not survive its session", {
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(mlx_import_function(example_function()), file)
  expect_error(readRDS(file)(diag(2), diag(2)), class = "mlx_error_stale")
})
