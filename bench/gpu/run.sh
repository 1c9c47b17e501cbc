#!/usr/bin/env bash
# Everything that needs a GPU: the tests on it, compute-sanitizer, and the comparison with PyTorch. A part that fails does
# not stop the others; what failed is said at the end, in gpu_summary.md and by the exit status.
#
#   bench/gpu/run.sh build              anywhere: builds the programs and packs them into build/gpu, with their libraries
#   bench/gpu/run.sh [PART ...]         on a machine with a GPU; without PART all of them, in this order:
#
#     tests       the tests on the device: operations, layers, networks and steps of training against the reference
#                 backend and PyTorch's figures in tests/golden
#     sanitizer   compute-sanitizer's memcheck and racecheck over our kernels in some of these tests
#     picture     Generator<1> at 2048x1024, bytes to bytes, beside PyTorch, and how far 16 bits are from f32
#     training    steps of training with the VGG loss at 1024x512 and 2048x1024, beside PyTorch
#     stages      every block of a picture and of a step beside the roofline
#
# RESULTS=FOLDER is where the results go (bench/results), LIMIT=SECONDS what one program of the comparisons may take (150;
# torch.compile may need more). To build on one machine and run on another, copy bench/, tests/ and build/gpu. The machine
# with the GPU needs NVIDIA's driver and Python with torch, numpy and pillow; cuDNN and NVRTC are found in PyTorch's wheels.
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
results=${RESULTS:-bench/results}
tests="backend_cuda_libraries backend_cuda conformance ops layers networks training golden_generators golden_variants
golden_discriminators golden_encoder golden_vgg19 golden_training golden_full_width"
tools="gpu_generator training_step stages"

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build() {
  set -e
  . cmake/build.sh
  configure release
  local programs=() name
  for name in $tools; do programs+=("build/release/bin/$name"); done
  for name in $tests; do programs+=("build/release/tests/tests_$name"); done
  cmake --build build/release --parallel "$(job_count)" --target "${programs[@]##*/}"
  pack "${programs[@]}"
}

# pack PROGRAM...: puts them into build/gpu/programs.tar.gz with the libraries that another machine may lack.
pack() {
  local folder name
  folder=$(mktemp -d)
  mkdir -p "$folder/programs" "$folder/lib"
  for name; do strip -o "$folder/programs/${name##*/}" "$name"; done
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|ld-linux.*)\.so' |
    xargs -I{} cp -L {} "$folder/lib/" || true  # none is left over where all are linked statically
  # What is called by these names looks for its libraries beside it; nothing else does.
  for name; do
    cat > "$folder/${name##*/}" << 'SCRIPT'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/programs/${0##*/}" "$@"
SCRIPT
  done
  chmod +x "$folder"/programs/* "$folder"/*
  echo "$root" > "$folder/built_in"
  rm -rf build/gpu
  mkdir -p build/gpu
  tar -cz -C "$folder" . > build/gpu/programs.tar.gz
  rm -rf "$folder"
  echo "run.sh: the programs are in build/gpu, $(du -m build/gpu/programs.tar.gz | cut -f1) MB"
}

# part NAME COMMAND...: runs it, keeps what it prints, and notes whether it failed and how long it took.
part() {
  local name=$1 start=$SECONDS outcome=passed
  shift
  echo "== $name"
  "$@" 2>&1 | tee -a "$results/gpu_log.txt" | tail -n 25 || outcome="**failed**"
  echo "| $name | $outcome | $((SECONDS - start)) |" >> "$results/gpu_summary.md"
  if [ "$outcome" != passed ]; then failed="$failed $name"; fi
}

run_tests() {
  local name
  for name in $tests; do PIX2PIXHD_TEST_DEVICE=cuda part "tests of ${name//_/.}" "$programs/tests_$name"; done
}

# Our kernels alone: cuDNN's are not ours to check, and take long.
sanitized() {
  compute-sanitizer --tool "$1" --kernel-name kns=run_ --error-exitcode 9 --target-processes all "${@:2}"
}
run_sanitizer() {
  if ! command -v compute-sanitizer > /dev/null; then
    echo "| sanitizer | left out: compute-sanitizer is not installed | |" >> "$results/gpu_summary.md"
    return
  fi
  local tool name
  export PIX2PIXHD_TEST_DEVICE=cuda PIX2PIXHD_NO_MEMORY_CACHE=1  # each piece of memory by itself
  for tool in memcheck racecheck; do
    for name in ops layers golden_encoder golden_discriminators; do
      part "$tool of ${name//_/.}" sanitized "$tool" "$programs/tests_$name"
    done
    part "$tool of golden.training" sanitized "$tool" "$programs/tests_golden_training" "--test-case=with an encoder*"
    part "$tool of golden.generators" sanitized "$tool" "$programs/tests_golden_generators" "--test-case=one enhancer"
  done
  unset PIX2PIXHD_TEST_DEVICE PIX2PIXHD_NO_MEMORY_CACHE
}

limit=${LIMIT:-150}
run_picture() {
  part picture python3 bench/gpu/compare.py --program "$programs/gpu_generator" --results "$results" --limit "$limit"
}
run_training() {
  part training python3 bench/gpu/compare_training.py --program "$programs/training_step" --results "$results" \
    --limit "$limit"
}
run_stages() {
  part stages python3 bench/gpu/stages.py --program "$programs/stages" --results "$results" --limit "$limit"
}

for argument; do
  case $argument in
    build) build; exit ;;
    tests | sanitizer | picture | training | stages) ;;
    *) usage; exit 2 ;;
  esac
done
[ -e build/gpu/programs.tar.gz ] || (build) || exit
programs=$root/build/gpu/unpacked
rm -rf "$programs"
mkdir -p "$programs"
tar -xz -C "$programs" -f build/gpu/programs.tar.gz || exit
# The tests look for their data where they were built.
built_in=$(cat "$programs/built_in")
if [ ! -e "$built_in" ]; then
  mkdir -p "$(dirname "$built_in")"
  ln -s "$root" "$built_in"
fi
# PyTorch's wheels lie where its Python does.
if [ -z "${VIRTUAL_ENV:-}" ]; then
  VIRTUAL_ENV=$(python3 -c 'import sys; print(sys.prefix)') && export VIRTUAL_ENV
fi

failed=
mkdir -p "$results"
results=$(cd "$results" && pwd)
{
  echo "# What ran on a GPU"
  echo
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2> /dev/null || echo "no nvidia-smi here"
  echo
  echo "| part | | seconds |"
  echo "|---|---|---|"
} > "$results/gpu_summary.md"
: > "$results/gpu_log.txt"
for argument in ${*:-tests sanitizer picture training stages}; do "run_$argument"; done
cat "$results/gpu_summary.md"
if [ -n "$failed" ]; then echo "run.sh: failed:$failed"; fi
[ -z "$failed" ]
