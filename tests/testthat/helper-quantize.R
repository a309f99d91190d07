# Packed matrices read in R.

# The codes of a matrix of 32-bit words: `bits` bits each, lowest first, in words that follow each other along the rows.
codes_in_r <- function(words, bits) {
  read <- function(row) {
    halves <- rbind(row %% 65536, row %/% 65536)
    digits <- unlist(lapply(halves, function(half) as.integer(intToBits(half))[1:16]))
    colSums(matrix(digits, bits) * 2^(seq_len(bits) - 1L))
  }
  t(apply(words, 1L, read))
}

# The value of each group, repeated for its members.
spread <- function(groups, group_size) groups[, rep(seq_len(ncol(groups)), each = group_size), drop = FALSE]

# The numbers that 4 bits stand for in the formats of small floats (E2M1), and 8 bits (E4M3).
small_float <- function(codes, bits) {
  exponent_bits <- if (bits == 4) 2 else 4
  mantissa_bits <- bits - 1 - exponent_bits
  bias <- 2^(exponent_bits - 1) - 1
  sign <- ifelse(codes >= 2^(bits - 1), -1, 1)
  codes <- codes %% 2^(bits - 1)
  exponent <- codes %/% 2^mantissa_bits
  fraction <- (codes %% 2^mantissa_bits) / 2^mantissa_bits
  sign * ifelse(exponent == 0, fraction * 2^(1 - bias), (1 + fraction) * 2^(exponent - bias))
}

# What a list of mlx_quantize() stands for.
dequantized_in_r <- function(q, group_size, bits, mode) {
  values_in_r(codes_in_r(as.matrix(q$w_q), bits), q, group_size, bits, mode)
}

# The numbers that these codes stand for beside the scales of `q`.
values_in_r <- function(codes, q, group_size, bits, mode) {
  scales <- as.matrix(q$scales)
  if (mode == "affine") {
    return(spread(scales, group_size) * codes + spread(as.matrix(q$biases), group_size))
  }
  scales <- if (mode == "nvfp4") small_float(scales, 8) else 2^(scales - 127)
  array(small_float(codes, bits), dim(codes)) * spread(scales, group_size)
}

# The distance of each number to the nearest one that its group can hold.
nearest_in_r <- function(q, w, setting) {
  distances <- lapply(seq_len(2^setting$bits) - 1, function(code) {
    abs(values_in_r(matrix(code, nrow(w), ncol(w)), q, setting$group_size, setting$bits, setting$mode) - w)
  })
  do.call(pmin, distances)
}

quantize_settings <- function() {
  affine <- expand.grid(group_size = c(32, 64, 128), bits = c(2, 3, 4, 5, 6, 8), mode = "affine", stringsAsFactors = FALSE)
  others <- data.frame(group_size = c(32, 32, 16), bits = c(4, 8, 4), mode = c("mxfp4", "mxfp8", "nvfp4"))
  lapply(split(rbind(affine, others), seq_len(nrow(affine) + 3L)), as.list)
}

quantize_matrix <- function(rows = 3, columns = 128, seed = 1) {
  withr::with_seed(seed, matrix(stats::rnorm(rows * columns), rows))
}

# The arguments that mlx_quantize()'s result gives to the functions that take it.
packed_args <- function(q, setting) c(list(w = q$w_q, scales = q$scales, biases = q$biases), setting)
