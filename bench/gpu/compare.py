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
import sys
import tempfile

import numpy as np
import torch

import gpu_report
import measuring
from measuring import figure_of, rival
from rivals import networks

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
        if "refused" not in figures[name]:
            pictures[name] = np.load(path("picture.npy")).astype(np.float64)
        exact = pictures.get("pix2pixhd f32")
        for each, picture in pictures.items() if exact is not None else ():
            figures[each]["rms"] = float(np.sqrt(((picture - exact) ** 2).mean() / (exact ** 2).mean()))
        keep(options, figures)

    for precision in options.precisions:
        run(f"pix2pixhd {precision}", [options.program, "--precision", precision])
        if precision not in options.rival_precisions:
            continue
        for how in options.how if precision == "bf16" else ("eager",):
            run(f"PyTorch {how} {precision}", rival("torch_generator.py", "--how", how, "--precision", precision, "--on", options.on))
    return figures


def keep(options, figures):
    measuring.keep(options, "generator_gpu", content(options, figures))


def content(options, figures):
    return {"size": options.size, "runs": options.runs, "figures": figures}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measuring.add_options(parser, 20)
    parser.add_argument("--size", default="2048x1024")
    parser.add_argument("--precisions", nargs="+", default=["f32", "tf32", "bf16", "f16"])
    parser.add_argument("--rival-precisions", nargs="*", default=["f32", "tf32", "bf16", "f16"], help="those in which PyTorch runs too")
    parser.add_argument("--how", nargs="*", default=["eager", "graph", "reduce-overhead", "max-autotune"], help="ways in which PyTorch runs in bf16; none: ours alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, folder)
    measuring.write(options, "generator_gpu", gpu_report.picture_text(content(options, figures)))
    sys.exit(measuring.exit_status(figures) or not gpu_report.picture_judgements(figures)[1])


if __name__ == "__main__":
    main()
