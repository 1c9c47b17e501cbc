#!/usr/bin/env bash
# Everything that needs a GPU: the tests on it, compute-sanitizer, and the comparison with PyTorch. What fails does not stop
# the rest. How each program ended stands in gpu_summary.md as soon as it has, what it printed in the folder gpu_log; what
# failed is said again at the end and by the exit status.
#
#   bench/gpu/run.sh build              anywhere: builds the programs and packs them into build/gpu, with their libraries
#                                       and the commit that they are of; those of another commit are not run
#   bench/gpu/run.sh [PART ...]         on a machine with a GPU; without PART all of them, in this order:
#
#     tests       the tests on the device: operations, layers, networks and steps of training against the reference
#                 backend and PyTorch's figures in tests/golden
#     sanitizer   compute-sanitizer's memcheck and racecheck over our kernels in some of these tests
#                 (the programs of these two run at the same time, as many as there are processors)
#     picture     Generator<1> at 2048x1024, bytes to bytes, beside PyTorch, and how far 16 bits are from f32
#     training    steps of training with the VGG loss at 1024x512 and 2048x1024, beside PyTorch
#     stages      every block of a picture and of a step beside the roofline
#
# RESULTS=FOLDER is where the results go (bench/results), LIMIT=SECONDS what one program may take (150; torch.compile and
# the sanitizer on layers may need more). PICTURE_OPTIONS, TRAINING_OPTIONS and STAGES_OPTIONS are handed to compare.py,
# compare_training.py and stages.py, to leave out what there is no time for: TRAINING_OPTIONS="--precisions bf16".
# To build on one machine and run on another, copy bench/, tests/ and build/gpu. The machine with the GPU needs NVIDIA's
# driver and Python with torch, numpy and pillow; cuDNN and NVRTC are found in PyTorch's wheels.
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
results=${RESULTS:-bench/results}
tests="backend_cuda_libraries backend_cuda conformance ops layers networks training golden_generators golden_variants
golden_discriminators golden_encoder golden_vgg19 golden_training golden_full_width"
tools="gpu_generator training_step stages"

# The commit of this tree; "unknown" where there is no repository or no git.
commit_here() { { [ -e .git ] && git rev-parse --verify HEAD 2> /dev/null; } || echo unknown; }

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build() {
  set -e
  . cmake/build.sh
  configure release
  local built=() name
  for name in $tools; do built+=("build/release/bin/$name"); done
  for name in $tests; do built+=("build/release/tests/tests_$name"); done
  cmake --build build/release --parallel "$(job_count)" --target "${built[@]##*/}"
  pack "${built[@]}"
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
  commit_here > "$folder/commit"
  rm -rf build/gpu
  mkdir -p build/gpu
  tar -cz -C "$folder" . > build/gpu/programs.tar.gz
  rm -rf "$folder"
  echo "run.sh: the programs are in build/gpu, $(du -m build/gpu/programs.tar.gz | cut -f1) MB"
}

limit=${LIMIT:-150}
within_limit() { timeout --kill-after=10 "$limit" "$@"; }

# part NAME COMMAND...: runs it, keeps what it prints in a file of its own, and notes how it ended and how long it took.
# Shown are its last lines: 25, or `lines_if_passed`.
part() {
  local name=$1 start=$SECONDS outcome=passed lines=${lines_if_passed:-25} status=0
  local log=$results/gpu_log/${name//[^a-z0-9_.]/_}.txt
  shift
  "$@" > "$log" 2>&1 || status=$?
  case $status in
    0) ;;
    124) outcome="**not ready after $limit s**" lines=25 ;;
    *) outcome="**failed**" lines=25 ;;
  esac
  echo "| $name | $outcome | $((SECONDS - start)) |" >> "$results/gpu_summary.md"
  printf '== %s: %s, %s s\n%s\n' "$name" "$outcome" $((SECONDS - start)) "$(tail -n "$lines" "$log")"
}

# at_once NAME COMMAND...: a part beside others; `wait` returns when all are done.
at_once() {
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  lines_if_passed=3 part "$@" &
}

# Programs that run beside each other time plans of convolutions badly, and keep them: not where the comparisons look.
crowded() { PIX2PIXHD_CACHE=$programs/cache_of_tests PIX2PIXHD_TEST_DEVICE=cuda "$@"; }

