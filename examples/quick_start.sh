#!/usr/bin/env bash
# Installs what is missing and builds the tools.
#
#   examples/quick_start.sh [--no-install]    --no-install: the packages are there already
#
# The tools are in build/release/bin afterwards.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/build.sh"

case ${1:-} in
  "") "$root/cmake/setup.sh" ;;
  --no-install) ;;
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "examples/quick_start.sh: unknown argument $1; see examples/quick_start.sh --help" >&2; exit 2 ;;
esac

configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target examples

if [ -x "$root/build/release/bin/synthesize" ]; then
  "$root/build/release/bin/synthesize" --help
fi
