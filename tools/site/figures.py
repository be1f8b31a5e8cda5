#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the figures of the site.

figures.py FOLDER           writes FOLDER/en/NAME.html and FOLDER/zh/NAME.html, which \\htmlinclude puts into the pages
figures.py --readme [FILE]  writes the picture with which README begins [docs/images/overview.svg]
"""
import html
import pathlib
import sys

import convolutions
import curves
import kernels
import measured
import networks
import overview

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIGURES = [*convolutions.FIGURES, *networks.FIGURES, *measured.FIGURES, *kernels.FIGURES, *curves.FIGURES, overview.volumes]


class Words:
    """Picks the words of one language: words("window", "窗口")."""

    def __init__(self, language):
        self.language = language

    def __call__(self, english, chinese):
        return english if self.language == "en" else chinese


def figure(draw, words):
    """The HTML of one figure: a drawing, perhaps controls below it, a caption. All in one block, without empty lines."""
    name = draw.__name__
    drawing, caption, *more = draw(words)
    options = more[0] if more else {}
    kinds = "figure" + (" moves" if options.get("moves") else "")
    controls = options.get("controls", "")
    if controls:
        controls = f'<div class="figure-controls">{controls}</div>\n'
    # What is said only where the reader can do something, or only where nothing moves.
    gap = " " if words.language == "en" else ""
    more = "".join(f'<span class="only-{where}">{gap}{html.escape(options[where])}</span>' for where in ("screen", "still") if where in options)
    # A wide drawing scrolls on a phone; where one points at elements, all of it has to be seen.
    box = "drawing wide" if drawing.width >= 640 and "screen" not in options else "drawing"
    return (f'<figure class="{kinds}" id="figure_{name}" data-figure="{name}">\n<div class="{box}">{drawing.svg()}\n</div>\n{controls}'
            f"<figcaption>{html.escape(caption)}{more}</figcaption>\n</figure>\n")


def main(argv):
    if argv[0] == "--readme":
        pathlib.Path(argv[1] if len(argv) > 1 else ROOT / "docs/images/overview.svg").write_text(
            overview.standalone(Words("en")), encoding="utf-8")
        return
    for language in ("en", "zh"):
        folder = pathlib.Path(argv[0]) / language
        folder.mkdir(parents=True, exist_ok=True)
        for draw in FIGURES:
            (folder / f"{draw.__name__}.html").write_text(figure(draw, Words(language)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
