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

test_that("limits can be set, and answer what they were", {
  cache <- mlx_set_cache_limit(2^20)
  withr::defer(mlx_set_cache_limit(cache))
  expect_gt(cache, 2^25)
  expect_identical(expect_invisible(mlx_set_cache_limit(2^21)), 2^20)
  mlx_clear_cache()
  for (i in 1:3) mlx_eval(mlx_zeros(c(1024, 1024)))
  gc()
  expect_lte(mlx_get_cache_memory(), 2^21)

  limit <- mlx_get_memory_limit()
  withr::defer(mlx_set_memory_limit(limit))
  expect_gt(limit, cache)
  expect_identical(mlx_set_memory_limit(2^30), limit)
  expect_identical(mlx_get_memory_limit(), 2^30)
  mlx_set_memory_limit(limit)
  for (bad in list(-1, NA_real_, "much", c(1, 2), NULL)) {
    expect_error(mlx_set_cache_limit(bad), class = "mlx_error_argument")
    expect_error(mlx_set_memory_limit(bad), class = "mlx_error_argument")
  }
})

test_that("what is kept for the next arrays is given back when R or MLX runs short of memory", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/limits"), "Linux only")
  skip_if_gpu()
  kept <- quote({
    for (array in lapply(1:8, function(i) mlx_ones(1e7, device = "cpu"))) mlx_eval(array)
    array <- NULL
    for (i in 1:2) invisible(gc())
    cat(mlx_get_cache_memory() > 3e8, "")
  })
  expect_identical(eval(bquote(run_child(.(kept)))), "TRUE ")

  # what is left is smaller than either array, but for what is given back
  short <- bquote({
    left <- function() {
      number <- function(file, name) as.numeric(sub("\\D*(\\d+).*", "\\1", grep(name, readLines(file), value = TRUE)))
      number("/proc/self/limits", "^Max address space") - 1024 * number("/proc/self/status", "^VmSize")
    }
    .(kept)
    x <- double(left() %/% 8 - 1e7)
    rm(x)
    arrays <- lapply(1:8, function(i) mlx_eval(mlx_ones(1e7, device = "cpu")))
    much <- left() + 1e8
    arrays <- NULL
    x <- mlx_eval(mlx_ones(much %/% 4, device = "cpu"))
    cat(as.vector(x[1]))
  })
  expect_identical(eval(bquote(run_child(.(short), address_space = 2.2e9))), "FALSE 1")
})

test_that("a loop over arrays of 4 MB stays under 200 MB of resident memory", {
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
  expect_lt(as.numeric(output), 200 * 1024)
})

test_that("a loop that drops its arrays leaves none of them behind, however often it is collected", {
  output <- run_child({
    x <- mlx_eval(as_mlx(numeric(1e6)))
    turn <- function() mlx_eval(x + 1)
    for (i in 1:20) turn()
    mlx_reset_peak_memory()
    for (i in 1:500) turn()
    cat(mlx_get_peak_memory() / 2^20)
  })
  # x, a step's worth, and the array that was over it
  expect_lt(as.double(output), 32 + 4 / 4 + 3 * 4)
})

test_that("a loop that has time keeps few arrays", {
  skip_on_cran()
  output <- run_child({
    x <- mlx_eval(as_mlx(numeric(1e6)))
    for (i in 1:20) {
      mlx_eval(x + 1)
      Sys.sleep(0.1)
    }
    cat(mlx_get_peak_memory() / 2^20)
  })
  expect_lt(as.double(output), 32)
})

test_that("what was overwritten before it was computed is not kept while the rest is", {
  output <- run_child({
    x <- mlx_zeros(c(500, 500))
    for (i in 1:500) x <- x + 1
    mlx_eval(x)
    cat(mlx_get_peak_memory() / 2^20, as.vector(x[1, 1]))
  })
  numbers <- as.double(strsplit(output, " ")[[1]])
  expect_lt(numbers[1], 50)
  expect_identical(numbers[2], 500)
})

test_that("what is given back goes to the system", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/status"), "Linux only")
  skip_if_gpu()
  output <- run_child({
    resident <- function() as.double(gsub("\\D", "", grep("^VmRSS", readLines("/proc/self/status"), value = TRUE))) / 1024
    before <- resident()
    arrays <- lapply(1:500, function(i) mlx_eval(mlx_ones(c(500, 500), device = "cpu")))
    kept <- resident()
    rm(arrays)
    for (i in 1:2) invisible(gc())
    mlx_clear_cache()
    cat(kept - before, resident() - before)
  })
  megabytes <- as.double(strsplit(output, " ")[[1]])
  expect_gt(megabytes[1], 400)
  expect_lt(megabytes[2], 100)
})

test_that("a finalizer may call the package while memory is collected", {
  output <- run_child({
    x <- mlx_eval(as_mlx(numeric(1e6)))
    seen <- 0
    leave <- function(i) reg.finalizer(environment(), function(e) seen <<- seen + as.vector(mlx_eval(sum(x + 1))) / 1e6)
    for (i in 1:200) {
      leave(i)
      mlx_eval(x + i)
    }
    invisible(gc())
    cat(seen)
  })
  expect_gte(as.double(output), 199)
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
