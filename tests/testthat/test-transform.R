test_that("expressions give base R's values", {
  for_each_entry(expressions(), function(name, entry) {
    value <- do.call(entry$f, lapply(entry$args, as_mlx))
    expect_array_equal(value, do.call(entry$oracle, entry$args), tolerance = 5e-6, info = name)
  })
})

test_that("compiled expressions give the same values, in the call that traces and in the next", {
  for_each_entry(expressions(), function(name, entry) {
    compiled <- mlx_compile(entry$f)
    for (args in list(entry$args, nudged(entry$args))) {
      value <- do.call(compiled, lapply(args, as_mlx))
      expect_array_equal(value, do.call(entry$oracle, args), tolerance = 5e-6, info = name)
    }
  })
})

test_that("gradients of expressions are their finite differences", {
  smooth <- Filter(function(entry) entry$smooth, expressions())
  for_each_entry(smooth, function(name, entry) expect_entry_grad(name, entry, tolerance = 2e-5))
})

test_that("gradients of float64 are those of double precision", {
  table <- expressions()[c("x / y", "x %*% w", "solve(a, b)", "regression loss", "cumprod", "flat positions")]
  for_each_entry(table, function(name, entry) expect_entry_grad(name, entry, dtype = "float64", tolerance = 1e-8))
})

test_that("gradients of compiled expressions are those of the plain ones", {
  table <- expressions()[c("x %*% w", "fused chain", "regression loss", "reversed columns", "colMeans")]
  for_each_entry(table, function(name, entry) {
    expect_entry_grad(name, entry, f = mlx_compile(entry$f), tolerance = 2e-5)
  })
})

test_that("compiled gradients are those of the plain function", {
  for_each_entry(expressions()[c("x %*% w", "fused chain")], function(name, entry) {
    n <- length(do.call(entry$oracle, entry$args))
    loss <- weighted_sum(entry$f, n)
    grads <- do.call(mlx_compile(function(...) mlx_grad(loss, ...)), lapply(entry$args, as_mlx))
    for (i in seq_along(grads)) {
      expect_array_equal(grads[[i]], finite_differences(weighted_sum(entry$oracle, n), entry$args, i),
        tolerance = 2e-5, shape = natural_shape(entry$args[[i]]), info = paste(name, i)
      )
    }
  })
})
