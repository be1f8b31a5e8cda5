# SPDX-License-Identifier: MIT
"""Reads the pages of runs as a reader does, in a headless Chromium: that of a run of LeNet, of one on pictures whose classes have
names like HTML, and of a comparison.

report_test.py LENET COMPARE FOLDER runs the programs in FOLDER. Exit status 77: skipped.
"""
import csv
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

from browser import Browser, find_chromium
from browser_test import FUNCTIONS, Report

CLASSES = ("<img src=x onerror=alert(1)>", "<!--<script>", "a 'b' \"c\" & d")


def png(red, green, blue, side=12):
    """A picture of one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def paint(folder):
    """Twenty pictures of each class, of no colour of its own, so that some are taken for others."""
    for k, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for i in range(20):
            (folder / name / f"{i}.png").write_bytes(png(37 * i % 256, 91 * i % 256, 53 * (i + k) % 256))


def train(program, out, *options):
    subprocess.run([program, "--out", out, *options], check=True, capture_output=True)
    return out / "report.html"


def epochs_of(run):
    with open(run / "metrics.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def look(browser, page, report):
    """What is right of every page: wide and narrow, in the light and in the dark."""
    where = page.parent.name + "/" + page.name
    for width, phone, dark in ((1100, False, False), (360, True, True), (360, True, False)):
        browser.window(width, 800, phone)
        browser.media(dark=dark)
        browser.errors.clear()
        browser.open(page)
        browser.run(FUNCTIONS)
        seen = f"{where}, {width} pixels, {'dark' if dark else 'light'}"
        report.add(seen, browser.run("visitor.all('pictures', 'contrast')"))
        wide = browser.run("document.scrollingElement.scrollWidth")
        report.expect(wide <= width, f"{seen}: the page scrolls sideways: {wide}")
        report.add(seen, browser.errors)
        asked = [event["request"]["url"] for method, event in browser.events if method == "Network.requestWillBeSent"]
        others = [url for url in asked if url != page.as_uri() and not url.startswith("data:")]
        report.expect(page.as_uri() in asked and not others, f"{seen}: it asks for {others or 'nothing'}")
        report.expect(not any(method == "Page.javascriptDialogOpening" for method, _ in browser.events),
                      f"{seen}: a name was run as a script")
    report.expect(browser.run("[...document.images].every((image) => image.alt.trim())"), f"{where}: a picture without a text")
    report.expect(browser.run("document.title && document.documentElement.lang"), f"{where}: no title, or no language")
    report.expect(browser.run("""[...document.querySelectorAll('.scroll, .chart > svg')]
      .every((box) => box.tabIndex === 0 && box.getAttribute('aria-label'))"""), f"{where}: a box that has no name or no focus")


def points(browser, chart):
    return browser.run(f"document.querySelectorAll('#{chart} circle.point').length")


def values(browser, chart):
    """What stands under a chart, after "At epoch 1:"."""
    return browser.run(f"""[document.querySelector('#{chart} p').textContent,
      ...[...document.querySelectorAll('#{chart} .value')].map((value) => value.textContent)]""")


def check_curves(browser, run, report):
    epochs = epochs_of(run)
    report.expect(points(browser, "loss") == len(epochs), f"{points(browser, 'loss')} losses of {len(epochs)} epochs")
    report.expect(points(browser, "accuracy") == 2 * len(epochs), f"{points(browser, 'accuracy')} accuracies")
    wanted = [[f"At epoch {row['epoch']}:", f"{float(row['train_accuracy']):.3f}", f"{float(row['test_accuracy']):.3f}"]
              for row in epochs]
    report.expect(values(browser, "accuracy") == wanted[-1], f"first shown: {values(browser, 'accuracy')}, not {wanted[-1]}")
    browser.run("document.querySelector('#accuracy svg').focus()")
    for key, place in (("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowLeft", 0), ("End", -1)):
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)
        report.expect(values(browser, "accuracy") == wanted[place], f"{key}: {values(browser, 'accuracy')}, not {wanted[place]}")
    spoken = browser.run("document.querySelector('#accuracy svg').getAttribute('aria-valuetext')")
    report.expect(all(value in spoken for value in wanted[-1][1:]), f"a screen reader says {spoken}")
    x, y = browser.run("""(() => {
      const svg = document.querySelector('#loss svg');
      svg.scrollIntoView({block: 'center'});
      const point = svg.querySelector('circle.point').getBoundingClientRect();
      return [point.x + point.width / 2, point.y + 40];
    })()""")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    loss = ["At epoch 1:", f"{float(epochs[0]['loss']):.4f}"]
    report.expect(values(browser, "loss")[:2] == loss, f"under the pointer: {values(browser, 'loss')}, not {loss}")


def check_errors(browser, run, report):
    """The images on which it was wrong are those of wrong.txt, with what it says of them."""
    lines = (run / "wrong.txt").read_text(encoding="utf-8").splitlines()[1:]
    found = browser.run("""[...document.querySelectorAll('.wrong figure')].map((figure) =>
      [figure.querySelector('img').naturalWidth > 0, figure.querySelector('img').alt, figure.textContent])""")
    report.expect(len(found) == len(lines) > 0, f"{len(found)} wrong images of {len(lines)}")
    for line, (drawn, alt, text) in zip(lines, found):
        _, index, label, prediction, probability = re.split(r"\s{2,}", line.strip())
        wanted = f"{label}, taken for {prediction}, {100 * float(probability):.2f}\u00a0%"
        report.expect(drawn and alt == f"test image {index}, of the class {label}", f"picture {index} is called {alt}")
        report.expect(text == wanted, f"under picture {index}: {text}, not {wanted}")
    counts = browser.run("[...document.querySelectorAll('.confusion tbody td:not(:last-child)')].map((cell) => +cell.textContent)")
    wanted = [int(count) for row in (run / "confusion.csv").read_text().splitlines()[1:] for count in row.split(",")[1:]]
    report.expect(counts == wanted, "the confusion is not that of confusion.csv")


def check_names(browser, report):
    names = browser.run("[...document.querySelectorAll('.confusion tbody th')].map((head) => head.textContent)")
    report.expect(sorted(names) == sorted(CLASSES), f"the classes are {names}")
    wide = browser.run("[...document.querySelectorAll('.wrong img')].map((image) => image.naturalWidth)")
    report.expect(wide and all(width == 28 for width in wide), f"pictures of {wide} pixels")


def check_without_scripts(browser, page, run, report):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    text = browser.run("document.body.innerText")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    report.expect("which does not run here" in text, "without scripts the page does not say why there are no curves")
    for row in epochs_of(run):
        report.expect(f"{float(row['loss']):.4f}" in text, f"without scripts the loss of epoch {row['epoch']} is missing")


def check_comparison(browser, runs, report):
    epochs = sum(len(epochs_of(run)) for run in runs)
    for chart in ("loss", "train_accuracy", "test_accuracy"):
        report.expect(points(browser, chart) == epochs, f"compared: {points(browser, chart)} points of {epochs}")
        lines = browser.run(f"""[...document.querySelectorAll('#{chart} .legend path')].map((line) =>
          [getComputedStyle(line).stroke, line.getAttribute('stroke-dasharray')])""")
        for k in (0, 1):
            report.expect(len({line[k] for line in lines}) == len(runs), f"compared: lines that look the same: {lines}")
    rows = browser.run("[...document.querySelectorAll('tbody th')].map((head) => head.textContent)")
    report.expect("data" in rows and "seed" in rows and "lr" in rows and "image_size" not in rows, f"compared: what differs is {rows}")


def main(lenet, compare, folder):
    chromium = find_chromium()
    if not chromium:
        print("skipped: there is no Chromium")
        return 77
    shutil.rmtree(folder, ignore_errors=True)
    paint(folder / "pictures")
    smoke, own, both = folder / "smoke", folder / "own", folder / "both.html"
    train(lenet, smoke, "--preset", "smoke")
    train(lenet, own, "--data", folder / "pictures", "--batch-size", "16", "--epochs", "3", "--seed", "1")
    subprocess.run([compare, smoke, own, "--html", both], check=True, capture_output=True)
    report = Report()
    with Browser(chromium) as browser:
        look(browser, smoke / "report.html", report)
        check_curves(browser, smoke, report)
        check_errors(browser, smoke, report)
        check_without_scripts(browser, smoke / "report.html", smoke, report)
        look(browser, own / "report.html", report)
        check_names(browser, report)
        look(browser, both, report)
        check_comparison(browser, [smoke, own], report)
    print("\n".join(report.lines) or "3 pages read")
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()))
