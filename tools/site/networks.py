# SPDX-License-Identifier: MIT
"""The figures of sections 5.6 to 5.12, with the numbers of their networks."""
import math

from drawing import Drawing, number
from overview import volumes


def ch05_volumes(words):
    return volumes(words)


# --- 5.6 --------------------------------------------------------------------------------------------------------------------


def curve(d, x0, y0, sx, sy, f, kind, start=-6.0, end=6.0):
    points = [(start + (end - start) * t / 120) for t in range(121)]
    d.path("M" + "L".join(f"{x0 + sx * v:.1f} {y0 - sy * f(v):.1f}" for v in points), kind)


def ch06_activations(words):
    d = Drawing(660, 260, words(
        "Sigmoid and ReLU from −6 to 6, and their derivatives. That of the sigmoid is at most one quarter, and nearly zero beyond 5; that of "
        "ReLU is zero on the left and one on the right.",
        "sigmoid 和 ReLU 在 −6 到 6 之间的曲线及其导数。sigmoid 的导数最大为四分之一，在 5 以外接近零；ReLU 的导数左边是零，右边是一。"))
    sigmoid = lambda v: 1 / (1 + math.exp(-v))
    for x0, name, f, slope in ((165, "sigmoid", sigmoid, lambda v: sigmoid(v) * (1 - sigmoid(v))),
                               (495, "ReLU", lambda v: max(v, 0.0), lambda v: 1.0 if v > 0 else 0.0)):
        sx, sy = 22, 110
        y0 = 200
        d.line(x0 - 6 * sx, y0, x0 + 6 * sx, y0, "line")
        d.line(x0, y0 + 6, x0, 36, "line")
        d.line(x0 - 6 * sx, y0 - sy, x0 + 6 * sx, y0 - sy, "faint")
        for v in (-6, -3, 3, 6):
            d.text(x0 + v * sx, y0 + 20, number(v), "small")
        d.text(x0 - 6, y0 - sy + 14, "1", "small", "end")
        if name == "ReLU":
            d.path(f"M{x0 - 6 * sx} {y0}L{x0} {y0}L{x0 + 1.45 * sx:.1f} {y0 - 1.45 * sy:.1f}", "blue-line")
            d.path(f"M{x0 - 6 * sx} {y0 - 1}L{x0} {y0 - 1}M{x0} {y0 - sy}L{x0 + 6 * sx} {y0 - sy}", "orange-line")
        else:
            curve(d, x0, y0, sx, sy, f, "blue-line")
            curve(d, x0, y0, sx, sy, slope, "orange-line")
            d.line(x0 - 3, y0 - sy / 4, x0 + 3, y0 - sy / 4, "line")
            d.text(x0 + 8, y0 - sy / 4 - 8, "1/4", "small orange-word", "start")
        d.text(x0, 24, name, "strong")
    d.text(264, 84, words("function", "函数"), "small blue-word")
    d.text(252, 178, words("derivative", "导数"), "small orange-word")
    d.text(574, 50, words("function", "函数"), "small blue-word")
    d.text(586, 112, words("derivative", "导数"), "small orange-word")
    return d, words("Backwards, each sigmoid multiplies a gradient by a quarter at most; a ReLU multiplies it by one, or stops it.",
                    "反向传播时，每个 sigmoid 最多把梯度乘以四分之一；ReLU 则乘以一，或者截断。")


# --- 5.7 --------------------------------------------------------------------------------------------------------------------


