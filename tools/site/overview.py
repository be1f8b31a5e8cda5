# SPDX-License-Identifier: MIT
"""LeNet as volumes drawn to scale, with real feature maps inside: for section 5.5, the first page and README."""
import base64
import html
import pathlib

from drawing import Drawing

IMAGES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "images"
# Side and channels behind each layer, what made them, and the picture with one of their maps: file, its size, the part to show.
STAGES = [
    (28, 1, ("image", "图像"), ("lenet_input.png", 224, 224, (0, 0, 224, 224))),
    (24, 6, ("5 × 5", "5 × 5"), ("lenet_feature_maps_1.png", 292, 195, (1, 1, 96, 96))),
    (12, 6, ("max", "最大汇聚"), None),
    (8, 16, ("5 × 5", "5 × 5"), ("lenet_feature_maps_2.png", 261, 261, (1, 1, 64, 64))),
    (4, 16, ("max", "最大汇聚"), None),
]
FLAT = [(120, ("linear", "全连接")), (84, ("linear", "全连接")), (10, ("linear", "全连接"))]


def embedded(file):
    return "data:image/png;base64," + base64.b64encode((IMAGES / file).read_bytes()).decode()


def volumes(words):
    d = Drawing(778, 216, words(
        "LeNet from left to right, drawn to scale: a boot of 28 by 28 pixels; 6 maps of 24 by 24; 6 of 12 by 12; 16 of 8 by 8; 16 of 4 by 4; "
        "then 120, 84 and 10 numbers.",
        "从左到右按比例画出的 LeNet：28×28 像素的一只靴子；6 幅 24×24 的特征图；6 幅 12×12；16 幅 8×8；16 幅 4×4；然后是 120、84 和 10 个数。"))
    unit, x, floor = 4.2, 16, 160
    for side, channels, made, picture in STAGES:
        size, depth = side * unit, channels * 2.1 if channels > 1 else 3
        d.volume(x, floor, size, depth, "blue" if channels > 1 else "soft")
        if picture:
            file, width, height, (left, top, w, h) = picture
            d.add(f'<svg x="{x:g}" y="{floor - size:g}" width="{size:g}" height="{size:g}" viewBox="{left} {top} {w} {h}" aria-hidden="true">'
                  f'<image href="{embedded(file)}" width="{width}" height="{height}"/></svg>')
            d.rect(x, floor - size, size, size, "line")
        d.text(x + size / 2, floor + 20, f"{channels} × {side} × {side}", "small")
        d.text(x + size / 2, floor + 38, words(*made), "small")
        x += size + depth + (18 if size > 60 else 54)
    for count, made in FLAT:
        d.rect(x, floor - count * 1.15, 12, count * 1.15, "orange")
        d.text(x + 6, floor + 20, count, "small")
        d.text(x + 6, floor + 38, words(*made), "small")
        x += 56
    return d, words("LeNet to scale, with what it makes of a boot: the image, one of the six maps of the first convolution, one of the sixteen of the "
                    "second.",
                    "按比例画出的 LeNet，以及一只靴子在其中的样子：图像、第一个卷积的六幅特征图之一、第二个卷积的十六幅特征图之一。")


STYLE = """
text { font: 12.5px system-ui, "Segoe UI", Arial, sans-serif; fill: #2f4153 }
.blue { fill: #bcd6f0; stroke: #2f4153 } .soft { fill: #eef2f6; stroke: #2f4153 } .orange { fill: #ffd9a8; stroke: #2f4153 }
.line { fill: none; stroke: #2f4153 } .shade { fill-opacity: .75 } .shade2 { fill-opacity: .5 }
@media (prefers-color-scheme: dark) {
  text { fill: #d2dbde } .blue { fill: #24507c; stroke: #d2dbde } .soft { fill: #2a2d31; stroke: #d2dbde }
  .orange { fill: #70430f; stroke: #d2dbde } .line { stroke: #d2dbde }
}
"""


def standalone(words):
    """The same as a file of its own, for README: it brings its colours along."""
    drawing = volumes(words)[0]
    svg = drawing.svg(' xmlns="http://www.w3.org/2000/svg"')
    start = svg.index("\n") + 1
    return f"{svg[:start]}<title>{html.escape(drawing.says)}</title>\n<style>{STYLE}</style>\n{svg[start:]}\n"
