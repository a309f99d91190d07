#!/bin/sh
# rustfmt, clippy, lintr and shellcheck; every finding counts. Runs from the package's root.
set -u
status=0

run() {
  echo "lint: $1"
  shift
  "$@" || status=1
}

run rustfmt cargo fmt --manifest-path src/rust/Cargo.toml --all --check
run clippy sh -c 'cd src/rust && cargo clippy --quiet --locked --release --workspace --all-targets -- -D warnings'
run lintr Rscript --vanilla -e '
  lints <- do.call(c, lapply(
    c("R", "tests", "tools", "dev", "benchmarks", "vignettes"),
    function(folder) if (dir.exists(folder)) lintr::lint_dir(folder, pattern = "[.](R|Rmd)$", relative_path = FALSE)
  ))
  print(structure(lints, class = "lints"))
  quit(status = as.integer(length(lints) > 0L))'
run shellcheck shellcheck configure cleanup tools/*.sh dev/*.sh .ci/run
exit $status