def ch07_cones(words):
    d = Drawing(500, 236, words(
        "Left: one kernel of 5 by 5 sees 5 pixels in a row, with 25 weights for each pair of channels. Right: two kernels of 3 by 3, one "
        "after the other, see the same 5 pixels through 3 elements between, with 18 weights and one more nonlinearity.",
        "左：一个 5×5 的卷积核在一行中看到 5 个像素，每对通道有 25 个权重。右：两个 3×3 的卷积核前后相接，经过中间的 3 个元素看到同样的 5 个像素，"
        "只有 18 个权重，还多一次非线性变换。"))
    cell = 40

    def row(x, y, count, kind):
        for j in range(count):
            d.rect(x + j * cell, y, cell - 6, 20, kind)

    x = 16
    d.polygon([(x, 176), (x + 5 * cell - 6, 176), (x + 3 * cell - 6, 48), (x + 2 * cell, 48)], "soft")
    row(x, 176, 5, "blue")
    row(x + 2 * cell, 28, 1, "orange")
    d.text(x + 97, 222, words("one of 5 × 5: 25 c²", "一个 5×5：25 c²"), "strong")
    x = 290
    d.polygon([(x, 176), (x + 5 * cell - 6, 176), (x + 4 * cell - 6, 122), (x + cell, 122)], "soft")
    d.polygon([(x + cell, 102), (x + 4 * cell - 6, 102), (x + 3 * cell - 6, 48), (x + 2 * cell, 48)], "soft")
    row(x, 176, 5, "blue")
    row(x + cell, 102, 3, "green")
    row(x + 2 * cell, 28, 1, "orange")
    d.text(x + 97, 222, words("two of 3 × 3: 18 c²", "两个 3×3：18 c²"), "strong")
    d.text(x + 4 * cell + 6, 118, "ReLU", "small green-word", "start")
    d.text(250, 192, words("pixels", "像素"), "small")
    d.text(250, 44, words("output", "输出"), "small")
    return d, words("Both outputs see the same five pixels (here in one row). Two small kernels have fewer weights, and a ReLU between them.",
                    "两边的输出看到同样的五个像素（这里只画一行）。两个小卷积核的权重更少，中间还多一个 ReLU。")


# --- 5.8 --------------------------------------------------------------------------------------------------------------------

ALEXNET = [("conv 11 × 11, stride 4", 96 * (121 * 1 + 1)), ("conv 5 × 5", 256 * (25 * 96 + 1)), ("conv 3 × 3", 384 * (9 * 256 + 1)),
           ("conv 3 × 3", 384 * (9 * 384 + 1)), ("conv 3 × 3", 256 * (9 * 384 + 1)), ("linear 4096", 4096 * 6401),
           ("linear 4096", 4096 * 4097), ("linear 10", 10 * 4097)]
NIN = [("conv 11 × 11, stride 4", 96 * 122), ("1 × 1, 1 × 1", 2 * 96 * 97), ("conv 5 × 5", 256 * (25 * 96 + 1)), ("1 × 1, 1 × 1", 2 * 256 * 257),
       ("conv 3 × 3", 384 * (9 * 256 + 1)), ("1 × 1, 1 × 1", 2 * 384 * 385), ("conv 3 × 3", 10 * (9 * 384 + 1)),
       ("1 × 1, 1 × 1", 2 * 10 * 11)]


def ch08_side(words):
    total = [sum(count for _, count in net) for net in (ALEXNET, NIN)]
    d = Drawing(576, 322, words(
        f"AlexNet and NiN layer by layer, with bars as long as their parameters. AlexNet has {total[0]:,}, most of them in two linear layers; "
        f"NiN has {total[1]:,}, and a global average at its end.",
        f"逐层对照 AlexNet 和 NiN，条形长度为参数个数。AlexNet 有 {total[0]:,} 个，大多在两个全连接层里；NiN 有 {total[1]:,} 个，最后是全局平均汇聚。"))
    scale = 100 / 26.3e6
    for x, name, net, count in ((6, "AlexNet", ALEXNET, total[0]), (308, "NiN", NIN, total[1])):
        d.text(x, 22, name, "strong", "start")
        d.text(x + 188, 22, f"{count:,}", "small", "start")
        for line, (layer, parameters) in enumerate(net):
            y = 36 + line * 30
            shown = layer.replace("linear", words("linear", "全连接")).replace("conv", words("conv", "卷积"))
            shown = shown.replace(", stride", words(", stride", "，步幅"))
            kind = "orange" if "linear" in layer else "green" if layer.startswith("1") else "blue"
            d.text(x, y + 15, shown, "small", "start")
            d.rect(x + 188, y, max(1.5, parameters * scale), 20, kind)
    d.text(308, 36 + 8 * 30 + 15, words("global average:", "全局平均汇聚："), "small", "start")
    d.text(308, 36 + 8 * 30 + 35, words("no parameters", "没有参数"), "small", "start")
    return d, words("Parameters, drawn to scale. NiN has convolutions of 1 × 1 where AlexNet has linear layers, and ends with a mean.",
                    "按比例画出的参数个数。AlexNet 用全连接层的地方，NiN 用 1×1 卷积，最后取平均。")


