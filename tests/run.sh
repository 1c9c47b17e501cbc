#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the tests.
#
#   tests/run.sh                 the short form: one compiler, in build/release
#   tests/run.sh --all           the long form: g++ and clang++, the address, undefined-behaviour and thread sanitizers,
#                                the kernels for AVX-512 and AMX emulated, clang-tidy, the editor in a browser; writes a
#                                summary to tests/all_result.txt
#   tests/run.sh --only KIND     of the long form release, clang, asan, tsan, emulated or tidy alone; may be given
#                                several times. The others' summaries stay
#   tests/run.sh --no-install    the packages are there already; may be given with the others
#
# The exit status is 0 if everything passed. The last lines are ctest's summary.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/build.sh"

kinds="release clang asan tsan emulated tidy"
all=
only=
install=yes
refuse() {
  echo "tests/run.sh: $1; see tests/run.sh --help" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
    --all) all=--all ;;
    --only)
      case " $kinds " in *" ${2:-none} "*) ;; *) refuse "--only is followed by one of $kinds" ;; esac
      all=--all
      only="$only $2"
      shift
      ;;
    --no-install) install= ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) refuse "unknown argument $1" ;;
  esac
  shift
done
if [ -n "$install" ]; then
  "$root/cmake/setup.sh" $all
  "$root/tests/onnx/setup.sh"
fi

# Summaries of the kinds, a file each.
summaries=$(mktemp -d)
trap 'rm -rf "$summaries" "$root/tests/all_result.txt.new"' EXIT
failed=
commit=$(git -C "$root" rev-parse --short HEAD 2> /dev/null || echo "no commit")
[ -z "$(git -C "$root" status --porcelain -- . ':!tests/all_result.txt' 2> /dev/null)" ] || commit="$commit and changes"

result=$root/tests/all_result.txt
# Writes the result of what has run so far, after each kind, so that a run that is broken off leaves what it found out.
write_result() {
  local kind
  for kind in $kinds; do  # those that were not run now, or not yet, stay
    [ -e "$summaries/$kind" ] || [ ! -e "$result" ] ||
      sed -n "/^== $kind[,:]/,/^== /{/^== $kind[,:]/p;/^== /!p}" "$result" > "$summaries/$kind"
    [ -s "$summaries/$kind" ] || echo "== $kind: not run yet" > "$summaries/$kind"
  done
  {
    if grep -qE '^The following tests FAILED|not everything passed\.$|does not build\.$|objects\.$' "$summaries"/*; then
      echo "tests/run.sh --all: not everything passed"
    elif grep -q 'not run yet$' "$summaries"/*; then
      echo "tests/run.sh --all: what has run passed, each part at the commit that it names; not everything has run"
    elif [ "$(sed -n 's/^== [^,]*, //p' "$summaries"/* | sort -u | wc -l)" = 1 ]; then
      echo "tests/run.sh --all: everything passed"
    else
      echo "tests/run.sh --all: everything passed, each part at the commit that it names"
    fi
    g++ --version | head -n 1
    { clang++ --version 2> /dev/null || echo "no clang++"; } | head -n 1
    for kind in $kinds; do cat "$summaries/$kind"; done
  } > "$result.new"
  mv "$result.new" "$result"
}

# begin KIND: begins its summary, if it is to be run.
begin() {
  case " ${only:-$kinds} " in *" $1 "*) ;; *) return 1 ;; esac
  echo "== $1, $commit" | tee "$summaries/$1"
}
# check KIND TARGET "CTEST_ARGUMENTS" CMAKE_ARGUMENT...: builds TARGET in build/KIND, runs tests, and notes their summary.
check() {
  local kind=$1 target=$2 selection=$3 log=$root/build/$1/ctest.log
  begin "$kind" || return 0
  if ! configure "$kind" "${@:4}" || ! cmake --build "$root/build/$kind" --target "$target" --parallel "$(job_count)"; then
    echo "$kind does not build." | tee -a "$summaries/$kind"
    failed="$failed $kind"
    [ -z "$all" ] || write_result
    return
  fi
  # shellcheck disable=SC2086  # the selection is a list of words
  if ! (cd "$root/build/$kind" && ctest --output-on-failure -j "$(job_count)" $selection 2>&1) | tee "$log"; then
    failed="$failed $kind"
    echo "In $kind not everything passed." >> "$summaries/$kind"
  fi
  sed -n '/tests passed,/,/^Total Test time/p; /^The following tests FAILED/,/^Errors while/p' "$log" >> "$summaries/$kind"
  [ -z "$all" ] || write_result
}

if [ -z "$all" ]; then
  check release all "-LE ^browser$"
  [ -z "$failed" ]
  exit
fi

check release all ""
# The first build has run these with both compilers, or they are no matter of the compiler. Of the headers it has only
# looked at whole folders with this one.
check clang all "-LE ^(browser|layering|results|static|compile_fail)$" -DCMAKE_CXX_COMPILER=clang++
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

# Whatever this machine has, the kernels for every instruction set; see tests/emulation. What does not compute with them
# is left to the builds above.
check emulated all "-L ^(backend.cpu|conformance|features|golden|layers|networks|ops|training)$" \
  -DCMAKE_CXX_COMPILER=clang++ -DPIX2PIXHD_EMULATE=ON -DPIX2PIXHD_BUILD_BENCH=OFF -DPIX2PIXHD_BUILD_EXAMPLES=OFF

if begin tidy; then
  # It looks at the files of the build with clang++.
  if ! configure clang -DCMAKE_CXX_COMPILER=clang++ ||
    ! cmake --build "$root/build/clang" --target edit --parallel "$(job_count)"; then
    echo "tidy does not build." | tee -a "$summaries/tidy"
    failed="$failed tidy"
  elif "$root/tests/tidy.sh" "$root/build/clang"; then
    echo "clang-tidy has nothing to say." | tee -a "$summaries/tidy"
  else
    echo "clang-tidy objects." | tee -a "$summaries/tidy"
    failed="$failed tidy"
  fi
  write_result
fi

echo
cat "$result"
[ -z "$failed" ]
