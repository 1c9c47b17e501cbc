"""How the comparisons on a GPU run their programs: each in a process of its own, within a limit of time."""
import datetime
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))

import numpy as np
from PIL import Image

import scenes
from measure import compact

RESULTS = os.path.join(HERE, "..", "results")


def add_options(parser, runs):
    parser.add_argument("--program", required=True, help="ours")
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("--limit", type=int, default=150, help="seconds that one program may take; torch.compile may take many minutes")
    parser.add_argument("--results", default=RESULTS, help="folder of the results")
    parser.add_argument("--on", choices=("cuda", "cpu"), default="cuda", help="where PyTorch runs; cpu: only to try the scripts out")


def size(text):
    return tuple(map(int, text.split("x")))


def write_scene(folder, width, height):
    """A street as files: the options that name them."""
    label, instance = scenes.street_map(width, height)
    paths = {name: os.path.join(folder, name + ".png") for name in ("labels", "instances", "image")}
    Image.fromarray(label).save(paths["labels"])
    Image.fromarray(instance.astype(np.uint16)).save(paths["instances"])
    Image.fromarray(scenes.picture(label)).save(paths["image"])
    return {name: ["--" + name, path] for name, path in paths.items()}


def figure_of(name, command, limit):
    """What a program prints as a line of JSON, and the date; or {"refused": its last words}."""
    print(name, file=sys.stderr, flush=True)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit)
        if done.returncode == 0:
            return json.loads(done.stdout.strip().splitlines()[-1]) | {"date": datetime.date.today().isoformat()}
        words = done.stderr.strip().splitlines()
        errors = [line for line in words if re.match(r"[\w.]*Error: ", line)]  # PyTorch adds lines of advice to them
        reason = (errors or words or [f"it ended with status {done.returncode}"])[-1]
    except subprocess.TimeoutExpired:
        reason = f"it was not ready after {limit} s"
    except (OSError, ValueError, IndexError) as error:  # it is not there, or what it printed are no figures
        reason = f"{type(error).__name__}: {error}"
    print(f"  {name}: {reason}", file=sys.stderr, flush=True)
    return {"refused": reason}


def rival(script, *arguments):
    return [sys.executable, os.path.join(HERE, script), *arguments]


def keep(options, name, content):
    """The figures as NAME.json: after each program, so that they are not lost if the time is up or a page fails."""
    with open(os.path.join(options.results, name + ".json"), "w") as file:
        file.write(compact(content))


def write(options, name, text):
    """The page as NAME.md."""
    with open(os.path.join(options.results, name + ".md"), "w") as file:
        file.write(text)
    print(text)


def exit_status(figures):
    """An error if one of our own programs failed."""
    return 1 if any("refused" in figure for name, figure in figures.items() if name.startswith("pix2pixhd")) else 0
