# SPDX-License-Identifier: MIT
"""Builds the site and reads it as a visitor does, in a headless Chromium: every page of both languages, wide and narrow, in the
light and in the dark, and printed; the search; the links between the languages.

browser_test.py FOLDER builds it in FOLDER; browser_test.py --site HTML takes a site that is there. Exit status 77: skipped.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

from browser import Browser, find_chromium

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDE, NARROW = 1300, 390
MOST = 60  # complaints shown

# What is wrong with a page that is open, as lines of text.
FUNCTIONS = r"""
window.visitor = {
  main: () => document.getElementById('doc-content') || document.documentElement,
  short: (text) => text.trim().replace(/\s+/g, ' ').slice(0, 60),

  sees: (element) => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) &&
    element.getClientRects().length > 0,

  // Text nodes of the page that are seen.
  * texts(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.data.trim() && !node.parentElement.closest('script, style, noscript')) yield node;
  },

  literal() {
    const found = [], contents = document.querySelector('.contents');
    if (contents) for (const node of visitor.texts(contents)) {
      if (node.parentElement.closest('code, .fragment, pre, .memproto, .memname, .memberdecls, .MathJax_SVG, svg')) continue;
      const sign = node.data.match(/\*\*|(?:^|\s)\*[A-Z]|\\f[\[\]$]|[@\\](ref|subpage|image|snippet|include|dot|htmlinclude|see\d|page\d)\b|\\\(|\\\[/);
      if (sign) found.push('literal ' + sign[0] + ': ' + visitor.short(node.data));
    }
    return found;
  },

  formulas() {
    const found = [], wanted = document.querySelectorAll('script[type^="math/tex"]').length;
    const drawn = document.querySelectorAll('.MathJax_SVG > svg').length;
    if (wanted !== drawn) found.push(wanted + ' formulas, ' + drawn + ' drawn');
    const wrong = (node) => node?.type === 'merror' || (node?.data || []).some?.((child) => wrong(child));
    if (wanted) for (const jax of MathJax.Hub.getAllJax())
      if (wrong(jax.root)) found.push('bad formula: ' + visitor.short(jax.originalText));
    return found;
  },

  pictures() {
    const found = [];
    for (const image of document.images)
      if ((!image.complete || image.naturalWidth === 0) && visitor.sees(image)) found.push('missing picture: ' + image.src);
    for (const image of document.querySelectorAll('.contents img'))
      if (!image.alt.trim()) found.push('no text alternative: ' + image.src.split('/').pop());
    for (const svg of document.querySelectorAll('.contents figure svg'))
      if (svg.getAttribute('aria-hidden') !== 'true' && !svg.getAttribute('aria-label') && !svg.querySelector('title'))
        found.push('no text alternative: a drawing');
    for (const frame of document.querySelectorAll('iframe, object')) if (!frame.title) found.push('frame without a title');
    return found;
  },

  scroll() {
    const found = [], root = document.scrollingElement, main = visitor.main();
    if (root.scrollWidth > innerWidth + 1) found.push('the page scrolls sideways: ' + root.scrollWidth + ' of ' + innerWidth);
    if (main.scrollWidth > main.clientWidth + 1) {
      const wide = [...main.querySelectorAll('.contents *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 &&
        !e.closest('.fragment, .formulaDsp, svg, table, .memproto, .MathJax_SVG, pre, .dotgraph'))[0];
      found.push('the text scrolls sideways: ' + main.scrollWidth + ' of ' + main.clientWidth +
        (wide ? ', because of ' + wide.tagName + '.' + wide.className + ' ' + visitor.short(wide.textContent) : ''));
    }
    return found;
  },

  code() {
    return [...document.querySelectorAll('.fragment')].filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => 'clipped code: ' + box.scrollWidth + ' of ' + box.clientWidth + ': ' + visitor.short(box.textContent));
  },

  boxes() {
    return [...document.querySelectorAll('.fragment')].filter((box) => box.tabIndex < 0)
      .map((box) => 'a code box that the keyboard does not reach: ' + visitor.short(box.textContent));
  },

  sidebar() {
    const edge = document.getElementById('side-nav')?.getBoundingClientRect().right || 0;
    const words = document.createRange();
    const lines = (a) => (words.selectNodeContents(a), new Set([...words.getClientRects()].map((r) => Math.round(r.top))).size);
    return [...document.querySelectorAll('#nav-tree .label a')]
      .filter((a) => edge && (a.getBoundingClientRect().right > edge || /^5\./.test(a.textContent.trim()) && lines(a) > 1))
      .map((a) => 'does not fit the sidebar: ' + visitor.short(a.textContent));
  },

  colour(text) {
    visitor.brush = visitor.brush || Object.assign(document.createElement('canvas'), {width: 1, height: 1})
      .getContext('2d', {willReadFrequently: true});
    visitor.colours = visitor.colours || {};
    if (!visitor.colours[text]) {
      visitor.brush.clearRect(0, 0, 1, 1);
      visitor.brush.fillStyle = text;
      visitor.brush.fillRect(0, 0, 1, 1);
      visitor.colours[text] = [...visitor.brush.getImageData(0, 0, 1, 1).data];
    }
    return visitor.colours[text];
  },

  // The colour behind an element, its layers put on top of each other.
  behind(element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const colour = visitor.colour(getComputedStyle(e).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reverse().reduce((under, over) => visitor.over(over, under), [255, 255, 255]);
  },

  over: (top, under) => [0, 1, 2].map((i) => (top[i] * top[3] + under[i] * (255 - top[3])) / 255),

  light: (colour) => colour.map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0),

  contrast() {
    const worst = {}, seen = new Map();
    for (const node of visitor.texts(document.body)) {
      const element = node.parentElement;
      if (seen.has(element) || element.closest('svg') || !visitor.sees(element)) continue;
      seen.set(element, true);
      const back = visitor.behind(element);
      const front = visitor.over(visitor.colour(getComputedStyle(element).color), back);
      const [a, b] = [visitor.light(front), visitor.light(back)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const key = front.map(Math.round) + ' on ' + back.map(Math.round);
      if (ratio < 4.5 && !worst[key]) worst[key] = 'contrast ' + ratio.toFixed(2) + ', ' + key + ': ' +
        element.tagName.toLowerCase() + '.' + element.className + ' ' + visitor.short(node.data);
    }
    return Object.values(worst);
  },

  dark(on) { DoxygenAwesomeDarkModeToggle.enableDarkMode(on); },

  all: (...names) => names.flatMap((name) => visitor[name]()),
};
"""


class Report:
    def __init__(self):
        self.lines = []

    def add(self, where, problems):
        self.lines += [f"{where}: {problem}" for problem in problems]

    def summary(self):
        """The complaints, the same ones of many pages in one line."""
        kinds = {}
        for line in sorted(self.lines):
            page, _, rest = line.partition(".html")
            kinds.setdefault(rest, []).append(page)
        return [f"{pages[0]}.html{rest}" + (f" (and {len(pages) - 1} more pages)" if len(pages) > 1 else "")
                for rest, pages in kinds.items()]

    def expect(self, condition, what):
        if not condition:
            self.lines.append(what)


def build(folder):
    """The folder of the built site; exits with 77 where a tool is missing."""
    cmake = shutil.which("cmake")
    version = re.search(r"VERSION (\d[\d.]*)\n", (ROOT / "CMakeLists.txt").read_text())
    done = subprocess.run([cmake, f"-DSOURCE={ROOT}", f"-DOUTPUT={folder}", f"-DVERSION={version[1]}", "-P",
                           ROOT / "docs/build_site.cmake"], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stderr)
        if "The documentation needs:" in done.stderr:
            print("skipped: the documentation cannot be built here")
            sys.exit(77)
        sys.exit(1)
    return folder / "html"


def check_links(site, report):
    """Every link and source within the site leads somewhere, and every page has its twin."""
    ids = {}

    def anchors(file):
        if file not in ids:
            ids[file] = set(re.findall(r'\b(?:id|name)="([^"]+)"', file.read_text(encoding="utf-8")))
        return ids[file]

    for language in ("en", "zh"):
        other = "zh" if language == "en" else "en"
        for page in sorted((site / language).glob("*.html")):
            text = page.read_text(encoding="utf-8")
            where = f"{language}/{page.name}"
            report.expect(f'href="../{other}/{page.name}"' in text, f"{where}: no link to the other language")
            report.expect(re.search(r'<html[^>]* lang="(en|zh-CN)"', text), f"{where}: no language")
            for link in set(re.findall(r'\b(?:href|src)="([^"]+)"', text)):
                link = urllib.parse.unquote(link.replace("&amp;", "&"))
                if re.match(r"[a-z]+:", link):
                    continue
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                if not target.exists():
                    report.add(where, [f"leads nowhere: {link}"])
                elif anchor and target.suffix == ".html" and anchor not in anchors(target):
                    report.add(where, [f"no such section: {link}"])


def visit(browser, file, where, report):
    """One page: wide and narrow, light and dark, and on paper."""
    browser.errors.clear()
    browser.window(WIDE)
    browser.open(file)
    browser.run(FUNCTIONS)
    report.add(where, browser.run("visitor.all('literal', 'formulas', 'pictures', 'boxes', 'sidebar')"))
    report.add(f"{where}, {WIDE} pixels", browser.run("visitor.all('scroll', 'code')"))
    report.add(f"{where}, light", browser.run("visitor.contrast()"))
    report.add(f"{where}, dark", browser.run("visitor.dark(true), visitor.contrast()"))
    browser.window(NARROW, 800, phone=True)
    report.add(f"{where}, {NARROW} pixels", browser.run("visitor.dark(false), visitor.all('scroll', 'pictures')"))
    browser.window(760)
    browser.media("print")
    report.add(f"{where}, printed", browser.run("visitor.all('scroll', 'code')"))
    browser.media()
    report.add(where, sorted(set(browser.errors)))


def search(browser, site, language, query, expected, report):
    """Types a query: the first result, and where the Enter key leads, must be one of the expected places."""
    browser.window(WIDE)
    browser.open(site / language / "index.html")
    browser.run("document.getElementById('site-query').focus()")
    browser.call("Input.insertText", text=query)
    found = browser.run("""new Promise((done) => {
      const until = Date.now() + 5000, look = () => {
        const panel = document.getElementById('site-results');
        if (!panel.hidden || Date.now() > until)
          done([...panel.querySelectorAll('a')].slice(0, 5).map((a) => a.getAttribute('href')));
        else setTimeout(look, 20);
      };
      look();
    })""")
    report.expect(found and re.match(expected, found[0]), f"{language}: the search for {query} finds {found}, not {expected}")
    if found:
        browser.events.clear()
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        page = browser.address(f"/{found[0]}")
        report.expect(page.endswith(f"/{found[0]}"), f"{language}: Enter after {query} leads to {page}, not to {found[0]}")


def check_search(browser, site, report):
    def translated(page):
        return re.search(r'<div class="title"[^>]*>[^<]*[\u4e00-\u9fff]', (site / "zh" / page).read_text(encoding="utf-8"))

    for language in ("en", "zh"):
        search(browser, site, language, "conv2d", r"(namespacecnn_1_1ops|classcnn_1_1nn_1_1Conv2d)\.html", report)
        search(browser, site, language, "batch norm", r"ch10\.html|.*(batch__norm|BatchNorm)", report)
    search(browser, site, "en", "batch norm", r"ch10\.html", report)
    search(browser, site, "en", "stride", r"ch02\.html", report)
    for query, page in (("卷积", "ch01.html"), ("步幅", "ch02.html"), ("汇聚", "ch04.html"), ("稠密连接", "ch12.html")):
        if translated(page) and (query in ("卷积", "步幅") or query in (site / "zh" / page).read_text(encoding="utf-8")):
            search(browser, site, "zh", query, re.escape(page), report)
        else:
            print(f"left out: the search for {query}, since zh/{page} is not in Chinese")


def check_figures(browser, site, report):
    """Pointing at an element shows what it sees; a slider draws another layer; what moves can be stopped."""
    browser.window(WIDE)
    browser.open(site / "en/ch01.html")
    seen = browser.run("""(() => {
      const figure = document.getElementById('figure_ch01_sees');
      figure.querySelector('rect[data-grid="2"][data-cell="0,2"]').dispatchEvent(new Event('pointerenter'));
      return [...figure.querySelectorAll('text[data-grid="0"]')].filter((t) => t.textContent).map((t) => [t.dataset.value, t.textContent]);
    })()""")
    expected = [[f"{i},{j + 2}", str(v)] for i, row in enumerate([[1, 4, 4], [6, 20, 16], [9, 24, 16]]) for j, v in enumerate(row)]
    report.expect(seen == expected, f"5.1: the element (0, 2) sees {seen}")
    still = browser.run("""(() => {
      const figure = document.getElementById('figure_ch01_window');
      figure.querySelector('button').click();
      return getComputedStyle(figure.querySelector('.window')).animationPlayState;
    })()""")
    report.expect(still == "paused", f"5.1: the button leaves the window {still}")
    browser.open(site / "en/ch02.html")
    drawn = browser.run("""(() => {
      const figure = document.getElementById('figure_ch02_sliders');
      return [['s', 3], ['p', 0], ['n', 2], ['k', 5]].map(([name, value]) => {
        const input = figure.querySelector(`input[name=${name}]`);
        input.value = value;
        input.dispatchEvent(new Event('input'));
        return figure.querySelectorAll('[data-part=output] rect').length;
      });
    })()""")
    report.expect(drawn == [9, 4, 0, 0], f"5.2: the sliders draw outputs of {drawn} elements")


def check_twins(browser, site, report):
    browser.window(WIDE)
    for start, end in (("en/ch01.html#ch01_edges", "zh/ch01.html#ch01_edges"), ("zh/ch12.html", "en/ch12.html"),
                       ("zh/index.html", "en/index.html"), ("en/namespacecnn_1_1ops.html", "zh/namespacecnn_1_1ops.html")):
        page, _, anchor = start.partition("#")
        browser.open(site / page, f"#{anchor}" if anchor else "")
        browser.run("document.getElementById('site-twin').click()")
        address = browser.address(end)
        report.expect(address.endswith(end), f"{start}: its twin is not {end} but {address}")
    for accepted, folder in (("en-US", "en"), ("de", "en"), ("zh-CN", "zh"), ("zh-TW", "zh")):
        agent = browser.run("navigator.userAgent")
        browser.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=accepted)
        browser.open(site / "index.html")
        address = browser.address(f"{folder}/index.html")
        report.expect(address.endswith(f"{folder}/index.html"), f"index.html leads a reader of {accepted} to {address}")


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--site", type=pathlib.Path)
    parser.add_argument("--only", metavar="PATTERN", default="", help="pages whose name matches")
    options = parser.parse_args(argv)
    chromium = find_chromium()
    if not chromium:
        print("skipped: there is no Chromium")
        return 77
    site = options.site or build(options.folder.resolve())
    report = Report()
    check_links(site, report)
    pages = [page for language in ("en", "zh") for page in sorted((site / language).glob("*.html"))
             if re.search(options.only, f"{language}/{page.name}")]
    browsers = min(4, os.cpu_count() or 1)

    def read(share):
        with Browser(chromium) as browser:
            for page in share:
                visit(browser, page, f"{page.parent.name}/{page.name}", report)

    with concurrent.futures.ThreadPoolExecutor(browsers) as pool:
        list(pool.map(read, [pages[i::browsers] for i in range(browsers)]))
    if not options.only:
        with Browser(chromium) as browser:
            check_search(browser, site, report)
            check_figures(browser, site, report)
            check_twins(browser, site, report)
            report.add("the browser", browser.errors)
    print(f"{len(pages)} pages visited")
    for line in report.summary()[:MOST]:
        print(line)
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
