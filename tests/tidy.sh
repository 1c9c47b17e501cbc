#!/usr/bin/env bash
# tidy.sh BUILD_DIRECTORY: clang-tidy, with the checks in .clang-tidy, over every header, the bodies of the headers, the
# tools and the examples, with the flags that were configured in that directory.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
if ! command -v clang-tidy > /dev/null; then
  echo "tests/tidy.sh: clang-tidy is missing; cmake/setup.sh --all installs it." >&2
  exit 1
fi

# The count of warnings in other people's headers, which are not shown either, is left out.
failed=
clang_tidy() {
  clang-tidy --quiet --warnings-as-errors='*' "$@" 2>&1 | sed '/^[0-9]* warnings\{0,1\} generated\.$/d'
}
export -f clang_tidy

# A translation unit of all headers reaches the templates that no program uses.
all=$build/all_headers.cpp
(cd "$root/include" && find . -name '*.hpp' ! -name '*-inl.hpp' ! -name '*.inc.hpp') | sed 's|^\./|#include <|; s|$|>|' |
  LC_ALL=C sort > "$all"
mapfile -t flags < <(xargs -n 1 -a "$build/tests/header_only_flags.txt")
clang_tidy "$all" -- "${flags[@]}" -DPIX2PIXHD_COMPILED || failed=yes

sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" |
  grep -E "^$build/compiled/|^$root/examples/" | sort -u |
  xargs -P "$(nproc)" -I '{}' bash -o pipefail -c 'clang_tidy -p "$0" "$1"' "$build" '{}' || failed=yes
[ -z "$failed" ]
