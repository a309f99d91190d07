test_that("what is exported gives the same values when it is imported", {
  plain <- lapply(expressions(), function(entry) list(f = entry$f, args = unname(entry$args)))
  plain$`solve(a, b)` <- NULL
  for_each_entry(c(plain, export_table()), function(name, entry) {
    before <- flat_arrays(do.call(entry$f, lapply(entry$args, as_mlx)))
    after <- flat_arrays(do.call(exported(entry$f, entry$args), lapply(entry$args, as_mlx)))
    expect_length(after, length(before))
    for (i in seq_along(before)) {
      expect_array_equal(after[[i]], as.vector(before[[i]]),
        dtype = mlx_dtype(before[[i]]), shape = mlx_shape(before[[i]]), tolerance = 1e-5, info = paste(name, i)
      )
    }
  })
})

test_that("exported functions take other values, and are differentiated", {
  for_each_entry(expressions()[c("fused chain", "x %*% w", "cumprod", "flat positions")], function(name, entry) {
    args <- nudged(entry$args)
    f <- exported(entry$f, unname(entry$args))
    expect_array_equal(do.call(f, unname(args)), do.call(entry$oracle, args), tolerance = 5e-6, info = name)
    expect_entry_grad(name, entry, f = f, tolerance = 2e-5)
  })
})

test_that("every dtype is exported, for inputs and constants, however they lie in memory", {
  for (dtype in all_dtypes()) {
    constant <- make_mlx(io_sample(dtype), dtype)
    values <- as_stored(io_sample(dtype), dtype)
    f <- exported(function(x) list(x, constant, t(constant), constant[2:1, ]), list(constant))
    results <- f(constant)
    expected <- list(values, values, t(values), values[2:1, ])
    for (i in 1:4) expect_array_equal(results[[i]], expected[[i]], dtype = dtype, info = paste(dtype, i))
  }
  x <- matrix(as.double(1:6), 2)
  views <- list(t(as_mlx(t(x))), as_mlx(cbind(x, x))[, 1:3], mlx_broadcast_to(as_mlx(c(1, 2)), c(3, 2)))
  for (view in views) {
    mlx_eval(view)
    expect_array_equal(exported(function(y) view + y, list(0))(0), as.matrix(view))
  }
})

test_that("arrays without elements, scalars and functions without arguments are exported", {
  empty <- matrix(0, 0, 3)
  expect_array_equal(exported(function(x) x + 1, list(empty))(empty), empty)
  expect_array_equal(exported(function(x) colSums(x), list(empty))(empty), c(0, 0, 0))
  expect_array_equal(exported(function(x) x * 2, list(3))(4), 8)
  expect_array_equal(exported(function() as_mlx(1:3) * 2, list())(), c(2, 4, 6))
  expect_array_equal(exported(function(x, unused) x, list(1:2, 3))(3:4, 5), c(3, 4))
})

test_that("named arguments go by their names, in any order", {
  f <- function(x, scale, bias) x * scale + bias
  g <- exported(f, list(bias = c(1, 2), 1:2, scale = 3))
  expect_array_equal(g(c(1, 2), bias = c(10, 20), scale = 2), c(12, 24))
  expect_array_equal(g(scale = 2, c(1, 2), bias = c(10, 20)), c(12, 24))
  expect_error(g(1:2, 3, 1:2), class = "mlx_error_argument")
  accents <- exported(function(x, ...) x - list(...)[[1L]], list(1:2, "\u00e9t\u00e9" = 1))
  expect_array_equal(accents(1:2, "\u00e9t\u00e9" = 1), c(0, 1))
})

test_that("an exporter holds several traces and writes them when it is closed", {
  path <- withr::local_tempfile(fileext = ".mlxfn")
  shared <- as_mlx(matrix(1:4, 2))
  exporter <- mlx_exporter(path, function(x, y = 1) x %*% shared + y, metadata = "several")
  expect_s3_class(exporter, "mlx_exporter")
  expect_identical(exporter(diag(2)), exporter)
  exporter(matrix(1, 3, 2))
  exporter(diag(2), y = 5)
  exporter(as_mlx(diag(2), dtype = "float16"))
  expect_false(file.exists(path))
  full <- file.path(normalizePath(tempdir()), basename(path))
  expect_identical(withVisible(mlx_exporter_close(exporter)), list(value = full, visible = FALSE))
  expect_silent(mlx_exporter_close(exporter))
  f <- mlx_import_function(path)
  expect_identical(mlx_imported_metadata(f), "several")
  expect_array_equal(f(diag(2)), matrix(1:4, 2) + 1)
  expect_array_equal(f(matrix(1, 3, 2)), matrix(c(4, 8), 3, 2, byrow = TRUE))
  expect_array_equal(f(diag(2), y = -1), matrix(1:4, 2) - 1)
  expect_error(f(diag(3)), class = "mlx_error_argument")
})