def ch08_means(words):
    d = Drawing(424, 316, words("Ten class maps of 5 by 5 become ten means.", "十张 5×5 的类别图变成十个平均值。"))
    for c in range(10):
        x, y = 12 + c % 5 * 84, 10 + c // 5 * 158
        for i in range(5):
            for j in range(5):
                # Class 9 stands out, as the class of an image does.
                weight = max(0.06, 1 - 0.28 * (abs(i - 2) + abs(j - 2))) if c == 9 else 0.06 + 0.1 * ((3 * i + 5 * j + 7 * c) % 4 == 0)
                d.rect(x + j * 13, y + i * 13, 13, 13, "heat", fill_opacity=f"{weight:.2f}")
        d.rect(x, y, 65, 65, "line")
        d.arrow(x + 32.5, y + 70, x + 32.5, y + 92)
        mean = 0.4 if c == 9 else 0.08
        d.rect(x + 21.5, y + 96, 22, 22, "heat", fill_opacity=f"{1.0 if c == 9 else mean:.2f}")
        d.rect(x + 21.5, y + 96, 22, 22, "line")
        d.text(x + 32.5, y + 136, c, "small")
    return d, words("Ten class maps, ten means (a sketch): a map that is bright somewhere gives its class a high score. Nothing is learned here.",
                    "十张类别图，十个平均值（示意）：哪张图上有亮处，哪个类别的得分就高。这一步没有要学的参数。")


# --- 5.9 --------------------------------------------------------------------------------------------------------------------


def ch09_block(words):
    d = Drawing(660, 330, words(
        "The first Inception block: 192 channels go into four branches. 1 by 1 gives 64; 1 by 1 to 96, then 3 by 3 gives 128; 1 by 1 to 16, "
        "then 5 by 5 gives 32; max pooling, then 1 by 1 gives 32. Together 256.",
        "第一个 Inception 块：192 个通道进入四条路径。1×1 得到 64；1×1 到 96，再 3×3 得到 128；1×1 到 16，再 5×5 得到 32；"
        "最大汇聚后 1×1 得到 32。合起来 256。"))
    scale = 0.9
    d.rect(330 - 192 * scale / 2, 12, 192 * scale, 26, "soft")
    d.text(330, 30, words("192 channels", "192 个通道"), "small")
    branches = [(70, [], ("1 × 1", 64), "blue"), (250, [("1 × 1", 96)], ("3 × 3", 128), "orange"),
                (420, [("1 × 1", 16)], ("5 × 5", 32), "green"), (568, [(words("max 3 × 3", "最大汇聚 3×3"), 192)], ("1 × 1", 32), "heat2")]
    end = 330 - 256 * scale / 2
    for x, first, (name, width), kind in branches:
        d.arrow(330 + (x - 330) * 0.33, 38, x, 78 if first else 158)
        for layer, channels in first:
            pooled = channels == 192
            shown = 108 if pooled else channels * scale
            d.rect(x - shown / 2, 80, shown, 24, "soft" if pooled else kind)
            if shown < 60:
                d.text(x + shown / 2 + 6, 97, f"{layer}, {channels}", "small", "start")
            else:
                d.text(x, 97, layer if pooled else f"{layer}, {channels}", "small")
            d.arrow(x, 106, x, 158)
        w = width * scale
        d.rect(x - w / 2, 160, w, 24, kind)
        if w >= 80:
            d.text(x, 177, f"{name}, {width}", "small")
        else:
            d.text(x + w / 2 + 6, 177, f"{name}, {width}", "small", "start")
        d.polygon([(x - w / 2, 184), (x + w / 2, 184), (end + w, 264), (end, 264)], f"{kind} shade2")
        d.rect(end, 264, w, 28, kind)
        end += w
    d.text(330, 314, words("256 channels: 64 + 128 + 32 + 32", "256 个通道：64 + 128 + 32 + 32"), "small")
    return d, words("The first Inception block, its branches as wide as their channels (the pooled 192 are drawn narrower).",
                    "第一个 Inception 块，路径的宽度就是它的通道数（汇聚后的 192 个通道画窄了）。")


