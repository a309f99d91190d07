test_that("active memory counts the bytes of arrays, and forgets them when they are collected", {
  gc()
  before <- mlx_get_active_memory()
  x <- mlx_eval(mlx_zeros(c(1024, 1024)))
  expect_gte(mlx_get_active_memory() - before, 4 * 1024^2)
  expect_lt(mlx_get_active_memory() - before, 5 * 1024^2)
  rm(x)
  gc()
  expect_lt(mlx_get_active_memory() - before, 1024^2)
})

test_that("lazy arrays take no memory", {
  gc()
  before <- mlx_get_active_memory()
  x <- mlx_zeros(c(1024, 1024)) + 1
  expect_lt(mlx_get_active_memory() - before, 1024^2)
})

test_that("peak memory is the most since it was reset", {
  x <- mlx_eval(mlx_zeros(c(1024, 1024)))
  rm(x)
  gc()
  expect_null(expect_invisible(mlx_reset_peak_memory()))
  low <- mlx_get_peak_memory()
  y <- mlx_eval(mlx_zeros(c(1024, 1024)))
  expect_gte(mlx_get_peak_memory() - low, 4 * 1024^2)
  expect_gte(mlx_get_peak_memory(), mlx_get_active_memory())
})

test_that("mlx_clear_cache() gives back what was kept for the next arrays", {
  x <- mlx_eval(mlx_zeros(c(1024, 1024)))
  rm(x)
  gc()
  expect_null(expect_invisible(mlx_clear_cache()))
  expect_identical(mlx_get_cache_memory(), 0)
})

test_that("a loop over arrays of 4 MB stays under 250 MB of resident memory", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/status"), "Linux only")
  skip_if_gpu()
  output <- run_child({
    x <- mlx_eval(mlx_ones(c(1024, 1024)))
    for (i in 1:500) {
      y <- x + x
      mlx_eval(y)
    }
    stopifnot(all(as.vector(y[1:2, 1:2]) == 2))
    status <- readLines("/proc/self/status")
    cat(sub("\\D+(\\d+) kB", "\\1", grep("^VmHWM", status, value = TRUE)))
  })
  expect_lt(as.numeric(output), 250 * 1024)
})

test_that("closures that were compiled or differentiated and dropped leave no live bytes", {
  x <- mlx_eval(as_mlx(seq_len(1000) / 1000))
  use <- function(n) {
    for (i in seq_len(n)) {
      shift <- mlx_eval(as_mlx(rep(i, 1000)))
      mlx_eval(mlx_compile(function(x) x + shift)(x))
      mlx_eval(mlx_grad(function(x) sum(x * shift), x)[[1L]])
    }
  }
  use(10)
  gc()
  before <- mlx_get_active_memory()
  use(1000)
  gc()
  gc()
  expect_lte(mlx_get_active_memory(), before)
})

test_that("failing closures leave no live bytes", {
  x <- mlx_eval(as_mlx(seq_len(1000) / 1000))
  use <- function(n) {
    for (i in seq_len(n)) {
      fail <- function(x) {
        y <- x + i
        stop("on purpose")
      }
      try(mlx_compile(fail)(x), silent = TRUE)
      try(mlx_grad(fail, x), silent = TRUE)
    }
  }
  use(10)
  gc()
  before <- mlx_get_active_memory()
  use(200)
  gc()
  gc()
  expect_lte(mlx_get_active_memory(), before)
})
