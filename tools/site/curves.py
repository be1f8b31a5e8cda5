# SPDX-License-Identifier: MIT
"""Figures of docs/results.md: loss and accuracies of the runs in results/, over the points that the book prints."""
import functools
import pathlib
import sys

from drawing import Drawing, number
from measured import Axes

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from logs import log as logs  # noqa: E402
from logs import published  # noqa: E402
from logs.tables import EPOCHS, TITLES, kinds_of  # noqa: E402

TOP, BOTTOM = 46, 250


@functools.lru_cache
def all_logs():
    return logs.read_logs()


def points(epochs, field):
    return [(k, epoch[field]) for k, epoch in enumerate(epochs, 1)]


def panel(d, left, right, values, title, steps):
    """Axes for five epochs that hold all the values, with a line at each multiple of one of the steps."""
    low, high = min(values), max(values)
    step = next(s for s in steps if (high - low) / s <= 6)
    first, last = int(low / step), int(high / step) + 1
    axes = Axes(d, left, right, BOTTOM, TOP, (1, EPOCHS), (first * step, last * step))
    axes.ticks(range(1, EPOCHS + 1), [(k * step, number(round(k * step, 4))) for k in range(first, last + 1)])
    d.text((left + right) / 2, 24, title, "small strong")
    return axes


def draw_run(axes, field, kind, runs, book):
    """The band between the seeds, the run with seed 0 as a line, the book's points as rings."""
    several = [points(run.epochs, field) for run in runs if len(run.epochs) == EPOCHS]
    if len(several) > 1:
        by_epoch = list(zip(*several))
        edge = [(k[0][0], max(y for _, y in k)) for k in by_epoch] + [(k[0][0], min(y for _, y in k)) for k in reversed(by_epoch)]
        axes.d.polygon([(round(axes.x(x), 1), round(axes.y(y), 1)) for x, y in edge], kind, style="stroke: none")
    for run in runs:
        if run.seed == 0:
            axes.curve(points(run.epochs, field), f"{kind}-line")
    for x, y in points(book.epochs, field):
        axes.d.circle(round(axes.x(x), 1), round(axes.y(y), 1), 4, f"{kind}-line")


def key(d, left, entries):
    for row, (kind, words) in enumerate(entries):
        d.line(left, 276 + 20 * row, left + 24, 276 + 20 * row, f"{kind}-line")
        d.text(left + 32, 281 + 20 * row, words, f"small {kind}-word", "start")


def says(net, kind, runs, book, words):
    """What is seen, for those who cannot see it."""
    title, last = TITLES[net], book.epochs[-1]
    text = words(f"{title}: loss on the left, accuracies on the right, over five epochs. The book ends at a loss of "
                 f"{last['loss']:.3f}, a training accuracy of {last['train_accuracy']:.3f} and a test accuracy of "
                 f"{last['test_accuracy']:.3f}. ",
                 f"{title}：五个迭代周期里，左边是损失，右边是精度。书的结果：损失 {last['loss']:.3f}，训练精度 {last['train_accuracy']:.3f}，"
                 f"测试精度 {last['test_accuracy']:.3f}。")
    ours = next((run.epochs[-1] for run in runs if run.seed == 0), None)
    if not ours:
        return text + words("There is no log to draw yet.", "这里还没有日志可画。")
    return text + words(f"The run here ends at {ours['loss']:.3f}, {ours['train_accuracy']:.3f} and {ours['test_accuracy']:.3f}.",
                        f"这里的结果：{ours['loss']:.3f}、{ours['train_accuracy']:.3f} 和 {ours['test_accuracy']:.3f}。")


def caption(net, runs, words):
    text = words(f"{TITLES[net]}: circles are what the book prints, its loss repaired.", f"{TITLES[net]}：圆圈是书中打印的数，损失已经改正。")
    if not any(run.seed == 0 for run in runs):
        return text + words(" There is no log of a run here yet.", "这里还没有运行的日志。")
    text += words(" Lines are the run here, seed 0.", "线是这里的运行，种子为 0。")
    if len([run for run in runs if len(run.epochs) == EPOCHS]) > 1:
        text += words(" The bands lie between the least and the greatest of all seeds.", "色带是所有种子的最小值到最大值。")
    return text


def draw(net, kind, words):
    book = next(run for run in published.read_book() if (run.net, run.kind) == (net, kind))
    runs = logs.book_runs(all_logs(), net, kind)
    every = [epoch for epochs in (book.epochs, *(run.epochs for run in runs)) for epoch in epochs]
    d = Drawing(660, 312, says(net, kind, runs, book, words))
    loss = panel(d, 60, 310, [epoch["loss"] for epoch in every], words("loss", "损失"), (0.1, 0.2, 0.25, 0.5))
    accuracy = panel(d, 390, 640, [epoch[field] for epoch in every for field in ("train_accuracy", "test_accuracy")],
                     words("accuracy", "精度"), (0.02, 0.05, 0.1, 0.2))
    draw_run(loss, "loss", "green", runs, book)
    draw_run(accuracy, "train_accuracy", "blue", runs, book)
    draw_run(accuracy, "test_accuracy", "orange", runs, book)
    key(d, 60, [("green", words("mean over the batches", "各批量的平均"))])
    key(d, 390, [("blue", words("training images", "训练图像")), ("orange", words("test images", "测试图像"))])
    d.text(350, 269, words("epoch", "迭代周期"), "small")
    return d, caption(net, runs, words)


def figure_of(net, kind):
    def figure(words):
        return draw(net, kind, words)
    figure.__name__ = f"results_{net}_{kind}" if kind else f"results_{net}"
    return figure


FIGURES = [figure_of(net, kind) for net in TITLES for kind in kinds_of(net)]
