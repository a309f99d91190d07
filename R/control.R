#' Run one of two functions
#'
#' Like `if`, for a condition that may be an `mlx` array, also one whose value is not known while the code runs, as inside
#' [mlx_compile()] and [mlx_vmap()].
#'
#' @param pred `TRUE` or `FALSE`, or an `mlx` array of one element, in which anything but 0 is true.
#' @param true_fn,false_fn Functions of `...`.
#' @param ... What they are given: arrays, nested lists of them, and other objects, as they are.
#' @returns What the function returns that `pred` chooses: an `mlx` array or nested lists. A number that is not in a list
#'   becomes an array.
#' @details For `TRUE` and `FALSE` only the chosen function runs. For an array both run, which records what they do but
#'   computes nothing, and must return values of the same form: lists of the same lengths and names, with arrays of the same
#'   shapes and dtypes in the same places, and identical members besides. If the value of `pred` can be read, the result is
#'   that of the chosen function, and the other is never computed; what the other assigned to parameters of modules is
#'   undone. That is so inside [mlx_grad()] too.
#'
#'   Inside [mlx_compile()] and [mlx_vmap()] both are computed, and [mlx_where()] joins them array by array; under
#'   [mlx_vmap()] each example has its own choice. An infinite derivative in the function that is not chosen then makes the
#'   gradient `NaN`, as with [mlx_where()]. A `pred` that turns out to be `NaN` there counts as `TRUE`.
#' @section Errors: `mlx_error_argument` for a `pred` that is neither, or is `NA`, and for a function that calls itself
#'   without end; `mlx_error_shape` for a `pred` of several
#'   elements, and for values of different forms, with the place where they differ; `mlx_error_trace` when a function assigns
#'   parameters of modules while `pred` is not known. Errors inside the functions arrive as they were raised there.
#' @examples
#' half <- function(x) x / 2
#' step <- function(x) mlx_cond(sum(x) > 10, half, function(x) x * 3 + 1, x)
#' step(as_mlx(c(4, 8)))
#' mlx_compile(step)(as_mlx(c(4, 5)))
#' mlx_vmap(step)(as_mlx(matrix(c(4, 8, 4, 5), 2, byrow = TRUE)))
#' @family transforms
#' @export
mlx_cond <- function(pred, true_fn, false_fn, ...) {
  check_function(true_fn, "true_fn")
  check_function(false_fn, "false_fn")
  test <- as_predicate(pred, "`pred`", "pred", "mlx_cond")
  if (!is_mlx(pred)) return(as_value(if (test) true_fn(...) else false_fn(...)))
  the$conds <- the$conds + 1L
  on.exit(the$conds <- the$conds - 1L)
  if (the$conds > deepest_cond) {
    stop_mlx("argument", sprintf(paste(
      "mlx_cond() is nested more than %d deep. It runs both functions, so one that calls itself never ends:",
      "use mlx_while_loop(), or give `pred` as TRUE or FALSE."
    ), deepest_cond), arg = "true_fn")
  }
  cond_both(test, function() as_value(true_fn(...)), function() as_value(false_fn(...)))
}

# How many calls with an array run, one inside the other, and how many there may be: R's stack ends at about 65.
the$conds <- 0L
deepest_cond <- 25L

# Runs both functions and chooses, or joins.
cond_both <- function(test, on_true, on_false) {
  if (is_mlx(test)) {
    x <- unassigning(on_true(), "true_fn")
    y <- unassigning(on_false(), "false_fn")
  } else if (test) {
    # the chosen one comes last: it finds the parameters as they were, and its changes stay
    y <- journaled(on_false(), keep = FALSE)
    x <- on_true()
  } else {
    x <- journaled(on_true(), keep = FALSE)
    y <- on_false()
  }
  check_form(x, y, "`true_fn` and `false_fn` return values of different forms", "false_fn", "mlx_cond")
  if (is_mlx(test)) choose_arrays(test, x, y) else if (test) x else y
}

