# A product of two 1000 x 1000 matrices against base R's, which computes in double precision and MLX in single.
source("benchmarks/helpers.R")

set.seed(1)
a <- matrix(rnorm(1e6), 1000)
b <- matrix(rnorm(1e6), 1000)
x <- as_mlx(a)
y <- as_mlx(b)
finish(x)
finish(y)

result <- alternate(list(
  "base R" = function() a %*% b,
  "x %*% y" = function() finish(x %*% y),
  "as.matrix(x %*% y)" = function() as.matrix(x %*% y),
  "as.matrix(as_mlx(a) %*% as_mlx(b))" = function() as.matrix(as_mlx(a) %*% as_mlx(b))
), rounds = 25L)

difference <- max(abs(as.matrix(x %*% y) - a %*% b))
report("matmul", "Product of two 1000 x 1000 matrices",
  timing_table(result, "ms"), "", sprintf("Largest difference from base R's product: %.1e.", difference)
)
