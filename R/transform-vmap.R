#' Vectorise a function
#'
#' Makes a function that applies `f` to every part of its arguments along an axis, at once: `f` runs once, on arrays that
#' lack the axis, and MLX does what it did for all parts together.
#'
#' @param f A function of `mlx` arrays, or of nested lists of them, that returns an `mlx` array or a nested list of them.
#' @param in_axes Along which axis (1 is the first) each argument is taken apart: one number for all arguments; a vector or a
#'   list with an entry for each, where `NULL` (in a vector `NA`) gives every call the whole argument. An entry for an
#'   argument that is a list may be a list of the same form.
#' @param out_axes Which axis of the results holds the parts: one number, or an entry for each member of a list that `f`
#'   returns.
#' @returns A function of `...`. Its arguments are `mlx` arrays, nested lists of them, or what [as_mlx()] converts; single R
#'   numbers and other objects are given to `f` as they are. It returns what `f` returns, with one axis more in each array.
#' @details The values of arrays are not known while `f` runs, so it cannot print them, convert them to R or decide by them;
#'   see [mlx_cond()]. A random draw in `f` is one draw, the same for all parts: give keys as an argument for others.
#' @section Errors: `mlx_error_vmap` for axes that an argument does not have, that differ in length or do not fit the form of
#'   the arguments, and for operations that cannot be vectorised; `mlx_error_trace` when `f` reads values or keeps an array
#'   with `<<-`; an error inside `f` arrives as it was raised there.
#' @examples
#' x <- as_mlx(matrix(1:6, 3))
#' row_norm <- mlx_vmap(function(row) sqrt(sum(row^2)))
#' row_norm(x)
#' add <- mlx_vmap(function(x, y) x + y, in_axes = list(1, NULL))
#' add(as_mlx(1:3), 10)
#' @family transforms
#' @export
mlx_vmap <- function(f, in_axes = 1L, out_axes = 1L) {
  check_function(f)
  force(in_axes)
  force(out_axes)
  function(...) journaled(.Call(ffi_vmap, function(...) traced(f, ...), list(...), in_axes, out_axes), keep = FALSE)
}
