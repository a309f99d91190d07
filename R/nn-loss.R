#' Losses
#'
#' `mlx_mse_loss()` is the squared difference of predictions and targets.
#'
#' @param predictions,targets `mlx` arrays, or what [as_mlx()] converts; they are broadcast together.
#' @param reduction `"mean"` over all elements, their `"sum"`, or `"none"`.
#' @returns An `mlx` array: without axes, or of the broadcast shape for `"none"`.
#' @section Errors: `mlx_error_shape` when the shapes cannot be broadcast; `mlx_error_argument` for another `reduction`.
#' @examples
#' mlx_mse_loss(as_mlx(1:3), c(1, 2, 5))
#' @export
mlx_mse_loss <- function(predictions, targets, reduction = c("mean", "sum", "none")) {
  difference <- as_mlx(predictions) - as_mlx(targets)
  reduce_loss(difference * difference, reduction)
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
