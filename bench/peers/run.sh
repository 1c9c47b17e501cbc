#!/usr/bin/env bash
# Builds the programs, installs the others into build/peers (a Python environment of its own, some gigabytes), compares,
# and writes bench/results and the tables of README.md.
#
#   bench/peers/run.sh [ARGUMENT OF compare.py ...]                       pictures
#   bench/peers/run.sh training [ARGUMENT OF compare_training.py ...]     steps of training, and the perceptual loss
#   bench/peers/run.sh quality [ARGUMENT OF compare_quality.py ...]       losses and pictures of 200 steps
#   bench/peers/run.sh stages [ARGUMENT OF stages.py ...]                 where our own time goes, block by block
#   bench/peers/run.sh accuracy [ARGUMENT OF compare_accuracy.py ...]     errors of bf16, for every instruction set
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/build.sh"
if [ "${1:-}" = accuracy ]; then
  "$root/cmake/setup.sh" --all  # clang++ too
  # clang++ keeps halves of emulated vectors in registers; g++ computes through memory, five times as slowly.
  configure emulated -DCMAKE_CXX_COMPILER=clang++ -DPIX2PIXHD_EMULATE=ON -DPIX2PIXHD_BUILD_BENCH=ON
  cmake --build "$root/build/emulated" --parallel "$(job_count)" --target generator_pass
else
  "$root/cmake/setup.sh"
  configure release
  cmake --build "$root/build/release" --parallel "$(job_count)" \
    --target evaluate generator_pass perceptual_loss stages training_quality training_step
fi
environment=$root/build/peers
if [ ! -x "$environment/bin/python" ]; then
  python3 -m venv "$environment" || { echo "run.sh: python3 with venv is needed: apt-get install python3-venv" >&2; exit 1; }
fi
"$environment/bin/pip" install --quiet torch numpy pillow safetensors openvino onnx onnxruntime

programs=$root/build/release/bin
case ${1:-} in
  training) shift; set -- "$root/bench/peers/compare_training.py" --programs "$programs" "$@" ;;
  quality) shift; set -- "$root/bench/peers/compare_quality.py" --program "$programs/training_quality" --evaluate "$programs/evaluate" "$@" ;;
  stages) shift; set -- "$root/bench/stages/stages.py" --program "$programs/stages" "$@" ;;
  accuracy) shift; set -- "$root/bench/peers/compare_accuracy.py" --program "$root/build/emulated/bin/generator_pass" "$@" ;;
  *) set -- "$root/bench/peers/compare.py" --program "$programs/generator_pass" "$@" ;;
esac
"$environment/bin/python" "$@"
"$environment/bin/python" "$root/bench/readme.py"
