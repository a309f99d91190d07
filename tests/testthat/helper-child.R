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

# Runs the expression `code` in a child; returns what it printed, with the attribute "status" if it failed.
run_child <- function(code, env = character(), timeout = 60) {
  script <- child_script(substitute(code))
  suppressWarnings(system2(rscript(), c("--vanilla", shQuote(script)),
    stdout = TRUE, stderr = TRUE, env = env, timeout = timeout
  ))
}
