modes <- c("enabled", "disabled", "no_simplify", "no_fuse")

local_mode <- function(env = parent.frame()) withr::defer(mlx_set_compile_mode("enabled"), env)

test_that("mlx_set_compile_mode() returns the mode before, and results are the same in each", {
  local_mode()
  x <- as_mlx(c(0.5, 1, 2))
  before <- "enabled"
  for (mode in c(modes, "enabled")) {
    expect_identical(expect_invisible(mlx_set_compile_mode(mode)), before)
    f <- mlx_compile(function(x) list(exp(x) * x + exp(x), sum(x)))
    for (i in 1:2) expect_array_equal(f(x)[[1L]], exp(c(0.5, 1, 2)) * c(1.5, 2, 3), tolerance = 1e-6, info = mode)
    before <- mode
  }
  for (bad in list("off", 1, NA, NULL, c("enabled", "x"), list())) {
    if (!is.null(bad)) expect_error(mlx_set_compile_mode(bad), class = "mlx_error_argument")
  }
  expect_identical(mlx_set_compile_mode(), "enabled")
})

test_that("scoped modes return the value of the code, and end with it, also after errors and jumps", {
  local_mode()
  mode_now <- function() {
    now <- mlx_set_compile_mode("enabled")
    mlx_set_compile_mode(now)
    now
  }
  expect_identical(mlx_with_compile_disabled(mode_now()), "disabled")
  expect_identical(mode_now(), "enabled")
  expect_identical(mlx_with_compile_disabled(mlx_with_compile_enabled(mode_now())), "enabled")
  expect_identical(mlx_with_compile_disabled({
    mlx_with_compile_enabled(1)
    mode_now()
  }), "disabled")
  expect_error(mlx_with_compile_disabled(stop("on purpose")), "on purpose")
  expect_identical(mode_now(), "enabled")
  expect_identical(callCC(function(leave) mlx_with_compile_disabled(leave("left"))), "left")
  expect_identical(mode_now(), "enabled")
  tryCatch(mlx_with_compile_disabled(rlang::interrupt()), interrupt = function(i) NULL)
  expect_identical(mode_now(), "enabled")
  mlx_disable_compile()
  expect_error(mlx_with_compile_enabled(stop("on purpose")), "on purpose")
  expect_identical(mode_now(), "disabled")
})

test_that("MLX_DISABLE_COMPILE starts with plain functions, scoped modes included", {
  skip_on_cran()
  output <- run_child(
    {
      calls <- 0
      f <- mlx_compile(function(x) {
        calls <<- calls + 1
        x + x
      })
      counts <- integer()
      for (i in 1:3) f(as_mlx(i))
      counts <- c(counts, calls)
      for (i in 1:3) mlx_with_compile_enabled(f(as_mlx(i)))
      counts <- c(counts, calls)
      for (i in 1:3) f(as_mlx(i))
      counts <- c(counts, calls)
      cat(mlx_set_compile_mode(), counts)
    },
    env = "MLX_DISABLE_COMPILE=1"
  )
  expect_identical(utils::tail(output, 1L), "disabled 3 4 7")
})

test_that("mlx_clear_compile_cache() has functions traced again, and frees what traces hold", {
  calls <- 0L
  big <- mlx_eval(mlx_ones(100000))
  make <- function(big) {
    mlx_compile(function(x) {
      calls <<- calls + 1L
      x * big
    })
  }
  f <- make(big)
  x <- as_mlx(2)
  for (i in 1:2) f(x)
  expect_identical(calls, 1L)
  expect_null(expect_invisible(mlx_clear_compile_cache()))
  for (i in 1:2) expect_array_equal(f(x)[1], 2, shape = 1L)
  expect_identical(calls, 2L)
  for (i in 1:3) mlx_clear_compile_cache()
  expect_array_equal(f(x)[1], 2, shape = 1L)
})

test_that("the cache may be cleared while a function is traced, by itself or inside another", {
  inner <- mlx_compile(function(x) {
    mlx_clear_compile_cache()
    x + 1
  })
  for (i in 1:2) expect_array_equal(inner(as_mlx(1)), 2)
  outer <- mlx_compile(function(x, k) inner(x) * k)
  for (k in 1:3) expect_array_equal(outer(as_mlx(1), k), 2 * k)
  held <- mlx_compile(function(x, g) g(x))
  for (i in 1:3) {
    expect_array_equal(held(as_mlx(3), function(x) x * 2), 6)
    mlx_clear_compile_cache()
    gc()
  }
})
