#!/usr/bin/env python3
"""Trains the demo preset and the same networks in PyTorch from the same weights on the same batches, and compares losses
and hold-out pictures.

Training is chaotic: what two runs round differently grows from step to step, because Adam divides small gradients by
their own size. So two runs are never equal after some hundred steps, and what has to be seen is that ours and PyTorch's
are no further apart than two runs of PyTorch. Therefore PyTorch also runs with another number of threads, in double
precision, and several times with one weight changed by its last bit; and so does ours.

Figures of all runs are computed by the tool `evaluate` from the pictures as float32. Writes a table, all numbers and a
chart to bench/results/training_quality_demo.md, .json and .svg. Takes some twenty minutes on two cores.

usage: compare_quality.py --program build/release/bin/training_quality --evaluate build/release/bin/evaluate
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

import machine
import quality_report
from measure import HERE, compact


def nudged(source, target, number):
    """A copy of the initial weights, in which one weight of G's first layer is the next larger float32."""
    os.makedirs(target, exist_ok=True)
    shutil.copy(os.path.join(source, "discriminator.safetensors"), target)
    with safe_open(os.path.join(source, "generator.safetensors"), "np") as file:
        weights, metadata = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()
    road = weights["model.1.weight"][number, 1]  # class 1, the road, is in every picture
    road[3, 3] = np.nextafter(road[3, 3], np.float32(np.inf))
    save_file(weights, os.path.join(target, "generator.safetensors"), metadata)
    return target


def run(folder, command):
    """Runs a program, unless it has finished in this folder before, and returns what it printed."""
    finished = os.path.join(folder, "finished.json")
    if os.path.exists(finished):
        with open(finished) as file:
            before, output = json.load(file)
        if before == command:
            return output
    # Threads that wait by spinning take the other programs' time, and by much where these are several.
    environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=HERE).stdout.strip()
    with open(finished, "w") as file:
        json.dump([command, output], file)
    return output


def losses_of(folder, kind):
    """The table of losses, as numbers of the kind that was computed with: a text has fewer digits or more."""
    with open(os.path.join(folder, "losses.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(kind(row[name])) for row in rows] for name in rows[0] if name != "step"}


def figures_of(evaluate, folder, data, work, baseline=False):
    """Figures of the pictures of one step, and of the classes painted in their mean colours."""
    path = os.path.join(work, "figures.json")
    command = [evaluate, "--synthesised", folder, "--real", os.path.join(data, "test_img"), "--labels", os.path.join(data, "test_label"),
               "--classes", "8", "--json", path] + ["--baseline"] * baseline
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode:
        sys.exit(process.stderr)
    with open(path) as file:
        return [{key: row[key] for key in ("psnr", "ssim", "sliced_wasserstein", "colour_error")} for row in json.load(file)]


def difference_of_pictures(a, b):
    return max(float(np.abs(np.load(os.path.join(a, name)) - np.load(os.path.join(b, name))).max()) for name in os.listdir(a))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="training_quality")
    parser.add_argument("--evaluate", required=True, help="the tool that computes the figures")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--pictures-every", type=int, default=50)
    parser.add_argument("--nudges", type=int, default=4, choices=range(1, 16),
                        help="runs of either with one weight changed by its last bit")
    parser.add_argument("--work", help="folder for what is computed on the way; runs that have finished there are not made again")
    parser.add_argument("--results", default=os.path.join(HERE, "..", "results"))
    options = parser.parse_args()
    options.program, options.evaluate = os.path.abspath(options.program), os.path.abspath(options.evaluate)
    with tempfile.TemporaryDirectory() as temporary:
        result = measure(options, os.path.abspath(options.work or temporary))
    name = os.path.join(options.results, "training_quality_demo")
    with open(name + ".json", "w") as file:
        file.write(compact(result))
    quality_report.write(name, result)
    # Rounding alone moves the first step's losses; anything more is another computation.
    if result["first_step_difference"] > 1e-5:
        sys.exit(f"The losses of the first step differ by {result['first_step_difference']:.1e} of their size.")


def measure(options, work):
    data = os.path.join(work, "data")
    subprocess.run([options.program, "prepare", "--output", data, "--streets", str(options.steps)], check=True)
    ours, rival = [options.program, "train"], [sys.executable, "-m", "rivals.torch_quality"]
    plan = {"pix2pixhd": (ours, data, []), "pix2pixhd, 1 thread": (ours, data, ["--threads", "1"]), "PyTorch": (rival, data, []),
            "PyTorch, 1 thread": (rival, data, ["--threads", "1"]), "PyTorch, double": (rival, data, ["--double"])}
    for i in range(1, options.nudges + 1):
        weights = nudged(data, os.path.join(work, f"weights_{i}"), i)
        plan |= {f"pix2pixhd, bit {i}": (ours, weights, []), f"PyTorch, bit {i}": (rival, weights, [])}
    moments = sorted({*range(0, options.steps + 1, options.pictures_every), options.steps})
    runs, versions, folder = {}, {}, lambda name: os.path.join(work, name.replace(", ", "_").replace(" ", "_"))
    for name, (command, weights, arguments) in plan.items():
        print(name, flush=True)
        versions[name] = run(folder(name), [*command, "--data", data, "--weights", weights, "--output", folder(name), "--steps",
                                            str(options.steps), "--pictures-every", str(options.pictures_every), *arguments])
        figures = {str(step): figures_of(options.evaluate, os.path.join(folder(name), f"step_{step}"), data, work)[0] for step in moments}
        runs[name] = {"losses": losses_of(folder(name), np.float64 if "--double" in arguments else np.float32), "figures": figures}
    step_folder = lambda name, step: os.path.join(folder(name), f"step_{step}")
    first = [abs(runs["pix2pixhd"]["losses"][kind][0] / runs["PyTorch"]["losses"][kind][0] - 1) for kind in quality_report.LOSSES]
    same_bits = runs["pix2pixhd"] == runs["pix2pixhd, 1 thread"]
    if same_bits:
        del runs["pix2pixhd, 1 thread"]
    return {"machine": machine.sentence(machine.describe()), "versions": {name: versions[name] for name in ("pix2pixhd", "PyTorch")}, "steps": options.steps,
            "shape": shape_of(data), "first_step_difference": max(first), "same_bits_with_one_thread": same_bits,
            "largest_difference_of_pictures": {str(step): difference_of_pictures(step_folder("pix2pixhd", step), step_folder("PyTorch", step))
                                               for step in moments},
            "mean_colours": figures_of(options.evaluate, step_folder("PyTorch", 0), data, work, baseline=True)[1], "runs": runs}


def shape_of(data):
    shapes = {}
    for name in ("generator", "discriminator"):
        with safe_open(os.path.join(data, name + ".safetensors"), "np") as file:
            shapes[name] = json.loads(file.metadata()["pix2pixhd.shape"])
    return shapes


if __name__ == "__main__":
    main()
