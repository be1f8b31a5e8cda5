# SPDX-License-Identifier: MIT
"""What the book prints (data/book_results.json), and what PyTorch printed with the same seed
(tests/fixtures/pytorch_epochs_*.json)."""
import dataclasses
import json
import math

from logs.log import ROOT

FIELDS = ("loss", "train_accuracy", "test_accuracy")


@dataclasses.dataclass
class Published:
    net: str
    kind: str
    epochs: list         # {"loss": ..., "train_accuracy": ..., "test_accuracy": ...} of each
    rounding: float = 0  # of the repaired loss


def repaired(run, images):
    """The mean losses over the batches, and by how much the printed digits leave them open: docs/errata.md derives it."""
    if run["divided_by"] == "counter":
        return [loss * epoch for epoch, loss in enumerate(run["loss"], 1)], 0.0005
    factor = images / math.ceil(images / run["batch_size"])
    return [loss * factor for loss in run["loss"]], 0.00005 * factor


def epochs_of(losses, run):
    columns = (losses, run["train_accuracy"], run["test_accuracy"])
    return [dict(zip(FIELDS, values)) for values in zip(*columns, strict=True)]


def read_book():
    """Every run that the book prints."""
    book = json.loads((ROOT / "data/book_results.json").read_text(encoding="utf-8"))
    found = []
    for run in book["runs"]:
        losses, rounding = repaired(run, book["images"])
        found.append(Published(run["net"], run["kind"], epochs_of(losses, run), rounding))
    return found


def read_pytorch():
    """Net -> seed -> epochs."""
    found = {}
    for file in sorted((ROOT / "tests/fixtures").glob("pytorch_epochs_*.json")):
        run = json.loads(file.read_text(encoding="utf-8"))
        found[run["net"]] = {int(seed): epochs_of(epochs["loss"], epochs) for seed, epochs in run["seeds"].items()}
    return found
