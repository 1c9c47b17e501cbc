#!/usr/bin/env bash
# The scan must report each violation below, and nothing in a tree without one.
set -eu
check=$(cd "$(dirname "$0")" && pwd)/check.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# header FILE LINE...: a header of the given lines in the tree.
header() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "${@:2}" > "$tree/$1"
}

# expect TEXT: the scan fails and says so; then the tree is clean again.
expect() {
  local output
  if output=$("$check" "$tree"); then
    echo "The scan accepts a tree where it should say: $1"
    exit 1
  fi
  if ! grep -qF -- "$1" <<< "$output" || ! grep -q ' 1 violations' <<< "$output"; then
    printf 'The scan should say only: %s\nIt says:\n%s\n' "$1" "$output"
    exit 1
  fi
  clean
}

clean() {
  rm -rf "${tree:?}"/*
  header version.hpp '#pragma once'
  header core/tensor.hpp '#pragma once' '#include <pix2pixhd/version.hpp>' '#include <xtensor/xtensor.hpp>'
  header layers/block.hpp '#pragma once' '#include <pix2pixhd/core/tensor.hpp>' '#include <vector>'
  header backend/cpu/cpu.hpp '#pragma once' '#include <pix2pixhd/core/tensor.hpp>' '#ifndef PIX2PIXHD_COMPILED' \
    '#include <pix2pixhd/backend/cpu/cpu-inl.hpp>' '#endif'
  header backend/cpu/cpu-inl.hpp '#pragma once' '#include <pix2pixhd/backend/cpu/cpu.hpp>' '#include <immintrin.h>'
  header pix2pixhd.hpp '#pragma once' '#include <pix2pixhd/backend/cpu/cpu.hpp>'
}

clean
"$check" "$tree" > /dev/null || { "$check" "$tree"; echo "The scan objects to a tree without a violation."; exit 1; }

header core/bad.hpp '#pragma once' '#include <pix2pixhd/layers/block.hpp>'
expect 'core/bad.hpp:2: core/ must not include <pix2pixhd/layers/block.hpp>: layers/ lies below it'
header layers/bad.hpp '#pragma once' '  #  include <pix2pixhd/backend/cpu/cpu.hpp>'
expect 'layers/ must not include <pix2pixhd/backend/cpu/cpu.hpp>'
header backend/reference/bad.hpp '#pragma once' '#include <pix2pixhd/backend/cpu/cpu.hpp>'
expect 'backend/reference/ must not include <pix2pixhd/backend/cpu/cpu.hpp>'
header core/bad.hpp '#pragma once' '#include <pix2pixhd/pix2pixhd.hpp>'
expect 'core/ must not include <pix2pixhd/pix2pixhd.hpp>'
header new/bad.hpp '#pragma once'
expect 'the folder is not in the order'
header core/bad.hpp '#pragma once' '#include <pix2pixhd/core/absent.hpp>'
expect 'does not exist'
for file in xtensor/xarray.hpp Eigen/Core filesystem immintrin.h arm_neon.h; do
  header networks/bad.hpp '#pragma once' "#include <$file>"
  expect "layers/ and networks/ must not include <$file>"
done
header core/bad.hpp '// no guard'
expect 'the first line is not #pragma once'
header store/bad-inl.hpp '#pragma once'
expect 'store/bad-inl.hpp: no header with the declarations includes these bodies'
header backend/cpu/cpu-inl.hpp '#pragma once' '#include <pix2pixhd/backend/cpu/kernel-inl.hpp>'
header backend/cpu/kernel-inl.hpp '#pragma once'
expect 'bodies must not include bodies'
header core/bad.hpp '#pragma once' '#include "tensor.hpp"'
expect 'write includes with angle brackets'
header core/bad.hpp '#pragma once' 'namespace {'
expect 'must not have an anonymous namespace'
