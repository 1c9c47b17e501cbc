# Functions for the scripts that build; they are sourced, and `root` is the folder of the project.

# Checkouts in other places share what ccache keeps.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=true

# Compilers at work at once: one a processor, as far as memory goes (heavy templates take up to 2 GB each).
job_count() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 2000000) }' /proc/meminfo 2> /dev/null || true)
  memory=${memory:-$processors}
  if [ "$memory" -lt 1 ]; then memory=1; fi
  if [ "$memory" -lt "$processors" ]; then echo "$memory"; else echo "$processors"; fi
}

# configure KIND CMAKE_ARGUMENT...: configures build/KIND.
configure() {
  local generator=()
  if [ ! -f "$root/build/$1/CMakeCache.txt" ] && command -v ninja > /dev/null; then
    generator=(-G Ninja)
  fi
  cmake -S "$root" -B "$root/build/$1" "${generator[@]}" "${@:2}"
}
