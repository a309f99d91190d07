#' Coordinate descent
#'
#' Minimises `loss_fn(beta) + lambda * sum(abs(beta))` for a smooth loss, as the lasso does: block after block of coordinates
#' takes a step down the gradient and is then drawn towards 0 (Friedman et al. 2010).
#'
#' @param loss_fn A function of a column `beta` that returns an `mlx` array of one element.
#' @param beta_init The start: an `mlx` array of p x 1, or what [as_mlx()] converts to one.
#' @param lambda The weight of the absolute values: one number, 0 or more.
#' @param ridge_penalty The weight of half the squares: one number or one for each coordinate, 0 or more. It counts with a
#'   `grad_cache` only; otherwise make it a part of `loss_fn`.
#' @param grad_fn A function of `beta` that returns the gradient, p x 1; `NULL` differentiates `loss_fn`.
#' @param lipschitz Bounds of the second derivative, one positive number for each coordinate; a step is the gradient divided by
#'   it. `NULL` is 1 for all.
#' @param max_iter The most sweeps over all coordinates.
#' @param tol Stop when no coordinate moves by as much as this in a sweep.
#' @param block_size How many coordinates move at a time, 1 to p (the nearest of these is taken).
#' @param grad_cache An environment that keeps what the gradients of a linear model need, or `NULL`, see Details.
#' @details A block moves from `b` to `sign(z) * max(abs(z) - lambda / L, 0)` with `z = b - g / L`, where `g` is the gradient at
#'   the present `beta` and `L` is `lipschitz`.
#'
#'   With a `grad_cache` neither `loss_fn` nor `grad_fn` is called. Its field `type` says which model it is, and its arrays
#'   follow each block in place:
#'   * `"gaussian"`: `x` (n x p), `residual` (n x 1, the response minus the fit) and `n_obs`. The gradient is
#'     `-t(x) %*% residual / n_obs + ridge_penalty * beta`.
#'   * `"binomial"`: `x`, `eta` (n x 1, the linear predictor), `mu` (its probabilities), `y`, `residual` (`mu - y`) and
#'     `n_obs`. The gradient is `t(x) %*% residual / n_obs + ridge_penalty * beta`.
#'
#'   A field `ridge_penalty` goes before the argument. An environment of another type is left aside.
#' @returns A list: `beta` (p x 1), `n_iter` (the number of sweeps) and `converged`. When a sweep gives numbers that are not
#'   finite there is a warning; `beta` is then what it was before that sweep, `n_iter` is `max_iter` and `converged` `FALSE`.
#' @section Errors: `mlx_error_argument` for arguments of another kind or range, `mlx_error_shape` for a `beta_init` or a
#'   gradient that is no column of p elements. Errors inside `loss_fn` and `grad_fn` arrive as they were raised there. A warning
#'   of class `mlx_warning_range` for numbers that are not finite.
#' @examples
#' set.seed(1)
#' x <- as_mlx(matrix(rnorm(60), 20))
#' y <- x %*% as_mlx(matrix(c(2, 0, -1)))
#' loss <- function(beta) mean((x %*% beta - y)^2) / 2
#' fit <- mlx_coordinate_descent(loss, matrix(0, 3, 1), lambda = 0.1)
#' fit$beta
#' @seealso [mlx_optimizer_sgd()]
#' @export
mlx_coordinate_descent <- function(loss_fn, beta_init, lambda = 0, ridge_penalty = 0, grad_fn = NULL, lipschitz = NULL,
                                   max_iter = 1000, tol = 1e-6, block_size = 1, grad_cache = NULL) {
  beta <- descent_start(beta_init)
  n <- mlx_shape(beta)[[1L]]
  check_descent(loss_fn, grad_fn, lambda, max_iter, tol, grad_cache)
  steps <- descent_column(descent_steps(lipschitz, n), beta)
  model <- descent_model(loss_fn, grad_fn, grad_cache, ridge_penalty, beta)
  size <- if (is.numeric(block_size)) block_size[1L] else NA
  first <- seq.int(1L, n, by = if (is.na(size)) 1L else as.integer(min(max(size, 1), n)))
  last <- c(first[-1L] - 1L, n)
  for (sweep in seq_len(max_iter)) {
    before <- beta
    for (i in seq_along(first)) {
      grad <- model$gradient(beta, first[[i]], last[[i]])
      step <- .Call(ffi_proximal_step, beta, grad, steps, lambda, first[[i]], last[[i]])
      beta <- step$beta
      model$update(step$delta, first[[i]], last[[i]])
      # the graph of a long sweep would fill the memory
      if (i %% 64L == 0L) mlx_eval(beta)
    }
    change <- as.vector(max(abs(beta - before)))
    if (!is.finite(change)) {
      warn_mlx("range", sprintf(
        "Stopped after non-finite updates: sweep %d gave non-finite coefficients. Is `lipschitz` large enough?", sweep
      ))
      return(list(beta = before, n_iter = max_iter, converged = FALSE))
    }
    if (change < tol) {
      return(list(beta = beta, n_iter = sweep, converged = TRUE))
    }
  }
  list(beta = beta, n_iter = max_iter, converged = FALSE)
}

