#!/usr/bin/env bash
# Builds the tools, installs PyTorch into build/peers (a Python environment of its own, some gigabytes) and compares.
#
#   bench/peers/run.sh [ARGUMENT OF compare.py ...]                       pictures
#   bench/peers/run.sh training [ARGUMENT OF compare_training.py ...]     steps of training
#   bench/peers/run.sh quality [ARGUMENT OF training_quality.py ...]      losses and pictures of 200 steps
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/build.sh"
"$root/cmake/setup.sh"
configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target synthesize evaluate training_step training_quality
environment=$root/build/peers
if [ ! -x "$environment/bin/python" ]; then
  python3 -m venv "$environment" || { echo "run.sh: python3 with venv is needed: apt-get install python3-venv" >&2; exit 1; }
fi
"$environment/bin/pip" install --quiet torch numpy pillow safetensors
if [ "${1:-}" = training ]; then
  shift
  exec "$environment/bin/python" "$root/bench/peers/compare_training.py" --step "$root/build/release/bin/training_step" "$@"
fi
if [ "${1:-}" = quality ]; then
  shift
  exec "$environment/bin/python" "$root/bench/peers/training_quality.py" --program "$root/build/release/bin/training_quality" \
    --evaluate "$root/build/release/bin/evaluate" "$@"
fi
exec "$environment/bin/python" "$root/bench/peers/compare.py" --synthesize "$root/build/release/bin/synthesize" "$@"
