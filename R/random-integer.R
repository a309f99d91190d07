#' Random truth values, integers, classes and permutations
#'
#' @inheritParams mlx_rand_normal
#' @param prob Probability of `TRUE`: one number from 0 to 1, or an array of such numbers that is broadcast to `dim` (those
#'   of an `mlx` array are not checked: below 0 counts as 0, above 1 as 1).
#' @param low,high Ends of the range, whole numbers: `low` is possible, `high` is not. Fractions are cut off.
#' @param dtype `"int32"` (the default), `"int64"`, `"uint32"` or `"uint64"`.
#' @param logits Logarithms of weights, which need not sum to one: an `mlx` array, or what [as_mlx()] converts. Not `NaN`.
#' @param axis One 1-based axis: the one along which the classes lie (`NULL` is the last), or whose slices are shuffled.
#' @param num_samples Draws for each distribution: one positive number.
#' @param x One R number n for a permutation of 1 to n; else an array of which to shuffle the slices along `axis`.
#' @param device As in [mlx_rand_normal()]. An `mlx` array stays where it is.
#' @returns An `mlx` array.
#'
#'   `mlx_rand_bernoulli()`: `bool`, of shape `dim`.
#'
#'   `mlx_rand_randint()`: integers of `dtype` from `low` to `high - 1`, of shape `dim`; all are equally likely, to one part
#'   in 2^32, however wide the range is.
#'
#'   `mlx_rand_categorical()`: 1-based classes in `int32`, on the device of `logits`; the axis of the classes is gone, and a
#'   last one of length `num_samples` has come.
#'
#'   `mlx_rand_permutation()`: `int32`, or the shape and dtype of `x`. Names along the shuffled axis move with their slices.
#' @section Errors: `mlx_error_argument` for a `prob` outside 0 to 1, `low >= high`, numbers that `dtype` does not hold,
#'   `num_samples` or n below 1, and as for [mlx_rand_normal()]; `mlx_error_shape` for an axis that is not there or a `prob`
#'   that does not fit; `mlx_error_dtype`.
#' @examples
#' mlx_set_seed(1)
#' mlx_rand_bernoulli(c(2, 3), 0.2)
#' mlx_rand_randint(5, low = 1, high = 7)
#' mlx_rand_categorical(log(matrix(c(0.2, 0.5, 0.3), 1)), num_samples = 8)
#' mlx_rand_permutation(5)
#' mlx_rand_permutation(matrix(1:6, 3, dimnames = list(c("a", "b", "c"), NULL)))
#' @family random arrays
#' @export
mlx_rand_bernoulli <- function(dim, prob = 0.5, device = mlx_default_device(), key = NULL) {
  .Call(ffi_random_bernoulli, dim, prob, given(missing(device), device), key)
}

#' @rdname mlx_rand_bernoulli
#' @export
mlx_rand_randint <- function(dim, low, high, dtype = c("int32", "int64", "uint32", "uint64"),
                             device = mlx_default_device(), key = NULL) {
  .Call(ffi_random_randint, dim, low, high, given(missing(dtype), dtype), given(missing(device), device), key)
}

#' @rdname mlx_rand_bernoulli
#' @export
mlx_rand_categorical <- function(logits, axis = NULL, num_samples = 1L, key = NULL) {
  .Call(ffi_random_categorical, logits, axis, num_samples, key)
}

#' @rdname mlx_rand_bernoulli
#' @export
mlx_rand_permutation <- function(x, axis = 1L, device = mlx_default_device(), key = NULL) {
  .Call(ffi_random_permutation, x, axis, given(missing(device), device), key)
}
