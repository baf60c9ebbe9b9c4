// The state in the address, so that a link leads to a moment.

import { linesOf } from "./lesson/lines.js";

const PLAIN = { g: "graph", r: "run", d: "detail", at: "at", st: "stage" };

// Put what is said into the address, which comes back.
export function put(said) {
  const address = `#${said}`;
  try {
    history.replaceState(null, "", address);
  } catch {
    // an address that may not be changed, as in a frame: the page works all the same
  }
  return address;
}

// The keys of boxes that an address names.
export function boxes(said, name) {
  return new Set((said.get(name) || "").split(" ").filter((key) => /^[\d.]+$/.test(key)));
}

export function fragment(app) {
  let writing = 0;
  let last = "";

  function write() {
    const { state } = app;
    const said = new URLSearchParams();
    for (const [short, name] of Object.entries(PLAIN)) said.set(short, state[name]);
    said.set("c", state.colour);
    if (state.view) said.set("v", state.view);
    if (state.selected !== null) said.set("s", state.selected);
    if (state.opened.size) said.set("o", [...state.opened].join(" "));
    if (state.closed.size) said.set("x", [...state.closed].join(" "));
    if (state.apart.size) said.set("a", [...state.apart].join(" "));
    if (state.joined.size) said.set("j", [...state.joined].join(" "));
    if (state.trace) said.set("t", [state.trace.way, state.trace.a, state.trace.b ?? ""].join(" "));
    if (state.stops.size) said.set("b", [...state.stops].join(" "));
    if (state.line) said.set("e", state.line);
    if (state.lines) said.set("l", state.lines.place);
    if (state.focus.size) said.set("f", JSON.stringify([...state.focus]));
    last = put(said);
    return last;
  }

  // The address of the page at this moment, for who wants to link to it.
  app.address = () => location.href.replace(/#.*$/s, "") + write();

  // What an address says; {} where it says nothing that this page has.
  function read() {
    const said = new URLSearchParams(location.hash.slice(1));
    const patch = {};
    for (const [short, name] of Object.entries(PLAIN)) if (/^-?\d+$/.test(said.get(short) || "")) patch[name] = Number(said.get(short));
    if (!(patch.graph in app.doc.graphs)) return {};
    if (!(patch.run in app.doc.runs)) patch.run = -1;
    const run = app.doc.runs[patch.run];
    patch.at = Math.max(-1, Math.min(patch.at ?? -1, run ? run.node.length - 1 : -1));
    patch.detail = Math.max(0, Math.min(6, patch.detail ?? 3));
    if (!(app.doc.stages || [])[patch.stage]) patch.stage = -1;
    patch.opened = boxes(said, "o");
    patch.closed = boxes(said, "x");
    patch.apart = boxes(said, "a");
    patch.joined = boxes(said, "j");
    patch.stops = boxes(said, "b");
    patch.colour = /^(kind|device|op|time|memory|verdict|gradient)$/.test(said.get("c")) ? said.get("c") : "kind";
    if (/^(read|split|graph)$/.test(said.get("v") || "") && app.doc.lesson) patch.view = said.get("v");
    const selected = said.get("s");
    patch.selected = selected && /^[\d.]+$/.test(selected) && app.items(patch.graph).find(selected) ? selected : null;
    patch.line = /^[\d.]*>[\d.]*[cb]?$/.test(said.get("e") || "") ? said.get("e") : null;
    const lines = said.get("l") && linesOf(app.items(patch.graph), said.get("l"));
    patch.lines = lines && lines.ops.length ? lines : null;
    const [way, a, b] = (said.get("t") || "").split(" ");
    patch.trace = /^(inputs|outputs|path)$/.test(way) && a ? { way, a, b } : null;
    try {
      patch.focus = new Set(JSON.parse(said.get("f") || "[]").map(String));
    } catch {
      patch.focus = new Set();
    }
    return patch;
  }

  app.on("graph run detail at stage colour view selected line lines stops opened closed apart joined trace focus", () => {
    clearTimeout(writing);
    writing = setTimeout(write, 120);
  });
  addEventListener("hashchange", () => {
    if (location.hash !== last) app.change(read());
  });
  return { read, write };
}
