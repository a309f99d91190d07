test_that("every documented condition class is provoked here", {
  expect_setequal(names(provocations()), documented_classes())
})

test_that("every condition class in the sources is documented", {
  skip_if_not(file.exists(test_path("..", "..", "R", "conditions.R")), "sources at hand")
  expect_identical(setdiff(source_classes(), documented_classes()), character())
})

test_that("each condition has its own class, the package's and R's", {
  for (class in setdiff(names(provocations()), c("mlx_error_device", "mlx_error_fork", "mlx_warning_compile"))) {
    type <- if (grepl("error", class)) "error" else "warning"
    expect_identical(class(condition_of(provocations()[[class]])), c(class, paste0("mlx_", type), type, "condition"))
  }
})

test_that("conditions carry the fields that the table of classes names", {
  fields <- list(
    mlx_error_argument = "arg", mlx_error_shape = c("op", "shapes"), mlx_error_index = c("axis", "size", "index"),
    mlx_error_dtype = c("op", "dtype"), mlx_error_io = "path", mlx_error_stale = "class", mlx_error_backend = "what",
    mlx_error_internal = "what"
  )
  for (class in names(fields)) {
    condition <- condition_of(provocations()[[class]])
    expect_true(all(lengths(condition[fields[[class]]]) > 0L), info = class)
  }
})

test_that("fields of shape errors are R's shapes", {
  error <- condition_of(quote(as_mlx(matrix(1:6, 2)) + as_mlx(matrix(1:6, 3))))
  expect_identical(error[c("op", "shapes")], list(op = "+", shapes = list(c(2L, 3L), c(3L, 2L))))
})

test_that("errors that MLX itself raises have the fields of their class", {
  error <- expect_error(expm1(as_mlx(1i)), class = "mlx_error_dtype")
  expect_true(all(c("op", "dtype") %in% names(error)))
})

test_that("mlx_error_argument", {
  expect_error(mlx_zeros(c(2, -1)), class = "mlx_error_argument")
  expect_snapshot(show_condition(mlx_zeros(c(2, -1))))
  expect_snapshot(show_condition(as_mlx(list(1))))
})

test_that("mlx_error_shape", {
  expect_error(as_mlx(1:2) + as_mlx(1:3), class = "mlx_error_shape")
  expect_snapshot(show_condition(as_mlx(1:2) + as_mlx(1:3)))
  expect_snapshot(show_condition(as_mlx(diag(2)) %*% as_mlx(diag(3))))
  expect_snapshot(show_condition(mlx_sum(as_mlx(1:3), axes = 2)))
})

test_that("mlx_error_index", {
  expect_error(as_mlx(1:3)[5], class = "mlx_error_index")
  expect_snapshot(show_condition(as_mlx(1:3)[5]))
  expect_snapshot(show_condition(as_mlx(diag(2))[1, 0]))
})

test_that("mlx_error_dtype", {
  expect_error(-as_mlx(TRUE), class = "mlx_error_dtype")
  expect_snapshot(show_condition(-as_mlx(TRUE)))
  expect_snapshot(show_condition(as_mlx(c(TRUE, NA))))
})

test_that("mlx_error_device", {
  skip_if_gpu()
  expect_error(mlx_default_device("gpu"), class = "mlx_error_device")
  expect_snapshot(show_condition(mlx_default_device("gpu")))
})

test_that("mlx_error_grad", {
  expect_error(mlx_grad(function(x) x, as_mlx(1:3)), class = "mlx_error_grad")
  expect_snapshot(show_condition(mlx_grad(function(x) x, as_mlx(1:3))))
  expect_snapshot(show_condition(mlx_grad(function(x) sum(as.vector(x)), as_mlx(1:3))))
})

test_that("mlx_error_trace", {
  expect_error(mlx_compile(function(x) as.matrix(x))(as_mlx(1)), class = "mlx_error_trace")
  expect_snapshot(show_condition(mlx_compile(function(x) as.matrix(x))(as_mlx(1))))
  expect_snapshot(show_condition(mlx_compile(function(x) 1)(as_mlx(1))))
})

test_that("mlx_error_singular", {
  expect_error(solve(as_mlx(matrix(0, 2, 2))), class = "mlx_error_singular")
  expect_snapshot(show_condition(solve(as_mlx(matrix(0, 2, 2)))))
})

