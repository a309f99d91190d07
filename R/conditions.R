# Every condition of the package is made here. Classes are listed in rmlx-package.R.

#' Signals an error of class `mlx_error_<class>` on behalf of the function that the user called; `...` are its fields.
#' @noRd
stop_mlx <- function(class, message, ..., call = user_call()) {
  stop(new_condition("error", class, message, call, list(...)))
}

#' Signals a warning of class `mlx_warning_<class>`.
#' @noRd
warn_mlx <- function(class, message, call = user_call()) {
  warning(new_condition("warning", class, message, call))
}

new_condition <- function(type, class, message, call, fields = list()) {
  structure(
    class = c(sprintf("mlx_%s_%s", type, class), paste0("mlx_", type), type, "condition"),
    c(list(message = message, call = call), fields)
  )
}

# Called from Rust with list(class, message, fields, names of the fields).
raise_failure <- function(failure) {
  fields <- failure[[3]]
  names(fields) <- failure[[4]]
  where <- if (failure[[1]] == "trace") where_traced() else ""
  stop(new_condition("error", failure[[1]], paste0(failure[[2]], where), user_call(), fields))
}

# Called from Rust with c(class, message).
signal_warning <- function(warning) warn_mlx(warning[[1]], warning[[2]])

#' The call that the user made: from the innermost function outwards, the last one that belongs to this package. A user's
#' own closure in between ends the walk.
#' @noRd
user_call <- function() {
  parents <- sys.parents()
  frame <- sys.parent()
  call <- NULL
  while (frame > 0L && is_ours(frame)) {
    call <- user_form(sys.call(frame), frame)
    # a closure that Rust called has no caller in R: the nearest function of ours below it called Rust
    outer <- if (is.function(call[[1L]])) Find(is_ours, seq_len(frame - 1L), right = TRUE, nomatch = 0L) else parents[frame]
    # R prints a value at top level in a frame that is its own parent
    frame <- if (outer < frame) outer else 0L
  }
  call
}

# Is the function of this frame one of the package?
is_ours <- function(frame) identical(topenv(environment(sys.function(frame))), topenv())

# R dispatches `x + y` as Ops.mlx(x, y), and `x[1]` as `[.mlx`(x, 1); the user wrote the operator. Some functions are
# methods on newer versions of R only.
user_form <- function(call, frame) {
  method <- if (is.name(call[[1L]])) as.character(call[[1L]]) else ""
  if (method %in% c("Ops.mlx", "Math.mlx", "Summary.mlx")) {
    call[[1L]] <- as.name(get(".Generic", envir = sys.frame(frame)))
  } else if (endsWith(method, "<-.mlx") || method %in% c("[.mlx", "%*%.mlx", "crossprod.mlx", "tcrossprod.mlx")) {
    call[[1L]] <- as.name(sub(".mlx", "", method, fixed = TRUE))
    value <- call[["value"]]
    if (is_mlx(value)) call[["value"]] <- quote(value)
  }
  # R puts some arguments there as values; an array would print as a list
  call[vapply(as.list(call), is.list, NA)] <- list(quote(x))
  call
}
