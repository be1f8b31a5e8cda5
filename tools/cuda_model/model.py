#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the kernels of the rung cuda should cost, worked out without a card: from the machine code that nvcc makes of them, from
what the emulation counts, and from data sheets. Writes tables; with --check only says whether the kernels are what they should be.

Exit status: 0 all is well, 1 a kernel is not what it should be, 77 a tool is missing.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import machine_code
from machine_code import Missing, ROOT, SOURCES

HERE = pathlib.Path(__file__).resolve().parent

# Cards in the order of occupancy.cpp: architecture whose machine code runs there, multiprocessors, GHz at most.
Card = collections.namedtuple("Card", "name architecture multiprocessors ghz")
CARDS = (Card("RTX 3060", 86, 28, 1.777), Card("RTX 4090", 86, 128, 2.520), Card("RTX A6000", 86, 84, 1.800),
         Card("H100", 90, 132, 1.980), Card("H200", 90, 132, 1.980))
A6000 = CARDS[2]

# What a multiprocessor does in a cycle: instructions of warps, and of these multiplications; requests to its first-level cache.
ISSUED, MULTIPLIED, ANSWERED = 4, 4, 1

# GFLOP/s of a product of matrices on an A6000, published by S. Boehm, "How to Optimize a CUDA Matmul Kernel for cuBLAS-like
# Performance" (2022), for kernels like ours; and percent of cuBLAS.
PUBLISHED = {("naive", "linear"): (309.0, 1.3), ("naive", "linear input"): (1986.5, 8.5),
             ("tiled", "linear input"): (2980.3, 12.8), ("registers", "linear input"): (15971.7, 68.7),
             ("vectors", "linear input"): (18237.3, 78.4)}
# Part that multiplications have at least of the loop of `vectors`, for compute capability 8.6.
SHARE = {"linear": 0.88, "linear input": 0.88, "linear weight": 0.88,
         "convolution": 0.80, "convolution input": 0.80, "convolution weight": 0.80}

BOUND = """
The bound is what the slowest of three units allows: issuing the instructions of the loop, multiplying, and answering requests to the
first-level cache and to shared memory. It knows nothing of the time that memory takes to answer.
"""

# Pass → operands in the names of kernels.
OPERANDS = {"linear": "Product<Matrix<k>, Matrix<k>, RowResult>", "linear input": "Product<Matrix<k>, Matrix<lines>, RowResult>",
            "linear weight": "Product<Matrix<lines>, Matrix<lines>, Partial>",
            "convolution": "Product<Matrix<k>, Windows<false>, ImageResult>",
            "convolution input": "Product<FlippedWeight<true>, Windows<false>, ImageResult>",
            "convolution weight": "Product<Channels, WindowsOfTaps, Partial>"}


def find(kernels, counts):
    """The kernel that was counted."""
    for name, kernel in kernels.items():
        if name.startswith("multiply_" + counts["kernel"]) and OPERANDS[counts["pass"]] in name:
            return kernel
    raise SystemExit(f"cuda_model: ladder.cu has no kernel {counts['kernel']} for {counts['pass']}")


def wavefronts(kernel, counts):
    """Of shared memory, for a multiplication of a warp. nvcc may read several numbers by one instruction where the source says
    one; then no more is known than that each instruction takes one, and each 32 words."""
    loads, each = counts["shared_loads"], counts["multiplications"]
    instructions = sum(kernel.shared_loads().values()) / kernel.multiplications
    counted = loads["wavefronts"] / each
    if instructions < 0.9 * loads["requests"] / each:
        counted = max(instructions, loads["words"] / 32 / each)
    return counted + counts["shared_stores"]["wavefronts"] / each


def cycles(kernel, counts):
    """What a multiplication of a warp takes of a multiprocessor, by the unit that does it."""
    lines = counts["loads"]["lines"] / counts["multiplications"]
    return {"issue": len(kernel.loop) / kernel.multiplications / ISSUED, "FFMA": 1 / MULTIPLIED,
            "L1 and shared memory": (lines + wavefronts(kernel, counts)) / ANSWERED}


