#!/usr/bin/env python3
"""Writes golden cases: weights, inputs, outputs and gradients of the networks in bench/peers/rivals/networks.py.

Everything is computed in float64 and stored as float32. One .safetensors file a case; its
metadata entry `config` is the JSON of the constructor's arguments. Tensor names:
  weights/<key>    the state_dict
  input/<name>     inputs (labels and instance ids as int32)
  output/<name>    results
  probe/<name>     the upstream gradient g; the scalar loss is sum(output * g)
  grad/<key>       its gradient by each parameter, grad/input/<name> by an input
Errors are meant per tensor: max |difference| / max |expected|; a bias under a norm has gradient zero (stored values there are rounding).
PyTorch in float32 stays below 1e-5 for outputs, 2e-5 for gradients and 1e-6 for losses on all but the full-width cases.

usage: make.py --out DIR [--seed N] [--set open|held]
needs: torch, numpy, pillow, safetensors
"""
import argparse, os
import numpy as np, torch
from PIL import Image
from safetensors.torch import save_file

from cases import N, instances, randomise, store, weights_of
from training_cases import training_case


def network_case(path, kind, config, size, gen, batch=1, classes=None, extra=None, evaluate=False):
    """evaluate: batch norm with running statistics (stored in weights/), as in inference."""
    net = randomise(getattr(N, kind)(**config), gen)
    if evaluate:
        for m in net.modules():
            if isinstance(m, torch.nn.BatchNorm2d):
                m.running_mean = torch.randn(m.running_mean.shape, generator=gen) * 0.3
                m.running_var = torch.rand(m.running_var.shape, generator=gen) + 0.5
        net.eval()
    tensors = weights_of(net)                       # before the forward pass, which moves batch-norm statistics
    h, w = size
    if kind == "Encoder":
        inst, _ = instances(gen, batch, h, w, 4, 6)
        x = torch.randn(batch, config["cin"], h, w, generator=gen).requires_grad_()
        y = [net(x, inst)]
        tensors |= {"input/x": x, "input/inst": inst}
    elif classes:
        inst, label = instances(gen, batch, h, w, 5, classes)
        x = N.generator_input(label, inst, classes)
        assert x.shape[1] == config["cin"]
        y = [net(x)]
        tensors |= {"input/label": label, "input/inst": inst, "input/x": x}
        x = x.requires_grad_()
        y = [net(x)]
    else:
        x = torch.randn(batch, config["cin"], h, w, generator=gen).requires_grad_()
        r = net(x)
        y = [f for s in r for f in s] if isinstance(r, list) else [r]
        if isinstance(r, list):
            names = [f"{i}.{j}" for i, s in enumerate(r) for j in range(len(s))]
        tensors |= {"input/x": x}
    if kind != "MultiscaleDiscriminator":
        names = ["y"] if len(y) == 1 else [str(i) for i in range(len(y))]
    loss = 0
    for n, t in zip(names, y):
        g = torch.randn(t.shape, generator=gen)
        tensors |= {f"output/{n}": t, f"probe/{n}": g}
        loss = loss + (t * g).sum()
    loss.backward()
    tensors |= {f"grad/{k}": p.grad for k, p in net.named_parameters()}
    tensors["grad/input/x"] = x.grad
    store(path, {"network": kind, "classes": classes, "batch": batch, "size": list(size), "evaluate": evaluate, **config, **(extra or {})}, tensors)


def full_width_case(path, kind, config, size, gen, classes=None):
    """The networks at their real widths (where blocked and Winograd kernels run), without storing weights: parameter n in
    state_dict order is hashed with salt 1000000 * n and scale sqrt(3 * 1.5 / fan_in) (weights) or 0.1 (biases). Stored: input, output
    and, of each parameter's gradient, sum, sum of squares and the first 64 values. An output or gradient too large to keep is stored as
    sum, sum of squares and its first 4096 values. Deep gradients are ill-conditioned (masks flip): PyTorch's own float32 is off by up to
    2.5 % of a gradient's rms in single values and 2e-4 in the sum of squares; outputs agree to 1e-5."""
    net = getattr(N, kind)(**config)
    for n, p in enumerate(net.parameters()):
        p.data = hashed(p.shape, 1000000 * n, (4.5 / p[0].numel()) ** 0.5 if p.dim() > 1 else 0.1)
    if classes:
        inst, label = instances(gen, 1, *size, 11, classes)
        x = N.generator_input(label, inst, classes)
        tensors = {"input/label": label, "input/inst": inst}
    else:
        x = torch.rand(1, config["cin"], *size, generator=gen) * 2 - 1
        tensors = {"input/x": x.clone()}
    x.requires_grad_()
    y = net(x)
    y = {f"{i}.{j}": t for i, s in enumerate(y) for j, t in enumerate(s)} if isinstance(y, list) else {"y": y}
    # the probe of an output is hashed with salt 7, scale 1
    sum((t * hashed(t.shape, 7, 1.0)).sum() for t in y.values()).backward()
    for k, t in y.items():
        tensors[f"output/{k}"] = t if t.numel() <= 25000 else torch.cat([t.sum().reshape(1), (t * t).sum().reshape(1), t.flatten()[:4096]])
    for k, p in net.named_parameters():
        tensors[f"grad/{k}"] = torch.cat([p.grad.sum().reshape(1), (p.grad ** 2).sum().reshape(1), p.grad.flatten()[:64]])
    store(path, {"network": kind, "classes": classes, "size": list(size), "hashed": True, **config}, tensors)


