#!/usr/bin/env Rscript
# Runs the test suite on the installed package and closes with one plain line of counts.
# usage: Rscript dev/run-tests.R [FOLDER]     (default tests/testthat; RMLX_TEST_FILTER picks files by a pattern)
folder <- c(commandArgs(trailingOnly = TRUE), "tests/testthat")[1]
# without this testthat takes the machine for CRAN and leaves snapshots out
Sys.setenv(NOT_CRAN = "true")
options(testthat.summary.max_reports = 100L)
filter <- Sys.getenv("RMLX_TEST_FILTER")
results <- as.data.frame(testthat::test_dir(
  folder,
  filter = if (nzchar(filter)) filter,
  package = "Rmlx", load_package = "installed",
  reporter = if (isatty(stdout())) "progress" else "summary",
  stop_on_failure = FALSE
))
count <- c(
  passed = sum(results$passed),
  failed = sum(results$failed) + sum(results$error),
  skipped = sum(results$skipped)
)
cat("\n", paste(count, names(count), collapse = ", "), "\n", sep = "")
quit(status = if (count[["failed"]] > 0L || count[["passed"]] == 0L) 1L else 0L)
