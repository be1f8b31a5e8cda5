# SPDX-License-Identifier: MIT
"""The figures of sections 5.1 to 5.4, with the numbers of their programs."""
from drawing import Drawing, corr2d, number

CELL = 34
X = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
K = [[0, 1], [2, 3]]


def minus(rows):
    return [[number(v) for v in row] for row in rows]


# --- 5.1 --------------------------------------------------------------------------------------------------------------------


def ch01_window(words):
    y = corr2d(X, K)
    d = Drawing(438, 176, words(
        "An image of 3 by 3 pixels, a kernel of 2 by 2 numbers and the output of 2 by 2. The window stands at four places in turn; "
        "each gives one output: 19, 25, 37, 43.",
        "3×3 的图像、2×2 的卷积核和 2×2 的输出。窗口依次停在四个位置，每个位置得到一个输出：19、25、37、43。"))
    d.grid(20, 24, X)
    d.rect(20, 24, 2 * CELL, 2 * CELL, "blue-line window")
    d.text(162, 80, words("and", "与"))
    d.grid(200, 41, K, kinds={(i, j): "blue" for i in (0, 1) for j in (0, 1)})
    d.text(306, 80, words("give", "得到"))
    d.grid(350, 41, y)
    for turn, (i, j) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        sum_ = " + ".join(f"{X[i + u][j + v]}·{K[u][v]}" for u in (0, 1) for v in (0, 1))
        d.rect(350 + j * CELL, 41 + i * CELL, CELL, CELL, f"orange-line turn t{turn}")
        d.text(219, 164, f"{sum_} = {y[i][j]}", f"turn t{turn}")
    return d, words("At each of its four places the window gives one output: four products, added up.",
                    "窗口有四个位置，每个位置得到一个输出：四个乘积之和。"), {
        "moves": True, "still": words("Here it stands at the first.", "图中是第一个位置。")}


def ch01_sees(words):
    d = Drawing(640, 236, words(
        "Image of 5 by 5, first output of 4 by 4, second output of 3 by 3. The element in the middle of the second output sees 2 by 2 "
        "elements of the first and 3 by 3 pixels of the image, which count 1, 4, 4; 6, 20, 16; 9, 24, 16.",
        "5×5 的图像、4×4 的第一层输出、3×3 的第二层输出。第二层输出正中的元素看到第一层的 2×2 个元素和图像的 3×3 个像素，"
        "它们的权重是 1、4、4；6、20、16；9、24、16。"))
    k = [[1, 2], [3, 4]]
    seen = [[sum(k[a][b] * k[i - a][j - b] for a in (0, 1) for b in (0, 1) if 0 <= i - a < 2 and 0 <= j - b < 2)
             for j in range(3)] for i in range(3)]

    def cells(x, y, n, name, first, size, values):
        for i in range(n):
            for j in range(n):
                inside = first <= i < first + size and first <= j < first + size
                d.rect(x + j * CELL, y + i * CELL, CELL, CELL, ("orange" if name == "2" else "blue") if inside else "box",
                       data_grid=name, data_cell=f"{i},{j}")
                d.text(x + (j + 0.5) * CELL, y + (i + 0.5) * CELL + 5, values[i - first][j - first] if inside and values else "",
                       data_grid=name, data_value=f"{i},{j}")
    cells(20, 30, 5, "0", 1, 3, seen)
    cells(272, 47, 4, "1", 1, 2, k)
    cells(470, 64, 3, "2", 1, 1, None)
    d.text(105, 222, words("image", "图像"), "small")
    d.text(340, 222, words("first output", "第一层输出"), "small")
    d.text(521, 222, words("second output", "第二层输出"), "small")
    d.arrow(200, 115, 262, 115)
    d.arrow(416, 115, 462, 115)
    d.text(231, 105, "{{1, 2},", "small")
    d.text(231, 134, "{3, 4}}", "small")
    return d, words("What one element of the second output sees, and how much each pixel counts in it.",
                    "第二层输出的一个元素看到了什么，每个像素在其中占多大分量。"), {
        "screen": words("Point at another element, of either output, or use the arrow keys.", "可以指向任一层的其他元素，也可以用方向键。")}


