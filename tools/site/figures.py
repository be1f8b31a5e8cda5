#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the figures of the site: figures.py FOLDER writes FOLDER/en/NAME.html and FOLDER/zh/NAME.html."""
import pathlib
import sys


def main(argv):
    for language in ("en", "zh"):
        (pathlib.Path(argv[0]) / language).mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
