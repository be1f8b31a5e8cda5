# SPDX-License-Identifier: MIT
"""SVG in a few words: what the figures of the site are drawn with."""
import html


class Drawing:
    """Shapes in the order in which they are drawn; `kind` is a class of docs/theme/figures.css."""

    def __init__(self, width, height, says):
        self.width, self.height, self.says, self.parts = width, height, says, []

    def add(self, markup):
        self.parts.append(markup)

    def rect(self, x, y, w, h, kind="box", **more):
        self.add(f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" class="{kind}"{attributes(more)}/>')

    def line(self, x1, y1, x2, y2, kind="line", **more):
        self.add(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"{attributes(more)}/>')

    def path(self, d, kind="line", **more):
        self.add(f'<path d="{d}" class="{kind}"{attributes(more)}/>')

    def polygon(self, points, kind="box", **more):
        joined = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.add(f'<polygon points="{joined}" class="{kind}"{attributes(more)}/>')

    def circle(self, x, y, r, kind="box", **more):
        self.add(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" class="{kind}"{attributes(more)}/>')

    def text(self, x, y, words, kind="", anchor="middle", **more):
        self.add(f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}"{attributes(more)}>{html.escape(str(words))}</text>')

    def arrow(self, x1, y1, x2, y2, kind="line"):
        """A line with a head at its end."""
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        self.line(x1, y1, x2 - 4 * dx, y2 - 4 * dy, kind)
        back = (x2 - 8 * dx, y2 - 8 * dy)
        self.polygon([(x2, y2), (back[0] - 4 * dy, back[1] + 4 * dx), (back[0] + 4 * dy, back[1] - 4 * dx)], f"head {kind}")

    def grid(self, x, y, rows, cell=34, kinds=None, name=None, size=""):
        """Numbers in cells; `kinds` says the class of some of them, by (row, column)."""
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                kind = (kinds or {}).get((i, j), "box")
                more = {"data-grid": name, "data-cell": f"{i},{j}"} if name else {}
                self.rect(x + j * cell, y + i * cell, cell, cell, kind, **more)
                if value is not None:
                    self.text(x + (j + 0.5) * cell, y + (i + 0.5) * cell + 5, value, size)

    def volume(self, x, y, side, depth, kind="box", height=None):
        """A box seen from the front, `depth` going back to the upper right; (x, y) is its lower left corner."""
        h, slant = side if height is None else height, depth * 0.45
        top, right = y - h, x + side
        self.polygon([(x, top), (x + depth, top - slant), (right + depth, top - slant), (right, top)], f"{kind} shade")
        self.polygon([(right, top), (right + depth, top - slant), (right + depth, y - slant), (right, y)], f"{kind} shade2")
        self.rect(x, top, side, h, kind)

    def svg(self, more=""):
        return (f'<svg role="img" aria-label="{html.escape(self.says, quote=True)}" viewBox="0 0 {self.width:g} {self.height:g}" '
                f'width="{self.width:g}" height="{self.height:g}"{more}>\n' + "\n".join(self.parts) + "\n</svg>")


def attributes(more):
    return "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value), quote=True)}"' for key, value in more.items())


def number(value):
    """As it is printed in a figure: with a real minus, without needless zeros."""
    return f"{value:g}".replace("-", "−")


def thousands(value, language):
    return f"{value:,}" if language == "en" else f"{value:,}"


def corr2d(x, k):
    return [[sum(x[i + u][j + v] * k[u][v] for u in range(len(k)) for v in range(len(k[0])))
             for j in range(len(x[0]) - len(k[0]) + 1)] for i in range(len(x) - len(k) + 1)]
