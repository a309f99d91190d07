#' Repeat the elements of an array
#'
#' `mlx_repeat()` repeats each element where it stands, `mlx_tile()` the array as a whole; `rep()` works as for R's own vectors.
#'
#' @param x An `mlx` array, or (except for `rep()`) what [as_mlx()] converts.
#' @param repeats One positive integer: how often.
#' @param axis The axis along which elements are repeated (1-based). With `NULL` they are taken as one row first, the last
#'   axis fastest.
#' @param reps Positive integers: how often along each axis. They belong to the last axes when there are fewer than axes;
#'   more of them add axes at the front.
#' @param ... `times`, `each` and `length.out` as in [base::rep()].
#' @returns An `mlx` array with the dtype and the device of `x`; names are repeated with their elements. `rep()` gives one axis,
#'   the elements taken in R's order (first axis fastest).
#' @section Errors: `mlx_error_argument` for counts that are not positive; `mlx_error_shape` for an axis that is not there, or
#'   results with more than 2^31 - 1 elements along an axis.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' mlx_repeat(x, 2, axis = 1)
#' mlx_tile(x, c(1, 2))
#' rep(as_mlx(1:3), times = 2)
#' @family shape functions
#' @export
mlx_repeat <- function(x, repeats, axis = NULL) .Call(ffi_repeat, x, repeats, axis)

#' @rdname mlx_repeat
#' @export
mlx_tile <- function(x, reps) .Call(ffi_tile, x, reps)

#' @rdname mlx_repeat
#' @export
rep.mlx <- function(x, ...) {
  flat <- .Call(ffi_combine, list(x))
  index <- tryCatch(rep(seq_along(flat), ...), error = identity)
  if (inherits(index, "error")) stop_mlx("argument", sprintf("rep(): %s.", conditionMessage(index)), arg = "...")
  if (anyNA(index)) stop_mlx("argument", "rep(): there are no elements to repeat.", arg = "x")
  out <- .Call(ffi_subset, flat, list(index), FALSE)
  if (is.null(names(x))) out else `names<-`(out, names(x)[index])
}

#' Move elements around a circle
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param shift Whole numbers: by how many places elements move, towards higher indices if positive; those that leave at one
#'   end come in at the other.
#' @param axes One axis (1-based) for each shift. With `NULL` the elements are moved as one row, the last axis fastest, by the
#'   sum of `shift`.
#' @returns An `mlx` array with the shape, dtype and device of `x`; names move with their elements.
#' @section Errors: `mlx_error_argument` for shifts that are no whole numbers or not as many as axes; `mlx_error_shape` for an
#'   axis that is not there.
#' @examples
#' mlx_roll(as_mlx(1:5), 2)
#' mlx_roll(as_mlx(matrix(1:6, 2)), 1, axes = 2)
#' @family shape functions
#' @export
mlx_roll <- function(x, shift, axes = NULL) .Call(ffi_roll, x, shift, axes)

#' Put elements around an array
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @param pad_width How many elements to add before and after each axis: one number for all, a pair for all, a list of pairs,
#'   a matrix with a row for each axis, or a vector of consecutive pairs. A vector of length two is always one pair.
#' @param value One finite number for `mode = "constant"`.
#' @param mode What is added: `value`; the outermost element (`"edge"`); the elements mirrored at the outermost one, which is
#'   not repeated (`"reflect"`); or mirrored with it (`"symmetric"`). Mirroring goes back and forth for wide borders.
#' @param axes The axes to pad (1-based), or `NULL` for all.
#' @returns An `mlx` array with the dtype and the device of `x`. Padded axes lose their names.
#' @section Errors: `mlx_error_argument` for widths that are negative or do not match the axes, or another `value`;
#'   `mlx_error_shape` for a scalar, an axis that is not there, and an empty axis to be padded with its own elements.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' mlx_pad(x, 1)
#' mlx_pad(x, list(c(1, 0), c(0, 1)), value = -1)
#' mlx_pad(as_mlx(1:4), 2, mode = "reflect")
#' @family shape functions
#' @export
mlx_pad <- function(x, pad_width, value = 0, mode = c("constant", "edge", "reflect", "symmetric"), axes = NULL) {
  x <- as_mlx(x)
  mode <- match_choice(mode, c("constant", "edge", "reflect", "symmetric"), "mode")
  if (is.null(axes)) {
    axes <- seq_along(mlx_shape(x))
  } else if (length(axes) == 0L) {
    stop_mlx("argument", "axes must name at least one axis.", arg = "axes")
  }
  .Call(ffi_pad, x, axes, pad_pairs(pad_width, length(axes)), value, mode)
}

# The widths before and after each of n axes, pair by pair.
pad_pairs <- function(widths, n) {
  problem <- pad_problem(widths, n)
  if (!is.null(problem)) stop_mlx("argument", problem, arg = "pad_width")
  if (is.list(widths)) {
    unlist(widths)
  } else if (length(widths) == 1L) {
    rep(widths, 2L * n)
  } else if (length(widths) == 2L) {
    rep(widths, n)
  } else if (is.matrix(widths)) {
    as.vector(t(widths))
  } else {
    widths
  }
}

pad_problem <- function(widths, n) {
  if (is.object(widths)) {
    "Unsupported pad_width: it must be numeric, or a list of pairs."
  } else if (is.list(widths)) {
    pair <- vapply(widths, function(pair) is.numeric(pair) && length(pair) == 2L, NA)
    if (length(widths) != n) {
      sprintf("A list as pad_width must have one element per axis (%d), not %d.", n, length(widths))
    } else if (!all(pair)) {
      "Each element of pad_width must be a length-two numeric vector: before and after."
    }
  } else if (!is.numeric(widths)) {
    "Unsupported pad_width: it must be numeric, or a list of pairs."
  } else if (length(widths) > 2L && is.matrix(widths)) {
    if (ncol(widths) != 2L) {
      "A matrix as pad_width must have two columns: before and after."
    } else if (nrow(widths) != n) {
      sprintf("A matrix as pad_width must have one row per axis (%d), not %d.", n, nrow(widths))
    }
  } else if (!length(widths) %in% c(1L, 2L, 2L * n)) {
    sprintf("Unsupported pad_width: %d numbers for %d axes.", length(widths), n)
  }
}
