#!/usr/bin/env Rscript
# Takes out of a `cargo vendor` folder what a build of Rmlx never reads, and keeps cargo's lists of checksums true.
# Licences stay. usage: Rscript dev/trim-vendor.R FOLDER
vendor <- commandArgs(trailingOnly = TRUE)[1]

unused <- list(
  "mlxrs-sys" = c(
    "vendor/mlx-c", "src", "build.rs",
    file.path("vendor/mlx", c("docs", "python", "tests", "examples", "benchmarks"))
  ),
  "safemlx-sys" = c("src", "build.rs", "build_support.rs", "examples", "scripts", "tests", "vendor/mlx-*.tar.gz"),
  # only ever compiled on Windows
  "windows-sys" = "src"
)

trim <- function(crate, paths) {
  folder <- file.path(vendor, crate)
  if (!dir.exists(folder)) {
    stop("cargo vendor made no folder ", folder, ": dev/trim-vendor.R wants a look", call. = FALSE)
  }
  found <- lapply(file.path(folder, paths), Sys.glob)
  if (any(lengths(found) == 0L)) {
    stop(crate, " no longer has ", toString(paths[lengths(found) == 0L]), call. = FALSE)
  }
  unlink(unlist(found), recursive = TRUE)
  # cargo wants a library's file to exist, even when it is never compiled
  dir.create(file.path(folder, "src"), showWarnings = FALSE)
  file.create(file.path(folder, c("src/lib.rs", "build.rs")))
  keep_checksums(folder)
}

keep_checksums <- function(folder) {
  file <- file.path(folder, ".cargo-checksum.json")
  sums <- jsonlite::fromJSON(file, simplifyVector = FALSE)
  there <- vapply(names(sums$files), function(name) file.size(file.path(folder, name)) > 0, TRUE)
  sums$files <- sums$files[which(there)]
  writeLines(jsonlite::toJSON(sums, auto_unbox = TRUE), file)
}

size <- function() sum(file.size(list.files(vendor, recursive = TRUE, all.files = TRUE, full.names = TRUE))) / 2^20
before <- size()
for (crate in names(unused)) trim(crate, unused[[crate]])
cat(sprintf("vendored crates: %.0f MiB, trimmed to %.0f MiB\n", before, size()))