test_that("mlx_error_io", {
  expect_error(mlx_load("no-such-file"), class = "mlx_error_io")
  expect_snapshot(show_condition(mlx_load("no-such-file")))
})

test_that("mlx_error_stale", {
  expect_error(saved_array() + 1, class = "mlx_error_stale")
  expect_snapshot(show_condition(saved_array() + 1))
})

test_that("mlx_error_fork", {
  skip_on_os("windows")
  expect_error(raised_in_fork(as_mlx(1)), class = "mlx_error_fork")
  expect_snapshot(show_condition(raised_in_fork(as_mlx(1))))
})

test_that("mlx_error_backend", {
  expect_error(eval(provocations()$mlx_error_backend), class = "mlx_error_backend")
  compiled <- mlx_compile(function(a) solve(a))
  expect_snapshot(show_condition(mlx_eval(compiled(as_mlx(matrix(0, 2, 2))))))
})

test_that("mlx_error_internal", {
  expect_error(eval(provocations()$mlx_error_internal), class = "mlx_error_internal")
  by_columns <- getFromNamespace("by_columns", "Rmlx")
  expect_snapshot(show_condition(by_columns("nonsense", as_mlx(diag(2)), FALSE, 1)))
})

test_that("mlx_warning_precision", {
  expect_warning(as_mlx(1:3, dtype = "float64"), class = "mlx_warning_precision")
  expect_snapshot(show_condition(as_mlx(1:3, dtype = "float64")))
})

test_that("mlx_warning_range", {
  expect_warning(as_mlx(300, dtype = "uint8"), class = "mlx_warning_range")
  expect_snapshot(show_condition(as_mlx(300, dtype = "uint8")))
})

test_that("mlx_warning_shape", {
  expect_warning(as.matrix(as_mlx(1:3)), class = "mlx_warning_shape")
  expect_snapshot(show_condition(as.matrix(as_mlx(1:3))))
})

test_that("mlx_warning_argument", {
  expect_warning(colSums(as_mlx(diag(2)), na.rm = TRUE), class = "mlx_warning_argument")
  expect_snapshot(show_condition(colSums(as_mlx(diag(2)), na.rm = TRUE)))
})

test_that("mlx_warning_fallback", {
  expect_warning(trunc(as_mlx(1:3)), class = "mlx_warning_fallback")
  expect_snapshot(show_condition(trunc(as_mlx(1:3))))
})

test_that("errors blame the call that the user made", {
  x <- as_mlx(matrix(1:6, 2))
  y <- as_mlx(1:2)
  stale <- saved_array()
  f <- mlx_compile(function(x) 1)
  model <- mlx_linear(2, 1)
  expect_call(x + y, quote(x + y))
  expect_call(x %/% y, quote(x %/% y))
  expect_call(x < y, quote(x < y))
  expect_call(x & y, quote(x & y))
  expect_call(-as_mlx(TRUE), quote(-as_mlx(TRUE)))
  expect_call(x %*% x, quote(x %*% x))
  expect_call(crossprod(x, y), quote(crossprod(x, y)))
  expect_call(tcrossprod(x, y), quote(tcrossprod(x, y)))
  expect_call(x[3, ], quote(x[3, ]))
  expect_call(x[1, 1, 1], quote(x[1, 1, 1]))
  expect_call(x[1, 1, 1, 1, 1], quote(x[1, 1, 1, 1, 1]))
  expect_call(as_mlx("a"), quote(as_mlx("a")))
  expect_call(mlx_array(1:2, 3), quote(mlx_array(1:2, 3)))
  expect_call(mlx_matrix(1:6, 4), quote(mlx_matrix(1:6, 4)))
  expect_call(mlx_zeros(0), quote(mlx_zeros(0)))
  expect_call(mlx_full(2, 1:2), quote(mlx_full(2, 1:2)))
  expect_call(mlx_rand_normal(0), quote(mlx_rand_normal(0)))
  expect_call(mlx_set_seed("a"), quote(mlx_set_seed("a")))
  expect_call(mlx_dtype(1), quote(mlx_dtype(1)))
  expect_call(mlx_eval(stale), quote(mlx_eval(stale)))
  expect_call(mlx_device(1), quote(mlx_device(1)))
  expect_call(mlx_sum(x, axes = 3), quote(mlx_sum(x, axes = 3)))
  expect_call(log(x, "a"), quote(log(x, "a")))
  expect_call(mlx_maximum(x, y), quote(mlx_maximum(x, y)))
  expect_call(mlx_mse_loss(x, y), quote(mlx_mse_loss(x, y)))
  expect_call(mlx_mse_loss(x, x, "most"), quote(mlx_mse_loss(x, x, "most")))
  expect_call(mlx_grad(1, x), quote(mlx_grad(1, x)))
  expect_call(mlx_value_grad(function(x) x, x), quote(mlx_value_grad(function(x) x, x)))
  expect_call(mlx_compile(1), quote(mlx_compile(1)))
  expect_call(f(x), quote(f(x)))
  expect_call(f(), quote(f()))
  expect_call(mlx_linear(0, 1), quote(mlx_linear(0, 1)))
  expect_call(mlx_sequential(), quote(mlx_sequential()))
  expect_call(mlx_parameters(1), quote(mlx_parameters(1)))
  expect_call(mlx_param_values(1), quote(mlx_param_values(1)))
  expect_call(mlx_forward(1, x), quote(mlx_forward(1, x)))
  expect_call(mlx_forward(model, y), quote(mlx_forward(model, y)))
  expect_call(mlx_optimizer_sgd(1), quote(mlx_optimizer_sgd(1)))
  expect_call(mlx_synchronize("tpu"), quote(mlx_synchronize("tpu")))
  expect_call(with_default_device("tpu", 1), quote(with_default_device("tpu", 1)))
})

