# Parameters that a function assigns while it is transformed hold arrays of the trace. A journal remembers what they held.

# Evaluates `code`. If that fails, or `keep` is FALSE, parameters have their former values afterwards.
journaled <- function(code, keep = TRUE) {
  outer <- the$undo
  the$undo <- list()
  done <- FALSE
  on.exit({
    changes <- the$undo
    the$undo <- NULL
    if (!done || !keep) for (old in rev(changes)) set_params(old$params, old$values)
    the$undo <- if (done && keep && !is.null(outer)) c(outer, changes) else outer
  })
  value <- code
  done <- TRUE
  value
}

check_function <- function(f, arg = "f") {
  if (!is.function(f)) {
    stop_mlx("argument", sprintf("is.function(%s) is not TRUE: `%s` must be a function.", arg, arg), arg = arg)
  }
}

# Is it a list whose members are looked at one by one?
is_tree <- function(x) is.list(x) && !is_mlx(x) && !is.data.frame(x)

# One array, or anything else that is no list, as a list of one.
as_arguments <- function(x) if (is_tree(x)) x else list(x)

# The arrays of nested lists, as one list.
arrays_of <- function(x) {
  if (is_mlx(x)) return(list(x))
  if (is_tree(x)) unlist(lapply(unname(x), arrays_of), recursive = FALSE) else list()
}

# Nested lists with their arrays replaced, and NULL for what is no array.
map_arrays <- function(x, f) {
  if (is_mlx(x)) return(f(x))
  if (is_tree(x)) {
    x[] <- lapply(x, map_arrays, f)
    x
  }
}
