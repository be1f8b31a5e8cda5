#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares each Chinese page (NAME.zh.md) with the English one beside it (NAME.md).

Both must have the same anchors, snippets, formulas and figures. The last line of a Chinese page keeps the SHA-256 of the English
page it was translated from, <!-- english: ... -->; where that page has changed since, the translation lags, which is said but
is no error.

Exit status: 0 twins agree (some may lag), 1 they differ.
"""
import argparse
import hashlib
import pathlib
import re
import sys
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parents[1]
STAMP = re.compile(r"\n*<!-- english: ([0-9a-f]*) -->\s*\Z")


def for_both(page):
    """True for a page whose title is in both languages: it has no twin."""
    return re.match(r"#.*[\u4e00-\u9fff]", page.read_text(encoding="utf-8"))


def twins(root):
    """Pairs (English page, Chinese page); the second may not exist."""
    pages = sorted(root.glob("docs/*.md")) + sorted(root.glob("chapters/*/tutorial.md"))
    return [(page, page.with_suffix(".zh.md")) for page in pages if not page.name.endswith(".zh.md") and not for_both(page)]


def digest(page):
    return hashlib.sha256(page.read_bytes()).hexdigest()


def squeezed(formula):
    """A formula without spaces and without the words in it, which are translated."""
    return re.sub(r"\s+", "", re.sub(r"\\text\{[^{}]*\}", r"\\text{}", formula))


def without_code(text):
    return re.sub(r"`[^`\n]+`", "", re.sub(r"(?ms)^```.*?^```$", "", text))


def parts(text):
    """What twins have in common: kind of thing → list of things."""
    prose = without_code(text)
    dots = re.findall(r"(?ms)^\\dot\b.*?\n(.*?)^\\enddot", text)
    return {
        "anchors": re.findall(r"\{#(\w+)\}", text) + re.findall(r"\\anchor (\w+)", text),
        "snippets": re.findall(r"(?m)^\\((?:snippet|include|verbinclude)(?:\{\w+\})? .*?)\s*$", text),
        "formulas": [squeezed(f) for f in re.findall(r"(?s)\\f\[(.*?)\\f\]", prose)],
        # A sentence may name a thing once more, or in another order.
        "formulas in the text": sorted({squeezed(f) for f in re.findall(r"(?s)\\f\$(.*?)\\f\$", prose)}),
        "figures": re.findall(r"(?m)^\\(image html \S+|htmlinclude(?:\[block\])? \S+)", text),
        "graphs": ["; ".join(sorted(re.findall(r"\w+ *-> *\w+", d))).replace(" ", "") for d in dots],
        "blocks of commands": [re.sub(r"#.*|\s+", "", b) for b in re.findall(r"(?ms)^```sh\n(.*?)^```$", text)],
    }


def differences(english, chinese):
    """Lines that say what one page has and the other has not."""
    found = []
    ours, theirs = parts(english), parts(chinese)
    for kind, expected in ours.items():
        got = theirs[kind]
        missing, extra = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
        found += [f"{kind}: not in the Chinese page: {thing}" for thing in missing.elements()]
        found += [f"{kind}: only in the Chinese page: {thing}" for thing in extra.elements()]
        if expected != got and not missing and not extra:
            found.append(f"{kind}: in another order")
    return found


def check(root):
    bad = lagging = absent = 0
    for english, chinese in twins(root):
        name = chinese.relative_to(root)
        if not chinese.exists():
            absent += 1
            print(f"not translated: {english.relative_to(root)}")
            continue
        text = chinese.read_text(encoding="utf-8")
        for line in differences(english.read_text(encoding="utf-8"), text):
            bad += 1
            print(f"{name}: {line}")
        stamp = STAMP.search(text)
        if not stamp or stamp[1] != digest(english):
            lagging += 1
            print(f"lags: {name}" + ("" if stamp else " (it does not say which English page it translates)"))
    print(f"{bad} differences, {lagging} pages lag, {absent} are not translated")
    return 1 if bad else 0


def update(root, files):
    wanted = {pathlib.Path(f).resolve() for f in files}
    for english, chinese in twins(root):
        if not chinese.exists() or (wanted and not wanted & {chinese.resolve(), english.resolve()}):
            continue
        text = chinese.read_text(encoding="utf-8")
        stamped = STAMP.sub("", text).rstrip() + f"\n\n<!-- english: {digest(english)} -->\n"
        if stamped != text:
            chinese.write_text(stamped, encoding="utf-8")
            print(f"updated: {chinese.relative_to(root)}")


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the twins (the default)")
    parser.add_argument("--update", nargs="*", metavar="PAGE",
                        help="say that these Chinese pages (all, if none is named) translate the English ones as they are now")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.update is not None:
        update(options.root, options.update)
        if not options.check:
            return 0
    return check(options.root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
