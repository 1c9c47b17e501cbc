#!/usr/bin/env python3
"""Steps of training with the VGG loss on a GPU beside PyTorch: time and peak memory, in bf16 and f32.

Generator<1>, three discriminators of width 64, least squares, feature matching, VGG-19, Adam; batch 1. Every program
runs in a process of its own, in turn; times are medians. That steps are equal is tested in tests/golden. Writes a table
and the raw figures to bench/results/training_gpu. The exit status is 1 if one of our own programs failed.

usage: compare_training.py --program build/release/bin/training_step
"""
import argparse
import sys
import tempfile

import gpu_report
import measuring
from measuring import figure_of, rival


WARM_UP = 3  # steps of ours until one is repeated: plans are made, then the step is recorded


def measure(options, content, size, folder):
    """Puts the figures of one size into `content`, and keeps it after each program."""
    scene = measuring.write_scene(folder, *measuring.size(size))
    common = [word for pair in scene.values() for word in pair]
    ours = [options.program, "--runs", str(options.runs + WARM_UP), "--device", "cuda", "--network", options.network, "--scales", "3", "--perceptual"]
    figures = content["sizes"][size] = {}

    def run(name, command):
        figures[name] = figure_of(name, command, options.limit)
        if "library_bytes" in figures[name]:  # ours, whose peak_bytes are of host memory
            figures[name]["peak_bytes"] = figures[name]["library_bytes"]
            figures[name]["seconds"] = figures[name]["seconds"][WARM_UP:]
        measuring.keep(options, "training_gpu", content)

    for precision in options.precisions:
        run(f"pix2pixhd {precision}", [*ours, "--precision", precision, *common])
        if precision == "bf16":
            run(f"pix2pixhd {precision}, recomputing", [*ours, "--recompute", "--precision", precision, *common])
            run(f"pix2pixhd {precision}, not recorded", [*ours, "--no-record", "--precision", precision, *common])
        for how in options.how if precision == "bf16" else ("eager",):
            run(f"PyTorch {how} {precision}", rival("torch_training.py", "--how", how, "--precision", precision, "--on", options.on,
                                                    "--runs", str(options.runs), "--network", options.network, *common))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measuring.add_options(parser, 10)
    parser.add_argument("--sizes", nargs="+", default=["1024x512", "2048x1024"])
    parser.add_argument("--precisions", nargs="+", default=["bf16", "f32"])
    parser.add_argument("--how", nargs="*", default=["eager", "graph", "compiled", "compiled-graph"], help="ways in which PyTorch runs in bf16; none: ours alone")
    parser.add_argument("--network", choices=("depth1", "demo"), default="depth1", help="demo: small ones, to try the script out")
    options = parser.parse_args()
    content = {"runs": options.runs, "sizes": {}}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(options, content, size, folder)
    measuring.write(options, "training_gpu", gpu_report.training_text(content))
    sys.exit(max(map(measuring.exit_status, content["sizes"].values())))


if __name__ == "__main__":
    main()
