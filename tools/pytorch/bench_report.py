# SPDX-License-Identifier: MIT
"""Tables and means of ./cnn bench pytorch, from the records of its turns."""
from tables import geometric_mean, markdown_table

PHASES = ("training", "inference")


def measured(records, phase):
    """Those whose phase is possible: batch normalization learns nothing from one value a channel, as batches of one have."""
    return [r for r in records if all(side[phase] is not None for side in (r["ours"], *r["pytorch"].values()))]


def seconds(side, phase):
    return side[phase]["median_seconds"]


def memory(side, phase):
    """What the network needs: the peak, without what the program and its libraries occupy before."""
    return max(1, side[phase]["peak_bytes"] - side["start_bytes"])


def best_configuration(record, phase):
    """Name of the fastest of the configurations without torch.compile, which is shown beside them."""
    plain = [name for name in record["pytorch"] if name != "compile"] or list(record["pytorch"])
    return min(plain, key=lambda name: seconds(record["pytorch"][name], phase))


def summary(records):
    """Geometric means of PyTorch's time over ours, and where ours is the longer one or ours needs more memory."""
    means, losses = {}, []
    for phase in PHASES:
        ratios = {"best": [], "default": [], "compile": []}
        for record in measured(records, phase):
            ours = seconds(record["ours"], phase)
            best = best_configuration(record, phase)
            ratios["best"].append(seconds(record["pytorch"][best], phase) / ours)
            for name in ("default", "compile"):
                if name in record["pytorch"]:
                    ratios[name].append(seconds(record["pytorch"][name], phase) / ours)
            for name, side in record["pytorch"].items():
                if seconds(side, phase) < ours:
                    losses.append(f"{record['net']}, {phase}: PyTorch ({name}) is {ours / seconds(side, phase):.2f} "
                                  "times as fast as we are")
            leanest = min(memory(side, phase) for side in record["pytorch"].values())
            if memory(record["ours"], phase) > leanest:
                losses.append(f"{record['net']}, {phase}: we need {memory(record['ours'], phase) / leanest:.2f} times "
                              "the memory of PyTorch's leanest configuration")
        means[phase] = {name: geometric_mean(values) for name, values in ratios.items() if values}
    return {"geometric_mean": means, "where_we_lose": losses}


def table(records, phase):
    """A Markdown table of one phase, columns aligned, so that it can be read on a terminal, too."""
    records = measured(records, phase)
    if not records:
        return "Not possible with such batches."
    names = list(records[0]["pytorch"])
    head = ["net", "batch", "side", *(f"{name} ms" for name in names), "ours ms", "best / ours"]
    head += ["default / ours"] if "default" in names else []
    head += ["best GFLOP/s", "our GFLOP/s", "best MiB", "our MiB"]
    rows = []
    for record in records:
        ours, theirs = record["ours"], record["pytorch"]
        best = theirs[best_configuration(record, phase)]
        row = [record["net"], str(record["batch_size"]), str(record["image_size"])]
        row += [f"{1e3 * seconds(theirs[name], phase):.2f}" for name in names]
        row += [f"{1e3 * seconds(ours, phase):.2f}", f"{seconds(best, phase) / seconds(ours, phase):.2f}"]
        row += [f"{seconds(theirs['default'], phase) / seconds(ours, phase):.2f}"] if "default" in names else []
        row += [f"{side[phase]['gflops']:.1f}" for side in (best, ours)]
        row += [f"{memory(side, phase) / 2**20:.0f}" for side in (best, ours)]
        rows.append(row)
    return markdown_table(head, rows)


def report(records, about):
    """The text for the console and the Markdown file."""
    result = summary(records)
    start = [next(iter(records[-1]["pytorch"].values())), records[-1]["ours"]]
    parts = [", ".join(f"{name} {value}" for name, value in about.items())]
    for phase in PHASES:
        means = ", ".join(f"{value:.2f} against {name}" for name, value in result["geometric_mean"][phase].items())
        parts += [f"**{phase.capitalize()}**", table(records, phase)]
        parts += [f"Geometric mean of PyTorch's time over ours: {means}."] if means else []
    parts.append("Memory is without what the processes occupy before they make a network: PyTorch's {:.0f} MiB, ours "
                 "{:.0f} MiB.".format(*(side["start_bytes"] / 2**20 for side in start)))
    if result["where_we_lose"]:
        parts += ["Where we lose:", "\n".join(f"- {line}" for line in result["where_we_lose"])]
    else:
        parts.append("We lose nowhere: each step is faster here than in every configuration, and needs less memory.")
    return "\n\n".join(parts) + "\n"
