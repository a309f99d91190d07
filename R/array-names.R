#' Names along the axes of an array
#'
#' Arrays carry names as R's matrices and vectors do: `dimnames()`, `rownames()` and `colnames()` for any number of axes,
#' `names()` for one.
#'
#' @param x An `mlx` array.
#' @param value `NULL` for no names. `dimnames`: a list with, for each axis, `NULL` or as many names as it has elements; the
#'   list may have names itself. `names`: as many names as the array has elements. Anything but text goes through
#'   [as.character()].
#' @returns `dimnames()`: `NULL`, or a list with one entry for each axis. `names()`: the names of an array with one axis, else
#'   `NULL`. The assignments: `x` with other names; the values are shared, not copied.
#' @section Which operations keep names: Operations of one array element by element, and assignment to parts, keep all. Two
#'   operands give the names of the first that has some and the result's shape. A matrix product takes row names from
#'   the left and column names from the right. Reductions drop the names of what they reduce; permutations permute them;
#'   indexing and binding follow base R. Reshaping drops them, and so do compiled functions (see [mlx_compile()]).
#' @section Differences from base R: A named array with one axis has `dimnames`, too. Subsetting by a matrix or by one index
#'   for all elements gives no names, unless there is one axis.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' x <- as_mlx(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)))
#' rowSums(x)
#' colnames(x) <- c("u", "v")
#' x["b", "u"]
#' @name dimnames.mlx
NULL

#' @rdname dimnames.mlx
#' @export
dimnames.mlx <- function(x) .Call(ffi_dimnames, x)

#' @rdname dimnames.mlx
#' @export
`dimnames<-.mlx` <- function(x, value) {
  if (is_mlx(value) || (!is.list(value) && !is.null(value))) {
    stop_mlx("argument", "dimnames must be a list with one entry for each axis, or NULL.", arg = "value")
  }
  for (i in seq_along(value)) {
    names <- value[[i]]
    if (is.null(names)) next
    if (!is.atomic(names)) {
      stop_mlx("argument", sprintf("Names must be a vector, not an object of class %s.", class(names)[[1L]]), arg = "value")
    }
    value[[i]] <- as.character(names)
  }
  .Call(ffi_set_dimnames, x, if (!is.null(value)) as.list(value))
}

#' @rdname dimnames.mlx
#' @export
names.mlx <- function(x) if (length(mlx_shape(x)) == 1L) dimnames.mlx(x)[[1L]]

#' @rdname dimnames.mlx
#' @export
`names<-.mlx` <- function(x, value) {
  if (length(mlx_shape(x)) != 1L) {
    if (is.null(value)) {
      return(x)
    }
    stop_mlx("argument", "names are for one-dimensional arrays; use dimnames().", arg = "value")
  }
  `dimnames<-.mlx`(x, if (!is.null(value)) list(value))
}