def hashed(shape, salt, scale):
    """Reproducible pseudo-random values without storing them. For flat index i, in 32-bit unsigned arithmetic:
    x = i + salt; x ^= x >> 16; x *= 0x7feb352d; x ^= x >> 15; x *= 0x846ca68b; x ^= x >> 16;
    value = (2 * x / 2^32 - 1) * scale, computed in double and rounded to float32."""
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(salt)).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return torch.from_numpy(((2 * (x.astype(np.float64) / 2.0 ** 32) - 1) * scale).astype(np.float32).reshape(shape)).to(torch.float64)


def vgg_case(path, gen, size):
    """Full-width VGG-19 with hashed weights: layer n's weight has salt 1000000 * n and scale
    sqrt(6 / fan_in), biases are zero."""
    vgg = N.Vgg19()
    for n, m in enumerate(vgg.features):
        if isinstance(m, torch.nn.Conv2d):
            m.weight.data = hashed(m.weight.shape, 1000000 * n, (6.0 / m.weight[0].numel()) ** 0.5)
            m.bias.data.zero_()
    a = torch.rand(1, 3, *size, generator=gen) * 2 - 1
    b = torch.rand(1, 3, *size, generator=gen) * 2 - 1
    a.requires_grad_()
    loss = N.perceptual(vgg, a, b)
    loss.backward()
    store(path, {"network": "Vgg19"}, {"input/fake": a, "input/real": b, "output/loss": loss.reshape(1), "grad/input/fake": a.grad}
          | {f"output/mean_tap{i}": t.mean().reshape(1) for i, t in enumerate(vgg(a))})


def data_case(path, gen, size, targets):
    """Pillow's bicubic (images) and nearest (labels, 16-bit ids) resizing, which the published models were trained with."""
    h, w = size
    image = (torch.rand(h, w, 3, generator=gen) * 255).round().to(torch.uint8).numpy()
    inst, label = instances(gen, 1, h, w, 5, 8)
    t = {"input/image": torch.from_numpy(image.astype(np.int32)), "input/inst": inst, "input/label": label, "output/edges": N.edges(inst)}
    for th, tw in targets:
        t[f"output/image_{tw}x{th}"] = torch.from_numpy(np.asarray(Image.fromarray(image).resize((tw, th), Image.BICUBIC)).astype(np.int32))
        t[f"output/inst_{tw}x{th}"] = torch.from_numpy(np.asarray(Image.fromarray(inst[0, 0].numpy().astype(np.int32)).resize((tw, th), Image.NEAREST)).astype(np.int32))
    store(path, {"targets_hw": targets}, t)


