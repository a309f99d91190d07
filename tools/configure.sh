#!/bin/sh
# Looks for what the build needs, tells in one block what it found, and writes src/Makevars and the settings for cargo.
# `configure` runs it from the package's root.
set -u

MIN_R=4.2
MIN_RUST=1.85
MIN_CMAKE=3.25
MIN_GCC=11
MIN_CLANG=14

usage() {
  cat <<'TEXT'
Options, given as R CMD INSTALL --configure-args='...':
  --with-mlx=PREFIX   link the MLX in PREFIX (include/mlx/mlx.h and lib/libmlx.so) instead of building one
  --with-cuda         build MLX's CUDA backend (needs nvcc)
  --without-metal     leave the Metal backend out on a Mac
  --portable          build MLX for any x86-64 processor, without kernels of 256-bit vectors
  --no-cache          build MLX inside the package's own folder, and keep nothing
Environment variables with the same meaning: MLX_PREFIX, RMLX_CUDA=yes, RMLX_METAL=no, RMLX_WIDE=no,
  RMLX_CACHE=off.
Others: RMLX_CACHE=FOLDER (where built MLX libraries are kept), RMLX_JOBS (parallel jobs, 2 by default),
  RMLX_CUDA_ARCHITECTURES, RMLX_BLAS_LIBS (linker flags), CARGO, RUSTC, CXX, CXXFLAGS.
TEXT
}

parse_options() {
  mlx_prefix=${MLX_PREFIX:-}
  want_cuda=${RMLX_CUDA:-no}
  want_metal=${RMLX_METAL:-yes}
  want_wide=${RMLX_WIDE:-yes}
  cache=${RMLX_CACHE:-}
  for option in "$@"; do
    case $option in
    --with-mlx=*) mlx_prefix=${option#--with-mlx=} ;;
    --with-cuda) want_cuda=yes ;;
    --without-cuda) want_cuda=no ;;
    --without-metal) want_metal=no ;;
    --portable) want_wide=no ;;
    --no-cache) cache=off ;;
    --help | -h) usage && exit 0 ;;
    *) row note "the option $option is not known (see ./configure --help)" ;;
    esac
  done
}

# --- the block -------------------------------------------------------------------------------------------------------

row() {
  printf '  %-9s %s\n' "$1" "$2"
}

rule() {
  echo "--- $1 ------------------------------------------------------------------------------" | cut -c 1-80
}

# --- what is missing -------------------------------------------------------------------------------------------------

problems='' apt='' dnf='' brew=''

# need PROBLEM APT DNF BREW: remembers a problem and the packages that solve it.
need() {
  problems="$problems
  * $1"
  apt="$apt $2" dnf="$dnf $3" brew="$brew $4"
}

fix() {
  [ -z "$(echo "$2" | tr -d ' ')" ] || printf '  %-16s %s\n' "$1" "$(echo "$2" | tr ' ' '\n' | awk '!seen[$0]++' | xargs)"
}

stop_if_missing() {
  [ -n "$problems" ] || return 0
  {
    rule "Rmlx cannot be built"
    echo "Missing or too old:$problems"
    echo "To install what is missing:"
    fix "Debian, Ubuntu" "${apt:+sudo apt-get install$apt}"
    fix "Fedora, RHEL" "${dnf:+sudo dnf install$dnf}"
    fix "macOS" "${brew:+brew install$brew}"
    rule "----"
  } >&2
  exit 1
}

# --- looking ---------------------------------------------------------------------------------------------------------

# The first version number in a text.
number() {
  printf '%s\n' "$1" | sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1
}

# at_least FOUND WANTED, by major and minor.
at_least() {
  printf '%s\n%s\n' "$1" "$2" |
    awk -F. 'NR == 1 { a = $1 + 0; b = $2 + 0 } END { exit !(a > $1 + 0 || (a == $1 + 0 && b >= $2 + 0)) }'
}

