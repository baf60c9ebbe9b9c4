// The pictures of a panel: as it now is, with the original faintly behind.

import { el, svg } from "../dom.js";
import { short } from "../values.js";

const [W, H, LEFT, BOTTOM] = [360, 200, 66, 24];
const BEYOND = 1.5; // so far outside of the original's range a line is still drawn, in its heights
let made = 0;

// series: by name, { now, was }, over x; a training's line is still short.
export function linesOf(series, x, label) {
  const was = series.flatMap((each) => each.was).filter(Number.isFinite);
  const now = series.flatMap((each) => each.now).filter(Number.isFinite);
  const [low, high] = [Math.min(...was), Math.max(...was)];
  const span = high - low || Math.abs(high) || 1;
  const least = Math.max(Math.min(low, ...now), low - BEYOND * span);
  const most = Math.min(Math.max(high, ...now), high + BEYOND * span);
  const [from, to] = [x[0], x[x.length - 1]];
  const across = (v) => LEFT + ((v - from) / (to - from || 1)) * (W - LEFT - 10);
  const up = (v) => 8 + (1 - (v - least) / (most - least || 1)) * (H - BOTTOM - 12);
  const path = (values) => values.map((v, k) => `${k ? "L" : "M"}${across(x[k]).toFixed(1)},${up(Number.isFinite(v) ? Math.max(-1e6, Math.min(1e6, v)) : 1e6).toFixed(1)}`).join("");
  const id = `knob-clip${made++}`;
  const ticks = [least, (least + most) / 2, most].map((v) => [svg("path", { class: "grid", d: `M${LEFT},${up(v)}H${W - 10}` }), svg("text", { x: LEFT - 6, y: up(v) + 4, "text-anchor": "end" }, short(v))]);
  const ends = [svg("text", { x: LEFT, y: H - 7 }, short(from)), svg("text", { x: W - 10, y: H - 7, "text-anchor": "end" }, `${label} ${short(to)}`)];
  const said = series.map(({ name, now: a, was: b }) => `${name} ends at ${short(a[a.length - 1])}, in the original at ${short(b[b.length - 1])}`).join("; ");
  const drawn = (key) => series.map((each, k) => svg("path", { class: `curve way${k} ${key}`, d: path(each[key]) }));
  return el("figure", { class: "curves knob-lines" },
    svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": said },
      svg("clipPath", { id }, svg("rect", { x: LEFT, y: 2, width: W - LEFT - 4, height: H - BOTTOM })),
      ticks, ends, svg("g", { "clip-path": `url(#${id})` }, drawn("was"), drawn("now"))),
    el("figcaption", {}, series.map(({ name, now: a, was: b }, k) => el("span", { class: `key way${k}` }, `${name} `, el("span", { class: "faint" }, `${short(a[a.length - 1])}, original ${short(b[b.length - 1])}`)))));
}

// As in visualize/plots/shades.py: blue below 0, white at 0, orange above.
const RAMP = [[4, 58, 99], [0, 114, 178], [127, 184, 220], [255, 255, 255], [250, 203, 158], [240, 141, 60], [205, 80, 0]];

const LINE = "#636b78";
const FAINT = 0.55; // of the way to white, which is 0 also in the dark

function colour(x, far, faint) {
  if (!Number.isFinite(x)) return "rgb(230, 0, 126)";
  const at = Math.max(0, Math.min(1, (x / far + 1) / 2)) * (RAMP.length - 1);
  const k = Math.min(RAMP.length - 2, Math.floor(at));
  const mixed = RAMP[k].map((c, n) => c + (RAMP[k + 1][n] - c) * (at - k));
  return `rgb(${mixed.map((c) => Math.round(faint ? c + (255 - c) * FAINT : c)).join(", ")})`;
}

const SMALL = 8; // pixels of a cell, below which a frame in it would be dots

function sizesOf({ rows: [high], columns: [wide] }) {
  const size = Math.max(2, Math.min(24, Math.floor((high === 1 ? 300 : 140) / wide)));
  return [size, high === 1 ? 16 : size];
}

// Whether a matrix has cells that are large enough for frames; else lines tell of the original.
export function hasFrames(picture) {
  return Math.min(...sizesOf(picture)) >= SMALL;
}

// One matrix as coloured cells. Where a number is another than it was, its cell has a faint frame in
// the colour of the original; where cells are small, lines are drawn where the original's sign turns.
export function cellsOf(picture, now, was, far) {
  const { name, rows: [high, down], columns: [wide, right], start } = picture;
  const [size, tall] = sizesOf(picture);
  const canvas = el("canvas", { width: wide * size, height: high * tall, role: "img", "aria-label": `${name}: ${spanOf(now)}; in the original ${spanOf(was)}` });
  const paint = canvas.getContext("2d");
  const framed = hasFrames(picture);
  const at = (r, c) => start + r * down + c * right;
  const other = (place) => Math.abs(now[place] - was[place]) > 1e-6 * far;
  let any = false;
  for (let r = 0; r < high; r++) {
    for (let c = 0; c < wide; c++) {
      const place = at(r, c);
      any ||= other(place);
      const frame = framed && other(place) ? Math.max(1, Math.round(size * 0.2)) : 0;
      if (frame) fill(paint, colour(was[place], far, true), c * size, r * tall, size, tall, 0);
      fill(paint, colour(now[place], far, false), c * size, r * tall, size, tall, frame);
    }
  }
  const turns = (r, c, down_, right_) => r + down_ < high && c + right_ < wide && Math.sign(was[at(r, c)]) !== Math.sign(was[at(r + down_, c + right_)]);
  for (let r = 0; any && !framed && r < high; r++) {
    for (let c = 0; c < wide; c++) {
      if (turns(r, c, 1, 0)) fill(paint, LINE, c * size, (r + 1) * tall - 1, size, 2, 0);
      if (turns(r, c, 0, 1)) fill(paint, LINE, (c + 1) * size - 1, r * tall, 2, tall, 0);
    }
  }
  return el("figure", { class: `knob-cells${high === 1 ? " one-row" : ""}` }, el("figcaption", {}, name), canvas);
}

function fill(paint, style, x, y, w, h, frame) {
  paint.fillStyle = style;
  paint.fillRect(x + frame, y + frame, w - 2 * frame, h - 2 * frame);
}

function spanOf(data) {
  const [least, most] = data.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  return `from ${short(least)} to ${short(most)}`;
}
