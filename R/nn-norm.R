#' Normalising layers
#'
#' `(x - mean) / sqrt(var + eps) * gamma + beta`, where variances have the divisor n. `mlx_layer_norm()` takes mean and
#' variance along the last axis, for each row by itself (Ba et al. 2016). `mlx_batch_norm()` takes them over all axes but
#' the last, for each column by itself (Ioffe and Szegedy 2015).
#'
#' @param normalized_shape,num_features The length of the input's last axis: one positive number.
#' @param eps A small number that keeps the root away from 0: one positive number.
#' @param momentum The weight of a new batch in the running statistics: one number from 0 to 1.
#' @inheritParams mlx_linear
#' @returns A module with the parameters `gamma` (ones) and `beta` (zeros), vectors of `float32` in its environment `.env`,
#'   beside `eps`. `forward(x)` keeps shape and dimnames; its dtype is that in which `x` and `gamma` meet.
#'
#'   `mlx_batch_norm()` also has `momentum`, `training`, `running_mean` (at first 0) and `running_var` (at first 1) in
#'   `.env`. In training mode it normalises with the statistics of the batch, and moves the running ones by
#'   `(1 - momentum) * running + momentum * batch` (1 x `num_features`); else it normalises with the running ones
#'   (see [mlx_set_training()]).
#' @details The running statistics are no parameters and have no gradient. Inside [mlx_grad()] and [mlx_train_step()] they move
#'   with each forward pass; those of a compiled function move if the module is among its `outputs` (see [mlx_compile()]).
#' @section Errors: `mlx_error_argument` for other sizes or numbers; from `forward()`: `mlx_error_shape` for a last axis of
#'   another length and, in `mlx_batch_norm()`, for fewer than two axes; `mlx_error_dtype` for complex numbers.
#' @examples
#' x <- as_mlx(matrix(c(1, 2, 3, 4, 6, 8), 3))
#' mlx_forward(mlx_layer_norm(2), x)
#' layer <- mlx_batch_norm(2)
#' mlx_forward(layer, x)
#' layer$.env$running_mean
#' @family layers
#' @export
mlx_layer_norm <- function(normalized_shape, eps = 1e-5, device = mlx_default_device()) {
  env <- norm_env(normalized_shape, "normalized_shape", eps, device)
  new_module("mlx_layer_norm",
    forward = function(x) .Call(ffi_layer_norm, x, env$gamma, env$beta, env$eps),
    parameters = function() norm_params(env),
    .env = env
  )
}

#' @rdname mlx_layer_norm
#' @export
mlx_batch_norm <- function(num_features, eps = 1e-5, momentum = 0.1, device = mlx_default_device()) {
  env <- norm_env(num_features, "num_features", eps, device)
  check_range(momentum, "momentum", momentum >= 0 && momentum <= 1, "momentum >= 0 && momentum <= 1",
    "one number from 0 to 1"
  )
  env$momentum <- momentum
  env$running_mean <- mlx_zeros(num_features, device = device)
  env$running_var <- mlx_ones(num_features, device = device)
  env$training <- TRUE
  new_module("mlx_batch_norm",
    forward = function(x) batch_norm(env, x),
    parameters = function() norm_params(env),
    buffers = function() norm_buffers(env),
    set_training = training_switch(env),
    .env = env
  )
}

norm_env <- function(size, arg, eps, device) {
  check_size(size, arg)
  check_range(eps, "eps", eps > 0, "eps > 0", "one positive number")
  env <- new.env(parent = emptyenv())
  env$gamma <- mlx_ones(size, device = device)
  env$beta <- mlx_zeros(size, device = device)
  env$eps <- eps
  env
}

norm_params <- function(env) lapply(c("gamma", "beta"), new_param, env = env)

norm_buffers <- function(env) lapply(c("running_mean", "running_var"), new_param, env = env)

batch_norm <- function(env, x) {
  if (!env$training) {
    return(.Call(ffi_batch_norm, x, env$gamma, env$beta, env$running_mean, env$running_var, env$eps))
  }
  out <- .Call(ffi_batch_norm, x, env$gamma, env$beta, NULL, NULL, env$eps)
  moved <- .Call(ffi_batch_statistics, x, env$running_mean, env$running_var, env$momentum)
  if (!is.null(moved)) set_params(norm_buffers(env), moved)
  out
}
