"""The table of pictures' figures, bench/results/generator_cpu.md, from generator_cpu.json."""
import machine
from measure import OURS


def versions(content):
    names = {figure["version"] for case in content["cases"].values() for figure in case["programs"].values() if "version" in figure}
    return ", ".join(sorted(names, key=lambda name: (not name.startswith(OURS), name)))


def row(name, figure, ours):
    seconds = min(figure["seconds"])
    start = min(load + first for load, first in zip(figure["load_seconds"], figure["first_seconds"]))
    agreement = f"{figure['largest_difference']:.1e} | {figure['psnr']:.1f}"
    ratio = f"{seconds / min(ours['seconds']):.2f}" if ours else ""
    return f"| {name} | {seconds:.2f} | {start - seconds:.2f} | {figure['peak_bytes'] / 1e6:.0f} | {agreement} | {ratio} |"


def figures_of(case):
    """{program: figure} of those that were measured, ours first."""
    return dict(sorted(((name, figure) for name, figure in case["programs"].items() if "seconds" in figure), key=lambda item: item[0] != OURS))


def left_out(case):
    return [f"Left out is {name}: {figure['refused']}\n" for name, figure in case["programs"].items() if "refused" in figure]


def section(case):
    figures = figures_of(case)
    lines = [f"## {case['title']}", "",
             "| program | seconds | and before the first picture | peak memory, MB | largest difference | PSNR, dB | times ours |", "|---|---|---|---|---|---|---|"]
    lines += [row(name, figure, figures.get(OURS)) for name, figure in figures.items()]
    return [*lines, "", *left_out(case)]


def text(content):
    counts = [len(figure["seconds"]) for case in content["cases"].values() for figure in case["programs"].values() if "seconds" in figure]
    lines = ["# The generator beside others", "",
             f"Machine: {machine.sentence(content['machine'])}.", f"Versions: {versions(content)}.", "",
             "Batch 1, 2 threads where nothing else is said, random weights N(0, 0.02), from label map to picture; the minimum of "
             f"{min(counts, default=0)} pictures or more. \"Before the first picture\" is what loading the weights and making the first picture take beyond a "
             "later one. The pictures, of values from -1 to 1, are compared with that of PyTorch eager in f32. Made by `bench/peers/run.sh`.", ""]
    for case in content["cases"].values():
        lines += section(case)
    return "\n".join(lines).rstrip() + "\n"
