"""Writes random weights of VGG-19.

usage: python -m rivals.export_vgg FILE.safetensors
"""
import sys

import torch
from safetensors.torch import save_file

from . import networks


def main():
    torch.manual_seed(1)
    network = networks.Vgg19()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)  # activations neither die out nor grow from layer to layer
    save_file(network.state_dict(), sys.argv[1])


if __name__ == "__main__":
    main()
