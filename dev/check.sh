#!/bin/sh
# R CMD check --as-cran on a tarball, with everything off that would look for the network; a warning fails it too.
# usage: dev/check.sh TARBALL
set -eu

[ -f "${1:-}" ] || { echo "usage: $0 TARBALL" >&2 && exit 2; }
tarball=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
export PATH

export _R_CHECK_CRAN_INCOMING_=false
export _R_CHECK_CRAN_INCOMING_REMOTE_=false
export _R_CHECK_SYSTEM_CLOCK_=false
export _R_CHECK_XREFS_USE_ALIASES_FROM_CRAN_=false
export _R_CHECK_FORCE_SUGGESTS_=false
# a repository with nothing in it, for the checks that would read CRAN's index
mkdir -p "$work/repository/src/contrib"
touch "$work/repository/src/contrib/PACKAGES"
echo "options(repos = c(CRAN = 'file://$work/repository'))" >"$work/profile.R"
export R_PROFILE_USER="$work/profile.R"

# the manual needs LaTeX, which is no small thing to install
manual=''
command -v pdflatex >/dev/null || manual=--no-manual

status=0
# shellcheck disable=SC2086  # an option or none
R CMD check --as-cran $manual --output="$work" "$tarball" || status=$?
log=$work/Rmlx.Rcheck/00check.log
rm -rf Rmlx.Rcheck
mkdir Rmlx.Rcheck
find "$work/Rmlx.Rcheck" -maxdepth 1 \( -name '*.log' -o -name '*.out' -o -name '*.fail' \) -exec cp {} Rmlx.Rcheck/ \;
find "$work/Rmlx.Rcheck/tests" -name '*.Rout*' -exec cp {} Rmlx.Rcheck/ \; 2>/dev/null || true
if [ $status -ne 0 ] || grep -q '^Status:.*WARNING' "$log"; then
  echo "check: not clean; the logs are in Rmlx.Rcheck/" >&2
  exit 1
fi
