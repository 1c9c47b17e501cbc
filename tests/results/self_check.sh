#!/usr/bin/env bash
# The check of README.md and bench/results accepts them as they are, and neither a figure nor a line changed by hand.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

failed=
# expect STATUS WHAT: the check of the copy ends with that status.
expect() {
  local status=0
  python3 "$copy/bench/readme.py" --check 2> "$copy/said" || status=$?
  if [ "$status" -ne "$1" ]; then
    echo "self_check.sh: $2: the check ended with $status, expected $1: $(cat "$copy/said")" >&2
    failed=yes
  fi
}
fresh() {
  rm -rf "${copy:?}"/*
  cp -r "$root/bench" "$root/README.md" "$copy"
}

fresh
expect 0 "README.md and bench/results as they are"
sed -i 's/\(| *[0-9.]*\) s, /\11 s, /' "$copy/README.md"
expect 1 "another time in README.md"
fresh
echo "one line more" >> "$copy/bench/results/generator_cpu.md"
expect 1 "another line in bench/results/generator_cpu.md"
fresh
sed -i '0,/"peak_bytes": /s//"peak_bytes": 99/' "$copy/bench/results/training_cpu.json"
expect 1 "another figure in bench/results/training_cpu.json"
[ -z "$failed" ]