# The start, as a column of floats.
descent_start <- function(beta_init) {
  beta <- as_mlx(beta_init)
  shape <- mlx_shape(beta)
  if (length(shape) != 2L || shape[[2L]] != 1L || shape[[1L]] == 0L) {
    stop_mlx("shape", "`beta_init` must be a column: a matrix of p x 1, p at least 1.",
      op = "mlx_coordinate_descent", shapes = list(shape)
    )
  }
  if (mlx_dtype(beta) == "complex64") {
    stop_mlx("dtype", "`beta_init` must hold real numbers.", op = "mlx_coordinate_descent", dtype = "complex64")
  }
  if (grepl("float", mlx_dtype(beta), fixed = TRUE)) beta else as_mlx(beta, dtype = "float32")
}

check_descent <- function(loss_fn, grad_fn, lambda, max_iter, tol, grad_cache) {
  fail <- function(arg, message) stop_mlx("argument", message, arg = arg)
  if (!is.function(loss_fn)) fail("loss_fn", "`loss_fn` must be a function.")
  if (!is.null(grad_fn) && !is.function(grad_fn)) fail("grad_fn", "`grad_fn` must be a function or NULL.")
  if (!is.numeric(lambda) || length(lambda) != 1L) fail("lambda", "lambda must be a numeric scalar.")
  if (!is.finite(lambda) || lambda < 0) fail("lambda", "lambda must be finite and non-negative.")
  check_size(max_iter, "max_iter")
  check_range(tol, "tol", tol >= 0, "tol >= 0", "one number, 0 or more")
  if (!is.null(grad_cache) && !is.environment(grad_cache)) {
    fail("grad_cache", "`grad_cache` must be an environment or NULL.")
  }
}

descent_steps <- function(lipschitz, n) {
  if (is.null(lipschitz)) {
    return(rep(1, n))
  }
  fail <- function(message) stop_mlx("argument", message, arg = "lipschitz")
  steps <- if (is_mlx(lipschitz)) as.vector(lipschitz) else lipschitz
  if (!is.numeric(steps)) fail("lipschitz must be numeric or NULL.")
  if (length(steps) != n) {
    fail(sprintf("lipschitz must have length equal to number of parameters: %d, not %d.", n, length(steps)))
  }
  if (!all(is.finite(steps)) || any(steps <= 0)) fail("lipschitz must be finite and positive.")
  steps
}

# A column of numbers beside beta: of its dtype, on its device.
descent_column <- function(values, beta) {
  as_mlx(matrix(as.double(values)), dtype = mlx_dtype(beta), device = mlx_device(beta))
}

# How gradients are found, and what follows a step: list(gradient(beta, first, last), update(delta, first, last)).
descent_model <- function(loss_fn, grad_fn, cache, ridge_penalty, beta) {
  type <- if (is.null(cache)) "" else cache$type
  ridge <- descent_ridge(if (is.null(cache$ridge_penalty)) ridge_penalty else cache$ridge_penalty, beta)
  if (identical(type, "gaussian")) {
    return(linear_model(cache, c("x", "residual"), ridge, sign = -1, update = function(moved) {
      cache$residual <- cache$residual - moved
    }))
  }
  if (identical(type, "binomial")) {
    return(linear_model(cache, c("x", "eta", "mu", "y", "residual"), ridge, sign = 1, update = function(moved) {
      cache$eta <- cache$eta + moved
      cache$mu <- .Call(ffi_unary, "sigmoid", cache$eta)
      cache$residual <- cache$mu - cache$y
    }))
  }
  whole <- if (is.null(grad_fn)) function(beta) mlx_grad(loss_fn, beta)[[1L]] else function(beta) as_mlx(grad_fn(beta))
  list(gradient = function(beta, first, last) whole(beta), update = function(delta, first, last) NULL)
}

descent_ridge <- function(ridge, beta) {
  fail <- function(message) stop_mlx("argument", message, arg = "ridge_penalty")
  n <- mlx_shape(beta)[[1L]]
  if (is_mlx(ridge)) ridge <- as.vector(ridge)
  if (!is.numeric(ridge)) fail("ridge_penalty must be numeric.")
  if (!length(ridge) %in% c(1L, n)) fail(sprintf("ridge_penalty must be a scalar or length n_pred (%d).", n))
  if (!all(is.finite(ridge)) || any(ridge < 0)) fail("ridge_penalty must be finite and non-negative.")
  if (any(ridge > 0)) descent_column(rep_len(ridge, n), beta)
}

# A linear model whose arrays `cache` holds; `update()` takes what a step adds to the linear predictor.
linear_model <- function(cache, fields, ridge, sign, update) {
  for (field in fields) {
    if (is.null(cache[[field]])) {
      stop_mlx("argument", sprintf("`grad_cache` has no `%s`.", field), arg = "grad_cache")
    }
    value <- as_mlx(cache[[field]])
    # sums over observations are columns; a plain vector would broadcast to a matrix
    if (length(mlx_shape(value)) < 2L) value <- .Call(ffi_reshape, value, c(length(value), 1L), field)
    cache[[field]] <- value
  }
  x <- cache$x
  count <- if (is.null(cache$n_obs)) mlx_shape(x)[[1L]] else as.vector(cache$n_obs)
  gradient <- function(beta, first, last) {
    grad <- crossprod(x[, first:last], cache$residual) * (sign / count)
    if (is.null(ridge)) grad else grad + ridge[first:last, ] * beta[first:last, ]
  }
  list(gradient = gradient, update = function(delta, first, last) update(x[, first:last] %*% delta))
}
