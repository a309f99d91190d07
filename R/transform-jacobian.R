#' Jacobians and Hessians
#'
#' All first derivatives of a function with several outputs, all second derivatives of a loss, and the product of the latter
#' with a vector, which costs little more than a gradient.
#'
#' @param f A function of `mlx` arrays, or of nested lists of them. For `mlx_jacobian()` it returns an `mlx` array or a
#'   nested list of them; for `mlx_hessian()` and `mlx_hvp()` one float.
#' @param ... The arguments of `f`, given by position: arrays, nested lists of arrays, or what [as_mlx()] converts.
#' @param argnums Integer vector: which arguments to differentiate.
#' @param primals,tangents As in [mlx_jvp()]: the arguments of `f`, and the vector of the product in the same form.
#' @returns `mlx_jacobian()`: for an output and an argument that are single arrays, one array, whose first axes are those of
#'   the output and whose last axes are those of the argument. In general the form of the value of `f`, with such arrays in
#'   the form of the argument in each place; for several `argnums` there is a list of these in each place.
#'
#'   `mlx_hessian()`: the Jacobian of the gradient: for one argument that is an array, an array with its axes twice; for
#'   several `argnums` a list of lists.
#'
#'   `mlx_hvp()`: a list with one entry for each of `primals`, of its form: the Hessian times `tangents`.
#' @details The rows of a Jacobian are the products of [mlx_vjp()] with unit vectors, made together by [mlx_vmap()]. The
#'   result has as many elements as outputs times inputs.
#' @section Errors: Those of [mlx_vjp()] and [mlx_vmap()]; for `mlx_hessian()` and `mlx_hvp()` those of [mlx_grad()].
#' @examples
#' mlx_jacobian(function(x) x^2, as_mlx(1:3))
#' mlx_hessian(function(x) sum(x^3), as_mlx(1:2))
#' mlx_hvp(function(x) sum(x^3), list(as_mlx(1:2)), list(as_mlx(c(1, 0))))
#' @family transforms
#' @export
mlx_jacobian <- function(f, ..., argnums = 1L) {
  check_function(f)
  split <- split_arguments(list(...), argnums)
  one <- split$function_of(f)
  outputs <- journaled(do.call(one, split$chosen))
  places <- arrays_of(outputs)
  if (length(places) == 0L) {
    stop_mlx("grad", sprintf(
      "The function must return an `mlx` object, or a list that holds some, not %s.", class(outputs)[[1L]]
    ))
  }
  place <- 0L
  map_arrays(outputs, function(output) {
    place <<- place + 1L
    rows <- jacobian_rows(one, split$chosen, places, place)
    if (length(argnums) == 1L) rows[[1L]] else rows[split$places]
  })
}

# For each argument the derivatives of one array among the outputs.
jacobian_rows <- function(f, args, outputs, place) {
  shape <- mlx_shape(outputs[[place]])
  n <- as.integer(prod(shape))
  zeros <- lapply(outputs, mlx_zeros_like)
  if (n == 0L) {
    no_rows <- function(row) as_mlx(array(0, c(shape, mlx_shape(row))), mlx_dtype(row), mlx_device(row))
    return(map_arrays(mlx_vjp(f, args, zeros)$vjps, no_rows))
  }
  product <- mlx_vmap(function(unit) {
    zeros[[place]] <- mlx_reshape(unit, shape)
    mlx_vjp(f, args, zeros)$vjps
  })
  units <- mlx_eye(n, device = mlx_device(outputs[[place]]))
  map_arrays(product(units), function(rows) mlx_reshape(rows, c(shape, mlx_shape(rows)[-1L])))
}

#' @rdname mlx_jacobian
#' @export
mlx_hessian <- function(f, ..., argnums = 1L) {
  check_function(f)
  split <- split_arguments(list(...), argnums)
  gradient <- function(...) {
    grads <- value_grad(split$function_of(f), list(...), NULL)$grads
    if (length(argnums) == 1L) grads[[1L]] else grads[split$places]
  }
  do.call(mlx_jacobian, c(list(gradient), split$chosen, list(argnums = split$places)))
}

#' @rdname mlx_jacobian
#' @export
mlx_hvp <- function(f, primals, tangents) {
  check_function(f)
  primals <- lapply(as_arguments(primals), as_argument)
  tangents <- arrays_of(.Call(ffi_ordered, primals, lapply(as_arguments(tangents), as_argument)))
  shapes <- list(lapply(arrays_of(primals), mlx_shape), lapply(tangents, mlx_shape))
  if (!identical(unname(shapes[[1L]]), unname(shapes[[2L]]))) {
    stop_mlx("shape", "`tangents` must have the form of `primals`, with arrays of the same shapes.",
      arg = "tangents", op = "mlx_hvp"
    )
  }
  gradient <- function(...) value_grad(f, list(...), NULL)$grads
  # the Hessian is symmetric: a product from the left is one from the right
  mlx_vjp(gradient, primals, tangents)$vjps
}

# The arguments to differentiate, each once, a function of these alone, and where among them each of `argnums` is.
split_arguments <- function(args, argnums) {
  if (length(args) == 0L) {
    stop_mlx("argument", "There must be at least one argument to differentiate.", arg = "...")
  }
  if (!is.numeric(argnums) || length(argnums) == 0L || !all(argnums %in% seq_along(args))) {
    stop_mlx("argument", sprintf("argnums must be between 1 and the number of arguments (%d).", length(args)), arg = "argnums")
  }
  args <- lapply(unname(args), as_argument)
  once <- unique(argnums)
  if (length(arrays_of(args[argnums])) == 0L) {
    stop_mlx("argument", sprintf(
      "Argument %s holds no mlx arrays to differentiate: make them with as_mlx().", toString(argnums)
    ), arg = "...")
  }
  function_of <- function(f) {
    function(...) {
      args[once] <- list(...)
      do.call(f, args)
    }
  }
  list(chosen = args[once], function_of = function_of, places = match(argnums, once))
}

as_argument <- function(x) if (is.numeric(x) || is.logical(x) || is.complex(x)) as_mlx(x) else x
