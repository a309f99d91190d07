#!/bin/sh
# Tests every branch of configure, with stand-ins for the tools put first on the PATH.
set -u

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Gives each case a copy of the package's build files and an empty folder of stand-ins.
fresh() {
  rm -rf "${work:?}/package" "${work:?}/bin"
  mkdir -p "$work/package/src/rust" "$work/bin"
  cp -R "$here/configure" "$here/tools" "$work/package/"
  cp "$here/src/Makevars.in" "$work/package/src/"
}

# stub NAME TEXT: a tool that prints TEXT and succeeds; with no text, one that is as good as missing.
stub() {
  if [ -n "${2:-}" ]; then
    printf '#!/bin/sh\necho "%s"\n' "$2" >"$work/bin/$1"
  else
    printf '#!/bin/sh\nexit 127\n' >"$work/bin/$1"
  fi
  chmod +x "$work/bin/$1"
}

a_mac() {
  # shellcheck disable=SC2016  # for the stand-in
  printf '#!/bin/sh\n[ "${1:-}" = -m ] && echo arm64 || echo Darwin\n' >"$work/bin/uname"
  chmod +x "$work/bin/uname"
}

# configured STATUS [VARIABLE=VALUE...] [-- OPTION...]: runs configure and checks its exit status.
configured() {
  wanted=$1
  shift
  variables=''
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    variables="$variables $1"
    shift
  done
  [ $# -eq 0 ] || shift
  # shellcheck disable=SC2086  # assignments without blanks
  (cd "$work/package" && env PATH="$work/bin:$PATH" $variables ./configure "$@") >"$work/log" 2>&1
  check "exit status $wanted" test $? = "$wanted"
}

says() {
  check "says '$1'" grep -qF -- "$1" "$work/log"
}

check() {
  title=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name: $title"
    sed 's/^/    /' "$work/log"
  fi
}

begin() {
  name=$1
  fresh
}

begin "all there"
configured 0
says "backends  CPU"
check "Makevars has no placeholder left" sh -c "! grep -q '@[A-Z_]*@' '$work/package/src/Makevars'"
check "cargo's settings are written" grep -q RMLX_LINK_DIR "$work/package/src/rust/.cargo/config.toml"

begin "everything missing is told at once"
for tool in R cargo rustc cmake; do stub $tool; done
configured 1 CXX="$work/bin/R"
for what in "R >= " "cargo >= " "rustc >= " "cmake >= " "C++20 compiler" "cblas.h" "a BLAS"; do says "$what"; done
says "sudo apt-get install r-base-dev cargo rustc cmake g++ libopenblas-dev"
says "sudo dnf install R-devel cargo rust cmake gcc-c++ openblas-devel"
says "brew install r rust cmake llvm openblas"
check "no Makevars is left" test ! -e "$work/package/src/Makevars"

begin "old Rust"
stub cargo "cargo 1.63.0" && stub rustc "rustc 1.63.0"
configured 1
says "cargo >= 1.85 (found: 1.63.0)"

begin "old Rust, with rustup"
stub cargo "cargo 1.84.9" && stub rustc "rustc 1.84.9" && stub rustup "rustup 1.27"
configured 1
says "rustup update stable"

begin "old R"
stub R "R version 4.1.3 (2022-03-10)"
configured 1 R_HOME=
says "R >= 4.2 (found: 4.1.3)"

begin "old cmake"
stub cmake "cmake version 3.18.4"
configured 1
says "cmake >= 3.25 (found: 3.18.4"

begin "old gcc"
stub oldcxx "clang __clang_major__ __clang_minor__ gcc 10 2"
configured 1 CXX="$work/bin/oldcxx"
says "gcc >= 11 or clang >= 14 (found: gcc 10.2"

begin "old clang"
stub oldcxx "clang 13 0 gcc 4 2"
configured 1 CXX="$work/bin/oldcxx"
says "found: clang 13.0"

begin "an MLX that is not there"
configured 1 -- "--with-mlx=$work/nowhere"
says "no include/mlx/version.h there"

begin "an existing MLX needs no cmake and no BLAS"
stub cmake
mkdir -p "$work/mlx/include/mlx"
printf '#define MLX_VERSION_MAJOR 0\n#define MLX_VERSION_MINOR 32\n#define MLX_VERSION_PATCH 2\n' >"$work/mlx/include/mlx/version.h"
configured 0 MLX_PREFIX="$work/mlx"
says "MLX       0.32.2"
check "cargo is told" grep -q "MLX_PREFIX = { value = '$work/mlx'" "$work/package/src/rust/.cargo/config.toml"

begin "CUDA without nvcc"
configured 1 CUDA_HOME="$work/nowhere" -- --with-cuda
says "nvcc, since CUDA was asked for"

begin "CUDA with nvcc"
stub nvcc "Cuda compilation tools, release 12.4, V12.4.131"
configured 0 -- --with-cuda
says "backends  CPU, CUDA 12.4"
check "cargo is told" grep -q "RMLX_CUDA = { value = 'yes'" "$work/package/src/rust/.cargo/config.toml"

begin "nvcc there, CUDA not asked for"
stub nvcc "Cuda compilation tools, release 12.4, V12.4.131"
configured 0
says "CUDA 12.4 was found: --with-cuda builds for it"

begin "a Mac with Metal"
stub xcrun "Apple metal version 32023"
a_mac
configured 0
says "backends  CPU, Metal"

begin "a Mac without Metal's compiler"
stub xcrun
a_mac
configured 0
says "no Metal"

begin "Metal switched off"
a_mac
configured 0 -- --without-metal
says "Metal is switched off"

begin "a build for any processor"
configured 0 -- --portable
says "for any x86-64 processor"
check "cargo is told" grep -q "RMLX_WIDE = { value = 'no'" "$work/package/src/rust/.cargo/config.toml"

begin "no cache"
configured 0 -- --no-cache
says "not kept"
check "cargo is told" grep -q "RMLX_CACHE = { value = 'off'" "$work/package/src/rust/.cargo/config.toml"

begin "a release with its crates"
mkdir "$work/package/src/rust/vendor" && echo crate >"$work/package/src/rust/vendor/crate"
(cd "$work/package/src/rust" && tar cJf vendor.tar.xz vendor && rm -r vendor)
configured 0
says "nothing is fetched"
check "the crates are unpacked" test -f "$work/package/src/rust/vendor/crate"
check "cargo works offline" grep -q -- "--locked --offline" "$work/package/src/Makevars"

begin "R's own compiler in the environment, as R 4.5 puts it there"
(cd "$work/package" && CXX=$(R CMD config CXX) CXXFLAGS=$(R CMD config CXXFLAGS) ./configure) >"$work/log" 2>&1
check "cargo is not told" sh -c "! grep -q CXX '$work/package/src/rust/.cargo/config.toml'"

begin "the user's own flags"
(cd "$work/package" && CXXFLAGS="-O3 -mavx2" ./configure) >"$work/log" 2>&1
check "cargo is told" grep -q "CXXFLAGS = { value = '-O3 -mavx2'" "$work/package/src/rust/.cargo/config.toml"

begin "an unknown option"
configured 0 -- --with-cudda
says "--with-cudda is not known"

begin "help"
configured 0 -- --help
says "--with-mlx=PREFIX"

echo "configure: $passed passed, $failed failed"
[ "$failed" = 0 ]