def bound(kernel, counts, card):
    """The bound in GFLOP/s, and the unit that says so."""
    all_units = cycles(kernel, counts)
    unit = max(all_units, key=all_units.get)
    return 64 / all_units[unit] * card.multiprocessors * card.ghz, unit


def occupancies(kernels_with_blocks, folder):
    """Percent for each card, for each (registers, shared bytes, threads)."""
    include = pathlib.Path(machine_code.tool("nvcc")).resolve().parents[1] / "include"
    program = pathlib.Path(folder) / "occupancy"
    machine_code.run("g++", "-std=c++20", "-isystem", include, HERE / "occupancy.cpp", "-o", program)
    lines = machine_code.run(program, text="".join("%d %d %d\n" % block for block in kernels_with_blocks))
    return [list(map(int, line.split())) for line in lines.splitlines()]


def check(ladder, counted):
    """Complaints about the kernels, none if all is well."""
    complaints = []
    for architecture, kernels in ladder.items():
        for counts in counted:
            kernel, name = find(kernels, counts), f"{counts['kernel']}, {counts['pass']}, sm_{architecture}"
            if kernel.spilled or kernel.stack:
                complaints.append(f"{name}: spills {kernel.spilled} bytes, has a stack of {kernel.stack}")
            if counts["kernel"] != "vectors":
                continue
            wide = kernel.shared_loads()
            if set(wide) != {128} or kernel.multiplications < 16 * wide[128]:
                complaints.append(f"{name}: {kernel.multiplications} FFMA for shared loads {dict(wide)}")
            if kernel.registers > 128:
                complaints.append(f"{name}: {kernel.registers} registers")
            if architecture == A6000.architecture and kernel.share() < SHARE[counts["pass"]]:
                complaints.append(f"{name}: only {kernel.share():.1%} of the inner loop are FFMA")
            for memory in ("shared_loads", "shared_stores"):
                if counts[memory]["wavefronts"] != counts[memory]["ideal"]:
                    complaints.append(f"{name}: bank conflicts, {memory} {counts[memory]}")
    former = 0
    for counts in counted:
        published = PUBLISHED.get((counts["kernel"], counts["pass"]))
        if published is None:
            continue
        model, _ = bound(find(ladder[86], counts), counts, A6000)
        name = f"{counts['kernel']}, {counts['pass']}"
        if model <= former:
            complaints.append(f"{name}: a bound of {model:.0f} GFLOP/s, not above the rung below")
        if not published[0] / 3 <= model <= published[0] * 3:
            complaints.append(f"{name}: a bound of {model:.0f} GFLOP/s, published are {published[0]:.0f}")
        former = model
    return complaints


