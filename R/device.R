#' The device that computes
#'
#' New arrays live on the session's device: `"gpu"` where MLX has a Metal or CUDA device, else `"cpu"`.
#'
#' @param value,device `"gpu"` or `"cpu"`.
#' @param code Code to run while `device` is the session's device; it is evaluated where it stands.
#' @returns `mlx_default_device()`: the session's device, after `value` has been made it if given. `mlx_best_device()`: the
#'   best device that is there. `mlx_has_gpu()`: `TRUE` or `FALSE`. `with_default_device()`: the value of `code`; the former
#'   device is restored, also after an error. `mlx_synchronize()`: `NULL`, invisibly, when all work queued on the device is
#'   done.
#' @section Errors: `mlx_error_device` for `"gpu"` where there is none; `mlx_error_argument` for anything else.
#' @examples
#' mlx_best_device()
#' mlx_default_device()
#' with_default_device("cpu", mlx_device(as_mlx(1:3)))
#' mlx_synchronize("cpu")
#' @export
mlx_default_device <- function(value) {
  if (missing(value)) .Call(ffi_default_device) else .Call(ffi_set_default_device, value)
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
  before <- mlx_default_device()
  on.exit(mlx_default_device(before))
  mlx_default_device(device)
  force(code)
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
