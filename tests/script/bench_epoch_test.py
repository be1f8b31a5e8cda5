# SPDX-License-Identifier: MIT
"""./cnn bench epoch with made-up turns: what the programs are asked for, medians, table. Needs no PyTorch."""
import argparse
import contextlib
import io
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "pytorch"))
import bench_epoch  # noqa: E402

asked = []


def run_program(command, what):
    """The program: two epochs of 1 and 3 seconds, and the settings of the run."""
    asked.append((what, command))
    out = pathlib.Path(command[command.index("--out") + 1])
    out.mkdir()
    lines = [{"type": "step", "loss": 2}] + [{"type": "epoch", "seconds": s, "test_accuracy": s / 10} for s in (1, 3)]
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (out / "run.json").write_text('{"batch_size": 256, "image_size": 96, "lr": 0.001}', encoding="utf-8")
    return ""


def turn(command, what):
    """PyTorch: twice as long with workers, three times without."""
    asked.append((what, command))
    times = 2 if command[command.index("--workers") + 1] == "4" else 3
    return {"epochs": [{"seconds": times * s, "test_accuracy": 0.5} for s in (1, 3)]}


def options_of(command):
    return dict(zip(command, command[1:]))


bench_epoch.run_program, bench_epoch.turn = run_program, turn
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    arguments = argparse.Namespace(net="batch_norm", rounds=2, epochs=2, threads=2, data="/data", limit_train=640, limit_test=None,
                                   programs=folder / "bin", json=folder / "epoch.json", markdown=folder / "epoch.md")
    console = io.StringIO()
    with contextlib.redirect_stdout(console):
        bench_epoch.compare(arguments)
    text = arguments.markdown.read_text(encoding="utf-8")
    results = json.loads(arguments.json.read_text(encoding="utf-8"))

assert [what for what, _ in asked] == ["the program batch_norm", "PyTorch", "PyTorch"] * 2, asked
ours, theirs = options_of(asked[0][1]), options_of(asked[1][1])
assert asked[0][1][0] == str(folder / "bin" / "batch_norm"), asked[0]
assert ours["--layer"] == "library" and ours["--preset"] == "book" and ours["--epochs"] == "2", ours
assert theirs["--net"] == "batch_norm" and theirs["--image-size"] == "96" and theirs["--batch-size"] == "256", theirs
for side in (ours, theirs):
    assert side["--limit-train"] == "640" and "--limit-test" not in side and side["--threads"] == "2", side
assert text.startswith("LeNet with batch normalization on the first 640 training images of Fashion-MNIST, seconds an epoch: "
                       "medians of 2 x 2 epochs in turns, 2 threads\n\n"), text
assert "| PyTorch, 4 workers as in the book | 4.00 | 0.500 | 2.00 |\n" in text, text
assert "| PyTorch, no workers | 6.00 | 0.500 | 3.00 |\n| ./cnn run 5.10 | 2.00 | 0.300 | 1.00 |\n" in text, text
assert text in console.getvalue()
assert len(results["epochs"]["./cnn run 5.10"]) == 4 and results["median_seconds"]["./cnn run 5.10"] == 2, results

arguments.limit_train = None
assert bench_epoch.images_text(arguments) == "Fashion-MNIST" and bench_epoch.limits(arguments) == []
