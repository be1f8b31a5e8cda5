# SPDX-License-Identifier: MIT
"""tools/translations.py finds what twins do not have in common, and says which of them lag."""
import contextlib
import io
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import translations  # noqa: E402

ENGLISH = r"""# Pooling {#ch04}

The mean of \f$n\f$ numbers:

\f[ y = x \text{ if } n = 1. \f]

\dot "Two."
digraph g { a -> b; }
\enddot

\image html shoe.png "A shoe."

\snippet chapters/04_pooling/pool2d.hpp first

## Why {#ch04_why}
"""
CHINESE = ENGLISH.replace("# Pooling", "# 池化层").replace("## Why", "## 为什么").replace("A shoe", "一只鞋").replace(
    "The mean of", "平均").replace("if", "若")


def run(root, *arguments):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = translations.main(["--root", str(root), *arguments])
    return status, printed.getvalue()


with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "docs").mkdir()
    english, chinese = root / "docs/pooling.md", root / "docs/pooling.zh.md"
    english.write_text(ENGLISH, encoding="utf-8")
    assert run(root) == (0, "not translated: docs/pooling.md\n0 differences, 0 pages lag, 1 are not translated\n"), run(root)

    chinese.write_text(CHINESE, encoding="utf-8")
    status, said = run(root)
    assert status == 0 and "lags: docs/pooling.zh.md (it does not say" in said, said

    run(root, "--update")
    run(root, "--update")
    assert chinese.read_text(encoding="utf-8").count("<!-- english: ") == 1
    assert run(root) == (0, "0 differences, 0 pages lag, 0 are not translated\n"), run(root)

    english.write_text(ENGLISH + "More.\n", encoding="utf-8")
    status, said = run(root)
    assert status == 0 and "lags: docs/pooling.zh.md\n" in said, said
    english.write_text(ENGLISH, encoding="utf-8")

    for lost in ("{#ch04_why}", r"\f$n\f$", "y = x", "a -> b", r"\image html shoe.png", "pool2d.hpp first"):
        assert lost in CHINESE, lost
        chinese.write_text(CHINESE.replace(lost, ""), encoding="utf-8")
        status, said = run(root)
        assert status == 1 and "not in the Chinese page" in said, (lost, said)
