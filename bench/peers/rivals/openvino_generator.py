"""Pictures by OpenVINO from the exported network, in f32 or bf16."""
import openvino

from . import interface
from .one_hot import OneHot


def load(job):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(job.onnx), "CPU", {
        "INFERENCE_PRECISION_HINT": job.precision, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": job.threads})
    request, one_hot = compiled.create_infer_request(), OneHot(job)

    def work():
        request.infer([openvino.Tensor(one_hot(), shared_memory=True)])
        return request.get_output_tensor().data.astype("float32")

    return work


if __name__ == "__main__":
    interface.serve(load, f"OpenVINO {openvino.__version__.split('-')[0]}")
