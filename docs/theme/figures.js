// SPDX-License-Identifier: MIT
// What can be done with the figures: point at an element (5.1), move a slider (5.2), stop what moves. Without this script they are
// the drawings that tools/site/figures.py made.
(function () {
  "use strict";

  const zh = document.documentElement.lang.startsWith("zh");
  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };

  /** 5.1: what element (i, j) of layer 1 or 2 sees; the kernel is {{1, 2}, {3, 4}}. */
  function receptiveField(figure) {
    const kernel = [[1, 2], [3, 4]];
    const counts = (layers) => {
      let k = [[1]];
      for (let l = 0; l < layers; ++l) {
        const next = Array.from({ length: k.length + 1 }, () => Array(k.length + 1).fill(0));
        k.forEach((row, i) => row.forEach((v, j) => kernel.forEach((r, u) => r.forEach((w, t) => (next[i + u][j + t] += v * w)))));
        k = next;
      }
      return k;
    };

    function show(layer, i, j) {
      for (const cell of figure.querySelectorAll("rect[data-grid]")) {
        const grid = +cell.dataset.grid, [r, c] = cell.dataset.cell.split(",").map(Number);
        const k = grid <= layer ? counts(layer - grid) : [];
        const value = k[r - i]?.[c - j];
        cell.setAttribute("class", value === undefined ? "box" : grid === layer ? "orange" : "blue");
        figure.querySelector(`text[data-grid="${grid}"][data-value="${r},${c}"]`).textContent =
          value === undefined || grid === layer ? "" : value;
      }
    }

    for (const cell of figure.querySelectorAll('rect[data-grid="1"], rect[data-grid="2"]')) {
      const layer = +cell.dataset.grid, [i, j] = cell.dataset.cell.split(",").map(Number);
      cell.dataset.pick = "";
      cell.addEventListener("pointerenter", () => show(layer, i, j));
      cell.addEventListener("click", () => show(layer, i, j));
    }
    const drawing = figure.querySelector("svg");
    let at = [1, 1];
    drawing.tabIndex = 0;
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step) return;
      at = at.map((v, d) => Math.min(2, Math.max(0, v + step[d])));
      show(2, ...at);
      event.preventDefault();
    });
  }

  /** 5.2: image, kernel, padding and stride by sliders. */
  function sliders(figure) {
    const cell = 22, inputs = [...figure.querySelectorAll("input")];
    const image = figure.querySelector('[data-part="image"]'), output = figure.querySelector('[data-part="output"]');
    const formula = figure.querySelector('[data-part="formula"]');

    function draw() {
      const { n, k, p, s } = Object.fromEntries(inputs.map((input) => [input.name, +input.value]));
      for (const input of inputs) input.nextElementSibling.textContent = input.value;
      const padded = n + 2 * p, size = padded < k ? 0 : Math.floor((padded - k) / s) + 1;
      image.replaceChildren();
      output.replaceChildren();
      const square = (to, x, y, side, kind) => to.append(svg("rect", { x, y, width: side, height: side, class: kind }));
      for (let i = 0; i < padded; ++i)
        for (let j = 0; j < padded; ++j) {
          const border = Math.min(i, j) < p || Math.max(i, j) >= n + p;
          square(image, 20 + j * cell, 20 + i * cell, cell, border ? "soft" : "box");
        }
      for (let i = 0; i < size; ++i)
        for (let j = 0; j < size; ++j) {
          image.append(svg("circle", { cx: 20 + (j * s + 0.5) * cell, cy: 20 + (i * s + 0.5) * cell, r: 4, class: "dot" }));
          square(output, 370 + j * cell * (size > 8 ? 8 / size : 1), 20 + i * cell * (size > 8 ? 8 / size : 1),
            cell * (size > 8 ? 8 / size : 1), i + j ? "box" : "orange");
        }
      if (size) square(image, 20, 20, k * cell, "blue-line");
      formula.textContent = size
        ? `⌊(${n} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${size}`
        : zh ? "卷积核比补零后的图像还大" : "the kernel is larger than the image";
    }

    for (const input of inputs) input.addEventListener("input", draw);
    draw();
  }

  /** What moves can be stopped. */
  function motion(figure) {
    const button = document.createElement("button");
    button.type = "button";
    const row = document.createElement("div");
    row.className = "figure-controls";
    const name = () => (button.textContent = figure.classList.contains("still") ? (zh ? "播放" : "Play") : zh ? "暂停" : "Pause");
    button.addEventListener("click", () => {
      figure.classList.toggle("still");
      name();
    });
    name();
    row.append(button);
    figure.querySelector(".drawing").after(row);
  }

  function start() {
    for (const figure of document.querySelectorAll("figure[data-figure]")) {
      if (figure.dataset.figure === "ch01_sees") receptiveField(figure);
      if (figure.dataset.figure === "ch02_sliders") sliders(figure);
      if (figure.classList.contains("moves")) motion(figure);
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
