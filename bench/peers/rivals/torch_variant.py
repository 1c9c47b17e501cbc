"""The ways in which PyTorch runs a network: eager, channels_last (channels innermost), compiled (torch.compile)."""
import os

import torch

VERSION = f"PyTorch {torch.__version__}"
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def memory_format(job):
    return torch.channels_last if job.variant == "channels_last" else torch.contiguous_format


def applied(job, network, frozen=False):
    """The network as the job's variant runs it; `frozen`: its weights will not change."""
    network = network.to(memory_format=memory_format(job))
    if job.variant != "compiled":
        return network
    import torch._inductor.config as config
    config.freezing = frozen
    if os.environ.get("ATEN_CPU_CAPABILITY") == "avx2":
        config.cpp.simdlen = 256
    return torch.compile(network)
