#' Part an array along an axis
#'
#' @param x An `mlx` array, or what [as_mlx()] converts (`asplit()`: any object).
#' @param sections One number: into how many equal parts. Two numbers or more, or a list of numbers: the points after which a
#'   part ends. `list(1)` is a single point.
#' @param axis The axis to part (1-based).
#' @param MARGIN One axis (1-based).
#' @param drop `TRUE` makes one axis of what is left of each part, the last axis fastest. For other objects than `mlx` arrays
#'   as in [base::asplit()] of R 4.5 or newer.
#' @returns `mlx_split()`: a list of `mlx` arrays; the names of the axis are divided among them. `asplit()` of an `mlx` array: a
#'   list with one `mlx` array for each position along the axis, without that axis; the axis' names become the list's.
#' @section Differences from base R: The list of `asplit()` has no `dim`.
#' @section Errors: `mlx_error_shape` when the axis is not there or does not divide; `mlx_error_argument` for points outside the
#'   axis or not in order, and more than one `MARGIN`.
#' @examples
#' x <- as_mlx(matrix(1:12, 3))
#' mlx_split(x, 2, axis = 2)
#' mlx_split(x, list(1), axis = 1)
#' asplit(x, 1)
#' @family shape functions
#' @export
mlx_split <- function(x, sections, axis = 1L) {
  if (missing(sections)) stop_mlx("argument", "sections must be supplied.", arg = "sections")
  points <- is.list(sections)
  .Call(ffi_split, x, if (points) unlist(sections) else sections, axis, points)
}

#' @rdname mlx_split
#' @export
asplit <- function(x, MARGIN, drop = FALSE) UseMethod("asplit")

#' @rdname mlx_split
#' @export
asplit.default <- function(x, MARGIN, drop = FALSE) {
  if ("drop" %in% names(formals(base::asplit))) {
    return(base::asplit(x, MARGIN, drop = drop))
  }
  if (!isFALSE(drop)) stop_mlx("argument", "This version of R has no `drop` in asplit().", arg = "drop")
  base::asplit(x, MARGIN)
}

#' @rdname mlx_split
#' @export
asplit.mlx <- function(x, MARGIN, drop = FALSE) {
  parts <- .Call(ffi_asplit, x, MARGIN, drop)
  names(parts) <- dimnames.mlx(x)[[as.integer(MARGIN)]]
  parts
}