run_tests() {
  local name
  for name in $tests; do
    crowded at_once "tests of ${name//_/.}" within_limit "$programs/tests_$name"
  done
  wait
}

# sanitized TOOL NAME PROGRAM ARGUMENT...: our kernels alone. cuDNN's are not ours to check, and take long; and each piece
# of memory is an allocation by itself.
sanitized() {
  crowded at_once "$1 of $2" unless_nothing_ran within_limit env PIX2PIXHD_NO_MEMORY_CACHE=1 compute-sanitizer \
    --tool "$1" --kernel-name kns=run_ --error-exitcode 9 --target-processes all "$programs/tests_$3" "${@:4}"
}
# Some cases of the tests use no device, which compute-sanitizer calls an error.
unless_nothing_ran() {
  local said status=0
  said=$("$@" 2>&1) || status=$?
  printf '%s\n' "$said"
  case $said in *"Status: SUCCESS"*"terminated before first instrumented API call"*) return 0 ;; esac
  return "$status"
}
run_sanitizer() {
  if ! command -v compute-sanitizer > /dev/null; then
    echo "| sanitizer | left out: compute-sanitizer is not installed | |" >> "$results/gpu_summary.md"
    return
  fi
  # Layers launch more kernels than the others together: they are run four cases at a time.
  local tool first cases
  cases=$("$programs/tests_layers" --count | sed -n 's/.*filters: //p')
  for tool in memcheck racecheck; do
    for ((first = 1; first <= cases; first += 4)); do
      sanitized "$tool" "layers, cases from $first on" layers --first=$first --last=$((first + 3))
    done
    sanitized "$tool" ops ops
    sanitized "$tool" golden.encoder golden_encoder
    sanitized "$tool" golden.discriminators golden_discriminators
    sanitized "$tool" golden.training golden_training "--test-case=with an encoder*"
    sanitized "$tool" golden.generators golden_generators "--test-case=one enhancer"
  done
  # What lies in memory of a recorded step, and what it writes at each repetition.
  sanitized memcheck backend.recorded backend_cuda \
    "--test-case=what is changed between repeated steps counts,a repeated step that is not finite*"
  wait
}

# compared NAME SCRIPT PROGRAM OPTION...: a comparison with PyTorch, which gives each of its programs the limit.
compared() {
  part "$1" python3 "bench/gpu/$2" --program "$programs/$3" --results "$results" --limit "$limit" "${@:4}"
}
# Several words each. shellcheck disable=SC2086
run_picture() { compared picture compare.py gpu_generator ${PICTURE_OPTIONS:-}; }
run_training() { compared training compare_training.py training_step ${TRAINING_OPTIONS:-}; }
run_stages() { compared stages stages.py stages ${STAGES_OPTIONS:-}; }

for argument; do
  case $argument in
    build) build; exit ;;
    tests | sanitizer | picture | training | stages) ;;
    *) usage; exit 2 ;;
  esac
done
[ -e build/gpu/programs.tar.gz ] || bash bench/gpu/run.sh build || exit
programs=$root/build/gpu/unpacked
rm -rf "$programs"
mkdir -p "$programs"
tar -xz -C "$programs" -f build/gpu/programs.tar.gz || exit
here=$(commit_here) packed=$(cat "$programs/commit" 2> /dev/null || echo "(not noted)")
if [ "$here" != unknown ] && [ "$packed" != unknown ] && [ "$here" != "$packed" ]; then
  echo "run.sh: the programs in build/gpu are of commit $packed, this tree is at $here; build them anew by" \
    "bench/gpu/run.sh build." >&2
  exit 1
fi
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

mkdir -p "$results"
results=$(cd "$results" && pwd)
rm -rf "$results/gpu_log"
mkdir "$results/gpu_log"
{
  echo "# What ran on a GPU"
  echo
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2> /dev/null || echo "no nvidia-smi here"
  echo
  echo "Programs of commit $packed"
  echo
  echo "| part | | seconds |"
  echo "|---|---|---|"
} > "$results/gpu_summary.md"
for argument in ${*:-tests sanitizer picture training stages}; do "run_$argument"; done
cat "$results/gpu_summary.md"
if grep -F '**' "$results/gpu_summary.md" > /dev/null; then
  echo "run.sh: failed, see $results/gpu_log:$(grep -F '**' "$results/gpu_summary.md" | cut -d '|' -f 2 | tr '\n' ';')"
  exit 1
fi
