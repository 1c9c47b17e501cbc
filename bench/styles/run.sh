#!/usr/bin/env bash
# Builds the tools, trains the demo with an encoder on invented streets (some minutes), clusters its features and writes
# bench/results/street_styles.{json,md}.
#
#   bench/styles/run.sh [ARGUMENT OF train ...]
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/build.sh"
"$root/cmake/setup.sh"
configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target street_scene train encode_features street_styles
tools=$root/build/release/bin
work=$root/build/styles
rm -rf "$work"
mkdir -p "$work"
"$tools/street_scene" --dataset "$work/streets" --width 128 --height 64
"$tools/train" --preset demo --data "$work/streets" --output "$work/run" --classes 8 --epochs 2 --decay-epochs 3 \
  --average 0.98 --features 3 "$@"
"$tools/encode_features" --encoder "$work/run/encoder.safetensors" --data "$work/streets" --classes 8 \
  --min-area 1/512 --output "$work/run/clusters.safetensors"
"$tools/street_styles" --run "$work/run" --clusters "$work/run/clusters.safetensors" --output "$root/bench/results"
