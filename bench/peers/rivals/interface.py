"""What the rivals have in common: how they are asked, what they time and what they report.

A rival is a module of this package, run in a process of its own (python -m rivals.NAME JOB.json) so that its memory is
its own. The job is a JSON object; every job has `threads`, `runs` and `output`. A rival calls `serve(load, version)`:
`load(job)` makes everything ready and returns a function that does the work once and returns its result, an array.
Loading is timed, and so is each run; starting Python and importing libraries is not.

Prints one line of JSON: seconds to load, seconds of each run, the peak resident memory of the process, the version.
"""
import json
import sys
import time
from types import SimpleNamespace

import numpy as np


def peak_bytes():
    """The most memory that this process had at once. (getrusage would count the process that started it too.)"""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024


def serve(load, version):
    with open(sys.argv[1]) as file:
        job = SimpleNamespace(**json.load(file))
    start = time.perf_counter()
    work = load(job)
    load_seconds, seconds = time.perf_counter() - start, []
    for _ in range(job.runs):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    peak = peak_bytes()
    if job.output:
        np.save(job.output, result)
    print(json.dumps({"load_seconds": load_seconds, "seconds": seconds, "peak_bytes": peak, "version": version}))
