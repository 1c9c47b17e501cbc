"""A step of training in PyTorch as training programs write it, with care: D learns nothing while G's gradient is taken,
features of the real picture are computed once, and gradients are released after each optimiser's step."""
import torch

from . import networks


def step(generator, discriminator, plain_d, adam_g, adam_d, x, real, vgg=None):
    """One step on input x and picture `real`. `plain_d` holds the weights of `discriminator`, which may be compiled. The
    losses, as tensors: adversarial, matching, of D on the real and on the synthesised picture, perceptual."""
    fake = generator(x)
    on_real = discriminator(torch.cat([x, real], 1))
    plain_d.requires_grad_(False)
    on_fake = discriminator(torch.cat([x, fake], 1))
    gan = networks.lsgan(on_fake, 1.0)
    matching = networks.feature_matching(on_fake, on_real, plain_d.layers)
    perceptual = networks.perceptual(vgg, fake, real) if vgg is not None else torch.zeros_like(gan)
    (gan + matching + perceptual).backward()
    del on_fake
    adam_g.step()
    adam_g.zero_grad()
    plain_d.requires_grad_(True)
    loss_fake = networks.lsgan(discriminator(torch.cat([x, fake.detach()], 1)), 0.0)
    loss_real = networks.lsgan(on_real, 1.0)
    ((loss_real + loss_fake) * 0.5).backward()
    adam_d.step()
    adam_d.zero_grad()
    return gan.detach(), matching.detach(), loss_real.detach(), loss_fake.detach(), perceptual.detach()
