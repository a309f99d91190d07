#' Make MLX arrays from R data
#'
#' `as_mlx()` turns an R vector, matrix or array into an MLX array; the others fix the shape. R's order of elements is
#' kept: `as_mlx(m)[i, j]` is `m[i, j]`.
#'
#' @param x,data,value A logical, numeric or complex vector, matrix or array, or (for `as_mlx()` and `mlx_matrix()`) an
#'   `mlx` array. `value` has length one.
#' @param dtype Name of the element type: `"float32"`, `"float64"`, `"bool"`, `"complex64"`, `"int8"` to `"int64"`,
#'   `"uint8"` to `"uint64"`, `"float16"` or `"bfloat16"`. Left out or `NULL`: `"bool"` for logical values, `"complex64"`
#'   for complex ones, `"float32"` for all others, integers included.
#' @param device `"gpu"` or `"cpu"`, or a stream (see [mlx_new_stream()]); the default is [mlx_default_device()]. An `mlx`
#'   array stays where it is unless `device` is given.
#' @param dim Integer vector: the sides of the array, each positive.
#' @param nrow,ncol Rows and columns. One of them may be left out.
#' @param byrow `TRUE` fills by rows.
#' @param dimnames `NULL`, or a list with the row and the column names (or `NULL` for either).
#' @param allow_scalar `TRUE` lets `dim = integer(0)` make an array without axes.
#' @returns An object of class `mlx`. `as_mlx()`: the shape of `dim(x)`, or one axis of `length(x)`, or no axis for a
#'   single number; an `mlx` array that needs no change is returned as it is. `mlx_vector()`: one axis. `mlx_scalar()`: no
#'   axis. `mlx_matrix()`: two axes. `mlx_array()`: the shape `dim`.
#' @section Precision: Numbers are stored in single precision. `as_mlx(x, dtype = "float64")` warns and stores `float32`,
#'   unless `device = "cpu"` is given too: double precision exists on the CPU only. `NA` becomes `NaN`.
#'   Numbers outside the range of an integer dtype are cut to the range with a warning (`mlx_warning_range`), and fractions
#'   are cut off. Converting an array to an integer dtype computes it, to look for such numbers; inside a
#'   differentiated or compiled function they are cut without a warning, and `NaN` becomes 0.
#' @section Differences from base R: There is no `NA`: a logical `NA` is an error, and so is `NA`, `NaN` or an infinite
#'   number in an integer dtype. `mlx_array()` and `mlx_matrix()` recycle `data` only when the result holds it a whole number of
#'   times.
#' @section Errors: `mlx_error_argument` for objects that are not plain vectors or arrays; `mlx_error_dtype` for values
#'   that the dtype cannot hold; `mlx_error_shape` when the number of values does not fit; `mlx_error_device`.
#' @examples
#' as_mlx(matrix(1:6, 2))
#' as_mlx(c(TRUE, FALSE))
#' mlx_matrix(1:6, ncol = 3, byrow = TRUE)
#' mlx_array(1:24, dim = c(2, 3, 4))
#' mlx_scalar(7)
#' @family array makers
#' @export
as_mlx <- function(x,
                   dtype = c(
                     "float32", "float64", "bool", "complex64", "int8", "int16", "int32", "int64",
                     "uint8", "uint16", "uint32", "uint64"
                   ),
                   device = mlx_default_device()) {
  dtype <- given(missing(dtype), dtype)
  device <- given(missing(device), device)
  if (identical(dtype, "float64") && !names_cpu(device)) {
    if (is_mlx(x) && is.null(device) && .Call(ffi_dtype, x) == "float64") {
      return(x)
    }
    warn_mlx("precision", paste(
      "float64 is stored in float32: double precision is available on the CPU only,",
      "with device = \"cpu\" given."
    ))
    dtype <- "float32"
  }
  .Call(ffi_as_mlx, x, dtype, device)
}

#' @rdname as_mlx
#' @export
mlx_array <- function(data, dim, dtype = NULL, device = mlx_default_device(), allow_scalar = FALSE) {
  check_atomic(data, "data must be an atomic vector")
  if (length(dim) == 0L) {
    if (!isTRUE(allow_scalar) || !is.numeric(dim)) {
      stop_mlx("argument", "dim must contain at least one element.", arg = "dim")
    }
    if (length(data) != 1L) {
      stop_mlx("argument", "Scalar data must be length 1.", arg = "data")
    }
  }
  .Call(ffi_array, data, dim, dtype, given(missing(device), device))
}

#' @rdname as_mlx
#' @export
mlx_matrix <- function(data,
                       nrow = NULL,
                       ncol = NULL,
                       byrow = FALSE,
                       dtype = NULL,
                       device = mlx_default_device(),
                       dimnames = NULL) {
  if (is_mlx(data)) data <- as.vector(data)
  check_atomic(data, "data must be an atomic vector")
  if (is_mlx(dimnames)) stop_mlx("argument", "dimnames must be a list with two entries, or NULL.", arg = "dimnames")
  dim <- matrix_dim(length(data), nrow, ncol)
  device <- given(missing(device), device)
  x <- if (isTRUE(byrow)) {
    .Call(ffi_transpose, .Call(ffi_array, data, rev(dim), dtype, device))
  } else {
    .Call(ffi_array, data, dim, dtype, device)
  }
  if (is.null(dimnames)) x else `dimnames<-.mlx`(x, dimnames)
}

