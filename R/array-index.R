#' Read parts of an array
#'
#' @param x An `mlx` array.
#' @param ... One index for each axis, or one for all elements in R's order (first axis fastest). An index is a numeric
#'   vector of 1-based positions (all positive, in any order and repeated as you like, or all negative to leave them out), a
#'   logical vector of length one or of the axis' length, an `mlx` array of such values, or missing for all. A numeric R
#'   matrix with one column for each axis picks one element for each row.
#' @param drop `TRUE` removes the axes of length 1 (but never the last one).
#' @returns An `mlx` array with the dtype and device of `x`. Axes are kept unless `drop = TRUE`: `x[1, ]` of a 3 x 4 matrix is
#'   1 x 4. One index for all elements gives one axis. Positions in equal steps are a view, not a copy.
#' @section Differences from base R: `drop` is `FALSE` by default. Positions of 0 or `NA` and positions outside the array
#'   are errors, also when negative. Names are not understood. Fewer indices than axes (two at least) leave the last axes
#'   whole.
#' @section Errors: `mlx_error_index`, with the fields `axis`, `index` and `size`.
#' @examples
#' x <- as_mlx(matrix(1:12, 3))
#' x[1:2, c(4, 1)]
#' x[, 2, drop = TRUE]
#' x[-1, ]
#' @export
`[.mlx` <- function(x, ..., drop = FALSE) {
  n <- ...length()
  if (n == 0L || (n == 1L && missing(..1))) {
    return(x)
  }
  # TRUE picks all of an axis, as a missing index does
  index <- switch(min(n, 4L),
    list(..1),
    list(if (missing(..1)) TRUE else ..1, if (missing(..2)) TRUE else ..2),
    list(if (missing(..1)) TRUE else ..1, if (missing(..2)) TRUE else ..2, if (missing(..3)) TRUE else ..3),
    vector("list", n)
  )
  if (n > 3L) {
    for (i in seq_len(n)) {
      dot <- as.name(paste0("..", i))
      index[i] <- list(eval(substitute(if (missing(dot)) TRUE else dot, list(dot = dot))))
    }
  }
  .Call(ffi_subset, x, index, drop)
}

#' Arrays are not changed in place
#'
#' An `mlx` array is a value: make a new one instead, for example by arithmetic with a mask. Without these methods base R
#' would change the list behind the object and spoil it.
#'
#' @param x An `mlx` array.
#' @param ...,i,name,value What an assignment gives.
#' @returns Nothing: assigning to a part, an element, a field or the length of an `mlx` array is an error.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' x <- as_mlx(1:3)
#' try(x[2] <- 10)
#' x * c(1, 0, 1) + c(0, 10, 0)
#' @name assign-parts
NULL

#' @rdname assign-parts
#' @export
`[<-.mlx` <- function(x, ..., value) refuse_assignment()

#' @rdname assign-parts
#' @export
`[[<-.mlx` <- function(x, i, value) refuse_assignment()

#' @rdname assign-parts
#' @export
`$<-.mlx` <- function(x, name, value) refuse_assignment()

#' @rdname assign-parts
#' @export
`length<-.mlx` <- function(x, value) refuse_assignment()

refuse_assignment <- function() {
  stop_mlx("argument", "Parts of an mlx array cannot be assigned: make a new array of the values.", arg = "x")
}
