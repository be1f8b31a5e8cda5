#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./cnn bench engines: the book's networks in ONNX Runtime, in OpenVINO and here, on this machine.

The programs of the networks write them as ONNX; the engines read that. All take turns, each turn in a process of its own, in
the reverse order every second round. Everyone gets the same images, and the logits are compared.
"""
import argparse
import json
import math
import pathlib
import platform
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from turns import (NETS, ROOT, Failure, add_effort, add_files, cpu_name, effort, exit_status, our_turn,  # noqa: E402
                   positive, progress, run_program, turn, write)
from report import differences, report, summary  # noqa: E402

# Ways to run the engines: options of engine.py.
ENGINES = {"ONNX Runtime": ["onnxruntime"], "OpenVINO": ["openvino"],
           "OpenVINO throughput": ["openvino", "--throughput"]}
PROGRAM_OPTIONS = {"batch_norm": ["--layer", "library"]}  # what the benchmark's network is


class Network:
    """One network as files, in a folder of its own: the same weights for the engines and for us."""

    def __init__(self, net, folder, arguments):
        self.net = net
        self.folder = folder
        self.arguments = arguments
        self.model = folder / "model.onnx"
        self.weights = folder / "weights.safetensors"

    def write(self):
        from tensors import made_up_weights, read_tensors, write_tensors

        initial = self.folder / "initial.safetensors"
        self.run_chapter("--save", initial)
        write_tensors(self.weights, made_up_weights(read_tensors(initial)))
        self.run_chapter("--load", self.weights, "--export-onnx", self.model, "--fold-batch-norm")

    def run_chapter(self, *options):
        """Made-up images: these runs need no data set."""
        command = [self.arguments.programs / self.net, *PROGRAM_OPTIONS.get(self.net, []), "--preset", "smoke", "--epochs", "0",
                   "--out", self.folder / "run", "--overwrite", *options]
        run_program([str(part) for part in command], f"the program {self.net}")

    def our_turn(self, batch_size, *options):
        return our_turn(self.arguments.programs / "bench_nets", self.net, batch_size, self.arguments, "--inference", "--load",
                        str(self.weights), *options)

    def dump(self, batch_size):
        """Writes images for the engines; returns their file, our logits, and our record, which is not counted: it says the
        book's sizes, and wakes the machine."""
        from tensors import read_tensors

        images = self.folder / "images.safetensors"
        record = self.our_turn(batch_size, "--dump", str(images))
        return images, read_tensors(images)["logits"].tolist(), record

    def engine_turn(self, name, images):
        command = [sys.executable, str(pathlib.Path(__file__).with_name("engine.py")), *ENGINES[name], "--model",
                   str(self.model), "--images", str(images), *effort(self.arguments)]
        return turn(command, f"{self.net} in {name}")


def difference(ours, theirs):
    """Largest distance of two lists of logits, as a part of our largest logit; NaN if there is one among them."""
    if [len(row) for row in ours] != [len(row) for row in theirs]:
        return math.inf
    largest = max(abs(y) for row in ours for y in row) or 1.0
    apart = [abs(a - b) for row, other in zip(ours, theirs) for a, b in zip(row, other)]
    return math.nan if any(map(math.isnan, apart)) else max(apart) / largest


def median_of(turns):
    return {"median_seconds": statistics.median(t["median_seconds"] for t in turns),
            "turns_seconds": [t["median_seconds"] for t in turns]}


def compare(network, batch_size, arguments):
    """Takes turns on one network with one batch; also returns what the programs say about themselves."""
    images, logits, sizes = network.dump(batch_size)
    batch_size = sizes["batch_size"]
    names = [name for name in ENGINES if batch_size > 1 or "--throughput" not in ENGINES[name]]
    sides = {"ours": lambda: network.our_turn(batch_size)["inference"],
             **{name: lambda name=name: network.engine_turn(name, images) for name in names}}
    turns = {name: [] for name in sides}
    for done in range(arguments.rounds):
        for name in list(sides)[::-1 if done % 2 else 1]:
            progress(f"{network.net}, batch {batch_size}, round {done + 1} of {arguments.rounds}, {name}")
            turns[name].append(sides[name]())
    ours = median_of(turns["ours"])
    flop = sizes["inference"]["gflops"] * sizes["inference"]["median_seconds"]
    cell = {"net": network.net, "batch_size": batch_size, "image_size": sizes["image_size"],
            "ours": {**ours, "gflops": flop / ours["median_seconds"]}, "engines": {}}
    for name in names:
        apart = [difference(logits, t["logits"]) for t in turns[name]]
        cell["engines"][name] = {**median_of(turns[name]), "threads": turns[name][-1]["threads"],
                                 "parts": turns[name][-1]["parts"], "difference": max(apart, key=lambda d: (math.isnan(d), d))}
    versions = {name: turns[name][-1]["version"] for name in names if "--throughput" not in ENGINES[name]}
    return cell, {**versions, "our rung": sizes["rung"], "threads": sizes["threads"]}


def run(arguments):
    cells, about = [], {}
    for net in arguments.net or NETS:
        with tempfile.TemporaryDirectory(prefix="bench_engines_") as folder:
            network = Network(net, pathlib.Path(folder), arguments)
            progress(f"{net}, writing it as ONNX")
            network.write()
            for batch_size in dict.fromkeys((1, arguments.batch_size)):
                cell, about = compare(network, batch_size, arguments)
                cells.append(cell)
        about = {"cpu": cpu_name(), "system": platform.platform(), "Python": platform.python_version(), **about}
        settings = {name: getattr(arguments, name) for name in ("rounds", "warm_up", "steps", "seconds", "threads")}
        results = {"about": about, "settings": settings, "cells": cells, **summary(cells)}
        write(arguments.json, json.dumps(results, indent=2) + "\n")  # after each network: an interruption loses one
        write(arguments.markdown, report(cells, about))
    progress("")
    print(report(cells, about))
    print(f"wrote {arguments.json} and {arguments.markdown}")
    if differences(cells):
        raise Failure("the outputs differ by more than rounding, first: " + differences(cells)[0])


def parse():
    p = argparse.ArgumentParser(
        prog="./cnn bench engines",
        description="Inference of the book's networks in ONNX Runtime, in OpenVINO and here, in turns, on this machine: one image "
                    "at a time, and the book's batches.",
        epilog="Needs onnxruntime, openvino and numpy, of the Python in ENGINES_PYTHON, of python3 or of build/engines; --yes "
               "installs them there.")
    p.add_argument("--net", action="extend", nargs="+", choices=NETS, metavar="NAME",
                   help=f"only these networks of {', '.join(NETS)} [all]")
    p.add_argument("--rounds", type=positive, default=3, metavar="N", help="turns of each program [3]")
    add_effort(p, 2, "2")
    p.add_argument("--batch-size", type=positive, metavar="N", help="images at a time, besides one [the book's]")
    add_files(p, "engines")
    p.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release/bin", help=argparse.SUPPRESS)
    return p.parse_args()


def main():
    arguments = parse()
    return exit_status(lambda: run(arguments), f"; what is done is in {arguments.json}")


if __name__ == "__main__":
    sys.exit(main())
