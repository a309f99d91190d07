#!/bin/sh
# Copies the MLX headers that compiled functions on the CPU are built from at run time, with all they include.
# usage: copy-headers.sh INCLUDE_FOLDER TARGET_FOLDER
set -eu

from=$1
to=$2

copy() {
  if [ -f "$to/$1" ] || [ ! -f "$from/$1" ]; then return; fi
  mkdir -p "$to/$(dirname "$1")"
  cp "$from/$1" "$to/$1"
  # every branch of an #if is followed, so the list is the same whatever the compiler
  sed -n 's/^ *# *include *"\(mlx\/[^"]*\)".*/\1/p' "$from/$1" | while read -r header; do
    copy "$header"
  done
}

rm -rf "$to"
copy mlx/backend/cpu/compiled_preamble.h
[ -f "$to/mlx/backend/cpu/compiled_preamble.h" ] || {
  echo "Rmlx: $from holds no mlx/backend/cpu/compiled_preamble.h" >&2
  exit 1
}
