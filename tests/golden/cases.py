"""What the makers of golden cases have in common: the definitions of the networks, their weights and maps, the files."""
import json, os, sys
import torch
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "peers", "rivals"))
import networks as N


def store(path, config, tensors):
    out = {}
    for k, v in tensors.items():
        v = v.detach()
        out[k] = (v.to(torch.float32) if v.is_floating_point() else v.to(torch.int32)).contiguous().clone()
    save_file(out, path, metadata={"config": json.dumps(config)})


def weights_of(net, prefix="weights/"):
    return {prefix + k: v.clone() for k, v in net.state_dict().items() if "num_batches" not in k}


def randomise(net, gen):
    """Larger weights and non-zero biases than training starts from, so that errors show."""
    for p in net.parameters():
        fan = max(1, p[0].numel()) if p.dim() > 1 else 1
        p.data = torch.randn(p.shape, generator=gen) * (0.1 if p.dim() == 1 else (1.5 / fan) ** 0.5)
    return net


def instances(gen, batch, h, w, cell, classes):
    """Blocky instance ids: class c, or c*1000+k for countable classes, as Cityscapes writes them; and their labels."""
    c = torch.randint(0, classes, (batch, 1, -(-h // cell), -(-w // cell)), generator=gen)
    k = torch.randint(0, 3, c.shape, generator=gen)
    ids = torch.where(c >= classes // 2, c * 1000 + k, c)
    grow = lambda t: t.repeat_interleave(cell, 2).repeat_interleave(cell, 3)[:, :, :h, :w].contiguous()
    return grow(ids), grow(c)
