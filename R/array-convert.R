#' Convert arrays to R
#'
#' The values are computed if they were not, and converted in one pass.
#'
#' @param x An `mlx` array.
#' @param mode As in [base::as.vector()].
#' @param ... Not used (`format()` hands it to [base::format()]).
#' @returns `as.array()`, `as_r()`: an R array, or a vector without `dim` for one axis or none, with its names.
#'   `as.matrix()`: a matrix; an array that does not have two axes becomes one column, with a warning. `as.vector()` and the
#'   others: a vector, the first axis fastest. `format()`: the formatted values, with the shape of `as.array()`.
#'
#'   The type: logical for `bool`; integer for `int32`; complex for `complex64`; double for all others.
#'   64-bit integers beyond 2^53 lose digits, and the least `int32` reads back as `NA`.
#' @section Errors: `mlx_error_trace` inside a function that is being compiled; `mlx_error_stale`; what the recorded
#'   operations raise.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' as.matrix(x)
#' as.vector(x)
#' as.integer(x)
#' @name as.array.mlx
NULL

#' @rdname as.array.mlx
#' @export
as.array.mlx <- function(x, ...) with_attributes(.Call(ffi_to_r, x, TRUE), x)

#' @rdname as.array.mlx
#' @export
as.matrix.mlx <- function(x, ...) {
  values <- .Call(ffi_to_r, x, TRUE)
  if (length(dim(values)) == 2L) {
    return(with_attributes(values, x))
  }
  warn_mlx("shape", "Converting array to 1-column matrix")
  matrix(values, ncol = 1L, dimnames = if (!is.null(names(values))) list(names(values), NULL))
}

# Attributes that the user or scale() has put on an array go along.
with_attributes <- function(values, x) {
  extra <- attributes(x)
  if (length(extra) > 2L && !is.null(dim(values))) {
    extra[c("names", "class")] <- NULL
    attributes(values) <- c(attributes(values), extra)
  }
  values
}

#' @rdname as.array.mlx
#' @export
as.vector.mlx <- function(x, mode = "any") {
  values <- .Call(ffi_to_r, x, FALSE)
  if (identical(mode, "any")) values else as.vector(values, mode)
}

#' @rdname as.array.mlx
#' @export
as.double.mlx <- function(x, ...) as.double(.Call(ffi_to_r, x, FALSE))

#' @rdname as.array.mlx
#' @export
as.numeric.mlx <- as.double.mlx

#' @rdname as.array.mlx
#' @export
as.integer.mlx <- function(x, ...) as.integer(.Call(ffi_to_r, x, FALSE))

#' @rdname as.array.mlx
#' @export
as.logical.mlx <- function(x, ...) as.logical(.Call(ffi_to_r, x, FALSE))

#' @rdname as.array.mlx
#' @export
format.mlx <- function(x, ...) format(.Call(ffi_to_r, x, TRUE), ...)

#' @rdname as.array.mlx
#' @export
as_r <- function(x, ...) as.array.mlx(x)
