"""The tables of training's figures, bench/results/training_cpu.md, from training_cpu.json."""
import machine
from generator_report import figures_of, left_out, versions
from measure import OURS


def row(name, figure, ours, judged):
    seconds, memory = min(figure["seconds"]), figure["peak_bytes"]
    cells = [name, f"{seconds:.3g}", f"{memory / 1e6:.0f}",
             f"{seconds / min(ours['seconds']):.2f}" if ours else "", f"{ours['peak_bytes'] / memory:.2f}" if ours else ""]
    if judged:
        cells.append(f"{figure['gradient_difference']:.1e}")
    return "| " + " | ".join(cells) + " |"


def section(case):
    figures = figures_of(case)
    ours, judged = figures.get(OURS), any("gradient_difference" in figure for figure in figures.values())
    head = ["program", "seconds", "peak memory, MB", "times ours", "our part of its memory"] + ["difference of the gradient"] * judged
    lines = [f"## {case['title']}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [row(name, figure, ours, judged) for name, figure in figures.items()]
    return [*lines, "", *left_out(case)]


def text(content):
    counts = [len(figure["seconds"]) for case in content["cases"].values() for figure in case["programs"].values() if "seconds" in figure]
    lines = ["# Training beside PyTorch", "",
             f"Machine: {machine.sentence(content['machine'])}.", f"Versions: {versions(content)}.", "",
             "f32, batch 1, 2 threads; steps with least squares, feature matching and Adam; random weights; the minimum of "
             f"{min(counts, default=0)} runs or more. The gradient of the perceptual loss is compared with that of PyTorch "
             "eager, root mean square against root mean square. Made by `bench/peers/run.sh training`.", ""]
    for case in content["cases"].values():
        lines += section(case)
    return "\n".join(lines).rstrip() + "\n"