find_r() {
  r=R
  [ -z "${R_HOME:-}" ] || r=$R_HOME/bin/R
  version=$(number "$("$r" --version 2>/dev/null | head -n 1)")
  row R "${version:-not found}"
  at_least "${version:-0}" $MIN_R ||
    need "R >= $MIN_R (found: ${version:-none})" r-base-dev R-devel r
}

# A Rust that rustup installed is often not on the PATH that R sees.
find_rust() {
  cargo=$(command -v "${CARGO:-cargo}" || true)
  for folder in "${CARGO_HOME:-${HOME:-}/.cargo}/bin" /opt/homebrew/bin /usr/local/bin; do
    if [ -z "$cargo" ] && [ -x "$folder/cargo" ]; then cargo=$folder/cargo; fi
  done
  cargo_dir=$(dirname "${cargo:-/usr/bin/cargo}")
  check_rust cargo "$cargo"
  check_rust rustc "$(PATH="$cargo_dir:$PATH" command -v "${RUSTC:-rustc}" || true)"
}

check_rust() {
  version=''
  [ -z "$2" ] || version=$(number "$("$2" --version 2>/dev/null)")
  row "$1" "${version:-not found}${version:+  ($2)}"
  at_least "${version:-0}" $MIN_RUST && return
  advice="where the distribution's is older (Debian 12, Ubuntu 22.04), get it with rustup: https://rustup.rs"
  if command -v rustup >/dev/null; then advice="rustup is here: run \`rustup update stable\`"; fi
  need "$1 >= $MIN_RUST (found: ${version:-none}); $advice" "$1" "$([ "$1" = rustc ] && echo rust || echo "$1")" rust
}

find_cmake() {
  [ -z "$mlx_prefix" ] || return 0
  version=$(number "$(cmake --version 2>/dev/null | head -n 1)")
  row cmake "${version:-not found}"
  at_least "${version:-0}" $MIN_CMAKE ||
    need "cmake >= $MIN_CMAKE (found: ${version:-none}; a newer one is also in the PyPI package cmake)" cmake cmake cmake
}

# What a compiler says of itself, less the name it was called by.
identity() {
  $1 --version 2>/dev/null | head -n 1 | cut -d ' ' -f 2-
}

# Since 4.5 R gives configure its own compiler and flags in the environment; only what differs is the user's wish.
wish() {
  [ "$2" = "$("$r" CMD config "$1" 2>/dev/null)" ] || echo "$2"
}

# The compiler that R uses for C++20; plain `c++` is the build's default, so it is set only where the two differ.
find_compiler() {
  cxx=$(wish CXX "${CXX:-}")
  cxxflags=$(wish CXXFLAGS "${CXXFLAGS:-}")
  if [ -z "$cxx" ]; then
    cxx=$("$r" CMD config CXX20 2>/dev/null | grep -v ERROR | sed 's/ *-std=[^ ]*//')
    if [ -z "$cxx" ] || [ "$(identity "$cxx")" = "$(identity c++)" ]; then cxx=''; fi
  fi
  # shellcheck disable=SC2086  # a compiler may come with flags
  macros=$(echo 'clang __clang_major__ __clang_minor__ gcc __GNUC__ __GNUC_MINOR__' | ${cxx:-c++} -E -P -x c++ - 2>/dev/null)
  case $macros in
  *'clang __clang_major__'*) check_compiler gcc "$(echo "$macros" | awk '{ print $5 "." $6 }')" $MIN_GCC ;;
  clang*) check_compiler clang "$(echo "$macros" | awk '{ print $2 "." $3 }')" $MIN_CLANG ;;
  *) check_compiler none 0 $MIN_GCC ;;
  esac
}

check_compiler() {
  found="none"
  [ "$1" = none ] || found="$1 $2"
  row C++ "$found  (${cxx:-c++})"
  at_least "$2" "$3" || need "a C++20 compiler: gcc >= $MIN_GCC or clang >= $MIN_CLANG (found: $found; on a Mac: xcode-select --install)" g++ gcc-c++ llvm
}

