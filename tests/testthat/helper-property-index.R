# Random indices for the property tests: list(code, at), the index as an expression and the positions that it stands for.

missing_index <- function() formals(function(x) NULL)$x

random_index <- function(n, names, repeats = TRUE) {
  kinds <- c(
    "missing", "positive", "positive", "mask", "flag", "mlx", "mlx mask", "empty", if (n > 0L) c("negative", "mlx negative"),
    if (length(names)) c("character", "character")
  )
  at <- if (repeats) sample.int(max(n, 1L), sample(0:4, 1L), replace = TRUE) else sample.int(max(n, 1L), sample(0:n, 1L))
  if (n == 0L) at <- integer()
  mask <- sample(c(TRUE, FALSE), n, replace = TRUE)
  without <- sample.int(max(n, 1L), sample(1:3, 1L), replace = TRUE)
  flag <- chance(0.7)
  switch(pick_one(kinds),
    missing = list(code = missing_index(), at = seq_len(n)),
    positive = list(code = if (chance(0.5)) as.double(at) else at, at = at),
    negative = list(code = -without, at = seq_len(n)[-without]),
    mask = list(code = if (n == 1L || n > 0L) mask else logical(), at = which(mask)),
    flag = list(code = flag, at = if (flag) seq_len(n) else integer()),
    mlx = list(code = bquote(as_mlx(.(at), dtype = .(pick_one(c("float32", "int32", "int64"))))), at = at),
    `mlx negative` = list(code = bquote(as_mlx(.(-without))), at = seq_len(n)[-without]),
    `mlx mask` = list(code = bquote(as_mlx(.(mask))), at = which(mask)),
    empty = list(code = integer(), at = integer()),
    character = list(code = names[at], at = at)
  )
}

# One index for each axis, or for the first few (two at least).
random_indices <- function(x, repeats = TRUE) {
  rank <- length(dim(x))
  given <- if (rank > 2L && chance(0.15)) pick_one(2:(rank - 1L)) else rank
  picks <- lapply(seq_len(given), function(axis) random_index(dim(x)[[axis]], dimnames(x)[[axis]], repeats))
  list(
    code = lapply(picks, `[[`, "code"),
    at = c(lapply(picks, `[[`, "at"), lapply(dim(x)[-seq_len(given)], seq_len))
  )
}

# One index for all elements: list(code, at) with positions in R's order.
random_flat_index <- function(x, repeats = TRUE) {
  n <- length(x)
  at <- sample.int(max(n, 1L), sample(0:5, 1L), replace = TRUE)
  if (!repeats) at <- unique(at)
  if (n == 0L) at <- integer()
  mask <- array(sample(c(TRUE, FALSE), n, replace = TRUE), dim(x))
  coordinates <- arrayInd(at, dim(x))
  kinds <- c("positive", "mask", "mask vector", "mlx mask", "flag", "coordinates", "mlx coordinates")
  if (n > 0L) kinds <- c(kinds, "negative", "mlx")
  without <- sample.int(max(n, 1L), sample(1:3, 1L), replace = TRUE)
  flag <- chance(0.5)
  switch(pick_one(kinds),
    positive = list(code = at, at = at),
    negative = list(code = -without, at = seq_len(n)[-without]),
    mask = list(code = mask, at = which(mask)),
    `mask vector` = list(code = as.vector(mask), at = which(mask)),
    `mlx mask` = list(code = bquote(as_mlx(.(mask))), at = which(mask)),
    flag = list(code = flag, at = if (flag) seq_len(n) else integer()),
    mlx = list(code = bquote(as_mlx(.(array(at, length(at))), dtype = "int32")), at = at),
    coordinates = list(code = coordinates, at = at),
    `mlx coordinates` = list(code = bquote(as_mlx(.(coordinates))), at = at)
  )
}

# An index that cannot be used on an axis of size n.
bad_index <- function(n) {
  pick_one(list(
    0L, c(0, 1)[seq_len(min(n, 1L) + 1L)], n + 1L, -(n + 1L), NA_integer_, c(-1L, 1L), 1.5, rep(TRUE, n + 2L), "no such name",
    1e10, NaN, Inf, bquote(as_mlx(.(n + 1))), quote(as_mlx(0)), list(1)
  ))
}
