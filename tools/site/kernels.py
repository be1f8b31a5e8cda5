# SPDX-License-Identifier: MIT
"""The figures of the page about GPUs: who computes what, and when."""
from drawing import Drawing


def cuda_blocks(words):
    d = Drawing(620, 350, words(
        "A product of matrices: A at the left, B at the top, C between them. A block of threads makes one tile of C; for it, it reads a strip "
        "of rows of A and a strip of columns of B, tile by tile along k. Enlarged at the right: a thread's 64 elements of the tile are "
        "four squares of 4 by 4.",
        "矩阵乘积：A 在左，B 在上，C 在中间。一个线程块计算 C 的一个小块；为此它沿着 k 一块一块地读 A 的一条行带和 B 的一条列带。"
        "右边是放大图：一个线程的 64 个元素是四个 4×4 的方块。"))
    side, left, top, k = 48, 150, 170, 120
    d.rect(left - k - 16, top, k, 3 * side)  # A
    d.rect(left, top - k - 16, 4 * side, k)  # B
    for i in range(3):
        for j in range(4):
            d.rect(left + j * side, top + i * side, side, side)
    d.rect(left - k - 16, top + side, k, side, "blue shade")
    d.rect(left + 2 * side, top - k - 16, side, k, "blue shade")
    d.rect(left - k + 24, top + side, 24, side, "blue-line window")
    d.rect(left + 2 * side, top - k + 24, side, 24, "blue-line window")
    d.rect(left + 2 * side, top + side, side, side, "orange")
    d.text(left - k / 2 - 16, top + 3 * side + 22, words("A: rows m, along k", "A：行 m，沿 k"), "small")
    d.text(left + 2 * side, top - k - 26, words("B: columns n, along k", "B：列 n，沿 k"), "small")
    d.text(left + 2 * side, top + 3 * side + 22, words("C: a tile for each block", "C：每个线程块一个小块"), "small")
    big, x, y = 176, 420, 106
    d.rect(x, y, big, big, "orange shade")
    cell = big / 8
    for i in (2, 6):
        for j in (1, 5):
            d.rect(x + j * cell, y + i * cell, cell, cell, "blue")
    d.line(left + 3 * side, top + side, x, y, "dashed")
    d.line(left + 3 * side, top + 2 * side, x, y + big, "dashed")
    d.text(x + big / 2, y + big + 22, words("a thread's part of it", "其中一个线程的部分"), "small")
    return d, words(
        "A block makes a tile of C from a strip of A and a strip of B, which it loads tile by tile (outlined). A thread makes what is blue "
        "at the right.",
        "一个线程块用 A 的一条行带和 B 的一条列带算出 C 的一个小块，两条带都一块一块地读入（描边处）。一个线程计算右图中的蓝色部分。")


def cuda_time(words):
    d = Drawing(660, 262, words(
        "Time goes to the right; a load takes three times as long as a multiplication. tiled: load, multiply, load. vectors: the next "
        "load runs while a tile is multiplied. async: three loads are on their way at any time, and multiplications follow each other "
        "without a gap.",
        "时间向右；读入一块的时间是乘一块的三倍。tiled：读入、相乘、再读入。vectors：乘一块的同时读入下一块。"
        "async：任何时候都有三次读入在途，相乘一次接一次，没有空隙。"))
    unit, first, height, end = 76, 84, 20, 650

    def bar(start, length, y, kind, text, number):
        x = first + start * unit
        d.rect(x, y, min(length * unit, end - x), height, kind)
        d.text(x + min(length * unit, end - x) / 2, y + 15, f"{text} {number}", "small")

    def load(start, y, number):
        bar(start, 3, y, "blue", words("load", "读入"), number)

    def multiply(start, y, number):
        bar(start, 1, y, "orange", words("multiply", "相乘"), number)
    d.text(8, 31, "tiled", "small", "start")
    for start, number in ((0, 0), (4, 1)):
        load(start, 16, number)
    multiply(3, 16, 0)
    d.text(8, 94, "vectors", "small", "start")
    for number in range(3):
        if number < 2:
            load(3 * number, 66, number)
        if number > 0:
            multiply(3 * number, 92, number - 1)
    load(6, 66, 2)
    d.text(8, 200, "async", "small", "start")
    for number in range(6):
        load(number, 142 + number % 3 * 24, number)
    for number in range(4):
        multiply(3 + number, 224, number)
    return d, words(
        "One block over time, drawn for a load that takes three times as long as a multiplication. While a block waits, others on the same "
        "multiprocessor compute.",
        "一个线程块随时间所做的事，按读入的时间是相乘的三倍来画。一个线程块等待时，同一多处理器上的其他线程块在计算。")


FIGURES = [cuda_blocks, cuda_time]