test_that("errors of methods blame the method, as R's own do", {
  x <- as_mlx(matrix(1:6, 2))
  stale <- saved_array()
  expect_call(solve(x), quote(solve.mlx(x)))
  expect_call(colSums(as_mlx(1:3)), quote(colSums.mlx(as_mlx(1:3))))
  expect_call(outer(x, x, "+"), quote(outer.mlx(x, x, "+")))
  expect_call(as.matrix(stale), quote(as.matrix.mlx(stale)))
  expect_call(print(stale), quote(print.mlx(stale)))
  expect_call(format(stale), quote(format.mlx(stale)))
  expect_call(str(stale), quote(str.mlx(stale)))
  expect_call(dim(stale), quote(dim.mlx(stale)))
  expect_call(length(stale), quote(length.mlx(stale)))
  expect_call(t(stale), quote(t.mlx(stale)))
  expect_call(mean(stale), quote(mean.mlx(stale)))
})

test_that("warnings blame the call that the user made", {
  x <- as_mlx(1:3)
  expect_call(as_mlx(300, "uint8"), quote(as_mlx(300, "uint8")), class = "mlx_warning_range")
  expect_call(as_mlx(x, "float64"), quote(as_mlx(x, "float64")), class = "mlx_warning_precision")
  expect_call(as.matrix(x), quote(as.matrix.mlx(x)), class = "mlx_warning_shape")
  expect_call(trunc(x), quote(trunc(x)), class = "mlx_warning_fallback")
})

test_that("conditions of sum(), round() and their like name the function and hold no array", {
  # R puts the values of the arguments into these calls
  x <- as_mlx(matrix(1:6, 2))
  calls <- list(
    sum = quote(sum(x, axes = 3)), max = quote(max(x, 1, axes = 1)), range = quote(range(x)),
    all = quote(all(x, axes = 0)), round = quote(round(x, "a")), signif = quote(signif(x, "a"))
  )
  for (name in names(calls)) {
    call <- conditionCall(condition_of(calls[[name]]))
    expect_identical(call[[1L]], as.name(name))
    expect_false(any(vapply(as.list(call), function(part) is.list(part) || is_mlx(part), NA)), info = name)
  }
})

test_that("errors inside a user's function blame the call in it", {
  wrong <- function(a, b) a + b
  expect_call(wrong(as_mlx(1:2), as_mlx(1:3)), quote(a + b))
  expect_call(lapply(1, function(i) mlx_zeros(-i)), quote(mlx_zeros(-i)))
  expect_call(do.call("mlx_zeros", list(-1)), quote(mlx_zeros(-1)))
  expect_call(mlx_grad(function(x) wrong(x, as_mlx(1:3)), as_mlx(1:2)), quote(a + b))
  expect_call(mlx_compile(function(x) wrong(x, as_mlx(1:3)))(as_mlx(1:2)), quote(a + b))
})

