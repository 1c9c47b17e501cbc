#!/usr/bin/env python3
"""The rival of training_quality.cpp: the same steps in PyTorch, eager, from the same files to files of the same form.

A step is the paper's, written plainly: the gradients of both networks are those at the weights before it. The shapes of
the networks are read from the metadata of the weights, whose keys must be the networks' own. Run by compare_quality.py
in a process of its own, once for each number of threads and each precision.
"""
import argparse
import csv
import json
import os

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open

from . import networks


def load(folder, name, build):
    """The network of the shape that the file states, with its weights."""
    with safe_open(os.path.join(folder, name + ".safetensors"), "pt") as file:
        network = build(json.loads(file.metadata()["pix2pixhd.shape"]))
        network.load_state_dict({key: file.get_tensor(key) for key in file.keys()}, strict=True)
    return network


def generator(shape):
    return networks.GlobalGenerator(shape["in"], shape["out"], shape["width"], shape["downsamples"], shape["blocks"], shape["norm"],
                                    shape["pad"], shape["up"])


def discriminator(shape):
    return networks.MultiscaleDiscriminator(shape["in"], shape["width"], shape["layers"], shape["scales"], shape["norm"])


class Streets:
    def __init__(self, folder, phase, classes):
        self.path = lambda part, name: os.path.join(folder, f"{phase}_{part}", name + ".png")
        self.names = sorted(name[:-4] for name in os.listdir(os.path.join(folder, phase + "_label")))
        self.classes = classes

    def read(self, name):
        """What G sees, and the picture; values in single precision, whatever is computed with."""
        label, instance = (torch.from_numpy(np.asarray(Image.open(self.path(part, name))).astype(np.int32))[None, None] for part in ("label", "inst"))
        picture = np.asarray(Image.open(self.path("img", name))).astype(np.float32) / np.float32(127.5) - np.float32(1)
        picture = torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous()
        return networks.generator_input(label, instance, self.classes), picture.to(torch.get_default_dtype())


def train(G, D, streets, steps, log, pictures):
    adam_g = torch.optim.Adam(G.parameters(), 2e-4, (0.5, 0.999))
    adam_d = torch.optim.Adam(D.parameters(), 2e-4, (0.5, 0.999))
    pictures(0)
    for step in range(1, steps + 1):
        x, real = streets.read(streets.names[(step - 1) % len(streets.names)])
        fake = G(x)
        against_fake = networks.lsgan(D(torch.cat([x, fake.detach()], 1)), 0.0)
        on_real = D(torch.cat([x, real], 1))
        against_real = networks.lsgan(on_real, 1.0)
        on_fake = D(torch.cat([x, fake], 1))
        gan, matching = networks.lsgan(on_fake, 1.0), networks.feature_matching(on_fake, on_real, D.layers)
        adam_g.zero_grad()
        (gan + matching).backward()
        adam_d.zero_grad()  # of what G's objective left there
        ((against_real + against_fake) * 0.5).backward()
        adam_g.step()
        adam_d.step()
        log([step, *(value.item() for value in (gan, matching)), 0, *(value.item() for value in (against_real, against_fake))])
        pictures(step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--pictures-every", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--double", action="store_true", help="computes in double precision")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_dtype(torch.float64 if options.double else torch.float32)
    G, D = load(options.weights, "generator", generator), load(options.weights, "discriminator", discriminator)
    classes = next(G.parameters()).shape[1] - 1  # the last channel is that of the instance boundaries
    held_out = Streets(options.data, "test", classes)
    os.makedirs(options.output, exist_ok=True)

    @torch.no_grad()
    def pictures(step):
        if step % options.pictures_every and step != options.steps:
            return
        folder = os.path.join(options.output, f"step_{step}")
        os.makedirs(folder, exist_ok=True)
        for name in held_out.names:
            np.save(os.path.join(folder, name + ".npy"), G(held_out.read(name)[0]).float().numpy())

    with open(os.path.join(options.output, "losses.csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["step", "gan", "matching", "perceptual", "real", "fake"])
        train(G, D, Streets(options.data, "train", classes), options.steps, table.writerow, pictures)
    print(f"PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
