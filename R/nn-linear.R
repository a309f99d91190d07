#' Linear layer
#'
#' Computes `x %*% weight + bias`.
#'
#' @param in_features,out_features Columns of the input and of the output: one positive number each.
#' @param bias `FALSE` leaves the bias out.
#' @param device `"gpu"` or `"cpu"`: where the parameters live.
#' @returns A module. Its environment `.env` holds `weight` (`in_features` x `out_features`, `float32`) and `bias`
#'   (1 x `out_features`, or `NULL`), which are its parameters in this order. `forward(x)` takes an n x `in_features` matrix.
#' @details The weights are drawn by R's [stats::rnorm()] with standard deviation `sqrt(2 / in_features)`, so `set.seed()`
#'   makes them repeatable (He et al. 2015, the initialisation for rectified units); the bias starts at 0.
#' @section Errors: `mlx_error_argument` for sizes that are not positive.
#' @examples
#' set.seed(1)
#' layer <- mlx_linear(3, 2)
#' mlx_forward(layer, as_mlx(matrix(1:6, 2)))
#' @family layers
#' @importFrom stats rnorm
#' @export
mlx_linear <- function(in_features, out_features, bias = TRUE, device = mlx_default_device()) {
  check_size(in_features, "in_features")
  check_size(out_features, "out_features")
  env <- new.env(parent = emptyenv())
  weight <- rnorm(in_features * out_features, sd = sqrt(2 / in_features))
  env$weight <- mlx_matrix(weight, in_features, out_features, device = device)
  env$bias <- if (isTRUE(bias)) mlx_zeros(c(1, out_features), device = device)
  params <- lapply(c("weight", if (isTRUE(bias)) "bias"), new_param, env = env)
  new_module("mlx_linear",
    forward = function(x) {
      out <- x %*% env$weight
      if (is.null(env$bias)) out else out + env$bias
    },
    parameters = function() params,
    .env = env
  )
}

check_size <- function(size, arg) {
  good <- is.numeric(size) && length(size) == 1L && is.finite(size) && size >= 1
  if (!good) stop_mlx("argument", sprintf("%s > 0 is not TRUE: %s must be one positive number.", arg, arg), arg = arg)
}