test_that("a trace that fails leaves the exporter as it was", {
  path <- withr::local_tempfile(fileext = ".mlxfn")
  exporter <- mlx_exporter(path, function(x) {
    if (length(x) == 2L) stop("two")
    if (length(x) == 3L) mlx_solve_triangular(mlx_eye(3), x) else x
  })
  exporter(1:4)
  expect_error(exporter(1:2), "two")
  expect_error(exporter(matrix(1:3, 3)), class = "mlx_error_backend")
  expect_error(exporter(1:4), class = "mlx_error_argument")
  expect_error(exporter("text"), class = "mlx_error_argument")
  exporter(1:5)
  mlx_exporter_close(exporter)
  f <- mlx_import_function(path)
  expect_array_equal(f(1:4), as.double(1:4))
  expect_array_equal(f(1:5), as.double(1:5))
  expect_error(f(1:2), class = "mlx_error_argument")
})

test_that("an exporter that is forgotten writes its file", {
  path <- withr::local_tempfile(fileext = ".mlxfn")
  local({
    exporter <- mlx_exporter(path, function(x) x + 1)
    exporter(1:2)
    NULL
  })
  gc()
  expect_array_equal(mlx_import_function(path)(1:2), c(2, 3))
  at_end <- withr::local_tempfile(fileext = ".mlxfn")
  withr::local_envvar(RMLX_EXPORTED = at_end)
  output <- run_child({
    exporter <- mlx_exporter(Sys.getenv("RMLX_EXPORTED"), function(x) x * 2)
    exporter(1:2)
    empty <- mlx_exporter(paste0(Sys.getenv("RMLX_EXPORTED"), ".empty"), function(x) x)
    forget <- function() {
      rm(exporter, envir = globalenv())
      gc()
    }
    parallel::mccollect(parallel::mcparallel(forget()))
    cat(file.exists(Sys.getenv("RMLX_EXPORTED")), "\n")
  })
  expect_identical(trimws(utils::tail(output, 1L)), "FALSE")
  expect_array_equal(mlx_import_function(at_end)(1:2), c(2, 4))
  expect_false(file.exists(paste0(at_end, ".empty")))
})

test_that("a shapeless function takes other sides", {
  f <- exported(function(x, w) sqrt(abs(x %*% w)) + sum(x) * 2, list(matrix(1, 2, 3), matrix(1, 3, 4)), shapeless = TRUE)
  x <- matrix(as.double(1:10), 5)
  w <- matrix(c(1, -1, 2, 3), 2)
  expect_array_equal(f(x, w), sqrt(abs(x %*% w)) + sum(x) * 2)
  expect_error(f(x, x), class = "mlx_error_shape")
  expect_error(f(x, 1), class = "mlx_error_argument")
  means <- exported(function(x) x - rowSums(x)[1:2], list(diag(2)), shapeless = TRUE)
  expect_array_equal(means(diag(2)), diag(2) - 1)
  path <- withr::local_tempfile(fileext = ".mlxfn")
  exporter <- mlx_exporter(path, function(x) exp(x), shapeless = TRUE)
  exporter(1:2)
  expect_error(exporter(1:3), class = "mlx_error_argument")
  exporter(diag(2))
  mlx_exporter_close(exporter)
  expect_array_equal(mlx_import_function(path)(diag(3)), exp(diag(3)), tolerance = 1e-6)
})

test_that("metadata comes back as it was", {
  for (text in c("", "a b", "\u00e9t\u00e9 \U1F600\n{\"json\": 1}")) {
    expect_identical(mlx_imported_metadata(exported(function(x) x, list(1), metadata = text)), text)
  }
  example <- mlx_import_function(system.file("extdata", "add_matrix.mlxfn", package = "Rmlx"))
  expect_identical(mlx_imported_metadata(example), "")
  for (other in list(sum, function(x) x, 1, NULL, mlx_compile(function(x) x))) {
    expect_error(mlx_imported_metadata(other), class = "mlx_error_argument")
  }
})

test_that("arrays outside the arguments are constants, the examples themselves too", {
  x <- as_mlx(1:3)
  f <- exported(function(y) y * x, list(x))
  expect_array_equal(f(4:6), c(4, 10, 18))
  lazy <- exp(x) * 0 + 2
  expect_array_equal(exported(function(y) y * lazy, list(1))(3), c(6, 6, 6))
  solved <- solve(as_mlx(diag(2)), c(1, 2))
  expect_array_equal(exported(function(y) y * solved, list(1))(3), c(3, 6))
  draws <- exported(function(y) y + mlx_rand_uniform(3), list(1))
  expect_identical(as.vector(draws(0)), as.vector(draws(0)))
})

test_that("parameters that a function assigns have their former values afterwards", {
  layer <- mlx_linear(2, 1)
  before <- lapply(mlx_param_values(mlx_parameters(layer)), as.array)
  f <- exported(function(x) {
    parameters <- mlx_parameters(layer)
    mlx_param_set_values(parameters, lapply(mlx_param_values(parameters), function(p) p + sum(x)))
    mlx_forward(layer, x)
  }, list(matrix(1, 1, 2)))
  expect_identical(lapply(mlx_param_values(mlx_parameters(layer)), as.array), before)
  expect_true(all(is.finite(as.vector(f(matrix(1, 1, 2))))))
})

