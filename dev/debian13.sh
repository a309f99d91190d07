#!/bin/sh
# Installs a release tarball on Debian 13 (R 4.5, its own cargo 1.85) and runs the test suite there, with no network.
# usage: dev/debian13.sh prepare | dev/debian13.sh test TARBALL
# The chroot is kept in RMLX_DEBIAN13 (default /var/cache/rmlx-debian13), so a second run is quick; needs root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${RMLX_DEBIAN13:-/var/cache/rmlx-debian13}
packages="r-base-core r-base-dev cargo rustc cmake g++ make xz-utils libopenblas-dev liblapacke-dev pandoc
  r-cran-testthat r-cran-withr r-cran-knitr r-cran-rmarkdown"

fail() {
  echo "debian13: $*" >&2
  exit 1
}

# The mirror that this machine's own apt uses.
mirror() {
  if [ -n "${RMLX_DEBIAN_MIRROR:-}" ]; then
    echo "$RMLX_DEBIAN_MIRROR"
  else
    # shellcheck disable=SC2016  # apt's own placeholder
    apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | sort -u | head -n 1
  fi
}

# Runs a command in the chroot. Mounts and processes live in namespaces of their own: they end with it, whatever happens.
# usage: inside SCRIPT [option of unshare]
inside() {
  script=$1
  shift
  # shellcheck disable=SC2016  # for the shell in the namespace
  unshare --mount --propagation private --pid --fork --kill-child "$@" sh -euc '
    mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    mount -t tmpfs tmpfs "$0/tmp"
    exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      RMLX_JOBS="${RMLX_JOBS:-2}" DEBIAN_FRONTEND=noninteractive sh -euc "$1"' "$root" "$script"
}

bootstrap() {
  command -v debootstrap >/dev/null || fail "debootstrap is missing; run tools/setup.sh developer"
  from=$(mirror)
  [ -n "$from" ] || fail "no Debian mirror in apt's sources; set RMLX_DEBIAN_MIRROR"
  rm -rf "$root"
  unshare --mount --propagation private debootstrap --variant=minbase trixie "$root.part" "$from" ||
    fail "debootstrap failed; its log is $root.part/debootstrap/debootstrap.log"
  mv "$root.part" "$root"
}

prepare() {
  [ -x "$root/bin/sh" ] || bootstrap
  [ "$(cat "$root/.rmlx-packages" 2>/dev/null)" != "$packages" ] || return 0
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  inside "apt-get -q update; apt-get -q install -y --no-install-recommends $(echo "$packages" | tr '\n' ' ')"
  printf '%s\n' "$packages" >"$root/.rmlx-packages"
}

run_tests() {
  rm -rf "$root/work"
  mkdir -p "$root/work/library"
  cp "$1" "$root/work/rmlx.tar.gz"
  cp "$here/run-tests.R" "$root/work/"
  # shellcheck disable=SC2016  # for the shell in the chroot
  inside '
    cd /work
    . /etc/os-release
    echo "$PRETTY_NAME, $(R --version | head -n 1), $(cargo --version)"
    R CMD INSTALL --library=/work/library rmlx.tar.gz
    tar xzf rmlx.tar.gz
    R_LIBS=/work/library Rscript run-tests.R Rmlx/tests/testthat' --net
}

[ "$(id -u)" = 0 ] || fail "needs root (chroot); use: sudo $0 $*"
case ${1:-} in
prepare) prepare ;;
test)
  [ -f "${2:-}" ] || fail "usage: $0 test TARBALL"
  prepare
  run_tests "$2"
  ;;
*) fail "usage: $0 prepare | $0 test TARBALL" ;;
esac
