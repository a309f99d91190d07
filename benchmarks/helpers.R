# For all scripts in this folder, which `make bench` runs from the package's root. Timings are for people to read: no test
# depends on them.
suppressPackageStartupMessages(library(Rmlx))

# Computes what is lazy, in an array or a list of them, and waits for the device.
finish <- function(x) {
  arrays <- if (is_mlx(x)) list(x) else Filter(is_mlx, x)
  for (array in arrays) mlx_eval(array)
  mlx_synchronize(mlx_device(arrays[[1]]))
}

# Seconds of one call of f, the mean of `times` calls. A function of the class "self_timed" answers that itself.
seconds <- function(f, times = 1L) {
  if (inherits(f, "self_timed")) return(f(times))
  begin <- Sys.time()
  for (i in seq_len(times)) f()
  as.double(Sys.time() - begin, units = "secs") / times
}

# Times all candidates in turns, so that what else the machine does meets them alike. The first is the yardstick: a ratio
# is the median over rounds of (candidate / yardstick in the same round). Returns a data frame, times in seconds.
alternate <- function(candidates, rounds = 15L, times = 1L) {
  for (f in candidates) f() # neither first calls nor cold caches count
  taken <- replicate(rounds, {
    gc(FALSE)
    vapply(candidates, seconds, 0, times = times)
  })
  data.frame(
    what = names(candidates),
    median = apply(taken, 1, median),
    lower = apply(taken, 1, quantile, 0.25),
    upper = apply(taken, 1, quantile, 0.75),
    ratio = apply(taken / rep(taken[1, ], each = nrow(taken)), 1, median),
    row.names = NULL
  )
}

# A table in markdown, times in `unit`.
timing_table <- function(result, unit = c("us", "ms", "s")) {
  unit <- match.arg(unit)
  scale <- c(us = 1e6, ms = 1e3, s = 1)[[unit]]
  digits <- function(x) formatC(x * scale, digits = 3, format = "fg", flag = "#")
  shown <- data.frame(
    result$what, digits(result$median), paste(digits(result$lower), "to", digits(result$upper)),
    formatC(result$ratio, digits = 2, format = "f")
  )
  names(shown) <- c("what", sprintf("median, %s", unit), "quartiles", sprintf("ratio to `%s`", result$what[[1]]))
  markdown_table(shown)
}

# Runs alternate() for each operation. `operations` is a named list of named lists of functions, base R's first. Returns a
# data frame, one row for each other candidate: what, its name, base R's and its median in seconds, and the ratio.
beside_base <- function(operations, rounds = 11L, times = 1L) {
  one <- function(what) {
    result <- alternate(operations[[what]], rounds, times)
    data.frame(
      what = what, candidate = result$what[-1], base = result$median[[1]], median = result$median[-1],
      lower = result$lower[-1], upper = result$upper[-1], ratio = result$ratio[-1]
    )
  }
  do.call(rbind, lapply(names(operations), one))
}

# The table for beside_base(), times in milliseconds. `reasons` says, by operation or by "operation, candidate", why something
# is slower than base R; whatever is slower without a reason shows as such.
beside_table <- function(result, reasons = character()) {
  milliseconds <- function(x) formatC(x * 1e3, digits = 3, format = "fg", flag = "#")
  reason <- reasons[paste(result$what, result$candidate, sep = ", ")]
  reason <- ifelse(is.na(reason), reasons[result$what], reason)
  unexplained <- result$ratio > 1 & is.na(reason)
  if (any(unexplained)) message("Slower than base R, without a reason: ", toString(unique(result$what[unexplained])))
  markdown_table(data.frame(
    what = sprintf("`%s`", result$what),
    candidate = result$candidate,
    "base R, ms" = milliseconds(result$base),
    "median, ms" = milliseconds(result$median),
    quartiles = paste(milliseconds(result$lower), "to", milliseconds(result$upper)),
    "ratio to base R" = formatC(result$ratio, digits = 2, format = "f"),
    "why slower" = ifelse(result$ratio <= 1, "", ifelse(unexplained, "**no reason given**", reason)),
    check.names = FALSE
  ))
}

