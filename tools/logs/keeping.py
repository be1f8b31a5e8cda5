# SPDX-License-Identifier: MIT
"""Keeps the log of a finished run in results/, and compares two logs."""
import json
import os
import pathlib
import shutil

from logs.log import BadLog, read_metrics

TIMES = ("seconds", "peak_bytes")  # what two runs may differ in
COPIED = ("version", "compiler", "cpu", "simd level", "rung", "preset", "seed", "epochs", "batch_size", "lr", "image_size",
          "limit_train", "limit_test")


def record_of(run, command):
    """What run.json in results/ says about the run in the folder `run`."""
    said = json.loads((run / "run.json").read_text(encoding="utf-8"))
    epochs = [r for r in read_metrics(run / "metrics.jsonl") if r["type"] == "epoch"]
    if len(epochs) != said["epochs"]:
        raise BadLog(f"the run in {run} has {len(epochs)} epochs of {said['epochs']}; go on with it by --resume")
    if said["rung"] != "simd (avx2)":
        raise BadLog(f"the run in {run} was made by {said['rung']}, the logs in results/ by simd (avx2); make it anew with "
                     "--simd avx2")
    commits = (run / "commits").read_text(encoding="utf-8").split()
    return {"command": command, "commit": ", ".join(commits), "threads": said["threads_used"],
            **{key: said[key] for key in COPIED},
            "seconds": round(sum(epoch["seconds"] for epoch in epochs), 1),
            "peak_bytes": max(epoch.get("peak_bytes", 0) for epoch in epochs)}


def keep(run, folder, command):
    """Copies metrics.jsonl as it is, and of LeNet with seed 0 and the book's settings the weights. run.json comes last: a folder
    that has it is whole."""
    run, folder = pathlib.Path(run), pathlib.Path(folder)
    record = record_of(run, command)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / "metrics.jsonl", folder / "metrics.jsonl")
    if folder.parts[-2:] == ("lenet", "seed0"):
        shutil.copyfile(run / "model.safetensors", folder / "model.safetensors")
    unfinished = folder / "run.json.new"
    unfinished.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, folder / "run.json")


def difference(kept, fresh):
    """The first difference between two logs, apart from times and memory; None if there is none."""
    for number, (a, b) in enumerate(zip(kept, fresh), 1):
        for key in dict.fromkeys([*a, *b]):
            if key not in TIMES and a.get(key) != b.get(key):
                return f"line {number}, {key}: {a.get(key, 'nothing')} and {b.get(key, 'nothing')}"
    if len(kept) != len(fresh):
        return f"line {min(len(kept), len(fresh)) + 1}, type: one log has {len(kept)} lines, the other {len(fresh)}"
    return None


def compare(kept, fresh):
    """Says whether two files hold the same run; returns the exit status."""
    logs = [read_metrics(pathlib.Path(path)) for path in (kept, fresh)]
    found = difference(*logs)
    if found:
        print(f"{kept} and {fresh} differ in {found}")
        return 1
    print(f"{kept} and {fresh}: {len(logs[0])} lines, equal apart from {' and '.join(TIMES)}")
    return 0
