#!/usr/bin/env python3
"""The rival: the same step of training in PyTorch. Run by compare_training.py in a process of its own, so that its memory
is its own.

A step as training programs write it, with care: D learns nothing while G's gradient is taken, features of the real
picture are computed once, and gradients are released after each optimiser's step. Prints one line of JSON: seconds of
every step (building the one-hot tensor included), the peak resident memory of the process, and the last step's losses.
"""
import argparse
import json
import time

import numpy as np
import torch
from PIL import Image

import networks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=("depth1", "demo"), default="depth1")
    parser.add_argument("--scales", type=int, default=2)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--instances", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--classes", type=int, default=35)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    random = torch.Generator().manual_seed(1)
    channels = options.classes + 1
    if options.network == "demo":
        generator = networks.GlobalGenerator(channels, width=16, downs=2, blocks=3)
        discriminator = networks.MultiscaleDiscriminator(channels + 3, width=16, scales=2)
    else:
        generator = networks.Enhancer(1, channels, width=32)
        discriminator = networks.MultiscaleDiscriminator(channels + 3, scales=options.scales)
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    for network in (generator, discriminator):
        networks.init_weights(network, random)
        network.to(memory_format=layout)
    label = torch.from_numpy(np.asarray(Image.open(options.labels)).astype(np.int64))[None, None]
    instance = torch.from_numpy(np.asarray(Image.open(options.instances)).astype(np.int32))[None, None]
    picture = np.asarray(Image.open(options.image)).astype(np.float32) / 127.5 - 1
    real = torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous(memory_format=layout)
    adam_g = torch.optim.Adam(generator.parameters(), 2e-4, (0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), 2e-4, (0.5, 0.999))

    def step():
        x = networks.generator_input(label, instance, options.classes).to(memory_format=layout)
        fake = generator(x)
        on_real = discriminator(torch.cat([x, real], 1))
        discriminator.requires_grad_(False)
        on_fake = discriminator(torch.cat([x, fake], 1))
        gan = networks.lsgan(on_fake, 1.0)
        matching = networks.feature_matching(on_fake, on_real, discriminator.layers)
        (gan + matching).backward()
        del on_fake
        adam_g.step()
        adam_g.zero_grad()
        discriminator.requires_grad_(True)
        loss_fake = networks.lsgan(discriminator(torch.cat([x, fake.detach()], 1)), 0.0)
        loss_real = networks.lsgan(on_real, 1.0)
        ((loss_real + loss_fake) * 0.5).backward()
        adam_d.step()
        adam_d.zero_grad()
        return [value.item() for value in (gan, matching, loss_real, loss_fake)]

    seconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        losses = step()
        seconds.append(time.perf_counter() - start)
    with open("/proc/self/status") as file:  # getrusage would count the process that started this one too
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "losses": losses, "version": torch.__version__}))


if __name__ == "__main__":
    main()
