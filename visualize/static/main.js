// Open the document, put the page together, draw.

import { App } from "./app.js";
import { details } from "./details.js";
import { clear, el } from "./dom.js";
import { header } from "./header.js";
import { startGraphviz } from "./layout.js";
import { search } from "./search.js";
import { unpack } from "./unpack.js";
import { Workbench } from "./workbench.js";

async function start() {
  const root = document.getElementById("app");
  try {
    const [doc] = await Promise.all([unpack(), startGraphviz()]);
    const app = new App(doc);
    globalThis.graphlab = app; // for the console of whoever is curious, and for tests
    build(app, root);
  } catch (error) {
    clear(root, el("p", { class: "starting bad", role: "alert" }, `This page could not be opened: ${error.message}`));
    throw error;
  }
}

function build(app, root) {
  const bench = new Workbench(app);
  app.bench = bench;
  app.choose = (graph, run) => app.change({ graph, run, selected: null, line: null, trace: null, focus: new Set(), opened: new Set(), closed: new Set(), at: -1 });
  const found = search(app, bench);
  const top = header(app, bench, found);
  const side = details(app, bench);
  clear(root, top.element, el("main", {}, el("div", { class: "work" }, bench.element, side.element)));
  top.draw();
  side.draw();
  bench.draw(true);
  document.documentElement.dataset.ready = "yes";
}

start();
