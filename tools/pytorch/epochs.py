#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole runs of the book's code in PyTorch, which docs/results.md shows beside ours and tests compare ours with.

epochs.py lenet --seed 0 --seed 1 --seed 2 --json tests/fixtures/pytorch_epochs_lenet.json
epochs.py batch_norm --seed 0 --seed 1 --seed 2 --json tests/fixtures/pytorch_epochs_batch_norm.json

It needs Python with torch and torchvision. Of the larger networks a run takes hours.
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from logs.presets import settings  # noqa: E402
from pytorch.bench_epoch import find_data  # noqa: E402


def one_epoch(net, train_set, optimizer, loss_of):
    """As train_ch5 of the book: the mean loss over the batches, and the accuracy while the weights move."""
    losses, correct, count = [], 0, 0
    net.train()
    for x, labels in train_set:
        y = net(x)
        loss = loss_of(y, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        correct += (y.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return sum(losses) / len(losses), correct / count


def test_accuracy(torch, net, test_set):
    net.eval()
    with torch.no_grad():
        return sum((net(x).argmax(dim=1) == labels).sum().item() for x, labels in test_set) / len(test_set.dataset)


def run(name, seed, data, chosen):
    """One run, as lists of its epochs' numbers with the digits that are kept."""
    import torch
    from pytorch.networks import NETWORKS
    from pytorch.training import FashionMnist
    from torch.utils.data import DataLoader

    torch.manual_seed(seed)
    net = NETWORKS[name]()
    size, side = int(chosen["batch_size"]), int(chosen["image_size"])
    train_set = DataLoader(FashionMnist(data, "train", 0, side), size, shuffle=True)
    test_set = DataLoader(FashionMnist(data, "t10k", 0, side), size)
    optimizer = torch.optim.Adam(net.parameters(), lr=chosen["lr"])
    found = {"loss": [], "train_accuracy": [], "test_accuracy": []}
    for epoch in range(int(chosen["epochs"])):
        loss, accuracy = one_epoch(net, train_set, optimizer, torch.nn.CrossEntropyLoss())
        found["loss"].append(round(loss, 4))
        found["train_accuracy"].append(round(accuracy, 3))
        found["test_accuracy"].append(round(test_accuracy(torch, net, test_set), 3))
        print(f"{name}, seed {seed}, epoch {epoch + 1}:", *(values[-1] for values in found.values()), file=sys.stderr)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", help="lenet, alexnet, ...")
    parser.add_argument("--seed", type=int, action="append", metavar="N", help="as torch.manual_seed(N); can be repeated [0]")
    parser.add_argument("--epochs", type=int, metavar="N", help="other than the book's five")
    parser.add_argument("--data", default=find_data(), metavar="DIR", help="the four Fashion-MNIST files [the usual places]")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results there, else to the console")
    options = parser.parse_args()
    try:
        import torch
        chosen = settings(options.net, "book")
    except ImportError:
        sys.exit(f"error: {sys.executable} cannot import torch; start this with a Python that has torch and torchvision")
    except KeyError:
        sys.exit(f"error: there is no network '{options.net}'; give lenet, alexnet, vgg, nin, googlenet, batch_norm, resnet or "
                 "densenet")
    if not options.data:
        sys.exit("error: there is no Fashion-MNIST in the usual places; get it with data/fetch_fashion_mnist.sh, or name its "
                 "folder with --data")
    chosen["epochs"] = options.epochs or chosen["epochs"]
    version = ".".join(torch.__version__.split(".")[:2])
    made_with = (f"the book's code in PyTorch {version} on a CPU: {chosen['epochs']:g} epochs, batch {chosen['batch_size']:g}, "
                 f"Adam {chosen['lr']:g}")
    runs = {str(seed): run(options.net, seed, options.data, chosen) for seed in options.seed or [0]}
    text = json.dumps({"net": options.net, "made_with": made_with, "seeds": runs}, indent=1) + "\n"
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
