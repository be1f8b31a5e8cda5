# SPDX-License-Identifier: MIT
"""Whether a log was made with the settings that its preset has today: presets are lines of a chapter's main.cpp."""
import re

from logs.log import ROOT, BadLog
from logs.quoting import CHAPTERS

TRAINING_IMAGES = 60000  # of Fashion-MNIST
# Member of struct Preset -> its key in run.json, and what it is when a chapter does not set it.
KEYS = {"epochs": ("epochs", 5), "batch_size": ("batch_size", 256), "learning_rate": ("lr", 0.001),
        "image_size": ("image_size", 28), "limit_train": ("limit_train", 0), "limit_test": ("limit_test", 0)}


def settings(net, preset, root=ROOT):
    """The settings of a preset, under the names that run.json has for them."""
    page = root / "chapters" / CHAPTERS[net] / "main.cpp"
    found = re.search(rf"\.{preset} = \{{([^{{}}]*)\}}", page.read_text(encoding="utf-8"))
    if not found:
        raise BadLog(f"{page} has no \".{preset} = {{...}}\", from which the settings of the preset are read; "
                     "see tools/logs/presets.py")
    given = dict(re.findall(r"\.(\w+) = ([\w.]+)", found[1]))
    return {key: float(given.get(member, default)) for member, (key, default) in KEYS.items()}


def differences(log, root=ROOT):
    """What a log was made with and its preset has not, in words; NiN's other seeds have one epoch."""
    expected = settings(log.net, log.preset, root)
    if log.net == "nin" and log.preset == "book" and log.seed != 0:
        expected["epochs"] = 1
    pairs = [(key, log.record[key], value) for key, value in expected.items()]
    pairs.append(("images", log.images, expected["limit_train"] or TRAINING_IMAGES))
    return [f"results/{log.name} was made with {key} {ours}, --preset {log.preset} has {value:g}: remove the folder and make "
            "the run anew with tools/reproduce.sh" for key, ours, value in pairs if ours != value]
