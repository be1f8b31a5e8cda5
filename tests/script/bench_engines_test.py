# SPDX-License-Identifier: MIT
"""./cnn bench engines with made-up turns: their order, lost cells, means, tables, outputs that differ. Needs no engine."""
import argparse
import contextlib
import io
import json
import math
import pathlib
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "tools" / folder) for folder in ("engines", "bench")]
import bench  # noqa: E402
from report import groups, report, summary  # noqa: E402
from turns import Failure, exit_status, run_program  # noqa: E402


def cell(net, batch_size, ours, **engines):
    return {"net": net, "batch_size": batch_size, "image_size": 28, "ours": {"median_seconds": ours, "gflops": 1 / ours},
            "engines": {name: {"median_seconds": time, "difference": 1e-6} for name, time in engines.items()}}


# --- the report ---
won = cell("lenet", 1, 1, A=8, B=2)
lost = cell("nin", 1, 4, A=2, B=8)
batch = cell("nin", 128, 1, A=9, B=5, C=3)
result = summary([won, lost, batch])
assert abs(result["geometric_mean"]["One image at a time"] - 1) < 1e-12, result  # 2 and 1/2
assert abs(result["geometric_mean"]["Batches"] - 3) < 1e-12, result
assert result["lost"] == ["nin, batch 1: A is 2.00 times as fast as we are"], result
assert result["differences"] == [] and list(groups([batch])) == ["Batches"]
text = report([won, lost, batch], {"cpu": "a processor"})
assert " 0.50 lost |" in text and text.count(" lost |") == 1, text
assert "Lost:\n\n- nin, batch 1: A is 2.00" in text and "No cell is lost" not in text, text
assert "time over ours: 1.00." in text and "time over ours: 3.00." in text, text
assert text.index("**One image at a time**") < text.index("| lenet |") < text.index("**Batches**"), text
assert "No cell is lost" in report([won, batch], {}) and " lost |" not in report([won, batch], {})
assert "|         - |" not in text and "| C ms |" not in text.split("**Batches**")[0], text
for apart in (2e-4, math.nan, math.inf):
    batch["engines"]["B"]["difference"] = apart
    assert summary([won, batch])["differences"] == [f"nin, batch 128: B is {apart:.1e} of the largest logit away from us"]
    assert "mean nothing:\n\n- nin, batch 128: B" in report([won, batch], {})

# --- logits ---
assert bench.difference([[1.0, -4.0]], [[1.0, -4.0]]) == 0
assert bench.difference([[1.0, -4.0], [0.0, 0.0]], [[1.0, -4.0], [0.0, 0.5]]) == 0.125
assert math.isnan(bench.difference([[1.0, 2.0]], [[math.nan, 2.0]]))
assert bench.difference([[1.0], [2.0]], [[1.0]]) == math.inf  # an image is missing
assert bench.difference([[0.0]], [[0.5]]) == 0.5


# --- turns ---
class MadeUp(bench.Network):
    """Takes no time and computes nothing. An engine takes as many milliseconds as its name has letters."""

    asked = []
    is_wrong = False  # OpenVINO in several parts

    def write(self):
        self.asked.append(f"{self.net} as ONNX")

    def dump(self, batch_size):
        record = self.our_turn(batch_size)
        return self.folder / str(record["batch_size"]), [[2.0, 1.0]] * record["batch_size"], record

    def our_turn(self, batch_size, *options):
        self.asked.append(f"ours {batch_size}")
        return {"batch_size": batch_size or 16, "image_size": 28, "rung": "simd", "threads": 2,
                "inference": {"median_seconds": 0.001 * (batch_size or 16), "gflops": 5}}

    def engine_turn(self, name, images):
        self.asked.append(name)
        wrong = name == "OpenVINO throughput" and self.is_wrong
        return {"median_seconds": len(name) / 1000, "threads": 2, "parts": 1, "version": "1.2.3",
                "logits": [[2.0, 1.5 if wrong else 1.00001]] * int(images.name)}


def run(folder, **options):
    """Exit status, what is printed, and the results."""
    arguments = argparse.Namespace(**{"net": ["lenet"], "rounds": 2, "warm_up": 1, "steps": 1, "seconds": 0.0, "threads": 2,
                                      "batch_size": None, "programs": folder, "json": folder / "new" / "engines.json",
                                      "markdown": folder / "engines.md", **options})
    MadeUp.asked.clear()
    console = io.StringIO()
    with contextlib.redirect_stdout(console), contextlib.redirect_stderr(console):
        status = exit_status(lambda: bench.run(arguments))
    assert arguments.markdown.read_text(encoding="utf-8") in console.getvalue(), console.getvalue()
    return status, console.getvalue(), json.loads(arguments.json.read_text(encoding="utf-8"))


bench.Network = MadeUp
with tempfile.TemporaryDirectory() as name:
    status, text, results = run(pathlib.Path(name))
    assert status == 0, text
    engines = ["ONNX Runtime", "OpenVINO"]
    many = [*engines, "OpenVINO throughput"]
    assert MadeUp.asked == ["lenet as ONNX", "ours 1", "ours 1", *engines, *engines[::-1], "ours 1",
                            "ours None", "ours 16", *many, *many[::-1], "ours 16"], MadeUp.asked
    one, batch = results["cells"]
    assert (one["batch_size"], batch["batch_size"]) == (1, 16)
    assert one["engines"]["OpenVINO"]["turns_seconds"] == [0.008, 0.008] and one["ours"]["gflops"] == 5, one
    assert results["lost"] == ["lenet, batch 16: OpenVINO is 2.00 times as fast as we are"], results["lost"]
    assert results["about"]["ONNX Runtime"] == "1.2.3" and results["about"]["cpu"] and results["settings"]["threads"] == 2

    MadeUp.is_wrong = True
    status, text, results = run(pathlib.Path(name), net=["lenet", "vgg"])
    assert status == 1, text
    assert "error: the outputs differ by more than rounding, first: lenet, batch 16: OpenVINO throughput is 2.5e-01" in text, text
    assert "The outputs differ, so these times mean nothing:" in text, text
    assert len(results["cells"]) == 4 and len(results["differences"]) == 2, results

    status, text, results = run(pathlib.Path(name), batch_size=1)
    assert status == 0 and len(results["cells"]) == 1, text

try:
    run_program([sys.executable, "-c", "raise ValueError('no such operator')"], "vgg in OpenVINO")
    raise AssertionError("a program that fails is no failure")
except Failure as failure:
    assert str(failure) == "vgg in OpenVINO failed: ValueError: no such operator", failure
