# How fast do numbers go to MLX and come back? 1e7 doubles (80 MB in R, 40 MB in MLX) against R's own copy of the vector.
source("benchmarks/helpers.R")

set.seed(1)
values <- runif(1e7)
x <- as_mlx(values)
finish(x)

result <- alternate(list(
  "memory copy" = function() {
    copy <- values
    copy[[1L]] <- 0 # now R has to duplicate it
  },
  "as_mlx()" = function() finish(as_mlx(values)),
  "as.vector()" = function() as.vector(x)
), rounds = 11L)

bandwidth <- sprintf("%s: %.1f GB of doubles a second", result$what, 0.08 / result$median)
report("transfer", "Upload and download of 1e7 doubles",
  timing_table(result, "ms"), "", paste("*", bandwidth)
)
