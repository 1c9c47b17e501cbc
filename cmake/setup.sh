#!/usr/bin/env bash
# Installs the Debian packages that the library, its tools, tests and benchmarks need, where they are missing.
#
#   cmake/setup.sh [--all]    --all: also the second compiler, clang-tidy, and a browser for the editor's test
#
# Nothing is changed where everything is there. Other systems: install what the list names, then call the scripts that
# use this one with --no-install.
set -eu

packages=(
  g++ cmake ninja-build pkg-config ccache
  libeigen3-dev libxtensor-dev                                 # core
  libpng-dev libjpeg-dev libzip-dev nlohmann-json3-dev         # component io
  libonnx-dev libprotobuf-dev                                  # component onnx
  libcli11-dev libcpp-httplib-dev                              # tools
  doctest-dev libbenchmark-dev python3-venv                    # tests and benchmarks
)
if [ "${1:-}" = --all ]; then
  packages+=(clang clang-tidy chromium chromium-driver python3-selenium)
fi

remedy() {
  echo "setup: $1" >&2
  echo "setup: Install these packages, or their like on this system, and start again with --no-install:" >&2
  echo "setup:   ${packages[*]}" >&2
  exit 1
}

if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
  remedy "This system has no apt-get, so that nothing can be installed here."
fi

missing=()
for package in "${packages[@]}"; do
  # A line for each architecture that it is installed for.
  if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed; then
    missing+=("$package")
  fi
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi
packages=("${missing[@]}")

root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    remedy "Packages are missing; only root may install them, and there is no sudo."
  fi
  root=(sudo)
  if [ ! -t 0 ] && ! sudo -n true 2> /dev/null; then
    remedy "Packages are missing, and sudo asks for a password where there is no terminal."
  fi
fi

apt() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 "$@"
}

echo "setup: installing ${missing[*]}"
apt update || echo "setup: apt-get update failed; trying with the lists that are there." >&2
apt install --no-install-recommends "${missing[@]}" || remedy "apt-get could not install everything; see above."
