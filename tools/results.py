#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the logs in results/ say, in the pages.

results.py --check                    whether the logs are whole, and the numbers in README, chapters and docs are theirs
results.py --update                   writes these numbers
results.py --tables FOLDER            the tables of docs/results.md, FOLDER/en/NET.md and FOLDER/zh/NET.md
results.py --keep RUN FOLDER --command TEXT
                                      copies the log of a finished run into a folder of results/
results.py --compare KEPT FRESH       whether two metrics.jsonl hold the same run, apart from times and memory

Exit status: 0 all agree, 1 they do not.
"""
import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools")]
import translations  # noqa: E402
from logs import keeping, presets, quoting, tables  # noqa: E402
from logs.log import BadLog, read_logs  # noqa: E402


def write_pages(texts, root):
    """Writes the pages whose numbers changed; a translation that was in step with its page still is."""
    changed = [(page, translations.digest(page), right) for page, text, right in texts if text != right]
    for page, _, right in changed:
        page.write_text(right, encoding="utf-8")
        print(f"updated: {page.relative_to(root)}")
    for page, before, _ in changed:
        twin = page.with_suffix(".zh.md")
        if twin.exists():
            stamps = [f"<!-- english: {digest} -->" for digest in (before, translations.digest(page))]
            twin.write_text(twin.read_text(encoding="utf-8").replace(*stamps), encoding="utf-8")


def pages_and_texts(logs, root):
    """Each page with its text as it is and as it should be; and the logs that pages wait for."""
    found, absent = [], set()
    for page in quoting.pages(root):
        text = page.read_text(encoding="utf-8")
        try:
            right, waiting = quoting.quoted(text, logs)
        except quoting.BadQuote as error:
            raise quoting.BadQuote(f"{page.relative_to(root)}: {error}") from None
        found.append((page, text, right))
        absent |= set(waiting)
    return found, sorted(absent)


def wrong_numbers(page, text, right, root):
    for (_, name, field, said, _), (*_, found, _) in zip(quoting.QUOTE.findall(text), quoting.QUOTE.findall(right)):
        if said != found:
            yield f"{page.relative_to(root)} says {said}, {name} has {field} {found}: tools/results.py --update corrects it"


def check(root):
    logs = read_logs(root / "results")
    texts, absent = pages_and_texts(logs, root)
    wrong = [line for page, text, right in texts for line in wrong_numbers(page, text, right, root)]
    wrong += quoting.unquoted(root)
    wrong += [line for log in logs.values() for line in presets.differences(log, root)]
    for line in wrong:
        print(line)
    for name in absent:
        print(f"no log yet: {name}")
    print(f"{len(logs)} logs, {len(wrong)} differences, {len(absent)} logs to come")
    return 1 if wrong else 0


def update(root):
    texts, absent = pages_and_texts(read_logs(root / "results"), root)
    write_pages(texts, root)
    for name in absent:
        print(f"no log yet: {name}")
    return 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="compare the pages with the logs")
    what.add_argument("--update", action="store_true", help="write the numbers of the logs into the pages")
    what.add_argument("--tables", metavar="FOLDER", type=pathlib.Path, help="write the tables of docs/results.md")
    what.add_argument("--keep", nargs=2, metavar=("RUN", "FOLDER"), help="copy the log of a run into results/")
    what.add_argument("--compare", nargs=2, metavar=("KEPT", "FRESH"), help="compare two metrics.jsonl")
    parser.add_argument("--command", default="", metavar="TEXT", help="with --keep: the command of the run")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        if options.keep:
            keeping.keep(*options.keep, options.command)
        elif options.compare:
            return keeping.compare(*options.compare)
        elif options.tables:
            tables.write(read_logs(options.root / "results"), options.tables)
        else:
            return (check if options.check else update)(options.root)
    except (BadLog, quoting.BadQuote, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
