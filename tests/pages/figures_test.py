# SPDX-License-Identifier: MIT
"""The figures: README's picture is the one that is drawn now, every figure is used by a page and has its words in both languages, those
of the glossary, and words can be read on every colour of the drawings."""
import json
import math
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "site"))
import figures  # noqa: E402
import overview  # noqa: E402

OTHER_WORDS = ("分支", "线路", "池化", "归一化", "拼接", "过滤器", "步长")  # the last column of the glossary

kept = (ROOT / "docs/images/overview.svg").read_text(encoding="utf-8")
assert kept == overview.standalone(figures.Words("en")), "docs/images/overview.svg: make it again with tools/site/figures.py --readme"

pages = "".join(page.read_text(encoding="utf-8") for page in [*ROOT.glob("chapters/*/tutorial.md"), *ROOT.glob("docs/*.md")])
with tempfile.TemporaryDirectory() as folder:
    figures.main([folder])
    for file in sorted(pathlib.Path(folder, "en").glob("*.html")):
        assert f"\\htmlinclude[block] {file.name}\n" in pages, f"no page shows {file.name}"
        english, chinese = (pathlib.Path(folder, language, file.name).read_text(encoding="utf-8") for language in ("en", "zh"))
        for text, words in ((english, r"[A-Za-z]{3}"), (chinese, "[\u4e00-\u9fff]")):
            for found in re.findall(r'role="img" aria-label="([^"]*)"|<figcaption>([^<]*)<', text):
                assert re.search(words, "".join(found)), (file.name, found)
        assert not re.search("[\u4e00-\u9fff]", english), f"{file.name}: Chinese words in the English figure"
        for word in OTHER_WORDS:
            assert word not in chinese, f"{file.name}: {word} is called otherwise in docs/glossary.md"
        assert "\n\n" not in english, f"{file.name}: an empty line ends the block"


def light(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(w * (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4) for w, v in zip((0.2126, 0.7152, 0.0722), parts))


def contrast(a, b):
    a, b = sorted((light(a), light(b)))
    return (b + 0.05) / (a + 0.05)


style = (ROOT / "docs/theme/site.css").read_text(encoding="utf-8")
for selector, page in (("html {", "#ffffff"), ("html.dark-mode {", "#1c1d1f")):
    block = next(b for b in re.findall(re.escape(selector) + r"(.*?)}", style, re.S) if "--figure-line" in b)
    colour = dict(re.findall(r"--figure-([\w-]+): (#[0-9a-f]{6})", block))
    for behind in ("blue", "orange", "green", "soft", "faint"):
        assert contrast(colour["line"], colour[behind]) >= 4.5, (selector, behind, contrast(colour["line"], colour[behind]))
    for front in ("line", "blue-line", "orange-line", "green-line"):
        assert contrast(colour[front], page) >= 4.5, (selector, front)

# What the pages say in tables is what was measured.
data = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (ROOT / "docs/measured").glob("*.json")}


def cells(section, key):
    """The cells of the rows that hold `key`, in both languages."""
    pages = sorted(ROOT.glob(f"chapters/{section}_*/tutorial*.md"))
    rows = [line.split("|")[2:-1] for page in pages for line in page.read_text(encoding="utf-8").splitlines()
            if line.startswith("|") and key in line]
    assert len(rows) == 2 and rows[0] == rows[1], (section, key, rows)
    return [float(cell) for cell in rows[0]]


def agree(said, found, digits):
    return all(abs(a - b) <= 0.5001 * 10 ** (math.floor(math.log10(b)) - digits + 1) for a, b in zip(said, found, strict=True))


for layer, points in data["lenet"]["spread"].items():
    found = [dict(points)[step] for step in (1, 50, 100, 200)]
    assert agree(cells("05", f"`{layer}`"), found, 1 if layer == "fc.4" else 2), (layer, found)
assert agree(cells("05", "2.370"), [data["lenet"]["loss"][step - 1] for step in (1, 50, 100, 200)], 4)
for layer in ("2", "6", "11", "14", "15"):
    found = [data["batch_norm"][kind]["spread"][layer][0][1] for kind in ("none", "scratch")]
    assert agree(cells("10", f"`{layer}` |"), found, 1 if layer == "15" else 2), (layer, found)
for layers in ("18", "66"):
    found = [sum(data["resnet"][f"{layers} {kind}"]["loss"][30:]) / 10 for kind in ("plain", "residual")]
    assert agree(cells("11", f"| {layers} |"), found, 2), (layers, found)
