# Files: their names are checked here, their contents in Rust.

#' Save and load arrays as NumPy files
#'
#' `mlx_save()` writes one array to a `.npy` file, `mlx_savez()` several to an `.npz` file, in the formats of Python's
#' NumPy and MLX. `mlx_load()` reads both.
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param file One string: the path. A leading `~` is expanded. `.npy` (`.npz` for `mlx_savez()`) is appended unless the
#'   path ends so, in small or capital letters; `mlx_load()` does the same with `.npy`, and takes a path that ends in
#'   `.npz` as it is.
#' @param ... Named arrays, or what [as_mlx()] converts.
#' @param device `"gpu"` or `"cpu"`; the default is [mlx_default_device()]. Arrays of dtype `float64` live on the CPU.
#' @returns `mlx_save()` and `mlx_savez()`: the path of the file, invisibly. `mlx_load()`: an `mlx` array of the shape and
#'   dtype of the file; a named list of arrays for `.npz`.
#' @details A file holds the elements, the shape and the dtype: a matrix of 3 rows and 4 columns is a matrix of 3 rows and
#'   4 columns in NumPy. Names of rows and columns (`dimnames`) are not stored. `bfloat16`, which NumPy lacks, is written
#'   as Python's MLX does (type `V2`). Files of any byte order, in C or Fortran order, and compressed `.npz` files are
#'   read; elements must have one of MLX's dtypes.
#'
#'   A file is written under another name in the same folder and renamed when it is complete, so that a failure leaves
#'   no half of a file, and whatever was there before.
#' @section Errors: `mlx_error_io`, with the field `path`, when a file is missing, damaged or of another format, or cannot
#'   be written; `mlx_error_argument` when `file` is no string or arrays lack names; `mlx_error_trace` for arrays inside
#'   [mlx_compile()].
#' @source The format: \url{https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
#' @examples
#' file <- tempfile(fileext = ".npy")
#' mlx_save(as_mlx(matrix(1:6, 2)), file)
#' mlx_load(file)
#'
#' file <- mlx_savez(tempfile(), weight = diag(2), bias = 1:2)
#' mlx_load(file)$bias
#' @family files
#' @export
mlx_save <- function(x, file) {
  path <- path_to_write(file, ".npy")
  .Call(ffi_save_npy, x, path)
  invisible(path)
}

#' @rdname mlx_save
#' @export
mlx_savez <- function(file, ...) {
  path <- path_to_write(file, ".npz")
  .Call(ffi_save_npz, path, named(list(...), "..."))
  invisible(path)
}

#' @rdname mlx_save
#' @export
mlx_load <- function(file, device = mlx_default_device()) {
  device <- given(missing(device), device)
  path <- path_to_read(file, c(".npy", ".npz"))
  if (has_suffix(path, ".npz")) .Call(ffi_load_npz, path, device) else .Call(ffi_load_npy, path, device)
}

#' Save and load arrays as safetensors
#'
#' @param file One string: the path. A leading `~` is expanded, and `.safetensors` is appended unless the path ends so.
#' @param arrays A named list of `mlx` arrays, or of what [as_mlx()] converts; at least one.
#' @param metadata A named character vector that is stored with the arrays; `NULL` or empty for none.
#' @inheritParams mlx_save
#' @returns `mlx_save_safetensors()`: the path of the file, invisibly. `mlx_load_safetensors()`: a list of `tensors`, the
#'   `mlx` arrays under their names in the order of the file, and `metadata`, a character vector whose names are sorted.
#' @details The names are those of the list, in any script. Shapes and dtypes are kept; `dimnames` are not stored. 8-bit
#'   floats (`F8_E4M3`, `F8_E8M0`) are loaded as bytes, `uint8`, as in Python's MLX. See [mlx_save()] on how files are
#'   written.
#' @section Errors: `mlx_error_io`, with the field `path`; `mlx_error_argument` for arrays or metadata without names.
#' @source The format: \url{https://huggingface.co/docs/safetensors}
#' @examples
#' file <- tempfile(fileext = ".safetensors")
#' mlx_save_safetensors(file, list(weight = diag(2), bias = 1:2), metadata = c(author = "me"))
#' model <- mlx_load_safetensors(file)
#' model$tensors$bias
#' model$metadata
#' @family files
#' @export
mlx_save_safetensors <- function(file, arrays, metadata = character()) {
  path <- path_to_write(file, ".safetensors")
  arrays <- array_list(arrays)
  if (!is.null(metadata) && (!is.atomic(metadata) || is.null(names(metadata)) && length(metadata))) {
    stop_mlx("argument", "`metadata` must be a named character vector.", arg = "metadata")
  }
  texts <- enc2utf8(as.character(metadata))
  names(texts) <- names(metadata)
  .Call(ffi_save_safetensors, path, arrays, named(texts, "metadata", "character vector"))
  invisible(path)
}

#' @rdname mlx_save_safetensors
#' @export
mlx_load_safetensors <- function(file, device = mlx_default_device()) {
  device <- given(missing(device), device)
  .Call(ffi_load_safetensors, path_to_read(file, ".safetensors"), device)
}

