// Numbers by step as a line for each way; ways that agree lie on one another, wide under narrow.

import { el, svg } from "../dom.js";
import { count } from "../words.js";
import { short } from "../values.js";

const [W, H, BOTTOM] = [640, 220, 26];
const [LEFT, LETTER] = [80, 11]; // at least, and of each letter beside the axis where they are largest
const DASHES = ["", "7 5", "2 4", "1 9"];

export function curves(series, label) {
  const all = Object.values(series).flat().filter((x) => typeof x === "number" && Number.isFinite(x));
  if (!all.length) return null;
  const longest = Math.max(...Object.values(series).map((values) => values.length));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const at = [low, (low + high) / 2, high];
  const left = Math.max(LEFT, 10 + LETTER * Math.max(...at.map((v) => short(v).length)));
  const x = (i) => left + (i / Math.max(longest - 1, 1)) * (W - left - 14);
  const y = (v) => 12 + (1 - (v - low) / (high - low || 1)) * (H - BOTTOM - 18);
  const ticks = at.map((v) => [
    svg("path", { class: "grid", d: `M${left},${y(v)}H${W - 14}` }),
    svg("text", { x: left - 7, y: y(v) + 4, "text-anchor": "end" }, short(v)),
  ]);
  const lines = Object.entries(series).map(([way, values], k) => {
    let [path, on] = ["", false];
    values.forEach((v, i) => {
      const ok = typeof v === "number" && Number.isFinite(v);
      if (ok) path += `${on ? "L" : "M"}${x(i).toFixed(1)},${y(v).toFixed(1)}`;
      on = ok;
    });
    return svg("path", { class: `curve way${k}`, d: path, "stroke-dasharray": DASHES[k] || null, "stroke-width": Math.max(1.6, 5 - 1.7 * k) }, svg("title", {}, way));
  });
  const steps = [svg("text", { x: left, y: H - 8 }, "1"), svg("text", { x: W - 14, y: H - 8, "text-anchor": "end" }, `step ${count(longest)}`)];
  const summary = Object.entries(series).map(([way, values]) => `${way}: ${short(values[0])} to ${short(values[values.length - 1])}`).join("; ");
  return el("figure", { class: "curves" },
    svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${label} by step. ${summary}` }, ticks, lines, steps),
    el("figcaption", {}, el("span", {}, label), Object.entries(series).map(([way, values], k) => el("span", { class: `key way${k}` }, `${way} `, el("span", { class: "faint" }, `${short(values[0])} → ${short(values[values.length - 1])}`)))));
}
