#' Random arrays
#'
#' @inheritParams mlx_zeros
#' @param min,max Ends of the interval: one number each.
#' @param mean,sd Mean and standard deviation: one number each.
#' @param dtype `"float32"` (the default), `"float64"` (on the CPU), `"float16"` or `"bfloat16"`.
#' @returns An `mlx` array of shape `dim`: uniform in `[min, max)`, or normal.
#' @details The numbers come from MLX's own generator, which is seeded by the clock; R's `set.seed()` does not touch it, and
#'   [mlx_set_seed()] makes it repeatable.
#' @section Errors: `mlx_error_argument` for a `dim` that is empty or not positive, or parameters that are not one number;
#'   `mlx_error_dtype`; `mlx_error_device`.
#' @examples
#' mlx_set_seed(1)
#' mlx_rand_normal(c(2, 3))
#' mlx_rand_uniform(4, min = -1)
#' @export
mlx_rand_normal <- function(dim, mean = 0, sd = 1, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_random_normal, dim, mean, sd, given(missing(dtype), dtype), given(missing(device), device))
}

#' @rdname mlx_rand_normal
#' @export
mlx_rand_uniform <- function(dim, min = 0, max = 1, dtype = c("float32", "float64"), device = mlx_default_device()) {
  .Call(ffi_random_uniform, dim, min, max, given(missing(dtype), dtype), given(missing(device), device))
}

#' Seed the random numbers
#'
#' @param seed One finite number; its whole part counts.
#' @returns `NULL`, invisibly. The arrays drawn afterwards are the same every time.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' mlx_set_seed(42)
#' a <- mlx_rand_uniform(3)
#' mlx_set_seed(42)
#' b <- mlx_rand_uniform(3)
#' all(a == b)
#' @export
mlx_set_seed <- function(seed) invisible(.Call(ffi_random_seed, seed))
