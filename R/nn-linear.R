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
  env$weight <- normal_weight(in_features, out_features, sqrt(2 / in_features), device)
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

# A matrix of normal numbers from R's own generator.
normal_weight <- function(rows, columns, sd, device) {
  n <- as.double(rows) * columns
  values <- if (n <= .Machine$integer.max) tryCatch(rnorm(n, sd = sd), error = function(e) NULL)
  if (is.null(values)) {
    stop_mlx("device", sprintf("There is no room in memory for a weight of %.0f x %.0f numbers.", rows, columns),
      device = "cpu", requested = "memory"
    )
  }
  mlx_matrix(values, rows, columns, device = device)
}

check_size <- function(size, arg) {
  good <- is.numeric(size) && length(size) == 1L && is.finite(size) && size >= 1
  if (!good) stop_mlx("argument", sprintf("%s > 0 is not TRUE: %s must be one positive number.", arg, arg), arg = arg)
}
