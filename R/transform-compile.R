#' Compile a function
#'
#' Returns a function that does the same, faster: the first call traces `f` into a graph, which MLX simplifies and fuses;
#' later calls run the graph without running the R code again.
#'
#' @param f A function of `mlx` arrays that returns an `mlx` array or a list of them, made by `mlx` operations only.
#' @param shapeless `TRUE` has one trace serve arguments of all sides with the same number of axes, where that is safe: the
#'   trace is built again for other sides without running `f`, and checked. That is so for operators, `%*%`, sums and means,
#'   elementwise functions and the like. A function that looks at a shape (`nrow(x)`), or uses operations that hold on to
#'   one (indexing, reshaping), is traced for each combination of sides as with `FALSE`.
#' @param inputs,outputs What `f` reads (and changes) beside its arguments: a module, an optimizer, a parameter (see
#'   [mlx_parameters()]), an environment, or a list of these. The arrays in `inputs` are handed over with each call instead
#'   of being taken as they are when `f` is traced; those that `f` assigns in `outputs` are put there after each call.
#'   Numbers, text and truth values in them, and the training modes of modules, are constants: `f` is traced again when
#'   they change.
#' @returns A function of `...`. Its arguments are given to `f` by position: `mlx` arrays, nested lists of them, what
#'   [as_mlx()] converts, and other objects, such as single R numbers, truth values, text and functions, as they are. `f` is
#'   traced once for each shape and dtype of the arrays, form of the lists and value of the other objects. A call without any
#'   array takes its numbers as arrays.
#'
#'   Modules, parameters and environments cannot be arguments, since their contents change unseen: name them in `inputs`.
#'
#'   It returns what `f` returns, nested lists and names included; a list of one array comes back as the array.
#' @details Nothing happens before the first call. Arrays and numbers that `f` finds outside its arguments and `inputs` are
#'   taken as they are when it is traced. Random numbers are drawn anew by each call, from the session's sequence (see
#'   [mlx_set_seed()]). Parameters of modules that `f` assigns have their former values after the trace, unless they are
#'   among `outputs`; nor can an optimizer step. An array that is kept elsewhere (in an environment, or by a function that `f`
#'   calls) has no values afterwards. Names of axes (see [dimnames.mlx]) are not given to `f`, and its results
#'   have none.
#'
#'   Inside another transform, such as [mlx_grad()], a compiled function runs as a plain one and becomes part of the other
#'   trace. A trace for another value of an R number costs as much as the first: give numbers that change as
#'   `as_mlx(number)`. The latest 128 combinations of such values are kept.
#' @section On the CPU: Fused operations are compiled with `g++` while R runs, once for each kernel; the kernels are kept in
#'   a private folder of the user's cache (see `RMLX_KERNEL_CACHE` in [Rmlx-package]). Without a compiler that works there is
#'   one warning (`mlx_warning_compile`), and results stay right.
#' @section Errors: `mlx_error_trace`, at the first call, when values are read while `f` is traced (`print()`, `as.matrix()`,
#'   `if` on an array), when `f` itself keeps an array with `<<-`, or when it returns something else than arrays; the message
#'   says which call in `f` did it, and in which line where R keeps sources. Other errors inside `f` arrive as they were raised
#'   there; so does the calling of a compiled function with `outputs` inside another one that has other `outputs`.
#'   `mlx_error_argument` for a call without arguments, or with a module or an environment among them.
#' @examples
#' affine <- mlx_compile(function(x, w, b) x %*% w + b)
#' affine(as_mlx(diag(2)), as_mlx(matrix(1:4, 2)), as_mlx(c(10, 20)))
#'
#' # a training step that changes its model
#' model <- mlx_linear(2, 1)
#' opt <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
#' loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
#' step <- mlx_compile(function(x, y) mlx_train_step(model, loss, opt, x, y)$loss, inputs = model, outputs = model)
#' x <- as_mlx(matrix(c(1, 2, 3, 4), 2))
#' for (i in 1:3) print(as.vector(step(x, x[, 1, drop = FALSE])))
#' @family transforms
#' @seealso [mlx_set_compile_mode()] to switch compilation off and on.
#' @export
mlx_compile <- function(f, shapeless = FALSE, inputs = NULL, outputs = NULL) {
  if (!is.function(f)) {
    stop_mlx("argument", "First argument must be a function.", arg = "f")
  }
  if (!is.logical(shapeless)) {
    stop_mlx("argument", "`shapeless` must be TRUE or FALSE.", arg = "shapeless")
  }
  if (!is.null(inputs) || !is.null(outputs)) {
    return(stateful(f, isTRUE(shapeless), state_holders(inputs, "inputs"), state_holders(outputs, "outputs")))
  }
  handle <- .Call(ffi_compile, function(...) traced(f, ...), isTRUE(shapeless), FALSE)
  function(...) {
    if (!the$compiler_checked) check_compiler()
    .Call(ffi_compiled_call, handle, list(...))
  }
}

# Fused CPU kernels need a g++ that understands the headers of this build. One small kernel tells; its result is kept on
# disk, so that later sessions only load it.
check_compiler <- function() {
  if (!the$compile_mode %in% c("enabled", "no_simplify") || mlx_default_device() != "cpu") {
    return(invisible())
  }
  the$compiler_checked <- TRUE
  .Call(ffi_set_kernel_folder, kernel_folder())
  if (is.null(compiler_version())) {
    return(warn_mlx("compile", "There is no C++ compiler (g++): compiled functions run unfused. Results are the same."))
  }
  problem <- tryCatch(probe_compiler(),
    mlx_warning_compile = conditionMessage,
    error = function(e) paste("A test of the C++ compiler (g++) failed: compiled functions run unfused.", conditionMessage(e))
  )
  if (is.character(problem)) {
    the$fuse <- FALSE
    set_compile_mode(the$compile_mode)
    warn_mlx("compile", problem)
  }
}

# MLX calls g++ by this name. NULL where there is none.
compiler_version <- function() {
  lines <- tryCatch(
    suppressWarnings(system2("g++", "--version", stdout = TRUE, stderr = FALSE)),
    error = function(e) character()
  )
  if (length(lines) > 0L && is.null(attr(lines, "status"))) lines[[1L]]
}

probe_compiler <- function() {
  square <- .Call(ffi_compile, function(x) exp(x * x), FALSE, FALSE)
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