test_that("a failure leaves the file that was there, and no other", {
  folder <- withr::local_tempdir()
  path <- file.path(folder, "f.mlxfn")
  full <- file.path(normalizePath(folder), "f.mlxfn")
  expect_identical(withVisible(mlx_export_function(path, exp, 1)), list(value = full, visible = FALSE))
  before <- file_bytes(path)
  expect_error(mlx_export_function(path, function(x) stop("mine"), 1), "mine")
  expect_error(mlx_export_function(path, function(x) backsolve(x, x), diag(2)), class = "mlx_error_backend")
  expect_error(mlx_export_function(path, function(x) as.matrix(x), diag(2)), class = "mlx_error_trace")
  expect_identical(file_bytes(path), before)
  expect_identical(list.files(folder, all.files = TRUE, no.. = TRUE), "f.mlxfn")
  mlx_export_function(path, function(x) -x, 1)
  expect_array_equal(mlx_import_function(path)(1), -1)
  withr::local_dir(folder)
  exporter <- mlx_exporter("relative.mlxfn", exp)
  exporter(0)
  setwd("..")
  mlx_exporter_close(exporter)
  expect_true(file.exists(file.path(folder, "relative.mlxfn")))
})

test_that("arguments of other functions cannot be exported", {
  leak <- NULL
  home <- environment()
  exported(function(x) assign("leak", x, envir = home), list(1:3))
  expect_error(exported(function(x) x + leak, list(1:3)), class = "mlx_error_trace")
  expect_error(exported(function(x) leak, list(1:3)), class = "mlx_error_trace")
  inside <- mlx_compile(function(z) {
    exported(function(x) x + z, list(1:3))
    z
  })
  expect_error(inside(1:3), class = "mlx_error_trace")
})

test_that("long chains are exported and drawn", {
  f <- exported(function(x) {
    for (i in 1:3000) x <- x + 1
    x
  }, list(1:2))
  expect_array_equal(f(1:2), c(3001, 3002))
})

test_that("what cannot be exported is an error that says why", {
  withr::local_dir(withr::local_tempdir())
  bad <- function(f, ...) mlx_export_function("f.mlxfn", f, ...)
  own <- mlx_exporter("own.mlxfn", function(x) own(x))
  closed <- mlx_exporter("closed.mlxfn", function(x, y) if (missing(y)) x else x + y)
  closed(1:2)
  twice <- tryCatch(closed(3:4), error = conditionMessage)
  mlx_exporter_close(closed)
  saveRDS(closed, "closed.rds")
  for (path in list(1, NA_character_, character(), "", NULL)) {
    expect_error(mlx_export_function(path, exp, 1), class = "mlx_error_argument")
  }
  expect_error(mlx_export_function(getwd(), exp, 1), class = "mlx_error_io")
  expect_error(mlx_export_function(tempfile(), exp, 1, callback = print), class = "mlx_error_argument")
  expect_error(mlx_export_function(NULL, exp, 1, callback = 1), class = "mlx_error_argument")
  for (wrong in list(1, structure(list(), class = "mlx_exporter"), structure(exp, class = "mlx_exporter"),
    structure(function() 1, class = "mlx_exporter"), NULL)) {
    expect_error(mlx_exporter_close(wrong), class = "mlx_error_argument")
  }
  stale <- readRDS("closed.rds")
  expect_error(print(stale), class = "mlx_error_stale")
  expect_snapshot({
    show_condition(bad(1, 1))
    show_condition(bad(exp, 1, metadata = NA))
    show_condition(bad(exp, 1, shapeless = NA))
    show_condition(bad(exp, "a"))
    show_condition(bad(function(a, b) a, b = 1, b = 2))
    show_condition(bad(function(x) 1, 1))
    show_condition(bad(function(x) list(), 1))
    show_condition(bad(function(x) list(x, a = list(x, "b")), 1))
    show_condition(bad(function(x) mlx_solve_triangular(x, x), diag(2)))
    show_condition(mlx_export_function("/no/such/folder/f", exp, 1))
    show_condition(mlx_exporter("/no/such/folder/f", exp))
    show_condition(mlx_exporter_close(mlx_exporter("f", exp)))
    show_condition(mlx_exporter_close(1))
    show_condition(own(1))
    cat(twice)
    show_condition(mlx_imported_metadata(exp))
  })
  expect_error(closed(1:3), "closed", class = "mlx_error_argument")
})

test_that("an exporter prints its traces", {
  withr::local_dir(withr::local_tempdir())
  exporter <- mlx_exporter("f.mlxfn", function(...) ..1)
  exporter(matrix(1, 2, 3), scale = 1)
  exporter(1:2)
  lines <- capture.output(print(exporter))
  expect_match(lines[[1L]], "^<mlx_exporter> .*f\\.mlxfn \\(open\\)$")
  expect_identical(lines[-1L], c("* float32 (2 x 3), scale = float32 (a scalar)", "* float32 (length 2)"))
  mlx_exporter_close(exporter)
  expect_match(capture.output(print(exporter))[[1L]], "\\(closed\\)$")
})
