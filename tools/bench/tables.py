# SPDX-License-Identifier: MIT
"""Means, and tables that can be read on a terminal and as Markdown."""
import math
import statistics


def geometric_mean(numbers):
    return math.exp(statistics.fmean(math.log(number) for number in numbers))


def markdown_table(head, rows):
    """Columns aligned: the first one left, the others right."""
    width = [max(len(line[c]) for line in [head, *rows]) for c in range(len(head))]
    lines = ["| " + " | ".join(f"{cell:<{w}}" if c == 0 else f"{cell:>{w}}"
                               for c, (cell, w) in enumerate(zip(line, width))) + " |" for line in [head, *rows]]
    lines.insert(1, "|" + "|".join("-" * (w + 2) if c == 0 else "-" * (w + 1) + ":" for c, w in enumerate(width)) + "|")
    return "\n".join(lines)
