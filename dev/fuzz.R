#!/usr/bin/env Rscript
# Calls every exported function and every method of the package with good and bad arguments, in child processes. A crash, a
# hang and an error without a class of the package are failures. Closes with "fuzz: N passed, M failed".
# usage: Rscript dev/fuzz.R     (from the package's root; FUZZ_CALLS, FUZZ_SEED and FUZZ_SECONDS change the extent)
source("dev/fuzz-values.R")
source("dev/fuzz-calls.R")

setting <- function(name, default) as.numeric(Sys.getenv(name, default))
calls <- setting("FUZZ_CALLS", 40000)
seed <- setting("FUZZ_SEED", 1)
per_child <- 400L # a fixed number, so that a run does not depend on the number of cores
seconds_per_call <- 20
seconds_to_start <- 120
seconds_in_all <- setting("FUZZ_SECONDS", 210) # then no more children are started
address_space <- 5e6 # KiB: a call that would fill the machine's memory fails instead
hangs_allowed <- 2L # a function that hangs this often is left out for the rest of the run

folder <- tempfile("fuzz")
dir.create(folder)
sites <- file.path(folder, "sites.rds")
suppressPackageStartupMessages(library(Rmlx))
targets <- fuzz_targets()
saveRDS(example_sites("man", targets), sites)

# Starts a child on a range of calls.
start <- function(from, to, left_out) {
  log <- tempfile("log", folder)
  file.create(log)
  arguments <- c(
    file.path(R.home("bin"), "Rscript"), "--vanilla", file.path(getwd(), "dev", "fuzz-child.R"), file.path(getwd(), "dev"),
    sites, log, seed, from, to, left_out
  )
  command <- sprintf("ulimit -v %.0f; TMPDIR=%s %s", address_space, shQuote(folder), paste(shQuote(arguments), collapse = " "))
  script <- sprintf("( %s ) >%s.out 2>&1; echo $? >%s.part; mv %s.part %s.rc", command, log, log, log, log)
  system2("/bin/sh", c("-c", shQuote(script)), wait = FALSE)
  list(log = log, from = from, to = to)
}

# The records of a log: a matrix would cut calls, so a list of character vectors.
records <- function(log) strsplit(readLines(log, warn = FALSE, encoding = "UTF-8"), "\t", fixed = TRUE)

# Ends a child that has made no progress for too long; TRUE if it did.
end_if_stuck <- function(child) {
  idle <- as.numeric(difftime(Sys.time(), file.mtime(child$log), units = "secs"))
  if (idle < seconds_per_call) {
    return(FALSE)
  }
  log <- records(child$log)
  if (!length(log)) {
    if (idle > seconds_to_start) stop("a child did not start; see ", child$log, ".out")
    return(FALSE)
  }
  tools::pskill(as.integer(log[[1L]][[2L]]), tools::SIGKILL)
}

state <- new.env()
state$failures <- list()
state$results <- integer()
state$made <- 0L
state$returned <- character()
state$hangs <- integer()

# Failures of one function that differ in numbers and quoted parts only are one.
add_failure <- function(target, message, code, i) {
  kind <- gsub("[0-9.e+-]+", "N", gsub("(['\"`])[^'\"`]*\\1", "Q", message))
  key <- paste(target, substr(kind, 1L, 120L))
  known <- state$failures[[key]]
  if (is.null(known) || nchar(code) < nchar(known$code)) {
    count <- if (is.null(known)) 0L else known$count
    known <- list(target = target, message = message, code = code, i = i, count = count)
  }
  known$count <- known$count + 1L
  state$failures[[key]] <- known
}