# --- BLAS and LAPACK: Accelerate on a Mac ----------------------------------------------------------------------------

find_blas() {
  [ -z "$mlx_prefix" ] || return 0
  blas_include=''
  if [ "$system" = Darwin ]; then
    row BLAS "Accelerate"
    return
  fi
  headers=$(blas_headers && echo yes)
  libraries=$(blas_libraries)
  row BLAS "${libraries:-not found}${blas_include:+  (headers in $blas_include)}"
  [ "$headers" = yes ] || blas_headers || need "the headers cblas.h and lapacke.h" "libopenblas-dev liblapacke-dev" "openblas-devel" openblas
  [ -n "$libraries" ] || need "a BLAS with its C interface, and LAPACK" "libopenblas-dev" "openblas-devel" openblas
}

preprocesses() {
  printf '#include <cblas.h>\n#include <lapacke.h>\n' |
    ${cxx:-c++} -E -x c++ ${1:+"-I$1"} - >/dev/null 2>&1
}

# Fedora keeps the headers in folders of their own.
blas_headers() {
  for blas_include in '' /usr/include/openblas /usr/include/flexiblas /usr/include/lapacke; do
    if preprocesses "$blas_include"; then return 0; fi
  done
  blas_include=''
  return 1
}

# Prints the first flags that link; the same candidates stand in src/rust/mlx/build/blas.rs.
blas_libraries() {
  folder=$(mktemp -d)
  echo 'extern "C" { void cblas_sgemm(); void sgesdd_(); void dpotrf_(); }
    int main(int argc, char **) { if (argc > 9) { cblas_sgemm(); sgesdd_(); dpotrf_(); } }' >"$folder/blas.cpp"
  for flags in ${RMLX_BLAS_LIBS:+"$RMLX_BLAS_LIBS"} -lopenblas '-lopenblas -llapack' -lflexiblas \
    '-llapack -lcblas -lblas' '-llapack -lblas'; do
    # shellcheck disable=SC2086  # several flags
    if ${cxx:-c++} "$folder/blas.cpp" -o "$folder/blas" $flags >/dev/null 2>&1; then
      echo "$flags"
      break
    fi
  done
  rm -rf "$folder"
}

# --- backends and MLX ------------------------------------------------------------------------------------------------

find_backends() {
  backends=CPU remarks=''
  if [ -n "$mlx_prefix" ]; then
    row backends "those of the MLX in $mlx_prefix"
    return
  fi
  find_metal
  find_cuda
  row backends "$backends$remarks"
}

# Vectors of 256 bits: where this processor, the compiler and the linker know them. What they make runs on no older processor.
find_wide() {
  wide=no
  [ "$system $(uname -m)" = "Linux x86_64" ] && [ -z "$mlx_prefix" ] || return 0
  if [ "$want_wide" = no ]; then
    row kernels "for any x86-64 processor"
  elif ! has_wide_vectors; then
    row kernels "for any x86-64 processor, since this one has no AVX2"
  elif ! compiles_wide; then
    row kernels "for any x86-64 processor, since the compiler does not know -march=x86-64-v3"
  else
    wide=yes
    row kernels "for x86-64 processors with AVX2 (--portable builds for any)"
  fi
}

has_wide_vectors() {
  flags=" $(sed -n 's/^flags[^:]*://p' /proc/cpuinfo 2>/dev/null | head -n 1) "
  for flag in avx2 fma f16c bmi1 bmi2 movbe abm; do
    case $flags in *" $flag "*) ;; *) return 1 ;; esac
  done
}

compiles_wide() {
  folder=$(mktemp -d)
  echo 'int main() {}' >"$folder/wide.cpp"
  # shellcheck disable=SC2086  # a compiler may come with flags
  ${cxx:-c++} -march=x86-64-v3 -Wl,-z,x86-64-v3 "$folder/wide.cpp" -o "$folder/wide" >/dev/null 2>&1
  known=$?
  rm -rf "$folder"
  return $known
}

