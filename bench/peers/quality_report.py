#!/usr/bin/env python3
"""What compare_quality.py measured, as a table and a chart.

usage: quality_report.py training_quality_demo.json     writes .md and .svg beside it anew
"""
import json
import statistics
import sys

import quality_chart

LOSSES = {"gan": "G_GAN", "matching": "G_GAN_Feat", "real": "D_real", "fake": "D_fake"}
INTERVALS = [(1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 150), (151, 200)]


def apart(a, b, first, last):
    """Mean relative difference of the losses of two runs over all kinds and some steps."""
    pairs = [(x, y) for kind in LOSSES for x, y in zip(a["losses"][kind][first - 1:last], b["losses"][kind][first - 1:last])]
    return statistics.fmean(abs(x - y) / abs(y) for x, y in pairs)


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""]


def families(runs):
    """Names of the runs in single precision that differ by nothing but rounding. Ours with one thread is the same run."""
    nudged = lambda name: [run for run in runs if run.startswith(name + ", bit")]
    return {"pix2pixhd": ["pix2pixhd", *nudged("pix2pixhd")], "PyTorch": ["PyTorch", "PyTorch, 1 thread", *nudged("PyTorch")]}


def flat(figures):
    """The figures of one run, in the order of the columns."""
    return [figures["psnr"], figures["ssim"], *figures["sliced_wasserstein"], figures["colour_error"]]


def drift(result):
    runs, both = result["runs"], families(result["runs"])
    ours, rival, exact = runs["pix2pixhd"], runs["PyTorch"], runs["PyTorch, double"]
    mean = lambda names, base, *steps: statistics.fmean(apart(runs[name], base, *steps) for name in names)
    rows = []
    for first, last in INTERVALS:
        if first > result["steps"]:
            break
        steps = (first, min(last, result["steps"]))
        values = [apart(ours, rival, *steps), apart(runs["PyTorch, 1 thread"], rival, *steps), mean(both["PyTorch"][2:], rival, *steps),
                  mean(both["pix2pixhd"][1:], ours, *steps), apart(ours, exact, *steps), apart(rival, exact, *steps)]
        rows.append([str(first) if first == steps[1] else f"{first} to {steps[1]}", *(f"{value:.1e}" for value in values)])
    return table(["steps", "pix2pixhd to PyTorch", "PyTorch, 1 thread, to PyTorch", "PyTorch, one bit changed, to PyTorch",
                  "pix2pixhd, one bit changed, to pix2pixhd", "pix2pixhd to double", "PyTorch to double"], rows)


def losses(result):
    runs, lines = result["runs"], []
    others = ("PyTorch, 1 thread", "PyTorch, bit 1")
    for kind, title in LOSSES.items():
        rows = []
        for step in [1, *range(20, result["steps"] + 1, 20)]:
            ours, rival, *control = (runs[name]["losses"][kind][step - 1] for name in ("pix2pixhd", "PyTorch", *others))
            rows.append([str(step), f"{ours:.6f}", f"{rival:.6f}", *(f"{x / rival - 1:+.1e}" for x in (ours, *control))])
        last = [statistics.fmean(runs[name]["losses"][kind][-50:]) for name in ("pix2pixhd", "PyTorch", *others)]
        rows.append(["mean of the last 50", *(f"{x:.6f}" for x in last[:2]), *(f"{x / last[1] - 1:+.1e}" for x in (last[0], *last[2:]))])
        lines += [f"### {title}", "", *table(["step", "pix2pixhd", "PyTorch", "difference", *(f"that of {name}" for name in others)], rows)]
    return lines


def figures(result):
    runs, last = result["runs"], str(result["steps"])
    levels = len(result["mean_colours"]["sliced_wasserstein"])
    head = ["PSNR, dB", "SSIM", *(f"SWD {level}" for level in range(levels)), "colour error"]
    texts = lambda values, digits=3: [f"{value:.{digits}f}" for value in values]
    lines = ["### As they came", "", *table(["step", "run", *head, "largest difference of the pictures"], [
        [step, name, *texts(flat(runs[name]["figures"][step])), f"{difference:.1e}" if name == "pix2pixhd" else ""]
        for step, difference in result["largest_difference_of_pictures"].items() for name in ("pix2pixhd", "PyTorch")])]
    both, rows, columns = families(runs), [], {}
    for name in [*both["pix2pixhd"], *both["PyTorch"], "PyTorch, double"]:
        rows.append([name, *texts(flat(runs[name]["figures"][last]))])
    for family, names in both.items():
        columns[family] = list(zip(*(flat(runs[name]["figures"][last]) for name in names)))
        rows.append([f"**{family}, mean of {len(names)}**", *texts(map(statistics.fmean, columns[family]))])
        rows.append([f"{family}, deviation", *texts(map(statistics.stdev, columns[family]))])
    rows.append(["each class in its mean colour", *texts(flat(result["mean_colours"]))])
    lines += [f"### All runs after {last} steps", "", *table(["run", *head], rows)]
    offsets = [(statistics.fmean(a) - statistics.fmean(b)) / (0.5 * (statistics.variance(a) + statistics.variance(b))) ** 0.5
               for a, b in zip(columns["pix2pixhd"], columns["PyTorch"])]
    by_chance = sum(1 / len(names) for names in both.values()) ** 0.5
    lines += ["The two means, in deviations of a single run, differ by " +
              ", ".join(f"{offset:+.1f} ({name.split(',')[0]})" for name, offset in zip(head, offsets)) +
              f"; by chance alone the difference of means of so few runs has a deviation of {by_chance:.1f}.", ""]
    return lines


