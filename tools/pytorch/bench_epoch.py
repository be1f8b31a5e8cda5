#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./cnn bench epoch: whole epochs of a network, loader and test included, by the book's program in PyTorch and by ours.

Both programs take turns, each turn in a process of its own. An epoch is one pass over the training images, resized as the book
resizes them, in batches of the book's size, and one over the test images. The loader of the PyTorch side is the book's: four
workers that decode and resize images one by one.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from turns import ROOT, Failure, exit_status, positive, run_program, turn, write  # noqa: E402
from settings import NETWORKS as KNOWN  # noqa: E402

TITLES = {"lenet": "LeNet", "alexnet": "AlexNet", "vgg": "VGG-11", "nin": "NiN", "googlenet": "GoogLeNet",
          "batch_norm": "LeNet with batch normalization", "resnet": "ResNet-18", "densenet": "DenseNet"}


def work(arguments):
    """The training function of the book, and how long each of its epochs takes, as one line of JSON."""
    import torch
    from networks import NETWORKS
    from torch.utils.data import DataLoader
    from training import FashionMnist

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    net = NETWORKS[arguments.net]()
    size = arguments.batch_size
    train_images = FashionMnist(arguments.data, "train", arguments.limit_train or 0, arguments.image_size)
    test_images = FashionMnist(arguments.data, "t10k", arguments.limit_test or 0, arguments.image_size)
    train_set = DataLoader(train_images, size, shuffle=True, num_workers=arguments.workers)
    test_set = DataLoader(test_images, size, num_workers=arguments.workers)
    optimizer = torch.optim.Adam(net.parameters(), lr=arguments.lr)
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
        epochs.append({"seconds": time.perf_counter() - start, "test_accuracy": right / len(test_images)})
    print(json.dumps({"epochs": epochs, "torch": torch.__version__}))


def limits(arguments):
    """--limit-train and --limit-test, which both programs have."""
    given = {"--limit-train": arguments.limit_train, "--limit-test": arguments.limit_test}
    return [text for name, value in given.items() if value for text in (name, str(value))]


def pytorch_turn(arguments, settings, workers):
    command = [sys.executable, __file__, "--worker", "--net", arguments.net, "--threads", str(arguments.threads),
               "--data", arguments.data, "--epochs", str(arguments.epochs), "--workers", str(workers), *limits(arguments)]
    for name in ("batch_size", "image_size", "lr"):
        command += ["--" + name.replace("_", "-"), str(settings[name])]
    return turn(command, "PyTorch")["epochs"]


def our_turn(arguments, net):
    """The epochs of a run, and its settings, which are the book's."""
    with tempfile.TemporaryDirectory(prefix="bench_epoch_") as folder:
        out = pathlib.Path(folder) / "run"
        run_program([str(arguments.programs / net.name), *net.options, "--preset", "book", "--seed", "0", "--epochs",
                     str(arguments.epochs), "--threads", str(arguments.threads), "--data", arguments.data, "--out", str(out),
                     *limits(arguments)], f"the program {net.name}")
        lines = map(json.loads, (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
        epochs = [{"seconds": line["seconds"], "test_accuracy": line["test_accuracy"]} for line in lines
                  if line["type"] == "epoch"]
        return epochs, json.loads((out / "run.json").read_text(encoding="utf-8"))


def take_turns(arguments, net, ours):
    """Name of a program → its epochs."""
    workers = {"PyTorch, 4 workers as in the book": 4, "PyTorch, no workers": 0}
    epochs = {name: [] for name in (*workers, ours)}
    for _ in range(arguments.rounds):
        own, settings = our_turn(arguments, net)
        epochs[ours] += own
        for name, count in workers.items():
            epochs[name] += pytorch_turn(arguments, settings, count)
    return epochs


def images_text(arguments):
    """Of which images, where it is not all of them."""
    parts = [f"{count} {kind}" for count, kind in ((arguments.limit_train, "training"), (arguments.limit_test, "test")) if count]
    return f"the first {' and '.join(parts)} images of Fashion-MNIST" if parts else "Fashion-MNIST"


def compare(arguments):
    net = next(net for net in KNOWN if net.name == arguments.net)
    ours = f"./cnn run {net.section}"
    epochs = take_turns(arguments, net, ours)
    seconds = {name: statistics.median(e["seconds"] for e in done) for name, done in epochs.items()}
    lines = [f"{TITLES[net.name]} on {images_text(arguments)}, seconds an epoch: medians of {arguments.rounds} x "
             f"{arguments.epochs} epochs in turns, {arguments.threads} threads", "",
             "| program | seconds | test accuracy after the last epoch | times as long as ours |", "|---|---:|---:|---:|"]
    for name, value in seconds.items():
        lines.append(f"| {name} | {value:.2f} | {epochs[name][-1]['test_accuracy']:.3f} | {value / seconds[ours]:.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    results = {"net": net.name, "limit_train": arguments.limit_train, "limit_test": arguments.limit_test,
               "threads": arguments.threads, "median_seconds": seconds, "epochs": epochs}
    for path, content in ((arguments.json, json.dumps(results, indent=2) + "\n"), (arguments.markdown, text)):
        if path:
            write(path, content)


def find_data():
    for folder in filter(None, (os.environ.get("CNN_DATA"), "/usr/share/datasets/fashion-mnist", ROOT / "data/fashion-mnist")):
        if any((pathlib.Path(folder) / f"train-images-idx3-ubyte{end}").is_file() for end in ("", ".gz")):
            return str(folder)
    return ""


def parse():
    p = argparse.ArgumentParser(prog="./cnn bench epoch", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--net", choices=TITLES, default="lenet", help="the network [lenet]")
    p.add_argument("--rounds", type=positive, default=2, metavar="N", help="turns of each program [2]")
    p.add_argument("--epochs", type=positive, default=2, metavar="N", help="epochs a turn [2]")
    p.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)), metavar="N",
                   help="threads on both sides [all processors]")
    p.add_argument("--limit-train", type=positive, metavar="N", help="only the first N training images [all]")
    p.add_argument("--limit-test", type=positive, metavar="N", help="only the first N test images [all]")
    p.add_argument("--data", default=find_data(), metavar="DIR", help="the four Fashion-MNIST files [the usual places]")
    p.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results there")
    p.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table there")
    p.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release/bin", help=argparse.SUPPRESS)
    p.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    for name, kind in (("--workers", int), ("--batch-size", int), ("--image-size", int), ("--lr", float)):
        p.add_argument(name, type=kind, help=argparse.SUPPRESS)
    return p.parse_args()


def run(arguments):
    if not arguments.data:
        raise Failure("there is no Fashion-MNIST in the usual places; get it with `apt-get install "
                      "dataset-fashion-mnist` or data/fetch_fashion_mnist.sh, or name its folder with --data")
    if arguments.worker:
        work(arguments)
    else:
        compare(arguments)


def main():
    arguments = parse()
    return exit_status(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
