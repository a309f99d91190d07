# Parts of a 1000 x 1000 matrix, read and assigned, and 100 pieces put together, beside base R on the same numbers.
source("benchmarks/helpers.R")

set.seed(1)
m <- matrix(rnorm(1e6), 1000)
rows <- sample.int(1000L, 500L)
columns <- sample.int(1000L, 500L)
chosen <- seq_len(1000L) %in% rows
block <- matrix(rnorm(500L * 500L), 500L)
pieces <- lapply(1:100, function(i) matrix(rnorm(1e4), 10L))
pieces_mlx <- lapply(pieces, as_mlx)
finish(pieces_mlx)

# `f` on base R's matrix and on the array, with further arguments of the same kind; what is lazy is computed.
pair <- function(f, ...) {
  values <- list(m, ...)
  arrays <- lapply(values, as_mlx)
  finish(arrays)
  list("base R" = function() do.call(f, values), "Rmlx" = function() finish(do.call(f, arrays)))
}

read <- list(
  "x[1:500, ]" = pair(function(x) x[1:500, ]),
  "x[, 1:500]" = pair(function(x) x[, 1:500]),
  "x[idx, ]" = pair(function(x) x[rows, ]),
  "x[, idx]" = pair(function(x) x[, columns]),
  "x[idx, idx]" = pair(function(x) x[rows, columns]),
  "x[logical, ]" = pair(function(x) x[chosen, ])
)

# Base R has to copy here, as MLX does: the matrix is still wanted unchanged.
assigned <- list(
  "x[i, j] <- 1" = pair(function(x) {
    x[17, 4] <- 1
    x
  }),
  "x[i, ] <- 1" = pair(function(x) {
    x[17, ] <- 1
    x
  }),
  "x[1:500, 1:500] <- v" = pair(function(x, v) {
    x[1:500, 1:500] <- v
    x
  }, block),
  "x[idx, idx] <- v" = pair(function(x, v) {
    x[rows, columns] <- v
    x
  }, block),
  "100 times x[i, j] <- v" = pair(function(x) {
    for (i in 1:100) x[i, 101L - i] <- i
    x
  })
)

joined <- list(
  "rbind() of 100 pieces" = list(
    "base R" = function() do.call(rbind, pieces),
    "Rmlx" = function() finish(do.call(rbind, pieces_mlx))
  ),
  "cbind() of 100 pieces" = list(
    "base R" = function() do.call(cbind, pieces),
    "Rmlx" = function() finish(do.call(cbind, pieces_mlx))
  )
)

reasons <- c(
  "x[idx, idx]" = "one pass for each axis",
  "x[idx, idx] <- v" = "the rows are read, written and put back, a pass over memory each",
  "100 times x[i, j] <- v" = "an array is a value: each assignment copies it, while base R writes in place"
)

tabulated <- function(operations) beside_table(beside_base(operations, times = 5L), reasons)

report("indexing", "Parts of a 1000 x 1000 matrix",
  "Read (`idx` holds 500 of 1000 positions, in random order; a part in steps, such as `x[1:500, ]`, shares the memory of",
  "`x` in MLX, and is a copy in base R):", "", tabulated(read), "",
  "Assigned, each time to a matrix that is still wanted unchanged:", "", tabulated(assigned), "",
  "Joined, pieces of 10 x 1000 each:", "", tabulated(joined)
)
