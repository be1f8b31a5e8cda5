# SPDX-License-Identifier: MIT
"""The logs in results/: NET/[KIND/][quick/]seedN holds metrics.jsonl, as the program wrote it, and run.json, its record."""
import dataclasses
import json
import math
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results"
NETWORKS = ("lenet", "alexnet", "vgg", "nin", "googlenet", "batch_norm", "resnet", "densenet")  # as the book has them
NAME = re.compile(rf"({'|'.join(NETWORKS)})(?:/(scratch|library))?(?:/(quick))?/seed(\d+)")
RECORD = ("command", "version", "commit", "compiler", "cpu", "simd level", "rung", "threads", "preset", "seed", "epochs",
          "batch_size", "lr", "image_size", "limit_train", "limit_test", "seconds", "peak_bytes")


class BadLog(Exception):
    """One sentence that says what is wrong with a log, and what to do."""


@dataclasses.dataclass
class Log:
    name: str      # "batch_norm/scratch/quick/seed0"
    record: dict   # run.json
    epochs: list   # the records of metrics.jsonl, by type
    steps: list

    @property
    def net(self):
        return NAME.fullmatch(self.name)[1]

    @property
    def kind(self):
        return NAME.fullmatch(self.name)[2] or ""

    @property
    def preset(self):
        return NAME.fullmatch(self.name)[3] or "book"

    @property
    def seed(self):
        return int(NAME.fullmatch(self.name)[4])

    @property
    def images(self):
        return sum(step["examples"] for step in self.steps if step["epoch"] == 1)


def read_metrics(path):
    """The records of a metrics.jsonl, one a line."""
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            record = None
        if not isinstance(record, dict) or record.get("type") not in ("step", "epoch", "layer"):
            raise BadLog(f"line {number} of {path} is no record of a run; make the run anew with tools/reproduce.sh")
        records.append(record)
    return records


def is_a_log(name):
    """Whether a folder below results/ may have that name: only batch_norm has kinds, and always one."""
    found = NAME.fullmatch(name)
    return bool(found) and bool(found[2]) == (found[1] == "batch_norm")


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def check_epoch(name, epoch, steps):
    """The epoch's means are those of its steps: nobody has touched the file."""
    images = sum(step["examples"] for step in steps)
    if not steps or not close(epoch["loss"], sum(step["loss"] for step in steps) / len(steps)):
        raise BadLog(f"results/{name}: the loss of epoch {epoch['epoch']} is not the mean of its steps; make the run anew")
    if not close(epoch["train_accuracy"], sum(step["correct"] for step in steps) / images):
        raise BadLog(f"results/{name}: the training accuracy of epoch {epoch['epoch']} is not that of its steps; "
                     "make the run anew")


def read_log(name, results=RESULTS):
    """Reads one log, and checks that it is whole and of one piece."""
    folder = results / name
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        records = read_metrics(folder / "metrics.jsonl")
    except FileNotFoundError as error:
        raise BadLog(f"there is no {error.filename}; remove results/{name} and make the run with tools/reproduce.sh") from None
    if missing := [key for key in RECORD if key not in record]:
        raise BadLog(f"results/{name}/run.json has no {missing[0]}; make the run anew")
    log = Log(name, record, [r for r in records if r["type"] == "epoch"], [r for r in records if r["type"] == "step"])
    if [epoch["epoch"] for epoch in log.epochs] != list(range(1, record["epochs"] + 1)):
        raise BadLog(f"results/{name} has {len(log.epochs)} epochs instead of {record['epochs']}; make the run anew")
    if record["seed"] != log.seed or record["preset"] != log.preset:
        raise BadLog(f"results/{name} holds a run of --preset {record['preset']} --seed {record['seed']}; it belongs elsewhere")
    for epoch in log.epochs:
        check_epoch(name, epoch, [step for step in log.steps if step["epoch"] == epoch["epoch"]])
    return log


def read_logs(results=RESULTS):
    """Every log, by name."""
    names = sorted(file.parent.relative_to(results).as_posix() for file in results.rglob("run.json")) if results.is_dir() else []
    if strange := [name for name in names if not is_a_log(name)]:
        raise BadLog(f"results/{strange[0]} is no place for a log: they are in NET/seedN, NET/quick/seedN, and for batch_norm "
                     "below scratch and library; move it")
    return {name: read_log(name, results) for name in names}


def book_runs(logs, net, kind=""):
    """The logs with the book's settings, by seed."""
    found = [log for log in logs.values() if (log.net, log.kind, log.preset) == (net, kind, "book")]
    return sorted(found, key=lambda log: log.seed)
