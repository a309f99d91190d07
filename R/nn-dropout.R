#' Dropout layer
#'
#' In training, sets each element to 0 with probability `p` and divides the others by `1 - p`, so that the mean stays
#' (Srivastava et al. 2014). Otherwise the input is returned as it is.
#'
#' @param p The probability: one number from 0 to 1.
#' @returns A module without parameters, in training mode (see [mlx_set_training()]); its environment `.env` holds `p` and
#'   `training`. `forward(x)` takes an `mlx` array of any shape, or what [as_mlx()] converts.
#' @details The elements are chosen by MLX's generator: [mlx_set_seed()] makes them repeatable, R's `set.seed()` does not
#'   touch it. A function compiled by [mlx_compile()] draws once, when it is traced.
#' @section Errors: `mlx_error_argument` for another `p`; `mlx_error_dtype` for complex numbers.
#' @examples
#' mlx_set_seed(1)
#' layer <- mlx_dropout(0.25)
#' mlx_forward(layer, as_mlx(matrix(1, 2, 4)))
#' mlx_set_training(layer, FALSE)
#' mlx_forward(layer, as_mlx(matrix(1, 2, 4)))
#' @family layers
#' @export
mlx_dropout <- function(p = 0.5) {
  check_range(p, "p", p >= 0 && p <= 1, "p >= 0 && p <= 1", "one number from 0 to 1")
  env <- new.env(parent = emptyenv())
  env$p <- p
  env$training <- TRUE
  new_module("mlx_dropout",
    forward = function(x) if (env$training && env$p > 0) .Call(ffi_dropout, x, env$p) else as_mlx(x),
    set_training = training_switch(env),
    .env = env
  )
}

# What a module with a mode has as `set_training`.
training_switch <- function(env) {
  force(env)
  function(mode = TRUE) {
    env$training <- mode
    invisible()
  }
}
