#' Join arrays
#'
#' `mlx_stack()` joins arrays along a new axis, `abind()`, `rbind()` and `cbind()` along one that they have, and `c()` takes all
#' their elements in a row.
#'
#' @param ... `mlx` arrays, R arrays, matrices and vectors, in any order; or, for `mlx_stack()` and `abind()`, one list of them.
#'   `NULL` is left out.
#' @param axis The position (1-based) of the new axis in the result.
#' @param along The axis (1-based) to join along.
#' @param deparse.level Base R's argument; not used for `mlx` arrays.
#' @param recursive Base R's argument; not used for `mlx` arrays.
#' @param use.names `FALSE` leaves names out.
#' @returns An `mlx` array in the common dtype (see [Ops.mlx()]), on the GPU if one of the arrays is there. `rbind()` and
#'   `cbind()` join along the first and the second axis, whatever the number of axes; arrays with one axis are rows for
#'   `rbind()` and columns for `cbind()`. `c()` takes the elements of each array in R's order (first axis fastest). Without an
#'   `mlx` array among the arguments, `rbind()` and `cbind()` are base R's.
#' @section Names: Along the joined axis, the names of all pieces, `NA` for those without; on other axes where all pieces agree.
#'   `c()` names as base R does.
#' @section Differences from base R: Nothing is recycled, and names of arguments do not become row or column names. R calls the
#'   method of `c()` for its first argument only: `c(1, x)` is a list.
#' @section Errors: `mlx_error_shape` for arrays that do not fit each other; `mlx_error_argument` when there is nothing to join,
#'   and for objects that [as_mlx()] does not convert, data frames among them.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' rbind(x, c(9, 9))
#' cbind(matrix(0, 2, 1), x)
#' mlx_shape(mlx_stack(x, x, axis = 3))
#' mlx_shape(abind(list(x, x), along = 2))
#' c(x, 5)
#' @family shape functions
#' @export
mlx_stack <- function(..., axis = 1L) .Call(ffi_stack, pieces(...), axis)

#' @rdname mlx_stack
#' @export
abind <- function(..., along = 1L) .Call(ffi_bind, pieces(...), along, FALSE)

# The arrays that `...` holds, or those of the one plain list in it.
pieces <- function(...) {
  dots <- list(...)
  if (length(dots) == 1L && is.list(dots[[1L]]) && !is.object(dots[[1L]])) dots[[1L]] else dots
}

# Base R's own dispatch gives up, and makes a list of the array's parts, where another class has a method too (a data frame).
#' @rdname mlx_stack
#' @export
rbind <- function(..., deparse.level = 1) {
  if (any_mlx(...)) rbind.mlx(...) else base::rbind(..., deparse.level = deparse.level)
}

#' @rdname mlx_stack
#' @export
cbind <- function(..., deparse.level = 1) {
  if (any_mlx(...)) cbind.mlx(...) else base::cbind(..., deparse.level = deparse.level)
}

#' @rdname mlx_stack
#' @usage \method{rbind}{mlx}(..., deparse.level = 1)
#' @rawNamespace S3method(rbind, mlx)
rbind.mlx <- function(..., deparse.level = 1) .Call(ffi_bind, list(...), 1L, TRUE)

#' @rdname mlx_stack
#' @usage \method{cbind}{mlx}(..., deparse.level = 1)
#' @rawNamespace S3method(cbind, mlx)
cbind.mlx <- function(..., deparse.level = 1) .Call(ffi_bind, list(...), 2L, TRUE)

any_mlx <- function(...) {
  for (i in seq_len(...length())) if (inherits(...elt(i), "mlx")) return(TRUE)
  FALSE
}

#' @rdname mlx_stack
#' @export
c.mlx <- function(..., recursive = FALSE, use.names = TRUE) {
  parts <- list(...)
  out <- .Call(ffi_combine, parts)
  if (!isFALSE(use.names)) combined_names(out, parts) else out
}

# The names that base R's c() gives to vectors with these names and lengths.
combined_names <- function(out, parts) {
  own <- lapply(parts, names)
  if (is.null(names(parts)) && all(vapply(own, is.null, NA))) {
    return(out)
  }
  vectors <- Map(function(part, names) structure(integer(length(part)), names = names), parts, own)
  `names<-`(out, names(do.call(c, vectors)))
}
