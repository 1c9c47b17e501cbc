"""Pictures by ONNX Runtime from the exported network; on the CPU it computes in f32 only."""
import onnxruntime

from . import interface
from .one_hot import OneHot


def load(job):
    if job.precision != "f32":
        raise SystemExit(f"ONNX Runtime computes on the CPU in f32, not in {job.precision}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(job.onnx, options, providers=["CPUExecutionProvider"])
    name, one_hot = session.get_inputs()[0].name, OneHot(job)
    return lambda: session.run(None, {name: one_hot()})[0]


if __name__ == "__main__":
    interface.serve(load, f"ONNX Runtime {onnxruntime.__version__}")
