# Python's MLX and JAX as candidates of alternate(). Each runs in a process of its own, started by R, which waits on its
# standard input while others compute; worker.py tells what it understands. The interpreter is RMLX_PYTHON, for example of
#   python3 -m venv ~/.cache/rmlx-bench-python
#   ~/.cache/rmlx-bench-python/bin/pip install 'mlx[cpu]==0.32.2' numpy 'jax[cpu]'
# A library that is missing is left out, and peer_lines() says so.
peer_libraries <- c("Python's MLX" = "mlx", "JAX" = "jax")
peer_state <- new.env()

# Starts the libraries, gives them `data` (a named list of R arrays: integers as int32, doubles as float32) and calls
# use(peers). The processes end with it.
with_peers <- function(data, use) {
  folder <- tempfile("peers")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  peers <- Filter(Negate(is.null), lapply(peer_libraries, start_peer, folder = folder))
  on.exit(for (peer in peers) close_peer(peer), add = TRUE, after = FALSE)
  for (name in names(data)) {
    file <- file.path(folder, "array")
    about <- write_array(data[[name]], file)
    for (peer in peers) ask(peer, "array", name, about, file)
  }
  use(peers)
}

start_peer <- function(library, folder) {
  python <- Sys.getenv("RMLX_PYTHON")
  fifo <- file.path(folder, library)
  if (!nzchar(python) || !nzchar(Sys.which(python)) || system2("mkfifo", shQuote(fifo)) != 0) {
    return(absent(library, "RMLX_PYTHON names no Python"))
  }
  worker <- c(python, "-B", file.path("benchmarks", "peers", "worker.py"), library)
  commands <- pipe(paste(paste(shQuote(worker), collapse = " "), ">", shQuote(fifo)), "w")
  peer <- list(library = library, commands = commands, answers = fifo(fifo, "r", blocking = TRUE))
  versions <- readLines(peer$answers, n = 1)
  if (length(versions) == 0 || startsWith(versions, "error")) {
    close_peer(peer)
    return(absent(library, if (length(versions) == 0) "it did not start" else sub("^error: *", "", versions)))
  }
  peer_state[[library]] <- sprintf("* %s: %s", names(which(peer_libraries == library)), versions)
  peer
}

absent <- function(library, why) {
  peer_state[[library]] <- sprintf("* %s: left out (%s)", names(which(peer_libraries == library)), why)
  NULL
}

close_peer <- function(peer) {
  close(peer$commands)
  close(peer$answers)
}

# One command and its answer.
ask <- function(peer, ...) {
  writeLines(paste(..., sep = "\t"), peer$commands)
  flush(peer$commands)
  answer <- readLines(peer$answers, n = 1)
  if (length(answer) == 0 || startsWith(answer, "error")) stop(peer$library, ": ", answer)
  answer
}

# Python's arrays have their last axis contiguous.
write_array <- function(values, file) {
  shape <- if (is.null(dim(values))) length(values) else dim(values)
  writeBin(as.vector(aperm(array(values, shape))), file, size = 4)
  paste(if (is.integer(values)) "int32" else "float32", paste(shape, collapse = " "), sep = "\t")
}

read_array <- function(peer, task) {
  file <- tempfile()
  on.exit(unlink(file))
  shape <- as.integer(strsplit(ask(peer, "result", task, file), " ")[[1]])
  values <- readBin(file, "double", max(1, prod(shape)), size = 4)
  if (length(shape) > 1) aperm(array(values, rev(shape))) else values
}

# The task of this name in each library, as functions for alternate(): seconds() leaves the clock to them, so that the way
# there and back does not count. The pauses are for threads, which wait busily for more work for a while.
peer_candidates <- function(peers, task, pause = 0.05) {
  lapply(peers, function(peer) {
    structure(class = "self_timed", function(times = 1L) {
      Sys.sleep(pause)
      taken <- as.double(ask(peer, "seconds", task, times))
      Sys.sleep(pause)
      taken
    })
  })
}

# The largest difference between what the first candidate and each other one gives, relative to the largest value.
disagreement <- function(candidates, peers, task) {
  results <- c(lapply(candidates, function(f) as.vector(to_r(f()))), lapply(peers, function(p) as.vector(read_array(p, task))))
  vapply(results[-1], function(result) {
    stopifnot(length(result) == length(results[[1]]))
    max(abs(result - results[[1]])) / max(abs(results[[1]]))
  }, 0)
}

to_r <- function(x) if (is_mlx(x)) as.array(mlx_cast(x, if (grepl("float", mlx_dtype(x))) "float32")) else x

# Rmlx (the yardstick), base R and the peers, in turns. `candidates` gives arrays; they must agree within `tolerance`.
beside_peers <- function(peers, task, candidates, rounds = 7L, times = 1L, tolerance = 1e-4) {
  apart <- disagreement(candidates, peers, task)
  if (any(!(apart < tolerance))) {
    stop(task, ": results differ by ", paste(names(apart), format(apart, digits = 2), collapse = ", "))
  }
  waiting <- lapply(candidates, function(f) function() if (is_mlx(x <- f())) finish(x))
  result <- alternate(c(waiting, peer_candidates(peers, task)), rounds, times)
  data.frame(task = task, result, apart = c(0, apart))
}

peer_lines <- function() unlist(mget(peer_libraries, peer_state, ifnotfound = ""), use.names = FALSE)

# One row a task, one column a system: medians, and in parentheses the median over rounds of its time divided by Rmlx's.
peer_table <- function(results, unit = c("ms", "s")) {
  unit <- match.arg(unit)
  scale <- c(ms = 1e3, s = 1)[[unit]]
  cell <- function(task, what) {
    row <- results[results$task == task & results$what == what, ]
    if (nrow(row) == 0) return("")
    number <- formatC(row$median * scale, digits = 3, format = "fg", flag = "#")
    if (what == "Rmlx") number else sprintf("%s (%.2f)", number, row$ratio)
  }
  tasks <- unique(results$task)
  columns <- sapply(unique(results$what), function(what) vapply(tasks, cell, "", what), simplify = FALSE)
  names(columns) <- sprintf("%s, %s", names(columns), unit)
  markdown_table(data.frame(what = tasks, columns, check.names = FALSE))
}

# All there is to say about one median a row.
spread_table <- function(results, unit = c("ms", "s")) {
  unit <- match.arg(unit)
  shown <- function(x) formatC(x * c(ms = 1e3, s = 1)[[unit]], digits = 3, format = "fg", flag = "#")
  table <- data.frame(
    results$task, results$what, shown(results$median), paste(shown(results$lower), "to", shown(results$upper)),
    formatC(results$ratio, digits = 2, format = "f"), ifelse(results$what == "Rmlx", "", sprintf("%.0e", results$apart))
  )
  names(table) <- c("what", "system", sprintf("median, %s", unit), "quartiles", "ratio to Rmlx", "difference of results")
  markdown_table(table)
}
