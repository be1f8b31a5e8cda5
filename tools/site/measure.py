#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what measured.py draws: runs programs with --watch, and writes what they said into docs/measured/.

measure.py [5.5 | 5.10 | 5.11]...   these sections, or all: together about two minutes on one core
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEASURED = ROOT / "docs" / "measured"


def run(section, *options):
    """The steps and the layers that a run writes down."""
    with tempfile.TemporaryDirectory() as folder:
        command = [ROOT / "cnn", "run", section, "--seed", "0", "--epochs", "1", "--limit-test", "256", "--out", folder + "/run"]
        subprocess.run([*map(str, command), *map(str, options)], check=True, stdout=subprocess.DEVNULL)
        lines = pathlib.Path(folder, "run", "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [r for r in records if r["type"] == "step"], [r for r in records if r["type"] == "layer"]


def short(value):
    return float(f"{value:.4g}")


def spread_by_layer(layers, names):
    """Layer → [[step, spread], ...]."""
    return {name: [[r["step"], short(r["spread"])] for r in layers if r["layer"] == name] for name in names}


def lenet():
    steps, layers = run("5.5", "--max-steps", 200, "--watch", 5)
    return {"loss": [short(s["loss"]) for s in steps],
            "spread": spread_by_layer(layers, ("conv.1", "conv.4", "fc.1", "fc.3", "fc.4"))}


def batch_norm():
    """The convolution 4, the normalization 5 behind it; the four sigmoids and the scores."""
    result = {}
    for layer in ("none", "scratch"):
        _, layers = run("5.10", "--max-steps", 200, "--watch", 50, "--layer", layer)
        result[layer] = {"spread": spread_by_layer(layers, ("2", "6", "11", "14", "15")),
                         "histogram": {name: {r["step"]: r["histogram"] for r in layers if r["layer"] == name} for name in ("4", "5")}}
    return result


def resnet():
    """The 7 x 7 convolution and the two of each block, of 18 and of 66 layers."""
    result = {}
    for blocks in (2, 8):
        for shortcuts in ("yes", "no"):
            steps, layers = run("5.11", "--image-size", 32, "--batch-size", 32, "--limit-train", 1280, "--max-steps", 40, "--watch", 40,
                                "--blocks", blocks, "--shortcuts", shortcuts)
            result[f"{8 * blocks + 2} {'residual' if shortcuts == 'yes' else 'plain'}"] = {
                "loss": [short(s["loss"]) for s in steps],
                "gradient": [short(r["gradient"]) for r in layers
                             if r["step"] == 1 and (r["layer"] == "0" or r["layer"].endswith((".conv1", ".conv2")))]}
    return result


SECTIONS = {"5.5": lenet, "5.10": batch_norm, "5.11": resnet}


def main(argv):
    if unknown := [section for section in argv if section not in SECTIONS]:
        sys.exit(f"error: nothing is measured for {unknown[0]}; give {', '.join(SECTIONS)}")
    for section in argv or SECTIONS:
        measure = SECTIONS[section]
        text = json.dumps(measure(), separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"')
        (MEASURED / f"{measure.__name__}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
