#' Switch compilation off and on
#'
#' How functions made by [mlx_compile()] run: as plain R functions, or traced, simplified and fused.
#'
#' @param mode One of `"enabled"`; `"disabled"`: compiled functions run as plain ones; `"no_simplify"`: equal operations are
#'   not merged; `"no_fuse"`: elementwise operations are not fused, so that no C++ compiler is needed on the CPU.
#' @param code Any code.
#' @returns `mlx_set_compile_mode()`: the mode before, invisibly; without an argument the mode, which stays.
#'   `mlx_disable_compile()`, `mlx_enable_compile()` and `mlx_clear_compile_cache()`: `NULL`, invisibly.
#'   `mlx_with_compile_disabled()` and `mlx_with_compile_enabled()`: the value of `code`, after which the mode is what it was.
#' @details The mode is that of the whole process, for old and new compiled functions; traces that are there already stay
#'   what they are. The environment variable `MLX_DISABLE_COMPILE`, set before the package is loaded, starts with
#'   `"disabled"`; `mlx_enable_compile()` ends that.
#'
#'   `mlx_clear_compile_cache()` drops all traces: their arrays are freed, and functions are traced again when they are
#'   called.
#' @section Errors: `mlx_error_argument` for another mode.
#' @examples
#' square <- mlx_compile(function(x) x * x)
#' mlx_with_compile_disabled(square(as_mlx(1:3)))
#' old <- mlx_set_compile_mode("no_fuse")
#' mlx_set_compile_mode(old)
#' @family transforms
#' @export
mlx_set_compile_mode <- function(mode) {
  if (missing(mode)) return(the$compile_mode)
  mode <- match_choice(mode, c("enabled", "disabled", "no_simplify", "no_fuse"), "mode")
  before <- the$compile_mode
  set_compile_mode(mode)
  invisible(before)
}

#' @rdname mlx_set_compile_mode
#' @export
mlx_disable_compile <- function() invisible(set_compile_mode("disabled"))

#' @rdname mlx_set_compile_mode
#' @export
mlx_enable_compile <- function() invisible(set_compile_mode("enabled"))

#' @rdname mlx_set_compile_mode
#' @export
mlx_with_compile_disabled <- function(code) with_compile_mode("disabled", code)

#' @rdname mlx_set_compile_mode
#' @export
mlx_with_compile_enabled <- function(code) with_compile_mode("enabled", code)

#' @rdname mlx_set_compile_mode
#' @export
mlx_clear_compile_cache <- function() invisible(.Call(ffi_clear_compiled))

with_compile_mode <- function(mode, code) {
  before <- the$compile_mode
  on.exit(set_compile_mode(before))
  set_compile_mode(mode)
  code
}

# Without a compiler that works nothing is fused.
set_compile_mode <- function(mode) {
  the$compile_mode <- mode
  .Call(ffi_set_compile, if (mode == "disabled" || the$fuse) mode else "no_fuse")
}
