# SPDX-License-Identifier: MIT
"""Whether a log was made with the settings that its preset has today: presets are lines of a chapter's main.cpp."""
import re

from logs.log import ROOT
from logs.quoting import CHAPTERS

KEYS = {"epochs": ("epochs", 5), "batch_size": ("batch_size", 256), "learning_rate": ("lr", 0.001), "image_size": ("image_size", 28),
        "limit_train": ("limit_train", 0), "limit_test": ("limit_test", 0)}  # and what struct Preset has by default


def settings(net, preset, root=ROOT):
    """The settings of a preset, under the names that run.json has for them."""
    text = (root / "chapters" / CHAPTERS[net] / "main.cpp").read_text(encoding="utf-8")
    found = re.search(rf"\.{preset} = \{{([^{{}}]*)\}}", text)
    given = dict(re.findall(r"\.(\w+) = ([\w.]+)", found[1]))
    return {key: float(given.get(member, default)) for member, (key, default) in KEYS.items()}


def differences(log, root=ROOT):
    """What a log was made with and its preset has not, in words; NiN's other seeds have one epoch."""
    expected = settings(log.net, log.preset, root)
    if log.net == "nin" and log.preset == "book" and log.seed != 0:
        expected["epochs"] = 1
    return [f"results/{log.name} was made with {key} {log.record[key]}, --preset {log.preset} has {value:g}: remove the folder and make the "
            f"run anew with tools/reproduce.sh" for key, value in expected.items() if log.record[key] != value]
