#!/usr/bin/env bash
# alone.sh COMPILER FLAGS FILE...: each file is a translation unit of its own and must compile without a warning.
# FLAGS is a response file. A header is given as a program would include it, a program by its path.
set -u
compiler=$1 flags=$2
shift 2

failed=0
for file in "$@"; do
  case $file in
    *.hpp) printf '#include <%s>\n' "$file" | "$compiler" "@$flags" -fsyntax-only -x c++ - ;;
    *) "$compiler" "@$flags" -fsyntax-only "$file" ;;
  esac || {
    echo "$file does not compile alone with $compiler."
    failed=$((failed + 1))
  }
done
echo "$# files, $failed of them with errors."
[ "$failed" -eq 0 ]
