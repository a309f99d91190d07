# The same matrix, held by columns, by rows, as part of another, as every second row, backwards.
layouts <- function(values, dtype = "float32") {
  rows <- nrow(values)
  take <- function(x) as_mlx(x, dtype = dtype, device = "cpu")
  spread <- matrix(0, 2 * rows, ncol(values))
  spread[2 * seq_len(rows), ] <- values
  list(
    columns = take(values),
    rows = mlx_contiguous(take(values)),
    part = take(rbind(99, cbind(values, 99)))[-1, seq_len(ncol(values))],
    spread = take(spread)[2 * seq_len(rows), ],
    backwards = take(values[rev(seq_len(rows)), , drop = FALSE])[rev(seq_len(rows)), ]
  )
}
