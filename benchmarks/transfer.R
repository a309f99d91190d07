# How fast do numbers go to MLX and come back? 1e7 of each R type against R's own copy of the same vector.
source("benchmarks/helpers.R")

set.seed(1)
n <- 1e7
vectors <- list(
  double = runif(n),
  integer = sample.int(1000L, n, replace = TRUE),
  logical = sample(c(TRUE, FALSE), n, replace = TRUE),
  complex = complex(real = runif(n), imaginary = runif(n))
)

transfer <- function(type, dtype = NULL) {
  values <- vectors[[type]]
  upload <- function() if (is.null(dtype)) as_mlx(values) else as_mlx(values, dtype = dtype, device = "cpu")
  x <- upload()
  finish(x)
  result <- alternate(list(
    "memory copy" = function() {
      copy <- values
      copy[[1L]] <- values[[2L]] # now R has to duplicate it
    },
    "as_mlx()" = function() finish(upload()),
    "as.vector()" = function() as.vector(x)
  ), rounds = 11L)
  gigabytes <- as.double(object.size(values)) / 1e9
  c(sprintf("## %s, as %s", type, mlx_dtype(x)), "", timing_table(result, "ms"), "",
    sprintf("* %s: %.1f GB of R's bytes a second", result$what, gigabytes / result$median), ""
  )
}

report("transfer", sprintf("Upload and download of %.0e numbers", n),
  "R's copy is a duplicate of the vector in new memory, which the system hands out page by page; so is what `as.vector()`",
  "returns. `as_mlx()` fills memory that MLX has kept, and most dtypes take fewer bytes there than in R.", "",
  transfer("double"), transfer("double", "float64"), transfer("integer"), transfer("integer", "int32"),
  transfer("logical"), transfer("complex")
)
