"""Runs programs in processes of their own and keeps their figures in a file of results."""
import datetime
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "..", "results")
OURS = "pix2pixhd"


class Refused(Exception):
    """A program ended with an error: its last words."""


def run(command, under="", environment={}):
    """The figures that a program prints as a line of JSON; `under` is a command that it is started with."""
    process = subprocess.run([*shlex.split(under), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE,
                             env=os.environ | environment)
    if process.returncode:
        words = process.stderr.strip().splitlines()
        raise Refused(words[-1] if words else f"it ended with status {process.returncode}")
    return json.loads(process.stdout.strip().splitlines()[-1])


def run_rival(module, job, **how):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(job, file)
        file.flush()
        return run([sys.executable, "-m", "rivals." + module, file.name], **how)


def compact(content):
    """JSON in which short lists and objects have a line each, and numbers no more digits than they mean."""
    def short(value):
        if isinstance(value, dict):
            return {key: short(item) for key, item in value.items()}
        if isinstance(value, list):
            return [short(item) for item in value]
        return float(f"{value:.12g}") if isinstance(value, float) else value

    def one_line(match):
        line = re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]").replace("{ ", "{").replace(" }", "}")
        return line if len(line) <= 320 or line[0] == "[" else match[0]

    text = re.sub(r"\[[^][{}]*\]", one_line, json.dumps(short(content), indent=1))
    return re.sub(r"\{[^{}]*\}", one_line, text) + "\n"


class Results:
    """Figures by case and program, in a file that is named by what they are of and by the kind of processor. New ones
    replace those of the same program, or with `add` join those of the same version; those of another machine of the
    kind are dropped. The cases stand in the given order, whenever they were measured."""

    def __init__(self, subject, folder, order, add=False):
        self.path, self.order, self.add, here = os.path.join(folder, f"{subject}_{machine.kind()}"), order, add, machine.describe()
        self.content = {"machine": here, "cases": {}}
        if os.path.exists(self.path + ".json"):
            with open(self.path + ".json") as file:
                before = json.load(file)
            if before.get("machine") == here:
                self.content = before

    def put(self, case, facts, program, figure):
        entry = self.content["cases"].setdefault(case, {"programs": {}})
        entry |= facts
        before = entry["programs"].get(program)
        if self.add and before and "seconds" in figure and before.get("version") == figure["version"]:
            figure = joined(before, figure)
        entry["programs"][program] = figure | {"date": datetime.date.today().isoformat()}
        cases = self.content["cases"]
        self.content["cases"] = {name: cases[name] for name in self.order if name in cases}
        with open(self.path + ".json", "w") as file:
            file.write(compact(self.content))

    def write_page(self, report):
        """The page that people read, beside the figures."""
        with open(self.path + ".md", "w") as file:
            file.write(report.text(self.content))


def joined(before, figure):
    """Figures of several runs as those of one: all times, and the larger memory."""
    times = {name: before[name] + figure[name] for name in ("seconds", "first_seconds", "load_seconds")}
    return figure | times | {"peak_bytes": max(before["peak_bytes"], figure["peak_bytes"])}


def collect(programs, rounds):
    """Calls each program of {name: function without arguments}, in turn, `rounds` times; the figures of its processes
    taken together: all times, and the largest memory."""
    figures = {}
    for _ in range(rounds):
        for name, call in programs.items():
            if "refused" in figures.get(name, {}):
                continue
            try:
                result = call()
            except Refused as reason:
                figures[name] = {"refused": str(reason)}
                print(f"{name}: {reason}", file=sys.stderr)
                continue
            result |= {"first_seconds": result["seconds"][:1], "load_seconds": [result["load_seconds"]]}
            figure = figures[name] = joined(figures[name], result) if name in figures else result
            print(f"{name}: {min(figure['seconds']):.3f} s, {figure['peak_bytes'] / 1e6:.0f} MB", file=sys.stderr, flush=True)
    return figures


def add_options(parser):
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", help="of the programs, by the beginnings of their names; the others' figures stay")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2, help="processes of each program")
    parser.add_argument("--runs", type=int, default=3, help="runs a process")
    parser.add_argument("--add", action="store_true", help="to the figures that the same version of a program has already, in place of replacing them")
    parser.add_argument("--under", default="", metavar="COMMAND", help="a command that each measured process is started with, such as nice")
    parser.add_argument("--results", default=RESULTS, help="folder of the results")


def chosen(programs, only):
    return {name: call for name, call in programs.items() if not only or any(name.startswith(start) for start in only)}
