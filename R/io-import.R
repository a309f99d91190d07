#' Import a function from a file
#'
#' Reads a function that MLX has exported (in Python: `mx.export_function()`) and returns it as an R function.
#'
#' @param path One string: the path of the file, usually `.mlxfn`.
#' @param device `"gpu"` or `"cpu"`: where the function runs unless a call says otherwise. The default is
#'   [mlx_default_device()].
#' @returns A function with the arguments `...` and `.device`. Unnamed arguments are the function's inputs by position;
#'   named ones are its inputs of these names, or, where the file has no names, the inputs behind the others, in the order
#'   in which they are given. All are converted by [as_mlx()]. It returns an `mlx` array, or a list of them where the
#'   function has several results.
#' @details A function is exported for arguments of certain shapes and dtypes (several of them, maybe; for shapeless
#'   functions only the number of axes counts), and takes no others.
#'
#'   The operations of the file run on the device that is asked for, wherever it was made, and results can be
#'   differentiated. The file is not trusted: each operation is checked like one that you call yourself, and an index
#'   outside an array is moved to its nearest element. Operations that are missing: custom kernels, gradients of fused
#'   operations, masked matrix products, `masked_scatter` and `as_strided`.
#' @section Errors: `mlx_error_io`, with the field `path`, for a file that is missing or damaged or holds an operation that
#'   is not known; `mlx_error_argument` for arguments that the function does not take, with a list of those that it does.
#' @examples
#' add <- mlx_import_function(system.file("extdata", "add_matrix.mlxfn", package = "Rmlx"))
#' x <- matrix(1:4, 2)
#' add(x, x + 4)
#' add(x, bias = x)
#' @family files
#' @export
mlx_import_function <- function(path, device = mlx_default_device()) {
  if (!is.character(path) || length(path) != 1L || is.na(path)) {
    stop_mlx("argument", "`path` must be a single, non-missing character string.", arg = "path")
  }
  path <- path.expand(enc2utf8(path))
  if (!file.exists(path)) {
    stop_mlx("io", sprintf("File '%s' does not exist: no such file or directory.", path), path = path)
  }
  if (is.null(device)) device <- mlx_default_device()
  handle <- .Call(ffi_import, path, device)
  imported_metadata <- .Call(ffi_imported_metadata, handle)
  imported <- function(..., .device) .Call(ffi_imported_call, handle, named_utf8(list(...)), .device)
  formals(imported)$.device <- device
  imported
}

#' The metadata of an imported function
#'
#' @param f A function that [mlx_import_function()] has returned.
#' @returns The string that was saved with the function; `""` when there was none, and for files of older versions of MLX.
#' @section Errors: `mlx_error_argument` for anything else than an imported function.
#' @examples
#' mlx_imported_metadata(mlx_import_function(system.file("extdata", "add_matrix.mlxfn", package = "Rmlx")))
#' @family files
#' @export
mlx_imported_metadata <- function(f) {
  text <- if (typeof(f) == "closure") get0("imported_metadata", environment(f), inherits = FALSE)
  if (is.null(text)) {
    stop_mlx("argument", "`f` must be a function that mlx_import_function() has returned.", arg = "f")
  }
  text
}

named_utf8 <- function(x) {
  if (!is.null(names(x))) names(x) <- enc2utf8(names(x))
  x
}
