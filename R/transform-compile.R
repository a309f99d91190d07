#' Compile a function
#'
#' Returns a function that does the same, faster: the first call traces `f` into a graph, which MLX simplifies and fuses;
#' later calls run the graph without running the R code again.
#'
#' @param f A function of `mlx` arrays that returns an `mlx` array or a list of them, made by `mlx` operations only.
#' @param shapeless `TRUE` or `FALSE`, for scripts that give it. MLX can run one trace on arguments of all sides, but does
#'   not check that they fit it, and reads outside its memory when they do not. So every combination of sides, dtypes and
#'   numbers of arguments is traced once, whatever is given here.
#' @returns A function of `...`. Its arguments are converted by [as_mlx()] and given to `f` by position. It returns what `f`
#'   returns, with the names of a list; a list of one array comes back as the array. `mlx_disable_compile()` and
#'   `mlx_enable_compile()`: `NULL`, invisibly.
#' @details Nothing happens before the first call. Arrays and numbers that `f` finds outside its arguments are taken as they
#'   are when it is traced; so are random numbers, which are drawn once for each trace.
#'   Parameters of modules that `f` assigns have their former values after the trace; an optimizer cannot step in it.
#'   Names of axes (see [dimnames.mlx]) are not given to `f`, and its results have none.
#'
#'   `mlx_disable_compile()` makes all compiled functions, old and new, run as plain ones; `mlx_enable_compile()` ends that,
#'   and overrides the environment variable `MLX_DISABLE_COMPILE`.
#' @section On the CPU: Fused operations are compiled with `g++` while R runs, once for each kernel; the kernels are kept in
#'   a private folder of the user's cache (see `RMLX_KERNEL_CACHE` in [Rmlx-package]). Without a compiler that works there is
#'   one warning (`mlx_warning_compile`), and results stay right.
#'   R itself refuses an array as a condition (`if (x > 0)`).
#' @section Errors: `mlx_error_trace`, at the first call, when values are read while `f` is traced (`print()`, `as.matrix()`),
#'   or when `f` returns something else than arrays; an error inside `f` arrives as it was raised there;
#'   `mlx_error_argument` for a call without arguments.
#' @examples
#' affine <- mlx_compile(function(x, w, b) x %*% w + b)
#' affine(as_mlx(diag(2)), as_mlx(matrix(1:4, 2)), as_mlx(c(10, 20)))
#' @export
mlx_compile <- function(f, shapeless = FALSE) {
  if (!is.function(f)) {
    stop_mlx("argument", "First argument must be a function.", arg = "f")
  }
  if (!is.logical(shapeless)) {
    stop_mlx("argument", "`shapeless` must be TRUE or FALSE.", arg = "shapeless")
  }
  handle <- .Call(ffi_compile, function(...) restoring(f, ...))
  function(...) {
    if (!the$compiler_checked) check_compiler()
    .Call(ffi_compiled_call, handle, list(...))
  }
}

# Parameters that a function assigns while it is traced must not keep arrays of the trace.
restoring <- function(f, ...) {
  outer <- the$undo
  the$undo <- list()
  on.exit({
    undo <- rev(the$undo)
    the$undo <- NULL
    for (old in undo) set_params(old$params, old$values)
    the$undo <- outer
  })
  f(...)
}

#' @rdname mlx_compile
#' @export
mlx_disable_compile <- function() set_compile(FALSE)

#' @rdname mlx_compile
#' @export
mlx_enable_compile <- function() set_compile(TRUE)

set_compile <- function(enabled) {
  the$compile <- enabled
  invisible(.Call(ffi_set_compile, enabled, the$fuse))
}

# Fused CPU kernels need a g++ that understands the headers of this build. One small kernel tells; its result is kept on
# disk, so that later sessions only load it.
check_compiler <- function() {
  if (!the$compile || mlx_default_device() != "cpu") {
    return(invisible())
  }
  the$compiler_checked <- TRUE
  .Call(ffi_set_kernel_folder, kernel_folder())
  works <- suppressWarnings(system2("g++", "--version", stdout = FALSE, stderr = FALSE)) == 0
  if (!works) {
    return(warn_mlx("compile", "There is no C++ compiler (g++): compiled functions run unfused. Results are the same."))
  }
  problem <- tryCatch(probe_compiler(),
    mlx_warning_compile = conditionMessage,
    error = function(e) paste("A test of the C++ compiler (g++) failed: compiled functions run unfused.", conditionMessage(e))
  )
  if (is.character(problem)) {
    the$fuse <- FALSE
    set_compile(TRUE)
    warn_mlx("compile", problem)
  }
}

probe_compiler <- function() {
  square <- .Call(ffi_compile, function(x) exp(x * x))
  x <- c(0, 0.5, 1)
  y <- as.vector(.Call(ffi_compiled_call, square, list(as_mlx(x, device = "cpu"))))
  if (!isTRUE(all.equal(y, exp(x * x), tolerance = 1e-5))) {
    stop("a test kernel gave wrong values")
  }
}

# Whoever can write to this folder can run code in the session, so it must be the user's alone. Kernels of one build are
# no use to another.
kernel_folder <- function() {
  library <- file.info(getLoadedDLLs()[["Rmlx"]][["path"]])
  build <- sprintf("%s-%.0f-%.0f", mlx_version(), library$size, as.numeric(library$mtime))
  root <- Sys.getenv("RMLX_KERNEL_CACHE", file.path(tools::R_user_dir("Rmlx", "cache"), "kernels"))
  checked <- nzchar(Sys.getenv("_R_CHECK_PACKAGE_NAME_"))
  if (!checked && nzchar(root) && root != "off") {
    folder <- private_folder(file.path(root, build))
    if (!is.null(folder)) {
      return(folder)
    }
  }
  private_folder(file.path(tempdir(), "Rmlx-kernels"))
}

# Makes the folder if need be; NULL when it is not this user's alone.
private_folder <- function(path) {
  dir.create(path, showWarnings = FALSE, recursive = TRUE, mode = "0700")
  info <- file.info(path)
  mine <- isTRUE(info$isdir) && identical(info$uid, file.info(tempdir())$uid)
  if (!mine) {
    return(NULL)
  }
  Sys.chmod(path, "0700", use_umask = FALSE)
  if (file.info(path)$mode == as.octmode("0700")) normalizePath(path)
}
