// The page of graphs and runs: put together, and drawn.

import { App } from "./app.js";
import { begin } from "./begin.js";
import { details } from "./graph/details.js";
import { clear, el } from "./dom.js";
import { fragment } from "./fragment.js";
import { header } from "./header.js";
import { keys } from "./keys.js";
import { lesson } from "./lesson/lesson.js";
import { lit } from "./replay/lit.js";
import { replay } from "./replay/replay.js";
import { search } from "./graph/search.js";
import { stages } from "./replay/stages.js";
import { table } from "./graph/table.js";
import { timeline } from "./timeline/timeline.js";
import { Workbench } from "./graph/workbench.js";
import { run, unpacked } from "./unpack.js";

function build(doc, root) {
  const app = new App(doc);
  globalThis.graphlab = app; // for the console of whoever is curious, and for tests
  const bench = new Workbench(app);
  app.bench = bench;
  open(app);
  const address = fragment(app);
  Object.assign(app.state, address.read());
  const parts = { search: search(app, bench), replay: replay(app, bench), stages: stages(app), table: table(app, bench) };
  parts.header = header(app, bench, parts.search);
  const side = details(app, bench, lit(app));
  const times = timeline(app);
  app.help = keys({ app, bench }, parts);
  const middle = el("div", { class: "middle" }, parts.stages.element, bench.element, parts.table.element, el("div", { class: "dock" }, parts.replay.element, times.element));
  const main = el("main", {}, app.doc.lesson ? lesson(app).element : null, el("div", { class: "work" }, middle, side.element));
  const view = () => (main.dataset.view = app.state.view);
  app.on("view", view);
  view();
  clear(root, parts.header.element, main);
  parts.header.draw();
  parts.stages.load();
  bench.draw(true);
  side.draw();
  parts.replay.load();
  parts.replay.locate();
  times.load();
  if (app.state.lines) bench.showLines(app.state.lines);
  if (app.state.selected !== null && bench.scene.byKey.has(app.state.selected)) bench.camera.reveal(bench.scene.byKey.get(app.state.selected));
  finish(app);
}

// What the page can do besides is read, and begins, once what it draws is on the screen.
function finish(app) {
  const live = document.getElementById("live");
  const ready = () => (document.documentElement.dataset.ready = "yes");
  if (!live) return ready();
  requestAnimationFrame(() => setTimeout(() => begun(live, app).finally(ready)));
}

async function begun(live, app) {
  const later = [];
  run(await unpacked(live));
  document.dispatchEvent(new CustomEvent("drawn", { detail: later }));
  await Promise.all(later.map((each) => each(app)));
}

// What is shown at first: the run that the document names, else the one with the most steps, of
// those the last.
function open(app) {
  const { runs } = app.doc;
  let best = app.doc.opens ?? -1;
  const longer = (run) => run.node.length && (best < 0 || run.node.length >= runs[best].node.length);
  if (best < 0) runs.forEach((run, r) => longer(run) && (best = r));
  if (app.doc.lesson) {
    Object.assign(app.state, { view: app.narrow ? "read" : "split", times: innerHeight > 1000 });
    const way = app.doc.lesson.parts.flatMap((part) => part.ways).find((each) => each.graph !== null);
    if (way) Object.assign(app.state, { run: way.run, graph: way.graph });
    return;
  }
  if (best < 0) return;
  const { built, executed } = runs[best];
  Object.assign(app.state, { run: best, graph: built ?? executed ?? 0 });
}

begin(build);
