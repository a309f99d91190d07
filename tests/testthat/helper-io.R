# Files that other programs wrote (fixtures/io-*.txt, made by fixtures/make-io-fixtures.py), and files to spoil.

# The raw vectors of a fixture file: "# name", then lines of hexadecimal digits.
io_fixtures <- function(kind) {
  lines <- readLines(testthat::test_path("fixtures", sprintf("io-%s.txt", kind)), encoding = "UTF-8")
  heads <- grepl("^# ", lines)
  text <- split(lines[!heads], factor(cumsum(heads)[!heads], seq_len(sum(heads))))
  bytes <- lapply(text, function(part) from_hex(paste(part, collapse = "")))
  stats::setNames(bytes, substring(lines[heads], 3L))
}

from_hex <- function(text) {
  starts <- seq.int(1L, by = 2L, length.out = nchar(text) / 2L)
  as.raw(strtoi(substring(text, starts, starts + 1L), 16L))
}

file_bytes <- function(path) readBin(path, "raw", file.size(path))

# A file of these bytes that lives as long as the caller.
bytes_file <- function(bytes, suffix, env = parent.frame()) {
  path <- withr::local_tempfile(fileext = suffix, .local_envir = env)
  writeBin(bytes, path)
  path
}

# What the fixtures hold for a dtype: 0 to 5 by rows; halves for floats, truth of odd numbers, i / 2 times it.
io_sample <- function(dtype) {
  n <- matrix(as.double(0:5), 2, byrow = TRUE)
  if (dtype == "bool") {
    n %% 2 == 1
  } else if (dtype == "complex64") {
    n + 0.5i * n
  } else if (grepl("float", dtype)) {
    n / 2
  } else {
    n
  }
}

expect_io_sample <- function(x, dtype, info = dtype) {
  expected <- io_sample(dtype)
  if (dtype == "int32") storage.mode(expected) <- "integer"
  expect_array_equal(x, expected, dtype = dtype, tolerance = 0, info = info)
}

# Variants of a good file: every truncation, one flipped bit in each byte, bytes of another file, random bytes.
spoiled <- function(bytes, seed = 1L, most = 150L) {
  withr::with_seed(seed, {
    at <- function(n) sort(sample(n, min(n, most)))
    cut <- lapply(at(length(bytes)), function(n) utils::head(bytes, n - 1L))
    flipped <- lapply(at(length(bytes)), function(i) {
      bytes[[i]] <- xor(bytes[[i]], as.raw(bitwShiftL(1L, sample(0:7, 1L))))
      bytes
    })
    extreme <- lapply(at(length(bytes)), function(i) {
      last <- min(length(bytes), i + 7L)
      bytes[i:last] <- as.raw(sample(c(0L, 127L, 128L, 255L), 1L))
      bytes
    })
    noise <- lapply(seq_len(most / 3), function(i) {
      c(utils::head(bytes, sample(0:12, 1L)), as.raw(sample(0:255, sample(200L, 1L), replace = TRUE)))
    })
    c(cut, flipped, extreme, noise)
  })
}

# Feeds all files of a folder to a loader in a child process. Each must load (then its values are read) or fail with
# mlx_error_io; the child reports how many of each there were, and must live to do so.
survivors <- function(folder, loader) {
  script <- withr::local_tempfile(fileext = ".R")
  writeLines(c(child_header(), sprintf("loader <- %s", paste(deparse(loader), collapse = "\n")), c(
    sprintf("files <- list.files(%s, full.names = TRUE)", deparse(folder)),
    "read <- function(x) if (is_mlx(x)) as.vector(x) else if (is.list(x)) lapply(x, read)",
    "count <- c(loaded = 0, refused = 0)",
    "for (file in files) {",
    "  problem <- tryCatch({ read(loader(file)); NULL }, error = identity)",
    "  if (is.null(problem)) count[1] <- count[1] + 1",
    "  else if (inherits(problem, 'mlx_error_io')) count[2] <- count[2] + 1",
    "  else cat(basename(file), class(problem)[1], conditionMessage(problem), '\\n')",
    "}",
    "cat(count, '\\n')"
  )), script)
  suppressWarnings(system2(rscript(), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = TRUE, timeout = 120))
}

# Spoils each of the good files and expects the loader to survive all of them.
expect_survives <- function(good, suffix, loader, most = 150L) {
  folder <- withr::local_tempdir()
  number <- 0L
  for (bytes in good) {
    for (bad in spoiled(bytes, seed = number, most = most)) {
      number <- number + 1L
      writeBin(bad, file.path(folder, sprintf("%05d%s", number, suffix)))
    }
  }
  output <- survivors(folder, loader)
  expect_null(attr(output, "status"))
  expect_length(output, 1L)
  counts <- as.numeric(strsplit(utils::tail(output, 1L), " ")[[1L]])
  expect_identical(sum(counts), as.double(number))
  expect_gt(counts[[2L]], number / 4)
}

# The Python interpreter that RMLX_PYTHON names, if it has the packages.
io_python <- function(packages) {
  python <- Sys.getenv("RMLX_PYTHON")
  testthat::skip_if_not(nzchar(python), "RMLX_PYTHON is not set")
  code <- paste("import", paste(packages, collapse = ", "))
  found <- suppressWarnings(system2(python, c("-c", shQuote(code)), stdout = FALSE, stderr = FALSE)) == 0
  testthat::skip_if_not(found, paste("Python packages:", toString(packages)))
  python
}

# Runs lines of Python; gives what they print.
run_python <- function(python, lines) {
  script <- withr::local_tempfile(fileext = ".py")
  writeLines(lines, script, useBytes = TRUE)
  suppressWarnings(system2(python, shQuote(script), stdout = TRUE, stderr = TRUE, env = "PYTHONWARNINGS=ignore"))
}
