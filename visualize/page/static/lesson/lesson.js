// A lesson to be read: prose, the ways side by side, their graphs, and what came out.

import { abreast } from "./abreast.js";
import { alone } from "./alone.js";
import { copyButton } from "../copy.js";
import { curves } from "./curves.js";
import { clear, el } from "../dom.js";
import { exercise } from "./exercise.js";
import { figures } from "./figures.js";
import { base, linesOf } from "./lines.js";
import { breakable, code } from "./python.js";
import { quiz } from "./quiz.js";
import { thumbnail } from "../graph/thumbnail.js";
import { short } from "../values.js";
import { count, duration, shapeText } from "../words.js";

const MOST_PREVIEWED = 120; // instructions of a program
const UNTORN = 24; // letters of code in a text that stay in one row

// `code`, **stressed** words and *titles*, as the terminal has them; `2 * 3 * 4` has none.
const MARKED = /(`[^`]+`|\*\*[^*]+\*\*|(?<![\w*(])\*(?=\w)[^*`]*[\w.!?]\*(?![\w*]))/;

// A browser ends a row behind the sign of 1e-05, and what is left reads as another number.
const POWER = /(-?\d[\d.]*e[-+]\d+)/;
const whole = (text) => text.split(POWER).map((piece, k) => (k % 2 ? el("span", { class: "power" }, piece) : piece));


