#!/usr/bin/env python3
"""The rival on a GPU: the same generator in PyTorch, channels_last, in the precision that is asked, run as `--how` says.

    eager     operation by operation
    compiled  torch.compile, mode max-autotune
    graph     the eager operations captured as a CUDA graph

Prints one line of JSON: seconds of every pass from labels in host memory to bytes in host memory (building the one-hot
tensor included), seconds of a pass whose input and result stay on the device, and the peak memory of PyTorch's allocator.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from rivals import networks

TYPES = {"f32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--instances", required=True)
    parser.add_argument("--how", choices=("eager", "compiled", "graph"), default="eager")
    parser.add_argument("--precision", choices=TYPES, default="bf16")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--output", help="the last picture, .npy")
    options = parser.parse_args()

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    dtype = TYPES[options.precision]
    network = networks.Enhancer(1, 36, width=32)
    network.load_state_dict(torch.load(options.weights, weights_only=True, mmap=True), assign=True)
    network = network.eval().to("cuda", dtype, memory_format=torch.channels_last)
    label = torch.from_numpy(np.asarray(Image.open(options.labels)).astype(np.uint8))[None, None]
    instance = torch.from_numpy(np.asarray(Image.open(options.instances)).astype(np.int32))[None, None]

    def network_input(label, instance):
        return networks.generator_input(label.cuda().long(), instance.cuda(), 35).to(dtype, memory_format=torch.channels_last)

    def to_bytes(picture):
        return ((picture.float() + 1) * 127.5 + 0.5).clamp(0, 255).byte()

    seconds = []
    with torch.inference_mode():
        run = network
        if options.how == "compiled":
            run = torch.compile(network, mode="max-autotune")
        x = network_input(label, instance)
        for _ in range(3):
            picture = run(x)
        torch.cuda.synchronize()
        if options.how == "graph":
            stream = torch.cuda.Stream()
            with torch.cuda.stream(stream):
                network(x)
            torch.cuda.synchronize()
            graph, fixed = torch.cuda.CUDAGraph(), x.clone()
            with torch.cuda.graph(graph):
                made = network(fixed)

            def run(x):
                fixed.copy_(x)
                graph.replay()
                return made
        for _ in range(options.runs):
            start = time.perf_counter()
            picture = run(network_input(label, instance))
            to_bytes(picture).cpu()
            seconds.append(time.perf_counter() - start)
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(options.runs):
            run(x)
        torch.cuda.synchronize()
        on_device = (time.perf_counter() - start) / options.runs
    if options.output:
        np.save(options.output, picture.float().contiguous().cpu().numpy())
    print(json.dumps({"seconds": seconds, "on_device": on_device, "peak_bytes": torch.cuda.max_memory_allocated(),
                      "device": f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}"}))


if __name__ == "__main__":
    main()
