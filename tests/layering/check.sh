#!/usr/bin/env bash
# check.sh DIRECTORY: reads the headers under include/pix2pixhd and reports every include that points downwards in the
# order below, every header that layers/ and networks/ must not see, and every header that breaks a rule of form.
set -eu
cd "$1"

find . -name '*.hpp' | sed 's|^\./||' | LC_ALL=C sort | xargs awk '
BEGIN {
  order = "core ops layers backend/meta networks features backend/reference backend/cpu backend/cuda backend " \
          "store images training testing onnx distributed"
  count = split(order, folders, " ")
  for (i = 1; i <= count; ++i) rank[folders[i]] = i
}
# The folder of a header: the longest folder of the order that it lies in, or "" for a header at the top.
function folder_of(path,    folder) {
  folder = path
  while (sub(/\/?[^\/]*$/, "", folder) && folder != "")
    if (folder in rank) return folder
  if (path ~ /\//) return "?"
  return ""
}
function report(text) {
  print FILENAME ":" FNR ": " text
  ++errors
}
FNR == 1 {
  ++headers
  here = folder_of(FILENAME)
  if (here == "?") report("the folder is not in the order that tests/layering/check.sh states")
  if ($0 !~ /^#pragma once/ && FILENAME !~ /\.inc\.hpp$/) report("the first line is not #pragma once")
  if (FILENAME ~ /-inl\.hpp$/) bodies[FILENAME]
}
/^[ \t]*#[ \t]*include[ \t]*"/ { report("write includes with angle brackets") }
/^[ \t]*#[ \t]*include[ \t]*</ {
  file = $0
  sub(/^[^<]*</, "", file)
  sub(/>.*/, "", file)
  if (here ~ /^(layers|networks)$/ && \
      file ~ /^(xtensor|xtl|Eigen|unsupported\/Eigen)\/|^filesystem$|^(imm|xmm|emm|pmm|tmm|smm|nmm|amm|x86)intrin|^arm_(neon|sve)/)
    report("layers/ and networks/ must not include <" file ">")
  if (file !~ /^pix2pixhd\//) next
  sub(/^pix2pixhd\//, "", file)
  if (file ~ /-inl\.hpp$/) {
    included[file]
    if (FILENAME ~ /-inl\.hpp$/) report("bodies must not include bodies: <pix2pixhd/" file ">")
  }
  if ((getline ignored < file) < 0) report("<pix2pixhd/" file "> does not exist")
  close(file)
  there = folder_of(file)
  if (here == "" || here == "?" || file == "version.hpp") next  # the umbrella may include everything
  if (there == "") report(here "/ must not include <pix2pixhd/" file ">, which includes what lies below it")
  else if (there == "?") report("<pix2pixhd/" file "> lies in a folder that is not in the order")
  else if (rank[there] > rank[here]) report(here "/ must not include <pix2pixhd/" file ">: " there "/ lies below it")
}
/^[ \t]*namespace[ \t]*\{/ { report("a header must not have an anonymous namespace") }
END {
  for (file in bodies)
    if (!(file in included)) {
      print file ": no header with the declarations includes these bodies"
      ++errors
    }
  print headers " headers, " errors + 0 " violations."
  exit errors > 0
}'
