test_that("an interrupt ends a long mlx_eval() within a second or so, and the session goes on", {
  skip_on_cran()
  skip_on_os("windows")
  output <- run_child({
    n <- 1500
    x <- mlx_eval(mlx_full(c(n, n), 1 / n))
    y <- x
    for (i in 1:2000) y <- y %*% x
    # another process sends the signal while this one computes
    system(sprintf("(sleep 1; kill -INT %d) >/dev/null 2>&1 &", Sys.getpid()))
    started <- Sys.time()
    outcome <- tryCatch(
      {
        mlx_eval(y)
        "finished"
      },
      interrupt = function(condition) "interrupted"
    )
    took <- as.numeric(Sys.time() - started, units = "secs")
    cat(outcome, took < 3, as.vector(sum(as_mlx(1:3))), as.vector(mlx_eval(x[1:1, 1:2])) * n)
  })
  expect_identical(utils::tail(output, 1L), "interrupted TRUE 6 1 1")
})

test_that("an interrupt ends a long as.matrix()", {
  skip_on_cran()
  skip_on_os("windows")
  output <- run_child({
    n <- 1500
    x <- mlx_eval(mlx_full(c(n, n), 1 / n))
    y <- x
    for (i in 1:2000) y <- y %*% x
    # another process sends the signal while this one computes
    system(sprintf("(sleep 1; kill -INT %d) >/dev/null 2>&1 &", Sys.getpid()))
    started <- Sys.time()
    outcome <- tryCatch(dim(as.matrix(y)), interrupt = function(condition) "interrupted")
    cat(outcome, as.numeric(Sys.time() - started, units = "secs") < 3, as.vector(sum(as_mlx(1:3))))
  })
  expect_identical(utils::tail(output, 1L), "interrupted TRUE 6")
})
