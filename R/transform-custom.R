#' Functions with transforms of their own
#'
#' `mlx_custom_function()` replaces the rules by which a function is differentiated or vectorised; `mlx_custom_vjp()` only
#' that of reverse mode, the one that [mlx_grad()] uses.
#'
#' @param f A function of `mlx` arrays, or of nested lists of them, that returns an `mlx` array or a nested list of them.
#' @param vjp `NULL`, or a function of `primals`, `cotangents` and `outputs`. `primals` is the list of the arguments,
#'   `outputs` the value of `f` (in a list if it is one array), and `cotangents` has the form of `outputs`. It returns a list
#'   with the gradient for each argument, of its form, `NULL` for zeros; arguments without arrays can be left out.
#' @param jvp `NULL`, or a function of `primals` and `tangents`, two lists of the form of the arguments. It returns the
#'   tangents of the outputs, in the form of the value of `f`.
#' @param vmap `NULL`, or a function of `inputs`, a list of the form of the arguments, and `axes`, a list of the same form
#'   with the axis (from 1) that each array has in addition, `NULL` for none. It returns `list(outputs, out_axes)`, with the
#'   axes as in [mlx_vmap()].
#' @returns A function of `...` that does what `f` does. Its arguments are `mlx` arrays, nested lists of them, or what
#'   [as_mlx()] converts; single R numbers and other objects are given to `f` as they are.
#' @details Rules that are not given follow from the operations of `f`. Arrays that `f` uses without taking them as arguments
#'   have no gradient through a rule that is given. As in MLX, a function that is vectorised without a rule for that becomes
#'   what its operations are: a gradient taken of the result does not use the other rules. A gradient that is vectorised does.
#' @section Errors: An error in `f` or in a rule arrives as it was raised there; `mlx_error_grad`, `mlx_error_vmap` or
#'   `mlx_error_shape` when a rule returns something of another form or shape than it should.
#' @examples
#' clipped <- mlx_custom_vjp(
#'   function(x) x * 2,
#'   function(primals, cotangents, outputs) lapply(cotangents, function(g) mlx_minimum(g, 1))
#' )
#' mlx_grad(function(x) sum(clipped(x) * 5), as_mlx(1:3))
#' @family transforms
#' @export
mlx_custom_function <- function(f, vjp = NULL, jvp = NULL, vmap = NULL) {
  check_function(f)
  rules <- list(vjp = vjp, jvp = jvp, vmap = vmap)
  for (name in names(rules)) if (!is.null(rules[[name]])) check_function(rules[[name]], name)
  function(...) .Call(ffi_custom, f, list(...), vjp, jvp, vmap)
}

#' @rdname mlx_custom_function
#' @export
mlx_custom_vjp <- function(f, vjp) {
  check_function(vjp, "vjp")
  mlx_custom_function(f, vjp)
}

#' Save memory in gradients
#'
#' The gradient of a function needs the arrays that the function made on its way. Those of a checkpointed function are not
#' kept; they are computed again for the gradient: more work, less memory.
#'
#' @inheritParams mlx_custom_function
#' @returns A function of `...` that does what `f` does, as in [mlx_custom_function()].
#' @details The R code of `f` runs once; what MLX recorded then is computed twice. Arrays that `f` uses without taking them
#'   as arguments, such as the parameters of a module, have their gradients as ever, and random draws are the same both
#'   times.
#' @section Errors: An error inside `f` arrives as it was raised there; `mlx_error_grad` when `f` returns no array.
#' @examples
#' block <- mlx_checkpoint(function(x) {
#'   for (i in 1:10) x <- tanh(x)
#'   x
#' })
#' mlx_grad(function(x) sum(block(x)), as_mlx(c(0.5, 1)))
#' @family transforms
#' @export
mlx_checkpoint <- function(f) {
  check_function(f)
  function(...) .Call(ffi_checkpoint, f, list(...))
}
