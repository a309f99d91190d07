#!/usr/bin/env bash
# Proves that a release tarball installs with nothing but what is on the machine: no network, an empty home folder
# (so no crates and no built MLX from before), a library of its own. usage: dev/offline-install.sh TARBALL
set -euo pipefail

[ -f "${1:-}" ] || { echo "usage: $0 TARBALL" >&2 && exit 2; }
tarball=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/library"

# rustup keeps its toolchains below the home folder that is about to change
if [ -d "${RUSTUP_HOME:-$HOME/.rustup}" ]; then export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}; fi
export PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
unset CARGO_HOME CARGO_TARGET_DIR MLX_PREFIX RMLX_CACHE R_USER_CACHE_DIR XDG_CACHE_HOME

# Cuts the network off, with a user namespace when not root.
if unshare -n true 2>/dev/null; then
  cut_off=(unshare -n)
elif unshare -rn true 2>/dev/null; then
  cut_off=(unshare -rn)
else
  echo "offline: no network namespace here; relying on cargo --offline and an empty cargo home"
  cut_off=(env CARGO_NET_OFFLINE=true)
fi

offline() {
  HOME=$work/home R_LIBS=$work/library "${cut_off[@]}" "$@"
}

offline R CMD INSTALL "$tarball" --library="$work/library" 2>&1 | tee "$work/log"

if grep -E 'Downloading|Downloaded|Updating .*index|Fetching|curl|Could not resolve' "$work/log"; then
  echo "offline: the log above speaks of a download" >&2
  exit 1
fi
if [ -e "$work/home/.cargo" ]; then
  echo "offline: the install wrote to the user's cargo folder" >&2
  exit 1
fi

offline Rscript -e '
  library(Rmlx)
  a <- matrix(c(2, 1, 1, 3), 2)
  stopifnot(all.equal(as.matrix(as_mlx(a) %*% solve(as_mlx(a))), diag(2), tolerance = 1e-5))
  twice <- mlx_compile(function(x) x * 2 + 1)
  stopifnot(all.equal(as.matrix(twice(as_mlx(a))), a * 2 + 1))
  cat("offline: installed and works\n")'
