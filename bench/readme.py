#!/usr/bin/env python3
"""Writes the tables of README.md, and the pages in bench/results/, from the figures in bench/results/*.json.

What stands in README.md between the lines <!-- bench: begin --> and <!-- bench: end -->, and between <!-- gpu: begin -->
and <!-- gpu: end -->, is this program's; nothing there is typed by hand.

usage: readme.py            writes
       readme.py --check    writes nothing; the exit status is 1 if anything is not what it would write
"""
import json
import os
import sys

BENCH = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(BENCH, "results")
sys.path[:0] = [os.path.join(BENCH, folder) for folder in ("peers", "stages", "gpu")]

import accuracy_report
import generator_report
import gpu_report
import machine
import stages_gpu_report
import stages_report
import training_report
from comparison_page import figures_of, versions
from measure import OURS

PAGES = {"generator_cpu": generator_report, "generator_cpu_amx": generator_report, "generator_cpu_avx2": generator_report,
         "training_cpu": training_report, "training_cpu_amx": training_report, "training_cpu_avx2": training_report,
         "stages_cpu": stages_report, "stages_cpu_amx": stages_report, "stages_cpu_avx2": stages_report,
         "accuracy_bf16": accuracy_report}
GPU_PAGES = {"generator_gpu": gpu_report.picture_text, "training_gpu": gpu_report.training_text, "stages_gpu": stages_gpu_report.text}


def least(figure):
    return min(figure["seconds"])


def cell(figure):
    return f"{least(figure):.3g} s, {figure['peak_bytes'] / 1e9:.2f} GB"


def best(figures, start):
    """The fastest of the programs whose names begin so."""
    return min((figure for name, figure in figures.items() if name.startswith(start)), key=least, default=None)


def title(content, head):
    """A family's name; of one of which a single program was measured, that program's."""
    names = {name for case in content["cases"].values() for name in figures_of(case) if name.startswith(head)}
    return names.pop() if len(names) == 1 else head


def table(content, heads):
    """A row for each case with a rival: ours, the fastest of each family of rivals that was measured, and how many times as
    fast ours is."""
    heads = [head for head in heads if any(best(figures_of(case), head) for case in content["cases"].values())]
    titles = [title(content, head) for head in heads]
    lines = ["| | " + OURS + " | " + " | ".join(titles) + " | times as fast |", "|---|" + "---|" * (len(heads) + 2)]
    for case in content["cases"].values():
        figures = figures_of(case)
        rivals = [best(figures, head) for head in heads]
        if OURS not in figures or not any(rivals):
            continue
        ratio = min(least(rival) for rival in rivals if rival) / least(figures[OURS])
        cells = [cell(figures[OURS]), *(cell(rival) if rival else "" for rival in rivals), f"{ratio:.2f}"]
        lines.append(f"| {case['title']} | " + " | ".join(cells) + " |")
    return lines


def alone(content):
    """What is said of cases without rivals, one thread and a map of noise: how they compare with two threads and a street,
    which ran in turns with them. Where a page of another machine lacks those, the case of two threads and a street counts."""
    figures = {name: figures_of(case) for name, case in content["cases"].items()}

    def ratios(kind, beside):
        for name, words in (("1024p_f32", "f32"), ("1024p_bf16", "bf16")):
            this = figures.get(f"{name}_{kind}", {})
            other = this.get(f"{OURS}, {beside}") or figures.get(name, {}).get(OURS)
            if OURS in this and other:
                yield f"{least(this[OURS]) / least(other):.2f} ({words})"

    said = []
    if threads := list(ratios("one_thread", "two threads")):
        said.append(f"two threads are {' and '.join(threads)} times as fast as one")
    if noise := list(ratios("noise", "a street")):
        said.append(f"a map of noise, in which no window is uniform, takes {' and '.join(noise)} times as long")
    return ["", f"At 2048x1024 {'; '.join(said)}."] if said else []


def days(contents):
    """When the figures were taken."""
    taken = [figure["date"] for content in contents for case in content["cases"].values() for figure in case["programs"].values()]
    first, last = min(taken), max(taken)
    when = f"on {last}" if first == last else f"from {first} to {last}; the pages below name the day of each"
    return f"Taken {when}."


def section(contents):
    pictures, training = contents["generator_cpu"], contents["training_cpu"]
    lines = [f"Measured on {machine.sentence(pictures['machine'])}; {versions(pictures)}; the fastest variant of each "
             "library, and the peak memory of its process.", "",
             *table(pictures, ["OpenVINO", "ONNX Runtime", "PyTorch"]), *alone(pictures), ""]
    if training["machine"] != pictures["machine"]:
        lines += [f"Training was measured on {machine.sentence(training['machine'])}.", ""]
    lines += table(training, ["PyTorch"])
    narrow, narrow_training, tiles = (contents[name] for name in ("generator_cpu_avx2", "training_cpu_avx2", "generator_cpu_amx"))
    lines += ["", f"Where the processor has no AVX-512 ([pictures](bench/results/generator_cpu_avx2.md), "
              f"[training](bench/results/training_cpu_avx2.md), [blocks](bench/results/stages_cpu_avx2.md)), on {machine.sentence(narrow['machine'])}; {versions(narrow)}:", "",
              *table(narrow, ["OpenVINO", "ONNX Runtime", "PyTorch"]), *alone(narrow), "", *table(narrow_training, ["PyTorch"])]
    lines += ["", f"Where the processor multiplies matrices (AMX), on 2 of the cores of {machine.sentence(tiles['machine'])}; {versions(tiles)}:", "",
              *table(tiles, ["OpenVINO", "ONNX Runtime", "PyTorch"])]
    return "\n".join(lines + ["", days([pictures, training, narrow, narrow_training, tiles])]) + "\n"


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def content_of(name):
    return json.loads(read(os.path.join(RESULTS, name + ".json")) or "{}")


def with_part(text, name, part):
    """`text` with `part` between the lines that name it."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, found, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        sys.exit(f"readme.py: README.md lacks the lines {begin.strip()} and {end.strip()}")
    return before + begin + part + end + after


def wanted():
    """{path: text} of everything that this program writes."""
    contents, gpu = ({name: content_of(name) for name in pages} for pages in (PAGES, GPU_PAGES))  # empty: no figures
    files = {name: PAGES[name].text(content) for name, content in contents.items() if content}
    files |= {name: GPU_PAGES[name](content) for name, content in gpu.items() if content}
    files = {os.path.join(RESULTS, name + ".md"): text for name, text in files.items()}
    path = os.path.join(BENCH, "..", "README.md")
    readme = with_part(read(path), "bench", section(contents))
    return files | {path: with_part(readme, "gpu", gpu_report.readme_section(gpu["generator_gpu"], gpu["training_gpu"]))}


def main():
    stale = {path: text for path, text in wanted().items() if read(path) != text}
    if sys.argv[1:] == ["--check"]:
        for path in stale:
            print(f"{os.path.normpath(path)} is not what bench/readme.py makes of bench/results; run it", file=sys.stderr)
        sys.exit(1 if stale else 0)
    for path, text in stale.items():
        with open(path, "w") as file:
            file.write(text)


if __name__ == "__main__":
    main()
