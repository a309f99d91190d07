#' Gradients of R functions
#'
#' Calls `f` with the arguments in `...` and differentiates its value. MLX records what the function does with the arrays,
#' so any R code will do that works on arrays: loops, conditions on R values, other functions.
#'
#' @param f A function that returns an `mlx` array of one element, a float.
#' @param ... The arguments: `mlx` arrays or what [as_mlx()] converts. They are given to `f` by position.
#' @param argnums Integer vector: which arguments to differentiate, in this order; `NULL` for all. The others reach `f` as
#'   ordinary arrays. Arguments with an integer dtype have no gradient.
#' @param value `TRUE` also returns the value of `f`.
#' @returns `mlx_grad()`: a list of `mlx` arrays, one gradient for each of `argnums`, each with the shape, dtype and device of
#'   its argument; with `value = TRUE`, and from `mlx_value_grad()`, `list(value = , grads = )`. An argument that `f` does not
#'   use has a gradient of zeros.
#' @section Errors: An error inside `f` arrives as it was raised there. `mlx_error_grad` when `f` does not return an array
#'   of one float element that depends on the arguments, for example because it was converted to R on the way;
#'   `mlx_error_argument` for wrong `argnums`.
#' @examples
#' loss <- function(w, x, y) mean((x %*% w - y)^2)
#' x <- as_mlx(matrix(1:8, 4))
#' y <- as_mlx(matrix(c(1, 3, 2, 4)))
#' w <- as_mlx(matrix(0, 2, 1))
#' mlx_grad(loss, w, x, y, argnums = 1)[[1]]
#' mlx_value_grad(function(a) sum(a^3), as_mlx(1:3))
#' @export
mlx_grad <- function(f, ..., argnums = NULL, value = FALSE) {
  result <- value_grad(f, list(...), argnums)
  if (isTRUE(value)) result else result$grads
}

#' @rdname mlx_grad
#' @export
mlx_value_grad <- function(f, ..., argnums = NULL) value_grad(f, list(...), argnums)

value_grad <- function(f, args, argnums) {
  if (!is.function(f)) {
    stop_mlx("argument", "is.function(f) is not TRUE: `f` must be a function.", arg = "f")
  }
  if (length(args) == 0L) {
    stop_mlx("argument", "mlx_grad() requires at least one argument to differentiate.", arg = "...")
  }
  .Call(ffi_value_grad, function(...) f(...), args, argnums)
}

#' Keep a value out of a gradient
#'
#' @param x An `mlx` array, or what [as_mlx()] converts.
#' @returns An `mlx` array with the values, shape, dtype and device of `x` that counts as a constant in [mlx_grad()].
#' @examples
#' mlx_grad(function(x) sum(mlx_stop_gradient(x) * x), as_mlx(1:3))[[1]]
#' @export
mlx_stop_gradient <- function(x) .Call(ffi_unary, "stop_gradient", x)
