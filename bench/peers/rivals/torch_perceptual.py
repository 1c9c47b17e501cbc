"""One VGG-19 perceptual loss and its gradient by the synthesised picture, by PyTorch in any of its variants, in f32.

The result is the gradient.
"""
import numpy as np
import torch
from safetensors.torch import load_file

from . import interface, networks, torch_variant


def load(job):
    torch.set_num_threads(job.threads)
    layout = torch_variant.memory_format(job)
    with torch.device("meta"):
        network = networks.Vgg19()
    network.load_state_dict(load_file(job.weights), assign=True)
    network = torch_variant.applied(job, network.requires_grad_(False))
    fake, real = (torch.from_numpy(np.load(path)).contiguous(memory_format=layout) for path in (job.fake, job.real))

    def work():
        x = fake.clone().requires_grad_(True)
        networks.perceptual(network, x, real).backward()
        return x.grad.contiguous().numpy()

    return work


if __name__ == "__main__":
    interface.serve(load, torch_variant.VERSION)
