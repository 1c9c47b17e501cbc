"""The table of stages, bench/results/stages_cpu.md, from stages_cpu.json.

A call has a bound: the longer of its multiply-adds at the machine's peak, counted as those of a direct convolution, and
its bytes at the bandwidth of a copy, each array once. Calls of the same kind on the same shapes are one row.
"""
import json
import os

import machine
from measure import OURS

SMALL = 0.005  # rows that take a smaller part of the pass are taken together
REASONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reasons.json")


def peak_of(figure):
    """Operations a second that the case's arithmetic can reach."""
    gflops = figure["roofline"]["gflops"]
    if figure["precision"] in gflops:
        return gflops[figure["precision"]] * 1e9
    return gflops.get(figure["isa"], gflops.get("avx512", gflops["baseline"])) * 1e9


def label(call):
    """What a call computes, in words: "3x3 stride 2, 32 to 64, to 1024x512"."""
    _, channels, *_ = call["input"]
    _, results, height, width = call["output"]
    if call["kernel"] and call["flops"]:
        how = "transposed" if call["transposed"] else f"stride {call['stride']}" if call["stride"] > 1 else ""
        return f"{call['kernel']}x{call['kernel']} {how}".strip() + f", {channels} to {results}, {width}x{height}"
    if call["kind"] in ("Adam", "all finite"):
        return "parameters"
    _, channels, height, width = call["output"] if call["output"][0] else call["input"]
    return f"{channels} channels, {width}x{height}"


def rows(calls):
    """[(kind, label, names, calls)] in the order of their first calls."""
    found = {}
    for call in calls:
        found.setdefault((call["kind"], label(call)), []).append(call)
    return [(kind, words, [call["name"] for call in group if call["name"]], group) for (kind, words), group in found.items()]


def reason_for(kind, words, reasons):
    with open(reasons) as file:
        for entry in json.load(file):
            if entry["kind"] == kind and words.startswith(entry["label"]):
                return entry["reason"]
    return "not known yet"


def section(case, reasons=REASONS):
    """The table of one case; `reasons` is the file that says why calls are slow."""
    figure = case["programs"][OURS]
    if "refused" in figure:
        return [f"## {case['title']}", "", f"Left out: {figure['refused']}", ""]
    peak, memory = peak_of(figure), figure["roofline"]["gigabytes"]
    bandwidth, calls = memory["copy"] * 1e9, figure["calls"]
    total = sum(call["seconds"] for call in calls)
    flops = sum(call["flops"] for call in calls)
    short = figure["seconds"] < 0.1  # on a GPU: figures of thousandths
    span = lambda seconds: f"{seconds * 1e3:.3f} ms" if short else f"{seconds:.3f} s"
    lines = [f"## {case['title']}", "",
             f"{figure['device']}, {figure['date']}. Peak {peak / 1e9:.0f} GFLOP/s; memory: read {memory['read']:.0f}, write {memory['write']:.0f}, copy "
             f"{memory['copy']:.0f} GB/s. A whole pass took {span(figure['seconds'])}, its calls, the least time of each, {span(total)}, and what lies between them {span(figure['outside'])}; {flops / 1e9:.0f} GFLOP "
             f"as direct convolutions, {flops / figure['seconds'] / 1e9:.0f} GFLOP/s, {flops / figure['seconds'] / peak:.0%} of the peak.", "",
             "| call | shapes | calls | ms | of all | GFLOP/s | of peak | GB/s | of copy | of its bound | |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    slow, small, digits = [], [], 3 if short else 1
    for kind, words, names, group in rows(calls):
        seconds, work, bytes_ = (sum(call[key] for call in group) for key in ("seconds", "flops", "bytes"))
        if seconds < total * SMALL:
            small += group
            continue
        bound = sum(max(call["flops"] / peak, call["bytes"] / bandwidth) for call in group)
        mark = bound < seconds / 2
        lines.append(f"| {kind} | {words} | {len(group)} | {seconds * 1e3:.{digits}f} | {seconds / total:.1%} | {work / seconds / 1e9:.0f} | "
                     f"{work / seconds / peak:.0%} | {bytes_ / seconds / 1e9:.1f} | {bytes_ / seconds / bandwidth:.0%} | {bound / seconds:.0%} | "
                     f"{'slow' if mark else ''} |")
        names = list(dict.fromkeys(names))
        if mark:
            slow.append(f"- {kind} {words} ({', '.join(names[:2])}{', ...' if len(names) > 2 else ''}): {reason_for(kind, words, reasons)}" if names else
                        f"- {kind} {words}: {reason_for(kind, words, reasons)}")
    if small:
        seconds = sum(call["seconds"] for call in small)
        lines.append(f"| others | | {len(small)} | {seconds * 1e3:.{digits}f} | {seconds / total:.1%} | | | | | | |")
    return [*lines, "", *(["Under half of their bounds, and why:", "", *slow, ""] if slow else [])]


def text(content):
    lines = ["# Where the time goes", "", f"Machine: {machine.sentence(content['machine'])}.", "",
             "Each row is the calls of the backend of one kind on the same shapes. GFLOP/s count the multiply-adds of a direct convolution, labels "
             "as one-hot channels; Winograd's transforms and the look-up of labels do fewer, so that more than 100 % of the peak is possible. Bytes "
             "are those of the arrays of a call, each once. The bound is the longer of both at peak and at the bandwidth of a copy; \"slow\" are "
             "calls under half of their bound. Rows that take less than 0.5 % of the pass are taken together. Roofline and calls were measured in one run of "
             "`bench/peers/run.sh stages`.", ""]
    for case in content["cases"].values():
        lines += section(case)
    return "\n".join(lines).rstrip() + "\n"
