# Tables of operators and functions, with base R's functions as oracles.

arithmetic_ops <- function() c("+", "-", "*", "/", "^", "%%", "%/%")

comparison_ops <- function() c("==", "!=", "<", "<=", ">", ">=")

logical_ops <- function() c("&", "|")

base_op <- function(op) get(op, envir = baseenv())

# The dtype that an operator gives on operands of two dtypes.
result_dtype <- function(op, a, b) {
  dtype <- promoted(a, b)
  whole <- dtype %in% c("bool", integer_dtypes())
  if (op %in% c(comparison_ops(), logical_ops())) {
    "bool"
  } else if (dtype == "bool" || (whole && op %in% c("/", "%%", "%/%"))) {
    "float32"
  } else {
    dtype
  }
}

# Is the operator defined on values of the dtype?
takes <- function(op, dtype) dtype != "complex64" || !op %in% c("%%", "%/%", "<", "<=", ">", ">=")

# R's Math group: a function, and numbers inside its domain that all float dtypes hold exactly.
math_functions <- function() {
  all <- c(-3, -1.5, -0.25, 0, 0.25, 0.5, 1, 2, 3.5)
  positive <- c(0.25, 0.5, 1, 2, 4, 10)
  unit <- c(-1, -0.75, -0.25, 0, 0.25, 0.5, 1)
  list(
    abs = all, sign = all, sqrt = c(0, positive), floor = all, ceiling = all, round = c(all, 0.5, 1.5, 2.5, -0.5, -1.5),
    exp = all, expm1 = all, log = positive, log2 = positive, log10 = positive, log1p = c(-0.5, 0, positive),
    sin = all, cos = all, tan = all, asin = unit, acos = unit, atan = all,
    sinh = all, cosh = all, tanh = all, asinh = all, acosh = c(1, 1.5, 2, 10), atanh = c(-0.75, -0.25, 0, 0.5),
    cumsum = all, cumprod = all, cummax = all, cummin = all
  )
}

cumulative_functions <- function() c("cumsum", "cumprod", "cummax", "cummin")

# Those that MLX does not have, with numbers inside their domain.
fallback_functions <- function() {
  all <- c(-3.5, -1.25, 0.25, 0.5, 1, 2, 4)
  list(
    trunc = all, signif = all, gamma = all, lgamma = all, digamma = all, trigamma = all,
    cospi = all, sinpi = all, tanpi = c(-0.25, 0, 0.25, 1)
  )
}

# The functions that keep whole numbers whole.
keeps_integers <- function() c("abs", "sign", "floor", "ceiling", "round", cumulative_functions())

# Base R's function without its warnings about NaN.
quietly <- function(name) {
  f <- get(name, envir = baseenv())
  function(...) suppressWarnings(f(...))
}

summary_functions <- function() c("sum", "prod", "min", "max", "all", "any")

# The dtype of sums and products (`keep` is FALSE) or of extremes.
reduced_dtype <- function(name, dtype) {
  if (name %in% c("all", "any")) {
    "bool"
  } else if (name %in% c("min", "max")) {
    dtype
  } else if (dtype == "bool") {
    "float32"
  } else if (name == "mean") {
    if (dtype %in% integer_dtypes()) "float32" else dtype
  } else {
    switch(dtype, int8 = , int16 = "int32", uint8 = , uint16 = "uint32", dtype)
  }
}

# Base R's function over what is left when the axes are reduced, in the shape that the reduction has.
reduce_in_r <- function(x, f, axes, drop) {
  shape <- natural_shape(x)
  keep <- setdiff(seq_along(shape), axes)
  values <- if (length(keep)) apply(array(x, shape), keep, f) else f(x)
  to <- if (drop) shape[keep] else replace(shape, axes, 1L)
  if (length(to)) array(values, to) else as.vector(values)
}
