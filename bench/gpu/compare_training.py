#!/usr/bin/env python3
"""Steps of training with the VGG loss on a GPU beside PyTorch: time and peak memory, in bf16 and f32.

Generator<1>, three discriminators of width 64, least squares, feature matching, VGG-19, Adam; batch 1. Every program
runs in a process of its own, in turn; times are medians. That steps are equal is tested in tests/golden. Writes a table
and the raw figures to bench/results/training_gpu. The exit status is 1 if one of our own programs failed.

usage: compare_training.py --program build/release/bin/training_step
"""
import argparse
import statistics
import sys
import tempfile

import measuring
from measuring import figure_of, rival


def measure(options, size, folder):
    scene = measuring.write_scene(folder, *measuring.size(size))
    common = [word for pair in scene.values() for word in pair] + ["--runs", str(options.runs)]
    ours = [options.program, "--device", "cuda", "--network", options.network, "--scales", "3", "--perceptual"]
    figures = {}
    for precision in options.precisions:
        name = f"pix2pixhd {precision}"
        figures[name] = figure_of(name, [*ours, "--precision", precision, *common], options.limit)
        figures[name]["peak_bytes"] = figures[name].get("library_bytes", 0)
        for how in options.how if precision == "bf16" else ("eager",):
            name = f"PyTorch {how} {precision}"
            figures[name] = figure_of(name, rival("torch_training.py", "--how", how, "--precision", precision, "--on", options.on, "--network", options.network, *common),
                                      options.limit)
    return figures


def milliseconds(figure):
    return statistics.median(figure["seconds"]) * 1e3


def section(size, figures):
    measured = {name: figure for name, figure in figures.items() if "refused" not in figure}
    lines = [f"## {size}", "", "| program | a step, milliseconds | peak memory, MB |", "|---|---|---|"]
    lines += [f"| {name} | {milliseconds(figure):.1f} | {figure['peak_bytes'] / 1e6:.0f} |" for name, figure in measured.items()]
    ours, rivals = measured.get("pix2pixhd bf16"), [figure for name, figure in measured.items() if name.startswith("PyTorch") and name.endswith("bf16")]
    if ours and rivals:
        least = min(figure["peak_bytes"] for figure in rivals)
        memory = f"; our peak memory is {ours['peak_bytes'] / least:.2f} of its least" if least else ""
        lines += ["", f"In bf16 our step is {min(map(milliseconds, rivals)) / milliseconds(ours):.2f} times as fast as PyTorch's best{memory}."]
    return [*lines, "", *measuring.left_out(figures)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measuring.add_options(parser, 10)
    parser.add_argument("--sizes", nargs="+", default=["1024x512", "2048x1024"])
    parser.add_argument("--precisions", nargs="+", default=["bf16", "f32"])
    parser.add_argument("--how", nargs="+", default=["eager", "graph", "compiled"], help="ways in which PyTorch runs in bf16")
    parser.add_argument("--network", choices=("depth1", "demo"), default="depth1", help="demo: small ones, to try the script out")
    options = parser.parse_args()
    content, lines = {}, ["# Steps of training with the VGG loss on a GPU", "", f"Batch 1. Medians of {options.runs} steps.", ""]
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            content[size] = measure(options, size, folder)
        lines += section(size, content[size])
    figures = {f"{name}, {size}": figure for size, group in content.items() for name, figure in group.items()}
    lines += ["- " + device for device in sorted({figure["device"] for figure in figures.values() if "device" in figure})]
    measuring.write(options, "training_gpu", content, lines)
    sys.exit(measuring.exit_status(figures))


if __name__ == "__main__":
    main()
