#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/fixtures/pictures: small PNG and JPEG files of every kind, and what Pillow sees in them.

Needs Pillow, NumPy and safetensors (python3 -m venv v && v/bin/pip install pillow numpy safetensors):

    tools/picture_fixtures.py [folder]

The PNG files are written here by hand, since Pillow cannot write all that the format allows: interlaced ones, 1 to 16 bits,
transparent colours, and statements about gamma and colour space. The gray values that Pillow reads go into gray.safetensors,
a tensor [h, w] for each file. Transparent pictures are laid over black with Image.alpha_composite() first.
"""

import io
import random
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, __version__ as pillow_version
from safetensors.numpy import save_file

WIDTH, HEIGHT = 13, 10
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(values: np.ndarray, bits: int) -> bytes:
    """The values of a row, most significant bits first."""
    if bits == 16:
        return values.astype(">u2").tobytes()
    if bits == 8:
        return values.astype("u1").tobytes()
    text = "".join(f"{int(v):0{bits}b}" for v in values.ravel())
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def filtered(rows: list, step: int, generator: random.Random) -> bytes:
    """The rows with one of the five filters each."""
    out, before = b"", b""
    for row in rows:
        before = before or bytes(len(row))
        kind = generator.randrange(5)
        line = bytearray()
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = before[i]
            c = before[i - step] if i >= step else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line.append((value - (0, a, b, (a + b) // 2, paeth)[kind]) % 256)
        out += bytes([kind]) + bytes(line)
        before = row
    return out


def png(values: np.ndarray, kind: int, bits: int, chunks: bytes = b"", interlaced: bool = False) -> bytes:
    """values: [h, w, channels]"""
    generator = random.Random(0)
    h, w, channels = values.shape
    assert channels == CHANNELS[kind]
    step = max(1, channels * bits // 8)
    data = b""
    for x, y, dx, dy in ADAM7 if interlaced else ((0, 0, 1, 1),):
        part = values[y::dy, x::dx]
        if part.size:
            data += filtered([pack_row(row, bits) for row in part], step, generator)
    header = struct.pack(">IIBBBBB", w, h, bits, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 1e5)))


def random_values(kind: int, bits: int, seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).integers(0, 2**bits, (HEIGHT, WIDTH, CHANNELS[kind]))
    values[0, : CHANNELS[kind] * 2, 0] = 2**bits - 1
    if kind in (GRAY_ALPHA, RGBA):
        values[1, :, -1] = 2**bits - 1
        values[2, :, -1] = 0
        values[3, :, :-1] = 2**bits - 1
    return values


def palette(count: int, seed: int) -> bytes:
    return chunk(b"PLTE", np.random.default_rng(seed).integers(0, 256, 3 * count).astype("u1").tobytes())


def png_files() -> dict:
    files = {}

    def add(name: str, kind: int, bits: int, chunks: bytes = b"", interlaced: bool = False) -> None:
        files[f"{name}.png"] = png(random_values(kind, bits, len(files)), kind, bits, chunks, interlaced)

    for bits in (1, 2, 4, 8, 16):
        add(f"gray_{bits}", GRAY, bits)
        add(f"gray_{bits}_interlaced", GRAY, bits, interlaced=True)
    for bits in (8, 16):
        for name, kind in (("rgb", RGB), ("gray_alpha", GRAY_ALPHA), ("rgba", RGBA)):
            add(f"{name}_{bits}", kind, bits)
            add(f"{name}_{bits}_interlaced", kind, bits, interlaced=True)
            add(f"{name}_{bits}_gamma", kind, bits, gamma(1.0))
    for bits in (1, 2, 4, 8):
        count = 2**bits
        add(f"palette_{bits}", PALETTE, bits, palette(count, bits))
        alpha = chunk(b"tRNS", np.random.default_rng(bits).integers(0, 256, max(1, count - 1)).astype("u1").tobytes())
        add(f"palette_{bits}_alpha", PALETTE, bits, palette(count, bits) + alpha, interlaced=bits == 4)
    add("palette_8_gamma", PALETTE, 8, gamma(1 / 1.8) + palette(256, 1))
    add("gray_8_transparent_white", GRAY, 8, chunk(b"tRNS", struct.pack(">H", 255)))
    add("gray_1_transparent_white", GRAY, 1, chunk(b"tRNS", struct.pack(">H", 1)))
    for value in (0.1, 1 / 2.2, 1.0, 2.2):
        add(f"gray_8_gamma_{value:.2f}", GRAY, 8, gamma(value))
    add("gray_16_gamma", GRAY, 16, gamma(1.0))
    add("rgba_8_gamma_interlaced", RGBA, 8, gamma(0.2), interlaced=True)
    add("rgb_8_srgb", RGB, 8, chunk(b"sRGB", b"\0") + gamma(1 / 2.2))
    chromaticities = struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
    add("rgba_8_chromaticities", RGBA, 8, gamma(1 / 2.2) + chunk(b"cHRM", chromaticities))
    add("rgb_8_resolution", RGB, 8, chunk(b"pHYs", struct.pack(">IIB", 300, 100, 1)))
    values = random_values(RGB, 8, 99)
    chosen = chunk(b"tRNS", struct.pack(">3H", *values[4, 4]))
    files["rgb_8_transparent_colour.png"] = png(values, RGB, 8, chosen)
    # the examples: 255 at 128, 255 at 64, 200 at 128, and all alphas of one gray
    levels = np.array([[[255, 128], [255, 64], [200, 128]] + [[180, 26 * k] for k in range(10)]])
    files["half_transparent.png"] = png(levels, GRAY_ALPHA, 8)
    black = np.zeros((HEIGHT, WIDTH, 4), dtype=int)
    black[2:8, 3:9, 3] = 255
    files["black_on_transparent.png"] = png(black, RGBA, 8)
    for name, level, alpha in (("dark_gray", 40, 255), ("faint_white", 255, 50), ("nothing", 255, 0), ("light", 90, 255)):
        drawn = np.where(black[..., 3:] > 0, np.array([level] * 3 + [alpha]), 0)
        files[f"{name}_on_transparent.png"] = png(drawn, RGBA, 8)
    return files


def jpeg_files() -> dict:
    y, x = np.mgrid[0:37, 0:29]
    smooth = np.stack([8 * x, 6 * y, 255 - 4 * x - 3 * y], -1).clip(0, 255).astype("u1")
    noise = np.random.default_rng(7).integers(0, 256, (37, 29, 3)).astype("u1")
    files = {}

    def add(name: str, pixels: np.ndarray, mode: str, **options) -> None:
        out = io.BytesIO()
        Image.fromarray(pixels, "RGB").convert(mode).save(out, "JPEG", **options)
        files[f"{name}.jpg"] = out.getvalue()

    add("gray", smooth, "L", quality=90)
    add("gray_noise", noise, "L", quality=30)
    add("colour_444", smooth, "RGB", quality=95, subsampling="4:4:4")
    add("colour_422", smooth, "RGB", quality=75, subsampling="4:2:2")
    add("colour_420", smooth, "RGB", quality=75, subsampling="4:2:0")
    add("colour_noise", noise, "RGB", quality=60, subsampling="4:2:0")
    add("progressive", smooth, "RGB", quality=80, progressive=True)
    add("progressive_gray", noise, "L", quality=80, progressive=True)
    add("ink", smooth, "CMYK", quality=90)
    add("ink_noise", noise, "CMYK", quality=70)
    add("turned", smooth, "RGB", quality=80, exif=exif_orientation(6))
    add("restarts", smooth, "RGB", quality=80, restart_marker_rows=1)
    return files


def exif_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def gray_of(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data))
    image.load()
    if image.mode == "I;16":  # convert("L") would cut off at 255
        return (np.asarray(image) >> 8).astype("u1")
    if "A" in image.getbands() or "transparency" in image.info:
        black = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, image.convert("RGBA"))
    return np.asarray(image.convert("L"))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "tests/fixtures/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    files = png_files() | jpeg_files()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    gray = {name: np.ascontiguousarray(gray_of(data)) for name, data in files.items()}
    save_file(gray, folder / "gray.safetensors", {"made_by": f"Pillow {pillow_version}"})
    pngs = sum(name.endswith(".png") for name in files)
    print(f"{pngs} PNG and {len(files) - pngs} JPEG files, read by Pillow {pillow_version}")


if __name__ == "__main__":
    main()
