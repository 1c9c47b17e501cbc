#!/usr/bin/env python3
"""Generator<1> on a GPU beside PyTorch: time, memory, and how far 16 bits are from f32.

Every program runs in a process of its own, in turn. Times are medians. For each precision the relative root mean square
of the picture's difference from our f32 picture is given, of ours and of PyTorch's; ours may be at most 1.25 times
PyTorch's. Writes a table and the raw figures to bench/results/generator_gpu. The exit status is 1 if one of our own
programs failed or a picture is too far from f32.

usage: compare.py --program build/release/bin/gpu_generator
"""
import argparse
import os
import statistics
import sys
import tempfile

import numpy as np
import torch

import measuring
from measuring import figure_of, rival
from rivals import networks

NEAREST = 1.25  # how many times as far from f32 as PyTorch's picture ours may be


def measure(options, folder):
    """{program: figure}, with the pictures' distances from f32."""
    path = lambda name: os.path.join(folder, name)
    scene = measuring.write_scene(folder, *measuring.size(options.size))
    network = networks.Enhancer(1, 36, width=32)
    networks.init_weights(network, torch.Generator().manual_seed(1))
    torch.save(network.state_dict(), path("weights.pth"))
    del network
    common = ["--weights", path("weights.pth"), *scene["labels"], *scene["instances"], "--runs", str(options.runs), "--output", path("picture.npy")]
    figures, pictures = {}, {}

    def run(name, command):
        figures[name] = figure_of(name, command + common, options.limit)
        keep(options, figures)
        if "refused" not in figures[name]:
            pictures[name] = np.load(path("picture.npy")).astype(np.float64)

    for precision in options.precisions:
        run(f"pix2pixhd {precision}", [options.program, "--precision", precision])
        for how in options.how if precision == "bf16" else ("eager",):
            run(f"PyTorch {how} {precision}", rival("torch_generator.py", "--how", how, "--precision", precision, "--on", options.on))
    exact = pictures.get("pix2pixhd f32")
    for name, picture in pictures.items():
        if exact is not None:
            figures[name]["rms"] = float(np.sqrt(((picture - exact) ** 2).mean() / (exact ** 2).mean()))
    keep(options, figures)
    return figures


def keep(options, figures):
    measuring.keep(options, "generator_gpu", {"size": options.size, "figures": figures})


def milliseconds(figure):
    return statistics.median(figure["seconds"]) * 1e3


def judgements(figures):
    """Sentences about speed and accuracy, and whether the accuracy will do."""
    said, good = [], True
    measured = {name: figure for name, figure in figures.items() if "refused" not in figure}
    rivals = {name: milliseconds(figure) for name, figure in measured.items() if name.startswith("PyTorch") and name.endswith("bf16")}
    for precision in ("bf16", "f16"):
        ours, theirs = measured.get(f"pix2pixhd {precision}"), measured.get(f"PyTorch eager {precision}")
        if ours and rivals:
            best = min(rivals, key=rivals.get)
            said.append(f"pix2pixhd {precision} makes a picture {rivals[best] / milliseconds(ours):.2f} times as fast as {best}.")
        if ours and theirs and "rms" in ours:
            ratio = ours["rms"] / theirs["rms"]
            good &= ratio <= NEAREST
            said.append(f"In {precision} its picture is {ratio:.2f} times as far from f32 as PyTorch's{'' if ratio <= NEAREST else f': more than {NEAREST}'}.")
    return said, good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measuring.add_options(parser, 20)
    parser.add_argument("--size", default="2048x1024")
    parser.add_argument("--precisions", nargs="+", default=["f32", "tf32", "bf16", "f16"])
    parser.add_argument("--how", nargs="+", default=["eager", "graph", "compiled"], help="ways in which PyTorch runs in bf16")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, folder)
    said, good = judgements(figures)
    lines = [f"# Generator<1> on a GPU, {options.size}", "", f"Batch 1. Medians of {options.runs} pictures, milliseconds.", "",
             "| program | labels to bytes, on the host | on the device | peak memory, MB | relative rms from our f32 |", "|---|---|---|---|---|"]
    for name, figure in figures.items():
        if "refused" not in figure:
            lines.append(f"| {name} | {milliseconds(figure):.2f} | {figure['on_device'] * 1e3:.2f} | {figure['peak_bytes'] / 1e6:.0f} "
                         f"| {figure.get('rms', float('nan')):.1e} |")
    lines += ["", *(sentence + "\n" for sentence in said), *measuring.left_out(figures), *measuring.measured_on(figures)]
    measuring.write(options, "generator_gpu", lines)
    sys.exit(measuring.exit_status(figures) or not good)


if __name__ == "__main__":
    main()
