"""Steps of training by PyTorch, in any of its variants, in f32.

The step is that of torch_step; building the one-hot array is part of it. The result is the step's four losses.
"""
import numpy as np
import torch
from PIL import Image

from . import interface, networks, torch_step, torch_variant
from .one_hot import OneHot


def build(job):
    channels = job.classes + 1
    if job.network == "demo":
        return (networks.GlobalGenerator(channels, width=16, downs=2, blocks=3),
                networks.MultiscaleDiscriminator(channels + 3, width=16, scales=2))
    return networks.Enhancer(1, channels, width=32), networks.MultiscaleDiscriminator(channels + 3, scales=job.scales)


def load(job):
    torch.set_num_threads(job.threads)
    random = torch.Generator().manual_seed(1)
    plain_g, plain_d = build(job)
    for network in (plain_g, plain_d):
        networks.init_weights(network, random)
    generator, discriminator = torch_variant.applied(job, plain_g), torch_variant.applied(job, plain_d)
    layout, one_hot = torch_variant.memory_format(job), OneHot(job)
    picture = np.asarray(Image.open(job.image)).astype(np.float32) / 127.5 - 1
    real = torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous(memory_format=layout)
    adam_g = torch.optim.Adam(plain_g.parameters(), 2e-4, (0.5, 0.999))
    adam_d = torch.optim.Adam(plain_d.parameters(), 2e-4, (0.5, 0.999))

    def work():
        x = torch.from_numpy(one_hot()).contiguous(memory_format=layout)
        losses = torch_step.step(generator, discriminator, plain_d, adam_g, adam_d, x, real)
        return np.array([value.item() for value in losses[:4]])

    return work


if __name__ == "__main__":
    interface.serve(load, torch_variant.VERSION)
