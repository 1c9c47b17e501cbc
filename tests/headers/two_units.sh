#!/usr/bin/env bash
# two_units.sh COMPILER FLAGS HEADER...: all headers in two translation units of one program. A function or a variable
# that is not inline is then defined twice, which the linker reports.
set -eu
compiler=$1 flags=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#include <%s>\n' "$@" > "$work/one.cpp"
"$compiler" "@$flags" -O0 -c "$work/one.cpp" -o "$work/one.o"
cp "$work/one.o" "$work/two.o"
"$compiler" -nostdlib -r "$work/one.o" "$work/two.o" -o "$work/both.o"

# The linker is known to notice, or this test would show nothing.
echo 'int defined_in_both() { return 0; }' > "$work/three.cpp"
"$compiler" -c "$work/three.cpp" -o "$work/three.o"
cp "$work/three.o" "$work/four.o"
if "$compiler" -nostdlib -r "$work/three.o" "$work/four.o" -o "$work/both.o" 2> "$work/log"; then
  echo "The linker accepts a function that is defined twice: this test cannot fail here."
  exit 1
fi
echo "$# headers in two translation units, nothing defined twice."
