#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./cnn bench epoch: whole epochs of LeNet, loader and test included, by the book's program in PyTorch and by section 5.5 here.

Both programs take turns, each turn in a process of its own. An epoch is one pass over the 60,000 training images in batches of
256 and one over the 10,000 test images. The loader of the PyTorch side is the book's: four workers that decode images one by one.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """Something that ends the benchmark; its text is for the user."""


def work(arguments):
    """The training function of the book, and how long each of its epochs takes, as one line of JSON."""
    import torch
    from networks import NETWORKS
    from torch.utils.data import DataLoader
    from training import FashionMnist

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    net = NETWORKS["lenet"]()
    train_set = DataLoader(FashionMnist(arguments.data, "train", 0, 28), 256, shuffle=True, num_workers=arguments.workers)
    test_set = DataLoader(FashionMnist(arguments.data, "t10k", 0, 28), 256, num_workers=arguments.workers)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    loss_of = torch.nn.CrossEntropyLoss()
    epochs = []
    for _ in range(arguments.epochs):
        start = time.perf_counter()
        loss_sum, correct, count = 0.0, 0.0, 0
        for x, labels in train_set:
            y = net(x)
            loss = loss_of(y, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
            correct += (y.argmax(dim=1) == labels).sum().item()
            count += len(labels)
        net.eval()
        with torch.no_grad():
            right = sum((net(x).argmax(dim=1) == labels).float().sum().item() for x, labels in test_set)
        net.train()
        epochs.append({"seconds": time.perf_counter() - start, "test_accuracy": right / 10000})
    print(json.dumps({"epochs": epochs, "torch": torch.__version__}))


def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise Failure(f"{what} failed: {reason[0].removeprefix('error: ')}")
    return done.stdout


def pytorch_turn(arguments, workers):
    command = [sys.executable, __file__, "--worker", "--threads", str(arguments.threads), "--data", arguments.data,
               "--epochs", str(arguments.epochs), "--workers", str(workers)]
    return json.loads(run(command, "PyTorch").splitlines()[-1])["epochs"]


def our_turn(arguments):
    with tempfile.TemporaryDirectory(prefix="bench_epoch_") as folder:
        out = pathlib.Path(folder) / "run"
        run([arguments.program, "--seed", "0", "--epochs", str(arguments.epochs), "--threads", str(arguments.threads),
             "--data", arguments.data, "--out", str(out)], "the program lenet")
        lines = map(json.loads, (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
        return [{"seconds": line["seconds"], "test_accuracy": line["test_accuracy"]} for line in lines
                if line["type"] == "epoch"]


def compare(arguments):
    sides = {"PyTorch, 4 workers as in the book": lambda: pytorch_turn(arguments, 4),
             "PyTorch, no workers": lambda: pytorch_turn(arguments, 0),
             "./cnn run 5.5": lambda: our_turn(arguments)}
    epochs = {name: [] for name in sides}
    for _ in range(arguments.rounds):
        for name, turn in sides.items():
            epochs[name] += turn()
    seconds = {name: statistics.median(e["seconds"] for e in done) for name, done in epochs.items()}
    ours = seconds["./cnn run 5.5"]
    lines = [f"LeNet on Fashion-MNIST, seconds an epoch: medians of {arguments.rounds} x {arguments.epochs} epochs in turns, "
             f"{arguments.threads} threads", "",
             "| program | seconds | test accuracy after the last epoch | times as long as ours |", "|---|---:|---:|---:|"]
    for name, value in seconds.items():
        lines.append(f"| {name} | {value:.2f} | {epochs[name][-1]['test_accuracy']:.3f} | {value / ours:.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    results = {"threads": arguments.threads, "median_seconds": seconds, "epochs": epochs}
    for path, content in ((arguments.json, json.dumps(results, indent=2) + "\n"), (arguments.markdown, text)):
        if path:
            try:
                pathlib.Path(path).write_text(content, encoding="utf-8")
            except OSError as error:
                raise Failure(f"{path} cannot be written: {error.strerror}; name another file") from None


def positive(text):
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def find_data():
    for folder in filter(None, (os.environ.get("CNN_DATA"), "/usr/share/datasets/fashion-mnist", ROOT / "data/fashion-mnist")):
        if any((pathlib.Path(folder) / f"train-images-idx3-ubyte{end}").is_file() for end in ("", ".gz")):
            return str(folder)
    return ""


def parse():
    p = argparse.ArgumentParser(prog="./cnn bench epoch", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=positive, default=2, metavar="N", help="turns of each program [2]")
    p.add_argument("--epochs", type=positive, default=2, metavar="N", help="epochs a turn [2]")
    p.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)), metavar="N",
                   help="threads on both sides [all processors]")
    p.add_argument("--data", default=find_data(), metavar="DIR", help="the four Fashion-MNIST files [the usual places]")
    p.add_argument("--json", metavar="FILE", help="write the results there")
    p.add_argument("--markdown", metavar="FILE", help="write the table there")
    p.add_argument("--program", default=str(ROOT / "build/release/bin/lenet"), help=argparse.SUPPRESS)
    p.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--workers", type=int, default=4, help=argparse.SUPPRESS)
    return p.parse_args()


def main():
    arguments = parse()
    try:
        if not arguments.data:
            raise Failure("there is no Fashion-MNIST in the usual places; get it with `apt-get install "
                          "dataset-fashion-mnist` or data/fetch_fashion_mnist.sh, or name its folder with --data")
        if arguments.worker:
            work(arguments)
        else:
            compare(arguments)
        return 0
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
