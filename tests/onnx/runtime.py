#!/usr/bin/env python3
"""Computes the cases that tests_onnx wrote with ONNX Runtime and compares them with what the reference computed.

usage: runtime.py FOLDER
"""
import os
import sys

import numpy as np
import onnxruntime

TOLERANCE = 5e-5  # of the largest value; ONNX Runtime sums in single precision, the reference in double


def arrays(folder):
    return {os.path.splitext(name)[0]: np.load(os.path.join(folder, name)) for name in os.listdir(folder)}


def difference(path):
    """The largest difference of the outputs of a case, relative to the largest value."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    there = arrays(os.path.splitext(path)[0])
    inputs = {one.name: there[one.name] for one in session.get_inputs()}
    names = [one.name for one in session.get_outputs()]
    if sorted(there) != sorted([*inputs, *names]):
        raise ValueError(f"has inputs {sorted(inputs)} and outputs {sorted(names)}, the case {sorted(there)}")
    worst = 0.0
    for name, values in zip(names, session.run(names, inputs)):
        if values.shape != there[name].shape:
            raise ValueError(f"{name} is {values.shape}, the reference's {there[name].shape}")
        worst = max(worst, float(np.abs(values - there[name]).max() / np.abs(there[name]).max()))
    return worst


def main():
    folder, = sys.argv[1:]
    cases = sorted(name for name in os.listdir(folder) if name.endswith(".onnx"))
    failed = not cases
    print(f"{len(cases)} cases, ONNX Runtime {onnxruntime.__version__}")
    for name in cases:
        try:
            worst = difference(os.path.join(folder, name))
            good = worst <= TOLERANCE  # false for NaN
            said = f"{worst:.1e}"
        except Exception as error:  # any failure of the runtime is one of the case
            good, said = False, str(error)
        failed |= not good
        print(f"{'passed' if good else 'FAILED'}  {name}: {said}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
