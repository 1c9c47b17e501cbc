#!/usr/bin/env python3
"""Times every block of a picture and of a step of training on a GPU, beside what it can do at most.

The program `stages` hands every call of the backend on to the CUDA backend with an event on either side; the roofline is
measured by roofline.py. Writes a table and the raw figures to bench/results/stages_gpu. The exit status is 1 if the
program failed.

usage: stages.py --program build/release/bin/stages
"""
import argparse
import os
import sys
import tempfile

import measuring
from measuring import figure_of, rival

sys.path.insert(0, os.path.join(measuring.HERE, "..", "stages"))
import stages_gpu_report
import stages_report

CASES = {  # title, size, options of the program
    "picture_bf16": ("A picture, Generator<1>, {}, bf16", ["--precision", "bf16"]),
    "picture_f32": ("A picture, Generator<1>, {}, f32", ["--precision", "f32"]),
    "step_bf16": ("A step of training, Generator<1>, 3 discriminators of width 64, {}, bf16", ["--work", "step", "--scales", "3", "--precision", "bf16"]),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measuring.add_options(parser, 5)
    parser.add_argument("--size", default="2048x1024")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    options = parser.parse_args()
    roofline = figure_of("roofline", rival("roofline.py", "--on", options.on), options.limit)
    content = {"roofline": roofline, "cases": {}}
    figures = {"roofline": roofline}
    for name in options.cases:
        title, arguments = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            scene = measuring.write_scene(folder, *measuring.size(options.size))
            command = [options.program, "--device", "cuda", *arguments, *(word for pair in scene.values() for word in pair), "--runs", str(options.runs)]
            figure = figures["pix2pixhd " + name] = figure_of(name, command, options.limit)
        if "refused" in roofline and "refused" not in figure:
            figure = {"refused": "there is no roofline: " + roofline["refused"]}
        elif "refused" not in figure:
            figure |= {"roofline": roofline, "isa": figure["precision"]}
        content["cases"][name] = {"title": title.format(options.size), "programs": {stages_report.OURS: figure}}
        measuring.keep(options, "stages_gpu", content)
        measuring.write(options, "stages_gpu", stages_gpu_report.text(content))  # what is cut off leaves the cases before
    sys.exit(measuring.exit_status(figures))


if __name__ == "__main__":
    main()
