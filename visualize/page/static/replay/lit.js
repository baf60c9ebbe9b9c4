// The program's own line, lit at the moment of the replay, with what its names stand for.

import { code } from "../lesson/python.js";
import { el, clear } from "../dom.js";
import { short } from "../values.js";
import { shapeText } from "../words.js";

const MOST_NUMBERS = 12; // of a value that is written whole

export function lit(app) {
  const element = el("section", { class: "program", "aria-label": "The program's line", hidden: true });

  function draw() {
    const program = app.programOf();
    const place = program && program.place(app.state.at);
    element.hidden = !place;
    if (!place) return;
    const rows = [];
    const around = [-3, -2, -1, 0, 1, 2, 3].map((k) => place.line + k).filter((n) => n in place.code);
    const written = around.map((n) => place.code[n]).filter((text) => text.trim());
    const indent = Math.min(...written.map((text) => text.search(/\S/))); // of all: the panel is narrow
    for (const n of around) {
      const here = n === place.line;
      rows.push(el("span", { class: `row${here ? " now" : ""}`, ...(here ? { "aria-current": "true" } : {}) }, el("span", { class: "faint" }, `${here ? "→" : " "}${String(n).padStart(4)}  `), code(place.code[n].slice(indent)), "\n"));
      if (here) rows.push(named(program.names(app.state.at)));
    }
    clear(element, el("h2", { title: place.file }, `${place.file.split(/[\\/]/).pop()}:${place.line}`), el("pre", {}, rows.length ? rows : named(program.names(app.state.at))));
  }

  app.on("run graph at live", draw);
  draw();
  return element;
}

// The names of a line, each with its value beside it.
export function named(names) {
  return el("span", { class: "names" }, names.map(({ name, value, note }) => el("span", { class: "named" }, el("b", {}, name), " ",
    value ? [el("span", { class: "faint" }, `${shapeText(value.shape)} ${value.dtype} `), written(value)] : el("span", { class: "faint" }, note), "\n")));
}

function written({ shape, values, min, max, mean, dtype }) {
  if (!values) return min === undefined ? "no finite number" : `from ${short(min)} to ${short(max)}, mean ${short(mean)}`;
  const each = values.map((x) => (dtype === "string" ? JSON.stringify(x) : short(x)));
  if (values.length > MOST_NUMBERS) return `[${each.slice(0, MOST_NUMBERS / 2).join(", ")}, …]`;
  return nested(each, shape);
}

function nested(each, [size, ...inner]) {
  if (size === undefined) return each[0] ?? "";
  const step = each.length / (size || 1);
  return `[${Array.from({ length: size }, (_, k) => nested(each.slice(k * step, (k + 1) * step), inner)).join(", ")}]`;
}
