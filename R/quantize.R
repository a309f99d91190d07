#' Quantized matrices
#'
#' `mlx_quantize()` stores a matrix with few bits a number: neighbours along the last axis, `group_size` of them, share a scale
#' (and an offset). `mlx_dequantize()` gives the numbers back, as nearly as the bits allow.
#'
#' @param w For `mlx_quantize()` a float array of two axes or more, or what [as_mlx()] converts; its last axis is divisible by
#'   `group_size`. For `mlx_dequantize()` the codes, `w_q`.
#' @param scales,biases What `mlx_quantize()` returned; `biases` is `NULL` in all modes but `"affine"`.
#' @param group_size,bits Numbers in a group, and bits of one number; `mlx_dequantize()` needs those of `mlx_quantize()`.
#' @param mode The format, see Details. The default `group_size` and `bits` fit `"affine"` only.
#' @param device `"gpu"` or `"cpu"`: where the result lives.
#' @details
#' | mode | `group_size` | `bits` | a number is |
#' |---|---|---|---|
#' | `"affine"` | 32, 64, 128 | 2, 3, 4, 5, 6, 8 | `scale * code + bias` with codes from 0 to `2^bits - 1` |
#' | `"mxfp4"` | 32 | 4 | a 4-bit float times a power of 2 |
#' | `"mxfp8"` | 32 | 8 | an 8-bit float (E4M3) times a power of 2 |
#' | `"nvfp4"` | 16 | 4 | a 4-bit float times an 8-bit float |
#'
#' Codes are packed into words of 32 bits, the lowest bits first. In mode `"affine"` the end of a group's range that is further
#' from 0 is stored exactly, and the scale may be negative.
#' @returns `mlx_quantize()`: a list with `w_q` (`uint32`; the last axis holds `bits / 32` times as many words as `w` numbers),
#'   `scales` and, in mode `"affine"`, `biases`, with one element for each group: in the dtype of `w` (`float32` for `float64`)
#'   for mode `"affine"`, else `uint8`. `mlx_dequantize()`: an array of the shape that was quantized, in the dtype of `scales`,
#'   or `float32` in the other modes.
#' @section Errors: `mlx_error_argument` for a mode, group size or number of bits that there is not, and for `biases` missing or
#'   too many; `mlx_error_shape` for arrays of one axis, a last axis that is not divisible, and parts that do not fit each
#'   other; `mlx_error_dtype` for what is not a float array, or not packed.
#' @examples
#' w <- as_mlx(matrix(sin(1:256), 4))
#' q <- mlx_quantize(w, group_size = 32)
#' mlx_shape(q$w_q)
#' again <- mlx_dequantize(q$w_q, q$scales, q$biases, group_size = 32)
#' max(abs(again - w))
#' @seealso [mlx_quantized_matmul()]
#' @export
mlx_quantize <- function(w, group_size = 64L, bits = 4L, mode = "affine", device = mlx_default_device()) {
  .Call(ffi_quantize, w, group_size, bits, mode, given(missing(device), device))
}

#' @rdname mlx_quantize
#' @export
mlx_dequantize <- function(w, scales, biases = NULL, group_size = 64L, bits = 4L, mode = "affine",
                           device = mlx_default_device()) {
  .Call(ffi_dequantize, w, scales, biases, group_size, bits, mode, given(missing(device), device))
}

#' Products with quantized matrices
#'
#' `mlx_quantized_matmul()` is `x %*% t(w)`, or `x %*% w` without `transpose`, for a packed `w` that is never unpacked as a
#' whole. `mlx_gather_qmm()` multiplies chosen matrices of two stacks.
#'
#' @param x A float array, or what [as_mlx()] converts: one matrix, or several along leading axes.
#' @param w Packed codes (`w_q` of [mlx_quantize()]). In `mlx_quantized_matmul()` without `scales`, a float matrix that is
#'   quantized first.
#' @param scales,biases What [mlx_quantize()] returned beside the codes.
#' @param lhs_indices,rhs_indices Which matrix of `x`, and which of `w`, each product takes: positions from 1 on, in R or in an
#'   `mlx` array, broadcast together. They count along the leading axes; of several the last runs fastest. `NULL` takes all in
#'   order.
#' @param transpose `TRUE` multiplies by the transpose of `w`.
#' @param sorted_indices `TRUE` promises that the indices ascend, which can be faster on a GPU.
#' @inheritParams mlx_quantize
#' @returns An `mlx` array: the leading axes, broadcast (for `mlx_gather_qmm()` those of the indices), then rows x columns of
#'   the product. `float64` counts as `float32`.
#' @section Errors: as in [mlx_quantize()], and `mlx_error_shape` where `x` and `w` do not fit; `mlx_error_index` for indices
#'   out of range; `mlx_error_argument` for indices that do not ascend though promised.
#' @examples
#' x <- as_mlx(matrix(cos(1:128), 2))
#' w <- as_mlx(matrix(sin(1:192), 3))
#' q <- mlx_quantize(w)
#' mlx_quantized_matmul(x, q$w_q, q$scales, q$biases)
#' x %*% t(w)
#' stack <- mlx_quantize(mlx_array(sin(1:384), c(2, 3, 64)))
#' mlx_gather_qmm(x, stack$w_q, stack$scales, stack$biases, rhs_indices = c(2, 1, 2))
#' @export
mlx_quantized_matmul <- function(x, w, scales = NULL, biases = NULL, transpose = TRUE, group_size = 64L, bits = 4L,
                                 mode = "affine", device = mlx_default_device()) {
  .Call(
    ffi_quantized_matmul, x, w, scales, biases, transpose, group_size, bits, mode, given(missing(device), device)
  )
}

#' @rdname mlx_quantized_matmul
#' @export
mlx_gather_qmm <- function(x, w, scales, biases = NULL, lhs_indices = NULL, rhs_indices = NULL, transpose = TRUE,
                           group_size = 64L, bits = 4L, mode = "affine", sorted_indices = FALSE,
                           device = mlx_default_device()) {
  .Call(
    ffi_gather_qmm, x, w, scales, biases, lhs_indices, rhs_indices, transpose, group_size, bits, mode, sorted_indices,
    given(missing(device), device)
  )
}
