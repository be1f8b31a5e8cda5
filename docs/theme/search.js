// SPDX-License-Identifier: MIT
// The search: Latin words from their beginning, Chinese by pairs of characters; in titles, headings and text. The index
// (search_index.js) is a script, not a file to fetch, so that it works from file://, too.
(function () {
  "use strict";

  const zh = document.documentElement.lang.startsWith("zh");
  const words = zh
    ? { none: "没有找到", many: (n) => "找到 " + n + " 处" }
    : { none: "Nothing found", many: (n) => (n === 1 ? "1 result" : n + " results") };
  const most = 30; // results shown

  const normal = (text) => text.normalize("NFKC").toLowerCase();

  /** The terms of a query: Latin words, and pairs of Chinese characters. */
  function terms(query) {
    const found = [];
    for (const run of normal(query).match(/[\u3400-\u9fff]+|[^\s\u3400-\u9fff]+/g) || []) {
      if (!/[\u3400-\u9fff]/.test(run)) {
        const word = run.replace(/^[^\p{L}\p{N}_~]+|[^\p{L}\p{N}_]+$/gu, "");
        if (word) found.push(word);
      } else if (run.length === 1) {
        found.push(run);
      } else {
        for (let i = 0; i + 1 < run.length; ++i) found.push(run.slice(i, i + 2));
      }
    }
    return [...new Set(found)];
  }

  const letter = /[\p{L}\p{N}]/u;
  const chinese = /[\u3400-\u9fff]/;

  /** Where `term` begins in `text`: anywhere for Chinese, at the beginning of a word for Latin; and whether it is a whole word. */
  function find(text, term) {
    const places = { count: 0, whole: false, first: -1 };
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
      const before = text[at - 1], after = text[at + term.length];
      if (!chinese.test(term) && before && letter.test(before) && !chinese.test(before)) continue;
      if (places.first < 0) places.first = at;
      places.count += 1;
      if (chinese.test(term) || !after || !letter.test(after) || chinese.test(after)) places.whole = true;
      if (places.count === 6) break;
    }
    return places;
  }

  let sections = null; // of all pages, made from the index at the first search

  function prepare() {
    sections = [];
    for (const [page, title, kind, parts] of window.siteIndex) {
      for (const [anchor, heading, text] of parts) {
        sections.push({
          url: page + (anchor ? "#" + anchor : ""), title, kind, heading, text,
          first: !anchor, titleText: normal(title), headingText: normal(heading), bodyText: normal(text),
        });
      }
    }
  }

  function score(section, wanted, phrase) {
    let sum = 0;
    for (const term of wanted) {
      const title = find(section.titleText, term);
      const heading = find(section.headingText, term);
      const body = find(section.bodyText, term);
      if (!title.count && !heading.count && !body.count) return 0;
      if (title.count) sum += section.first ? (title.whole ? 40 : 30) : 6;
      if (heading.count) sum += heading.whole ? 24 : 16;
      sum += body.count;
    }
    if (section.titleText.includes(phrase)) sum += section.first ? 30 : 4;
    if (section.headingText.includes(phrase)) sum += 20;
    if (section.bodyText.includes(phrase)) sum += 4;
    // A name that is asked for in full.
    if (section.headingText.replace(/\(\)( \[\d+\/\d+\])?$/, "").split("::").pop() === phrase) sum += 60;
    return sum * [0.7, 1.15, 1.3][section.kind];
  }

  window.siteSearch = function (query) {
    if (!sections) prepare();
    const wanted = terms(query), phrase = normal(query).trim();
    if (!wanted.length) return [];
    return sections
      .map((section) => ({ section, points: score(section, wanted, phrase) }))
      .filter((hit) => hit.points > 0)
      .sort((a, b) => b.points - a.points)
      .map((hit) => hit.section);
  };

  /** Appends `text` to `parent`, the terms marked. */
  function marked(parent, text, wanted) {
    const lower = normal(text);
    const same = lower.length === text.length;
    let at = 0;
    while (same && at < text.length) {
      let next = -1, length = 0;
      for (const term of wanted) {
        const place = find(lower.slice(at), term).first;
        if (place >= 0 && (next < 0 || place < next)) [next, length] = [place, term.length];
      }
      if (next < 0) break;
      parent.append(text.slice(at, at + next));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at + next, at + next + length);
      parent.append(mark);
      at += next + length;
    }
    parent.append(text.slice(at));
  }

  function excerpt(section, wanted) {
    let first = -1;
    for (const term of wanted) {
      const place = find(section.bodyText, term).first;
      if (place >= 0 && (first < 0 || place < first)) first = place;
    }
    const start = Math.max(0, first - 40);
    const text = section.text.slice(start, start + 160);
    return (start > 0 ? "…" : "") + text + (start + 160 < section.text.length ? "…" : "");
  }

  function start() {
    const field = document.getElementById("site-query");
    if (!field) return;
    const panel = document.createElement("div");
    panel.id = "site-results";
    panel.hidden = true;
    const status = document.createElement("p");
    status.setAttribute("role", "status");
    const list = document.createElement("ol");
    panel.append(status, list);
    document.body.append(panel);

    let loading = null; // the index comes when somebody wants to search
    function load() {
      loading = loading || new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = "search_index.js";
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      });
      return loading;
    }

    function close() {
      panel.hidden = true;
    }

    async function show() {
      const query = field.value;
      if (!query.trim()) return close();
      await load();
      if (query !== field.value) return;
      const hits = window.siteSearch(query), wanted = terms(query);
      status.textContent = hits.length ? words.many(hits.length) : words.none;
      list.replaceChildren(...hits.slice(0, most).map((hit) => {
        const item = document.createElement("li"), link = document.createElement("a");
        link.href = hit.url;
        const heading = document.createElement("b");
        marked(heading, hit.heading, wanted);
        link.append(heading);
        if (!hit.first && hit.kind > 0) {
          const page = document.createElement("i");
          page.textContent = hit.title;
          link.append(page);
        }
        const text = document.createElement("span");
        marked(text, excerpt(hit, wanted), wanted);
        link.append(text);
        item.append(link);
        return item;
      }));
      panel.hidden = false;
    }

    field.addEventListener("focus", load);
    field.addEventListener("input", show);
    field.addEventListener("focus", () => field.value && show());
    document.getElementById("site-search").addEventListener("submit", () => {
      const first = list.querySelector("a");
      if (first && !panel.hidden) location.href = first.href;
    });
    document.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
      if (event.key === "Escape" && !panel.hidden) {
        close();
        field.focus();
      } else if (event.key === "ArrowDown" && !panel.hidden && (at >= 0 || document.activeElement === field)) {
        (links[at + 1] || links[at])?.focus();
        event.preventDefault();
      } else if (event.key === "ArrowUp" && at >= 0) {
        (links[at - 1] || field).focus();
        event.preventDefault();
      } else if (event.key === "/" && !/^(input|textarea|select)$/i.test(document.activeElement.tagName)) {
        field.focus();
        event.preventDefault();
      }
    });
    document.addEventListener("click", (event) => {
      if (!panel.contains(event.target) && event.target !== field) close();
      else if (event.target.closest("#site-results a")) close();
    });

    // The twin of a page opens at the same section.
    document.getElementById("site-twin")?.addEventListener("click", (event) => {
      event.currentTarget.hash = location.hash;
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
