random_axes <- function(x) sort(sample.int(length(dim(x)), sample.int(length(dim(x)), 1L)))

# base R's function, with a result for no values at all of the type that MLX has
fold_function <- function(name) {
  switch(name,
    mlx_sum = , sum = function(v) sum(v) + 0,
    mlx_mean = function(v) if (length(v)) sum(v) / length(v) else sum(v) / 0,
    mlx_prod = , prod = function(v) prod(v), max = function(v) max(v) + 0, min = function(v) min(v) + 0,
    mlx_all = all, mlx_any = any
  )
}

is_extreme <- function(name) name %in% c("max", "min")

test_that("reductions over axes give what base R gives, with the names of the other axes", {
  check_property(cases = 5L * property_setting("CASES", 100L), make_case = function() {
    name <- pick_one(c("mlx_sum", "sum", "mlx_mean", "mlx_prod", "prod", "max", "min", "mlx_all", "mlx_any"))
    dtype <- random_dtype()
    if (dtype == "complex64" && !name %in% c("sum", "mlx_sum", "mlx_mean")) dtype <- "float32"
    x <- random_array(dtype = dtype)
    if (grepl("prod", name) && dtype != "bool") x[] <- as_stored(sample(c(1, 1, 1, 1, 2), length(x), replace = TRUE), dtype)
    axes <- random_axes(x)
    if (is_extreme(name) && prod(dim(x)[axes]) == 0) x <- random_array(rep(2L, length(dim(x))), dtype)
    drop <- chance(0.5)
    list(
      code = as.call(list(as.name(name), code_for(x, dtype), axes = axes, drop = drop)),
      expected = fold_axes(x, axes, fold_function(name), drop), dtype = reduced_dtype(sub("^mlx_", "", name), dtype)
    )
  })
})

test_that("reductions without axes give one number without names", {
  check_property(function() {
    name <- pick_one(c("mlx_sum", "sum", "mlx_mean", "mlx_prod", "prod"))
    x <- random_array()
    if (grepl("prod", name)) x[] <- sample(c(1, 1, 1, 2), length(x), replace = TRUE)
    expected <- structure(fold_function(name)(as.vector(x)), class = "scalar")
    list(code = call(name, code_for(x, "float32")), expected = expected, dtype = "float32")
  })
})

test_that("row and column sums and means give what base R gives", {
  check_property(function() {
    name <- pick_one(c("colSums", "rowSums", "colMeans", "rowMeans"))
    x <- random_array(random_shape(sample(2:4, 1L)))
    dims <- sample.int(length(dim(x)) - 1L, 1L)
    axes <- if (startsWith(name, "col")) seq_len(dims) else seq.int(dims + 1L, length(dim(x)))
    f <- fold_function(if (endsWith(name, "Sums")) "sum" else "mlx_mean")
    list(
      code = as.call(list(as.name(name), code_for(x, "float32"), dims = dims)),
      expected = fold_axes(x, axes, f, drop = TRUE), dtype = "float32"
    )
  })
})
