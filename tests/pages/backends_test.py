#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The list of operations on the page on backends, in both languages, names each one of backend.hpp once, in its order."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def operations(header):
    """Names of the operations that a backend has, in the order of the header."""
    body = header[header.index("class Backend {"):]
    names = re.findall(r"virtual void (\w+)\(", body[:body.index("\n};")])
    assert len(names) > 15, names
    return names


def listed(page):
    """Names in the first column of the list, in the order of the page."""
    section = page[page.index("{#backends_list}"):]
    return re.findall(r"^\| `(\w+)` \|", section[:section.index("\n## ")], re.MULTILINE)


header = (ROOT / "common/backend/backend.hpp").read_text(encoding="utf-8")
for name in ("backends.md", "backends.zh.md"):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert listed(page) == operations(header), (name, set(listed(page)) ^ set(operations(header)))
    row = next(line for line in page.splitlines() if line.startswith("| `softmax` |"))
    assert listed(page.replace(row + "\n", "")) != operations(header)  # a missing row and a doubled one are found
    assert listed(page.replace(row, row + "\n" + row)) != operations(header)
assert operations(header.replace("virtual void softmax(", "virtual void soft_max(")) != operations(header)
