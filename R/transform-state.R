# State that a compiled function reads and changes: what holds it, its values, and the function around it.

# A list of parameters and environments.
state_holders <- function(x, arg) {
  if (is.null(x)) return(list())
  if (inherits(x, "mlx_param") || is.environment(x)) return(list(x))
  if (inherits(x, "mlx_module")) return(c(mlx_parameters(x), module_buffers(x), module_modes(x)))
  if (is.list(x) && is.function(x$step) && is.list(x$params)) return(c(x$params, state_holders(x$state, arg)))
  if (is.list(x) && !is.object(x)) return(unlist(lapply(unname(x), state_holders, arg), recursive = FALSE))
  stop_mlx("argument", sprintf(
    "`%s` must be modules, optimizers, parameters, environments, or a list of these, not %s.", arg, class(x)[[1L]]
  ), arg = arg)
}

# What the holders have now: one entry for each. Arrays are the state; numbers, texts and truth values, the modes of modules
# among them, are constants that make a function be traced again when they change.
state_values <- function(holders) {
  lapply(holders, function(holder) {
    if (is.environment(holder)) return(Filter(is_state, mget(state_names(holder), envir = holder)))
    holder$env[[holder$name]]
  })
}

is_state <- function(value) is.atomic(value) || length(arrays_of(value)) > 0L

# What is locked, or computed whenever it is asked for, is no state.
state_names <- function(env) {
  names <- ls(env, all.names = TRUE)
  names[!vapply(names, function(name) bindingIsActive(name, env) || bindingIsLocked(name, env), NA)]
}

# The training modes inside a module.
module_modes <- function(module) {
  own <- module$.env
  inner <- unlist(lapply(module$layers, module_modes), recursive = FALSE)
  c(if (is.environment(own) && !is.null(own$training)) list(list(env = own, name = "training", mode = TRUE)), inner)
}

set_state <- function(holders, values) {
  Map(function(holder, value) {
    if (is.environment(holder)) {
      list2env(value, holder)
    } else if (is.null(holder$mode)) {
      set_params(list(holder), list(value))
    }
  }, holders, values)
  invisible()
}

# Environments have their former arrays back when `code` is done; for parameters a journal does that.
with_state <- function(holders, code) {
  environments <- Filter(is.environment, holders)
  before <- lapply(environments, function(env) mget(state_names(env), envir = env))
  on.exit(Map(function(env, old) {
    rm(list = setdiff(state_names(env), names(old)), envir = env)
    list2env(old, env)
  }, environments, before))
  code
}

# The state goes in as the first argument and comes out beside the value.
stateful <- function(f, shapeless, inputs, outputs) {
  force(inputs)
  force(outputs)
  handle <- .Call(ffi_compile, function(state, ...) {
    outer <- the$state
    the$state <- outputs
    on.exit(the$state <- outer)
    journaled(with_state(c(inputs, outputs), {
      set_state(inputs, state)
      value <- traced(f, ...)
      list(value = value, state = state_values(outputs))
    }), keep = FALSE)
  }, shapeless, TRUE)
  function(...) {
    if (!the$compiler_checked) check_compiler()
    result <- .Call(ffi_compiled_call, handle, list(state_values(inputs), ...))
    check_state(outputs, result$state)
    set_state(outputs, result$state)
    value <- result$value
    if (is.list(value) && !is_mlx(value) && length(value) == 1L && is_mlx(value[[1L]])) value[[1L]] else value
  }
}

# Inside another function that is traced the new state has no values yet: it may only go where that function's own state is.
check_state <- function(holders, state) {
  if (length(arrays_of(state)) == 0L || !.Call(ffi_is_unknown, state)) return(invisible())
  is_outer <- function(holder) any(vapply(the$state, identical, NA, holder))
  if (!all(vapply(holders, is_outer, NA))) {
    stop_mlx("trace", paste(
      "A compiled function with `outputs` cannot be called inside another function that is compiled or vectorised, unless",
      "that one has the same `outputs`."
    ))
  }
}
