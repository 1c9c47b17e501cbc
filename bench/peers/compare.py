#!/usr/bin/env python3
"""Times the tool `synthesize` beside PyTorch on the same weights and the same map, in the same run.

Every program runs in a process of its own, in turn (ours, rival, rival, ours, ...), and makes several pictures; the
minimum over all counts, and the peak resident memory is that of the whole process, loading included. The pictures are
compared value by value. Writes a table and the raw figures to bench/results/.

usage: compare.py --synthesize build/release/bin/synthesize [--preset 1024p] [--size 2048x1024]
"""
import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

import networks

HERE = os.path.dirname(os.path.abspath(__file__))
DEPTHS = {"512p": 0, "1024p": 1, "2048p": 2}
SIZES = {"512p": "1024x512", "1024p": "2048x1024", "2048p": "4096x2048"}


def street_map(width, height):
    """Sky, buildings, trees, road, cars and people: about as many and as large regions as in a photograph of a street."""
    random = np.random.default_rng(7)
    label = np.full((height, width), 23, np.uint8)
    instance = np.full((height, width), 23, np.int32)
    rows, columns = np.mgrid[0:height, 0:width]
    horizon = height * 45 // 100
    label[horizon:] = 8
    road = np.abs(columns - width / 2) < (rows - horizon) * 1.6
    label[road & (rows >= horizon)] = 7
    left = 0
    while left < width:
        right = left + int(random.integers(width // 24, width // 9))
        top = int(random.integers(height // 12, horizon - height // 12))
        label[top:horizon, left:right] = 11 if random.random() < 0.7 else 21
        left = right
    instance[:] = label
    for kind, number, tall in ((26, 9, 0.6), (24, 8, 2.6), (19, 6, 2.0)):
        for k in range(number):
            near = random.uniform(0.08, 0.9)
            size = int(height * 0.2 * near)
            y, x = int(horizon + (height - horizon) * near), int(random.integers(0, width))
            inside = ((columns - x) / size) ** 2 + ((rows - y + size * tall / 2) / (size * tall)) ** 2 < 0.25
            label[inside] = kind
            instance[inside] = kind * 1000 + k
    return label, instance


def machine():
    model, flags = platform.processor(), ""
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            if line.startswith("flags"):
                flags = line
    vector = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags.split()]
    return f"{model}, {os.cpu_count()} cores, {' '.join(vector)}"


def run(command):
    """Standard output of a process and its peak resident memory."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed")
    return output, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthesize", required=True, help="the program to measure")
    parser.add_argument("--preset", choices=DEPTHS, default="1024p")
    parser.add_argument("--size", help="WIDTHxHEIGHT; default: the preset's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2, help="processes of each program")
    parser.add_argument("--runs", type=int, default=2, help="pictures a process")
    parser.add_argument("--results", default=os.path.join(HERE, "..", "results"))
    options = parser.parse_args()
    depth = DEPTHS[options.preset]
    width, height = map(int, (options.size or SIZES[options.preset]).split("x"))

    with tempfile.TemporaryDirectory() as folder:
        path = lambda *parts: os.path.join(folder, *parts)
        for name in ("labels", "instances", "ours"):
            os.mkdir(path(name))
        label, instance = street_map(width, height)
        for i in range(options.runs):
            Image.fromarray(label).save(path("labels", f"{i}.png"))
            Image.fromarray(instance.astype(np.uint16)).save(path("instances", f"{i}.png"))
        generator = torch.Generator().manual_seed(1)
        network = networks.GlobalGenerator(36) if depth == 0 else networks.Enhancer(depth, 36, width=64 >> depth)
        networks.init_weights(network, generator)
        torch.save(network.state_dict(), path("weights.pth"))
        del network

        ours = [options.synthesize, "--preset", options.preset, "--weights", path("weights.pth"), "--labels", path("labels"),
                "--instances", path("instances"), "--output", path("ours"), "--device", "cpu", "--threads", str(options.threads)]
        one = [options.synthesize, "--preset", options.preset, "--weights", path("weights.pth"), "--labels", path("labels", "0.png"),
               "--instances", path("instances", "0.png"), "--output", path("ours.png"), "--raw", path("ours.npy"),
               "--device", "cpu", "--threads", str(options.threads)]
        rival = [sys.executable, os.path.join(HERE, "torch_generator.py"), "--weights", path("weights.pth"), "--labels",
                 path("labels", "0.png"), "--instances", path("instances", "0.png"), "--depth", str(depth), "--threads",
                 str(options.threads), "--runs", str(options.runs), "--output", path("rival.npy")]
        rivals = {"PyTorch eager": rival, "PyTorch eager, channels_last": rival + ["--channels-last"]}

        figures = {name: {"seconds": [], "peak_bytes": 0} for name in ["pix2pixhd", *rivals]}
        for _ in range(options.rounds):
            output, peak = run(ours)
            figures["pix2pixhd"]["seconds"] += [float(s) for s in re.findall(r"^forward ([0-9.]+) s", output, re.M)]
            figures["pix2pixhd"]["peak_bytes"] = max(figures["pix2pixhd"]["peak_bytes"], peak)
            for name, command in rivals.items():
                result = json.loads(run(command)[0])
                figures[name]["seconds"] += result["seconds"]
                figures[name]["peak_bytes"] = max(figures[name]["peak_bytes"], result["peak_bytes"])
                figures[name]["version"] = result["version"]
        run(one)
        difference = float(np.abs(np.load(path("ours.npy")) - np.load(path("rival.npy"))).max())

    best = min(min(figures[name]["seconds"]) for name in rivals)
    seconds = min(figures["pix2pixhd"]["seconds"])
    lines = [f"Generator<{depth}>, {width}x{height}, f32, batch 1, {options.threads} threads, from label map to picture.",
             f"Machine: {machine()}. PyTorch {figures['PyTorch eager']['version']}.",
             f"Minimum of {options.rounds * options.runs} pictures; largest difference of the pictures (range 2): {difference:.1e}.",
             "", "| program | seconds | peak memory, MB | ours is |", "|---|---|---|---|"]
    for name, figure in figures.items():
        ratio = min(figure["seconds"]) / seconds
        lines.append(f"| {name} | {min(figure['seconds']):.2f} | {figure['peak_bytes'] / 1e6:.0f} | {ratio:.2f} times as fast |")
    text = "\n".join(lines) + "\n"
    print(text)
    name = os.path.join(options.results, f"generator_{options.preset}_cpu")
    with open(name + ".md", "w") as file:
        file.write(text)
    with open(name + ".json", "w") as file:
        json.dump({"machine": machine(), "width": width, "height": height, "threads": options.threads, "preset": options.preset,
                   "largest_difference": difference, "ratio_to_best_rival": best / seconds, "figures": figures}, file, indent=1)


if __name__ == "__main__":
    main()
