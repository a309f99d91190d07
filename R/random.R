#' Random arrays
#'
#' Draws from the normal, uniform, Laplace and Gumbel distributions.
#'
#' @inheritParams mlx_zeros
#' @param min,max Ends of the interval: one finite number each.
#' @param mean,sd Mean and standard deviation: one number each.
#' @param loc,scale Centre and scale of the Laplace distribution: one number each, `scale` positive.
#' @param dtype `"float32"` (the default), `"float64"` (on the CPU), `"float16"` or `"bfloat16"`.
#' @param device `"gpu"` or `"cpu"`, or an `mlx_stream` (see [mlx_new_stream()]).
#' @param key A key of [mlx_key()], which decides what is drawn; `NULL` takes the next one of the session (see
#'   [mlx_set_seed()]).
#' @returns An `mlx` array of shape `dim`. `mlx_rand_uniform()`: in `[min, max)`. `mlx_rand_gumbel()`: the standard Gumbel
#'   distribution, with mean 0.577 and standard deviation 1.283.
#' @details The bits come from the generator Threefry-2x32 (Salmon et al. 2011). Uniform and normal numbers of single
#'   precision are those that MLX draws with the same key; double precision has 53 random bits.
#' @section In compiled functions: A function is traced once, so numbers that it draws without `key` are the same in each
#'   call of the compiled function. Hand it a key as an argument.
#' @section Errors: `mlx_error_argument` for a `dim` that is empty or not positive, parameters that are not one number, or a
#'   `key` that is none; `mlx_error_dtype`; `mlx_error_device`.
#' @examples
#' mlx_set_seed(1)
#' mlx_rand_normal(c(2, 3))
#' mlx_rand_uniform(4, min = -1)
#' mlx_rand_laplace(2, key = mlx_key(7))
#' mlx_rand_gumbel(2, dtype = "float64", device = "cpu")
#' @family random arrays
#' @export
mlx_rand_normal <- function(dim, mean = 0, sd = 1, dtype = c("float32", "float64"), device = mlx_default_device(),
                            key = NULL) {
  .Call(ffi_random_normal, dim, mean, sd, given(missing(dtype), dtype), given(missing(device), device), key)
}

#' @rdname mlx_rand_normal
#' @export
mlx_rand_uniform <- function(dim, min = 0, max = 1, dtype = c("float32", "float64"), device = mlx_default_device(),
                             key = NULL) {
  .Call(ffi_random_uniform, dim, min, max, given(missing(dtype), dtype), given(missing(device), device), key)
}

#' @rdname mlx_rand_normal
#' @export
mlx_rand_laplace <- function(dim, loc = 0, scale = 1, dtype = c("float32", "float64"), device = mlx_default_device(),
                             key = NULL) {
  .Call(ffi_random_laplace, dim, loc, scale, given(missing(dtype), dtype), given(missing(device), device), key)
}

#' @rdname mlx_rand_normal
#' @export
mlx_rand_gumbel <- function(dim, dtype = c("float32", "float64"), device = mlx_default_device(), key = NULL) {
  .Call(ffi_random_gumbel, dim, given(missing(dtype), dtype), given(missing(device), device), key)
}

#' Normal draws between bounds, and in several dimensions
#'
#' `mlx_rand_truncated_normal()` draws from the standard normal distribution between two bounds,
#' `mlx_rand_multivariate_normal()` rows of a given mean and covariance.
#'
#' @inheritParams mlx_rand_normal
#' @param lower,upper Bounds: one number each, `lower < upper`; they may be infinite.
#' @param dim Integer vector: the shape of the result; for `mlx_rand_multivariate_normal()` the shape that the draws are
#'   laid out in, without the elements of each.
#' @param mean Numeric vector or `mlx` array of n numbers.
#' @param cov Numeric or `mlx` matrix, n x n: symmetric, without negative eigenvalues (it may be singular).
#' @param device As in [mlx_rand_normal()]. The eigenvectors of `cov` are always computed on the CPU.
#' @returns An `mlx` array. `mlx_rand_truncated_normal()`: of shape `dim`, both bounds possible.
#'   `mlx_rand_multivariate_normal()`: of shape `c(dim, n)`; each draw runs along the last axis.
#' @details Bounds may lie far out: the draws are quantiles (Wichura 1988, algorithm AS 241) of uniform numbers on the
#'   logarithmic scale of the nearer tail.
#' @section Errors: `mlx_error_argument` for bounds that are not two numbers in ascending order, a `cov` that is no
#'   covariance, and as for [mlx_rand_normal()]; `mlx_error_shape` when `mean` and `cov` do not fit each other.
#' @examples
#' mlx_rand_truncated_normal(-1, 2, c(2, 3))
#' mlx_rand_multivariate_normal(4, mean = c(0, 10), cov = matrix(c(1, 0.5, 0.5, 2), 2))
#' @family random arrays
#' @export
mlx_rand_truncated_normal <- function(lower, upper, dim, dtype = c("float32", "float64"),
                                      device = mlx_default_device(), key = NULL) {
  dtype <- given(missing(dtype), dtype)
  .Call(ffi_random_truncated_normal, lower, upper, dim, dtype, given(missing(device), device), key)
}

#' @rdname mlx_rand_truncated_normal
#' @export
mlx_rand_multivariate_normal <- function(dim, mean, cov, dtype = c("float32", "float64"), device = "cpu", key = NULL) {
  .Call(ffi_random_multivariate_normal, dim, mean, cov, given(missing(dtype), dtype), device, key)
}
