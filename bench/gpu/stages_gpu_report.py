"""The table of stages on a GPU, bench/results/stages_gpu.md, from stages_gpu.json. Why calls are slow says reasons.json
beside this file."""
import os

import stages_report

REASONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reasons.json")


def text(content):
    lines = [
        "# Where the time goes on a GPU", "",
        "Each row is the calls of the backend of one kind on the same shapes, timed by events as they follow each other. GFLOP/s count the "
        "multiply-adds of a direct convolution, labels as one-hot channels, which are looked up: more than 100 % of the peak is possible. Bytes are "
        "those of the arrays of a call, each once. The bound is the longer of both at the peak of a matrix product and at the bandwidth of a copy; "
        "\"slow\" are calls under half of their bound. Rows that take less than 0.5 % of the pass are taken together. Calls were timed, not the kernels "
        "that they consist of: what reasons say of these follows from the bytes that each moves.", ""]
    for case in content["cases"].values():
        lines += stages_report.section(case, REASONS)
    return "\n".join(lines).rstrip() + "\n"
