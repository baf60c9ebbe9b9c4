// A tensor's value: a small array number by number, a large one as a heat map and a histogram.

import { el, svg } from "./dom.js";
import { count, shapeText } from "./words.js";

// chosen(k) is called with the number of a cell that is clicked, where it is given.
export function valueView(name, value, chosen = null) {
  const head = el("div", { class: "value-head" }, el("code", {}, name), el("span", { class: "faint" }, `${shapeText(value.shape)} ${value.dtype}`));
  const body = value.values ? small(value, chosen) : large(value);
  return el("div", { class: "value" }, head, body);
}

// A value as it fits on an edge: a scalar or a few numbers; "" where it does not fit.
export function valueText(value) {
  if (!value || !value.values || !value.values.length || typeof value.values[0] === "string" && value.dtype !== "string") return "";
  if (value.shape.length === 0) return fits(brief(value.values[0]));
  const all = `[${value.values.map(brief).join(", ")}]`;
  const two = `[${value.values.slice(0, 2).map(brief).join(", ")}, …]`;
  return fits(value.values.length < 4 ? all : two) || fits(two);
}

const MOST_ON_EDGE = 19;

function fits(text) {
  return text.length <= MOST_ON_EDGE ? text : "";
}

function brief(x) {
  return typeof x === "number" && !Number.isInteger(x) && Math.abs(x) < 1e4 && Math.abs(x) >= 1e-2 ? String(Number(x.toPrecision(3))) : short(x);
}

export function short(x) {
  if (typeof x !== "number" || Number.isInteger(x)) return String(x);
  const size = Math.abs(x);
  return size >= 1e5 || size < 1e-3 ? x.toExponential(2) : String(Number(x.toPrecision(4)));
}

function small(value, chosen) {
  const { shape, values } = value;
  const number = (k) => (chosen ? el("button", { class: "number-of", title: "How it comes about", on: { click: () => chosen(k) } }, short(values[k])) : short(values[k]));
  if (shape.length === 0) return el("div", { class: "scalar" }, number(0));
  const columns = shape[shape.length - 1] || 1;
  const most = Math.max(...values.map((x) => (typeof x === "number" ? Math.abs(x) : 0)));
  const rows = [];
  for (let k = 0; k < values.length; k += columns) {
    rows.push(el("tr", {}, values.slice(k, k + columns).map((x, c) => {
      const cell = el("td", {}, number(k + c));
      if (typeof x === "number" && most > 0) cell.style.background = tint(x / most, 0.35);
      return cell;
    })));
  }
  if (!rows.length) return el("div", { class: "faint" }, "no elements");
  return el("div", { class: "scrolled" }, el("table", { class: "numbers" }, rows), shape.length > 2 ? el("div", { class: "faint" }, `rows are those of ${shape.slice(0, -1).join(" x ")}`) : null);
}

// Blue below zero, orange above: the same in light and dark.
function tint(share, most) {
  return share < 0 ? `rgba(38, 110, 200, ${(-share * most).toFixed(3)})` : `rgba(222, 120, 20, ${(share * most).toFixed(3)})`;
}

function large(value) {
  const span = value.min === undefined ? "" : `from ${short(value.min)} to ${short(value.max)}, mean ${short(value.mean)}, deviation ${short(value.std)}`;
  const odd = [value.nan ? `${count(value.nan)} NaN` : "", value.inf ? `${count(value.inf)} infinite` : ""].filter(Boolean).join(", ");
  return el("div", {}, heat(value), histogram(value.histogram), el("div", { class: "faint" }, span), odd ? el("div", { class: "bad" }, odd) : null);
}

function heat({ heat: { rows, columns, cells } }) {
  const canvas = el("canvas", { width: columns, height: rows, class: "heat", role: "img", "aria-label": `heat map of ${rows} by ${columns} cells` });
  const pen = canvas.getContext("2d");
  const most = Math.max(...cells.map((x) => Math.abs(x || 0))) || 1;
  cells.forEach((x, k) => {
    pen.fillStyle = x === null ? "rgba(128,128,128,.25)" : tint(x / most, 0.95);
    pen.fillRect(k % columns, Math.floor(k / columns), 1, 1);
  });
  return canvas;
}

function histogram(found) {
  if (!found) return null;
  const most = Math.max(...found.counts);
  const wide = 240 / found.counts.length;
  const bars = found.counts.map((n, k) => svg("rect", { x: k * wide + 0.5, y: 48 - (46 * n) / most, width: wide - 1, height: (46 * n) / most }));
  return el("figure", { class: "histogram" }, svg("svg", { viewBox: "0 0 240 48", role: "img", "aria-label": "histogram of the values" }, bars), el("figcaption", {}, el("span", {}, short(found.from)), el("span", {}, short(found.to))));
}
