#!/usr/bin/env python3
"""Times training beside PyTorch: steps of training, and a perceptual loss with its gradient.

The same networks, objective and optimiser on the same batch. Every program runs in a process of its own, in turn, and
makes several steps; the minimum counts, and the peak resident memory is that of the whole process, making the networks
included. Weights of the steps are random in either; that steps are equal is tested in tests/golden. Gradients of the
perceptual loss are compared here. The figures go to bench/results/training_cpu.json and .md (of processors without
AVX-512 training_cpu_avx2, with AMX training_cpu_amx), where those of a program that is not run now stay.

usage: compare_training.py --programs build/release/bin [--cases 512x256 ...] [--only pix2pixhd ...]
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

import scenes
import training_report
from measure import HERE, OURS, Results, add_options, chosen, collect, run, run_rival

VARIANTS = ("eager", "channels_last", "compiled")


def arguments(job):
    """A job as options of one of our programs."""
    return [word for key, value in job.items() for word in ("--" + key, str(value))]


class Steps:
    """Whole steps: G, D, feature matching, Adam."""

    program, module = "training_step", "torch_training"

    def __init__(self, title, size, **networks):
        self.title, self.size, self.networks = title, size, networks

    def job(self, folder):
        label, instance = scenes.street_map(*self.size)
        paths = {name: os.path.join(folder, name) for name in ("labels.npy", "instances.npy", "image.png")}
        np.save(paths["labels.npy"], label)
        np.save(paths["instances.npy"], instance)
        Image.fromarray(scenes.picture(label)).save(paths["image.png"])
        self.rival_only = {"classes": scenes.CLASSES, "output": ""}
        return {name.split(".")[0]: path for name, path in paths.items()} | self.networks

    def compare(self, figure, job, truth):
        """Nothing: the weights are not the same."""


class Perceptual:
    """One VGG-19 perceptual loss and its gradient."""

    program, module = "perceptual_loss", "torch_perceptual"

    def __init__(self, title, size):
        self.title, self.size = title, size

    def job(self, folder):
        label, _ = scenes.street_map(*self.size)
        path = lambda name: os.path.join(folder, name)
        for name, seed in (("fake", 3), ("real", 4)):
            values = scenes.picture(label, seed).astype(np.float32) / 127.5 - 1
            np.save(path(name + ".npy"), np.ascontiguousarray(values.transpose(2, 0, 1)[None]))
        subprocess.run([sys.executable, "-m", "rivals.export_vgg", path("vgg.safetensors")], check=True, cwd=HERE)
        self.rival_only = {}
        return {"weights": path("vgg.safetensors"), "fake": path("fake.npy"), "real": path("real.npy"), "output": path("gradient.npy")}

    def compare(self, figure, job, truth):
        """The root mean square of the gradient's difference to PyTorch eager's, as a part of that of the gradient. (Single
        values tell nothing: |x - y| has a jump in its derivative, which rounding may put on either side.)"""
        gradient = np.load(job["output"]).astype(np.float64)
        figure["gradient_difference"] = float(np.linalg.norm(gradient - truth) / np.linalg.norm(truth))


CASES = {
    "demo": Steps("A step of training, 256x128: Generator<0> of width 16 with 2 halvings and 3 residual blocks, 2 discriminators of width 16",
                  (256, 128), network="demo"),
    "512x256": Steps("A step of training, 512x256: Generator<1>, 2 discriminators of width 64", (512, 256), network="depth1", scales=2),
    "1024x512": Steps("A step of training, 1024x512: Generator<1>, 3 discriminators of width 64", (1024, 512), network="depth1", scales=3),
    "perceptual": Perceptual("A VGG-19 perceptual loss and its gradient by the picture, 1024x512", (1024, 512)),
}


def measure(case, options, folder):
    job = case.job(folder) | {"threads": options.threads, "runs": options.runs}
    truth = None
    if isinstance(case, Perceptual):
        run_rival(case.module, job | {"variant": "eager", "runs": 1})
        truth = np.load(job["output"])

    def compared(figure):
        case.compare(figure, job, truth)
        return figure

    ours = lambda *more: compared(run([os.path.join(options.programs, case.program), *arguments(job), *more], under=options.under))
    rival = lambda variant: compared(run_rival(case.module, job | case.rival_only | {"variant": variant}, under=options.under))
    variants = {OURS: ours} | ({f"{OURS}, recomputing": lambda: ours("--recompute")} if isinstance(case, Steps) else {})
    calls = variants | {f"PyTorch {variant}": lambda variant=variant: rival(variant) for variant in VARIANTS}
    return collect(chosen(calls, options.only), options.rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="folder of training_step and perceptual_loss, the programs to measure")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    add_options(parser)
    options = parser.parse_args()
    options.programs = os.path.abspath(options.programs)
    results = Results("training", options.results, CASES, options.add)
    for name in options.cases:
        case = CASES[name]
        print(f"# {case.title}", file=sys.stderr, flush=True)
        facts = {"title": case.title, "width": case.size[0], "height": case.size[1], "threads": options.threads}
        with tempfile.TemporaryDirectory() as folder:
            for program, figure in measure(case, options, folder).items():
                results.put(name, facts, program, figure)
    results.write_page(training_report)
    print(training_report.text(results.content))


if __name__ == "__main__":
    main()
