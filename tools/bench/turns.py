# SPDX-License-Identifier: MIT
"""What the comparisons with other programs share: turns in processes of their own, how long to measure, files, options."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NETS = ("lenet", "alexnet", "vgg", "nin", "googlenet", "batch_norm", "resnet", "densenet")


class Failure(Exception):
    """Something that ends the benchmark; its text is for the user."""


# --- inside a turn ----------------------------------------------------------------------------------------------------


def measure(step, arguments):
    """Times of a step after warm-up, by the rule of bench/measure.hpp."""
    for _ in range(arguments.warm_up):
        step()
    times = []
    start = last = time.perf_counter()
    while len(times) < arguments.steps or last - start < arguments.seconds:
        step()
        end = time.perf_counter()
        times.append(end - last)
        last = end
        if len(times) == 10000:
            break
    return {"median_seconds": statistics.median(times), "steps": len(times), "peak_bytes": peak_memory()}


def peak_memory():
    """Most memory that this process has ever occupied, in bytes."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


# --- turns ------------------------------------------------------------------------------------------------------------


def run_program(command, what, environment=None):
    """What a program prints; Failure with the reason it gives if it fails."""
    try:
        done = subprocess.run(command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failure(f"{what} failed: {command[0]} cannot be started: {error.strerror}") from None
    if done.returncode == 0:
        return done.stdout
    lines = done.stderr.strip().splitlines()
    errors = [line for line in lines if line.startswith("error: ")] or lines[-1:] or [f"exit status {done.returncode}"]
    reason = errors[-1].removeprefix("error: ")
    if done.returncode == -9:
        reason = "killed, probably for its memory; give a smaller --batch-size"
    raise Failure(f"{what} failed: {reason}")


def turn(command, what, environment=None):
    """Runs one turn and returns what its last line says."""
    return json.loads(run_program(command, what, environment).splitlines()[-1])


def effort(arguments):
    """How long and with how many threads to measure, as options of a turn."""
    return ["--threads", str(arguments.threads), "--steps", str(arguments.steps), "--seconds", str(arguments.seconds)]


def our_turn(program, net, batch_size, arguments, *options):
    """A turn of bench_nets; `batch_size` None: the book's."""
    command = [str(program), "--net", net, "--record", *effort(arguments), *options]
    if batch_size:
        command += ["--batch-size", str(batch_size)]
    return turn(command, f"{net} on our side")


# --- the command ------------------------------------------------------------------------------------------------------


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def write(path, text):
    """The file appears whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}; name another file") from error


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def positive(text):
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def add_effort(p, threads, threads_text):
    """Options that say how long and with how many threads to measure."""
    p.add_argument("--steps", type=positive, default=3, metavar="N", help="measure at least N steps a turn [3]")
    p.add_argument("--seconds", type=float, default=1, metavar="X", help="measure for at least X seconds a turn [1]")
    p.add_argument("--warm-up", type=int, default=1, help=argparse.SUPPRESS)
    p.add_argument("--threads", type=positive, default=threads, metavar="N",
                   help=f"threads on both sides [{threads_text}]")


def add_files(p, name):
    """--json and --markdown, which a command of this name writes in any case."""
    for kind, end, what in (("json", "json", "results"), ("markdown", "md", "tables")):
        path = ROOT / f"build/bench/{name}.{end}"
        p.add_argument(f"--{kind}", type=pathlib.Path, default=path, metavar="FILE",
                       help=f"{what} [build/bench/{name}.{end}]")


def exit_status(command, hint=""):
    """Runs the command and turns what ends it into one sentence and an exit status."""
    try:
        command()
        return 0
    except Failure as failure:
        progress("")
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nerror: interrupted{hint}", file=sys.stderr)
        return 130
