#' Embedding layer
#'
#' Looks up the rows of a matrix by position: each token id stands for a row of the weight, which is learnt.
#'
#' @param num_embeddings,embedding_dim Rows and columns of the weight: one positive number each.
#' @inheritParams mlx_linear
#' @returns A module with the parameter `weight` (`num_embeddings` x `embedding_dim`, `float32`) in its environment `.env`,
#'   beside `num_embeddings` and `embedding_dim`. `forward(ids)` takes numbers from 1 to `num_embeddings`, in R or in an
#'   `mlx` array (fractions are cut off), and returns an array on their device with their shape and one axis more: ids of
#'   shape 2 x 3 give 2 x 3 x `embedding_dim`, a scalar gives 1 x `embedding_dim`.
#' @details The weights are drawn by R's [stats::rnorm()] with standard deviation 0.01, so `set.seed()` makes them repeatable.
#' @section Errors: `mlx_error_argument` for sizes that are not positive and ids that are no numbers; `mlx_error_index` for
#'   an id that is out of range. Where ids are arguments of a compiled function no error can be raised: such an id gives
#'   `NaN`.
#' @examples
#' layer <- mlx_embedding(10, 3)
#' mlx_forward(layer, c(1, 10, 1))
#' @family layers
#' @export
mlx_embedding <- function(num_embeddings, embedding_dim, device = mlx_default_device()) {
  check_size(num_embeddings, "num_embeddings")
  check_size(embedding_dim, "embedding_dim")
  env <- new.env(parent = emptyenv())
  env$weight <- normal_weight(num_embeddings, embedding_dim, 0.01, device)
  env$num_embeddings <- num_embeddings
  env$embedding_dim <- embedding_dim
  new_module("mlx_embedding",
    forward = function(x) .Call(ffi_embedding, env$weight, x),
    parameters = function() list(new_param(env, "weight")),
    .env = env
  )
}
