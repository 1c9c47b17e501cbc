"""Steps of training by PyTorch, in any of its variants, in f32.

A step as training programs write it, with care: D learns nothing while G's gradient is taken, features of the real
picture are computed once, and gradients are released after each optimiser's step. Building the one-hot array is part of
it. The result is the step's four losses.
"""
import numpy as np
import torch
from PIL import Image

from . import interface, networks, torch_variant
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

    def step():
        x = torch.from_numpy(one_hot()).contiguous(memory_format=layout)
        fake = generator(x)
        on_real = discriminator(torch.cat([x, real], 1))
        plain_d.requires_grad_(False)
        on_fake = discriminator(torch.cat([x, fake], 1))
        gan = networks.lsgan(on_fake, 1.0)
        matching = networks.feature_matching(on_fake, on_real, plain_d.layers)
        (gan + matching).backward()
        del on_fake
        adam_g.step()
        adam_g.zero_grad()
        plain_d.requires_grad_(True)
        loss_fake = networks.lsgan(discriminator(torch.cat([x, fake.detach()], 1)), 0.0)
        loss_real = networks.lsgan(on_real, 1.0)
        ((loss_real + loss_fake) * 0.5).backward()
        adam_d.step()
        adam_d.zero_grad()
        return np.array([value.item() for value in (gan, matching, loss_real, loss_fake)])

    return step


if __name__ == "__main__":
    interface.serve(load, torch_variant.VERSION)
