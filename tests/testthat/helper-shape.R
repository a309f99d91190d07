# Oracles for functions on shapes, and the table of their expressions.

# The elements with the last axis fastest, and an array filled so.
row_major <- function(x) if (is.null(dim(x))) x else as.vector(aperm(x))

from_row_major <- function(values, shape) {
  if (length(shape) < 2L) in_shape(values, shape) else aperm(array(values, rev(shape)))
}

# Base R's slices along an axis.
along_axis <- function(x, axis, index) {
  if (is.null(dim(x))) {
    return(x[index])
  }
  picks <- rep(list(TRUE), length(dim(x)))
  picks[[axis]] <- index
  do.call(`[`, c(list(x), picks, drop = FALSE))
}

# R arrays joined along an axis.
joined <- function(xs, axis) {
  order <- c(setdiff(seq_along(dim(xs[[1L]])), axis), axis)
  shape <- dim(xs[[1L]])
  shape[axis] <- sum(vapply(xs, function(x) dim(x)[axis], 1L))
  values <- unlist(lapply(xs, aperm, order))
  aperm(array(values, shape[order]), order(order))
}

shape_expressions <- function() {
  x <- matrix(c(0.5, 1.25, -0.75, 2, -1.5, 0.3), 2)
  y <- matrix(c(1.5, -0.4, 0.8, 1.1, -2, 0.6), 2)
  v <- c(0.5, -1, 2)
  cube <- array(seq(-1.1, 1.2, by = 0.1), c(2, 3, 4))
  e <- expression_entry
  list(
    reshape = e(function(x) mlx_reshape(x * x, c(3, 2)), x, oracle = function(x) from_row_major(row_major(x * x), c(3, 2))),
    flatten = e(function(x) mlx_flatten(x * x, 2, 3), cube, oracle = function(x) {
      from_row_major(row_major(x * x), c(2, 12))
    }),
    unflatten = e(function(x) mlx_unflatten(x * x, 2, c(3, -1)), t(x[c(1, 2, 1, 2, 1, 2), ]), oracle = function(x) {
      from_row_major(row_major(x * x), c(3, 3, 2))
    }),
    squeeze = e(function(x) mlx_squeeze(mlx_expand_dims(x * x, c(1, 3))), x, oracle = function(x) x * x),
    moveaxis = e(function(x) mlx_moveaxis(x * x, 1, 3), cube, oracle = function(x) aperm(x * x, c(2, 3, 1))),
    aperm = e(function(x) aperm(x * x, c(3, 1, 2)), cube),
    repeated = e(function(x) mlx_repeat(x * x, 2, 2), x, oracle = function(x) (x * x)[, c(1, 1, 2, 2, 3, 3)]),
    tile = e(function(x) mlx_tile(x * x, c(2, 1)), x, oracle = function(x) (x * x)[c(1, 2, 1, 2), ]),
    rep = e(function(x) rep(x * x, times = 2), x),
    roll = e(function(x) mlx_roll(x * x, 4, 2), x, oracle = function(x) (x * x)[, c(3, 1, 2)]),
    pad = e(function(x) mlx_pad(x * x, c(1, 2), axes = 2, value = 3), x, oracle = function(x) {
      cbind(3, x * x, 3, 3, deparse.level = 0)
    }),
    edge = e(function(x) mlx_pad(x * x, 1, mode = "edge"), x, oracle = function(x) {
      (x * x)[c(1, 1, 2, 2), c(1, 1, 2, 3, 3)]
    }),
    reflect = e(function(x) mlx_pad(x * x, 1, mode = "reflect"), x, oracle = function(x) {
      (x * x)[c(2, 1, 2, 1), c(2, 1, 2, 3, 2)]
    }),
    symmetric = e(function(x) mlx_pad(x * x, 1, mode = "symmetric"), x, oracle = function(x) {
      (x * x)[c(1, 1, 2, 2), c(1, 1, 2, 3, 3)]
    }),
    split = e(function(x) {
      parts <- mlx_split(x * x, list(1), 2)
      parts[[1]] * parts[[2]]
    }, x, oracle = function(x) cbind(x[, 1]^2 * x[, 2]^2, x[, 1]^2 * x[, 3]^2)),
    `one of the parts` = e(function(x) mlx_split(x * x, 3, 2)[[2]], x, oracle = function(x) x[, 2, drop = FALSE]^2),
    asplit = e(function(x) {
      parts <- asplit(x * x, 1)
      parts[[1]] - parts[[2]]
    }, x, oracle = function(x) x[1, ]^2 - x[2, ]^2),
    stack = e(function(x, y) mlx_stack(x * y, y, axis = 2), x, y, oracle = function(x, y) {
      aperm(array(c(x * y, y), c(2, 3, 2)), c(1, 3, 2))
    }),
    rbind = e(function(x, y, v) rbind(x * y, v, y), x, y, v, oracle = function(x, y, v) unname(rbind(x * y, v, y))),
    cbind = e(function(x, y) cbind(x * y, y), x, y),
    combined = e(function(x, v) c(x * x, v * v), x, v),
    broadcast = e(function(v) mlx_broadcast_to(v * v, c(2, 3)), v, oracle = function(v) rbind(v * v, v * v, deparse.level = 0)),
    where = e(function(x, y) mlx_where(x > y, x * x, y), x, y, oracle = function(x, y) ifelse(x > y, x * x, y)),
    `where and number` = e(function(x) mlx_where(x > 0, x * x, 0), x, oracle = function(x) ifelse(x > 0, x * x, 0)),
    tril = e(function(x) mlx_tril(x * x, 1), x, oracle = function(x) ifelse(col(x) - row(x) <= 1, x * x, 0)),
    triu = e(function(x) mlx_triu(x * x, 1), x, oracle = function(x) ifelse(col(x) - row(x) >= 1, x * x, 0)),
    diag = e(function(x) diag(x * x), x),
    `diag of a vector` = e(function(v) diag(v * v), v),
    `diagonal of a cube` = e(function(x) mlx_diagonal(x * x, 1, 1, 3), cube, oracle = function(x) {
      cbind(x[1, , 2]^2, x[2, , 3]^2)
    }),
    meshgrid = e(function(v) {
      grid <- mlx_meshgrid(v * v, v)
      grid[[1]] + grid[[2]]
    }, v, oracle = function(v) outer(v, v * v, "+")),
    contiguous = e(function(x) mlx_contiguous(t(x) * 2), x, oracle = function(x) t(x) * 2),
    cast = e(function(x) mlx_cast(x * x, "float32"), x, oracle = function(x) x * x)
  )
}
