# Every operation of `operations()` with every transform: helper-transform-operations.R and helper-transform-table.R.

# Transforms that an operation does not take, with a part of the message that says so.
unsupported <- function() {
  list(
    `vmap of conv3d` = list("Can only handle groups != 1 in 1D or 2D", "mlx_error_vmap"),
    `jvp of the gradient of prod` = list("JVP is not implemented for cumulative prod", "mlx_error_grad"),
    `jvp of the gradient of prod over an axis` = list("JVP is not implemented for cumulative prod", "mlx_error_grad"),
    `jvp of the gradient of log determinant` = list("JVP not yet implemented", "mlx_error_grad")
  )
}

expect_table <- function(transform, check) {
  for_each_entry(operations(), function(name, entry) {
    refusal <- unsupported()[[paste(transform, "of", name)]]
    if (is.null(refusal)) {
      check(name, entry)
    } else {
      expect_error(check(name, entry), refusal[[1L]], class = refusal[[2L]])
    }
  })
}

# An operation's gradient by its first argument.
gradient_of <- function(entry) {
  f <- entry$f
  entry$f <- function(...) mlx_grad(loss_of(f), ..., argnums = 1L)[[1L]]
  entry$tolerance <- 10 * entry$tolerance
  entry
}

test_that("the table is long enough, and its names differ", {
  expect_gt(length(operations()), 200L)
  expect_identical(anyDuplicated(names(operations())), 0L)
})

test_that("gradients are finite differences", {
  expect_table("grad", check_grad)
})

test_that("products with tangents are directional differences", {
  expect_table("jvp", check_jvp)
})

test_that("vectorised operations are loops", {
  expect_table("vmap", check_vmap)
})

test_that("compiled operations are the plain ones", {
  # fused kernels, whose compilation takes its time, are tested on expressions()
  old <- mlx_set_compile_mode("no_fuse")
  on.exit(mlx_set_compile_mode(old))
  expect_table("compile", check_compile)
})

test_that("gradients of gradients are finite differences of gradients", {
  expect_table("second gradient", check_second_grad)
})

test_that("vectorised gradients are loops", {
  expect_table("vmap of the gradient", function(name, entry) check_vmap(name, gradient_of(entry)))
})

test_that("products of the gradient's Jacobian with tangents are directional differences", {
  expect_table("jvp of the gradient", function(name, entry) check_jvp(name, gradient_of(entry)))
})
