#!/usr/bin/env python3
"""The rival on a GPU: steps of training with the VGG loss in PyTorch, channels_last; in 16 bits by autocast, as its guides
advise, with VGG itself in 16 bits and a fused Adam.

    eager           operation by operation
    graph           the eager step captured as a CUDA graph
    compiled        torch.compile of each network
    compiled-graph  both: the step of compiled networks captured

Prints one line of JSON: seconds of every step (building the one-hot tensor included), the peak memory of PyTorch's
allocator, and the losses of the last step.
"""
import argparse
import json

import numpy as np
import torch
from PIL import Image

import torch_device
from torch_device import networks
from rivals import torch_step, torch_training


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    torch_device.add_options(parser, ("eager", "graph", "compiled", "compiled-graph"))
    parser.add_argument("--image", required=True, help="the real picture")
    parser.add_argument("--scales", type=int, default=3, help="discriminators")
    parser.add_argument("--network", choices=("depth1", "demo"), default="depth1")
    options = parser.parse_args()

    device = torch_device.TorchDevice(options.on, options.precision)
    dtype, layout = torch_device.TYPES[options.precision], torch.channels_last
    options.classes = torch_device.CLASSES
    random = torch.Generator().manual_seed(1)
    plain_g, plain_d = torch_training.build(options)
    for network in (plain_g, plain_d):
        networks.init_weights(network, random)
        network.to(options.on, memory_format=layout)
    vgg = networks.Vgg19().requires_grad_(False).to(options.on, dtype, memory_format=layout)
    fused = {"fused": True} if options.on == "cuda" else {}
    compiled, graph = (word in options.how.split("-") for word in ("compiled", "graph"))
    if graph:
        fused["capturable"] = True
    adam_g = torch.optim.Adam(plain_g.parameters(), 2e-4, (0.5, 0.999), **fused)
    adam_d = torch.optim.Adam(plain_d.parameters(), 2e-4, (0.5, 0.999), **fused)
    run = [torch.compile(network) if compiled else network for network in (plain_g, plain_d, vgg)]
    label, instance = torch_device.maps(options)
    picture = torch.from_numpy(np.asarray(Image.open(options.image)).astype(np.float32) / 127.5 - 1)
    real = picture.permute(2, 0, 1)[None].to(options.on).contiguous(memory_format=layout)
    sixteen = dtype in (torch.bfloat16, torch.float16)

    def step(x):
        with torch.autocast(options.on, dtype if sixteen else torch.bfloat16, enabled=sixteen,
                            cache_enabled=not graph):
            generator, discriminator, perceptual = run
            return torch.stack(torch_step.step(generator, discriminator, plain_d, adam_g, adam_d, x, real, perceptual))

    prepare = lambda: torch_device.network_input(device, label, instance, torch.float32)
    if graph:
        step = torch_device.captured(step, prepare(), warm_up=3, prepare=torch.cuda.empty_cache)
    losses = None

    def work():
        nonlocal losses
        losses = step(prepare()).tolist()

    for _ in range(2):
        work()
    seconds = [device.seconds(work) for _ in range(options.runs)]
    print(json.dumps({"seconds": seconds, "peak_bytes": device.peak_bytes(), "device": device.description(), "losses": losses}))


if __name__ == "__main__":
    main()
