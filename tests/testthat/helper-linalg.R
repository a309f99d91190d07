# Oracles of linear algebra.

# Norms from their definitions.
vector_norm <- function(v, p) {
  v <- abs(v)
  if (p == 0) sum(v != 0) else if (p == Inf) max(v) else if (p == -Inf) min(v) else sum(v^p)^(1 / p)
}

matrix_norm <- function(m, p) {
  d <- svd(m)$d
  switch(as.character(p),
    "1" = max(colSums(abs(m))), "-1" = min(colSums(abs(m))), "Inf" = max(rowSums(abs(m))), "-Inf" = min(rowSums(abs(m))),
    "2" = max(d), "-2" = min(d), nuc = sum(d), sqrt(sum(Mod(m)^2))
  )
}

# A well-conditioned seeded matrix, and a symmetric positive definite one.
sample_matrix <- function(n, p = n, seed = 1L) withr::with_seed(seed, matrix(stats::rnorm(n * p), n)) + 2 * diag(1, n, p)

sample_definite <- function(n, seed = 1L) crossprod(sample_matrix(n, seed = seed)) + diag(n)

# The gradient of a weighted sum of f(x), an mlx array, beside finite differences of that of oracle(x), in double precision.
expect_weighted_grad <- function(f, x, oracle = f, info = NULL) {
  n <- length(oracle(x))
  expect_grad_close(weighted_sum(f, n), x,
    oracle = weighted_sum(oracle, n), dtype = "float64", tolerance = 1e-6, info = info
  )
}
