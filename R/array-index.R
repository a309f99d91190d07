#' Read parts of an array
#'
#' @param x An `mlx` array.
#' @param ... One index for each axis, or one for all elements in R's order (first axis fastest). An index is a numeric
#'   vector of 1-based positions (all positive, in any order and repeated as you like, or all negative to leave them out), a
#'   logical vector of length one or of the axis' length, a character vector of names (see [dimnames.mlx]), an `mlx` array of
#'   positions or truth values, or missing for all. A matrix of positions or names with one column for each axis picks one
#'   element for each row.
#' @param drop `TRUE` removes the axes of length 1 (but never the last one).
#' @returns An `mlx` array with the dtype and device of `x`. Axes are kept unless `drop = TRUE`: `x[1, ]` of a 3 x 4 matrix is
#'   1 x 4. One index for all elements gives one axis. Positions in equal steps are a view, not a copy. Names are subset
#'   along.
#' @section Inside transforms: An index that is computed from the arguments of a differentiated or compiled function is not
#'   known yet: it must hold positive positions, and nothing checks them.
#' @section Differences from base R: `drop` is `FALSE` by default. Positions of 0 or `NA` and positions outside the array
#'   are errors, also when negative. Fewer indices than axes (two at least) leave the last axes whole.
#' @section Errors: `mlx_error_index`, with the fields `axis`, `index` and `size`.
#' @examples
#' x <- as_mlx(matrix(1:12, 3, dimnames = list(NULL, c("a", "b", "c", "d"))))
#' x[1:2, c(4, 1)]
#' x[, "b", drop = TRUE]
#' x[-1, ]
#' x[x > 6]
#' @export
`[.mlx` <- function(x, ..., drop = FALSE) {
  n <- ...length()
  if (n == 0L || (n == 1L && missing(..1))) x else .Call(ffi_subset, x, index_list(n, ...), drop)
}

# TRUE picks all of an axis, as a missing index does.
index_list <- function(n, ...) {
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
  index
}
