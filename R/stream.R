#' Streams
#'
#' A stream is a queue of work on a device. Work in one stream runs in order; that of two streams may run at the same time,
#' and waits where it needs a result of the other. Each device has a default stream, which is all that most programs need.
#'
#' Every function with an argument `device` takes a stream, too: while the function runs, the stream is its device's
#' default, also in functions that it calls.
#'
#' @param device `"gpu"` or `"cpu"`; the default is [mlx_default_device()].
#' @param stream,x A stream.
#' @param ... Not used.
#' @returns `mlx_new_stream()`, `mlx_default_stream()`: an object of class `mlx_stream`, a list of `ptr`, `device` (a string)
#'   and `index` (MLX's number of the stream: two objects of one stream have the same). `mlx_set_default_stream()`: `stream`,
#'   invisibly, after it has been made the default of its device. `format()`: a string.
#' @details A stream that is held by no R object and is not the default any more is given out again. At most 256 can be in
#'   use at once, since each stream on the CPU is a thread.
#' @section Errors: `mlx_error_argument` for anything that is no stream; `mlx_error_device` for a `"gpu"` where there is none
#'   and for too many streams; `mlx_error_stale` for a stream of an earlier session.
#' @examples
#' stream <- mlx_new_stream("cpu")
#' stream
#' x <- mlx_ones(c(2, 2), device = stream)
#' mlx_synchronize(stream)
#' before <- mlx_default_stream("cpu")
#' mlx_set_default_stream(stream)
#' mlx_set_default_stream(before)
#' @export
mlx_new_stream <- function(device = mlx_default_device()) .Call(ffi_new_stream, given(missing(device), device))

#' @rdname mlx_new_stream
#' @export
mlx_default_stream <- function(device = mlx_default_device()) {
  .Call(ffi_default_stream, given(missing(device), device))
}

#' @rdname mlx_new_stream
#' @export
mlx_set_default_stream <- function(stream) invisible(.Call(ffi_set_default_stream, stream))

#' @rdname mlx_new_stream
#' @export
print.mlx_stream <- function(x, ...) {
  cat(sprintf("mlx stream [%s] index=%d\n", x$device, x$index))
  invisible(x)
}

#' @rdname mlx_new_stream
#' @export
format.mlx_stream <- function(x, ...) sprintf("<mlx_stream device=%s index=%d>", x$device, x$index)

is_stream <- function(x) inherits(x, "mlx_stream")

# Is this device argument the CPU, by name or by stream?
names_cpu <- function(device) identical(if (is_stream(device) && is.list(device)) device$device else device, "cpu")
