#' Activation layers
#'
#' Functions that are applied to each element:
#'
#' * `mlx_relu()`: `max(x, 0)`;
#' * `mlx_leaky_relu()`: `max(x, negative_slope * x)`;
#' * `mlx_sigmoid()`: `1 / (1 + exp(-x))`;
#' * `mlx_tanh()`: `tanh(x)`;
#' * `mlx_silu()`: `x / (1 + exp(-x))`;
#' * `mlx_gelu()`: `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`, the approximation of `x * pnorm(x)` by
#'   Hendrycks and Gimpel (2016);
#'
#' and `mlx_softmax_layer()`, which makes the elements along one axis positive with sum 1: `exp(x) / sum(exp(x))`.
#'
#' @param negative_slope The slope below 0: one number, 0 or more.
#' @param axis The axis to normalise: one positive integer, or `NULL` for the last axis of each input.
#' @returns A module without parameters; `forward(x)` takes an `mlx` array or what [as_mlx()] converts, and keeps the shape,
#'   the dimnames and the float dtype of `x` (integers and truth values become `float32`). `NaN` stays `NaN`, and minus
#'   infinity gives the limit. At 0 the gradient of `mlx_relu()` is 0, that of `mlx_leaky_relu()` the slope.
#' @section Errors: `mlx_error_argument` for another slope or axis; from `forward()`: `mlx_error_shape` for an axis that the
#'   input does not have, `mlx_error_dtype` for complex numbers (`mlx_tanh()` takes them).
#' @examples
#' x <- as_mlx(matrix(c(-2, -1, 0, 1, 2, 3), 2))
#' mlx_forward(mlx_relu(), x)
#' mlx_forward(mlx_leaky_relu(0.1), x)
#' mlx_forward(mlx_gelu(), x)
#' mlx_forward(mlx_softmax_layer(), x)
#' @family layers
#' @export
mlx_relu <- function() new_module("mlx_relu", forward = function(x) mlx_maximum(x, 0))

#' @rdname mlx_relu
#' @export
mlx_leaky_relu <- function(negative_slope = 0.01) {
  check_range(negative_slope, "negative_slope", negative_slope >= 0, "negative_slope >= 0", "one number, 0 or more")
  new_module("mlx_leaky_relu", forward = function(x) .Call(ffi_activation, "leaky_relu", x, negative_slope))
}

#' @rdname mlx_relu
#' @export
mlx_sigmoid <- function() new_module("mlx_sigmoid", forward = function(x) .Call(ffi_activation, "sigmoid", x, NULL))

#' @rdname mlx_relu
#' @export
mlx_tanh <- function() new_module("mlx_tanh", forward = function(x) .Call(ffi_unary, "tanh", x))

#' @rdname mlx_relu
#' @export
mlx_silu <- function() new_module("mlx_silu", forward = function(x) .Call(ffi_activation, "silu", x, NULL))

#' @rdname mlx_relu
#' @export
mlx_gelu <- function() new_module("mlx_gelu", forward = function(x) .Call(ffi_activation, "gelu", x, NULL))

#' @rdname mlx_relu
#' @export
mlx_softmax_layer <- function(axis = NULL) {
  good <- is.null(axis) || (is.numeric(axis) && length(axis) == 1L && is.finite(axis) && axis >= 1)
  if (!good) stop_mlx("argument", "axis must be NULL or a single positive integer.", arg = "axis")
  new_module("mlx_softmax_layer", forward = function(x) {
    x <- as_mlx(x)
    .Call(ffi_softmax, x, if (is.null(axis)) length(mlx_shape(x)) else axis, TRUE)
  })
}

# One finite number for which `good` holds; `good` is not looked at before.
check_range <- function(x, arg, good, condition, wanted) {
  if (!is.numeric(x) || length(x) != 1L || !is.finite(x) || !good) {
    stop_mlx("argument", sprintf("%s is not TRUE: %s must be %s.", condition, arg, wanted), arg = arg)
  }
}
