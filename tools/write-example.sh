#!/bin/sh
# Writes add_matrix.mlxfn into the folder given: the sum of two 2 x 2 matrices of float32, in the layout of MLX's
# export_function() (little-endian). The package ships it as an example; no binary file is kept in the repository.
set -eu

byte() {
  for value in "$@"; do
    # the octal number is the format
    # shellcheck disable=SC2059
    printf "\\$(printf '%03o' "$value")"
  done
}
i32() { byte "$1" 0 0 0; }
u64() { byte "$1" 0 0 0 0 0 0 0; }
text() { u64 "${#1}" && printf '%s' "$1"; }
shape() { u64 2 && i32 2 && i32 2; }
float32() { i32 10 && byte 4; }

function_file() {
  text "0.32.2"                       # version of MLX
  i32 1                               # traces
  byte 0                              # not shapeless
  text ""                             # metadata
  u64 0                               # names of inputs
  u64 2 && u64 1 && u64 2             # ids of inputs
  u64 2 && shape && float32 && shape && float32
  u64 1 && u64 3                      # ids of results
  u64 3                               # steps
  u64 1 && byte 0 0                   # an input
  u64 2 && byte 0 0                   # another
  u64 3 && byte 1                     # an operation
  u64 2 && u64 1 && u64 2             # ... on these
  i32 0 && i32 0 && i32 0             # ... on the first stream of the CPU
  text "Add"
  u64 0                               # ... with one result
  shape && float32
}

mkdir -p "$1"
function_file >"$1/add_matrix.mlxfn"
