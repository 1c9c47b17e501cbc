#!/usr/bin/env python3
"""Times every block of a picture and of a step of training, beside what the machine can do at most.

The program `stages` measures the roofline on the spot and hands every call of the backend on to the CPU backend with a
clock beside it. The figures go to bench/results/stages_cpu.json and .md (of processors without AVX-512 stages_cpu_avx2,
with AMX stages_cpu_amx), where those of a case that is not run now stay.

usage: stages.py --program build/release/bin/stages [--cases picture_f32 ...]
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))

import numpy as np
from PIL import Image

import scenes
import stages_report
from measure import OURS, RESULTS, Refused, Results, run

CASES = {  # title, width, height, options of the program
    "picture_f32": ("A picture, Generator<1>, 2048x1024, f32", 2048, 1024, []),
    "picture_bf16": ("A picture, Generator<1>, 2048x1024, bf16", 2048, 1024, ["--precision", "bf16"]),
    "picture_f32_avx2": ("A picture, Generator<1>, 2048x1024, f32, AVX2", 2048, 1024, ["--isa", "avx2"]),
    "step_512x256": ("A step of training, Generator<1>, 2 discriminators of width 64, 512x256, f32", 512, 256, ["--work", "step", "--scales", "2"]),
    "step_1024x512": ("A step of training, Generator<1>, 3 discriminators of width 64, 1024x512, f32", 1024, 512, ["--work", "step", "--scales", "3"]),
}


def measure(width, height, arguments, options):
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        label, instance = scenes.street_map(width, height)
        np.save(path("labels.npy"), label)
        np.save(path("instances.npy"), instance)
        Image.fromarray(scenes.picture(label)).save(path("image.png"))
        return run([options.program, "--labels", path("labels.npy"), "--instances", path("instances.npy"), "--image", path("image.png"),
                    "--threads", str(options.threads), "--runs", str(options.runs), *arguments], under=options.under)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="stages, the program to run")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="passes; the least time of each call counts")
    parser.add_argument("--under", default="", metavar="COMMAND", help="a command that each measured process is started with, such as nice")
    parser.add_argument("--results", default=RESULTS, help="folder of the results")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    results = Results("stages", options.results, CASES)
    for name in options.cases:
        title, width, height, arguments = CASES[name]
        print(f"# {title}", file=sys.stderr, flush=True)
        try:
            figure = measure(width, height, arguments, options)
        except Refused as reason:
            figure = {"refused": str(reason)}
        results.put(name, {"title": title, "threads": options.threads}, OURS, figure)
    results.write_page(stages_report)


if __name__ == "__main__":
    main()
