#!/usr/bin/env bash
# self_check.sh COMPILER FLAGS: check.sh must object to each program below, and for the stated reason.
set -eu
check=$(cd "$(dirname "$0")" && pwd)/check.sh
compiler=$1 flags=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# objects REASON LINE...: the runner rejects the program of the given lines and says why.
objects() {
  printf '%s\n' "${@:2}" > "$work/program.cpp"
  local output
  if output=$("$check" "$compiler" "$flags" "$work/program.cpp" 2>&1); then
    echo "The runner should say: $1"
    exit 1
  fi
  if ! grep -qF -- "$1" <<< "$output"; then
    printf 'The runner should say: %s\nIt says:\n%s\n' "$1" "$output"
    exit 1
  fi
}

mistake='static_assert(sizeof(int) == 0, "An int has a size.");'
objects 'accepts the program' '// expected: an error' 'int main() {}'
objects 'does not say: another sentence' '// expected: another sentence' '#ifndef CORRECT' "$mistake" '#endif'
objects 'does not say: another sentence' '// expected: An int has a size.' '// expected: another sentence' \
  '#ifndef CORRECT' "$mistake" '#endif'
objects 'with -DCORRECT too' '// expected: An int has a size.' "$mistake"
objects 'the first line is not' '#ifndef CORRECT' "$mistake" '#endif'
