# Traces are made and written in Rust; arguments are brought into order here.

#' Export a function to a file
#'
#' `mlx_export_function()` traces an R function and writes what it does with its arguments to a file in MLX's own format,
#' `.mlxfn`, from which [mlx_import_function()] and MLX in Python, C++ and Swift read it. No R code is stored.
#' `mlx_exporter()` does so for several combinations of arguments.
#'
#' @param path One string: the path of the file, usually `.mlxfn`; a leading `~` is expanded. For `mlx_export_function()`
#'   with a `callback`, `NULL`.
#' @param f A function of `mlx` arrays that returns an `mlx` array or a list of them (lists within it are flattened), made
#'   by `mlx` operations only.
#' @param ... Example arguments: `mlx` arrays or what [as_mlx()] converts. Unnamed ones are the function's inputs by
#'   position, named ones its inputs of these names, and are given to `f` by name. Only their shapes and dtypes count. A
#'   name that abbreviates `path` or `f` is taken for it: write `path = ` and `f = ` then, or use `mlx_exporter()`.
#' @param shapeless `TRUE` makes the function take arrays of other sides with the same number of axes. Sides that R code
#'   computes with while it is traced (`dim(x)`, `nrow(x)`, indices) stay those of the examples, and so do those that
#'   functions of this package take from their arguments, such as `mlx_map()`, `mlx_scan()`, `mlx_split()`, `scale()` and
#'   `mlx_zeros_like()`: call what was imported with other sides before you rely on it.
#' @param metadata One string that is stored with the function; [mlx_imported_metadata()] reads it.
#' @param callback A function of one argument that is called with each part of the trace, in place of writing a file. See
#'   below.
#' @param exporter,x An object that `mlx_exporter()` has returned.
#' @returns `mlx_export_function()`: `path`, invisibly; `NULL` with a `callback`. `mlx_exporter()`: a function of class
#'   `mlx_exporter`. Each call traces `f` with its arguments, adds the trace and returns the exporter invisibly.
#'   `mlx_exporter_close()` writes the file and returns its path, invisibly.
#' @details `f` is called once, with arrays that stand for its arguments. Arrays that it finds elsewhere are stored with
#'   the function as constants, with all that is computed of them lazily; random numbers are drawn once, and stored too.
#'   Parameters of modules that `f` assigns have their former values after the trace. Names of results and of axes
#'   (dimnames) are not stored: several results come back as a list in the order of [unlist()].
#'
#'   The file appears when it is complete, in place of an older one: a failure leaves no half of a file. An exporter writes
#'   it when it is closed, which happens when the object is removed from memory or the session ends, too; an exporter
#'   without a trace writes nothing. A call that fails adds no trace. Two traces must differ in the number of arguments,
#'   their names, dtypes or shapes (the number of axes, for `shapeless`): MLX looks for the first that fits.
#' @section What others read: MLX reads files of its own version, or one near it: the operations of a file are those of
#'   the MLX that wrote it (here [mlx_version()]), and another minor version may have changed their state. In Python,
#'   `mlx.core.import_function(path)` gives a function that takes the unnamed inputs by position and the named ones as
#'   keywords, and returns a list of arrays. The operations of this package are exported, except LU factorizations
#'   ([mlx_lu()], `solve()` with two arguments) and triangular solves (`backsolve()`, [mlx_solve_triangular()]): use
#'   `solve(a) %*% b`, [mlx_inv()] or [mlx_tri_inv()]. The derivatives that this package has for some of them are not
#'   stored; MLX differentiates what it reads with its own.
#'
#'   Arrays of dtype `float64` work on the CPU only there, as here: call `mx.set_default_device(mx.cpu)` before.
#' @section Events: The `callback` is called with named lists, in this order. Arrays are known by names that MLX makes;
#'   numbers in `arguments` are MLX's own, so that axes count from 0.
#'   * `type = "inputs"`, and `inputs`: for each input its `shape` and `dtype`, under its name;
#'   * `type = "keyword_inputs"`, and `keywords`: the names of arrays under the names of arguments;
#'   * `type = "outputs"`, and `outputs`, as `inputs`;
#'   * `type = "constants"`, and `constants`: a named list of `mlx` arrays;
#'   * `type = "primitive"` for each operation, inputs first: its `name`, `inputs`, `outputs`, and `arguments`, a list of its
#'     settings.
#' @section Errors: An error inside `f` arrives as it was raised there. `mlx_error_trace` when `f` reads values of its
#'   arguments (`print()`, `as.matrix()`) or returns something else than arrays; `mlx_error_backend`, with the operation in
#'   the field `what`, for one that MLX does not export; `mlx_error_io`, with the field `path`, when the file cannot be
#'   written; `mlx_error_argument` for arguments that fit an earlier trace, for a closed exporter and one without traces;
#'   `mlx_error_stale` for an exporter of an earlier session.
#' @examples
#' affine <- function(x, w, bias) x %*% w + bias
#' path <- tempfile(fileext = ".mlxfn")
#' mlx_export_function(path, affine, matrix(0, 3, 2), matrix(0, 2, 2), bias = c(0, 0), metadata = "a layer")
#' imported <- mlx_import_function(path)
#' imported(matrix(1:6, 3), diag(2), bias = c(10, 20))
#' mlx_imported_metadata(imported)
#'
#' exporter <- mlx_exporter(path, function(x) sum(x^2))
#' exporter(1:3)
#' exporter(matrix(1:4, 2))
#' exporter
#' mlx_exporter_close(exporter)
#'
#' mlx_export_function(NULL, function(x) exp(x) + 1, 1:3, callback = function(event) {
#'   if (event$type == "primitive") cat(event$name, names(event$inputs), "->", names(event$outputs), "\n")
#' })
#' @family files
#' @export
mlx_export_function <- function(path, f, ..., shapeless = FALSE, metadata = "", callback = NULL) {
  check_function(f, "f")
  check_metadata(metadata)
  handle <- .Call(ffi_exporter, shapeless)
  if (is.null(callback)) {
    path <- export_path(path)
    add_trace(handle, f, list(...))
    .Call(ffi_exporter_write, handle, path, enc2utf8(metadata))
    return(invisible(path))
  }
  check_function(callback, "callback")
  if (!is.null(path)) {
    stop_mlx("argument", "`path` must be NULL when there is a `callback`.", arg = "path")
  }
  add_trace(handle, f, list(...))
  for (event in .Call(ffi_exporter_events, handle)) callback(event)
  invisible(NULL)
}

