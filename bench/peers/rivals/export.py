"""Writes what the programs read: a generator's random weights, .safetensors and .pth, and the network exported to ONNX.

usage: python -m rivals.export FOLDER DEPTH CHANNELS WIDTHxHEIGHT
"""
import os
import sys
import warnings

import torch
from safetensors.torch import save_file

from . import networks, torch_generator


def main():
    folder, depth, channels = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    width, height = map(int, sys.argv[4].split("x"))
    network = torch_generator.build(depth, channels).eval()
    networks.init_weights(network, torch.Generator().manual_seed(1))
    path = lambda name: os.path.join(folder, name)
    save_file(network.state_dict(), path("weights.safetensors"))
    torch.save(network.state_dict(), path("weights.pth"))
    # The tracing exporter: it writes InstanceNormalization as one node, as the runtimes know it.
    with torch.inference_mode(), warnings.catch_warnings(action="ignore"):
        torch.onnx.export(network, (torch.zeros(1, channels, height, width),), path("network.onnx"), input_names=["x"],
                          output_names=["y"], dynamo=False)


if __name__ == "__main__":
    main()
