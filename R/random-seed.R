#' Make random arrays repeatable
#'
#' `set.seed()` is enough: what is drawn without a key depends on the state of R's own generator. `mlx_set_seed()` fixes
#' MLX's draws alone, whatever is drawn with R.
#'
#' @param seed One finite number; its whole part counts, as 64 bits.
#' @returns `NULL`, invisibly. The arrays drawn afterwards are the same every time.
#' @section Relation to set.seed: Draws never change what `runif()` and its like give, since R's state is only read:
#'
#'   * After `set.seed()`, and after R's generator has been used, the next draw starts a sequence of keys that is made of
#'     R's state. So the same seed gives the same draws in a script that mixes both kinds, from `set.seed()` on.
#'   * While R's state stays as it is, draws go on in their sequence. A state that is put back, as `withr::with_seed()` does
#'     it, goes on with the sequence that it had.
#'   * After `mlx_set_seed()` draws follow its seed, also when R's generator is used, until the next `set.seed()` or
#'     `mlx_set_seed()`. R does not tell of a `set.seed()`; it is recognised by the state that it left: with R's default
#'     generator as long as fewer than a million numbers were drawn with R since, and R was not given the very seed that it
#'     had at `mlx_set_seed()`; with the other generators only if R's numbers were not used since, and with
#'     `"Wichmann-Hill"` and those of Knuth not at all.
#'   * When nothing was ever seeded, two sessions draw different numbers.
#' @section Errors: `mlx_error_argument`.
#' @examples
#' set.seed(1)
#' a <- mlx_rand_uniform(3)
#' set.seed(1)
#' b <- mlx_rand_uniform(3)
#' all(a == b)
#'
#' mlx_set_seed(42)
#' mlx_rand_normal(3)
#' @family random arrays
#' @export
mlx_set_seed <- function(seed) invisible(.Call(ffi_random_seed, seed))
