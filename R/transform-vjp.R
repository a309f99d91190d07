#' Products with Jacobians
#'
#' `mlx_vjp()` multiplies the Jacobian of a function by vectors from the left (reverse mode: one call gives the gradient of a
#' weighted sum of the outputs), `mlx_jvp()` from the right (forward mode: one call gives the change of the outputs along a
#' direction).
#'
#' @param f A function of `mlx` arrays, or of nested lists of them, that returns an `mlx` array or a nested list of them.
#' @param primals A list of the arguments of `f`, which it gets under the names they have there: arrays, nested lists of arrays,
#'   or what [as_mlx()] converts. All arrays must be floats. One array may stand for a list of one.
#' @param cotangents A list with one array for each output of `f`, of its shape, in nested lists or not.
#' @param tangents A list of the same form as `primals`, with arrays of the same shapes; by name where both have the same
#'   names.
#' @returns `mlx_vjp()`: `list(outputs = , vjps = )`; `mlx_jvp()`: `list(outputs = , jvps = )`. `outputs` is the value of
#'   `f`, in a list if it is one array. `vjps` is a list with one entry for each of `primals`, of its form, with arrays of
#'   the same shapes and dtypes; `jvps` has the form of `outputs`. Other members of lists than arrays are `NULL` in `vjps`.
#'   What `f` takes back to R with `as.vector()` or the like counts as a constant: its derivatives are 0.
#' @section Errors: An error inside `f` arrives as it was raised there. `mlx_error_grad` for arguments without floats and for
#'   operations that have no derivative; `mlx_error_argument` or `mlx_error_shape` for cotangents and tangents that do not
#'   fit.
#' @examples
#' f <- function(x, y) x * y
#' mlx_jvp(f, list(as_mlx(4), as_mlx(2)), list(as_mlx(3), as_mlx(2)))$jvps
#' mlx_vjp(function(x) 2 * x, list(as_mlx(1)), list(as_mlx(2)))$vjps
#' @family transforms
#' @export
mlx_vjp <- function(f, primals, cotangents) {
  check_function(f)
  journaled(.Call(ffi_vjp, f, as_arguments(primals), as_arguments(cotangents)))
}

#' @rdname mlx_vjp
#' @export
mlx_jvp <- function(f, primals, tangents) {
  check_function(f)
  journaled(.Call(ffi_jvp, f, as_arguments(primals), as_arguments(tangents)))
}