find_metal() {
  [ "$system" = Darwin ] || return 0
  if [ "$want_metal" = no ]; then
    remarks="$remarks; Metal is switched off"
  elif [ "$(uname -m)" != arm64 ]; then
    remarks="$remarks; Metal needs Apple silicon"
  elif xcrun -sdk macosx metal --version >/dev/null 2>&1; then
    backends="$backends, Metal"
  else
    remarks="$remarks; no Metal, since \`xcrun metal\` does not work: install Xcode, then xcodebuild -downloadComponent MetalToolchain"
  fi
}

find_cuda() {
  nvcc=$(command -v nvcc || true)
  if [ -z "$nvcc" ] && [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]; then nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc; fi
  if [ -z "$nvcc" ]; then
    [ "$want_cuda" != yes ] || need "nvcc, since CUDA was asked for (or leave --with-cuda out)" nvidia-cuda-toolkit cuda-toolkit ''
    return
  fi
  version=$(number "$("$nvcc" --version | sed -n 's/.*release//p')")
  if [ "$want_cuda" = yes ]; then
    backends="$backends, CUDA $version"
  else
    remarks="$remarks; CUDA $version was found: --with-cuda builds for it"
  fi
}

find_mlx() {
  if [ -n "$mlx_prefix" ]; then
    find_existing_mlx
    return
  fi
  case $cache in
  off) row MLX "built from source, about 4 minutes on two cores, not kept (cache off)" ;;
  *)
    folder=${cache:-$(default_cache)}
    row MLX "built from source (about 4 minutes on two cores), unless kept from before"
    row "" "in $folder ($(find "$folder" -maxdepth 1 -name 'mlx-*' 2>/dev/null | wc -l | tr -d ' ') kept there)"
    ;;
  esac
}

# The same folder as in src/rust/mlx/build/cache.rs and tools::R_user_dir("Rmlx", "cache").
default_cache() {
  user=$HOME/.cache
  [ "$system" != Darwin ] || user=$HOME/Library/Caches/org.R-project.R
  echo "${R_USER_CACHE_DIR:-${XDG_CACHE_HOME:-$user}}/R/Rmlx/build"
}

find_existing_mlx() {
  header=$mlx_prefix/include/mlx/version.h
  if [ -f "$header" ]; then
    mlx_prefix=$(cd "$mlx_prefix" && pwd)
    row MLX "$(awk '/#define MLX_VERSION_(MAJOR|MINOR|PATCH)/ { printf "%s%s", dot, $3; dot = "." }' "$header")  ($mlx_prefix)"
  else
    row MLX "not found in $mlx_prefix"
    need "an MLX in $mlx_prefix (no include/mlx/version.h there); leave --with-mlx out to build one" '' '' mlx
  fi
}

# --- writing ---------------------------------------------------------------------------------------------------------

# A release tarball brings all crates; they are used with no network and without touching the user's cargo folder.
unpack_crates() {
  if [ ! -f src/rust/vendor.tar.xz ]; then
    row crates "from the registry, pinned by Cargo.lock"
    return
  fi
  row crates "in this package; nothing is fetched"
  rm -rf src/rust/vendor
  "$r" --vanilla -s -e 'utils::untar("src/rust/vendor.tar.xz", exdir = "src/rust", tar = "internal")' || exit 1
}

setting() {
  [ -z "$2" ] || printf "%s = { value = '%s', force = true }\n" "$1" "$2"
}

