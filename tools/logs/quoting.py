# SPDX-License-Identifier: MIT
"""Numbers of the logs within the text of a page, between two comments that say whose they are:

    <!-- log alexnet/quick/seed0 test -->0.590<!-- end -->

A name may end in seed*, for the least and the greatest of all seeds; book/lenet is what the book prints. While there is no such
log the text stays as it is.
"""
import re

from logs.log import ROOT, is_a_log
from logs.published import read_book

QUOTE = re.compile(r"(<!-- log (\S+) (\S+) -->)(.*?)(<!-- end -->)", re.S)
PAGES = ("README*.md", "docs/*.md", "chapters/*/*.md")
CHAPTERS = {"lenet": "05_lenet", "alexnet": "06_alexnet", "vgg": "07_vgg", "nin": "08_nin", "googlenet": "09_googlenet",
            "batch_norm": "10_batch_norm", "resnet": "11_resnet", "densenet": "12_densenet"}
LAST = {"loss": "loss", "train": "train_accuracy", "test": "test_accuracy"}


class BadQuote(Exception):
    """One sentence that says which page is wrong, and what to do."""


def three(value):
    return f"{value + 1e-9:.3f}"  # 1.7885 is 1.789


def value_of(field, logs):
    """What a page says about one log, or about those of several seeds."""
    if field in LAST:
        found = sorted(three(log.epochs[-1][LAST[field]]) for log in logs)
        return found[0] if found[0] == found[-1] else f"{found[0]} – {found[-1]}"
    if field == "seeds":
        return str(len(logs))
    log = logs[0]
    return log.record["commit"] if field == "commit" else f"{log.images} × {len(log.epochs)}, {log.record['batch_size']}"


def logs_of(name, logs):
    """The logs that a quote means; an error if its name can be none."""
    printed = [run for run in read_book() if name == f"book/{run.net}" + (f"/{run.kind}" if run.kind else "")]
    if printed:
        return printed
    if not is_a_log(name.replace("seed*", "seed0")):
        raise BadQuote(f"\"{name}\" is no log; the names are those of the folders in results/, such as lenet/seed0")
    if not name.endswith("seed*"):
        return [logs[name]] if name in logs else []
    return [log for other, log in logs.items() if other.rsplit("/", 1)[0] == name.rsplit("/", 1)[0]]


def quoted(text, logs):
    """The text with the numbers of the logs, and the names of those that are not there yet."""
    absent = []

    def replaced(found):
        before, name, field, _, after = found.groups()
        if field not in (*LAST, "size", "commit", "seeds"):
            raise BadQuote(f"\"{field}\" is nothing a log has; it is one of {', '.join((*LAST, 'size', 'commit', 'seeds'))}")
        wanted = logs_of(name, logs)
        if not wanted:
            absent.append(name)
            return found[0]
        return before + value_of(field, wanted) + after
    return QUOTE.sub(replaced, text), absent


def pages(root=ROOT):
    return sorted(page for pattern in PAGES for page in root.glob(pattern))


def must_quote(root=ROOT):
    """Which pages have to take which numbers from the logs: those that tell how a training ends."""
    wanted = []
    for net, chapter in CHAPTERS.items():
        kind = "/scratch" if net == "batch_norm" else ""
        for name in (f"book/{net}{kind}", f"{net}{kind}/seed0"):
            wanted += [(root / page, name, "test") for page in ("README.md", "README.zh-CN.md")]
        quick = [root / "docs/chapters.md", root / "docs/chapters.zh.md", root / "chapters" / chapter / "README.md"]
        if net not in ("lenet", "batch_norm"):  # by default those run the book's settings
            wanted += [(page, f"{net}/quick/seed0", "test") for page in quick]
    return wanted


def unquoted(root=ROOT):
    """Pages that lack a number they have to take from a log."""
    return [f"{page.relative_to(root)} does not take its number from {name}: put <!-- log {name} {field} --> before it and "
            "<!-- end --> behind it" for page, name, field in must_quote(root)
            if (name, field) not in [(q[1], q[2]) for q in QUOTE.findall(page.read_text(encoding="utf-8"))]]
