#' Gradients of R functions
#'
#' Calls `f` with the arguments in `...` and differentiates its value. MLX records what the function does with the arrays,
#' so any R code will do that works on arrays: loops, conditions on R values, other functions, other transforms.
#'
#' @param f A function that returns an `mlx` array of one element, a float; or a list whose first member is such an array.
#' @param ... The arguments: `mlx` arrays, what [as_mlx()] converts, or nested lists of `mlx` arrays. They are given to `f`
#'   by position. Members of lists that are no arrays, and arguments that are not differentiated and no data (such as
#'   functions or text), are given to `f` as they are.
#' @param argnums Integer vector: which arguments to differentiate, in this order; `NULL` for all. The others reach `f` as
#'   ordinary arrays. Arrays with an integer dtype have no gradient.
#' @param value `TRUE` also returns the value of `f`.
#' @returns `mlx_grad()`: a list with one entry for each of `argnums`, an `mlx` array with the shape, dtype and device of the
#'   argument. An argument that is a list has a list of the same form and names, with `NULL` in the place of what is no
#'   array. With `value = TRUE`, and from `mlx_value_grad()`, `list(value = , grads = )`, with `value` an array without axes.
#'   An argument that `f` does not use has a gradient of zeros.
#'
#'   Where `f` returns a list, its first member is the value, and there is a third member `aux` with the rest: one member
#'   that is unnamed or named `aux` as it is, else a list.
#'
#'   `mlx_grad_fn()` and `mlx_value_grad_fn()` return functions of `...`, whose arguments are given to `f` under the names
#'   they have. They return what `mlx_grad()` and `mlx_value_grad()` do, but for a single number `argnums` the gradient
#'   itself instead of a list of one.
#' @section Errors: An error inside `f` arrives as it was raised there, and parameters of modules have the values that they
#'   had before. `mlx_error_grad` when `f` does not return an array of one float element that depends on the arguments, for
#'   example because it was converted to R on the way, or for an argument without gradient; `mlx_error_argument` for wrong
#'   `argnums`.
#' @examples
#' loss <- function(w, x, y) mean((x %*% w - y)^2)
#' x <- as_mlx(matrix(1:8, 4))
#' y <- as_mlx(matrix(c(1, 3, 2, 4)))
#' w <- as_mlx(matrix(0, 2, 1))
#' mlx_grad(loss, w, x, y, argnums = 1)[[1]]
#' mlx_value_grad(function(a) sum(a^3), as_mlx(1:3))
#'
#' # parameters in a list, and something else than the loss
#' model <- function(p, x) list(loss = sum((x %*% p$w + p$b)^2), aux = p$w * 2)
#' mlx_value_grad(model, list(w = w, b = as_mlx(1)), x, argnums = 1)
#'
#' slope <- mlx_grad_fn(function(x) sum(x * x))
#' slope(as_mlx(1:3))
#' @family transforms
#' @export
mlx_grad <- function(f, ..., argnums = NULL, value = FALSE) {
  result <- value_grad(f, unname(list(...)), argnums)
  if (isTRUE(value)) result else result$grads
}

#' @rdname mlx_grad
#' @export
mlx_value_grad <- function(f, ..., argnums = NULL) value_grad(f, unname(list(...)), argnums)

#' @rdname mlx_grad
#' @export
mlx_grad_fn <- function(f, argnums = 1L) {
  value_grad_of <- mlx_value_grad_fn(f, argnums)
  function(...) value_grad_of(...)$grads
}

#' @rdname mlx_grad
#' @export
mlx_value_grad_fn <- function(f, argnums = 1L) {
  check_function(f)
  force(argnums)
  function(...) {
    result <- value_grad(f, list(...), argnums)
    if (length(argnums) == 1L) result$grads <- result$grads[[1L]]
    result
  }
}

value_grad <- function(f, args, argnums) {
  check_function(f)
  if (length(args) == 0L) {
    stop_mlx("argument", "mlx_grad() requires at least one argument to differentiate.", arg = "...")
  }
  result <- journaled(.Call(ffi_value_grad, f, args, argnums))
  if (length(result) == 3L) result["aux"] <- list(auxiliary(result$aux[-1L]))
  result
}

auxiliary <- function(rest) {
  alone <- length(rest) == 1L && (is.null(names(rest)) || names(rest) %in% c("", "aux"))
  if (alone) rest[[1L]] else rest
}

#' Keep a value out of a gradient
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @returns An `mlx` array with the values, shape, dtype and device of `x` that counts as a constant in [mlx_grad()].
#' @examples
#' mlx_grad(function(x) sum(mlx_stop_gradient(x) * x), as_mlx(1:3))[[1]]
#' @export
mlx_stop_gradient <- function(x) .Call(ffi_unary, "stop_gradient", x)
