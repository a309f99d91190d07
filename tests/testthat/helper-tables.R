# What table tests are made of: dtypes, shapes, views, values.

integer_dtypes <- function() c("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")

float_dtypes <- function() c("float16", "bfloat16", "float32", "float64")

all_dtypes <- function() c("bool", integer_dtypes(), float_dtypes(), "complex64")

is_signed <- function(dtype) !grepl("^uint|^bool", dtype)

# float64 exists on the CPU only.
device_for <- function(dtype) if (dtype == "float64") "cpu" else mlx_default_device()

make_mlx <- function(x, dtype) as_mlx(x, dtype = dtype, device = device_for(dtype))

# Seeded values that every dtype of the kind holds exactly.
sample_values <- function(n, dtype, seed = 1L) {
  withr::with_seed(seed, switch(sub("[0-9]+$", "", dtype),
    bool = sample(c(TRUE, FALSE), n, replace = TRUE),
    uint = sample(0:6, n, replace = TRUE),
    int = sample(-6:6, n, replace = TRUE),
    complex = complex(real = sample(-6:6, n, replace = TRUE), imaginary = sample(-6:6, n, replace = TRUE)),
    sample(-24:24, n, replace = TRUE) / 4
  ))
}

# The R value of an array that was made of `x` with this dtype.
as_stored <- function(x, dtype) {
  switch(dtype, bool = x != 0, int32 = `storage.mode<-`(x, "integer"), x)
}

# R objects of every kind of shape: no element, one, and many, with up to three axes.
shapes <- function() {
  list(
    none = 0L, `0 x 3` = c(0L, 3L), `2 x 0` = c(2L, 0L), `2 x 0 x 3` = c(2L, 0L, 3L),
    scalar = integer(), `one axis` = 1L, `1 x 1` = c(1L, 1L), `1 x 1 x 1` = c(1L, 1L, 1L),
    vector = 5L, row = c(1L, 4L), column = c(4L, 1L), matrix = c(3L, 4L), cube = c(2L, 3L, 4L)
  )
}

# An R object of a shape: a plain vector for one axis or none, except for one axis of one element.
in_shape <- function(values, shape) {
  if (length(shape) >= 2L || identical(shape, 1L)) dim(values) <- shape
  values
}

sample_array <- function(shape, dtype, seed = 1L) in_shape(sample_values(prod(shape), dtype, seed), shape)

# Pairs of an mlx view that is not contiguous and the R matrix with the same elements.
views <- function(dtype, seed = 1L) {
  m <- sample_array(c(4L, 6L), dtype, seed)
  x <- make_mlx(m, dtype)
  list(
    transposed = list(t(x), t(m)),
    sliced = list(x[2:3, 2:5], m[2:3, 2:5]),
    reversed = list(x[4:1, 6:1], m[4:1, 6:1]),
    strided = list(x[c(1, 3), c(2, 4, 6)], m[c(1, 3), c(2, 4, 6)]),
    gathered = list(x[c(3, 1, 1), ], m[c(3, 1, 1), ]),
    `transposed slice` = list(t(x)[2:3, ], t(m)[2:3, ]),
    `slice of reversed transposed` = list(t(x[4:1, ])[c(1, 4), 2:3], t(m[4:1, ])[c(1, 4), 2:3])
  )
}

# NaN, infinities, both zeros and ordinary numbers.
specials <- function() c(NaN, Inf, -Inf, 0, -0, 1, -1, 0.5, -2, 3)

# The sign of each zero: R compares 0 and -0 as equal.
zero_signs <- function(x) ifelse(x == 0, 1 / x, NaN)

# Which dtype two dtypes meet in.
promoted <- function(a, b) {
  floats <- float_dtypes()
  width <- function(dtype) as.integer(sub("\\D+", "", dtype))
  if (a == b) {
    a
  } else if ("complex64" %in% c(a, b)) {
    "complex64"
  } else if (a %in% floats && b %in% floats) {
    "float32"
  } else if (a %in% floats) {
    a
  } else if (b %in% floats) {
    b
  } else if (a == "bool") {
    b
  } else if (b == "bool") {
    a
  } else if (width(a) != width(b)) {
    if (width(a) > width(b)) a else b
  } else {
    c("8" = "int16", "16" = "int32", "32" = "int64", "64" = "int64")[[as.character(width(a))]]
  }
}

# What print() shows after its header is R's own print of the values.
printed <- function(shape, dtype, values, device = mlx_default_device()) {
  c(
    sprintf("mlx array [%s]", shape), paste("  dtype:", dtype), paste("  device:", device), "  values:",
    capture.output(print(values))
  )
}
