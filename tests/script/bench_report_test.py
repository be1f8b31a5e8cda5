# SPDX-License-Identifier: MIT
"""Means, losses and tables of ./cnn bench pytorch, from made-up records."""
import math
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "tools" / folder) for folder in ("pytorch", "bench")]
from bench_report import report, summary  # noqa: E402


def side(seconds, mebibytes):
    phase = {"median_seconds": seconds, "peak_bytes": mebibytes * 2**20, "gflops": 1 / seconds}
    return {"start_bytes": 0, "training": phase, "inference": phase}


def record(net, ours, default, tuned, compiled):
    return {"net": net, "batch_size": 4, "image_size": 28, "ours": ours,
            "pytorch": {"default": default, "malloc": tuned, "compile": compiled}}


faster = record("lenet", side(1, 100), side(8, 300), side(2, 200), side(4, 300))
slower = record("nin", side(4, 250), side(8, 300), side(2, 200), side(16, 300))

result = summary([faster, slower])
means = result["geometric_mean"]["training"]
assert abs(means["best"] - 1) < 1e-12, means  # 2 and 1/2
assert abs(means["default"] - 4) < 1e-12, means  # 8 and 2
assert abs(means["compile"] - 4) < 1e-12, means  # 4 and 4
assert result["where_we_lose"] == [
    f"nin, {phase}: {text}" for phase in ("training", "inference")
    for text in ("PyTorch (malloc) is 2.00 times as fast as we are",
                 "we need 1.25 times the memory of PyTorch's leanest configuration")], result["where_we_lose"]
assert summary([faster])["where_we_lose"] == []

one_image = {"start_bytes": 0, "training": None, "inference": side(1, 100)["inference"]}
only_inference = record("batch_norm", *([one_image] * 4))
result = summary([faster, only_inference])
assert abs(result["geometric_mean"]["training"]["best"] - 2) < 1e-12, result
assert abs(result["geometric_mean"]["inference"]["best"] - math.sqrt(2)) < 1e-12, result
text = report([only_inference], {})
assert "**Training**\n\nNot possible with such batches.\n\n**Inference**" in text, text
assert text.count("| batch_norm |") == 1, text

text = report([faster, slower], {"cpu": "a processor"})
assert "| lenet |     4 |   28 |    8000.00 |" in text, text
assert "We lose nowhere" not in text and "We lose nowhere" in report([faster], {})
