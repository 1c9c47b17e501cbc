"""What the rivals on a GPU have in common: the device, its precision, the clock, and the input of the networks."""
import os
import sys
import time

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from rivals import networks

TYPES = {"f32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
CLASSES = 35


class TorchDevice:
    """A GPU, or, to try the scripts out, the CPU."""

    def __init__(self, name, precision):
        self.name = name
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.benchmark = True

    def finish(self):
        if self.name == "cuda":
            torch.cuda.synchronize()

    def peak_bytes(self):
        return torch.cuda.max_memory_allocated() if self.name == "cuda" else 0

    def description(self):
        return f"{torch.cuda.get_device_name() if self.name == 'cuda' else 'no GPU'}, PyTorch {torch.__version__}"

    def seconds(self, work):
        """Of one call of `work`, until the device has done it."""
        self.finish()
        start = time.perf_counter()
        work()
        self.finish()
        return time.perf_counter() - start


def maps(options):
    """Label and instance map as they come from files, (1, 1, H, W)."""
    read = lambda path, kind: torch.from_numpy(np.asarray(Image.open(path)).astype(kind))[None, None]
    return read(options.labels, np.uint8), read(options.instances, np.int32)


def network_input(device, label, instance, dtype):
    """One-hot classes and boundaries on the device, channels_last."""
    x = networks.generator_input(label.to(device.name).long(), instance.to(device.name), CLASSES)
    return x.to(dtype, memory_format=torch.channels_last)


def captured(work, x, warm_up=1, prepare=lambda: None):
    """`work` as a CUDA graph: a function of its input. `prepare` is called between the passes of warming up and the
    recording; what the recorded pass needs of memory stays its own."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())  # which makes x
    with torch.cuda.stream(stream):
        for _ in range(warm_up):
            work(x)
    torch.cuda.synchronize()
    graph, fixed = torch.cuda.CUDAGraph(), x.clone()
    prepare()
    with torch.cuda.graph(graph):
        made = work(fixed)

    def run(x):
        fixed.copy_(x)
        graph.replay()
        return made

    return run


def add_options(parser, ways):
    parser.add_argument("--labels", required=True)
    parser.add_argument("--instances", required=True)
    parser.add_argument("--how", choices=ways, default="eager")
    parser.add_argument("--precision", choices=TYPES, default="bf16")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--on", choices=("cuda", "cpu"), default="cuda", help="cpu: only to try the script out")