matrix_dim <- function(n, nrow, ncol) {
  if (is.null(nrow) && is.null(ncol)) {
    stop_mlx("argument", "Provide either nrow or ncol.", arg = "nrow")
  }
  check_side(nrow, "nrow")
  check_side(ncol, "ncol")
  if (!is.null(nrow)) nrow <- trunc(nrow)
  if (!is.null(ncol)) ncol <- trunc(ncol)
  if (is.null(nrow)) nrow <- other_side(n, ncol, "ncol")
  if (is.null(ncol)) ncol <- other_side(n, nrow, "nrow")
  if (n > 0 && (as.double(nrow) * ncol) %% n != 0) {
    stop_mlx("shape", sprintf("length(data) (%d) must equal nrow * ncol (%.0f x %.0f), or divide it.", n, nrow, ncol),
      op = "mlx_matrix", shapes = list(c(nrow, ncol))
    )
  }
  c(nrow, ncol)
}

check_side <- function(side, arg) {
  good <- is.null(side) || (is.numeric(side) && length(side) == 1L && is.finite(side) && side >= 1)
  if (!good) stop_mlx("argument", sprintf("%s must be a positive integer.", arg), arg = arg)
}

other_side <- function(n, side, arg) {
  if (n > 0 && side %% n == 0) {
    return(1)
  }
  if (n %% side != 0) {
    stop_mlx("shape", sprintf("length(data) must be divisible by %s: %d by %.0f.", arg, n, side),
      op = "mlx_matrix", shapes = list(n)
    )
  }
  n / side
}

check_atomic <- function(data, message) {
  if (is_mlx(data) || is.null(data) || !is.atomic(data)) {
    stop_mlx("argument", sprintf("%s, not an object of class %s.", message, class(data)[[1L]]), arg = "data")
  }
}

#' @rdname as_mlx
#' @export
mlx_vector <- function(data, dtype = NULL, device = mlx_default_device()) {
  check_atomic(data, "data must be an atomic vector")
  if (length(data) == 0L) {
    stop_mlx("argument", "data must contain at least one element.", arg = "data")
  }
  .Call(ffi_array, data, length(data), dtype, given(missing(device), device))
}

#' @rdname as_mlx
#' @export
mlx_scalar <- function(value, dtype = NULL, device = mlx_default_device()) {
  if (is_mlx(value) || !is.atomic(value) || length(value) != 1L) {
    stop_mlx("argument", "value must be an atomic vector of length 1.", arg = "value")
  }
  .Call(ffi_array, value, integer(), dtype, given(missing(device), device))
}

#' Make arrays of one value
#'
#' @inheritParams as_mlx
#' @param dim Integer vector: the sides of the array, each positive.
#' @param value One number, `TRUE` or `FALSE`, or one complex number.
#' @param dtype Name of the element type, see [as_mlx()]; `"float32"` unless `mlx_full()` is given a logical (`"bool"`) or
#'   complex (`"complex64"`) value. `"float64"` is kept here, and can be computed on the CPU only.
#' @returns An `mlx` array of shape `dim`. It takes memory only when it is computed.
#' @section Errors: `mlx_error_argument` for a `dim` that is empty or not positive, or a `value` of another length;
#'   `mlx_error_shape` for more than 2^31 - 1 elements along an axis; `mlx_error_device`.
#' @examples
#' mlx_zeros(c(2, 3))
#' mlx_ones(4, dtype = "int32")
#' mlx_full(c(2, 2), 0.5)
#' @family array makers
#' @export
mlx_zeros <- function(dim,
                      dtype = c(
                        "float32", "float64", "int8", "int16", "int32", "int64",
                        "uint8", "uint16", "uint32", "uint64", "bool", "complex64"
                      ),
                      device = mlx_default_device()) {
  dtype <- if (missing(dtype)) "float32" else dtype
  .Call(ffi_full, dim, 0, dtype, given(missing(device), device))
}

#' @rdname mlx_zeros
#' @export
mlx_ones <- function(dim,
                     dtype = c(
                       "float32", "float64", "int8", "int16", "int32", "int64",
                       "uint8", "uint16", "uint32", "uint64", "bool", "complex64"
                     ),
                     device = mlx_default_device()) {
  dtype <- if (missing(dtype)) "float32" else dtype
  .Call(ffi_full, dim, 1, dtype, given(missing(device), device))
}

#' @rdname mlx_zeros
#' @export
mlx_full <- function(dim, value, dtype = NULL, device = mlx_default_device()) {
  .Call(ffi_full, dim, value, dtype, given(missing(device), device))
}