def ch09_network(words):
    d = Drawing(700, 216, words(
        "GoogLeNet from left to right: the channels grow from 64 to 1024 while the side shrinks from 48 to 3; nine Inception blocks.",
        "从左到右的 GoogLeNet：通道数从 64 增加到 1024，边长从 48 减小到 3；共九个 Inception 块。"))
    stages = [(48, [64], "soft"), (24, [192], "soft"), (12, [256, 480], "blue"), (6, [512, 512, 512, 528, 832], "orange"),
              (3, [832, 1024], "green"), (1, [1024], "soft")]
    x = 12
    for side, channels, kind in stages:
        start = x
        for c in channels:
            height = c * 0.14
            d.rect(x, 166 - height, 40, height, kind)
            d.text(x + 20, 160 - height, c, "small")
            x += 48
        d.line(start, 172, x - 8, 172, "line")
        d.text((start + x - 8) / 2, 191, f"{side} × {side}", "small")
        x += 22
    return d, words("GoogLeNet at 96 × 96 pixels: the channels of each stage and each of the nine Inception blocks (coloured), and the size of "
                    "their maps, before the pooling that follows. The last bar is the global average.",
                    "输入为 96×96 时的 GoogLeNet：各阶段和九个 Inception 块（有颜色的）输出的通道数，以及随后的汇聚之前特征图的大小。最右边是全局平均汇聚。")


# --- 5.10 -------------------------------------------------------------------------------------------------------------------


def ch10_cube(words):
    d = Drawing(660, 250, words(
        "Left: a fully connected layer normalizes one column of n values, one for each example. Right: a convolution normalizes one channel: "
        "n times h times w values, all examples and all pixels.",
        "左：全连接层对一列 n 个值做规范化，每个样本一个。右：卷积对一个通道做规范化：n×h×w 个值，包括所有样本、所有像素。"))
    for i in range(5):
        for j in range(6):
            d.rect(50 + j * 28, 40 + i * 28, 28, 28, "orange" if j == 2 else "box")
    d.text(134, 28, words("features", "特征"), "small")
    d.text(36, 114, "n", "small")
    d.text(134, 210, words("fully connected: n values", "全连接：n 个值"), "strong")
    for n in range(4):
        for c in range(3):
            x = 330 + c * 100
            depth = 3 - n
            kind = "orange" if c == 1 else "box"
            d.rect(x + depth * 12, 84 - depth * 14, 66, 66, kind)
        if n == 3:
            for c in range(3):
                for k in range(1, 4):
                    d.line(330 + c * 100 + k * 16.5, 84, 330 + c * 100 + k * 16.5, 150, "faint")
                    d.line(330 + c * 100, 84 + k * 16.5, 396 + c * 100, 84 + k * 16.5, "faint")
    d.text(322, 121, "h", "small", "end")
    d.text(363, 168, "w", "small")
    d.arrow(604, 152, 640, 110)
    d.text(636, 142, "n", "small")
    d.text(478, 28, words("channels", "通道"), "small")
    d.text(478, 210, words("convolution: n × h × w values", "卷积：n×h×w 个值"), "strong")
    return d, words("What is brought to mean 0 and variance 1 together (orange): one feature of all examples, or one channel of all examples "
                    "with all its pixels.",
                    "哪些值一起变成均值 0、方差 1（橙色）：所有样本的同一个特征，或所有样本的同一个通道及其全部像素。")


# --- 5.11 -------------------------------------------------------------------------------------------------------------------


