#!/usr/bin/env python3
"""Times the generator beside PyTorch, OpenVINO and ONNX Runtime on the same weights and the same map.

Every program runs in a process of its own, in turn, and makes several pictures, each from label map to picture; the
minimum counts, and the peak resident memory is that of the whole process, loading included. Every picture is compared
with that of PyTorch in f32. The figures go to bench/results/generator_cpu.json and .md (of processors without AVX-512
generator_cpu_avx2, with AMX generator_cpu_amx), where those of a program that is not run now stay.

usage: compare.py --program build/release/bin/generator_pass [--cases 1024p_f32 ...] [--only pix2pixhd OpenVINO ...]
"""
import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np

import generator_report
import scenes
from measure import HERE, OURS, Results, add_options, chosen, collect, run, run_rival

AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}  # what keeps the rivals from AVX-512
TORCH = {f"PyTorch {variant}": ("torch_generator", variant) for variant in ("eager", "channels_last", "compiled")}
OPENVINO = {"OpenVINO": ("openvino_generator", "")}
ONNX_RUNTIME = {"ONNX Runtime": ("onnxruntime_generator", "")}


@dataclass
class Case:
    title: str
    depth: int
    size: tuple
    precision: str = "f32"
    rivals: dict = None
    isa: str = ""
    threads: int = 0  # 0: as the command line says
    map: str = "street"
    weights: str = "weights.safetensors"
    beside: dict = None  # what of the case is otherwise where ours runs in turns with itself, by the words for it


STREET, TWO_THREADS = {"a street": {"map": "street"}}, {"two threads": {"threads": 2}}
LARGE, SMALL = (1, (2048, 1024)), (0, (1024, 512))
CASES = {
    "1024p_f32": Case("Generator<1>, 2048x1024, f32", *LARGE, rivals=TORCH | OPENVINO | ONNX_RUNTIME),
    "1024p_bf16": Case("Generator<1>, 2048x1024, bf16", *LARGE, "bf16", TORCH | OPENVINO),
    "1024p_f32_avx2": Case("Generator<1>, 2048x1024, f32, AVX2 forced", *LARGE, rivals=TORCH | OPENVINO, isa="avx2"),
    "512p_f32": Case("Generator<0>, 1024x512, f32", *SMALL, rivals=TORCH | OPENVINO | ONNX_RUNTIME),
    "512p_bf16": Case("Generator<0>, 1024x512, bf16", *SMALL, "bf16", TORCH | OPENVINO),
    "1024p_f32_one_thread": Case("Generator<1>, 2048x1024, f32, 1 thread", *LARGE, rivals={}, threads=1, beside=TWO_THREADS),
    "1024p_bf16_one_thread": Case("Generator<1>, 2048x1024, bf16, 1 thread", *LARGE, "bf16", {}, threads=1, beside=TWO_THREADS),
    "1024p_f32_noise": Case("Generator<1>, 2048x1024, f32, a map of noise", *LARGE, rivals={}, map="noise", beside=STREET),
    "1024p_bf16_noise": Case("Generator<1>, 2048x1024, bf16, a map of noise", *LARGE, "bf16", {}, map="noise", beside=STREET),
    "1024p_f32_pth": Case("Generator<1>, 2048x1024, f32, weights as .pth", *LARGE, rivals={}, weights="weights.pth"),
}


class Material:
    """Weights, exported networks, maps and PyTorch's pictures, made once in a folder of work."""

    def __init__(self, folder, case, threads):
        width, height = case.size
        self.folder = os.path.join(folder, f"generator_{case.depth}_{width}x{height}")
        os.makedirs(self.folder, exist_ok=True)
        if not os.path.exists(self.path("complete")):
            subprocess.run([sys.executable, "-m", "rivals.export", self.folder, str(case.depth), str(scenes.CLASSES + 1), f"{width}x{height}"],
                           check=True, cwd=HERE)
            open(self.path("complete"), "w").close()
        self.label, self.instance, self.truth = (self.path(f"{case.map}_{part}.npy") for part in ("label", "instance", "truth"))
        if not os.path.exists(self.truth):
            for path, array in zip((self.label, self.instance), scenes.MAPS[case.map](width, height)):
                np.save(path, array)
            run_rival("torch_generator", self.job(case, threads) | {"precision": "f32", "variant": "eager", "output": self.truth, "runs": 1})

    def path(self, name):
        return os.path.join(self.folder, name)

    def job(self, case, threads):
        return {"weights": self.path("weights.safetensors"), "onnx": self.path("network.onnx"), "labels": self.label,
                "instances": self.instance, "classes": scenes.CLASSES, "depth": case.depth, "precision": case.precision,
                "threads": threads, "output": self.path("picture.npy")}


def programs(case, options):
    """{name: a function that runs it and compares its picture}."""
    threads = case.threads or options.threads
    material = Material(options.work, case, threads)
    job = material.job(case, threads) | {"runs": options.runs}

    def ours():
        return run([options.program, "--depth", str(case.depth), "--weights", material.path(case.weights), "--labels", material.label,
                    "--instances", material.instance, "--precision", case.precision, "--threads", str(threads), "--runs", str(options.runs),
                    "--output", job["output"], *(["--isa", case.isa] if case.isa else [])], under=options.under)

    def rival(module, variant):
        environment = AVX2 if case.isa == "avx2" else {}
        return run_rival(module, job | {"variant": variant}, under=options.under, environment=environment)

    def compared(call):
        figure = call()
        difference = np.load(job["output"]).astype(np.float64) - np.load(material.truth)
        error = np.maximum(np.mean(difference ** 2), 1e-30)  # equal pictures: 306 dB, not infinity
        psnr = 10 * np.log10(4 / error)                      # the values span -1 to 1
        return figure | {"largest_difference": float(np.abs(difference).max()), "psnr": float(psnr)}

    calls = {OURS: ours} | {name: lambda arguments=arguments: rival(*arguments) for name, arguments in case.rivals.items()}
    compared_calls = {name: lambda call=call: compared(call) for name, call in chosen(calls, options.only).items()}
    for words, changes in (case.beside or {}).items():
        others = programs(replace(case, **changes, rivals={}, beside=None), options)
        compared_calls |= {f"{name}, {words}": call for name, call in others.items()}
    return compared_calls


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="generator_pass, the program to measure")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--work", default=os.path.join(HERE, "..", "..", "build", "peers_work"), help="folder for weights and networks, gigabytes")
    add_options(parser)
    options = parser.parse_args()
    options.program, options.work = os.path.abspath(options.program), os.path.abspath(options.work)
    results = Results("generator", options.results, CASES, options.add)
    for name in options.cases:
        case = CASES[name]
        print(f"# {case.title}", file=sys.stderr, flush=True)
        facts = {"title": case.title, "width": case.size[0], "height": case.size[1], "threads": case.threads or options.threads,
                 "precision": case.precision}
        for program, figure in collect(programs(case, options), options.rounds).items():
            results.put(name, facts, program, figure)
    results.write_page(generator_report)
    print(generator_report.text(results.content))


if __name__ == "__main__":
    main()
