#!/usr/bin/env bash
# Builds the tools, installs PyTorch into build/peers (a Python environment of its own, some gigabytes) and compares.
#
#   bench/peers/run.sh [ARGUMENT OF compare.py ...]                       pictures
#   bench/peers/run.sh training [ARGUMENT OF compare_training.py ...]     steps of training
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/build.sh"
"$root/cmake/setup.sh"
configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target synthesize training_step
environment=$root/build/peers
if [ ! -x "$environment/bin/python" ]; then
  python3 -m venv "$environment" || { echo "run.sh: python3 with venv is needed: apt-get install python3-venv" >&2; exit 1; }
fi
"$environment/bin/pip" install --quiet torch numpy pillow
if [ "${1:-}" = training ]; then
  shift
  exec "$environment/bin/python" "$root/bench/peers/compare_training.py" --step "$root/build/release/bin/training_step" "$@"
fi
exec "$environment/bin/python" "$root/bench/peers/compare.py" --synthesize "$root/build/release/bin/synthesize" "$@"
