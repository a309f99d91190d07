# One expression for each condition class that raises it.

saved_array <- function() {
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(as_mlx(1:3), file)
  readRDS(file)
}

# Runs an expression in a forked child, with a time-out; gives its value, or the condition that it raised. NULL when the
# child did not answer in time.
in_fork <- function(code, timeout = 20) {
  job <- parallel::mcparallel(tryCatch(code, condition = identity), silent = TRUE)
  value <- parallel::mccollect(job, wait = FALSE, timeout = timeout)
  tools::pskill(job$pid, tools::SIGKILL)
  suppressWarnings(parallel::mccollect(job, wait = FALSE))
  value[[1L]]
}

# Raises again what an expression raised in a forked child.
raised_in_fork <- function(code) stop(in_fork(code))

provocations <- function() {
  list(
    mlx_error_argument = quote(mlx_zeros(c(2, -1))),
    mlx_error_shape = quote(as_mlx(1:2) + as_mlx(1:3)),
    mlx_error_index = quote(as_mlx(1:3)[5]),
    mlx_error_dtype = quote(-as_mlx(TRUE)),
    mlx_error_device = quote(mlx_default_device("gpu")),
    mlx_error_grad = quote(mlx_grad(function(x) x, as_mlx(1:3))),
    mlx_error_trace = quote(mlx_compile(function(x) as.matrix(x))(as_mlx(1))),
    mlx_error_vmap = quote(mlx_vmap(sum, in_axes = 2)(as_mlx(1:3))),
    mlx_error_singular = quote(solve(as_mlx(matrix(0, 2, 2)))),
    mlx_error_io = quote(mlx_load(tempfile())),
    mlx_error_stale = quote(saved_array() + 1),
    mlx_error_fork = quote(raised_in_fork(as_mlx(1))),
    mlx_error_backend = quote(mlx_eval(mlx_compile(function(a) solve(a))(as_mlx(matrix(0, 2, 2))))),
    mlx_error_internal = quote(getFromNamespace("by_columns", "Rmlx")("nonsense", as_mlx(diag(2)), FALSE, 1)),
    mlx_warning_precision = quote(as_mlx(1:3, dtype = "float64")),
    mlx_warning_range = quote(as_mlx(300, dtype = "uint8")),
    mlx_warning_shape = quote(as.matrix(as_mlx(1:3))),
    mlx_warning_argument = quote(sum(as_mlx(1:3), na.rm = TRUE)),
    mlx_warning_fallback = quote(trunc(as_mlx(1:3))),
    # needs a session without a compiler: see test-transform-compile.R
    mlx_warning_compile = NULL
  )
}

# The condition that an expression raises; NULL if none.
condition_of <- function(expression, env = parent.frame()) {
  tryCatch(
    {
      eval(expression, env)
      NULL
    },
    error = identity, warning = identity
  )
}

# Can this class be provoked here?
skip_unless_possible <- function(class) {
  if (class == "mlx_error_device") skip_if_gpu()
  if (class == "mlx_error_fork") testthat::skip_on_os("windows")
}

# The condition classes that the package's help page lists.
documented_classes <- function() {
  page <- paste(utils::capture.output(print(tools::Rd_db("Rmlx")[["Rmlx-package.Rd"]])), collapse = " ")
  unique(regmatches(page, gregexpr("mlx_(error|warning)_[a-z]+", page))[[1L]])
}

# The condition classes in the package's sources, where they are at hand.
source_classes <- function() {
  root <- testthat::test_path("..", "..")
  r <- list.files(file.path(root, "R"), "[.]R$", full.names = TRUE)
  rust <- list.files(file.path(root, "src", "rust", "src"), "[.]rs$", full.names = TRUE)
  found <- function(files, pattern, prefix) {
    text <- paste(unlist(lapply(files, readLines, warn = FALSE)), collapse = " ")
    calls <- regmatches(text, gregexpr(pattern, text))[[1L]]
    if (length(calls)) paste0(prefix, sub('.*"([a-z]+)"$', "\\1", calls)) else character()
  }
  unique(c(
    found(r, 'stop_mlx\\(\\s*"[a-z]+"', "mlx_error_"), found(r, 'warn_mlx\\(\\s*"[a-z]+"', "mlx_warning_"),
    found(rust, 'Failure::new\\(\\s*"[a-z]+"', "mlx_error_"), found(rust, '[^_]new\\(\\s*"[a-z]+"', "mlx_error_"),
    found(rust, '\\bwarn\\(\\s*"[a-z]+"', "mlx_warning_")
  ))
}

# Prints the class, the call and the message of the condition that an expression raises.
# Where a traced function did it depends on whether R keeps sources, and is left out.
show_condition <- function(expression) {
  condition <- tryCatch(expression, mlx_error = identity, mlx_warning = identity)
  call <- paste(deparse(conditionCall(condition), width.cutoff = 500L), collapse = " ")
  cat(sprintf("<%s> in %s:\n%s\n", class(condition)[[1L]], call, sub("\nIt was in .*$", "", conditionMessage(condition))))
}
