#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares LeNet of ./cnn run 5.5 with the book's LeNet in PyTorch, started from the same seed."""
import argparse
import gzip
import json
import pathlib

import numpy
import torch
from torch import nn


class LeNet(nn.Module):  # as in section 5.5 of the book
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.Sigmoid(), nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.MaxPool2d(2, 2))
        self.fc = nn.Sequential(
            nn.Linear(16 * 4 * 4, 120), nn.Sigmoid(),
            nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))

    def forward(self, images):
        return self.fc(self.conv(images).flatten(1))


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = numpy.frombuffer(data[end + first:end + last], "<f4").reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


def read_idx(path):
    path = pathlib.Path(path)
    packed = path.with_name(path.name + ".gz")
    data = gzip.open(packed).read() if packed.exists() else path.read_bytes()
    axes = data[3]
    shape = [int.from_bytes(data[4 + 4 * k:8 + 4 * k], "big") for k in range(axes)]
    return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).copy()).reshape(shape)


def check_weights(args):
    torch.manual_seed(args.seed)
    ours = read_safetensors(args.file)
    model = LeNet()
    theirs = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(ours, strict=True)
    for name, value in theirs.items():
        same = "same bits" if torch.equal(value, ours[name]) else "DIFFERENT"
        print(f"{name:12} {str(list(value.shape)):15} {same}")


def check_run(args):
    folder = pathlib.Path(args.folder)
    options = json.loads((folder / "run.json").read_text())
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if line["type"] == "step"][:args.steps]

    torch.manual_seed(options["seed"])
    model = LeNet()
    adam = torch.optim.Adam(model.parameters(), lr=options["lr"])
    images = read_idx(f"{args.data}/train-images-idx3-ubyte").unsqueeze(1).float() / 255
    labels = read_idx(f"{args.data}/train-labels-idx1-ubyte").long()
    data = torch.utils.data.TensorDataset(images, labels)
    batches = torch.utils.data.DataLoader(data, batch_size=options["batch_size"], shuffle=True)
    largest = 0.0
    for step, (ours, (x, t)) in enumerate(zip(losses, batches), 1):
        loss = nn.functional.cross_entropy(model(x), t)
        adam.zero_grad()
        loss.backward()
        adam.step()
        largest = max(largest, abs(loss.item() - ours))
        print(f"step {step:3}  here {ours:.6f}  PyTorch {loss.item():.6f}")
    print(f"largest difference {largest:.1e}")


parser = argparse.ArgumentParser(description=__doc__)
commands = parser.add_subparsers(required=True)
weights = commands.add_parser("weights", help="compare initial weights")
weights.add_argument("file")
weights.add_argument("--seed", type=int, default=0)
weights.set_defaults(call=check_weights)
run = commands.add_parser("run", help="follow the first steps of a run")
run.add_argument("folder")
run.add_argument("--steps", type=int, default=30)
run.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
run.set_defaults(call=check_run)
arguments = parser.parse_args()
arguments.call(arguments)
