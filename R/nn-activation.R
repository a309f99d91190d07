#' Activation layers
#'
#' `mlx_relu()` is `max(x, 0)`, element by element.
#'
#' @returns A module without parameters; `forward(x)` keeps the shape and the float dtype of `x` (integers and truth values
#'   become `float32`). `NaN` stays `NaN`, and the gradient at 0 is 0.
#' @examples
#' mlx_forward(mlx_relu(), as_mlx(c(-1, 0, 2)))
#' @family layers
#' @export
mlx_relu <- function() new_module("mlx_relu", forward = function(x) mlx_maximum(x, 0))
