#!/usr/bin/env bash
# precompile.sh COMPILER FLAGS HEADER PROGRAM...: writes a header with all that the programs include, and compiles it
# ahead of them, for check.sh.
set -eu
compiler=$1 flags=$2 header=$3
shift 3
mkdir -p "$(dirname "$header")"
{
  echo '#pragma once'
  grep -h '^#include' "$@" | sort -u
} > "$header"
"$compiler" "@$flags" -w -x c++-header "$header" -o "$header.gch"
