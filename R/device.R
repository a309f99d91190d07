#' The device that computes
#'
#' New arrays live on the session's device: `"gpu"` where MLX has a Metal or CUDA device, else `"cpu"`.
#'
#' @param value,device `"gpu"` or `"cpu"`, or a stream of [mlx_new_stream()]: its device, with the stream as the default one
#'   there.
#' @param code Code to run while `device` is the session's device; it is evaluated where it stands.
#' @param .local_envir The call of a function, given by its environment: when it ends, the former device comes back. At top
#'   level the new device stays.
#' @returns `mlx_default_device()`: the session's device, after `value` has been made it if given. `mlx_best_device()`: the
#'   best device that is there. `mlx_has_gpu()`: `TRUE` or `FALSE`. `with_default_device()`, `with_device()`: the value of
#'   `code`; the former device and stream are restored, also after an error. `local_default_device()`, `local_device()`: the
#'   former device, invisibly. `mlx_synchronize()`: `NULL`, invisibly, when all work queued on the device's default stream,
#'   or on the stream, is done.
#' @section Errors: `mlx_error_device` for `"gpu"` where there is none; `mlx_error_argument` for anything else.
#' @examples
#' mlx_best_device()
#' mlx_default_device()
#' with_device("cpu", mlx_device(as_mlx(1:3)))
#' on_cpu <- function(x) {
#'   local_device("cpu")
#'   as_mlx(x) * 2
#' }
#' on_cpu(1:3)
#' mlx_synchronize("cpu")
#' @export
mlx_default_device <- function(value) {
  if (missing(value)) {
    return(.Call(ffi_default_device))
  }
  .Call(ffi_switch_device, value)
  .Call(ffi_default_device)
}

#' @rdname mlx_default_device
#' @export
mlx_best_device <- function() if (mlx_has_gpu()) "gpu" else "cpu"

#' @rdname mlx_default_device
#' @export
mlx_has_gpu <- function() .Call(ffi_has_gpu)

#' @rdname mlx_default_device
#' @export
with_default_device <- function(device, code) {
  before <- .Call(ffi_switch_device, device)
  on.exit(restore_device(before))
  force(code)
}

#' @rdname mlx_default_device
#' @export
with_device <- with_default_device

#' @rdname mlx_default_device
#' @export
local_default_device <- function(device, .local_envir = parent.frame()) {
  top <- identical(.local_envir, globalenv())
  if (!top && !any(vapply(sys.frames(), identical, NA, .local_envir))) {
    stop_mlx("argument", ".local_envir must be the environment of a function that is running.", arg = ".local_envir")
  }
  before <- .Call(ffi_switch_device, device)
  if (!top) {
    undo <- as.call(list(restore_device, before))
    do.call(on.exit, list(undo, add = TRUE, after = FALSE), envir = .local_envir)
  }
  invisible(before[[1L]])
}

#' @rdname mlx_default_device
#' @export
local_device <- local_default_device

# Undoes what ffi_switch_device has done: `before` is the device's name, and the stream if one was replaced.
restore_device <- function(before) {
  if (!is.null(before[[2L]])) mlx_set_default_stream(before[[2L]])
  .Call(ffi_switch_device, before[[1L]])
}

#' @rdname mlx_default_device
#' @export
mlx_synchronize <- function(device = mlx_default_device()) invisible(.Call(ffi_synchronize, device))

#' MLX's version
#'
#' @returns A string such as `"0.32.2"`.
#' @examples
#' mlx_version()
#' @export
mlx_version <- function() .Call(ffi_mlx_version)