def text(result):
    runs, shape = result["runs"], result["shape"]
    g, d = shape["generator"], shape["discriminator"]
    late = (max(1, result["steps"] - 99), result["steps"])
    own = statistics.fmean(apart(runs[name], runs["PyTorch"], *late) for name in families(runs)["PyTorch"][1:])
    return "\n".join([
        "# The same training in pix2pixhd and in PyTorch", "",
        f"{result['steps']} steps of the demo preset from the same weights on the same invented streets of 128x64 in the same order, and "
        "32 streets held out. "
        f"Generator of width {g['width']} with {g['downsamples']} halvings, {g['blocks']} residual blocks, upsampling \"{g['up']}\"; "
        f"{d['scales']} discriminators of width {d['width']}; least squares and feature matching, Adam, batch 1, f32; no perceptual loss "
        "(G_VGG is 0 on both sides), nothing drawn by chance.", "",
        f"Machine: {result['machine']}. {result['versions']['pix2pixhd']}; {result['versions']['PyTorch']}, eager, 2 threads where "
        "nothing else is said. Made by `bench/peers/run.sh quality`.", "",
        "What to look for: the first step agrees to rounding, because it is the same computation. Later steps drift apart. Adam divides "
        "each gradient by its own size, so that a weight whose gradient is next to nothing makes a step that rounding decides; one such "
        "weight is enough to change the sign of some activation or difference, and with it the gradients of the next step. Two runs of "
        "one program drift just so when they round otherwise: PyTorch does with another number of threads, or with one weight of the "
        "first layer changed by its last bit, and the columns beside show how far. When it begins is a matter of luck; how far it goes "
        "is not. pix2pixhd gives the same bits for any number of threads "
        f"({'so it was here' if result['same_bits_with_one_thread'] else 'NOT SO HERE'}), so that only the changed bit moves it.", "",
        f"Losses of the first step: largest relative difference {result['first_step_difference']:.1e}. Of steps {late[0]} to {late[1]}: mean "
        f"relative difference {apart(runs['pix2pixhd'], runs['PyTorch'], *late):.3f} between pix2pixhd and PyTorch, {own:.3f} between "
        "PyTorch and its own other runs.", "",
        "![Curves of the losses, how far runs are apart, and the finest texture distance](training_quality_demo.svg)", "",
        "## How far runs are apart", "",
        "Mean relative difference of the four losses. \"double\" is PyTorch in double precision: what either program would compute "
        "without rounding, as long as rounding has not grown to the size of the losses.", "",
        *drift(result), "## Losses", "", "Before the step's change of the weights, relative differences to PyTorch.", "", *losses(result),
        "## Hold-out pictures", "",
        "By the tool `evaluate`, the same for all. More is better of PSNR and SSIM; less of SWD, the sliced Wasserstein distance of "
        "textures by level of detail (0 is the finest), and of the colour error in levels of 0 to 255.", "",
        *figures(result)])


def chart(path, result):
    runs, both = result["runs"], families(result["runs"])
    ours, rival, grey, green = "#1769aa", "#f0a04b", "#bbb", "#7fbf8a"
    points = lambda values: list(enumerate(values, 1))
    others = both["PyTorch"][1:]
    panels = [(title, [(grey, 1, points(runs[name]["losses"][kind])) for name in others] +
               [(rival, 3, points(runs["PyTorch"]["losses"][kind])), (ours, 1.2, points(runs["pix2pixhd"]["losses"][kind]))], True)
              for kind, title in LOSSES.items()]
    away = lambda name, base="PyTorch": [(step, apart(runs[name], runs[base], step, step)) for step in range(1, result["steps"] + 1)]
    panels.append(("Relative difference of the losses to PyTorch's",
                   [(grey, 1, away(name)) for name in others] + [(ours, 1.2, away("pix2pixhd"))], True))
    finest = lambda name: [(int(step), figures["sliced_wasserstein"][0]) for step, figures in runs[name]["figures"].items()]
    panels.append(("Hold-out: finest sliced Wasserstein distance",
                   [(grey, 1, finest(name)) for name in others] + [(green, 1, finest(name)) for name in both["pix2pixhd"][1:]] +
                   [(rival, 3, finest("PyTorch")), (ours, 1.2, finest("pix2pixhd"))], True))
    quality_chart.write(path, [(ours, "pix2pixhd"), (rival, "PyTorch"), (grey, "PyTorch, other rounding"),
                                (green, "pix2pixhd, other rounding")], panels)


def write(name, result):
    with open(name + ".md", "w") as file:
        file.write(text(result))
    chart(name + ".svg", result)


if __name__ == "__main__":
    with open(sys.argv[1]) as given:
        write(sys.argv[1].removesuffix(".json"), json.load(given))
