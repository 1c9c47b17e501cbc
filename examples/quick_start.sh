#!/usr/bin/env bash
# Installs what is missing, builds the tools that it runs, trains a small generator on invented streets for about two
# minutes, and lets it paint streets that it has not seen: a page for the browser, and its figures beside those of
# painting each class in its mean colour.
#
#   examples/quick_start.sh [--no-install]    --no-install: the packages are there already
#
# The tools are in build/release/bin afterwards, what was made in build/quick_start. About 1.5 GB of disk and 2 GB of
# memory are needed, and with two processor cores a quarter of an hour, most of it for building. After Control-C during
# training it says how to go on; started again it begins anew.
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
cmake --build "$root/build/release" --parallel "$(job_count)" --target street_scene train evaluate synthesize

tools=$root/build/release/bin
work=$root/build/quick_start
mkdir -p "$work"
cd "$work"

echo
echo "== Invented streets of 128x64: 600 to train on, 32 held out; 8 classes and boundaries of instances"
rm -rf streets
"$tools/street_scene" --dataset streets --width 128 --height 64

training=(--preset demo --data streets --output run --classes 8 --epochs 2 --decay-epochs 3 --average 0.98)
evaluation=(--preset demo --weights run/best_generator.safetensors --data streets --classes 8 --baseline
  --gallery gallery.html --json figures.json)

# What there is after Control-C, upon which `train` ends in order, and how to go on.
stopped() {
  trap - INT
  echo
  echo "Training was stopped before its end."
  if compgen -G "run/checkpoint_*.safetensors" > /dev/null; then
    cat <<END
$work/run has its checkpoints and report.html. To go on, and to paint the held-out streets afterwards:

  cd $work
  $tools/train ${training[*]} --resume
  $tools/evaluate ${evaluation[*]}

examples/quick_start.sh begins anew: it removes $work/run.
END
  else
    echo "There is no checkpoint yet; examples/quick_start.sh begins anew."
  fi
  exit 130
}

echo "== Training; $work/run/report.html shows how it goes. Control-C stops it."
rm -rf run
trap stopped INT
"$tools/train" "${training[@]}"
trap - INT
if [ ! -e run/generator.safetensors ]; then stopped; fi  # only `train` was told to stop

echo "== The held-out streets, from their label maps alone, by the generator of the epoch with the best textures"
"$tools/evaluate" "${evaluation[@]}"

echo "== The same generator on a street of 2048x1024"
"$tools/street_scene" --seed 1000000 --labels label.png --instances instance.png --image street.png
"$tools/synthesize" --preset demo --weights run/best_generator.safetensors --classes 8 --labels label.png \
  --instances instance.png --output picture.png

cat <<END

Open in a browser:    $work/gallery.html
How training went:    $work/run/report.html
A larger picture:     $work/picture.png (of label.png and instance.png)

With photographs of your own, in folders train_label, train_inst and train_img, and the paper's networks:

  build/release/bin/train --preset 1024p --data FOLDER --output RUN
  build/release/bin/synthesize --preset 1024p --weights RUN/generator.safetensors --labels LABELS.png \\
    --instances INSTANCES.png --output PICTURE.png

(35 classes are the default, as in Cityscapes. synthesize takes .pth files of PyTorch as well.)

The editor, the other tools and the numbered examples:

  cmake --build build/release --target examples
END