test_that("bad input of any kind is an error of this package, or works", {
  bad <- list(
    NULL, list(), list(1), "a", character(), NA, NA_character_, numeric(), NaN, Inf, -1, 0, quote(x), sum, globalenv(),
    1i, factor("a"), data.frame(a = 1), TRUE, structure(list(), class = "mlx"), structure(list(1), class = "mlx"),
    structure(list(ptr = methods::new("externalptr"), device = "cpu"), class = "mlx"), as.raw(1)
  )
  x <- as_mlx(matrix(c(1, 2, 3, 5), 2))
  model <- mlx_linear(2, 1)
  params <- mlx_parameters(model)
  optimizer <- mlx_optimizer_sgd(params)
  loss <- function(model, x) mean(mlx_forward(model, x))
  good <- list(
    as_mlx = list(1, "float32", "cpu"), mlx_array = list(1:4, 4, "int8", "cpu", TRUE), mlx_matrix = list(1:4, 2, 2),
    mlx_vector = list(1), mlx_scalar = list(1), mlx_zeros = list(2, "int8"), mlx_full = list(2, 1, "int8"),
    mlx_rand_normal = list(2, 0, 1), mlx_rand_uniform = list(2, 0, 1, "float32"), mlx_set_seed = list(1),
    mlx_eval = list(x), mlx_dtype = list(x), mlx_shape = list(x), mlx_synchronize = list("cpu"),
    mlx_maximum = list(x, x), mlx_sum = list(x, 1, TRUE), mlx_mean = list(x, 1, TRUE), mlx_stop_gradient = list(x),
    mlx_forward = list(model, x), mlx_parameters = list(model), mlx_param_values = list(params),
    mlx_param_set_values = list(params, mlx_param_values(params)), mlx_sequential = list(model, model),
    mlx_linear = list(2, 1), mlx_mse_loss = list(x, x, "mean"), mlx_optimizer_sgd = list(params, 0.1),
    mlx_train_step = list(model, loss, optimizer, x), mlx_grad = list(function(x) sum(x), x), mlx_compile = list(loss),
    log = list(x, 2), round = list(x, 1), signif = list(x, 1), solve = list(x, x), outer = list(x, x, "*"),
    sum = list(x, x), colSums = list(x, FALSE, 1), crossprod = list(x, x), `[` = list(x, 1, 1), `dim<-` = list(x, 4)
  )
  base <- c("log", "round", "signif", "solve", "outer", "sum", "colSums", "crossprod", "[", "dim<-")
  foreign <- function(name, i, k) {
    args <- good[[name]]
    args[i] <- bad[k]
    error <- tryCatch(suppressWarnings(do.call(name, args, quote = TRUE)), error = identity)
    inherits(error, "error") && (!inherits(error, "mlx_error") || inherits(error, "mlx_error_internal"))
  }
  for (name in names(good)) {
    for (i in setdiff(seq_along(good[[name]]), if (name %in% base) 1L)) {
      # a loss function's own errors are its own
      own <- name == "mlx_train_step" && i == 2L
      failed <- Filter(function(k) foreign(name, i, k) && !(own && is.function(bad[[k]])), seq_along(bad))
      expect_identical(vapply(bad[failed], function(x) class(x)[[1L]], ""), character(),
        info = sprintf("%s(), argument %d", name, i)
      )
    }
  }
  expect_array_equal(x, matrix(c(1, 2, 3, 5), 2))
})

test_that("a value that cannot be printed at top level ends with an error", {
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(as_mlx(1:3), file)
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    child_header(), sprintf("x <- readRDS(%s)", deparse(file)), "x"
  ))
  out <- suppressWarnings(system2(rscript(), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = TRUE, timeout = 60))
  expect_match(paste(out, collapse = " "), "earlier R session")
  expect_identical(attr(out, "status"), 1L)
})

test_that("warnings of assignments show no handle", {
  x <- as_mlx(1, dtype = "uint8")
  x <- mlx_reshape(x, 1)
  warning <- tryCatch(x[1] <- as_mlx(300), mlx_warning = identity)
  expect_false(grepl("pointer", paste(deparse(conditionCall(warning)), collapse = "")))
})
