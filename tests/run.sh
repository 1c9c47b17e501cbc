#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the tests.
#
#   tests/run.sh                 the short form: one compiler, in build/release
#   tests/run.sh --all           the long form: g++ and clang++, the address, undefined-behaviour and thread sanitizers,
#                                clang-tidy, the editor in a browser; writes a summary to tests/all_result.txt
#   tests/run.sh --no-install    the packages are there already; may follow or precede --all
#
# The exit status is 0 if everything passed. The last lines are ctest's summary.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/build.sh"

all=
install=yes
for argument in "$@"; do
  case $argument in
    --all) all=--all ;;
    --no-install) install= ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "tests/run.sh: unknown argument $argument; see tests/run.sh --help" >&2; exit 2 ;;
  esac
done
if [ -n "$install" ]; then
  "$root/cmake/setup.sh" $all
fi

# check KIND TARGET "CTEST_ARGUMENTS" CMAKE_ARGUMENT...: builds TARGET in build/KIND and runs tests; notes the summary.
failed=
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
check() {
  local kind=$1 target=$2 selection=$3 log=$root/build/$1/ctest.log
  echo "== $kind"
  echo "== $kind" >> "$summary"
  if ! configure "$kind" "${@:4}" || ! cmake --build "$root/build/$kind" --target "$target" --parallel "$(job_count)"; then
    echo "$kind does not build." | tee -a "$summary"
    failed="$failed $kind"
    return
  fi
  # shellcheck disable=SC2086  # the selection is a list of words
  if ! (cd "$root/build/$kind" && ctest --output-on-failure -j "$(job_count)" $selection 2>&1) | tee "$log"; then
    failed="$failed $kind"
  fi
  sed -n '/tests passed,/,/^Total Test time/p; /^The following tests FAILED/,/^Errors while/p' "$log" >> "$summary"
}

if [ -z "$all" ]; then
  check release all "-LE ^browser$"
  [ -z "$failed" ]
  exit
fi

check release all ""
# The first build has run these with both compilers, or they are no matter of the compiler.
check clang all "-LE ^(browser|headers|layering|results|static|compile_fail)$" -DCMAKE_CXX_COMPILER=clang++
# What runs no code of the library under test is left to the builds above.
structure='^(browser|headers|layering|results|static|compile_fail|package)$'
# Instrumented code misleads the compiler's warnings about uninitialised values, and -O2 takes a quarter of an hour over
# an instrumented unrolled kernel.
sanitizer=(-DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1
  -DPIX2PIXHD_BUILD_BENCH=OFF -DPIX2PIXHD_WERROR=OFF)
check asan all "-LE $structure" "${sanitizer[@]}" -DPIX2PIXHD_SANITIZE=address,undefined
if grep -rqE 'TEST_SUITE(_BEGIN)?\("threads"\)' "$root/tests" --include='*.cpp'; then
  check tsan tests_threads "-L threads --no-tests=error" "${sanitizer[@]}" -DPIX2PIXHD_SANITIZE=thread
fi

echo "== clang-tidy" | tee -a "$summary"
if "$root/tests/tidy.sh" "$root/build/clang"; then
  echo "clang-tidy has nothing to say." | tee -a "$summary"
else
  echo "clang-tidy objects." | tee -a "$summary"
  failed="$failed clang-tidy"
fi

{
  echo "tests/run.sh --all: ${failed:+failed:}${failed:-everything passed}"
  g++ --version | head -n 1
  clang++ --version | head -n 1
  cat "$summary"
} > "$root/tests/all_result.txt"
echo
cat "$root/tests/all_result.txt"
[ -z "$failed" ]