def ch11_blocks(words):
    d = Drawing(640, 320, words(
        "Left: a plain block, whose two layers must learn f(x). Right: a residual block, whose layers learn f(x) − x, while x goes past them "
        "and is added. Backwards the gradient takes both ways.",
        "左：普通块，两层要学出 f(x)。右：残差块，两层学的是 f(x) − x，x 从旁边绕过再加上去。反向时梯度走两条路。"))
    for x, residual in ((130, False), (440, True)):
        d.text(x, 24, words("residual", "残差块") if residual else words("plain", "普通块"), "strong")
        d.text(x - 14, 52, "x", "", "end")
        d.arrow(x, 40, x, 74)
        for y, name in ((76, words("3 × 3, norm, ReLU", "3×3，规范化，ReLU")), (136, words("3 × 3, norm", "3×3，规范化"))):
            d.rect(x - 82, y, 164, 36, "blue")
            d.text(x, y + 23, name, "small")
        d.arrow(x, 112, x, 134)
        if residual:
            d.arrow(x, 172, x, 206)
            d.circle(x, 220, 13, "orange")
            d.text(x, 225, "+", "strong")
            d.path(f"M{x} 58H{x + 120}V220H{x + 22}", "orange-line")
            d.polygon([(x + 14, 220), (x + 24, 215), (x + 24, 225)], "head orange-line")
            d.text(x + 128, 142, "x", "orange-word", "start")
            d.text(x - 12, 194, "f(x) − x", "", "end")
            d.arrow(x, 234, x, 258)
            d.circle(0, 0, 6, "dot traveller", style=f"offset-path:path('M{x} 220H{x + 120}V58H{x}V44')")
        else:
            d.line(x, 172, x, 232)
            d.arrow(x, 232, x, 258)
            d.text(x - 12, 194, "f(x)", "", "end")
        d.rect(x - 40, 260, 80, 28, "soft")
        d.text(x, 279, "ReLU", "small")
    return d, words("The same wish f(x), twice. If x is already right, the residual block has only to learn zero. The dot is the gradient on its "
                    "way past the layers.",
                    "同一个目标 f(x)，两种做法。如果 x 已经够好，残差块只要学出零。圆点是绕过各层的梯度。"), {"moves": True}


# --- 5.12 -------------------------------------------------------------------------------------------------------------------


def ch12_stack(words):
    d = Drawing(680, 300, words(
        "Upper row: the first dense block. 64 channels grow by 32 with each of four layers, to 192, and a transition layer makes 96 of them. "
        "Lower row: ResNet adds, and stays at 64 channels.",
        "上排：第一个稠密块。64 个通道每过一层增加 32 个，四层后是 192 个，过渡层再变成 96 个。下排：ResNet 做加法，始终是 64 个通道。"))
    unit = 0.85
    kinds = ["soft", "blue", "orange", "green", "heat2"]
    for step in range(6):
        x = 120 + step * 92
        if step < 5:
            y = 190
            for layer in range(step + 1):
                height = (64 if layer == 0 else 32) * unit
                y -= height
                d.rect(x, y, 36, height, kinds[layer])
            d.text(x + 18, y - 8, 64 + 32 * step, "small")
        else:
            d.rect(x, 190 - 96 * unit, 36, 96 * unit, "soft")
            d.text(x + 18, 182 - 96 * unit, 96, "small")
        if step < 5:
            d.rect(x, 276 - 64 * unit, 36, 64 * unit, "soft")
            d.arrow(x + 40, 164, x + 88, 164)
            if step < 4:
                d.text(x + 64, 156, "+32", "small")
                d.arrow(x + 40, 250, x + 88, 250)
                d.circle(x + 64, 250, 9)
                d.text(x + 64, 255, "+", "small")
    d.text(60, 150, "DenseNet", "strong")
    d.text(60, 254, "ResNet", "strong")
    d.text(598, 212, words("transition", "过渡层"), "small")
    return d, words("To scale: a dense block concatenates, and every layer's channels stay as they were made; ResNet adds them into one sum.",
                    "按比例：稠密块把通道连结起来，每层产生的通道原样保留；ResNet 把它们加成一个和。")


FIGURES = [ch05_volumes, ch06_activations, ch07_cones, ch08_side, ch08_means, ch09_block, ch09_network, ch10_cube, ch11_blocks, ch12_stack]
