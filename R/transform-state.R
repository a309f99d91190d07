# State that a compiled function reads and changes: what holds it, its values, and the function around it.

# A list of parameters and environments.
state_holders <- function(x, arg) {
  if (is.null(x)) return(list())
  if (inherits(x, "mlx_param") || is.environment(x)) return(list(x))
  if (inherits(x, "mlx_module")) return(c(mlx_parameters(x), module_buffers(x)))
  if (is.list(x) && is.function(x$step) && is.list(x$params)) return(c(x$params, state_holders(x$state, arg)))
  if (is.list(x) && !is.object(x)) return(unlist(lapply(unname(x), state_holders, arg), recursive = FALSE))
  stop_mlx("argument", sprintf(
    "`%s` must be modules, optimizers, parameters, environments, or a list of these, not %s.", arg, class(x)[[1L]]
  ), arg = arg)
}

# The arrays that the holders have now: one entry for each holder.
state_values <- function(holders) {
  lapply(holders, function(holder) {
    if (!is.environment(holder)) return(holder$env[[holder$name]])
    values <- as.list(holder, all.names = TRUE, sorted = TRUE)
    Filter(function(value) length(arrays_of(value)) > 0L, values)
  })
}

set_state <- function(holders, values) {
  Map(function(holder, value) {
    if (is.environment(holder)) list2env(value, holder) else set_params(list(holder), list(value))
  }, holders, values)
  invisible()
}

# Environments have their former arrays back when `code` is done; for parameters a journal does that.
with_state <- function(holders, code) {
  environments <- Filter(is.environment, holders)
  before <- lapply(environments, as.list, all.names = TRUE)
  on.exit(Map(function(env, old) {
    rm(list = setdiff(ls(env, all.names = TRUE), names(old)), envir = env)
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
    set_state(outputs, result$state)
    value <- result$value
    if (is.list(value) && !is_mlx(value) && length(value) == 1L && is_mlx(value[[1L]])) value[[1L]] else value
  }
}
