#!/bin/sh
# Installs what building and testing Rmlx needs, and says what it does. With everything there it does nothing.
# usage: tools/setup.sh [developer]    (developer: also what `make lint`, `document`, `check` and `.ci/run` need)
set -eu

MIN_RUST=1.85
role=${1:-user}
r_packages="testthat withr knitr rmarkdown"
[ "$role" != developer ] || r_packages="$r_packages roxygen2 lintr"

say() {
  echo "setup: $*"
}

fail() {
  echo "setup: $*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# Runs a command as root.
as_root() {
  say "running: $*"
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    fail "this needs root, and sudo is not here; run as root: $*"
  fi
}

# --- one function per system: sets up everything but Rust ------------------------------------------------------------

debian() {
  wanted="make g++ cmake xz-utils libopenblas-dev liblapacke-dev pandoc"
  # an R from elsewhere has its own way to packages
  if ! has R || dpkg-query -S "$(command -v R)" >/dev/null 2>&1; then
    wanted="$wanted r-base-core r-base-dev $(for package in $r_packages; do echo "r-cran-$package"; done)"
  fi
  [ "$role" != developer ] || wanted="$wanted shellcheck debootstrap devscripts qpdf"
  missing=''
  for package in $wanted; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "missing:$missing"
  as_root apt-get -q update
  # shellcheck disable=SC2086  # a list
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing
}

fedora() {
  wanted="make gcc-c++ cmake xz R-core-devel openblas-devel lapack-devel pandoc"
  [ "$role" != developer ] || wanted="$wanted ShellCheck debootstrap qpdf"
  missing=''
  for package in $wanted; do
    rpm -q --whatprovides "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086  # a list
  as_root dnf install -y $missing
}

macos() {
  xcode-select -p >/dev/null 2>&1 || fail "Apple's command line tools are missing; run: xcode-select --install"
  missing=''
  for tool in cmake pandoc R:r; do
    has "${tool%%:*}" || missing="$missing ${tool##*:}"
  done
  [ "$role" != developer ] || has shellcheck || missing="$missing shellcheck"
  [ -n "$missing" ] || return 0
  has brew || fail "missing:$missing, and Homebrew is not here to install them (https://brew.sh)"
  say "running: brew install$missing"
  # shellcheck disable=SC2086  # a list
  brew install $missing
}

# --- Rust ------------------------------------------------------------------------------------------------------------

# Whether a version number (from a command or a package) is new enough.
new_enough() {
  printf '%s\n' "$1" | sed -n 's/^[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1 |
    { read -r major minor && [ "$major.$minor" != . ] && [ $((major * 1000 + minor)) -ge $((${MIN_RUST%.*} * 1000 + ${MIN_RUST#*.})) ]; }
}

rust() {
  PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  if has cargo && new_enough "$(cargo --version 2>/dev/null)"; then return; fi
  found=none
  ! has cargo || found=$(cargo --version 2>/dev/null || echo "one that does not start")
  say "Rust >= $MIN_RUST is needed (found: $found)"
  if has apt-get; then
    rust_from_apt
  elif has dnf; then
    as_root dnf install -y cargo rust
  elif has brew; then
    brew install rust
  fi
  if has cargo && new_enough "$(cargo --version 2>/dev/null)"; then return; fi
  if has rustup; then fail "rustup is here; run \`rustup update stable\`, then start again"; fi
  fail "your distribution has no Rust >= $MIN_RUST; get it with rustup (https://rustup.rs), then start again"
}

# The distribution's cargo where it is new enough, else the distribution's rustup.
rust_from_apt() {
  candidate() {
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p'
  }
  has rustup || [ -n "$(candidate cargo)" ] || as_root apt-get -q update
  if new_enough "$(candidate cargo)"; then
    as_root apt-get -q install -y cargo rustc
  elif ! has rustup && candidate rustup | grep -q '^[0-9]'; then
    as_root apt-get -q install -y rustup
    say "running: rustup default stable"
    rustup default stable
  fi
}

# R packages that the system's own packages did not bring.
r_library() {
  wanted=$(echo "$r_packages" | sed "s/[a-z0-9]*/'&'/g; s/ /, /g")
  missing=$(Rscript --vanilla -e "cat(setdiff(c($wanted), rownames(installed.packages())))")
  [ -n "$missing" ] || return 0
  say "R packages missing: $missing; running install.packages()"
  Rscript -e "install.packages(c('$(echo "$missing" | sed "s/ /', '/g")'))" ||
    fail "R could not install: $missing"
}

if has apt-get; then
  debian
elif has dnf; then
  fedora
elif [ "$(uname -s)" = Darwin ]; then
  macos
else
  say "this system has neither apt, dnf nor brew; configure will tell what is missing"
fi
has R || fail "R is not installed; see https://www.r-project.org"
r_library
rust
