#' Operators on arrays
#'
#' R's arithmetic, comparison and logical operators, element by element. Each is recorded and computed later.
#'
#' @param e1,e2 `mlx` arrays, or R vectors that are converted as by [as_mlx()].
#' @returns An `mlx` array of the broadcast shape, on the GPU if an operand is there. Comparisons and logical operators give
#'   `bool`. Arithmetic gives the common dtype of the operands: `complex64` with anything is `complex64`; two different
#'   float types meet in `float32`; a float type keeps its own with integers; two integers take the wider type, and the
#'   next wider signed one when only the sign differs (`int64` beside `uint64`, which wraps); `bool` adapts to the other and
#'   counts as `float32` alone.
#' @details A single R number adapts to the float type of the array that it meets. R vectors are `float32` (`float64`
#'   beside `float64`), so `as_mlx(1:3, dtype = "int32") + 1L` is `float32`; `+ as_mlx(1L, dtype = "int32")` keeps integers.
#'
#'   `/` of integers is a true division in `float32`. `%/%` and `%%` of integers are computed in integers, follow R's signs,
#'   and are then rounded to `float32`, with `NaN` for a zero divisor. `^` of two integer arrays stays an integer; a negative
#'   exponent is an error there (inside a compiled or differentiated function, where exponents are not known, it counts
#'   as 0).
#' @section Differences from base R: Shapes broadcast as in NumPy, from the last axis on, and nothing is recycled: a 3 x 4
#'   matrix takes a vector of length 4 (added to every row) but not one of length 3. There is no `NA`; comparisons with
#'   `NaN` are `FALSE` (`!=`: `TRUE`). Integers wrap around where they overflow.
#' @section Errors: `mlx_error_shape` when shapes cannot be broadcast; `mlx_error_dtype` for `-x` of `bool`, for a negative
#'   integer exponent, and for `%%` and `%/%` of complex numbers; `mlx_error_argument` for operands that cannot be
#'   converted.
#' @examples
#' x <- as_mlx(matrix(1:4, 2))
#' x + 1
#' x > 2 & x != 4
#' -x %/% 3
#' @export
Ops.mlx <- function(e1, e2 = NULL) .Call(ffi_ops, .Generic, e1, e2, nargs())

#' The greater and the lesser of two arrays
#'
#' @param x,y `mlx` arrays or R vectors.
#' @returns An `mlx` array of the broadcast shape and the common dtype (see [Ops.mlx()]), with `NaN` where either is `NaN`.
#' @section Errors: `mlx_error_shape` when shapes cannot be broadcast.
#' @examples
#' mlx_maximum(as_mlx(c(-1, 0, 2)), 0)
#' mlx_minimum(1:3, as_mlx(c(2, 2, 2)))
#' @export
mlx_maximum <- function(x, y) .Call(ffi_binary, "maximum", x, y)

#' @rdname mlx_maximum
#' @export
mlx_minimum <- function(x, y) .Call(ffi_binary, "minimum", x, y)
