#!/usr/bin/env python3
"""The rival on a GPU: the same generator in PyTorch, channels_last, in the precision that is asked, run as `--how` says.

    eager            operation by operation
    graph            the eager operations captured as a CUDA graph
    compiled         torch.compile as it is by default
    reduce-overhead  torch.compile in this mode: fused, and captured as a CUDA graph
    max-autotune     the same, where alternatives of each operation are timed; compiling takes minutes

Prints one line of JSON: seconds of every pass from labels in host memory to bytes in host memory (building the one-hot
tensor included), seconds of a pass whose input and result stay on the device, and the peak memory of PyTorch's allocator.
"""
import argparse
import json

import numpy as np
import torch

import torch_device
from torch_device import networks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    torch_device.add_options(parser, ("eager", "graph", "compiled", "reduce-overhead", "max-autotune"))
    parser.add_argument("--weights", required=True)
    parser.add_argument("--output", help="the last picture, .npy")
    options = parser.parse_args()

    device = torch_device.TorchDevice(options.on, options.precision)
    dtype = torch_device.TYPES[options.precision]
    network = networks.Enhancer(1, torch_device.CLASSES + 1, width=32)
    network.load_state_dict(torch.load(options.weights, weights_only=True, mmap=True), assign=True)
    network = network.eval().to(options.on, dtype, memory_format=torch.channels_last)
    label, instance = torch_device.maps(options)
    prepare = lambda: torch_device.network_input(device, label, instance, dtype)
    to_bytes = lambda picture: ((picture.float() + 1) * 127.5 + 0.5).clamp(0, 255).byte().cpu()

    def passes():  # no more than one result is held at a time
        for _ in range(options.runs):
            run(x)

    with torch.inference_mode():
        run, x = network, prepare()
        if options.how not in ("eager", "graph"):
            run = torch.compile(network, mode="default" if options.how == "compiled" else options.how)
        for _ in range(3):
            run(x)
        device.finish()
        if options.how == "graph":
            run = torch_device.captured(network, x)
        seconds = [device.seconds(lambda: to_bytes(run(prepare()))) for _ in range(options.runs)]
        on_device = device.seconds(passes) / options.runs
        if options.output:
            np.save(options.output, run(x).float().contiguous().cpu().numpy())
    print(json.dumps({"seconds": seconds, "on_device": on_device, "peak_bytes": device.peak_bytes(),
                      "device": device.description()}))


if __name__ == "__main__":
    main()
