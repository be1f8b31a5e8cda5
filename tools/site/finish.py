#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finishes the pages that Doxygen wrote into SITE/en and SITE/zh: finish.py SITE.

Each page gets its language, a link to its twin, the search box, text alternatives and code boxes that the keyboard reaches; each
language gets an index for the search, and the site a first page that leads to one of the languages.
"""
import html
import json
import pathlib
import re
import sys

CHINESE = re.compile(r"[\u3400-\u9fff]")
LANGUAGE = {"en": "en", "zh": "zh-CN"}
TWIN = {"en": "zh", "zh": "en"}
WORDS = {
    "en": {"twin": "中文", "twin_title": "本页的中文版", "search": "Search", "hint": "Search the pages and the names of the library",
           "code": "code", "diagram": "Class diagram"},
    "zh": {"twin": "EN", "twin_title": "This page in English", "search": "搜索", "hint": "搜索页面和库中的名称",
           "code": "代码", "diagram": "类图"},
}
NAME = {"en": "CNNs from scratch", "zh": "从零实现卷积神经网络"}
# Titles that are too long for the sidebar, and what stands there instead.
SHORT = {"5.1 Two-dimensional convolutional layer": "5.1 Convolution",
         "5.10 Batch normalization": "5.10 Batch norm",
         "5.10 批量规范化（batch norm）": "5.10 批量规范化",
         "5.12 稠密连接网络（DenseNet）": "5.12 稠密连接网络"}
LISTS = re.compile(r"^(annotated|classes|functions|hierarchy|namespacemembers|namespaces|pages|dir_|topics|modules|files|globals"
                   r"|doxygen_crawl|inherits|graph_legend)|-members\.html$")


def text_of(piece):
    """The words of a piece of HTML, without formulas, code boxes and pictures."""
    piece = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>|<div class=\"fragment\".*?<!-- fragment -->|<pre\b.*?</pre>", " ", piece)
    piece = re.sub(r"(?s)\\\[.*?\\\]|\\\(.*?\\\)", " ", piece)
    piece = re.sub(r"</?(?:em|b|strong|code|a|span|i|tt|wbr)\b[^>]*>", "", piece)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", piece))).replace("◆", "").replace("\u200b", "").strip()


def contents_of(page):
    start = page.find('<div class="contents"')
    end = page.find("<!-- contents -->", start)
    return page[start:end if end > 0 else len(page)] if start >= 0 else ""


def is_chinese(page):
    words = text_of(contents_of(page))
    return len(CHINESE.findall(words)) > 0.1 * len(words)


def title_of(page):
    found = re.search(r'(?s)<div class="title"[^>]*>(.*?)</div>', page)
    return text_of(re.sub(r'(?s)<div class="ingroups">.*', "", found[1])) if found else ""


# --- the page ---------------------------------------------------------------------------------------------------------------


def tools(language, name, has_twin):
    words, twin = WORDS[language], TWIN[language]
    link = (f'<a id="site-twin" href="../{twin}/{name}" lang="{LANGUAGE[twin]}" hreflang="{LANGUAGE[twin]}" '
            f'title="{words["twin_title"]}">{words["twin"]}</a>') if has_twin else ""
    return (f'<div id="site-tools"><form id="site-search" role="search" onsubmit="return false">'
            f'<input id="site-query" type="search" placeholder="{words["search"]}" aria-label="{words["hint"]}" '
            f'title="{words["hint"]}" autocomplete="off" spellcheck="false" aria-controls="site-results"/></form>{link}'
            f'<span id="MSearchBox" hidden="hidden"></span></div>\n')


def with_alternatives(page, words):
    """Captions as text alternatives; graphs as pictures, which scale; code boxes within reach of the keyboard; wide pictures in a box
    in which they scroll on a phone, as those of figures.py."""

    def picture(found):
        alt = html.escape(text_of(found[3]), quote=True)
        image = f'{found[1]}alt="{alt}"{found[2]}'
        if 'width="100%"' in image:
            image = f'<div class="drawing wide">{image}</div>'
        return f'{image}<div class="caption">{found[3]}</div>'

    page = re.sub(r'(?s)(<img src="[^"]*"\s+)alt=""([^>]*/?>\s*)<div class="caption">(.*?)</div>', picture, page)

    def graph(found):
        caption = re.match(r'(?s)\s*<div class="caption">(.*?)</div>', page[found.end():found.end() + 2000])
        alt = html.escape(text_of(caption[1]) if caption else words["diagram"], quote=True)
        size = f' width="{found[2]}" height="{found[3]}"' if found[2] else ""
        return f'<img class="graph" src="{found[1]}"{size} alt="{alt}"/>'

    page = re.sub(r'(?s)<iframe[^>]*\bsrc="([^"]*\.svg)"(?: width="(\d+)" height="(\d+)")?[^>]*>.*?</iframe>', graph, page)
    page = re.sub(r'(?s)<object[^>]*\bdata="([^"]*\.svg)"(?: width="(\d+)" height="(\d+)")?[^>]*>.*?</object>', graph, page)
    page = re.sub('<(div|pre) class="fragment">',
                  rf'<\1 class="fragment" tabindex="0" role="group" aria-label="{words["code"]}">', page)
    return page.replace('<div class="title">', '<div class="title" role="heading" aria-level="1">')


def with_formulas(page):
    """No space that Doxygen put between a parenthesis, or a Chinese mark, and a formula, and no line between a formula and the marks
    around it."""
    page = re.sub(r"([(（，。、；：？！“](?:</(?:b|em|a|strong)>)?) (?=\\\()", r"\1", page)
    page = re.sub(r"(?<=\\\)) (?=[），。、；：？！”])", "", page)
    formula, before, behind = r"\\\((?:(?!\\\)|<).)+\\\)", "[(（“]", "[.,;:!?)，。；：、！？）”]"
    return re.sub(rf"{before}+{formula}{behind}*|{formula}{behind}+", r'<span class="formula">\g<0></span>', page)


APART = re.compile(r"""(?sx) <svg\ role="img".*?\n</svg> | <(script|style|pre|object)\b.*?</\1> | <div\ class="fragment".*?<!--\ fragment\ -->
                         | <code>(?P<code>.*?)</code> | <[^>]*> | \\\(.*?\\\) | \\\[.*?\\\]
                         | (?P<size>(?<![\w,.])\d+(?:\ ?×\ ?\d+)+(?!\w))
                         | (?P<amount>\d\ (?:%|[KMGT]i?B|kB|bytes?|[mµn]?s|GFLOPS?)(?![A-Za-z]))""")


def together(page):
    """Sizes such as 3 × 3, numbers and their units, and short pieces of code stay in one line."""

    def kept(found):
        if found["size"]:
            return f'<span class="formula">{found["size"]}</span>'
        if found["amount"]:
            return found[0].replace(" ", "\u00a0")
        if found["code"] and len(text_of(found["code"])) < 24:
            return f'<code class="short">{found["code"]}</code>'
        return found[0]

    contents = contents_of(page)
    return page.replace(contents, APART.sub(kept, contents), 1) if contents else page


def finish(page, language, name, has_twin):
    words, code = WORDS[language], LANGUAGE[language]
    page = page.replace(NAME["en"], NAME[language])
    page = re.sub(r"<html\b[^>]*>", f'<html xmlns="http://www.w3.org/1999/xhtml" lang="{code}">', page, count=1)
    page = re.sub(r"<title>(.*?): \1</title>", r"<title>\1</title>", page)
    if has_twin:
        twin = TWIN[language]
        page = page.replace("</head>", f'<link rel="alternate" hreflang="{LANGUAGE[twin]}" href="../{twin}/{name}"/>\n</head>', 1)
    page = page.replace('<div id="site-tools"></div>', tools(language, name, has_twin), 1)
    if not re.search(r"\\\(|\\\[", page):  # no formulas: nothing to load
        page = re.sub(r'<script[^>]*src="[^"]*/MathJax\.js"[^>]*></script>\s*', "", page)
    page = re.sub(r'(?s)<script type="module">(?:(?!</script>).)*mermaid.*?</script>\s*', "", page)  # would ask the network
    if language == "zh" and not is_chinese(page):
        page = page.replace('<div class="contents">', '<div class="contents" lang="en">', 1)
    return with_alternatives(together(with_formulas(page)), words)


# --- the search -------------------------------------------------------------------------------------------------------------


def sections_of(page, title):
    """[anchor, heading, text] of each section of a page, or of each described member of a class or namespace."""
    body = re.sub(r'(?s)<div class="toc".*?</ul>\s*</div>|<div style="display:none">.*?</div>', " ", contents_of(page))
    marks = list(re.finditer(
        r'(?s)<h[1-4][^>]*><a class="anchor" id="([^"]*)"[^>]*></a>(.*?)</h[1-4]>'
        r'|<a id="([^"]*)"(?: name="[^"]*")?></a>\s*<h2 class="memtitle">(.*?)</h2>', body))
    found = [["", title, text_of(body[:marks[0].start()] if marks else body)]]
    scope = re.match(r"[\w:]+(?:<.*>)?(?= )", title)
    for mark, after in zip(marks, [*marks[1:], None]):
        piece = body[mark.end():after.start() if after else len(body)]
        if mark[3]:
            piece = piece[max(piece.find('<div class="memdoc">'), 0):]
        text, heading = text_of(piece), text_of(mark[2] or mark[4])
        if mark[3]:
            heading = f"{scope[0]}::{heading}" if scope else heading
        found.append([mark[1] or mark[3], heading, text])
    return found


def index_of(pages):
    """What the search reads: [page, title, is it a tutorial or another text?, sections] for each page."""
    entries = []
    for name, page in sorted(pages.items()):
        if LISTS.search(name):
            continue
        title = title_of(page)
        kind = 2 if re.match(r"ch\d\d\.html", name) else 0 if re.match(r"(class|struct|namespace|union)|.*_8hpp\.html", name) else 1
        sections = sections_of(page, title)
        if kind == 0:  # tables of members say nothing that the members do not say
            sections[0][2] = sections[0][2][:400]
        entries.append([name, title, kind, sections])
    return "window.siteIndex = " + json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + ";\n"


# --- the site ---------------------------------------------------------------------------------------------------------------

FIRST_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>CNNs from scratch · 从零实现卷积神经网络</title>
<script>
location.replace((/^zh/i.test(navigator.language || "") ? "zh" : "en") + "/index.html");
</script>
<noscript><meta http-equiv="refresh" content="0; url=en/index.html"/></noscript>
</head>
<body>
<p><a href="en/index.html">CNNs from scratch</a></p>
<p lang="zh-CN"><a href="zh/index.html">从零实现卷积神经网络</a></p>
</body>
</html>
"""


def main(argv):
    site = pathlib.Path(argv[0])
    names = {language: {file.name for file in (site / language).glob("*.html")} for language in TWIN}
    for language, twin in TWIN.items():
        folder, pages = site / language, {}
        for name in names[language]:
            file = folder / name
            page = finish(file.read_text(encoding="utf-8"), language, name, name in names[twin])
            file.write_text(page, encoding="utf-8")
            pages[name] = page
        (folder / "search_index.js").write_text(index_of(pages), encoding="utf-8")
        for file in folder.glob("*.js"):  # the tree beside the pages
            tree = file.read_text(encoding="utf-8")
            short = tree.replace(f'"{NAME["en"]}"', f'"{NAME[language]}"')
            for title, instead in SHORT.items():
                short = short.replace(f'"{title}"', f'"{instead}"')
            if short != tree:
                file.write_text(short, encoding="utf-8")
    (site / "index.html").write_text(FIRST_PAGE, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
