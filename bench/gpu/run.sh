#!/usr/bin/env bash
# Everything that needs a GPU: the tests on it, and the comparison with PyTorch, which goes to bench/results/.
#
#   bench/gpu/run.sh build     anywhere: builds the programs and puts them into build/gpu, with the libraries that they need
#   bench/gpu/run.sh           on a machine with a GPU: runs them; builds them first if build/gpu is not there
#   bench/gpu/run.sh tests     the same without the comparison
#
# To build on one machine and run on another, copy bench/, tests/ and build/gpu/. The machine with the GPU needs NVIDIA's
# driver, and for the comparison Python with torch, numpy and pillow; cuDNN and NVRTC are found in PyTorch's wheels.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
tests="backend_cuda_libraries backend_cuda conformance ops layers networks training golden_generators golden_variants
golden_discriminators golden_encoder golden_vgg19 golden_training golden_full_width"

build() {
  . cmake/build.sh
  configure release
  local name programs=(build/release/bin/gpu_generator)
  for name in $tests; do programs+=("build/release/tests/tests_$name"); done
  cmake --build build/release --parallel "$(job_count)" --target "${programs[@]##*/}"
  rm -rf build/gpu
  mkdir -p build/gpu/lib
  for name in "${programs[@]}"; do strip -o "build/gpu/${name##*/}" "$name"; done
  chmod +x build/gpu/*
  # Libraries beyond the system's own, which the other machine may lack.
  ldd "${programs[@]}" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(libc|libm|libdl|libpthread|librt|libgcc_s|ld-linux.*)\.so' | xargs -I{} cp -L {} build/gpu/lib/
  echo "$root" > build/gpu/built_in
  echo "run.sh: the programs are in build/gpu"
}

case ${1:-} in
  build) build; exit ;;
  "" | tests) ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
[ -d build/gpu ] || build
# The tests look for their data where they were built.
built_in=$(cat build/gpu/built_in)
if [ ! -e "$built_in" ]; then
  mkdir -p "$(dirname "$built_in")"
  ln -s "$root" "$built_in"
fi
export LD_LIBRARY_PATH=$root/build/gpu/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

failed=
log=bench/results/gpu_tests.txt
mkdir -p bench/results
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | tee "$log"
for name in $tests; do
  echo "== $name" | tee -a "$log"
  if ! "build/gpu/tests_$name" 2>&1 | tee -a "$log"; then failed="$failed $name"; fi
done
if [ -n "$failed" ]; then echo "run.sh: failed:$failed" | tee -a "$log"; fi
[ "${1:-}" = tests ] || python3 bench/gpu/compare.py --program build/gpu/gpu_generator
[ -z "$failed" ]