# --- 5.2 --------------------------------------------------------------------------------------------------------------------


def ch02_sliders(words):
    """n 8, k 3, p 1, s 2, as one of the program's layers; docs/theme/figures.js draws others."""
    n, k, p, s, cell = 8, 3, 1, 2, 22
    out = (n + 2 * p - k) // s + 1
    d = Drawing(560, 292, words(
        "An image of 8 by 8 pixels with a border of zeros, the places of the window, and the output.",
        "8×8 的图像、四周的零、窗口的各个位置和输出。"))
    d.add('<g data-part="image">')
    for i in range(n + 2 * p):
        for j in range(n + 2 * p):
            border = min(i, j) < p or max(i, j) >= n + p
            d.rect(20 + j * cell, 20 + i * cell, cell, cell, "soft" if border else "box")
    for i in range(out):
        for j in range(out):
            d.circle(20 + (j * s + 0.5) * cell, 20 + (i * s + 0.5) * cell, 4, "dot")
    d.rect(20, 20, k * cell, k * cell, "blue-line")
    d.add('</g><g data-part="output">')
    for i in range(out):
        for j in range(out):
            d.rect(370 + j * cell, 20 + i * cell, cell, cell, "orange" if i == j == 0 else "box")
    d.add("</g>")
    d.text(430, 222, f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {out}", data_part="formula")

    def slider(name, english, chinese, value, least, most):
        label = words(english, chinese)
        return (f'<label>{label} <input type="range" name="{name}" min="{least}" max="{most}" value="{value}"/> '
                f"<output>{value}</output></label>")

    controls = (slider("n", "image", "图像", n, 1, 8) + slider("k", "kernel", "卷积核", k, 1, 5) +
                slider("p", "padding", "填充", p, 0, 2) + slider("s", "stride", "步幅", s, 1, 4))
    return d, words("Blue: the window at its first place. The dots are the upper left corners of all its places. Grey: the border of zeros.",
                    "蓝框是窗口的第一个位置，圆点是它各个位置的左上角，灰色是补上的零。"), {"controls": controls}


# --- 5.3 --------------------------------------------------------------------------------------------------------------------


def ch03_sum(words):
    xs = [X, [[v + 1 for v in row] for row in X]]
    ks = [K, [[v + 1 for v in row] for row in K]]
    ys = [corr2d(x, k) for x, k in zip(xs, ks)]
    total = [[a + b for a, b in zip(*rows)] for rows in zip(*ys)]
    d = Drawing(640, 262, words(
        "Channel 0 with its kernel gives 19, 25, 37, 43; channel 1 with its kernel gives 37, 47, 67, 77; the sum is 56, 72, 104, 120.",
        "通道 0 与它的卷积核得到 19、25、37、43；通道 1 与它的卷积核得到 37、47、67、77；相加得到 56、72、104、120。"))
    window = {(i, j): "blue" for i in (0, 1) for j in (0, 1)}
    for c, top in ((0, 14), (1, 140)):
        middle = top + 1.5 * CELL
        d.text(14, middle + 5, c, "strong")
        d.grid(30, top, xs[c], kinds=window)
        d.text(152, middle + 5, "★")
        d.grid(174, middle - CELL, ks[c], kinds=window)
        d.arrow(256, middle, 300, middle)
        d.grid(310, middle - CELL, ys[c], kinds={(0, 0): "blue"})
        d.arrow(390, middle, 452, 128)
    d.circle(466, 128, 14)
    d.text(466, 133, "+", "strong")
    d.arrow(482, 128, 526, 128)
    d.grid(534, 128 - 42, [[number(v) for v in row] for row in total], 42, kinds={(0, 0): "orange"})
    return d, words("Each channel has its kernel. The answers are added: 19 + 37 = 56.", "每个通道有自己的卷积核，结果相加：19 + 37 = 56。")


def ch03_matrix(words):
    d = Drawing(512, 160, words(
        "A 1 by 1 convolution as a product of matrices: the kernel, 2 by 3, times the image, 3 channels by 9 pixels, is the output, "
        "2 channels by 9 pixels. The column of one pixel is marked.",
        "1×1 卷积写成矩阵乘积：2×3 的卷积核乘以 3 通道 × 9 像素的图像，得到 2 通道 × 9 像素的输出。其中标出了一个像素对应的列。"))
    cell = 20

    def matrix(x, y, rows, columns, kind, column):
        for i in range(rows):
            for j in range(columns):
                d.rect(x + j * cell, y + i * cell, cell, cell, kind if column is None or j == column else "box")
    matrix(16, 54, 2, 3, "green", None)
    d.text(90, 79, "×")
    matrix(104, 44, 3, 9, "blue", 4)
    d.text(300, 79, "=")
    matrix(316, 54, 2, 9, "orange", 4)
    d.text(2, 36, words("kernel, 2 × 3", "卷积核，2 × 3"), "small", "start")
    d.text(194, 124, words("3 channels × 9 pixels", "3 通道 × 9 像素"), "small")
    d.text(406, 114, words("2 channels × 9 pixels", "2 通道 × 9 像素"), "small")
    d.text(194, 24, words("one pixel", "一个像素"), "small")
    d.arrow(194, 28, 194, 42)
    d.path("M194 132V150H406V128", "line")
    d.arrow(406, 131, 406, 122)
    return d, words("Each pixel is a column of three channels. The same matrix makes two new channels of it, whatever its neighbours are.",
                    "每个像素是三个通道组成的一列。同一个矩阵把它变成两个新通道，与相邻像素无关。")


# --- 5.4 --------------------------------------------------------------------------------------------------------------------


def ch04_shift(words):
    shifts = (-1, 0, 1)
    rows = {}
    for shift in shifts:
        image = [0 if 2 + shift <= j < 6 + shift else 1 for j in range(8)]
        edges = [image[j] - image[j + 1] for j in range(7)]
        rows[shift] = (image, edges, [max(edges[2 * j:2 * j + 2]) for j in range(3)])
    d = Drawing(570, 194, words(
        "A row of the image with its black bar moved by −1, 0 and 1; its edges; and the maxima of windows of two, side by side: 1 0 0 for "
        "−1 and 0, but 0 1 0 for 1.",
        "图像的一行，黑条移动 −1、0、1 个像素；它的边缘；以及并排的、宽为 2 的窗口的最大值：移动 −1 和 0 时是 1 0 0，移动 1 时是 0 1 0。"))
    cell = 26
    d.text(4, 20, words("shift", "移动"), "small", "start")
    d.text(50, 20, words("image", "图像"), "small", "start")
    d.text(272, 20, words("edges", "边缘"), "small", "start")
    d.text(566, 20, words("maximum of two", "两个中的最大值"), "small", "end")
    for line, shift in enumerate(shifts):
        image, edges, pooled = rows[shift]
        y = 32 + line * 56
        d.text(30, y + 19, number(shift), "", "end")
        for j, v in enumerate(image):
            d.rect(50 + j * cell, y, cell, cell, "white" if v else "black")
        for j, v in enumerate(edges):
            d.rect(272 + j * cell, y, cell, cell, "orange" if v > 0 else "blue" if v < 0 else "box")
            d.text(272 + (j + 0.5) * cell, y + 19, number(v))
        for j, v in enumerate(pooled):
            d.path(f"M{272 + 2 * j * cell + 3} {y + cell + 4}v6h{2 * cell - 6}v-6", "line")
            d.rect(488 + j * cell, y, cell, cell, "orange" if v else "box")
            d.text(488 + (j + 0.5) * cell, y + 19, number(v))
        d.arrow(458, y + 13, 484, y + 13)
    return d, words("Moved to the left, the edge stays in its window, and the answer is the same. Moved to the right, it is in the next one.",
                    "左移时边缘还在原来的窗口里，结果不变；右移时它进入了下一个窗口。")


FIGURES = [ch01_window, ch01_sees, ch02_sliders, ch03_sum, ch03_matrix, ch04_shift]