#' Save and load arrays as GGUF
#'
#' @param file One string: the path. A leading `~` is expanded, and `.gguf` is appended unless the path ends so.
#' @param metadata A named list (or vector) of entries that are stored with the arrays: strings, character vectors, or
#'   `mlx` arrays with at most one axis. Wrap numbers with [as_mlx()].
#' @inheritParams mlx_save_safetensors
#' @returns `mlx_save_gguf()`: the path of the file, invisibly. `mlx_load_gguf()`: a list of `tensors`, the `mlx` arrays
#'   under their names in the order of the file, and `metadata`, a named list of character vectors and `mlx` arrays.
#' @details Arrays of dtype `float32`, `float16`, `bfloat16`, `int8`, `int16` and `int32` can be saved; 64-bit integers and
#'   floats are read, too. Arrays quantized in blocks of 32 (`Q4_0`, `Q4_1`, `Q8_0`) are loaded as three arrays, as in
#'   Python's MLX: packed weights under their name, and `.scales` and `.biases` in the place of `.weight`. Arrays quantized
#'   in blocks of 256 (`Q2_K`, `Q4_K`, `Q6_K`) are loaded as `float16`. `dimnames` are not stored. See [mlx_save()] on how
#'   files are written.
#' @section Errors: `mlx_error_io`, with the field `path`; `mlx_error_argument` for arrays or metadata without names, and
#'   for metadata of another kind; `mlx_error_dtype` and `mlx_error_shape` for arrays that the format cannot hold.
#' @source The format: \url{https://github.com/ggml-org/ggml/blob/master/docs/gguf.md}
#' @examples
#' file <- tempfile(fileext = ".gguf")
#' metadata <- list(tags = c("a", "b"), scale = as_mlx(0.5))
#' mlx_save_gguf(file, list(weight = diag(2)), metadata)
#' model <- mlx_load_gguf(file)
#' model$tensors$weight
#' model$metadata$tags
#' @family files
#' @export
mlx_save_gguf <- function(file, arrays, metadata = list()) {
  path <- path_to_write(file, ".gguf")
  arrays <- array_list(arrays)
  if (is.atomic(metadata)) metadata <- as.list(metadata)
  if (!is.list(metadata) || is_mlx(metadata)) {
    stop_mlx("argument", "`metadata` must be a named list.", arg = "metadata")
  }
  metadata <- named(metadata, "metadata")
  for (i in seq_along(metadata)) metadata[i] <- list(gguf_entry(metadata[[i]]))
  .Call(ffi_save_gguf, path, arrays, metadata)
  invisible(path)
}

gguf_entry <- function(value) {
  problem <- if (is.null(value)) {
    "GGUF metadata does not support NULL entries."
  } else if (is.character(value) && !length(value)) {
    "Character entries of GGUF metadata must have length >= 1."
  } else if (!is_mlx(value) && (!is.character(value) || is.object(value))) {
    paste0("Unsupported GGUF metadata entry of class: ", toString(class(value)), ". Wrap numbers with as_mlx().")
  }
  if (!is.null(problem)) stop_mlx("argument", problem, arg = "metadata")
  if (is_mlx(value)) value else enc2utf8(as.vector(value))
}

#' @rdname mlx_save_gguf
#' @export
mlx_load_gguf <- function(file, device = mlx_default_device()) {
  device <- given(missing(device), device)
  .Call(ffi_load_gguf, path_to_read(file, ".gguf"), device)
}

# Does the path end so, in small or capital letters?
has_suffix <- function(path, suffix) any(endsWith(tolower(path), suffix))

# The path in full, in UTF-8, with the first suffix appended unless it has one of them.
file_path <- function(file, suffix) {
  if (!is.character(file) || length(file) != 1L || is.na(file)) {
    stop_mlx("argument", "`file` must be a single, non-missing character string.", arg = "file")
  }
  if (!nzchar(file)) {
    stop_mlx("argument", "`file` must not be empty.", arg = "file")
  }
  path <- path.expand(enc2utf8(file))
  if (has_suffix(path, suffix)) path else paste0(path, suffix[[1L]])
}

path_to_write <- function(file, suffix) {
  path <- file_path(file, suffix)
  if (!dir.exists(dirname(path))) {
    stop_mlx("io", sprintf("Directory '%s' does not exist.", dirname(path)), path = path)
  }
  path
}

path_to_read <- function(file, suffix) {
  path <- file_path(file, suffix)
  if (!file.exists(path)) {
    stop_mlx("io", sprintf("File '%s' does not exist.", path), path = path)
  }
  path
}

# The list of arrays to save.
array_list <- function(arrays) {
  if (!is.list(arrays) || is_mlx(arrays)) {
    stop_mlx("argument", "`arrays` must be a named list.", arg = "arrays")
  }
  if (!length(arrays)) {
    stop_mlx("argument", "`arrays` must contain at least one element.", arg = "arrays")
  }
  named(arrays, "arrays")
}

# A list or vector, with its names in UTF-8, after a check that each element has one of its own.
named <- function(x, arg, what = "list") {
  names <- names(x)
  if (length(x) && (is.null(names) || anyNA(names) || !all(nzchar(names)))) {
    stop_mlx("argument", sprintf("`%s` must be a named %s.", arg, what), arg = arg)
  }
  if (anyDuplicated(names)) {
    stop_mlx("argument", sprintf("`%s` has the name \"%s\" twice.", arg, names[duplicated(names)][[1L]]), arg = arg)
  }
  if (length(x)) names(x) <- enc2utf8(names)
  x
}