export function lesson(app) {
  const element = el("article", { class: "lesson", tabindex: -1, "aria-label": "Lesson" });
  const { parts } = app.doc.lesson;
  clear(element, parts.map((part) => partView(part)));

  function partView(part) {
    return el("section", { class: "part", "data-part": part.name },
      el("h2", {}, el("span", { class: "faint" }, `${part.name}  `), part.title),
      prose(part.prose, "lead"),
      part.shared ? el("details", { class: "shared" }, el("summary", {}, "imports, data and tolerance"), el("pre", { tabindex: 0 }, code(part.shared))) : null,
      columns(part),
      compiled(part),
      part.task ? exercise(part.task, inline) : [outcome(part), claims(part)],
      figures(part.figures || [], inline),
      quiz(part.quiz || [], inline));
  }

  function prose(text, style) {
    return el("div", { class: `prose ${style}` }, text.split(/\n\s*\n/).map(paragraph));
  }

  // Lines that are indented stay as they are, and what is too long goes on below its last column;
  // those that begin with a dash are a list.
  function paragraph(block) {
    if (/^(    .*(\n|$))+$/.test(block)) return el("pre", {}, block.split("\n").map(formula));
    const said = (piece) => inline(piece.replace(/\n\s*/g, " "));
    if (block.startsWith("- ")) return el("ul", {}, block.slice(2).split(/\n- /).map((item) => el("li", {}, said(item))));
    return el("p", {}, said(block));
  }

  function formula(line) {
    const row = el("span", { class: "formula" }, line, "\n");
    const columns = [...line.matchAll(/\S {2,}(?=\S)/g)].map((found) => found.index + found[0].length);
    const indent = line.search(/\S|$/) + 4;
    row.style.setProperty("--indent", `${indent}ch`);
    row.style.setProperty("--column", `${columns.pop() ?? indent}ch`);
    return row;
  }

  function inline(text) {
    return text.split(MARKED).flatMap((piece) => {
      if (!MARKED.test(piece)) return whole(piece);
      const [tag, sign] = piece.startsWith("`") ? ["code", 1] : piece.startsWith("**") ? ["strong", 2] : ["em", 1];
      const said = piece.slice(sign, -sign);
      const short = said.length <= UNTORN;
      if (tag !== "code") return el(tag, {}, whole(said));
      return el(tag, { class: short && "untorn" }, short ? whole(said) : breakable(said));
    });
  }

  // A column for each way, whose sections lie beside the same ones of the others. Where there is
  // room for one column only each flows by itself, and a name leads to it.
  function columns(part) {
    const titles = sectionOrder(part.ways.map((way) => way.sections.map((section) => section.title)));
    const ways = part.ways.map((way) => el("div", { class: "way" },
      el("div", { class: "way-head" }, el("h3", {}, way.way), way.program ? copyButton("copy as a program", () => way.program) : null, prose(way.prose, "small")),
      titles.map((title) => el("div", { class: "cell", "data-title": title, "data-way": way.way }, way.sections.filter((section) => section.title === title).map((section) => sectionView(way, section)))),
      graphOf(way)));
    const grid = el("div", { class: "ways", "data-ways": ways.length }, ways);
    grid.style.setProperty("--rows", titles.length + 2);
    const names = part.ways.map((way, w) => el("button", { class: "small-button", "aria-label": `${way.way} way`, on: { click: () => ways[w].scrollIntoView({ block: "nearest", inline: "start" }) } }, way.way));
    const scrolled = el("div", { class: "scrolled", role: "region", tabindex: 0, "aria-label": "The ways, side by side" }, grid);
    alone(scrolled, ways);
    return el("div", { class: "around-ways" },
      ways.length > 1 ? el("div", { class: "way-names", role: "group", "aria-label": "Ways" }, names) : null,
      scrolled);
  }

  function sectionView(way, section) {
    const lines = section.code.split("\n").map((text, k) => {
      const line = section.line + k;
      const ops = way.graph === null ? 0 : linesOf(app.items(way.graph), `${way.file}:${line}`).ops.length;
      const indent = text.search(/\S|$/);
      const row = el("span", { class: `line-of-code${ops ? " linked" : ""}`, "data-place": `${way.file}:${line}`, ...(ops ? { role: "button", tabindex: 0, title: `${count(ops)} op${ops > 1 ? "s" : ""} made here`, on: { click: () => show(way, line), keydown: (event) => event.key === "Enter" && show(way, line) } } : {}) }, el("span", { class: "indent" }, text.slice(0, indent)), code(text.slice(indent)), "\n");
      row.style.setProperty("--indent", `${indent}ch`); // what is too long goes on below
      return row;
    });
    return [section.title ? el("div", { class: "section-title" }, section.title) : null, el("pre", {}, lines)];
  }

  // The ops that a line made: the way's own graph, all else faint.
  function show(way, line) {
    if (app.state.graph !== way.graph) app.choose(way.graph, way.run);
    if (app.state.view === "read") app.change({ view: app.narrow ? "graph" : "split" });
    app.bench.showLines(linesOf(app.items(), `${way.file}:${line}`));
  }

  function mark(place) {
    for (const line of element.querySelectorAll(".line-of-code.on")) line.classList.remove("on");
    if (!place) return;
    for (const line of element.querySelectorAll(".line-of-code")) if (line.dataset.place === place) line.classList.add("on");
  }

  function preview({ graph, run }, what, isOpen) {
    const items = app.items(graph);
    const picture = el("button", { class: "preview", "aria-label": what, on: { click: () => {
      app.choose(graph, run);
      if (app.state.view === "read") app.change({ view: app.narrow ? "graph" : "split" });
    } } });
    requestAnimationFrame(() => {
      const small = thumbnail(items, (item) => item === items.root || isOpen(item, items));
      const words = [...small.querySelectorAll("text")].map((text) => text.textContent);
      if (words.length) picture.setAttribute("aria-label", `${what}: ${words.join(" ")}`);
      picture.append(small);
    });
    return picture;
  }

  // The function way as XLA compiled it: one call, whose program is in it.
  function compiled(part) {
    const { compiled: made } = part;
    if (!made) return null;
    if (made.refused) return el("p", { class: "compiled faint" }, made.text);
    const call = (item, items) => !item.place.at && items.functions(item).some((root) => root.body.nodes <= MOST_PREVIEWED);
    const times = [["first step", made.first_ms], ["steady step", made.steady_ms]].filter(([, ms]) => ms !== null);
    return el("section", { class: "compiled" }, el("h3", {}, "xla: the function way, compiled"),
      made.graph === null ? el("p", { class: "faint" }, "its program was not told") : preview(made, "Show the program that XLA made", call),
      el("div", { class: "faint" }, times.map(([name, ms]) => `${name} ${duration(ms * 1000)}`).join(" · ")),
      el("p", {}, "Against the function: ", whole(made.text), ". ", el("span", { class: "faint" }, "Nothing is promised of it: XLA adds in an order of its own, and draws other random numbers.")));
  }

  function graphOf(way) {
    if (way.graph === null) return el("div", { class: "way-graph faint" }, way.none);
    const items = app.items(way.graph);
    const picture = preview(way, `Show the graph of the ${way.way} way`, (item) => items.home.body.nodes <= 60 && !item.place.at && !item.body.isVariable(item.id) && item.body.isGroup(item.id));
    const said = [`${count(items.home.body.nodes)} ops`]; // none is torn at the end of a row
    for (const [name, value] of [["traces", way.traces], ["calls a step", way.calls]]) if (value !== null && value !== undefined && !(name === "traces" && !value)) said.push(`${name} ${short(value)}`);
    for (const [name, ms] of [["first step", way.first_ms], ["steady step", way.steady_ms]]) if (ms !== null && ms !== undefined) said.push(`${name} ${duration(ms * 1000)}`);
    return el("div", { class: "way-graph" }, picture, el("div", { class: "faint" }, said.map((text) => text.replace(/ /g, "\u00a0")).join(" · ")));
  }

  function outcome(part) {
    const ways = (first, count) => part.columns.slice(first, first + count).join(", ");
    const rows = part.results.map((row) => el("tr", {}, el("th", { scope: "row" }, row.name), el("td", {}, shapeText(row.shape)),
      alike(row.values).map(([value, count, first]) => el("td", { class: "number", colspan: count, "data-of": ways(first, count) }, whole(value))),
      el("td", { class: "number", "data-of": "furthest apart" }, whole(row.apart))));
    return el("div", { class: "outcome" },
      el("div", {},
        el("h3", {}, "results"),
        el("div", { class: "scrolled", role: "region", tabindex: 0, "aria-label": "Results" }, el("table", { class: "results" }, el("thead", {}, el("tr", {}, ["result", "shape", ...part.columns, "furthest apart"].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows))),
        el("p", { class: part.agreement.ok ? "good" : "bad" }, `${part.agreement.ok ? "✓ the ways agree" : "✗ the ways disagree"}: `, whole(part.agreement.text)),
        part.keras ? el("p", { class: part.keras.ok ? "good" : "bad" }, `${part.keras.ok ? "✓ Keras agrees" : "✗ Keras disagrees"}: `, whole(part.keras.text)) : null),
      Object.keys(part.losses).length ? curves(part.losses, "loss") : null);
  }

  function claims(part) {
    return [
      part.claims.length ? el("h3", {}, "claims") : null,
      el("ul", { class: "claims" }, part.claims.map((claim) => el("li", { class: claim.ok ? "good" : "bad" }, el("b", { class: "mark" }, claim.ok ? "✓ " : "✗ "), el("span", {}, inline(claim.text.replace(/\s+/g, " "))), claim.error ? el("div", { class: "bad" }, claim.error) : null))),
      part.left_out.length ? el("p", { class: "faint" }, "Not checked, as only some of it was run:") : null,
      part.left_out.length ? el("ul", { class: "claims faint" }, part.left_out.map((text) => el("li", {}, el("b", { class: "mark" }, "· "), inline(text.replace(/\s+/g, " "))))) : null,
    ];
  }

  app.on("selected", () => {
    const item = app.item();
    if (!item || item.body.isGroup(item.id)) return app.state.lines || mark(null);
    const place = item.body.lines[item.id];
    if (!place) return mark(null);
    const way = parts.flatMap((part) => part.ways).find((each) => base(each.file) === base(place[0]));
    if (!way) return;
    mark(`${way.file}:${place[1]}`);
    const line = element.querySelector(".line-of-code.on");
    if (line && app.state.view !== "graph") line.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  app.on("lines", () => mark(app.state.lines && app.state.lines.place));
  if (app.state.lines) mark(app.state.lines.place);
  abreast(app, element, parts);
  return { element };
}

// Neighbours that read the same share a cell: [text, how many, the first of them].
function alike(values) {
  const cells = [];
  values.forEach((value, k) => {
    const last = cells[cells.length - 1];
    if (last && last[0] === value) last[1]++;
    else cells.push([value, 1, k]);
  });
  return cells;
}

// The sections of all ways in one order that keeps each way's own.
function sectionOrder(lists) {
  const order = [];
  for (const list of lists) {
    let at = 0;
    for (const title of list) {
      const found = order.indexOf(title);
      if (found >= 0) at = found + 1;
      else order.splice(at++, 0, title);
    }
  }
  return order;
}
