# Does a loop that leaves garbage behind fill the memory, and what does it cost to prevent that? 500 turns with arrays of
# 4 MB, in a process of its own. Beside it: the same loop when the package's calls of gc() do nothing, on R's vectors, and in
# Python's MLX, which counts references (RMLX_PYTHON, see peers/peers.R).
source("benchmarks/helpers.R")

turns <- 500L
child <- '
suppressPackageStartupMessages(library(Rmlx))
resident <- function(field) {
  status <- "/proc/self/status"
  if (!file.exists(status)) {
    return(as.double(system2("ps", c("-o", "rss=", "-p", Sys.getpid()), stdout = TRUE)) / 1024)
  }
  line <- grep(paste0("^", field, ":"), readLines(status), value = TRUE)
  as.double(gsub("[^0-9]", "", line)) / 1024
}
%s
turn()
before <- resident("VmRSS")
collecting <- sum(gc.time()[1:2])
begin <- Sys.time()
for (i in seq_len(%d)) turn()
taken <- as.double(Sys.time() - begin, units = "secs")
cat("\nRESULT", taken, sum(gc.time()[1:2]) - collecting, before, resident("VmHWM"), mlx_get_peak_memory() / 2^20)
'
turn <- "x <- mlx_eval(as_mlx(seq_len(1e6))); turn <- function() { y <- x + x; mlx_eval(y) }"
no_gc <- "unlockBinding(\"gc\", baseenv()); assign(\"gc\", function(...) NULL, baseenv())"
loops <- c(
  "y <- x + x; mlx_eval(y)" = turn,
  "the same without the package's gc()" = paste(no_gc, turn, sep = "; "),
  "base R: y <- x + x" = "x <- runif(5e5); turn <- function() y <- x + x"
)

python <- Sys.getenv("RMLX_PYTHON")
has_python <- nzchar(python) && system2(python, c("-c", shQuote("import mlx.core")), stderr = FALSE) == 0
in_python <- "Python's MLX: y = x + x; mx.eval(y)"
if (has_python) loops[in_python] <- "benchmarks/peers/loop.py"

run <- function(loop) {
  if (endsWith(loop, ".py")) {
    output <- system2(python, c(loop, turns), stdout = TRUE)
  } else {
    file <- tempfile(fileext = ".R")
    on.exit(unlink(file))
    writeLines(sprintf(child, loop, turns), file)
    libraries <- paste0("R_LIBS=", paste(.libPaths(), collapse = .Platform$path.sep))
    output <- system2(file.path(R.home("bin"), "Rscript"), file, stdout = TRUE, env = libraries)
  }
  as.double(strsplit(grep("^RESULT", output, value = TRUE), " ")[[1]][-1])
}

measured <- replicate(5L, vapply(loops, run, double(5)))
middle <- t(apply(measured, 1:2, median))
seconds_taken <- apply(measured[1, , ], 1, function(x) sprintf("%.2f (%.2f to %.2f)", median(x), min(x), max(x)))
shown <- data.frame(
  what = names(loops),
  seconds = seconds_taken,
  collecting = sprintf("%.2f s", middle[, 2]),
  before = sprintf("%.0f", middle[, 3]),
  peak = sprintf("%.0f", apply(measured[4, , ], 1, max)),
  arrays = sprintf("%.0f", middle[, 5])
)
names(shown) <- c(
  "loop", "seconds (least to most)", "of it collecting", "resident before, MB", "highest resident, MB", "MLX's peak, MB"
)
report("memory", sprintf("%d turns that leave 4 MB behind each", turns), markdown_table(shown), "",
  "Five processes each, in turns; the highest resident memory is that of all five. What counts is how much it grows over",
  "what was resident before: R and Python begin with different libraries."
)
