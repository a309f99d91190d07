#' Assign to parts of an array
#'
#' `x[...] <- value` makes a new array and lets `x` mean it; other variables that held the old one keep it. Like every
#' operation it is lazy, and it can be differentiated with respect to `x` and `value`.
#'
#' @param x An `mlx` array.
#' @param ... Indices as for reading; `x[]` means all elements.
#' @param value R values or an `mlx` array, converted to the dtype of `x`. They fill the region with the first axis fastest,
#'   recycled as base R does.
#' @returns An `mlx` array with the shape, dtype, device and names of `x`.
#' @details Fractions are cut off in integer arrays, numbers that are not 0 are `TRUE` in `bool` arrays, `NA` becomes `NaN`.
#'   A mask with one value, as in `x[x < 0] <- 0`, never looks at the values, and works in compiled functions too.
#' @section Differences from base R: An array never grows: positions must exist. A position must not be given twice. Names of
#'   `value` are ignored.
#' @section Errors: `mlx_error_index` as for reading, and for a repeated position; `mlx_error_shape` when the number of
#'   elements is no multiple of the number of values (a warning, `mlx_warning_shape`, for one index of all elements, as in
#'   base R); `mlx_error_argument` for no values; `mlx_error_dtype` for values that the dtype cannot hold.
#' @examples
#' x <- as_mlx(matrix(1:6, 2))
#' x[1, ] <- 0
#' x[, c(3, 1)] <- matrix(7:10, 2)
#' x[x > 8] <- -1
#' x
#' @export
`[<-.mlx` <- function(x, ..., value) {
  n <- ...length()
  whole <- n == 0L || (n == 1L && missing(..1))
  .Call(ffi_assign, x, if (whole) list() else index_list(n, ...), value)
}

#' Fields and length of an array cannot be assigned
#'
#' Without these methods base R would change the list behind an `mlx` array and spoil it.
#'
#' @param x An `mlx` array.
#' @param i,name,value What an assignment gives.
#' @returns Nothing: assigning to an element with `[[`, to a field or to the length of an `mlx` array is an error. Use
#'   `x[i] <- value`.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' x <- as_mlx(1:3)
#' try(x[[2]] <- 10)
#' x[2] <- 10
#' @name assign-fields
NULL

#' @rdname assign-fields
#' @export
`[[<-.mlx` <- function(x, i, value) refuse_assignment()

#' @rdname assign-fields
#' @export
`$<-.mlx` <- function(x, name, value) refuse_assignment()

#' @rdname assign-fields
#' @export
`length<-.mlx` <- function(x, value) refuse_assignment()

refuse_assignment <- function() {
  stop_mlx("argument", "Fields and length of an mlx array cannot be assigned; x[i] <- value changes elements.", arg = "x")
}
