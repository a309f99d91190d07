test_that("an interrupt ends a long mlx_eval() within a second, and the session goes on", {
  skip_on_cran()
  skip_on_os("windows")
  log <- withr::local_tempfile()
  withr::local_envvar(INTERRUPT_LOG = log)
  script <- child_script(quote({
    say <- function(...) cat(..., "\n", file = Sys.getenv("INTERRUPT_LOG"), append = TRUE)
    n <- 1500
    x <- mlx_eval(mlx_full(c(n, n), 1 / n))
    y <- x
    for (i in 1:2000) y <- y %*% x
    say("pid", Sys.getpid())
    outcome <- tryCatch(
      {
        mlx_eval(y)
        "finished"
      },
      interrupt = function(condition) "interrupted"
    )
    say("outcome", outcome, format(as.numeric(Sys.time()), nsmall = 3))
    say("after", as.vector(sum(as_mlx(1:3))), as.vector(mlx_eval(x[1:1, 1:2])) * n)
  }))
  system2(rscript(), c("--vanilla", shQuote(script)), wait = FALSE, stdout = FALSE, stderr = FALSE)
  said <- function(what) grep(paste0("^", what), if (file.exists(log)) readLines(log, warn = FALSE), value = TRUE)
  wait_for <- function(what, seconds) {
    end <- Sys.time() + seconds
    while (!length(said(what)) && Sys.time() < end) Sys.sleep(0.05)
    strsplit(said(what), " ")[[1L]]
  }
  pid <- as.integer(wait_for("pid", 30)[[2L]])
  withr::defer(tools::pskill(pid, tools::SIGKILL))
  Sys.sleep(0.5)
  sent <- as.numeric(Sys.time())
  tools::pskill(pid, tools::SIGINT)
  outcome <- wait_for("outcome", 20)
  expect_identical(outcome[[2L]], "interrupted")
  expect_lt(as.numeric(outcome[[3L]]) - sent, 2)
  expect_identical(wait_for("after", 20)[2:4], c("6", "1", "1"))
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
