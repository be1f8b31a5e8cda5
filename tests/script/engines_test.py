#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./cnn bench engines with the engines themselves: two small networks give the same logits there and here, and a network with
other weights is found. usage: engines_test.py FOLDER_OF_PROGRAMS; exit status 77: the engines are not installed."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = "import numpy, onnxruntime, openvino"


def find_python():
    """Of the places in which ./cnn bench engines looks."""
    for python in (os.environ.get("ENGINES_PYTHON"), sys.executable, ROOT / "build/engines/bin/python"):
        try:
            if python and subprocess.run([python, "-c", MODULES], capture_output=True, check=False).returncode == 0:
                return str(python)
        except OSError:
            pass
    return None


def bench(python, programs, folder, *options):
    command = [python, "-B", str(ROOT / "tools/engines/bench.py"), "--programs", str(programs), "--rounds", "1", "--steps", "1",
               "--seconds", "0", "--batch-size", "4", "--json", str(folder / "engines.json"), "--markdown",
               str(folder / "engines.md"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr, sep="\n")
    return done


def main():
    programs = pathlib.Path(sys.argv[1])
    python = find_python()
    if not python:
        print("skipped: onnxruntime and openvino are not installed (./cnn bench engines --yes)")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = bench(python, programs, folder, "--net", "lenet", "batch_norm")
        assert done.returncode == 0, done.returncode
        cells = json.loads((folder / "engines.json").read_text(encoding="utf-8"))["cells"]
        assert [(c["net"], c["batch_size"], len(c["engines"])) for c in cells] == [
            ("lenet", 1, 2), ("lenet", 4, 3), ("batch_norm", 1, 2), ("batch_norm", 4, 3)], cells
        for cell in cells:
            for side in (cell["ours"], *cell["engines"].values()):
                assert side["median_seconds"] > 0, cell
            assert all(0 <= side["difference"] <= 1e-5 for side in cell["engines"].values()), cell  # rounding alone

        # Here bench_nets is not given the weights that the engines have.
        other = folder / "bin"
        other.mkdir()
        (other / "lenet").symlink_to(programs / "lenet")
        (other / "bench_nets").write_text(
            f"#!/bin/bash\nfor o; do [ \"$p\" = --load ] || [ \"$o\" = --load ] || a+=(\"$o\"); p=$o; done\n"
            f"exec '{programs / 'bench_nets'}' \"${{a[@]}}\"\n", encoding="utf-8")
        (other / "bench_nets").chmod(0o755)
        done = bench(python, other, folder, "--net", "lenet")
        assert done.returncode == 1 and "error: the outputs differ" in done.stderr, done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
