#' Rmlx: R arrays on MLX
#'
#' Ordinary R code on arrays that MLX computes: lazily, on a Metal or CUDA device or on the processor, with automatic
#' differentiation, compilation and parts for neural networks. Start with [as_mlx()] and
#' `vignette("getting-started", package = "Rmlx")`.
#'
#' # Errors
#'
#' Every error is a condition of class `mlx_error` and of one of these classes:
#'
#' | class | when | fields |
#' |---|---|---|
#' | `mlx_error_argument` | wrong R type or value of an argument | `arg` |
#' | `mlx_error_shape` | shapes or axes that do not fit | `op`, `shapes` or `axis` |
#' | `mlx_error_index` | an index out of range, zero or `NA` | `axis`, `size`, `index` |
#' | `mlx_error_dtype` | an element type that does not serve | `op`, `dtype` |
#' | `mlx_error_device` | a device that is not there, or its memory is full | `device`, `requested` |
#' | `mlx_error_grad` | a function that cannot be differentiated | `arg`, where one is to blame |
#' | `mlx_error_trace` | a function that cannot be compiled | |
#' | `mlx_error_vmap` | a function that cannot be applied along these axes | `arg` |
#' | `mlx_error_singular` | a singular matrix | |
#' | `mlx_error_io` | a file that is missing, damaged or cannot be written | `path` |
#' | `mlx_error_stale` | an array of an earlier session | `class` |
#' | `mlx_error_fork` | MLX in a forked process | |
#' | `mlx_error_backend` | a message of MLX itself | `what` |
#' | `mlx_error_internal` | a bug of this package | `what` |
#'
#' Warnings have the class `mlx_warning` and one of `mlx_warning_precision`, `mlx_warning_range`, `mlx_warning_shape`,
#' `mlx_warning_argument`, `mlx_warning_fallback`, `mlx_warning_compile`.
#'
#' # Environment variables
#'
#' * `MLX_DISABLE_COMPILE`: when set before the package is loaded, [mlx_compile()] runs plain functions.
#' * `RMLX_MODE`: when operations are computed, see [mlx_mode()].
#' * `RMLX_KERNEL_CACHE`: the folder for the kernels of compiled functions on the CPU; `off` keeps them in the session's
#'   temporary folder.
#'
#' @keywords internal
#' @useDynLib Rmlx, .registration = TRUE
"_PACKAGE"
