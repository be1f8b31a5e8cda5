#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a network of this project and the book's network in PyTorch from the same seed, and compares them number by number.

Exit status: 0 they agree, 1 they differ, 2 they could not be compared.
"""
import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

from pytorch.settings import CannotCompare, NETWORKS, ROOT

NEEDED = ("torch", "torchvision", "safetensors", "numpy", "PIL")
ENVIRONMENT = ROOT / "build" / "torch"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise CannotCompare(f"{message}; see --help")


def network(text):
    for net in NETWORKS:
        if text in (net.section, net.name):
            return net
    names = ", ".join(net.name for net in NETWORKS)
    raise argparse.ArgumentTypeError(f"there is no network '{text}'; give one of {names}, or its section")


def whole_number(least, largest):
    def read(text):
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= largest:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {least} to {largest}")
        return int(text)
    return read


def parse(argv):
    count = whole_number(1, 10**9)
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", metavar="NET", type=network, help="lenet ... densenet, or 5.5 ... 5.12")
    parser.add_argument("--seed", type=whole_number(0, 2**64 - 1), default=0, metavar="N",
                        help="start of the random numbers, as torch.manual_seed(N) [0]")
    parser.add_argument("--steps", type=count, metavar="N", help="training steps [10 for 28 x 28 pixels, else 3]")
    parser.add_argument("--layers", type=count, nargs="?", const=1, metavar="N",
                        help="print how far apart every layer's output and gradients are in step N [1]")
    parser.add_argument("--spread", type=count, metavar="N",
                        help="compare PyTorch with itself instead, N times, each time from other last digits")
    parser.add_argument("--batch-size", type=count, metavar="N", help="images a step [the book's]")
    parser.add_argument("--limit-train", type=count, metavar="N", help="only the first N training images [all]")
    parser.add_argument("--backend", metavar="NAME", help="rung of the ladder [the best one present]")
    parser.add_argument("--data", metavar="DIR", help="folder with the four Fashion-MNIST files [the usual places]")
    parser.add_argument("--out", metavar="DIR", help="keep the files of the comparison there [a temporary folder]")
    parser.add_argument("--program", metavar="FILE", help="a built program [built and started by ./cnn run]")
    parser.add_argument("--install", action="store_true",
                        help=f"put PyTorch into {ENVIRONMENT.relative_to(ROOT)} first: several GB")
    args = parser.parse_args(argv)
    args.steps = args.steps or args.net.steps
    return args


def missing_modules(python):
    found = subprocess.run([python, "-c", f"import importlib.util as u; print(*[m for m in {NEEDED} if not u.find_spec(m)])"],
                           capture_output=True, text=True, check=True)
    return found.stdout.split()


def install():
    print(f"installing PyTorch into {ENVIRONMENT}: several GB, some minutes", flush=True)
    pip = [str(ENVIRONMENT / "bin" / "pip"), "install", "torch", "torchvision", "safetensors"]
    for command in ([sys.executable, "-m", "venv", str(ENVIRONMENT)], pip):
        if subprocess.run(command, check=False).returncode != 0:
            raise CannotCompare(f"`{' '.join(command)}` failed; remove {ENVIRONMENT} and try again")


def go_on_with_pytorch(args):
    """Returns in a Python that has PyTorch: this one, or another one that starts over with the same arguments."""
    own = ENVIRONMENT / "bin" / "python"
    if args.install and not (own.exists() and not missing_modules(str(own))):
        install()
    if all(importlib.util.find_spec(module) for module in NEEDED):
        return
    chosen = os.environ.get("TORCH_PYTHON") or (str(own) if own.exists() else None)
    if not chosen:
        raise CannotCompare(
            "this Python has no PyTorch; set TORCH_PYTHON to one that has, or make one, which takes several GB: "
            f"python3 -m venv build/torch && build/torch/bin/pip install torch torchvision safetensors "
            "(--install does it)")
    try:
        missing = missing_modules(chosen)
    except (OSError, subprocess.CalledProcessError):
        raise CannotCompare(f"{chosen} is no Python that runs; set TORCH_PYTHON to one with PyTorch") from None
    if missing:
        raise CannotCompare(f"{chosen} lacks {', '.join(missing)}; install them: {chosen} -m pip install "
                            f"{' '.join('pillow' if m == 'PIL' else m for m in missing)}")
    os.execv(chosen, [chosen, __file__, *sys.argv[1:]])


def find_data(given):
    """The folder of the images, looked for where the program looks."""
    places = [given or os.environ.get("CNN_DATA")]
    if not places[0]:
        places = ["/usr/share/datasets/fashion-mnist", ROOT / "data" / "fashion-mnist"]
    for place in map(pathlib.Path, places):
        if any((place / f"train-images-idx3-ubyte{packed}").is_file() for packed in ("", ".gz")):
            return place.resolve()
    raise CannotCompare(f"there is no Fashion-MNIST in {' or '.join(map(str, places))}; get it with `apt-get install "
                        "dataset-fashion-mnist` or data/fetch_fashion_mnist.sh, or name its folder with --data")


def main(argv):
    args = parse(argv)
    args.data = find_data(args.data)
    go_on_with_pytorch(args)
    from pytorch.comparison import compare, show_spread  # noqa: needs PyTorch
    work = show_spread if args.spread else compare
    if args.out:
        folder = pathlib.Path(args.out).resolve()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise CannotCompare(f"the folder {folder} is not empty; choose another --out")
        except OSError as error:
            raise CannotCompare(f"--out {folder} cannot be used: {error.strerror}; choose another") from None
        return work(args, folder)
    with tempfile.TemporaryDirectory(prefix="parity_") as folder:
        return work(args, pathlib.Path(folder))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotCompare as problem:
        print(f"error: {problem}", file=sys.stderr)
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
    sys.exit(2)
