# SPDX-License-Identifier: MIT
"""Tables, means and lost cells of ./cnn bench engines, from the records of its turns. A cell is a network with a batch."""
from tables import geometric_mean, markdown_table

TOLERANCE = 1e-4  # of the largest logit


def seconds(side):
    return side["median_seconds"]


def best_engine(cell):
    """Name of the engine, or the way to run it, that is the fastest."""
    return min(cell["engines"], key=lambda name: seconds(cell["engines"][name]))


def ratio(cell):
    """How many times as long as we the fastest engine takes; below 1 the cell is lost."""
    return seconds(cell["engines"][best_engine(cell)]) / seconds(cell["ours"])


def groups(cells):
    """Cells of one image, then the others, under their headings."""
    named = {"One image at a time": [c for c in cells if c["batch_size"] == 1],
             "Batches": [c for c in cells if c["batch_size"] > 1]}
    return {name: some for name, some in named.items() if some}


def place(cell):
    return f"{cell['net']}, batch {cell['batch_size']}"


def differences(cells):
    """Where an engine and we do not compute the same; none of the times of such a cell means anything."""
    return [f"{place(cell)}: {name} is {side['difference']:.1e} of the largest logit away from us" for cell in cells
            for name, side in cell["engines"].items() if not side["difference"] <= TOLERANCE]  # NaN, too


def summary(cells):
    """Geometric means of the fastest engine's time over ours, lost cells, differences."""
    lost = [f"{place(cell)}: {best_engine(cell)} is {1 / ratio(cell):.2f} times as fast as we are"
            for cell in cells if ratio(cell) < 1]
    means = {name: geometric_mean(map(ratio, some)) for name, some in groups(cells).items()}
    return {"geometric_mean": means, "lost": lost, "differences": differences(cells)}


def milliseconds(side):
    return f"{1e3 * seconds(side):.{3 if seconds(side) < 0.01 else 2}f}"


def table(cells):
    """A row a cell; a dash stands for a way to run an engine that needs more than one image."""
    names = list(dict.fromkeys(name for cell in cells for name in cell["engines"]))
    rows = []
    for cell in cells:
        engines = cell["engines"]
        times = [milliseconds(engines[name]) if name in engines else "-" for name in names]
        verdict = f"{ratio(cell):.2f}" + (" lost" if ratio(cell) < 1 else "")
        rows.append([cell["net"], str(cell["batch_size"]), str(cell["image_size"]), *times, milliseconds(cell["ours"]), verdict,
                     f"{cell['ours']['gflops']:.1f}", f"{max(side['difference'] for side in engines.values()):.0e}"])
    return markdown_table(["net", "batch", "side", *(f"{name} ms" for name in names), "ours ms", "best / ours", "our GFLOP/s",
                           "difference"], rows)


def report(cells, about):
    """The text for the console and the Markdown file."""
    result = summary(cells)
    parts = [", ".join(f"{name} {value}" for name, value in about.items())]
    for name, some in groups(cells).items():
        parts += [f"**{name}**", table(some),
                  f"Geometric mean of the faster engine's time over ours: {result['geometric_mean'][name]:.2f}."]
    for heading, lines in (("The outputs differ, so these times mean nothing:", result["differences"]),
                           ("Lost:", result["lost"])):
        parts += [heading, "\n".join(f"- {line}" for line in lines)] if lines else []
    if not result["lost"]:
        parts.append("No cell is lost: nowhere is an engine faster.")
    return "\n\n".join(parts) + "\n"