#' @rdname mlx_export_function
#' @export
mlx_exporter <- function(path, f, shapeless = FALSE, metadata = "") {
  check_function(f, "f")
  check_metadata(metadata)
  state <- new.env(parent = emptyenv())
  state$handle <- .Call(ffi_exporter, shapeless)
  state$path <- export_path(path)
  state$metadata <- enc2utf8(metadata)
  state$closed <- FALSE
  state$process <- Sys.getpid()
  reg.finalizer(state, function(state) {
    unfinished <- !state$closed && state$process == Sys.getpid() && length(.Call(ffi_exporter_signatures, state$handle))
    if (unfinished) finish_export(state)
  }, onexit = TRUE)
  exporter <- function(...) {
    check_open(state)
    add_trace(state$handle, f, list(...))
    invisible(sys.function())
  }
  structure(exporter, class = "mlx_exporter")
}

#' @rdname mlx_export_function
#' @export
mlx_exporter_close <- function(exporter) {
  state <- exporter_state(exporter, "exporter")
  if (!state$closed) {
    if (!length(.Call(ffi_exporter_signatures, state$handle))) {
      stop_mlx("argument", "`exporter` has no trace yet: call it with arguments before it is closed.", arg = "exporter")
    }
    finish_export(state)
  }
  invisible(state$path)
}

#' @rdname mlx_export_function
#' @export
print.mlx_exporter <- function(x, ...) {
  state <- exporter_state(x, "x")
  traces <- .Call(ffi_exporter_signatures, state$handle)
  cat(sprintf("<mlx_exporter> %s (%s)\n", state$path, if (state$closed) "closed" else "open"))
  cat(sprintf("* %s\n", traces), sep = "")
  invisible(x)
}

