# R processes of their own, for what would harm this one.

# The libraries that a child must search to load the same packages.
child_header <- function() {
  c(sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")), "suppressPackageStartupMessages(library(Rmlx))")
}

# Writes the expressions of `code` to a script that loads the package first.
child_script <- function(code, file = withr::local_tempfile(fileext = ".R", .local_envir = parent.frame())) {
  lines <- vapply(as.list(substitute_braces(code)), function(line) paste(deparse(line), collapse = "\n"), "")
  writeLines(c(child_header(), lines), file)
  file
}

substitute_braces <- function(code) if (identical(code[[1L]], as.name("{"))) as.list(code)[-1L] else list(code)

rscript <- function() file.path(R.home("bin"), "Rscript")

# Runs the expression `code` in a child; returns what it printed, with the attribute "status" if it failed. `address_space`
# is the most bytes that it may map.
run_child <- function(code, env = character(), timeout = 60, address_space = NULL) {
  script <- child_script(substitute(code))
  limit <- if (!is.null(address_space)) sprintf("ulimit -v %.0f &&", address_space / 1024)
  command <- paste(limit, "exec", shQuote(rscript()), "--vanilla", shQuote(script))
  suppressWarnings(system2("sh", c("-c", shQuote(command)), stdout = TRUE, stderr = TRUE, env = env, timeout = timeout))
}
