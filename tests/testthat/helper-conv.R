# Convolutions written out in R, for one, two and three spatial axes.

# All places of an array of these sides, one row each, from 0.
places <- function(sides) as.matrix(expand.grid(lapply(sides, function(side) seq_len(side) - 1L)))

# The arrays of a convolution with one axis for all places: batch x place x channel, and for the weight output channel x place
# x channel.
conv_shape <- function(x, w, out) {
  axes <- length(dim(x)) - 2L
  flat <- function(a) array(a, c(dim(a)[[1L]], prod(dim(a)[seq_len(axes) + 1L]), dim(a)[[axes + 2L]]))
  list(
    x = flat(x), w = flat(w),
    y = array(0, c(dim(x)[[1L]], prod(out), dim(w)[[1L]])), dim = c(dim(x)[[1L]], out, dim(w)[[1L]])
  )
}

# The number of a place among all of these sides.
flat_place <- function(at, sides) 1 + sum(at * cumprod(c(1, sides))[seq_along(sides)])

# Adds to `y` at `to` what `x` has at `from`, times the kernel's element `j`, for all batches and channels.
add_products <- function(y, x, w, to, from, j, groups) {
  width <- dim(x)[[3L]] / groups
  each <- dim(w)[[1L]] / groups
  for (g in seq_len(groups) - 1) {
    outputs <- g * each + seq_len(each)
    left <- matrix(x[, from, g * width + seq_len(width)], dim(x)[[1L]])
    y[, to, outputs] <- y[, to, outputs] + left %*% t(matrix(w[outputs, j, ], each))
  }
  y
}

# The sum over the kernel of weight times the input under it.
conv_in_r <- function(x, w, stride = 1, padding = 0, dilation = 1, groups = 1) {
  n <- utils::head(dim(x)[-1L], -1L)
  k <- utils::head(dim(w)[-1L], -1L)
  out <- floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1
  s <- conv_shape(x, w, out)
  for (o in asplit(places(out), 1L)) {
    for (j in asplit(places(k), 1L)) {
      at <- o * stride - padding + j * dilation
      if (all(at >= 0 & at < n)) {
        s$y <- add_products(s$y, s$x, s$w, flat_place(o, out), flat_place(at, n), flat_place(j, k), groups)
      }
    }
  }
  array(s$y, s$dim)
}

# Each element of the input, times the kernel, is added where it falls.
conv_transpose_in_r <- function(x, w, stride = 1, padding = 0, dilation = 1, output_padding = 0, groups = 1) {
  n <- utils::head(dim(x)[-1L], -1L)
  k <- utils::head(dim(w)[-1L], -1L)
  out <- (n - 1) * stride - 2 * padding + dilation * (k - 1) + 1 + output_padding
  s <- conv_shape(x, w, out)
  for (i in asplit(places(n), 1L)) {
    for (j in asplit(places(k), 1L)) {
      at <- i * stride - padding + j * dilation
      if (all(at >= 0 & at < out)) {
        s$y <- add_products(s$y, s$x, s$w, flat_place(at, out), flat_place(i, n), flat_place(j, k), groups)
      }
    }
  }
  array(s$y, s$dim)
}

conv_function <- function(axes, transposed = FALSE) {
  get(sprintf("mlx_conv%s%dd", if (transposed) "_transpose" else "", axes), envir = asNamespace("Rmlx"))
}

# Settings that meet every path: strides that leave a rest, padding beyond the kernel, holes, groups, all at once.
conv_settings <- function(transposed = FALSE) {
  both <- list(
    plain = list(), stride = list(stride = 2), padding = list(padding = 1), `wide padding` = list(padding = 4),
    `wide padding and stride` = list(padding = 4, stride = 2), dilation = list(dilation = 2), groups = list(groups = 2),
    `groups and stride` = list(groups = 2, stride = 2, padding = 1),
    `groups and dilation` = list(groups = 2, dilation = 2, padding = 1),
    everything = list(stride = 3, padding = 2, dilation = 2, groups = 2)
  )
  if (!transposed) {
    return(both)
  }
  both[c("wide padding", "wide padding and stride")] <- list(list(padding = 3, stride = 2), list(padding = 4, stride = 3))
  c(both, list(
    `output padding` = list(output_padding = 1, stride = 2), `long output padding` = list(output_padding = 4, padding = 1),
    `output padding and groups` = list(output_padding = 2, stride = 3, padding = 2, groups = 2)
  ))
}

# Input of `axes` spatial axes and a weight for these groups.
conv_input <- function(axes, groups = 1, seed = 1L) {
  n <- c(6, 5, 4)[seq_len(axes)]
  k <- c(3, 2, 2)[seq_len(axes)]
  withr::with_seed(seed, {
    x <- array(stats::rnorm(2 * prod(n) * 4), c(2, n, 4))
    list(x = x, w = array(stats::rnorm(6 * prod(k) * 4 / groups), c(6, k, 4 / groups)))
  })
}
