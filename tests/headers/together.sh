#!/usr/bin/env bash
# together.sh COMPILER FLAGS HEADER...: one translation unit of all these headers must compile without a warning. That
# each stands alone is no matter of the compiler and is found out with one of them (alone.sh).
set -eu
compiler=$1 flags=$2
shift 2
printf '#include <%s>\n' "$@" | "$compiler" "@$flags" -fsyntax-only -x c++ -
echo "$# headers in one translation unit."
