# Linear algebra on a 500 x 500 matrix, beside base R on the same numbers. MLX hands decompositions to LAPACK on the processor.
source("benchmarks/helpers.R")

set.seed(1)
n <- 500L
a <- matrix(rnorm(n * n), n)
b <- matrix(rnorm(n))
positive <- crossprod(a) + diag(n)

# `f` on base R's matrices, and on arrays of single and double precision; what is lazy is computed.
pair <- function(f, ..., base = f) {
  data <- list(...)
  single <- lapply(data, as_mlx)
  double <- lapply(data, as_mlx, dtype = "float64", device = "cpu")
  finish(single)
  finish(double)
  list(
    "base R" = function() do.call(base, data),
    "Rmlx, float32" = function() finish(do.call(f, single)),
    "Rmlx, float64" = function() finish(do.call(f, double))
  )
}

factors <- function(x) {
  decomposition <- qr(x, LAPACK = TRUE)
  list(Q = qr.Q(decomposition), R = qr.R(decomposition))
}

operations <- list(
  "solve(a, b)" = pair(function(a, b) solve(a, b), a, b),
  "solve(a)" = pair(function(a) solve(a), a),
  "qr(a), Q and R" = pair(function(a) qr(a), a, base = factors),
  "svd(a)" = pair(function(a) svd(a), a),
  "svd(a), d only" = pair(function(a) svd(a, nu = 0, nv = 0), a),
  "chol(a)" = pair(function(a) chol(a), positive),
  "chol2inv(a)" = pair(function(a) chol2inv(a), chol(positive)),
  "backsolve(a, b)" = pair(function(a, b) backsolve(a, b), chol(positive), b),
  "eigen(a), symmetric" = pair(function(a) mlx_eigh(a), positive, base = function(a) eigen(a, symmetric = TRUE)),
  "crossprod(a)" = pair(function(a) crossprod(a), a)
)

reasons <- c(
  "solve(a, b)" = "the condition is looked at by two more triangular systems",
  "svd(a), d only" = "the same routine of LAPACK; the difference is noise",
  "svd(a)" = "the same routine of LAPACK; the difference is noise",
  "chol(a)" = "the matrix is copied to LAPACK's order and back, and the diagonal looked at",
  "chol2inv(a)" = "an inverse and a product; base R's routine uses the symmetry",
  "backsolve(a, b)" = "rows are put one after the other first, and the diagonal is looked at",
  "crossprod(a)" = "MLX has no product that uses the symmetry"
)

report("linalg", "Linear algebra on a 500 x 500 matrix",
  "base R computes in double precision, as `float64` does.", "", beside_table(beside_base(operations), reasons)
)
