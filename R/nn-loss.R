#' Losses
#'
#' How far predictions are from targets, element by element, reduced to one number:
#'
#' * `mlx_mse_loss()`: the squared difference;
#' * `mlx_l1_loss()`: the absolute difference;
#' * `mlx_binary_cross_entropy()`: `-(t * log(p) + (1 - t) * log(1 - p))` of probabilities `p` and targets `t`, with `p` kept
#'   within `1e-7` and `1 - 1e-7`;
#' * `mlx_cross_entropy()`: minus the log-softmax of each row of `logits` at the row's class.
#'
#' @param predictions,targets `mlx` arrays, or what [as_mlx()] converts; they are broadcast together. For
#'   `mlx_binary_cross_entropy()` the predictions are probabilities. For `mlx_cross_entropy()` the targets are class numbers
#'   from 1 on, one for each row of `logits` (fractions are cut off).
#' @param logits A matrix, samples x classes, of any real numbers: scores before a softmax.
#' @param reduction `"mean"` over all elements, their `"sum"`, or `"none"`.
#' @returns An `mlx` array: without axes, or for `"none"` of the broadcast shape (`mlx_cross_entropy()`: one axis, one number
#'   for each row of `logits`).
#' @details Class numbers have no gradient: leave `targets` out of `argnums` in [mlx_grad()] ([mlx_train_step()] does so).
#' @section Errors: `mlx_error_shape` when the shapes cannot be broadcast, when `logits` is no matrix, and for another number
#'   of classes than rows; `mlx_error_argument` for another `reduction`; `mlx_error_index` for a class outside 1 to
#'   `ncol(logits)`. Where classes are arguments of a compiled function no error can be raised: such a class gives `NaN`.
#' @examples
#' mlx_mse_loss(as_mlx(1:3), c(1, 2, 5))
#' mlx_l1_loss(as_mlx(1:3), c(1, 2, 5), reduction = "none")
#' mlx_binary_cross_entropy(c(0.9, 0.2), c(1, 0))
#' mlx_cross_entropy(matrix(c(2, 0, 0, 1), 2), c(1, 2))
#' @export
mlx_mse_loss <- function(predictions, targets, reduction = c("mean", "sum", "none")) {
  difference <- .Call(ffi_as_float, predictions) - .Call(ffi_as_float, targets)
  reduce_loss(difference * difference, reduction)
}

#' @rdname mlx_mse_loss
#' @export
mlx_l1_loss <- function(predictions, targets, reduction = c("mean", "sum", "none")) {
  reduce_loss(abs(.Call(ffi_as_float, predictions) - .Call(ffi_as_float, targets)), reduction)
}

#' @rdname mlx_mse_loss
#' @export
mlx_binary_cross_entropy <- function(predictions, targets, reduction = c("mean", "sum", "none")) {
  p <- as_mlx(predictions)
  t <- as_mlx(targets)
  # half precision cannot tell 1 - 1e-7 from 1
  if (mlx_dtype(p) != "float64") p <- as_mlx(p, dtype = "float32")
  p <- mlx_minimum(mlx_maximum(p, 1e-7), 1 - 1e-7)
  reduce_loss(-(t * log(p) + (1 - t) * log(1 - p)), reduction)
}

#' @rdname mlx_mse_loss
#' @export
mlx_cross_entropy <- function(logits, targets, reduction = c("mean", "sum", "none")) {
  reduce_loss(.Call(ffi_cross_entropy, logits, targets), reduction)
}

reduce_loss <- function(loss, reduction) {
  reduction <- match_choice(reduction, c("mean", "sum", "none"), "reduction")
  if (reduction == "none") loss else .Call(ffi_reduce, reduction, loss, NULL, TRUE)
}

# match.arg() with a condition of our own.
match_choice <- function(value, choices, arg) {
  if (identical(value, choices)) {
    return(choices[[1L]])
  }
  found <- if (is.character(value) && length(value) == 1L) pmatch(value, choices) else NA
  if (is.na(found)) {
    stop_mlx("argument", sprintf("'%s' should be one of %s.", arg, toString(dQuote(choices, FALSE))), arg = arg)
  }
  choices[[found]]
}
