#!/usr/bin/env bash
# Builds the tools, trains the demo with an encoder on invented streets (a quarter of an hour on two cores), clusters its
# features and writes bench/results/street_styles.{json,md}.
#
#   bench/styles/run.sh [ARGUMENT OF train ...]    arguments take the place of the schedule and objective below
#
# The pixel term brings colours sooner, and a slower discriminator leaves it time to. Hues come late: features tell light
# cars from dark ones after some hundred steps, and most hues after some thousand.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/build.sh"
"$root/cmake/setup.sh"
configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target street_scene train encode_features street_styles
tools=$root/build/release/bin
work=$root/build/styles
if [ $# -eq 0 ]; then
  set -- --features 8 --epochs 8 --decay-epochs 4 --rate 6e-4 --discriminator-rate 0.33 --pixel-weight 100 --average 0.98
fi
rm -rf "$work"
mkdir -p "$work"
"$tools/street_scene" --dataset "$work/streets" --width 128 --height 64
"$tools/train" --preset demo --data "$work/streets" --output "$work/run" --classes 8 "$@"
"$tools/encode_features" --encoder "$work/run/encoder.safetensors" --data "$work/streets" --classes 8 \
  --min-area 1/512 --output "$work/run/clusters.safetensors"
"$tools/street_styles" --run "$work/run" --clusters "$work/run/clusters.safetensors" --output "$root/bench/results"