settings() {
  echo "# Written by tools/configure.sh: every cargo command in this folder builds with these settings."
  echo "[env]"
  # set by R itself when it builds the package; plain cargo is to see the same, or it would build anew
  setting R_HOME "$("$r" RHOME)"
  # shellcheck disable=SC2016  # for the shell that R starts
  setting R_INCLUDE_DIR "$("$r" CMD sh -c 'echo "$R_INCLUDE_DIR"')"
  setting RMLX_LINK_DIR "$PWD/src/rust/target/link"
  setting MLX_PREFIX "$mlx_prefix"
  setting RMLX_CACHE "$cache"
  setting RMLX_CUDA "${want_cuda#no}"
  setting RMLX_METAL "${want_metal#yes}"
  setting RMLX_WIDE "$wide"
  setting CUDACXX "${nvcc:-}"
  setting RMLX_CUDA_ARCHITECTURES "${RMLX_CUDA_ARCHITECTURES:-}"
  setting RMLX_BLAS_LIBS "${RMLX_BLAS_LIBS:-}"
  setting CMAKE_INCLUDE_PATH "${blas_include:-}"
  setting CXX "$cxx"
  setting CXXFLAGS "$cxxflags"
  [ ! -f src/rust/vendor.tar.xz ] || cat <<'TEXT'

[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
TEXT
}

# Before version 1.86 or so cargo does not notice a change of [env]; a missing output makes it run the build again.
write_settings() {
  file=src/rust/.cargo/config.toml
  mkdir -p src/rust/.cargo
  settings >$file.new
  cmp -s $file $file.new 2>/dev/null || rm -f src/rust/target/link/link-flags
  mv $file.new $file
}

# Prints those of the given flags that the linker takes, one by one.
linker_flags() {
  folder=$(mktemp -d)
  echo 'int rmlx_probe;' >"$folder/probe.c"
  for flag in "$@"; do
    # shellcheck disable=SC2046  # compiler and flags
    if $("$r" CMD config CC) -shared -fPIC "$folder/probe.c" -o "$folder/probe.so" "$flag" >/dev/null 2>&1; then
      printf '%s ' "$flag"
    fi
  done
  rm -rf "$folder"
}

# The C++ library that the compiler uses.
runtime() {
  if echo '#include <version>' | ${cxx:-c++} -std=c++20 -E -dM -x c++ - 2>/dev/null | grep -q _LIBCPP_VERSION; then
    echo -lc++
  else
    echo -lstdc++
  fi
}

write_makevars() {
  headers="sh ../tools/copy-headers.sh \"\`cat \$(LINK)/mlx-include\`\" ../inst/include"
  # an existing MLX finds its own headers
  [ -z "$mlx_prefix" ] || headers="rm -rf ../inst/include"
  cargo_home='' cargo_flags=--locked tidy=:
  if [ -f src/rust/vendor.tar.xz ]; then
    # shellcheck disable=SC2016  # for the shell that make starts
    cargo_home='CARGO_HOME="$$PWD/.cargo-home"' cargo_flags='--locked --offline'
    tidy='rm -rf rust/target rust/vendor rust/.cargo rust/.cargo-home'
  fi
  sed -e "s|@LINKER_FLAGS@|$(linker_flags -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-dead_strip)$(runtime)|" \
    -e "s|@CARGO_DIR@|$cargo_dir|" -e "s|@CARGO@|$cargo|" \
    -e "s|@CARGO_HOME@|$cargo_home|" -e "s|@CARGO_FLAGS@|$cargo_flags|" \
    -e "s|@HEADERS@|$headers|" -e "s|@TIDY@|$tidy|" src/Makevars.in >src/Makevars
}

system=$(uname -s)
rule "Rmlx"
parse_options "$@"
find_r
find_rust
find_cmake
find_compiler
find_blas
find_mlx
find_backends
find_wide
stop_if_missing
unpack_crates
row change "R CMD INSTALL --configure-args='--with-mlx=PREFIX | --with-cuda | --without-metal | --portable | --no-cache'"
row "" "(or MLX_PREFIX, RMLX_CUDA=yes, RMLX_METAL=no, RMLX_WIDE=no, RMLX_CACHE=off; ./configure --help tells more)"
rule "----"
write_settings
write_makevars
