#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the constants of resize_test.cpp: what Pillow makes of small images, and CRC-32 sums of the resized fixtures."""
import gzip
import pathlib
import zlib

import PIL
from PIL import Image

FIXTURE = pathlib.Path(__file__).resolve().parents[3] / "data/fixtures/t10k-images-idx3-ubyte.gz"
SIZES = [(14, 14), (20, 20), (27, 27), (29, 29), (33, 33), (64, 64), (96, 96), (224, 224), (70, 5), (1, 1)]


def resized(pixels, width, height, size):
    image = Image.frombytes("L", (width, height), bytes(pixels))
    return image.resize((size[1], size[0]), Image.Resampling.BILINEAR).tobytes()


def main():
    print("Pillow", PIL.__version__)
    for (height, width), size in (((2, 2), (4, 4)), ((2, 3), (3, 5)), ((5, 4), (2, 3))):
        pixels = [(x * 67 + 31) % 256 for x in range(height * width)]
        print(f"{height}x{width} {pixels} -> {size[0]}x{size[1]} {list(resized(pixels, width, height, size))}")
    content = gzip.decompress(FIXTURE.read_bytes())[16:]
    images = [content[i : i + 784] for i in range(0, len(content), 784)]
    for size in SIZES:
        crc = 0
        for image in images:
            crc = zlib.crc32(resized(image, 28, 28, size), crc)
        print(f"{{{size[0]}, {size[1]}, 0x{crc:08x}}},")


if __name__ == "__main__":
    main()
