#!/usr/bin/env python3
"""What a GPU can do at most, measured by PyTorch: a matrix product of 8192x8192 in each type, and copies of 2 GB.

Prints one line of JSON: {"gflops": {type: GFLOP/s}, "gigabytes": {"read", "write", "copy": GB/s}}, where a copied byte
counts twice.

usage: roofline.py [--on cpu]      cpu: only to try the script out, with small arrays
"""
import argparse
import json

import torch

import torch_device


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", choices=("cuda", "cpu"), default="cuda")
    options = parser.parse_args()
    side, values = (8192, 1 << 29) if options.on == "cuda" else (512, 1 << 22)
    gflops = {}
    for precision, dtype in torch_device.TYPES.items():
        device = torch_device.TorchDevice(options.on, precision)
        a, b = (torch.randn(side, side, device=options.on).to(dtype) for _ in range(2))
        a @ b
        gflops[precision] = max(2 * side ** 3 / device.seconds(lambda: a @ b) for _ in range(5)) / 1e9
    x, y = (torch.ones(values, dtype=torch.float32, device=options.on) for _ in range(2))
    rate = lambda moved, work: max(moved * 4 * values / device.seconds(work) for _ in range(5)) / 1e9
    gigabytes = {"read": rate(1, lambda: x.sum()), "write": rate(1, lambda: y.fill_(1)), "copy": rate(2, lambda: y.copy_(x))}
    print(json.dumps({"gflops": gflops, "gigabytes": gigabytes}))


if __name__ == "__main__":
    main()