def checkpoint_cases(folder, gen):
    """The same weights in every container that the field uses."""
    net = randomise(N.Enhancer(1, 6, 3, 4, 2, 2, 2), gen).float()
    sd = net.state_dict()
    torch.save(sd, f"{folder}/enhancer_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(sd, f"{folder}/enhancer_zip.pth")
    torch.save({k: v.half() for k, v in sd.items()}, f"{folder}/enhancer_half.pth")
    torch.save({k: v.bfloat16() for k, v in sd.items()}, f"{folder}/enhancer_bf16.pth")
    save_file({k: v.contiguous() for k, v in sd.items()}, f"{folder}/enhancer.safetensors", metadata={"format": "pt"})


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", required=True)
    p.add_argument("--seed", type=int, default=2018)
    p.add_argument("--set", choices=["open", "held"], default="open")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    gen = torch.Generator().manual_seed(a.seed)
    f = lambda n: os.path.join(a.out, n + ".safetensors")
    if a.set == "open":
        network_case(f("global"), "GlobalGenerator", dict(cin=6, cout=3, width=4, downs=2, blocks=2), (24, 40), gen, classes=5)
        network_case(f("global_batchnorm"), "GlobalGenerator", dict(cin=6, cout=3, width=4, downs=2, blocks=1, kind="batch"), (24, 32), gen, batch=2, classes=5)
        network_case(f("enhancer1"), "Enhancer", dict(depth=1, cin=6, cout=3, width=4, downs=2, blocks=2, local_blocks=2), (32, 48), gen, classes=5)
        network_case(f("enhancer2"), "Enhancer", dict(depth=2, cin=6, cout=3, width=2, downs=2, blocks=1, local_blocks=1), (48, 64), gen, classes=5)
        network_case(f("encoder"), "Encoder", dict(cin=3, cout=3, width=4, downs=2), (24, 32), gen)
        network_case(f("discriminator2"), "MultiscaleDiscriminator", dict(cin=9, width=4, layers=3, scales=2), (48, 64), gen)
        network_case(f("discriminator3"), "MultiscaleDiscriminator", dict(cin=9, width=4, layers=2, scales=3), (47, 61), gen)
        vgg_case(f("vgg19"), gen, (48, 64))
        training_case(f("training"), gen, dict(depth=1, cin=6, cout=3, width=4, downs=2, blocks=1, local_blocks=1),
                      dict(cin=9, width=8, layers=3, scales=2), (48, 64), 5, 4)
        data_case(f("data"), gen, (37, 61), [[20, 32], [64, 96], [37, 50]])
        checkpoint_cases(a.out, gen)
        training_case(f("training_vanilla"), gen, dict(depth=1, cin=6, cout=3, width=3, downs=2, blocks=1, local_blocks=1),
                      dict(cin=9, width=4, layers=2, scales=2), (32, 48), 5, 3, gan="vanilla")
        training_case(f("training_features"), gen, dict(depth=1, cin=9, cout=3, width=3, downs=2, blocks=1, local_blocks=1),
                      dict(cin=9, width=4, layers=3, scales=2), (48, 64), 5, 4, econfig=dict(cin=3, cout=3, width=3, downs=2))
        network_case(f("global_batchnorm_eval"), "GlobalGenerator", dict(cin=6, cout=3, width=4, downs=2, blocks=1, kind="batch"), (24, 32), gen, classes=5, evaluate=True)
        network_case(f("enhancer1_zero_resize"), "Enhancer", dict(depth=1, cin=6, cout=1, width=4, downs=2, blocks=1, local_blocks=1, pad="zero", up_how="resize"), (32, 48), gen, classes=5)
        network_case(f("global_replicate"), "GlobalGenerator", dict(cin=6, cout=3, width=4, downs=2, blocks=1, pad="replicate", up_how="resize"), (24, 32), gen, classes=5)
        full_width_case(f("full_generator1"), "Enhancer", dict(depth=1, cin=36), (128, 256), gen, classes=35)
        full_width_case(f("full_discriminator3"), "MultiscaleDiscriminator", dict(cin=39), (64, 128), gen)
    else:
        network_case(f("global"), "GlobalGenerator", dict(cin=9, cout=3, width=6, downs=3, blocks=3), (40, 56), gen, batch=2, classes=8)
        network_case(f("enhancer1"), "Enhancer", dict(depth=1, cin=12, cout=3, width=5, downs=3, blocks=3, local_blocks=3), (64, 96), gen, classes=11)
        network_case(f("enhancer3"), "Enhancer", dict(depth=3, cin=6, cout=3, width=2, downs=2, blocks=2, local_blocks=2), (64, 96), gen, classes=5)
        network_case(f("encoder"), "Encoder", dict(cin=3, cout=5, width=6, downs=3), (40, 56), gen, batch=2)
        network_case(f("discriminator4"), "MultiscaleDiscriminator", dict(cin=7, width=6, layers=4, scales=4), (101, 131), gen, batch=2)
        vgg_case(f("vgg19"), gen, (51, 77))
        training_case(f("training"), gen, dict(depth=2, cin=8, cout=3, width=3, downs=2, blocks=2, local_blocks=1),
                      dict(cin=11, width=6, layers=3, scales=3), (64, 96), 7, 5)
        data_case(f("data"), gen, (53, 71), [[31, 40], [100, 140], [53, 71]])
        checkpoint_cases(a.out, gen)
        training_case(f("training_features"), gen, dict(depth=1, cin=12, cout=3, width=4, downs=2, blocks=2, local_blocks=2),
                      dict(cin=11, width=5, layers=3, scales=2), (64, 96), 7, 4, econfig=dict(cin=3, cout=4, width=4, downs=2))
        network_case(f("enhancer2_replicate_resize"), "Enhancer", dict(depth=2, cin=8, cout=1, width=3, downs=2, blocks=2, local_blocks=1, pad="replicate", up_how="resize"), (64, 80), gen, batch=2, classes=7)
        network_case(f("enhancer1_batch_eval"), "Enhancer", dict(depth=1, cin=8, cout=3, width=4, downs=2, blocks=2, local_blocks=1, kind="batch", pad="zero"), (48, 64), gen, batch=2, classes=7, evaluate=True)


if __name__ == "__main__":
    main()
