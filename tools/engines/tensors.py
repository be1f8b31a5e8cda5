# SPDX-License-Identifier: MIT
"""Tensors in safetensors files, and weights with which every layer matters."""
import json
import math
import pathlib

import numpy

TYPES = {"F32": numpy.float32, "I64": numpy.int64}


def read_tensors(path):
    """Name → array, in the order of the file's header."""
    content = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            array = numpy.frombuffer(content[start + first:start + last], TYPES[entry["dtype"]])
            tensors[name] = array.reshape(entry["shape"])
    return tensors


def write_tensors(path, tensors):
    """The widest elements first, so that each tensor is aligned."""
    names = {numpy.dtype(kind): name for name, kind in TYPES.items()}
    header, blocks, end = {}, [], 0
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        blocks.append(array.tobytes())
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blocks))


def made_up_weights(initial):
    """Weights of the shapes of `initial` that keep the size of what flows through: an initial network of many layers answers
    almost the same to every image, and one whose batch normalizations have seen nothing cannot show that they are folded right.

    Kernels and matrices are from N(0, 2 / f), f inputs an output; all else is near 0 or, where it scales, near 1.
    """
    rng = numpy.random.default_rng(0)
    made = {}
    for name, array in initial.items():
        if array.dtype != numpy.float32:
            made[name] = array
        elif array.ndim > 1:
            made[name] = rng.normal(0, math.sqrt(2 / math.prod(array.shape[1:])), array.shape).astype(numpy.float32)
        elif name.endswith((".weight", ".running_var")):
            made[name] = rng.uniform(0.8, 1.25, array.shape).astype(numpy.float32)
        else:
            made[name] = rng.normal(0, 0.1, array.shape).astype(numpy.float32)
    return made
