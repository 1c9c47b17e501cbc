"""The pages of figures taken on a GPU, generator_gpu.md and training_gpu.md, and what README.md quotes of them."""
import statistics

OURS = "pix2pixhd"
NEAREST = 1.25  # how many times as far from f32 as PyTorch's picture ours may be


def milliseconds(figure):
    return statistics.median(figure["seconds"]) * 1e3


def measured(figures):
    return {name: figure for name, figure in figures.items() if "refused" not in figure}


def rivals(figures, precision="bf16"):
    return {name: figure for name, figure in measured(figures).items() if name.startswith("PyTorch") and name.endswith(precision)}


def fastest(figures):
    return min(figures, key=lambda name: milliseconds(figures[name]))


def measured_on(figures):
    """The devices, with what ran there and when."""
    return sorted({f"{figure['device']}, {figure['date']}" for figure in measured(figures).values()})


def in_short(figures):
    """The same in one phrase: "NVIDIA H200, cuDNN 9.19.0, PyTorch 2.11.0, on 2026-11-26". Ours says "cuda:0: NVIDIA H200,
    bf16, cuDNN 9.19.0", PyTorch's "NVIDIA H200, PyTorch 2.11.0"."""
    words = {}
    for figure in measured(figures).values():
        first, *rest = figure["device"].split(", ")
        words |= dict.fromkeys([first.split(": ")[-1], rest[-1]])
    days = sorted({figure["date"] for figure in measured(figures).values()})
    return f"{', '.join(words)}, on {' and '.join(dict.fromkeys([days[0], days[-1]]))}"


def left_out(figures):
    return [f"Left out is {name}: {figure['refused']}\n" for name, figure in figures.items() if "refused" in figure]


def picture_table(figures):
    lines = ["| program | labels to bytes, on the host, ms | on the device, ms | peak memory, MB | relative rms from our f32 |", "|---|---|---|---|---|"]
    for name, figure in measured(figures).items():
        rms = f"{figure['rms']:.1e}" if figure.get("rms") else ""
        lines.append(f"| {name} | {milliseconds(figure):.2f} | {figure['on_device'] * 1e3:.2f} | {figure['peak_bytes'] / 1e6:.0f} | {rms} |")
    return lines


def how_near(figures, precision):
    """How many times as far from f32 as PyTorch's picture ours is, or None."""
    ours, theirs = (measured(figures).get(f"{name} {precision}", {}) for name in (OURS, "PyTorch eager"))
    return ours["rms"] / theirs["rms"] if "rms" in ours and "rms" in theirs else None


def picture_judgements(figures):
    """Sentences about speed and accuracy, and whether the accuracy will do."""
    said, good, others = [], True, rivals(figures)
    for precision in ("bf16", "f16"):
        ours = measured(figures).get(f"{OURS} {precision}")
        if ours and others:
            best = fastest(others)
            said.append(f"{OURS} {precision} makes a picture {milliseconds(others[best]) / milliseconds(ours):.2f} times as fast as {best}.")
        ratio = how_near(figures, precision)
        if ratio is not None:
            good &= ratio <= NEAREST
            said.append(f"In {precision} its picture is {ratio:.2f} times as far from f32 as PyTorch's{'' if ratio <= NEAREST else f': more than {NEAREST}'}.")
    return said, good


def picture_parts(figures):
    """A sentence about each of our rows: where its time goes, and what two threads make of it."""
    said = []
    for name, figure in measured(figures).items():
        if "in_parts" in figure:
            to_device, on_device, to_host = (statistics.median(part) * 1e3 for part in zip(*figure["in_parts"]))
            said.append(f"{name}: the maps to the device take {to_device:.2f} ms, the pass {on_device:.2f}, the bytes to the host {to_host:.2f}, each waited for; "
                        f"two threads with a Session each make a picture every {figure['at_once'] * 1e3:.2f} ms.")
    return said


def picture_text(content):
    figures = content["figures"]
    lines = [f"# Generator<1> on a GPU, {content['size']}", "", f"Batch 1. Medians of {content['runs']} pictures.", "", *picture_table(figures), "",
             *(sentence + "\n" for sentence in picture_judgements(figures)[0] + picture_parts(figures)), *left_out(figures), *("- " + device for device in measured_on(figures))]
    return "\n".join(lines).rstrip() + "\n"


def training_table(figures):
    lines = ["| program | a step, ms | peak memory, MB |", "|---|---|---|"]
    return lines + [f"| {name} | {milliseconds(figure):.1f} | {figure['peak_bytes'] / 1e6:.0f} |" for name, figure in measured(figures).items()]


def training_judgement(figures, ours):
    """A sentence about one of our rows in bf16, or none."""
    figure, others = measured(figures).get(ours), rivals(figures)
    if not figure or not others:
        return []
    least = min(rival["peak_bytes"] for rival in others.values())
    memory = f"; its peak memory is {figure['peak_bytes'] / least:.2f} of PyTorch's least" if least else ""
    best = fastest(others)
    return [f"{ours}: a step is {milliseconds(others[best]) / milliseconds(figure):.2f} times as fast as {best}{memory}.", ""]


def training_sections(content):
    lines = []
    for size, figures in content["sizes"].items():
        lines += [f"## {size}", "", *training_table(figures), ""]
        for name in figures:
            if name.startswith(OURS) and "bf16" in name:
                lines += training_judgement(figures, name)
        lines += left_out(figures)
    return lines


def training_text(content):
    figures = {f"{name}, {size}": figure for size, group in content["sizes"].items() for name, figure in group.items()}
    lines = ["# Steps of training with the VGG loss on a GPU", "",
             "Generator<1>, three discriminators of width 64, least squares, feature matching, VGG-19, Adam; batch 1. "
             f"Medians of {content['runs']} steps.", "", *training_sections(content), *("- " + device for device in measured_on(figures))]
    return "\n".join(lines).rstrip() + "\n"


def readme_section(pictures, training):
    """What README.md says of these figures; empty if there are none."""
    if not pictures or not training:
        return ""
    all_figures = dict(pictures["figures"]) | {f"{name}, {size}": figure for size, group in training["sizes"].items() for name, figure in group.items()}
    lines = [f"Measured on {in_short(all_figures)}. A picture of Generator<1>, {pictures['size']}, batch 1:", "",
             *picture_table(pictures["figures"]), "", " ".join(picture_judgements(pictures["figures"])[0]), "",
             "A step of training of Generator<1> with three discriminators and the VGG loss, batch 1:", ""]
    lines += ["| program | size | a step, ms | peak memory, MB |", "|---|---|---|---|"]
    for size, group in training["sizes"].items():
        lines += [f"| {name} | {size} | {milliseconds(figure):.1f} | {figure['peak_bytes'] / 1e6:.0f} |" for name, figure in measured(group).items()]
    return "\n".join(lines) + "\n"
