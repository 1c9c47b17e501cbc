#!/usr/bin/env bash
# Installs what is missing, builds the tools, and makes a picture of 2048x1024 pixels from a label map and an instance
# map.
#
#   examples/quick_start.sh [--no-install]    --no-install: the packages are there already
#
# The tools are in build/release/bin afterwards, the maps and the picture in build/quick_start. About 1.5 GB of disk and
# 2 GB of memory are needed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/build.sh"

case ${1:-} in
  "") "$root/cmake/setup.sh" ;;
  --no-install) ;;
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "examples/quick_start.sh: unknown argument $1; see examples/quick_start.sh --help" >&2; exit 2 ;;
esac

configure release
cmake --build "$root/build/release" --parallel "$(job_count)" --target examples

tools=$root/build/release/bin
work=$root/build/quick_start
mkdir -p "$work"
cd "$work"

echo
echo "== An invented street: 8 classes and instances, so that a generator takes 9 channels"
"$tools/street_scene" --seed 1 --labels label.png --instances instance.png --image street.png

echo "== Weights for the 2048x1024 generator, drawn at random, and as PyTorch would store them"
"$tools/random_weights" --preset 1024p --channels 9 --seed 1 --output untrained_1024p.safetensors
"$tools/convert" untrained_1024p.safetensors untrained_1024p.pth

echo "== The picture"
"$tools/synthesize" --preset 1024p --weights untrained_1024p.pth --classes 8 --labels label.png \
  --instances instance.png --output untrained_picture.png

cat <<END

The label map is      $work/label.png
The instance map is   $work/instance.png
The picture is        $work/untrained_picture.png

The lines above state its time and memory. It shows no street: the weights are random, nobody has trained them. With
trained weights for the same classes, a .pth file of PyTorch as well as a .safetensors file, the command is the same:

  build/release/bin/synthesize --preset 1024p --weights WEIGHTS --labels LABELS.png --instances INSTANCES.png \\
    --output PICTURE.png

(35 classes are the default, as in published weights for Cityscapes.) street.png is what such a street looks like.
END