# Counts what a child's log says; gives the number of the call that it did not survive, or NULL.
collect <- function(child, stuck) {
  status <- as.integer(readLines(paste0(child$log, ".rc")))
  open <- NULL
  log <- records(child$log)
  for (record in log) {
    if (record[[1L]] == "S") {
      open <- record
      state$made <- state$made + 1L
    } else if (record[[1L]] == "R") {
      count_result(record[[3L]], open)
      open <- NULL
    }
  }
  if (is.null(open)) {
    finished <- length(log) && log[[length(log)]][[1L]] == "D"
    if (!finished || status != 0L) add_end(child, status, stuck)
    return(NULL)
  }
  message <- if (stuck) sprintf("no answer within %d s", seconds_per_call) else how_it_ended(status)
  if (stuck) state$hangs[open[[3L]]] <- sum(state$hangs[open[[3L]]], 1L, na.rm = TRUE)
  add_failure(open[[3L]], message, open[[4L]], open[[2L]])
  as.integer(open[[2L]])
}

# A child that ended badly outside its calls, or at its very end.
add_end <- function(child, status, stuck) {
  message <- if (stuck) "the process did not end" else how_it_ended(status)
  cat(utils::tail(readLines(paste0(child$log, ".out"), warn = FALSE), 20L), sep = "\n")
  add_failure("(between calls)", message, sprintf("calls %d to %d", child$from, child$to), child$from)
}

how_it_ended <- function(status) {
  sprintf("the process ended with %s %d", if (status > 128L) "signal" else "status", status %% 128L)
}

count_result <- function(result, open) {
  if (startsWith(result, "!")) {
    return(add_failure(open[[3L]], substring(result, 2L), open[[4L]], open[[2L]]))
  }
  state$results[result] <- sum(state$results[result], 1L, na.rm = TRUE)
  if (result == "returned") state$returned <- union(state$returned, open[[3L]])
}

# Runs all ranges, some children at a time.
run_all <- function() {
  ranges <- lapply(seq(1L, calls, by = per_child), function(from) c(from, min(from + per_child - 1L, calls)))
  children <- list()
  end <- Sys.time() + seconds_in_all
  while (length(ranges) || length(children)) {
    if (Sys.time() > end) ranges <- list()
    while (length(ranges) && length(children) < 2L) {
      left_out <- names(state$hangs)[state$hangs >= hangs_allowed]
      children <- c(children, list(start(ranges[[1L]][[1L]], ranges[[1L]][[2L]], left_out)))
      ranges <- ranges[-1L]
    }
    Sys.sleep(0.1)
    for (k in rev(seq_along(children))) {
      child <- children[[k]]
      if (!isTRUE(child$stuck)) children[[k]]$stuck <- end_if_stuck(child)
      if (!file.exists(paste0(child$log, ".rc"))) next
      died_at <- collect(child, isTRUE(child$stuck))
      if (!is.null(died_at) && died_at < child$to) ranges <- c(list(c(died_at + 1L, child$to)), ranges)
      children <- children[-k]
    }
  }
}

report <- function() {
  for (key in sort(as.character(names(state$failures)), method = "radix")) {
    failure <- state$failures[[key]]
    code <- gsub("\001", "\n    ", failure$code, fixed = TRUE)
    cat(sprintf("\n%s: %s\n  call %s, %d like it:\n    %s\n", failure$target, failure$message, failure$i, failure$count, code))
  }
  never <- setdiff(names(targets), state$returned)
  if (length(never)) cat("\nno call returned a value:", strwrap(toString(never), 120L, indent = 2L, exdent = 2L), sep = "\n")
  left_out <- names(state$hangs)[state$hangs >= hangs_allowed]
  if (length(left_out)) cat("\nleft out after", hangs_allowed, "hangs:", toString(left_out), "\n")
  cat("\nresults:", paste(names(state$results), state$results, sep = " ", collapse = ", "), "\n")
  cat(sprintf("%d calls of %d functions and methods, seed %.0f\n", state$made, length(targets), seed))
  cat(sprintf("fuzz: %d passed, %d failed\n", sum(state$results), length(state$failures)))
}

run_all()
report()
quit(status = if (length(state$failures) > 0L || sum(state$results) == 0L) 1L else 0L)
