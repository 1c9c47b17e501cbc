"""A page of comparisons in bench/results: one table a case, ours first."""
import machine
from measure import OURS


def versions(content):
    """The versions of all programs, as words, ours first."""
    names = {figure["version"] for case in content["cases"].values() for figure in case["programs"].values() if "version" in figure}
    return ", ".join(sorted(names, key=lambda name: (not name.startswith(OURS), name)))


def figures_of(case):
    """{program: figure} of those that were measured, ours first."""
    return dict(sorted(((name, figure) for name, figure in case["programs"].items() if "seconds" in figure), key=lambda item: item[0] != OURS))


def section(case, columns):
    """`columns` makes {heading: cell} of a figure and ours, which is None where it was not measured."""
    figures = figures_of(case)
    rows = [{"program": name} | columns(figure, figures.get(OURS)) for name, figure in figures.items()]
    lines = [f"## {case['title']}", ""]
    if rows:
        lines += ["| " + " | ".join(cells) + " |" for cells in (rows[0], *(row.values() for row in rows))]
        lines.insert(3, "|" + "---|" * len(rows[0]))
    return [*lines, "", *(f"Left out is {name}: {figure['refused']}\n" for name, figure in case["programs"].items() if "refused" in figure)]


def text(content, title, words, columns):
    """`words` makes the paragraph under the machine of the least number of runs."""
    runs = min((len(figure["seconds"]) for case in content["cases"].values() for figure in figures_of(case).values()), default=0)
    lines = ["# " + title, "", f"Machine: {machine.sentence(content['machine'])}.", f"Versions: {versions(content)}.", "", words(runs), ""]
    for case in content["cases"].values():
        lines += section(case, columns)
    return "\n".join(lines).rstrip() + "\n"
