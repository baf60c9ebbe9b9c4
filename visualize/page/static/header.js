// The bar at the top: which graph, which run, how much of it, in which colours.

import { copyButton } from "./copy.js";
import { COLOURINGS } from "./graph/paint.js";
import { DETAIL } from "./app.js";
import { callText } from "./replay/facts.js";
import { el, clear } from "./dom.js";
import { count, middle } from "./words.js";

export function header(app, bench, search) {
  const graphs = el("select", { "aria-label": "Graph", title: "Which graph", on: { change: (event) => choose(event.target.value) } });
  const colours = el("select", { "aria-label": "Colour by", title: "Colour by  C", on: { change: (event) => app.change({ colour: event.target.value }) } }, COLOURINGS.map(([name, text]) => el("option", { value: name }, text)));
  const detail = el("input", { type: "range", min: 0, max: DETAIL.length - 1, step: 1, "aria-label": "Detail: how many boxes are open", title: "Detail  [ ]", on: { input: (event) => app.change({ detail: Number(event.target.value) }) } });
  const theme = el("button", { class: "icon", "aria-label": "Light or dark", title: "Light or dark  d", on: { click: () => flip() } }, "◐");
  const help = el("button", { class: "icon", "aria-label": "Keys", title: "Keys  ?", on: { click: () => app.help && app.help() } }, "?");
  const views = el("div", { class: "views", role: "group", "aria-label": "View" });
  const element = el("header", {},
    el("h1", { title: app.doc.title }, middle(app.doc.title, 90)), views,
    graphs, search.element,
    el("label", { class: "control" }, el("span", {}, "colour"), colours),
    el("label", { class: "control detail" }, el("span", {}, "detail"), detail),
    el("button", { class: "icon", "aria-label": "Fit the drawing", title: "Fit  f", on: { click: () => bench.fit() } }, "⤢"), copyButton("link", () => app.address()), theme, help);

  // One line for each graph of each run: a run's graph and its steps are chosen together.
  const choices = [];
  const several = (key) => new Set(app.doc.runs.map((run) => run[key])).size > 1;
  const [ways, names] = [several("way"), several("name")];
  app.doc.runs.forEach((run, r) => {
    for (const [stage, graph] of [["as written", run.built], ["as executed", run.executed]]) {
      if (graph !== null) choices.push({ graph, run: r, text: `${ways ? `${run.way}: ` : ""}${stage}, ${names ? `${middle(run.name, 24)} ` : ""}${callText(run)}` });
    }
  });
  app.doc.graphs.forEach((graph, g) => {
    if (!choices.some((choice) => choice.graph === g)) choices.push({ graph: g, run: -1, text: graph.label || `graph of ${count(graph.op.length)} ops` });
  });
  apart(choices);
  clear(graphs, choices.map((choice, k) => el("option", { value: k }, middle(choice.text, 70))));
  graphs.hidden = choices.length < 2;
  app.choices = choices;

  function choose(k) {
    const { graph, run } = choices[k];
    app.choose(graph, run);
  }

  function flip() {
    const dark = app.state.theme ? app.state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    app.change({ theme: dark ? "light" : "dark" });
  }

  function draw() {
    const own = choices.findIndex((choice) => choice.graph === app.state.graph && choice.run === app.state.run);
    const k = own >= 0 ? own : choices.findIndex((choice) => choice.graph === app.state.graph); // a stage's graph is no run's
    graphs.value = String(k);
    colours.value = app.state.colour;
    detail.value = app.state.detail;
    document.documentElement.dataset.theme = app.state.theme;
    if (app.doc.lesson) {
      clear(views, ["read", "split", "graph"].map((view) => el("button", { "aria-pressed": String(app.state.view === view), on: { click: () => app.change({ view }) } }, view)));
    }
  }
  app.on("graph run colour detail theme view", draw);
  return { element, draw, flip };
}

// Choices of one text are told apart by their number.
function apart(choices) {
  const same = new Map();
  for (const choice of choices) same.set(choice.text, [...(same.get(choice.text) || []), choice]);
  for (const [text, all] of same) if (all.length > 1) all.forEach((choice, k) => (choice.text = `${k + 1} of ${all.length}: ${text}`));
}