def table(words, numbers, rows):
    """A table whose columns are words, then numbers."""
    lines = ["| " + " | ".join(words + numbers) + " |", "|" + "---|" * len(words) + "---:|" * len(numbers)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def per_request(counts, what):
    return f"{counts[what] / counts['requests']:.2f} ({counts['ideal'] / counts['requests']:.2f})" if counts["requests"] else "–"


def code_table(ladder, counted, percents):
    rows = []
    for counts, percent in zip(counted, percents):
        kernel = find(ladder[86], counts)
        wide = kernel.shared_loads()
        loads = " + ".join(f"{count} × {bits}" for bits, count in sorted(wide.items())) or "–"
        ratio = f"{kernel.multiplications / sum(wide.values()):.1f}" if wide else "–"
        rows.append([counts["kernel"], counts["pass"], kernel.registers, kernel.spilled, len(kernel.loop),
                     f"{kernel.share():.1%}", f"{find(ladder[90], counts).share():.1%}", loads, ratio,
                     *(f"{p}%" for p in percent)])
    return table(["kernel", "pass"], ["registers", "spilled bytes", "instructions of the loop", "FFMA", "FFMA on 9.0",
                                      "shared loads, bits", "FFMA a shared load", *(card.name for card in CARDS)], rows)


def count_table(counted):
    return table(["kernel", "pass"],
                 ["sectors a load", "sectors a store", "wavefronts a shared load", "wavefronts a shared store"],
                 [[c["kernel"], c["pass"], per_request(c["loads"], "sectors"), per_request(c["stores"], "sectors"),
                   per_request(c["shared_loads"], "wavefronts"), per_request(c["shared_stores"], "wavefronts")] for c in counted])


def bound_table(ladder, counted):
    rows = []
    for counts in counted:
        bounds = [bound(find(ladder[card.architecture], counts), counts, card) for card in CARDS]
        published = PUBLISHED.get((counts["kernel"], counts["pass"]))
        rows.append([counts["kernel"], counts["pass"], bounds[2][1], *(f"{b:,.0f}" for b, _ in bounds),
                     f"{published[0]:,.0f} ({published[1]}%)" if published else "–"])
    return table(["kernel", "pass", "bound on the A6000 by"],
                 [*(card.name for card in CARDS), "published, A6000 (of cuBLAS)"], rows)


def other_table(folder):
    """Kernels without a loop of multiplications; all have blocks of 256 threads."""
    kernels = {}
    for source in sorted(SOURCES.glob("*.cu")):
        if "multiply.hpp" not in source.read_text(encoding="utf-8"):
            kernels.update(machine_code.compile_kernels(source, 86, folder))
    kernels.pop("nothing", None)  # with which a card is tried
    percents = occupancies([(k.registers, k.shared_bytes, 256) for k in kernels.values()], folder)
    rows = [[f"`{name.replace('for_each_kernel', 'for_each')}`", k.registers, k.spilled, k.shared_bytes,
             *(f"{p}%" for p in percent)] for (name, k), percent in zip(kernels.items(), percents)]
    return table(["kernel"], ["registers", "spilled bytes", "shared bytes", *(card.name for card in CARDS)], rows)


def section(name, title, body):
    """A part that pages include by its name."""
    return f"<!-- [{name}] -->\n\n**{title}**\n\n{body}\n<!-- [{name}] -->\n"


def report(ladder, counted, folder):
    blocks = [(find(ladder[86], c).registers, c["shared_bytes"], c["threads"]) for c in counted]
    return "\n".join([
        "Written by `tools/cuda_model/model.py --markdown docs/measured/cuda_model.md`: a model, not measured.\n",
        section("bounds", "Model, not measured: bounds in GFLOP/s", bound_table(ladder, counted) + BOUND),
        section("code", "Machine code for compute capability 8.6, and occupancy",
                code_table(ladder, counted, occupancies(blocks, folder))),
        section("counts", "Counted by the emulation in a product of 128 × 128 × 128, in brackets the ideal", count_table(counted)),
        section("others", "Kernels that are no products: machine code for compute capability 8.6, and occupancy with blocks of 256 threads",
                other_table(folder))])


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", metavar="PROGRAM", type=pathlib.Path,
                        help="built target cuda_counts [that of build/cuda-emulated, which is built first]")
    parser.add_argument("--markdown", metavar="FILE", type=pathlib.Path, help="write the tables there [print them]")
    parser.add_argument("--check", action="store_true", help="only say whether the kernels are what they should be")
    return parser.parse_args()


def built_counts():
    for command in (("--preset", "cuda-emulated"), ("--build", "--preset", "cuda-emulated", "--target", "cuda_counts")):
        subprocess.run(["cmake", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build" / "cuda-emulated" / "bin" / "cuda_counts"


def main():
    arguments = parse()
    try:
        machine_code.need_tools()
    except Missing as missing:
        print(f"skipped: {missing}")
        return 77
    counted = json.loads(machine_code.run(arguments.counts or built_counts()))
    with tempfile.TemporaryDirectory() as folder:
        architectures = {A6000.architecture} if arguments.check else {card.architecture for card in CARDS}
        ladder = {architecture: machine_code.compile_kernels(HERE / "ladder.cu", architecture, folder)
                  for architecture in sorted(architectures)}
        complaints = check(ladder, counted)
        for complaint in complaints:
            print(f"cuda_model: {complaint}", file=sys.stderr)
        if not arguments.check:
            text = report(ladder, counted, folder)
            if arguments.markdown:
                arguments.markdown.write_text(text, encoding="utf-8")
            else:
                print(text)
        elif not complaints:
            print(f"{len(counted)} kernels are what they should be")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
