// SPDX-License-Identifier: MIT
// Draws the curves from the numbers in the page. An epoch is chosen with the pointer or with the arrow keys; the list under a
// curve shows its values.
'use strict';

const DASHES = ['', '7 3', '2 3', '10 3 2 3', '14 4'];
const COLOURS = 8;
const MARGIN = {left: 52, right: 14, top: 10, bottom: 36};

function add(parent, name, attributes = {}, text = '') {
  const svg = name === 'svg' || parent.namespaceURI === 'http://www.w3.org/2000/svg';
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return parent.appendChild(element);
}

// Round numbers from low to high, about as many as asked for.
function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) found.push(k * step);
  return {step, values: found};
}

function range(values) {
  const finite = values.filter((value) => value !== null);
  const low = Math.min(...finite), high = Math.max(...finite);
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}

function nearest(values, wanted) {
  let best = 0;
  values.forEach((value, k) => { if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = k; });
  return best;
}

class Chart {
  constructor(figure, data) {
    this.figure = figure;
    this.data = data;
    this.series = data.series.map((series, k) => ({...series, dash: series.marks ? DASHES[k % DASHES.length] : '', colour: `var(--c${k % COLOURS})`}));
    const marked = this.series.filter((series) => series.marks && series.x.length > 0);
    const places = (marked.length > 0 ? marked : this.series).flatMap((series) => series.x);
    this.places = [...new Set(places)].sort((a, b) => a - b);
    this.xs = range(this.series.flatMap((series) => series.x));
    const [low, high] = range(this.series.flatMap((series) => series.y));
    this.ys = [low - 0.04 * (high - low), high + 0.04 * (high - low)];
    this.svg = add(figure, 'svg', {tabindex: 0, role: 'slider', 'aria-label': `${data.title}: the epoch whose values are shown`,
      'aria-valuemin': this.places[0], 'aria-valuemax': this.places.at(-1)});
    this.makeLegend();
    this.chosen = this.places.length - 1;
    this.listen();
    this.draw();
    new ResizeObserver(() => { if (this.figure.clientWidth !== this.width) this.draw(); }).observe(figure);
  }

  makeLegend() {
    this.where = add(this.figure, 'p', {class: 'note'});
    const list = add(this.figure, 'ul', {class: 'legend'});
    for (const series of this.series) {
      const item = add(list, 'li');
      const swatch = add(item, 'svg', {viewBox: '0 0 28 10', 'aria-hidden': true});
      add(swatch, 'path', {d: 'M0 5H28', ...this.stroke(series)});
      add(item, 'span', {}, series.name);
      series.value = add(item, 'span', {class: 'value'});
    }
  }

  stroke(series) {
    return {style: `stroke: ${series.colour}`, 'stroke-dasharray': series.dash || 'none', class: series.marks ? 'thick' : 'thin'};
  }

  listen() {
    const follow = (event) => {
      const x = event.clientX - this.svg.getBoundingClientRect().left;
      const [low, high] = this.xs, inner = this.width - MARGIN.left - MARGIN.right;
      this.choose(nearest(this.places, low + (x - MARGIN.left) / inner * (high - low)));
    };
    this.svg.addEventListener('pointermove', follow);
    this.svg.addEventListener('pointerdown', follow);
    this.svg.addEventListener('keydown', (event) => {
      const last = this.places.length - 1;
      const to = {ArrowLeft: this.chosen - 1, ArrowDown: this.chosen - 1, ArrowRight: this.chosen + 1, ArrowUp: this.chosen + 1,
        Home: 0, End: last}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.choose(Math.min(Math.max(to, 0), last));
    });
  }

  draw() {
    this.width = this.figure.clientWidth;
    this.height = Math.round(Math.min(340, Math.max(220, this.width * 0.6)));
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    const inner = this.width - MARGIN.left - MARGIN.right;
    this.x = (value) => MARGIN.left + (value - this.xs[0]) / (this.xs[1] - this.xs[0]) * inner;
    this.y = (value) => this.height - MARGIN.bottom -
      (value - this.ys[0]) / (this.ys[1] - this.ys[0]) * (this.height - MARGIN.top - MARGIN.bottom);
    this.drawAxes(inner);
    this.cursor = add(this.svg, 'line', {class: 'cursor', y1: MARGIN.top, y2: this.height - MARGIN.bottom});
    for (const series of this.series) this.drawSeries(series);
    this.choose(this.chosen);
  }

  drawAxes(inner) {
    const bottom = this.height - MARGIN.bottom, right = this.width - MARGIN.right;
    const {step, values} = ticks(...this.ys, 5);
    const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
    for (const value of values) {
      add(this.svg, 'line', {class: 'grid', x1: MARGIN.left, x2: right, y1: this.y(value), y2: this.y(value)});
      add(this.svg, 'text', {x: MARGIN.left - 6, y: this.y(value) + 4, 'text-anchor': 'end'}, value.toFixed(digits));
    }
    for (const value of ticks(...this.xs, Math.max(2, inner / 60)).values.filter(Number.isInteger)) {
      add(this.svg, 'line', {class: 'grid', x1: this.x(value), x2: this.x(value), y1: bottom, y2: bottom + 4});
      add(this.svg, 'text', {x: this.x(value), y: bottom + 16, 'text-anchor': 'middle'}, value);
    }
    add(this.svg, 'text', {x: right, y: this.height - 5, 'text-anchor': 'end'}, 'epoch');
  }

  drawSeries(series) {
    let path = '', pen = 'M';
    series.y.forEach((value, k) => {
      if (value !== null) path += `${pen}${this.x(series.x[k]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      pen = value === null ? 'M' : 'L';
    });
    if (path) add(this.svg, 'path', {d: path, ...this.stroke(series)});
    series.dots = series.y.map((value, k) => !series.marks || value === null ? null : add(this.svg, 'circle',
      {class: 'point', cx: this.x(series.x[k]), cy: this.y(value), r: series.x.length > 60 ? 1.5 : 3, style: `fill: ${series.colour}`}));
  }

  choose(place) {
    this.chosen = place;
    const x = this.places[place], values = [];
    this.cursor.setAttribute('x1', this.x(x));
    this.cursor.setAttribute('x2', this.x(x));
    for (const series of this.series) {
      const k = series.marks ? series.x.indexOf(x) : nearest(series.x, x);
      const value = k < 0 || k >= series.y.length ? 'none' : series.y[k] === null ? 'not a number' : series.y[k].toFixed(this.data.digits);
      series.value.textContent = value;
      values.push(`${series.name} ${value}`);
      series.dots.forEach((dot, i) => dot?.setAttribute('r', (series.x.length > 60 ? 1.5 : 3) + (i === k ? 2.5 : 0)));
    }
    const epoch = `epoch ${Number.isInteger(x) ? x : x.toFixed(2)}`;
    this.where.textContent = `At ${epoch}:`;
    this.svg.setAttribute('aria-valuenow', x);
    this.svg.setAttribute('aria-valuetext', `${epoch}: ${values.join(', ')}`);
  }
}

for (const data of JSON.parse(document.getElementById('charts').textContent)) new Chart(document.getElementById(data.id), data);
