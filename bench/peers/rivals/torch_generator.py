"""Pictures by PyTorch, in any of its variants, in f32 or bf16."""
import torch
from safetensors.torch import load_file

from . import interface, networks, torch_variant
from .one_hot import OneHot


def build(depth, channels):
    """An untrained generator in the published shape with `depth` enhancers."""
    return networks.GlobalGenerator(channels) if depth == 0 else networks.Enhancer(depth, channels, width=64 >> depth)


def load(job):
    torch.set_num_threads(job.threads)
    kind, layout = torch_variant.TYPES[job.precision], torch_variant.memory_format(job)
    with torch.device("meta"):  # no weights but those of the file
        network = build(job.depth, job.classes + 1)
    network.load_state_dict(load_file(job.weights), assign=True)
    network = torch_variant.applied(job, network.eval().requires_grad_(False).to(kind), frozen=True)
    one_hot = OneHot(job)

    def work():
        with torch.inference_mode():
            x = torch.from_numpy(one_hot()).to(kind, memory_format=layout)
            return network(x).float().contiguous().numpy()

    return work


if __name__ == "__main__":
    interface.serve(load, torch_variant.VERSION)
