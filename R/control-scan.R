#' Work along the first axis
#'
#' `mlx_scan()` takes arrays apart along their first axis, gives the parts to a function one after the other, together with
#' what it carried over from the part before, and stacks what it returns: cumulative sums, recurrences, recurrent networks.
#' `mlx_map()` does so without carrying anything.
#'
#' @param f For `mlx_scan()` a function of the carry and a part that returns a list of the next carry and a value `y`, in
#'   this order or with the names `carry` and `y`; for `mlx_map()` a function of a part and `...`, which returns `y`. `y` is
#'   an `mlx` array, nested lists of them, or (`mlx_scan()`) `NULL`.
#' @param init The first carry: an `mlx` array, what [as_mlx()] converts, nested lists of `mlx` arrays, or `NULL` for none.
#' @param xs What is taken apart along the first axis: an `mlx` array, what [as_mlx()] converts, or nested lists of `mlx`
#'   arrays, all with first axes of one length. Each part is of the same form, without that axis; other members of lists
#'   are in each.
#'   `NULL` (`mlx_scan()`) gives `f` a `NULL` each time.
#' @param length How many parts there are: needed where `xs` has no arrays.
#' @param reverse `TRUE` goes from the last part to the first; the values stay in the order of `xs`.
#' @param ... Given to each call of `f` as it is.
#' @returns `mlx_scan()`: `list(carry = , ys = )`, with the last carry, which has the form of `init`, and the values. These
#'   have the form of `y`, and each array has a new first axis that counts the parts. `mlx_map()`: the values alone.
#' @details The carry, and the values of all parts, must be of one form: lists of the same lengths and names, with arrays of
#'   the same shapes and dtypes in the same places, and identical members besides.
#'
#'   `f` is called once for each part. Without any part the carry is `init`, and `f` is called once with zeros, only to see
#'   the form of `y`: what it assigns to parameters of modules is undone, and the values have a first axis of length 0.
#'
#'   Nothing is computed meanwhile. Where `f` does the same to every part and needs no values, [mlx_vmap()] does them at
#'   once.
#' @section Errors: `mlx_error_shape` for axes of different lengths, arrays without an axis, and values of different forms,
#'   with the place where they differ; `mlx_error_argument` when there is no length, `f` does not return such a list, or `y`
#'   has no arrays in `mlx_map()`. Errors inside `f` arrive as they were raised there.
#' @examples
#' x <- as_mlx(c(1, 2, 3, 4))
#' mlx_scan(function(sum, x) list(sum + x, sum + x), 0, x)
#'
#' # a recurrent network: 5 steps of 2 inputs, 3 units
#' w <- mlx_rand_normal(c(2, 3))
#' u <- mlx_rand_normal(c(3, 3))
#' cell <- function(h, x) {
#'   h <- tanh(x %*% w + h %*% u)
#'   list(h, h)
#' }
#' out <- mlx_scan(cell, mlx_zeros(c(1, 3)), mlx_rand_normal(c(5, 1, 2)))
#' mlx_shape(out$ys)
#'
#' mlx_map(function(row, by) sum(row) / by, as_mlx(matrix(1:6, 3)), 2)
#' @family transforms
#' @export
mlx_scan <- function(f, init, xs, length = NULL, reverse = FALSE) {
  check_function(f)
  if (!isTRUE(reverse) && !isFALSE(reverse)) {
    stop_mlx("argument", "`reverse` must be TRUE or FALSE.", arg = "reverse")
  }
  scan_parts(function(carry, x) scan_step(f(carry, x)), as_value(init), as_value(xs), length, reverse)
}

#' @rdname mlx_scan
#' @export
mlx_map <- function(f, xs, ...) {
  check_function(f)
  one <- function(carry, x) {
    y <- as_value(f(x, ...))
    if (length(arrays_of(y)) == 0L) {
      stop_mlx("argument", sprintf("`f` must return an mlx array or a list of them, not %s.", told(y)), arg = "f")
    }
    list(NULL, y)
  }
  xs <- as_value(xs)
  if (length(arrays_of(xs)) == 0L) {
    stop_mlx("argument", sprintf("`xs` must be an mlx array or a list of them, not %s.", told(xs)), arg = "xs")
  }
  scan_parts(one, NULL, xs, NULL, FALSE)$ys
}

scan_parts <- function(step, carry, xs, length, reverse) {
  n <- parts_in(xs, length)
  arrays <- arrays_of(xs)
  if (n == 0L) return(scan_nothing(step, carry, xs))
  # parted once: the gradient of that is one concatenation
  parts <- lapply(arrays, asplit.mlx, 1L)
  flat <- vector("list", n)
  first <- NULL
  for (i in if (reverse) n:1 else seq_len(n)) {
    value <- step(carry, refill(xs, lapply(parts, `[[`, i)))
    check_form(carry, value[[1L]], sprintf("`f` returns a carry of another form for part %d", i), "f", "mlx_scan")
    carry <- value[[1L]]
    if (is.null(first)) first <- value
    check_form(first[[2L]], value[[2L]], sprintf("`f` returns values of different forms: part %d", i), "f", "mlx_scan")
    flat[i] <- list(arrays_of(value[[2L]]))
  }
  stacked <- lapply(seq_along(flat[[1L]]), function(k) mlx_stack(lapply(flat, `[[`, k), axis = 1L))
  list(carry = carry, ys = refill(first[[2L]], stacked))
}

# The result for no parts: `step` is called for its form alone.
scan_nothing <- function(step, carry, xs) {
  part <- refill(xs, lapply(arrays_of(xs), function(x) zeros_of(mlx_shape(x)[-1L], x)))
  y <- journaled(step(carry, part), keep = FALSE)[[2L]]
  list(carry = carry, ys = refill(y, lapply(arrays_of(y), function(y) zeros_of(c(0L, mlx_shape(y)), y))))
}

# Zeros of any shape, with the dtype and device of another array.
zeros_of <- function(shape, like) {
  zeros <- if (length(shape) == 0L) 0 else array(0, shape)
  mlx_cast(as_mlx(zeros, device = mlx_device(like)), mlx_dtype(like))
}

# What `f` returned, as list(carry, y).
scan_step <- function(value) {
  if (!is_tree(value) || length(value) != 2L) {
    stop_mlx("argument", sprintf("`f` must return list(carry, y), not %s.", told(value)), arg = "f")
  }
  # one name is enough to tell which is which
  carry <- match("carry", names(value), nomatch = 3L - match("y", names(value), nomatch = 2L))
  list(as_value(value[[carry]]), as_value(value[[3L - carry]]))
}

# The common length of the first axes, or the one that is given.
parts_in <- function(xs, length) {
  if (!is.null(length)) length <- as_times(length, "length")
  for (x in arrays_of(xs)) {
    shape <- mlx_shape(x)
    if (base::length(shape) == 0L) {
      stop_mlx("shape", "`xs` holds an array without axes: it cannot be taken apart.",
        arg = "xs", op = "mlx_scan", shapes = list(shape)
      )
    }
    if (is.null(length)) length <- shape[[1L]]
    if (shape[[1L]] != length) {
      stop_mlx("shape", sprintf(
        "The first axes of `xs` must all have one length, and that of `length` if it is given: %d against %d.",
        length, shape[[1L]]
      ), arg = "xs", op = "mlx_scan", shapes = lapply(arrays_of(xs), mlx_shape))
    }
  }
  if (is.null(length)) {
    stop_mlx("argument", "`length` must be given where `xs` has no arrays.", arg = "length")
  }
  length
}
