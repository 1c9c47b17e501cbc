#!/usr/bin/env python3
"""The rival: the same generator in PyTorch. Run by compare.py in a process of its own, so that its memory is its own.

Prints one line of JSON: seconds of every pass from label map to picture (building the one-hot tensor included), and the
peak resident memory of the process in bytes.
"""
import argparse
import json
import resource
import time

import numpy as np
import torch
from PIL import Image

import networks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--instances", required=True)
    parser.add_argument("--depth", type=int, required=True)
    parser.add_argument("--classes", type=int, default=35)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--output", help="where to write the picture, .npy")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    if options.depth == 0:
        network = networks.GlobalGenerator(options.classes + 1)
    else:
        network = networks.Enhancer(options.depth, options.classes + 1, width=64 >> options.depth)
    network.load_state_dict(torch.load(options.weights, weights_only=True, mmap=True), assign=True)
    network.eval()
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    network = network.to(memory_format=layout)
    label = torch.from_numpy(np.asarray(Image.open(options.labels)).astype(np.int64))[None, None]
    instance = torch.from_numpy(np.asarray(Image.open(options.instances)).astype(np.int32))[None, None]

    seconds = []
    with torch.inference_mode():
        for _ in range(options.runs):
            start = time.perf_counter()
            x = networks.generator_input(label, instance, options.classes).to(memory_format=layout)
            picture = network(x)
            seconds.append(time.perf_counter() - start)
    if options.output:
        np.save(options.output, picture.contiguous().numpy())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "version": torch.__version__}))


if __name__ == "__main__":
    main()
