"""Golden cases of whole optimisation steps."""
import copy
import torch

from cases import N, instances, randomise, store, weights_of

KINK_MARGIN = 9e-7  # of the largest value: some eight roundings of float32
ROUNDING = 2e-6  # what may change in the picture after the last step where weights and input are stored in float32


def kink_margin(networks, run, D, x, real):
    """How near to a kink the first step comes: the least |value| / max |value| before a ReLU, and of the differences whose
    sign feature matching takes. Nearer than rounding, and the gradient in float32 is rightly another one."""
    margins = []
    note = lambda values, scale: margins.append((values.abs().min() / scale.abs().max()).item())
    kinks = [m for net in networks for m in net.modules() if isinstance(m, (torch.nn.ReLU, torch.nn.LeakyReLU))]
    hooks = [m.register_forward_hook(lambda module, inputs, output: note(inputs[0], inputs[0])) for m in kinks]
    with torch.no_grad():
        fake, real = D(torch.cat([x, run()], 1)), D(torch.cat([x, real], 1))
    for hook in hooks:
        hook.remove()
    for of_fake, of_real in zip(fake, real):  # of one scale
        for a, b in list(zip(of_fake, of_real))[:-1]:
            note(a - b, a)
    return min(margins)


def training_steps(G, D, E, inst, x, real, dconfig, steps, gan, lr, beta1):
    """What `steps` optimisation steps give: gradients of the first, losses of each, the picture before and after."""
    learners = [("G/" + k, p) for k, p in G.named_parameters()]
    if E:
        learners += [("E/" + k, p) for k, p in E.named_parameters()]
    run = lambda: G(torch.cat([x, E(real, inst)], 1) if E else x)
    made = {"margin": kink_margin([net for net in (G, D, E) if net], run, D, x, real)}
    oG = torch.optim.Adam([p for _, p in learners], lr, (beta1, 0.999))
    oD = torch.optim.Adam(D.parameters(), lr, (beta1, 0.999))
    criterion = N.lsgan if gan == "lsgan" else N.vanilla_gan
    log = []
    for step in range(steps):
        fake = run()
        d_fake = criterion(D(torch.cat([x, fake.detach()], 1)), 0.0)
        pr = D(torch.cat([x, real], 1))
        d_real = criterion(pr, 1.0)
        pf = D(torch.cat([x, fake], 1))
        g_gan, g_feat = criterion(pf, 1.0), N.feature_matching(pf, pr, dconfig["layers"])
        oG.zero_grad(); (g_gan + g_feat).backward(retain_graph=True)
        gG = {k: p.grad.clone() for k, p in learners}
        oD.zero_grad(); ((d_real + d_fake) * 0.5).backward()
        gD = {k: p.grad.clone() for k, p in D.named_parameters()}
        oG.step(); oD.step()
        log.append(torch.stack([g_gan, g_feat, d_real, d_fake]).detach())
        if step == 0:
            made |= {"output/fake0": fake} | {f"grad/{k}": v for k, v in gG.items()} | {f"grad/D/{k}": v for k, v in gD.items()}
    made["output/losses"] = torch.stack(log)     # steps x (G_GAN, G_GAN_Feat, D_real, D_fake)
    with torch.no_grad():
        made["output/fake_after"] = run()
    return made


def training_case(path, gen, config, dconfig, size, classes, steps, gan="lsgan", econfig=None, lr=2e-4, beta1=0.5):
    """Whole optimisation steps on one pair, in the paper's order: one forward pass of G; D on (x, fake) detached,
    D on (x, real), D on (x, fake); G's Adam step from G_GAN + G_GAN_Feat, then D's from (D_real + D_fake) / 2.
    Gradients for D are those at the weights before G's step. With an encoder E, G sees x joined with E(real, inst),
    E learns with G in one Adam, and D sees x without the features. Drawn anew where rounding would decide the result."""
    attempt = 0
    while True:
        G = randomise(N.Enhancer(**config), gen)
        D = randomise(N.MultiscaleDiscriminator(**dconfig), gen)
        E = randomise(N.Encoder(**econfig), gen) if econfig else None
        inst, label = instances(gen, 1, *size, 6, classes)
        x = N.generator_input(label, inst, classes)
        real = torch.rand(1, 3, *size, generator=gen) * 2 - 1
        tensors = weights_of(G, "weights/G/") | weights_of(D, "weights/D/") | {"input/label": label, "input/inst": inst, "input/real": real}
        if E:
            tensors |= weights_of(E, "weights/E/")
        stored = [net and copy.deepcopy(net).float().double() for net in (G, D, E)]
        rounded = training_steps(*stored, inst, x, real.float().double(), dconfig, steps, gan, lr, beta1)
        made = training_steps(G, D, E, inst, x, real, dconfig, steps, gan, lr, beta1)
        margin, after = made.pop("margin"), made["output/fake_after"]
        difference = ((rounded["output/fake_after"] - after).abs().max() / after.abs().max()).item()
        if margin > KINK_MARGIN and difference < ROUNDING:
            break
        attempt += 1
        gen = torch.Generator().manual_seed(attempt)
    store(path, {"generator": config, "discriminator": dconfig, "encoder": econfig, "classes": classes, "size": list(size), "steps": steps,
                 "gan": gan, "lr": lr, "beta1": beta1}, tensors | made)
