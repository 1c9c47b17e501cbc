#!/usr/bin/env bash
# check.sh COMPILER FLAGS PROGRAM [HEADER]: the program must be rejected, and what the compiler prints must contain the
# text of each of its leading lines `// expected: TEXT`. With -DCORRECT the same program must be accepted: then it is
# the stated mistake that is rejected and nothing else. HEADER is one that precompile.sh has compiled.
set -u
export LC_ALL=C
compiler=$1 flags=$2 program=$3 header=${4:-}

mapfile -t expected < <(sed -n '/^\/\/ expected: /!q; s/^\/\/ expected: //p' "$program")
if [ "${#expected[@]}" -eq 0 ]; then
  echo "$program: the first line is not '// expected: TEXT'."
  exit 1
fi

# A sentence must not be cut by the width of a terminal or drowned by warnings.
options=("@$flags" -fsyntax-only -w)
case $("$compiler" --version) in
  *clang*)
    options+=(-fno-caret-diagnostics -fno-color-diagnostics)
    [ -z "$header" ] || options+=(-include-pch "$header.gch")
    ;;
  *)
    options+=(-fno-diagnostics-show-caret -fmessage-length=0 -fdiagnostics-color=never)
    [ -z "$header" ] || options+=(-include "$header")
    ;;
esac

if output=$("$compiler" "${options[@]}" "$program" 2>&1); then
  echo "$program: $compiler accepts the program; it must be rejected with: ${expected[*]}"
  exit 1
fi
failed=0
for text in "${expected[@]}"; do
  if ! grep -qF -- "$text" <<< "$output"; then
    echo "$program: $compiler does not say: $text"
    failed=1
  fi
done
if [ "$failed" -ne 0 ]; then
  printf 'It says:\n%s\n' "$output"
  exit 1
fi
if ! "$compiler" "${options[@]}" -DCORRECT "$program"; then
  echo "$program: $compiler rejects the program with -DCORRECT too."
  exit 1
fi
