#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One turn of an engine, in a process of its own: measures one network and prints one line of JSON.

Each engine is set up as fast as it gets: the number of images is fixed beforehand, and it may change the graph as it likes.
"""
import argparse
import json
import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from turns import measure  # noqa: E402
from tensors import read_tensors  # noqa: E402


def onnxruntime_step(arguments, images):
    """A step that returns the logits of the images, and what the engine says about itself."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    options.add_free_dimension_override_by_name("n", len(images))
    session = onnxruntime.InferenceSession(arguments.model, options, providers=["CPUExecutionProvider"])
    about = {"version": onnxruntime.__version__, "threads": arguments.threads, "parts": 1}
    return lambda: session.run(["logits"], {"images": images})[0], about


def openvino_step(arguments, images):
    """The same. With --throughput each thread computes the whole network for its share of the images."""
    import openvino

    parts = 1
    if arguments.throughput:
        parts = max(p for p in range(1, arguments.threads + 1) if len(images) % p == 0)
    core = openvino.Core()
    model = core.read_model(arguments.model)
    model.reshape([len(images) // parts, *images.shape[1:]])
    compiled = core.compile_model(model, "CPU", {
        "PERFORMANCE_HINT": "THROUGHPUT" if arguments.throughput else "LATENCY", "NUM_STREAMS": parts,
        "INFERENCE_NUM_THREADS": arguments.threads, "INFERENCE_PRECISION_HINT": "f32"})
    requests = [compiled.create_infer_request() for _ in range(parts)]
    for request, share in zip(requests, numpy.split(images, parts)):
        request.get_input_tensor().data[:] = share

    def step():
        for request in requests:
            request.start_async()
        for request in requests:
            request.wait()
        return numpy.concatenate([request.get_output_tensor().data for request in requests])

    about = {"version": openvino.__version__, "threads": compiled.get_property("INFERENCE_NUM_THREADS"), "parts": parts}
    return step, about


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("engine", choices=("onnxruntime", "openvino"))
    p.add_argument("--throughput", action="store_true")
    p.add_argument("--model", required=True)
    p.add_argument("--images", required=True)
    for name in ("--threads", "--steps", "--warm-up"):
        p.add_argument(name, type=int, default=1)
    p.add_argument("--seconds", type=float, default=1)
    arguments = p.parse_args()
    images = read_tensors(arguments.images)["images"]
    make_step = {"onnxruntime": onnxruntime_step, "openvino": openvino_step}[arguments.engine]
    step, about = make_step(arguments, images)
    result = measure(step, arguments)
    print(json.dumps({**result, **about, "logits": step().tolist()}))


if __name__ == "__main__":
    main()
