#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has ONNX Runtime classify test images with what --export-onnx writes, and compares its logits with the program's own.

usage: runtime_test.py PROGRAM IMAGE_SIZE COUNT [OPTION...]; exit status 77: a package is missing.
"""
import gzip
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnxruntime
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed (pip install onnxruntime numpy pillow)")
    sys.exit(77)

TOLERANCE = 1e-4  # of the largest logit
FOLDERS = (os.environ.get("CNN_DATA"), "/usr/share/datasets/fashion-mnist",
           pathlib.Path(__file__).resolve().parents[2] / "data/fashion-mnist")


def read_images(count):
    """The first test images, [count, 28, 28], or None where Fashion-MNIST is not installed."""
    for folder in filter(None, FOLDERS):
        for name in ("t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz"):
            path = pathlib.Path(folder) / name
            if path.is_file():
                content = (gzip.open if name.endswith(".gz") else open)(path, "rb").read(16 + count * 784)
                return numpy.frombuffer(content, numpy.uint8, offset=16).reshape(count, 28, 28)
    return None


def resized(images, side):
    """[n, 1, side, side] from 0 to 1, as torchvision's Resize and ToTensor make them."""
    images = [numpy.asarray(Image.fromarray(image).resize((side, side), Image.BILINEAR)) for image in images]
    return numpy.stack(images)[:, None].astype(numpy.float32) / 255


def last_output(path):
    """The last layer's output in a --dump."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    entries = json.loads(content[8:start])
    entry = [value for name, value in entries.items() if name.endswith(".output")][-1]
    first, last = entry["data_offsets"]
    return numpy.frombuffer(content[start + first:start + last], numpy.float32).reshape(entry["shape"])


def compare(what, ours, model, images):
    """Whether ONNX Runtime computes something else, of all images at once or of one alone."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    theirs, alone = (session.run(["logits"], {"images": some})[0] for some in (images, images[:1]))
    largest = float(numpy.abs(ours).max())
    distance = max(float(numpy.abs(ours - theirs).max()), float(numpy.abs(ours[:1] - alone).max())) / largest
    differ = int((ours.argmax(1) != theirs.argmax(1)).sum())
    print(f"{what}: {len(ours)} images, largest distance {distance:.1e} of the largest logit, {differ} classes differ")
    return not (math.isfinite(distance) and distance <= TOLERANCE and differ == 0)


def main():
    program, side, count, *options = sys.argv[1:]
    side, count = int(side), int(count)
    images = read_images(count)
    if images is None:
        print("skipped: Fashion-MNIST is not installed (./cnn run 5.5 brings it)")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(*arguments):
            subprocess.run([program, *options, "--epochs", "0", "--out", str(folder / "run"), "--overwrite", *arguments],
                           check=True, stdout=subprocess.DEVNULL)

        # A few steps, so that running statistics are those of images.
        subprocess.run([program, *options, "--epochs", "1", "--max-steps", "2", "--batch-size", "8", "--limit-train", "16",
                        "--limit-test", "1", "--save", str(folder / "weights"), "--out", str(folder / "run"),
                        "--image-size", str(side)], check=True, stdout=subprocess.DEVNULL)
        model = folder / "model.onnx"
        measured = ["--load", str(folder / "weights"), "--batch-size", str(count), "--limit-test", str(count), "--image-size",
                    str(side), "--export-onnx", str(model)]
        run(*measured, "--dump", str(folder / "layers"))
        ours = last_output(folder / "layers")
        bad = compare("as it is", ours, model, resized(images, side))
        run(*measured, "--fold-batch-norm")
        bad += compare("with batch normalizations folded", ours, model, resized(images, side))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
