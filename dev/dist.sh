#!/usr/bin/env bash
# Makes the release tarball dist/Rmlx_VERSION.tar.gz: the package with all its crates inside (src/rust/vendor.tar.xz),
# so that it installs with no network. Built from the tracked files and the new ones that git does not ignore.
set -euo pipefail

cd "$(dirname "$0")/.."
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

echo "dist: copying the package"
mkdir "$stage/Rmlx"
git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
  tar -c --null -T - -f - | tar -x -C "$stage/Rmlx" -f -

echo "dist: collecting the crates"
rust=$stage/Rmlx/src/rust
cargo vendor --quiet --locked --manifest-path "$rust/Cargo.toml" "$rust/vendor" >/dev/null
Rscript --vanilla dev/trim-vendor.R "$rust/vendor"
# names and times in a fixed order, so that the same crates give the same archive
tar -C "$rust" --sort=name --owner=0 --group=0 --mtime=@0 -cf - vendor | xz -9 -T1 >"$rust/vendor.tar.xz"
rm -r "$rust/vendor"

echo "dist: building the tarball (installs the package once, for its vignettes)"
(cd "$stage" && R CMD build Rmlx) || { echo "dist: R CMD build failed" >&2 && exit 1; }
mkdir -p dist
rm -f dist/Rmlx_*.tar.gz
mv "$stage"/Rmlx_*.tar.gz dist/
ls -lh dist