exporter_state <- function(exporter, arg) {
  known <- inherits(exporter, "mlx_exporter") && typeof(exporter) == "closure"
  state <- if (known) get0("state", environment(exporter), mode = "environment", inherits = FALSE)
  if (is.null(state)) {
    stop_mlx("argument", sprintf("`%s` must be an object that mlx_exporter() has returned.", arg), arg = arg)
  }
  state
}

check_open <- function(state) {
  if (state$closed) {
    text <- sprintf("The exporter has been closed: '%s' is finished. Make a new one with mlx_exporter().", state$path)
    stop_mlx("argument", text, arg = "exporter")
  }
}

finish_export <- function(state) {
  .Call(ffi_exporter_write, state$handle, state$path, state$metadata)
  state$closed <- TRUE
}

# Traces `f` for a list of arguments; those with names go to the end.
add_trace <- function(handle, f, args) {
  labels <- if (is.null(names(args))) character(length(args)) else enc2utf8(names(args))
  labels[is.na(labels)] <- ""
  twice <- labels[duplicated(labels) & nzchar(labels)]
  if (length(twice)) {
    stop_mlx("argument", sprintf("The argument `%s` is given twice.", twice[[1L]]), arg = twice[[1L]])
  }
  order <- c(which(!nzchar(labels)), which(nzchar(labels)))
  inputs <- stats::setNames(args[order], labels[order])
  .Call(ffi_exporter_trace, handle, function(...) traced(f, ...), inputs)
}

check_metadata <- function(metadata) {
  if (!is.character(metadata) || length(metadata) != 1L || is.na(metadata)) {
    stop_mlx("argument", "`metadata` must be one string.", arg = "metadata")
  }
}

# The path in full, after a check that a file can be written there.
export_path <- function(path) {
  if (!is.character(path) || length(path) != 1L || is.na(path) || !nzchar(path)) {
    stop_mlx("argument", "`path` must be a single, non-missing character string.", arg = "path")
  }
  path <- path.expand(enc2utf8(path))
  .Call(ffi_check_writable, path)
  file.path(normalizePath(dirname(path)), basename(path))
}

#' The graph of a lazy array
#'
#' What MLX will compute for an array that has not been computed yet: as a drawing for Graphviz, or as lines of text.
#'
#' @param x An `mlx` array, or a list of them, which may hold further lists. Names of members name the arrays, in nested
#'   lists joined by dots; arrays without a name are called A, B and so on, as MLX does.
#' @param ... More arrays or lists. An argument of a computation gets a name by being listed with it; in a list where that
#'   name is `x`.
#' @param file `NULL`, or one string: the path of a file to write.
#' @returns `mlx_export_to_dot()`: one string in the language of Graphviz; with `file`, its path, invisibly.
#'   `mlx_print_graph()`: `x`, invisibly.
#' @details In the drawing operations are boxes and arrays are ovals. An array that has been computed (by printing it, for
#'   example) has no operations any more. Shapes are shown with the axes in R's order.
#' @section Errors: `mlx_error_argument` for anything else than arrays; `mlx_error_io` when the file cannot be written.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' w <- as_mlx(diag(2))
#' y <- exp(x %*% w) + 1
#' mlx_print_graph(list(y = y, x = x, w = w))
#' cat(mlx_export_to_dot(y, w = w))
#' @export
mlx_export_to_dot <- function(x, ..., file = NULL) {
  if (!is.null(file) && (!is.character(file) || length(file) != 1L || is.na(file) || !nzchar(file))) {
    stop_mlx("argument", "`file` must be NULL or a single, non-missing character string.", arg = "file")
  }
  text <- .Call(ffi_graph, graph_members(x, ...), TRUE)
  if (is.null(file)) {
    return(text)
  }
  file <- path.expand(enc2utf8(file))
  .Call(ffi_write_text, text, file)
  invisible(file)
}

#' @rdname mlx_export_to_dot
#' @export
mlx_print_graph <- function(x, ...) {
  cat(.Call(ffi_graph, graph_members(x, ...), FALSE))
  invisible(x)
}

graph_members <- function(x, ...) {
  more <- list(...)
  if (!length(more)) {
    return(x)
  }
  c(if (is_mlx(x) || !is.list(x)) list(x) else x, more)
}
