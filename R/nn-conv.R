#' Convolutions
#'
#' Slide a kernel over one, two or three spatial axes and sum the products with what lies under it. Channels are the last
#' axis throughout. The kernel is not reversed (what is called a cross-correlation elsewhere), and the input is continued by
#' zeros.
#'
#' @param input An `mlx` array, or what [as_mlx()] converts: batch x length x channels, batch x height x width x channels, or
#'   batch x depth x height x width x channels.
#' @param weight The kernels, likewise: output channels, one or more spatial axes, input channels divided by `groups`.
#' @param stride The steps of the kernel, 1 or more.
#' @param padding How many zeros continue the input at each end, 0 or more.
#' @param dilation The distance of the kernel's elements, 1 or more.
#' @param groups Into how many groups, which do not mix, the channels are divided; it divides the numbers of input and output
#'   channels.
#' @param device `"gpu"` or `"cpu"`: where the result lives.
#' @details `stride`, `padding` and `dilation` (and `output_padding` of [mlx_conv_transpose2d()]) are one whole number for each
#'   spatial axis, or one for all; fractions are cut off. With a kernel of length k, a length n becomes
#'   `floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1`.
#' @returns An `mlx` array, batch x spatial axes x output channels. Its dtype is that in which `input` and `weight` meet;
#'   integers and truth values become `float32`.
#' @section Errors: `mlx_error_argument` for other numbers than those described; `mlx_error_shape` for arrays of another rank
#'   or other channels, and for a kernel that does not fit into the padded input; `mlx_error_dtype` for `float64` and complex
#'   arrays.
#' @examples
#' x <- mlx_array(1:16, c(1, 4, 4, 1))
#' edge <- mlx_array(c(-1, -1, 0, 0, 1, 1), c(1, 2, 3, 1))
#' mlx_shape(mlx_conv2d(x, edge))
#' mlx_shape(mlx_conv2d(x, edge, stride = 2, padding = c(0, 1)))
#' mlx_conv1d(array(1:5, c(1, 5, 1)), array(1, c(1, 2, 1)))
#' @seealso [mlx_conv_transpose2d()]
#' @export
mlx_conv1d <- function(input, weight, stride = 1L, padding = 0L, dilation = 1L, groups = 1L,
                       device = mlx_default_device()) {
  .Call(ffi_conv, input, weight, 1L, stride, padding, dilation, groups, given(missing(device), device))
}

#' @rdname mlx_conv1d
#' @export
mlx_conv2d <- function(input, weight, stride = c(1L, 1L), padding = c(0L, 0L), dilation = c(1L, 1L), groups = 1L,
                       device = mlx_default_device()) {
  .Call(ffi_conv, input, weight, 2L, stride, padding, dilation, groups, given(missing(device), device))
}

#' @rdname mlx_conv1d
#' @export
mlx_conv3d <- function(input, weight, stride = c(1L, 1L, 1L), padding = c(0L, 0L, 0L), dilation = c(1L, 1L, 1L),
                       groups = 1L, device = mlx_default_device()) {
  .Call(ffi_conv, input, weight, 3L, stride, padding, dilation, groups, given(missing(device), device))
}

#' Transposed convolutions
#'
#' Each element of the input, times the kernel, is added to the result where it falls, `stride` apart: for the same numbers,
#' the gradient of [mlx_conv2d()] with respect to its input.
#'
#' @inheritParams mlx_conv1d
#' @param weight The kernels: output channels, one or more spatial axes, input channels divided by `groups`.
#' @param stride The distance at which the input's elements fall, 1 or more.
#' @param padding How much of the result is cut off at each end, 0 or more.
#' @param output_padding How much is added to the end of the result again, 0 or more.
#' @details `stride`, `padding`, `dilation` and `output_padding` are one whole number for each spatial axis, or one for all;
#'   fractions are cut off. With a kernel of length k, a length n becomes
#'   `(n - 1) * stride - 2 * padding + dilation * (k - 1) + 1 + output_padding`.
#' @inherit mlx_conv1d return
#' @section Errors: `mlx_error_argument` for other numbers than those described; `mlx_error_shape` for arrays of another rank
#'   or other channels, and where nothing would be left; `mlx_error_dtype` for `float64` and complex arrays.
#' @examples
#' x <- mlx_array(1:4, c(1, 2, 2, 1))
#' weight <- mlx_ones(c(1, 3, 3, 1))
#' mlx_shape(mlx_conv_transpose2d(x, weight, stride = 2, padding = 1))
#' mlx_shape(mlx_conv_transpose2d(x, weight, stride = 2, padding = 1, output_padding = 1))
#' @export
mlx_conv_transpose1d <- function(input, weight, stride = 1L, padding = 0L, dilation = 1L, output_padding = 0L,
                                 groups = 1L, device = mlx_default_device()) {
  .Call(
    ffi_conv_transpose, input, weight, 1L, stride, padding, dilation, output_padding, groups,
    given(missing(device), device)
  )
}

#' @rdname mlx_conv_transpose1d
#' @export
mlx_conv_transpose2d <- function(input, weight, stride = c(1L, 1L), padding = c(0L, 0L), dilation = c(1L, 1L),
                                 output_padding = c(0L, 0L), groups = 1L, device = mlx_default_device()) {
  .Call(
    ffi_conv_transpose, input, weight, 2L, stride, padding, dilation, output_padding, groups,
    given(missing(device), device)
  )
}

#' @rdname mlx_conv_transpose1d
#' @export
mlx_conv_transpose3d <- function(input, weight, stride = c(1L, 1L, 1L), padding = c(0L, 0L, 0L),
                                 dilation = c(1L, 1L, 1L), output_padding = c(0L, 0L, 0L), groups = 1L,
                                 device = mlx_default_device()) {
  .Call(
    ffi_conv_transpose, input, weight, 3L, stride, padding, dilation, output_padding, groups,
    given(missing(device), device)
  )
}
