#' Keys for random draws
#'
#' A key decides what is drawn with it: the same key gives the same numbers, whatever was drawn before. Split a key to get
#' others, and use each once.
#'
#' @inheritParams mlx_rand_normal
#' @param seed One finite number; its whole part counts, as 64 bits.
#' @param key A key, made by `mlx_key()` or `mlx_key_split()`; for `mlx_key_bits()` also `NULL`, the next key of the session
#'   (see [mlx_set_seed()]).
#' @param num How many keys to make: one positive number, a million at most.
#' @param width Bytes of each integer: 1, 2 or 4.
#' @returns `mlx_key()`: a `uint32` array of two elements on the CPU, the upper and lower half of the seed.
#'   `mlx_key_split()`: a list of `num` keys on the device of `key`. `mlx_key_bits()`: an array of shape `dim` with random
#'   bits, in `uint8`, `uint16` or `uint32`. These are the values of MLX's functions `key`, `split` and `bits`.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' keys <- mlx_key_split(mlx_key(42), 3)
#' mlx_rand_normal(2, key = keys[[1]])
#' mlx_rand_normal(2, key = keys[[1]])
#' mlx_key_bits(c(2, 2), width = 1, key = keys[[2]])
#' @family random arrays
#' @export
mlx_key <- function(seed) .Call(ffi_random_key, seed)

#' @rdname mlx_key
#' @export
mlx_key_split <- function(key, num = 2L) .Call(ffi_random_key_split, key, num)

#' @rdname mlx_key
#' @export
mlx_key_bits <- function(dim, width = 4L, key = NULL, device = mlx_default_device()) {
  .Call(ffi_random_key_bits, dim, width, key, given(missing(device), device))
}
