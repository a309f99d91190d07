#' Use modules and their parameters
#'
#' A module is a list with the functions `forward(x)` and `parameters()` and a class that ends in `"mlx_module"`; one of your
#' own works like those of the package. Its arrays live in an environment: copies of a module share them.
#'
#' @param module A module; for `mlx_parameters()` also a list of modules.
#' @param x An `mlx` array.
#' @param params A list of parameters, as `mlx_parameters()` returns it.
#' @param values A list of `mlx` arrays, one for each parameter.
#' @returns `mlx_forward()`: the module's value, an `mlx` array. `mlx_parameters()`: a list of parameters, each a reference of
#'   class `mlx_param` to an array of a module. `mlx_param_values()`: a list of their current arrays, with the names of
#'   `params`. `mlx_param_set_values()`: `NULL`, invisibly.
#' @section Errors: `mlx_error_argument` for objects of other classes or lists of other lengths.
#' @examples
#' model <- mlx_sequential(mlx_linear(3, 4), mlx_relu(), mlx_linear(4, 1))
#' mlx_forward(model, as_mlx(matrix(1:6, 2)))
#' params <- mlx_parameters(model)
#' length(params)
#' mlx_param_set_values(params, lapply(mlx_param_values(params), function(p) p * 0))
#' @export
mlx_forward <- function(module, x) {
  check_module(module)
  module$forward(x)
}

check_module <- function(module) {
  if (!inherits(module, "mlx_module") || !is.list(module) || !is.function(module$forward)) {
    stop_mlx("argument", "Expected an `mlx_module`.", arg = "module")
  }
}

#' @rdname mlx_forward
#' @export
mlx_parameters <- function(module) {
  if (inherits(module, "mlx_module")) {
    if (!is.list(module) || !is.function(module$parameters)) {
      stop_mlx("argument", "A module must be a list with a function `parameters`.", arg = "module")
    }
    return(module$parameters())
  }
  if (!is.list(module) || is.object(module)) {
    stop_mlx("argument", sprintf("Unsupported type for mlx_parameters(): %s.", class(module)[[1L]]), arg = "module")
  }
  params <- list()
  for (part in module) params <- c(params, mlx_parameters(part))
  params
}

#' @rdname mlx_forward
#' @export
mlx_param_values <- function(params) .Call(ffi_param_values, params)

#' @rdname mlx_forward
#' @export
mlx_param_set_values <- function(params, values) {
  check_params(params, "all elements of `params` must be mlx_param objects.")
  if (length(params) != length(values)) {
    stop_mlx("argument", sprintf(
      "length(params) == length(values) is not TRUE: %d parameters, %d values.", length(params), length(values)
    ), arg = "values")
  }
  if (!all(vapply(values, is_mlx, NA))) {
    stop_mlx("argument", "is_mlx(value) is not TRUE: all elements of `values` must be mlx arrays.", arg = "values")
  }
  set_params(params, values)
}

set_params <- function(params, values) {
  if (!is.null(the$undo)) the$undo <- c(the$undo, list(list(params = params, values = mlx_param_values(params))))
  invisible(.Call(ffi_set_params, params, values))
}

check_params <- function(params, message) {
  if (!is.list(params) || !all(vapply(params, inherits, NA, "mlx_param"))) {
    stop_mlx("argument", message, arg = "params")
  }
}

# Arrays of a module that change without being trained.
module_buffers <- function(module) if (is.function(module$buffers)) module$buffers()

new_param <- function(env, name) structure(list(env = env, name = name), class = "mlx_param")

new_module <- function(kind, forward, parameters = function() list(), ...) {
  structure(list(forward = forward, parameters = parameters, ...), class = c(kind, "mlx_module"))
}

#' Switch between training and use
#'
#' [mlx_dropout()] and [mlx_batch_norm()] work in another way while a model is trained. New modules are in training mode.
#'
#' @param module A module. [mlx_sequential()] passes the mode on to its layers; modules without a mode ignore it.
#' @param mode `TRUE` for training, `FALSE` for use.
#' @returns `module`, invisibly. Copies of a module share its mode.
#' @section Errors: `mlx_error_argument` for an object that is no module, or another mode.
#' @examples
#' model <- mlx_sequential(mlx_linear(2, 4), mlx_dropout(0.5))
#' mlx_set_training(model, FALSE)
#' model$layers[[2]]$.env$training
#' @export
mlx_set_training <- function(module, mode = TRUE) {
  check_module(module)
  if (!isTRUE(mode) && !isFALSE(mode)) {
    stop_mlx("argument", "`mode` must be a single logical value (TRUE or FALSE).", arg = "mode")
  }
  if (is.function(module$set_training)) module$set_training(mode)
  invisible(module)
}

#' Modules in a row
#'
#' @param ... Modules, in the order in which they are applied.
#' @returns A module; its field `layers` is the list of the modules.
#' @section Errors: `mlx_error_argument` without modules, or for an object that is none.
#' @examples
#' model <- mlx_sequential(mlx_linear(2, 8), mlx_relu(), mlx_linear(8, 1))
#' mlx_forward(model, as_mlx(matrix(0, 5, 2)))
#' @family layers
#' @export
mlx_sequential <- function(...) {
  layers <- list(...)
  if (length(layers) == 0L) {
    stop_mlx("argument", "mlx_sequential() requires at least one module.", arg = "...")
  }
  if (!all(vapply(layers, inherits, NA, "mlx_module"))) {
    stop_mlx("argument", "All arguments of mlx_sequential() must inherit from `mlx_module`.", arg = "...")
  }
  new_module("mlx_sequential",
    forward = function(x) {
      for (layer in layers) x <- layer$forward(x)
      x
    },
    parameters = function() mlx_parameters(layers),
    buffers = function() unlist(lapply(layers, module_buffers), recursive = FALSE),
    set_training = function(mode = TRUE) for (layer in layers) mlx_set_training(layer, mode),
    layers = layers
  )
}
