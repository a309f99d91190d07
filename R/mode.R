#' When operations are computed
#'
#' Operations on arrays are recorded and computed when their values are needed. Another mode can help to find an error, or
#' make chains of operations faster without [mlx_compile()].
#'
#' @param mode One of `"lazy"`, the default; `"eager"`: each operation is computed before the next one, so that what goes
#'   wrong shows where it happens; `"compiled"`: what has been recorded is simplified and fused before it is computed.
#' @param code Any code.
#' @returns `mlx_mode()`: the mode; with an argument the mode before, invisibly. `mlx_with_mode()`: the value of `code`,
#'   after which the mode is what it was.
#' @details The mode is that of the session and starts with the environment variable `RMLX_MODE`. Inside a function that is
#'   being transformed, such as by [mlx_grad()] or [mlx_compile()], operations are recorded in every mode.
#'
#'   `"compiled"` pays when the same chain of elementwise operations is computed again and again: each new kind of chain is
#'   compiled once, by a C++ compiler on the CPU (see [mlx_compile()]), and kept. Results that were recorded but not asked
#'   for together with the others are computed again when they are.
#' @section Errors: `mlx_error_argument` for another mode.
#' @examples
#' mlx_mode()
#' mlx_with_mode("eager", sum(as_mlx(1:3) * 2))
#' @export
mlx_mode <- function(mode) {
  if (missing(mode)) return(the$mode)
  before <- the$mode
  set_mode(mode)
  invisible(before)
}

#' @rdname mlx_mode
#' @export
mlx_with_mode <- function(mode, code) {
  before <- the$mode
  on.exit(set_mode(before))
  set_mode(mode)
  code
}

set_mode <- function(mode) {
  mode <- match_choice(mode, c("lazy", "eager", "compiled"), "mode")
  if (mode == "compiled" && !the$compiler_checked) check_compiler()
  .Call(ffi_set_mode, mode)
  the$mode <- mode
}

# The mode that the environment asks for.
start_mode <- function() {
  the$mode <- "lazy"
  mode <- Sys.getenv("RMLX_MODE", "lazy")
  if (mode %in% c("lazy", "eager", "compiled")) {
    set_mode(mode)
  } else {
    packageStartupMessage(sprintf("RMLX_MODE is '%s', not lazy, eager or compiled: the mode is lazy.", mode))
  }
}
