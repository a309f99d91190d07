#' Stochastic gradient descent
#'
#' @param params A list of parameters, from [mlx_parameters()].
#' @param lr Learning rate: one positive number. It is fixed here; changing the field later has no effect.
#' @returns A list of class `mlx_optimizer_sgd` with `step`, `lr` and `params`. `step(grads)` takes one gradient for each
#'   parameter, replaces each parameter `p` by `p - lr * gradient`, and returns `TRUE` invisibly. Nothing is computed before
#'   it is needed.
#' @section Errors: `mlx_error_argument` for other objects than parameters, for a rate that is not positive, or for another
#'   number of gradients; `mlx_error_shape` for a gradient of another shape than its parameter.
#' @examples
#' model <- mlx_linear(2, 1)
#' opt <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.1)
#' grads <- lapply(mlx_param_values(opt$params), function(p) p * 0 + 1)
#' opt$step(grads)
#' @seealso [mlx_train_step()]
#' @export
mlx_optimizer_sgd <- function(params, lr = 0.01) {
  check_params(params, "`params` must be a list of mlx_param objects.")
  if (!is.numeric(lr) || length(lr) != 1L || !is.finite(lr) || lr <= 0) {
    stop_mlx("argument", "Learning rate must be positive: one finite number above 0.", arg = "lr")
  }
  step <- function(grads) {
    if (length(grads) != length(params)) {
      stop_mlx("argument", sprintf(
        "The number of gradients (%d) does not match parameters (%d).", length(grads), length(params)
      ), arg = "grads")
    }
    check_step(params)
    set_params(params, .Call(ffi_sgd, mlx_param_values(params), grads, lr))
    invisible(TRUE)
  }
  structure(list(step = step, lr = lr, params = params), class = "mlx_optimizer_sgd")
}

# While a function is compiled, parameters can only change if the function is said to change them.
check_step <- function(params) {
  held <- function(param) any(vapply(the$state, identical, NA, param))
  if (!is.null(the$traced) && !all(vapply(params, held, NA))) {
    stop_mlx("trace", paste(
      "An optimizer cannot step inside a function that is compiled or vectorised, unless its parameters are among",
      "the `inputs` and `outputs` of mlx_compile()."
    ))
  }
}

#' One step of training
#'
#' Computes a loss, its gradients with respect to the optimizer's parameters, and lets the optimizer update them.
#'
#' @param module A module.
#' @param loss_fn A function that is called as `loss_fn(module, ...)` and returns an `mlx` array of one element. While it
#'   runs, the parameters hold the arrays that are differentiated, however it reads them.
#' @param optimizer An optimizer: a list with `params` and `step`.
#' @param ... Data for `loss_fn`, by position or name: `mlx` arrays, or what [as_mlx()] converts. As in any R function with
#'   arguments before the dots, a name that one of them begins with (`m`, `loss`, `opt`) is taken for that argument.
#' @returns A list with `loss`, the value before the update, an `mlx` array without axes.
#' @section Errors: An error inside `loss_fn` arrives as it was raised there, and the parameters keep their values.
#'   The new values are computed when they are asked for: an error that shows only then (no memory) leaves parameters that
#'   cannot be computed, so keep those of [mlx_param_values()] where that may happen. `mlx_error_argument` when `loss_fn` does
#'   not return an `mlx` array; `mlx_error_grad` as in [mlx_grad()].
#' @examples
#' set.seed(1)
#' x <- as_mlx(matrix(rnorm(20), 10))
#' y <- x %*% as_mlx(matrix(c(1, -2)))
#' model <- mlx_linear(2, 1)
#' opt <- mlx_optimizer_sgd(mlx_parameters(model), lr = 0.2)
#' loss <- function(model, x, y) mlx_mse_loss(mlx_forward(model, x), y)
#' for (i in 1:20) step <- mlx_train_step(model, loss, opt, x, y)
#' as.vector(step$loss)
#' @export
mlx_train_step <- function(module, loss_fn, optimizer, ...) {
  if (!is.function(loss_fn)) {
    stop_mlx("argument", "`loss_fn` must be a function.", arg = "loss_fn")
  }
  if (!is.list(optimizer) || !is.function(optimizer$step)) {
    stop_mlx("argument", "`optimizer` must be an optimizer: a list with `params` and `step`.", arg = "optimizer")
  }
  params <- optimizer$params
  before <- mlx_param_values(params)
  if (length(before) == 0L) {
    stop_mlx("argument", "`optimizer` has no parameters to train.", arg = "optimizer")
  }
  # a name that no data has; after the dots no part of one is taken for it
  traced <- function(..., .rmlx_params) {
    set_params(params, .rmlx_params)
    loss <- loss_fn(module, ...)
    if (!is_mlx(loss)) stop_mlx("argument", "loss_fn must return an mlx array.", arg = "loss_fn")
    loss
  }
  # a failing trace leaves no arrays of its own in the parameters, a good one does
  result <- value_grad(traced, list(..., .rmlx_params = before), ...length() + 1L)
  set_params(params, before)
  optimizer$step(result$grads[[1L]])
  list(loss = result$value)
}
