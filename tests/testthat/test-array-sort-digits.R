# Long vectors are sorted by the digits of their numbers, short ones by comparison: both as base R does.

dtypes <- c(
  "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"
)

# Numbers that the dtype holds, many of them equal.
some <- function(n, dtype) {
  values <- (seq_len(n) * 7919) %% 211 - if (startsWith(dtype, "u")) 0 else 105
  if (grepl("float", dtype)) values / 8 else pmin(values, 127)
}

test_that("vectors of all dtypes and sizes are sorted, and ordered with equal numbers as they come", {
  for (dtype in dtypes) {
    for (n in c(2, 511, 512, 513, 3000)) {
      values <- some(n, dtype)
      x <- make_mlx(values, dtype)
      expect_identical(as.vector(mlx_cast(sort(x), "float64")), sort(values), label = paste(dtype, n))
      expect_identical(as.vector(mlx_argsort(x)), order(values) + 0, label = paste(dtype, n))
      expect_identical(as.vector(mlx_cast(x, "float64")), values)
    }
  }
})

test_that("the bounds of a dtype are sorted to the ends", {
  n <- 600
  for (at in list(c(3, 7), c(600, 1))) {
    for (bounds in list(int32 = c(-2147483647, 2147483647), float64 = c(-1e300, 1e300), float32 = c(-Inf, Inf))) {
      values <- some(n, "float32")
      values[at] <- bounds
      dtype <- if (bounds[2] == 2147483647) "int32" else if (is.finite(bounds[2])) "float64" else "float32"
      if (dtype == "int32") values <- trunc(values)
      sorted <- as.vector(sort(make_mlx(values, dtype)))
      expect_equal(sorted, sort(values))
    }
  }
})

test_that("NaN comes last, and numbers of either sign of 0 count as equal", {
  values <- some(1000, "float32")
  values[c(1, 50, 999)] <- NaN
  values[c(2, 60, 1000)] <- -0
  values[c(5, 61, 900)] <- 0
  for (dtype in c("float32", "float64", "float16", "bfloat16")) {
    x <- make_mlx(values, dtype)
    expect_identical(as.vector(sort(x)) + 0, sort(values, na.last = TRUE) + 0)
    expect_identical(as.vector(mlx_argsort(x)), order(values) + 0)
  }
  expect_identical(as.vector(sort(as_mlx(rep(NaN, 600)))), rep(NaN, 600))
  expect_identical(as.vector(mlx_argsort(as_mlx(rep(NaN, 600)))), seq_len(600) + 0)
})

test_that("rows and columns are sorted wherever they lie", {
  values <- matrix(some(600 * 7, "float32"), 600)
  for (x in list(as_mlx(values), mlx_contiguous(as_mlx(values)))) {
    expect_array_equal(mlx_sort(x, 1), apply(values, 2, sort))
    expect_identical(as.matrix(mlx_argsort(x, 1)), apply(values, 2, order) + 0)
    expect_array_equal(mlx_sort(t(x), 2), t(apply(values, 2, sort)))
  }
})

test_that("sorting long vectors has its gradient, in compiled functions too", {
  values <- some(700, "float32") + seq_len(700) / 1e4
  weights <- seq_len(700) / 100
  f <- function(x) sum(sort(x) * as_mlx(weights))
  for (g in list(f, mlx_compile(f))) {
    expect_array_equal(mlx_grad(g, as_mlx(values))[[1L]], weights[rank(values)])
  }
})
