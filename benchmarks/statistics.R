# Means, variances, sorting and quantiles of 1e6 numbers, beside base R on the same numbers.
source("benchmarks/helpers.R")

set.seed(1)
m <- matrix(rnorm(1e6), 1000)
v <- as.vector(m)
x <- as_mlx(m)
y <- as_mlx(v)
finish(list(x, y))
probs <- c(0.05, 0.25, 0.5, 0.75, 0.95)

pair <- function(base, mlx) list("base R" = base, "Rmlx" = function() finish(mlx()))

operations <- list(
  "colMeans(m)" = pair(function() colMeans(m), function() colMeans(x)),
  "rowMeans(m)" = pair(function() rowMeans(m), function() rowMeans(x)),
  "scale(m)" = pair(function() scale(m), function() scale(x)),
  "apply(m, 2, sd)" = pair(function() apply(m, 2, sd), function() mlx_std(x, axes = 1, ddof = 1)),
  "sum(v)" = pair(function() sum(v), function() sum(y)),
  "mean(v)" = pair(function() mean(v), function() mean(y)),
  "var(v)" = pair(function() var(v), function() mlx_var(y, ddof = 1)),
  "max(v)" = pair(function() max(v), function() max(y)),
  "cumsum(v)" = pair(function() cumsum(v), function() cumsum(y)),
  "sort(v)" = pair(function() sort(v), function() mlx_sort(y)),
  "order(v)" = pair(function() order(v), function() mlx_argsort(y)),
  "quantile(v, probs)" = pair(function() quantile(v, probs), function() quantile(y, probs)),
  "columns sorted" = pair(function() apply(m, 2, sort), function() mlx_sort(x, axis = 1))
)

reasons <- c(
  "max(v)" = "the difference is the start of MLX's thread",
  "cumsum(v)" = "added up in double precision, with a conversion on either side",
  "sort(v)" = "MLX sorts by comparing, base R by digits",
  "order(v)" = "MLX sorts by comparing, base R by digits",
  "quantile(v, probs)" = "one partition for each order statistic, of which base R finds several at once"
)

report("statistics", "Statistics of 1e6 numbers",
  sprintf("`m` is a 1000 x 1000 matrix, `v` the vector of its elements; %d quantiles.", length(probs)), "",
  beside_table(beside_base(operations), reasons)
)