markdown_table <- function(frame) {
  row <- function(cells) paste("|", paste(cells, collapse = " | "), "|")
  cells <- vapply(frame, as.character, character(nrow(frame)))
  dim(cells) <- dim(frame)
  c(row(names(frame)), row(c("---", rep("--:", ncol(frame) - 1))), apply(cells, 1, row))
}

# What the numbers were taken on.
machine <- function() {
  processor <- tryCatch(
    if (Sys.info()[["sysname"]] == "Darwin") {
      system2("sysctl", c("-n", "machdep.cpu.brand_string"), stdout = TRUE)
    } else {
      sub(".*: *", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[[1]])
    },
    error = function(e) R.version$arch
  )
  c(
    sprintf("* machine: %s, %d cores, %s", processor, parallel::detectCores(), utils::osVersion),
    sprintf("* R: %s, BLAS: %s", getRversion(), normalizePath(extSoftVersion()[["BLAS"]], mustWork = FALSE)),
    sprintf("* Rmlx %s with MLX %s, device: %s", packageVersion("Rmlx"), mlx_version(), mlx_default_device()),
    sprintf("* date: %s", format(Sys.Date()))
  )
}

# Draws benchmarks/results/<name>.png: times relative to those of the yardstick, the first in `results$what`. `results` has
# columns task, what and ratio. Bars to the right are slower than the yardstick, to the left faster.
ratio_chart <- function(name, results, title) {
  tasks <- rev(unique(results$task)) # barplot() begins at the bottom
  others <- rev(unique(results$what)[-1])
  if (length(others) == 0) return(invisible())
  rows <- match(outer(others, tasks, paste), paste(results$what, results$task))
  ratio <- matrix(results$ratio[rows], length(others))
  colours <- rev(c("#E69F00", "#0072B2", "#009E73", "#CC79A7")[seq_along(others)]) # of Okabe and Ito
  limits <- range(log2(ratio), 0, na.rm = TRUE) + c(-1, 1)

  dir.create("benchmarks/results", showWarnings = FALSE)
  height <- 300 + 28 * (length(others) + 1) * length(tasks)
  png(file.path("benchmarks", "results", paste0(name, ".png")), 1400, height, res = 150)
  on.exit(dev.off())
  par(mar = c(3.4, 9, 4, 1), mgp = c(2.1, 0.6, 0), las = 1, yaxs = "i")
  middle <- barplot(log2(ratio), beside = TRUE, horiz = TRUE, names.arg = tasks, col = colours, border = NA, xlim = limits,
    axes = FALSE, xlab = sprintf("time / time of %s (log scale; to the right slower than it)", results$what[[1]])
  )
  title(title, line = 2.4)
  ticks <- seq(ceiling(limits[[1]]), floor(limits[[2]]))
  axis(1, ticks, ifelse(ticks < 0, paste0("1/", 2^-ticks), 2^ticks))
  abline(v = 0, lwd = 2)
  text(log2(ratio), middle, ifelse(ratio < 10, sprintf("%.2f", ratio), sprintf("%.0f", ratio)),
    pos = ifelse(ratio < 1, 2, 4), offset = 0.3, cex = 0.7
  )
  legend(0, par("usr")[[4]], rev(others), fill = rev(colours), border = NA, bty = "n", horiz = TRUE, xjust = 0.5, yjust = 0,
    xpd = TRUE
  )
}

# Prints a result and writes it to benchmarks/results/<name>.md. What somebody wrote there below "## Notes" (what was
# tried, what did not help) is kept.
report <- function(name, title, ...) {
  file <- file.path("benchmarks", "results", paste0(name, ".md"))
  before <- if (file.exists(file)) readLines(file)
  notes <- match("## Notes", before)
  text <- c(
    paste("#", title), "", sprintf("Written by `benchmarks/%s.R` (`make bench`).", name), "", machine(), "", ...,
    if (!is.na(notes)) c("", before[notes:length(before)])
  )
  dir.create(dirname(file), showWarnings = FALSE)
  writeLines(text, file)
  writeLines(text)
}