#' Loops
#'
#' Like `while` and `for`, with a condition and values that are `mlx` arrays: differentiable, and usable inside the other
#' transforms.
#'
#' @param cond_fn A function of the state that returns `TRUE`, `FALSE` or an `mlx` array of one element: go on?
#' @param body_fn A function that returns the next state; of the state, or (`mlx_fori_loop()`) of the number of the iteration
#'   and the state.
#' @param init The first state: an `mlx` array, what [as_mlx()] converts, or nested lists of `mlx` arrays, whose other
#'   members are constants.
#' @param max_iterations The most iterations, a whole number; `NULL` for as many as it takes.
#' @param lower,upper The numbers of the first and the last iteration: whole numbers, or `mlx` arrays of one whole number.
#'   They count as `lower:upper` does, but not backwards: without an iteration if `upper` is less than `lower`.
#' @returns The last state, of the form of `init`: lists of the same lengths and names, with arrays of the same shapes and
#'   dtypes.
#' @details `mlx_while_loop()` asks `cond_fn` before each iteration. If it returns an array whose value can be read, that and
#'   the state are computed then, also inside [mlx_grad()].
#'
#'   Inside [mlx_compile()] and [mlx_vmap()] the value may not be known. `max_iterations` is required there: the loop is
#'   recorded with so many iterations, and a state for which `cond_fn` was once false keeps its values in the
#'   others; under [mlx_vmap()] each example has its own end. An ended state's iterations are computed from `init`, whose
#'   first iteration is one of the loop, so that they add no `NaN` to gradients; that is in vain for a state that ends before
#'   the first iteration, when the derivative of that is infinite.
#'
#'   `mlx_fori_loop()` runs `body_fn` with `i` an R integer and computes nothing; [mlx_eval()] in `body_fn` keeps what is
#'   recorded short in long loops.
#' @section Errors: `mlx_error_shape` when `body_fn` returns a state of another form, with the place where it differs, or
#'   `cond_fn` an array of several elements; `mlx_error_argument` when `cond_fn` returns something else or `NA`, and for
#'   bounds that are not whole; `mlx_error_trace` without `max_iterations`, for bounds that are not known, and when `body_fn`
#'   assigns parameters of modules, while values are not known. Errors inside the functions arrive as they were raised there.
#' @examples
#' # Newton's method for the square root of 2
#' newton <- function(a) {
#'   mlx_while_loop(function(x) abs(x^2 - a) > 1e-4, function(x) (x + a / x) / 2, as_mlx(1), max_iterations = 20)
#' }
#' newton(as_mlx(2))
#' mlx_grad(newton, as_mlx(2))
#' mlx_vmap(newton)(as_mlx(c(2, 9, 100)))
#'
#' # several values: Fibonacci numbers
#' mlx_fori_loop(1, 10, function(i, s) list(a = s$b, b = s$a + s$b), list(a = as_mlx(0), b = as_mlx(1)))
#' @family transforms
#' @export
mlx_while_loop <- function(cond_fn, body_fn, init, max_iterations = NULL) {
  check_function(cond_fn, "cond_fn")
  check_function(body_fn, "body_fn")
  limit <- if (is.null(max_iterations)) Inf else as_times(max_iterations, "max_iterations")
  init <- as_value(init)
  state <- init
  active <- TRUE
  done <- 0
  while (done < limit) {
    value <- cond_fn(state)
    test <- as_predicate(value, "What `cond_fn` returns", "cond_fn", "mlx_while_loop")
    if (isFALSE(test)) break
    if (is_mlx(value)) settle(state)
    active <- both_hold(active, test, limit)
    done <- done + 1
    state <- iteration(body_fn, state, init, active, done)
  }
  state
}

# Is the state still active, now that `cond_fn` has given this value?
both_hold <- function(active, test, limit) {
  if (!is_mlx(test)) return(active)
  if (is.infinite(limit)) {
    stop_mlx("trace", paste0(
      "mlx_while_loop() needs `max_iterations` here: the value of `cond_fn` is not known while its function is traced, ",
      "so the loop cannot end by it.", where_traced()
    ))
  }
  if (is_mlx(active)) active & test else test
}

# Computes a state that is known, so that its graph does not grow with the loop.
settle <- function(state) {
  arrays <- arrays_of(state)
  if (length(arrays) > 0L && !.Call(ffi_is_unknown, arrays)) mlx_eval(arrays)
}

# The next state, where the loop is still active.
iteration <- function(body_fn, state, init, active, number) {
  what <- sprintf("`body_fn` returns a state of another form in iteration %.0f", number)
  if (!is_mlx(active)) {
    new <- as_value(body_fn(state))
    check_form(state, new, what, "body_fn", "mlx_while_loop")
    return(new)
  }
  # a state that has ended may be one that the body cannot take: its derivatives there would make NaN of the gradient
  new <- unassigning(as_value(body_fn(choose_arrays(active, state, init))), "body_fn")
  check_form(state, new, what, "body_fn", "mlx_while_loop")
  choose_arrays(active, new, state)
}

#' @rdname mlx_while_loop
#' @export
mlx_fori_loop <- function(lower, upper, body_fn, init) {
  check_function(body_fn, "body_fn")
  lower <- as_count(lower, "lower")
  upper <- as_count(upper, "upper")
  state <- as_value(init)
  for (i in if (upper >= lower) lower:upper) {
    new <- as_value(body_fn(i, state))
    check_form(state, new, sprintf("`body_fn` returns a state of another form for i = %d", i), "body_fn", "mlx_fori_loop")
    state <- new
  }
  state
}

#' Have arrays computed after others
#'
#' @param x An `mlx` array, or nested lists of arrays and other objects.
#' @param ... Arrays, or nested lists of them, that are to be computed first.
#' @returns `x`, whose arrays have the same values, shapes, dtypes, devices and names.
#' @details Arrays that do not depend on each other are computed in any order. This orders them, say to have a large array
#'   done (and its memory free) before the next is begun. Gradients go through to `x`; the others have none by it.
#' @section Errors: `mlx_error_argument` for what is neither an array nor a list.
#' @examples
#' first <- exp(as_mlx(1:3))
#' second <- mlx_depends(as_mlx(1:3) * 2, first)
#' mlx_eval(second)
#' mlx_is_ready(first)
#' @family transforms
#' @export
mlx_depends <- function(x, ...) .Call(ffi_depends, x, list(...))
