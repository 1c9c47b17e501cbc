#!/usr/bin/env bash
# check.sh NAME: one way of using the library from outside. tests/structure.cmake sets SOURCE, BUILD (the build that is
# installed), WORK (where this script writes), CXX, CMAKE, CMAKE_GENERATOR and CMAKE_CXX_COMPILER_LAUNCHER.
set -eu
name=$1
prefix=$WORK/prefix
here=$SOURCE/tests/package
export CMAKE_GENERATOR CMAKE_CXX_COMPILER_LAUNCHER CXX
mkdir -p "$WORK"

# consume PROGRAM CMAKE_ARGUMENT...: builds that program of consumer/ without optimisation and runs it.
consume() {
  rm -rf "${WORK:?}/$name"
  "$CMAKE" -S "$here/consumer" -B "$WORK/$name" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
    -DPROGRAM="$1" "${@:2}"
  "$CMAKE" --build "$WORK/$name" --verbose
  "$WORK/$name/consumer"
}

# consume_refused PROGRAM CMAKE_ARGUMENT...: that fails; what it says is in $output.
consume_refused() {
  status=0
  output=$(consume "$@" 2>&1) || status=$?
  printf '%s\n' "$output"
  output=$(tr -s ' \n' ' ' <<< "$output")  # CMake wraps its messages.
  [ "$status" -ne 0 ]
}

# configure CMAKE_ARGUMENT...: configures the project itself; what it says is in $output, its status in $status.
configure() {
  rm -rf "${WORK:?}/$name"
  status=0
  output=$("$CMAKE" -S "$SOURCE" -B "$WORK/$name" "$@" 2>&1) || status=$?
  printf '%s\n' "$output"
  output=$(tr -s ' \n' ' ' <<< "$output")  # CMake wraps its messages.
}

# says TEXT...: the output contains every text.
says() {
  for text in "$@"; do
    case $output in
      *"$text"*) ;;
      *) echo "Expected in the output: $text"; exit 1 ;;
    esac
  done
}

case $name in
  install)
    rm -rf "$prefix"
    "$CMAKE" --install "$BUILD" --prefix "$prefix"
    ;;
  find_package)
    consume main.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::pix2pixhd
    ;;
  compiled)
    consume main.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::compiled
    ;;
  io)
    consume io.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::io
    ;;
  io_missing)
    # A machine without io's libraries: the core can be used, and who asks for io is told what is missing.
    consume main.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::pix2pixhd \
      -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON
    consume_refused io.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::io \
      -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON
    says "The component io of pix2pixhd needs" nlohmann-json3-dev
    ;;
  onnx)
    consume onnx.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::onnx
    consume_refused onnx.cpp -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY=pix2pixhd::onnx \
      -DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON
    says "The component onnx of pix2pixhd needs" libonnx-dev libprotobuf-dev
    ;;
  add_subdirectory)
    consume main.cpp -DPIX2PIXHD_SOURCE="$SOURCE" -DLIBRARY=pix2pixhd::pix2pixhd
    # The consumer asked for the headers only: nothing of the library may have been compiled.
    if find "$WORK/$name" -name '*.a' | grep .; then exit 1; fi
    ;;
  plain)
    # A Makefile of two words: the include directories of Eigen and xtensor are all a user needs.
    read -ra dependencies < <(pkg-config --cflags eigen3 xtensor 2> /dev/null || echo -I/usr/include/eigen3)
    ${CMAKE_CXX_COMPILER_LAUNCHER:-} "$CXX" -std=c++20 -I"$prefix/include" "${dependencies[@]}" \
      -c "$here/consumer/main.cpp" -o "$WORK/plain.o"
    "$CXX" "$WORK/plain.o" -o "$WORK/plain" -pthread -ldl
    "$WORK/plain"
    ;;
  without_optional)
    disabled=()
    for package in PkgConfig nlohmann_json Protobuf CLI11 doctest benchmark; do
      disabled+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
    done
    configure "${disabled[@]}" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0
    [ "$status" -eq 0 ]
    says "left out: the component io" libpng-dev libjpeg-dev libzip-dev nlohmann-json3-dev \
      "left out: the component onnx" libonnx-dev libprotobuf-dev \
      "left out: the test programs" doctest-dev "left out: the benchmarks" libbenchmark-dev
    # And what is not left out builds: the compiled library without io.
    "$CMAKE" --build "$WORK/$name" --target pix2pixhd_compiled
    ;;
  without_eigen)
    configure -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON
    [ "$status" -ne 0 ]
    says "pix2pixhd needs Eigen 3.4 or later" "apt-get install libeigen3-dev" "cmake/setup.sh"
    ;;
  include_directory)
    # Who asks for headers elsewhere below the prefix gets them there, and the target says so.
    configure -DCMAKE_INSTALL_PREFIX="$WORK/$name/prefix" -DCMAKE_INSTALL_INCLUDEDIR=headers \
      -DPIX2PIXHD_BUILD_COMPILED=OFF -DPIX2PIXHD_BUILD_TESTS=OFF -DPIX2PIXHD_BUILD_EXAMPLES=OFF \
      -DPIX2PIXHD_BUILD_BENCH=OFF
    [ "$status" -eq 0 ]
    "$CMAKE" --install "$WORK/$name" > /dev/null
    [ -f "$WORK/$name/prefix/headers/pix2pixhd/pix2pixhd.hpp" ]
    output=$(cat "$WORK/$name/prefix/share/cmake/pix2pixhd/pix2pixhdTargets.cmake")
    says '"${_IMPORT_PREFIX}/headers"'
    ;;
  *)
    echo "There is no package test $name."
    exit 1
    ;;
esac
