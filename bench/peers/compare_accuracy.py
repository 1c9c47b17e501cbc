#!/usr/bin/env python3
"""How far pictures in bf16 are from PyTorch's in f32, for every instruction set.

The program is that of a build with PIX2PIXHD_EMULATE, which has all instruction sets on any machine with AVX2: what it
computes is what these machines compute, and its times mean nothing. The figures go to bench/results/accuracy_bf16.json
and .md.

usage: compare_accuracy.py --program build/emulated/bin/generator_pass [--cases 512p_bf16 ...]
"""
import argparse
import json
import os
import sys

import numpy as np

import accuracy_report
import compare
from measure import HERE, RESULTS, Refused, compact, run

CASES = ("512p_bf16", "1024p_bf16", "1024p_bf16_noise")
ISAS = ("avx2", "avx512_bf16", "amx_bf16")


def difference(path, truth):
    difference = np.load(path).astype(np.float64) - np.load(truth)
    return {"largest_difference": float(np.abs(difference).max()), "psnr": float(10 * np.log10(4 / np.mean(difference ** 2)))}


def figures(case, material, options):
    """{instruction set: the difference, and the version of the program}."""
    job = material.job(case, options.threads)
    result = {}
    for isa in ISAS:
        told = run([options.program, "--depth", str(case.depth), "--weights", job["weights"], "--labels", material.label, "--instances",
                    material.instance, "--precision", case.precision, "--threads", str(options.threads), "--runs", "1", "--isa", isa,
                    "--output", job["output"]])
        result[isa] = difference(job["output"], material.truth) | {"version": told["version"]}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="generator_pass of a build with PIX2PIXHD_EMULATE")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--work", default=os.path.join(HERE, "..", "..", "build", "peers_work"), help="folder for weights and networks, gigabytes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", default=RESULTS, help="folder of the results")
    options = parser.parse_args()
    options.program, options.work = os.path.abspath(options.program), os.path.abspath(options.work)
    path = os.path.join(options.results, "accuracy_bf16.json")
    content = {}
    if os.path.exists(path):
        with open(path) as file:
            content = json.load(file)
    for name in options.cases:
        case = compare.CASES[name]
        try:
            isas = figures(case, compare.Material(options.work, case, options.threads), options)
        except Refused as reason:
            sys.exit(f"compare_accuracy.py: {case.title}: {reason}")
        content[name] = {"title": case.title, "instruction_sets": isas}
        with open(path, "w") as file:
            file.write(compact(content))
    text = accuracy_report.text(content)
    with open(os.path.join(options.results, "accuracy_bf16.md"), "w") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
