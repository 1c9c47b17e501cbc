#!/usr/bin/env python3
"""Times a step of training beside PyTorch: the same networks, objective and optimiser on the same batch, in the same run.

Every program runs in a process of its own, in turn, and makes several steps; the minimum over all but the first of each
process counts, and the peak resident memory is that of the whole process, making the networks included. Weights are
random in either; that the steps themselves are equal is tested in tests/golden. Writes a table and the raw figures to
bench/results/.

usage: compare_training.py --step build/release/bin/training_step [--cases 512x256 1024x512 demo]
"""
import argparse
import json
import os
import sys
import tempfile

import numpy as np
from PIL import Image

from compare import HERE, machine, run, street_map

CASES = {
    "demo": (256, 128, ["--network", "demo"], "Generator<0> of width 16 with 2 halvings and 3 residual blocks, 2 discriminators of width 16"),
    "512x256": (512, 256, ["--scales", "2"], "Generator<1>, 2 discriminators of width 64"),
    "1024x512": (1024, 512, ["--scales", "3"], "Generator<1>, 3 discriminators of width 64"),
}


def measure(case, options, folder):
    width, height, arguments, networks = CASES[case]
    label, instance = street_map(width, height)
    random = np.random.default_rng(3)
    colours = random.integers(0, 256, (256, 3))[label] * 0.7 + random.integers(0, 70, (height, width, 3))
    paths = [os.path.join(folder, name + ".png") for name in ("labels", "instances", "image")]
    for path, array in zip(paths, (label, instance.astype(np.uint16), np.clip(colours, 0, 255).astype(np.uint8))):
        Image.fromarray(array).save(path)
    arguments = [*arguments, "--labels", paths[0], "--instances", paths[1], "--image", paths[2], "--threads", str(options.threads),
                 "--steps", str(options.steps)]
    rival = [sys.executable, os.path.join(HERE, "torch_training.py"), *arguments]
    commands = {"pix2pixhd": [options.step, *arguments], "PyTorch eager": rival, "PyTorch eager, channels_last": rival + ["--channels-last"]}
    figures = {name: {"seconds": [], "peak_bytes": 0} for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            result, figure = json.loads(run(command)[0]), figures[name]
            figure["seconds"] += result.pop("seconds")[1:]
            figure["peak_bytes"] = max(figure["peak_bytes"], result["peak_bytes"])
            figure |= {key: result[key] for key in ("library_bytes", "version") if key in result}
    ours = figures["pix2pixhd"]
    rivals = [figures[name] for name in figures if name != "pix2pixhd"]
    time_ratio = min(ours["seconds"]) / min(min(rival["seconds"]) for rival in rivals)
    memory_ratio = ours["peak_bytes"] / min(rival["peak_bytes"] for rival in rivals)
    lines = [f"## {width}x{height}", "", f"{networks}, batch 1, least squares and feature matching, Adam.", "",
             "| program | seconds a step | peak memory, MB |", "|---|---|---|"]
    lines += [f"| {name} | {min(figure['seconds']):.3g} | {figure['peak_bytes'] / 1e6:.0f} |" for name, figure in figures.items()]
    lines += ["", f"Ours to the best of the others: {time_ratio:.2f} of the time, {memory_ratio:.2f} of the memory "
              f"({ours['library_bytes'] / 1e6:.0f} MB of tensors at most).", ""]
    return "\n".join(lines), {"width": width, "height": height, "networks": networks, "time_ratio": time_ratio,
                              "memory_ratio": memory_ratio, "figures": figures}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", required=True, help="the program to measure")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1, help="processes of each program")
    parser.add_argument("--steps", type=int, default=5, help="steps a process; the first one does not count")
    parser.add_argument("--results", default=os.path.join(HERE, "..", "results"))
    options = parser.parse_args()
    text, cases = "", {}
    with tempfile.TemporaryDirectory() as folder:
        for case in options.cases:
            part, cases[case] = measure(case, options, folder)
            text += "\n" + part
            print(part, flush=True)
    version = next(iter(cases.values()))["figures"]["PyTorch eager"]["version"]
    head = (f"One step of training, f32, {options.threads} threads, minimum of {options.rounds * (options.steps - 1)} steps.\n"
            f"Machine: {machine()}, other programs beside. PyTorch {version}.\n")
    name = os.path.join(options.results, "training_step_cpu")
    with open(name + ".md", "w") as file:
        file.write(head + text)
    with open(name + ".json", "w") as file:
        json.dump({"machine": machine(), "threads": options.threads, "cases": cases}, file, indent=1)


if __name__ == "__main__":
    main()
