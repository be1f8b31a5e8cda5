#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./cnn bench pytorch: the book's networks in PyTorch and here, side by side on this machine.

Both programs take turns (PyTorch, we, PyTorch, we ...), each turn in a process of its own, so that a machine that slows
down slows both and the peak of the memory is that of one program. Needs the program bench_nets, see --programs.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from turns import (NETS, ROOT, add_effort, add_files, cpu_name, effort, exit_status, measure, our_turn,  # noqa: E402
                   peak_memory, positive, progress, turn, write)
from bench_report import PHASES, report, summary  # noqa: E402

# The three settings with which glibc keeps the memory that a step will want again in the next.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_TOP_PAD_": "67108864"}

# Ways to run PyTorch: options of the worker, environment.
CONFIGURATIONS = {
    "default": ([], {}),
    "channels_last": (["--channels-last"], {}),
    "malloc": ([], MALLOC),
    "channels_last + malloc": (["--channels-last"], MALLOC),
    "compile": (["--channels-last", "--compile"], MALLOC),
}


# --- one turn of PyTorch, in a process of its own ---------------------------------------------------------------------


def load_everything(torch):
    """A step of the smallest network, so that libraries loaded on first use do not count as the network's memory."""
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1), torch.nn.ReLU())
    adam = torch.optim.Adam(net.parameters())
    net(torch.zeros(1, 1, 2, 2)).sum().backward()
    adam.step()


def work(arguments):
    """Measures one network in this process and prints one line of JSON. Inference first: the peak only grows."""
    import torch
    from networks import NETWORKS
    from torch.nn import functional

    torch.set_num_threads(arguments.threads)
    load_everything(torch)
    start_bytes = peak_memory()
    torch.manual_seed(0)
    layout = torch.channels_last if arguments.channels_last else torch.contiguous_format
    net = NETWORKS[arguments.net[0]]().to(memory_format=layout)
    images = torch.rand(arguments.batch_size, 1, arguments.image_size, arguments.image_size).to(memory_format=layout)
    labels = torch.arange(arguments.batch_size) % 10
    adam = torch.optim.Adam(net.parameters(), lr=0.001)
    run = torch.compile(net) if arguments.compile else net

    def infer():
        with torch.inference_mode():
            run(images)

    def train():
        loss = functional.cross_entropy(run(images), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        loss.item()

    net.eval()
    result = {"inference": measure(infer, arguments)}
    net.train()
    try:
        result["training"] = measure(train, arguments)
    except ValueError as error:  # of batch normalization, in a batch of one
        if "more than 1 value per channel" not in str(error):
            raise
        result["training"] = None
    result["start_bytes"] = start_bytes
    result["torch"] = torch.__version__
    result["onednn"] = torch.backends.mkldnn.is_available()
    result["threads"] = torch.get_num_threads()
    result["cpu_capability"] = torch.backends.cpu.get_cpu_capability()
    print(json.dumps(result))


# --- the driver, which takes turns ------------------------------------------------------------------------------------


def pytorch_turn(net, configuration, sizes, arguments):
    options, environment = CONFIGURATIONS[configuration]
    command = [sys.executable, __file__, "--worker", "--net", net, *effort(arguments),
               "--batch-size", str(sizes["batch_size"]), "--image-size", str(sizes["image_size"]), *options]
    return turn(command, f"{net} in PyTorch ({configuration})", environment)


def median_of(turns):
    """One record from several turns: medians of the times, the largest peak."""
    record = {"start_bytes": max(t["start_bytes"] for t in turns)}
    for phase in PHASES:
        record[phase] = None if any(t[phase] is None for t in turns) else {
            "median_seconds": statistics.median(t[phase]["median_seconds"] for t in turns),
            "turns_seconds": [t[phase]["median_seconds"] for t in turns],
            "peak_bytes": max(t[phase]["peak_bytes"] for t in turns)}
    return record


def compare(net, configurations, arguments):
    """Takes turns on one network; also returns what the programs say about themselves."""
    ours, theirs = [], {name: [] for name in configurations}

    def our_side():
        return our_turn(arguments.programs / "bench_nets", net, arguments.batch_size, arguments)

    sizes = our_side()  # not counted: it says the book's sizes, and wakes the machine
    for done in range(arguments.rounds):
        for name in configurations:
            progress(f"{net}, round {done + 1} of {arguments.rounds}, {name}")
            theirs[name].append(pytorch_turn(net, name, sizes, arguments))
            ours.append(our_side())
    last = theirs[configurations[0]][-1]
    about = {"torch": last["torch"], "torch_threads": last["threads"], "torch_cpu": last["cpu_capability"],
             "onednn": last["onednn"], "our_rung": sizes["rung"], "our_threads": sizes["threads"]}
    record = {"net": net, "batch_size": sizes["batch_size"], "image_size": sizes["image_size"],
              "ours": median_of(ours), "pytorch": {name: median_of(turns) for name, turns in theirs.items()}}
    for phase in PHASES:
        if sizes[phase] is None:
            continue
        gflop = sizes[phase]["gflops"] * sizes[phase]["median_seconds"]
        for side in (record["ours"], *record["pytorch"].values()):
            side[phase]["gflops"] = gflop / side[phase]["median_seconds"]
    return record, about


def settings(arguments, configurations):
    return {"rounds": arguments.rounds, "warm_up": arguments.warm_up, "steps": arguments.steps,
            "seconds": arguments.seconds, "threads": arguments.threads, "python": sys.version.split()[0],
            "configurations": {name: {"options": CONFIGURATIONS[name][0], "environment": CONFIGURATIONS[name][1]}
                               for name in configurations}}


def run(arguments):
    configurations = [name for name in CONFIGURATIONS if name != "compile" or not arguments.no_compile]
    records, about = [], {}
    for net in arguments.net or NETS:
        record, about = compare(net, configurations, arguments)
        records.append(record)
        about = {"cpu": cpu_name(), **about}
        results = {"about": about, "settings": settings(arguments, configurations), "networks": records,
                   **summary(records)}
        write(arguments.json, json.dumps(results, indent=2) + "\n")  # after each network: an interruption loses one
        write(arguments.markdown, report(records, about))
    progress("")
    print(report(records, about))
    print(f"wrote {arguments.json} and {arguments.markdown}")


def parse():
    p = argparse.ArgumentParser(
        prog="./cnn bench pytorch", description="The book's networks in PyTorch and here, in turns, on this machine.",
        epilog="Needs PyTorch, of the Python in TORCH_PYTHON, of python3 or of build/torch; --yes installs it there.")
    p.add_argument("--net", action="append", choices=NETS, help="only these networks (may be repeated) [all eight]")
    p.add_argument("--rounds", type=positive, default=3, metavar="N", help="turns of each configuration [3]")
    add_effort(p, len(os.sched_getaffinity(0)), "all processors")
    p.add_argument("--batch-size", type=positive, metavar="N", help="images a step [the book's]")
    p.add_argument("--no-compile", action="store_true", help="leave out torch.compile, which needs a C++ compiler")
    add_files(p, "pytorch")
    p.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release/bin", help=argparse.SUPPRESS)
    for name in ("--worker", "--channels-last", "--compile"):
        p.add_argument(name, action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--image-size", type=positive, help=argparse.SUPPRESS)
    return p.parse_args()


def main():
    arguments = parse()
    if arguments.worker:
        work(arguments)
        return 0
    return exit_status(lambda: run(arguments), f"; what is done is in {arguments.json}")


if __name__ == "__main__":
    sys.exit(main())
