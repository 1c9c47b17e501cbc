#!/usr/bin/env python3
"""Generator<1> at 2048x1024 on a GPU beside PyTorch: time, memory, and how far 16 bits are from f32.

Every program runs in a process of its own, in turn. Times are medians. For each precision the relative root mean square
of the picture's difference from our f32 picture is given, of ours and of PyTorch's. Writes a table and the raw figures to
bench/results/generator_1024p_gpu.

usage: compare.py --program build/release/bin/gpu_generator
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))
from rivals import networks
from scenes import street_map


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--size", default="2048x1024")
    parser.add_argument("--results", default=os.path.join(HERE, "..", "results"))
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))

    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        label, instance = street_map(width, height)
        Image.fromarray(label).save(path("labels.png"))
        Image.fromarray(instance.astype(np.uint16)).save(path("instances.png"))
        network = networks.Enhancer(1, 36, width=32)
        networks.init_weights(network, torch.Generator().manual_seed(1))
        torch.save(network.state_dict(), path("weights.pth"))
        del network
        common = ["--weights", path("weights.pth"), "--labels", path("labels.png"), "--instances", path("instances.png"),
                  "--runs", str(options.runs)]

        def measure(name, command):
            print(name, flush=True)
            done = subprocess.run(command + common + ["--output", path("picture.npy")], stdout=subprocess.PIPE, text=True)
            if done.returncode != 0:
                print(f"  {name} failed", flush=True)
                return
            figure = json.loads(done.stdout.splitlines()[-1])
            pictures[name] = np.load(path("picture.npy")).astype(np.float64)
            figures[name] = figure

        figures, pictures = {}, {}
        rival = [sys.executable, os.path.join(HERE, "torch_generator.py")]
        for precision in ("f32", "tf32", "bf16", "f16"):
            measure(f"pix2pixhd {precision}", [options.program, "--precision", precision])
            for how in ("eager", "compiled", "graph") if precision == "bf16" else ("eager",):
                measure(f"PyTorch {how} {precision}", rival + ["--how", how, "--precision", precision])

    exact = pictures.get("pix2pixhd f32")
    lines = [f"Generator<1>, {width}x{height}, batch 1, on a GPU. Medians of {options.runs} pictures, milliseconds.", "",
             "| program | labels to bytes, on the host | on the device | peak memory, MB | relative rms from our f32 |",
             "|---|---|---|---|---|"]
    for name, figure in figures.items():
        figure["rms"] = float("nan")
        if exact is not None:
            figure["rms"] = float(np.sqrt(((pictures[name] - exact) ** 2).mean() / (exact ** 2).mean()))
        lines.append(f"| {name} | {statistics.median(figure['seconds']) * 1e3:.2f} | {figure['on_device'] * 1e3:.2f} "
                     f"| {figure['peak_bytes'] / 1e6:.0f} | {figure['rms']:.1e} |")
    devices = sorted({figure["device"] for figure in figures.values()})
    text = "\n".join(lines + ["", *devices]) + "\n"
    print(text)
    name = os.path.join(options.results, "generator_1024p_gpu")
    with open(name + ".md", "w") as file:
        file.write(text)
    with open(name + ".json", "w") as file:
        json.dump({"width": width, "height": height, "figures": figures}, file, indent=1)


if __name__ == "__main__":
    main()
