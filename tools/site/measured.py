# SPDX-License-Identifier: MIT
"""Figures of what was measured: measure.py runs the programs, and their numbers lie in docs/measured/."""
import json
import math
import pathlib

from drawing import Drawing, number

MEASURED = pathlib.Path(__file__).resolve().parents[2] / "docs" / "measured"


def data(name):
    return json.loads((MEASURED / f"{name}.json").read_text(encoding="utf-8"))


class Axes:
    """Places numbers in a box of a drawing: (left, bottom) to (right, top) stand for the ranges of x and y."""

    def __init__(self, d, left, right, bottom, top, xs, ys, log=False):
        self.d, self.log = d, log
        self.left, self.right, self.bottom, self.top = left, right, bottom, top
        self.xs, self.ys = xs, [self.scaled(y) for y in ys]
        d.line(left, bottom, right, bottom)
        d.line(left, bottom, left, top)

    def scaled(self, y):
        return math.log10(y) if self.log else y

    def x(self, x):
        return self.left + (x - self.xs[0]) / (self.xs[1] - self.xs[0]) * (self.right - self.left)

    def y(self, y):
        return self.bottom - (self.scaled(y) - self.ys[0]) / (self.ys[1] - self.ys[0]) * (self.bottom - self.top)

    def ticks(self, xs=(), ys=()):
        """`ys` are pairs (number, words)."""
        for x in xs:
            self.d.line(self.x(x), self.bottom, self.x(x), self.bottom + 4)
            self.d.text(self.x(x), self.bottom + 19, number(x), "small")
        for y, words in ys:
            self.d.line(self.left, self.y(y), self.right, self.y(y), "faint")
            self.d.text(self.left - 6, self.y(y) + 4, words, "small", "end")

    def curve(self, points, kind, **more):
        self.d.path("M" + "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points), kind, **more)


def power(exponent):
    return "10" + "".join("⁻" if c == "-" else "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(c)] for c in str(exponent))


# --- 5.5 --------------------------------------------------------------------------------------------------------------------


def ch05_plateau(words):
    measured = data("lenet")
    losses, spread = measured["loss"], measured["spread"]
    last = len(losses)
    d = Drawing(580, 420, words(
        f"Above: the loss of {last} steps stays near 2.3 for about a hundred, then falls. Below, on a logarithmic scale: the spread between "
        "images behind the four sigmoids and in the scores, which rises from one ten-thousandth to one at the same time.",
        f"上：{last} 步的损失，大约一百步停在 2.3 附近，然后下降。下（对数坐标）：四个 sigmoid 之后以及得分中图像之间的差异，"
        "它同时从万分之一上升到一左右。"))
    loss = Axes(d, 70, 520, 150, 24, (1, last), (1, 2.5))
    loss.ticks(ys=[(y, number(y)) for y in (1, 1.5, 2, 2.5)])
    loss.curve([(1, math.log(10)), (last, math.log(10))], "dashed")
    loss.curve(list(enumerate(losses, 1)), "blue-line")
    d.text(528, loss.y(math.log(10)) + 5, "ln 10", "small", "start")
    d.text(528, loss.y(losses[-1]) + 5, words("loss", "损失"), "small blue-word", "start")
    below = Axes(d, 70, 520, 376, 180, (1, last), (1.5e-5, 3), log=True)
    below.ticks([1, 50, 100, 150, 200], [(10.0 ** e, power(e)) for e in range(-4, 1)])
    names = [words("first sigmoid", "第一个 sigmoid"), words("second", "第二个"), words("third", "第三个"), words("fourth", "第四个"),
             words("scores", "得分")]
    for points, name, kind, side, dashes in zip(spread.values(), names, ("orange", "green", "blue", "orange", "blue"), (-14, -10, -8, -8, 18),
                                                ("", "", "", "7 4", "7 4")):
        below.curve(points, f"{kind}-line", **({"stroke_dasharray": dashes} if dashes else {}))
        d.text(below.x(3), below.y(points[0][1]) + side, name, f"small {kind}-word", "start")
    d.text(295, 412, words("step", "步"), "small")
    return d, words("LeNet, seed 0: the loss of each step, and the spread between the images of its batch (standard deviation of an output, mean "
                    "over the outputs of a layer).",
                    "LeNet，随机种子 0：每一步的损失，以及这一批图像之间的差异（每个输出的标准差，再对一层的输出取平均）。")


# --- 5.10 -------------------------------------------------------------------------------------------------------------------


def ch10_histograms(words):
    measured = data("batch_norm")
    columns = [(measured["none"]["histogram"]["4"], "green", words("LeNet alone", "只有 LeNet")),
               (measured["scratch"]["histogram"]["4"], "blue", words("before batch norm", "批量规范化之前")),
               (measured["scratch"]["histogram"]["5"], "orange", words("behind batch norm", "批量规范化之后"))]
    steps = list(columns[0][0])
    d = Drawing(660, 62 + 66 * len(steps), words(
        "Histograms of one channel in five steps. Without batch normalization the channel is a narrow peak left of 0 at first, and spreads out "
        "later. With it, the convolution gives a narrow peak as well, but what leaves the normalization is wide and around 0 in every step.",
        "五个训练步中同一个通道的直方图。没有批量规范化时，开始是 0 左边的一个窄峰，后来才散开。有批量规范化时，卷积输出的也是窄峰，"
        "但经过规范化之后，每一步都以 0 为中心、宽度相同。"))
    for column, (histograms, kind, title) in enumerate(columns):
        left = 84 + column * 196
        d.text(left + 80, 24, title, "small strong")
        for row, step in enumerate(steps):
            bottom = 92 + row * 66
            values = histograms[step]
            most = max(values)
            points = [(left, bottom)]
            for k, count in enumerate(values):
                height = 54 * count / most
                points += [(left + 2.5 * k, bottom - height), (left + 2.5 * (k + 1), bottom - height)]
            d.polygon([*points, (left + 160, bottom)], kind)
            d.line(left + 80, bottom, left + 80, bottom + 4)
            if column == 0:
                d.text(left - 8, bottom - 18, words(f"step {step}", f"第 {step} 步"), "small", "end")
        bottom = 92 + (len(steps) - 1) * 66
        for value in (-4, -2, 0, 2, 4):
            d.line(left + 20 * (value + 4), bottom, left + 20 * (value + 4), bottom + 4)
            d.text(left + 20 * (value + 4), bottom + 19, number(value), "small")
    return d, words("One channel of the second convolution, all images and pixels of a batch, each histogram as high as its peak. What lies beyond "
                    "±4 is in the outermost bars.",
                    "第二个卷积的一个通道，取一批中所有图像、所有像素；每个直方图按自己的峰值缩放。超出 ±4 的值算在最外侧的两条里。")


# --- 5.11 -------------------------------------------------------------------------------------------------------------------


def ch11_gradients(words):
    measured = data("resnet")
    d = Drawing(580, 320, words(
        "Norm of the gradient of each convolution's parameters in the first step, on a logarithmic scale, from the image to the end. With 66 "
        "layers it grows ten-thousandfold on the way back through the plain network, and some twentyfold through the residual one; with 18 "
        "layers the two are close.",
        "第一步中每个卷积的参数的梯度范数（对数坐标），从图像一端到末端。66 层时，反向穿过普通网络，梯度增大上万倍；穿过残差网络，只增大约二十倍。"
        "18 层时两者相差不大。"))
    axes = Axes(d, 70, 540, 258, 24, (1, 65), (2, 3e5), log=True)
    axes.ticks([1, 17, 33, 49, 65], [(10.0 ** e, power(e)) for e in range(1, 6)])
    for name, network in measured.items():
        axes.curve(list(enumerate(network["gradient"], 1)), "orange-line" if "plain" in name else "blue-line")
    d.text(axes.x(24), axes.y(2e4), words("66 layers, plain", "66 层，普通网络"), "small orange-word", "start")
    d.text(axes.x(26), axes.y(150), words("66 layers, residual", "66 层，残差网络"), "small blue-word", "start")
    d.text(axes.x(18.5), axes.y(17), words("18 layers, plain", "18 层，普通网络"), "small orange-word", "start")
    d.text(axes.x(18.5), axes.y(5), words("18 layers, residual", "18 层，残差网络"), "small blue-word", "start")
    d.text(305, 304, words("convolution, counted from the image", "卷积，从图像一端数起"), "small")
    return d, words("How large the gradients of each convolution are in the first step, of plain and of residual networks (images of 32 × 32, batches "
                    "of 32, seed 0).",
                    "第一步中每个卷积的梯度有多大：普通网络与残差网络（32×32 的图像，批量大小 32，随机种子 0）。")


FIGURES = [ch05_plateau, ch10_histograms, ch11_gradients]
