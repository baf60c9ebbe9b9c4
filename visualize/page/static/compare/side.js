// One of the two programs: its graphs, drawn as those of any page, and the runs of its calls.

import { App } from "../app.js";
import { el } from "../dom.js";
import { search } from "../graph/search.js";
import { table } from "../graph/table.js";
import { Workbench } from "../graph/workbench.js";
import { placeOf } from "../replay/places.js";
import { count, middle } from "../words.js";

export const LETTERS = ["A", "B"];

export class Side {
  constructor(doc, n) {
    this.n = n;
    this.app = new App(doc);
    this.bench = new Workbench(this.app, `The graph of ${LETTERS[n]}`);
    this.app.bench = this.bench;
    this.app.state.colour = "match";
    this.search = search(this.app, this.bench);
    this.table = table(this.app, this.bench);
    this.graphs = el("select", { "aria-label": `Graph of ${LETTERS[n]}`, title: "Which graph", hidden: doc.graphs.length < 2, on: { change: () => this.choose(Number(this.graphs.value)) } },
      doc.graphs.map((graph, g) => el("option", { value: g }, `${middle(graph.label || graph.stage, 30)}, ${count(graph.op.length)} ops`)));
    const head = el("div", { class: "pane-head" }, el("b", {}, LETTERS[n]), el("span", { class: "pane-name", title: doc.title }, middle(doc.title, 80)), this.graphs, this.search.element);
    this.element = el("section", { class: "pane", "aria-label": `${LETTERS[n]}: ${middle(doc.title, 80)}` }, head, this.bench.element, this.table.element);
    this.app.on("graph", () => (this.graphs.value = String(this.app.state.graph)));
  }

  // Another graph, with the run of it that the shown call has, if there is one.
  choose(graph, run = (this.runs || []).find((r) => this.app.doc.runs[r].built === graph) ?? -1) {
    this.app.choose(graph, run);
  }

  // The runs of the call that is shown, by number; the graph is that of the largest of them.
  show(runs) {
    this.runs = runs;
    const { runs: all } = this.app.doc;
    const drawn = runs.filter((r) => all[r].built !== null);
    const run = drawn.reduce((best, r) => (best < 0 || all[r].node.length > all[best].node.length ? r : best), -1);
    const graph = run < 0 ? this.app.state.graph : all[run].built;
    this.app.change({ at: -1, ...(graph === this.app.state.graph ? {} : { selected: null, line: null, ...this.app.carried(graph) }), graph, run });
    this.graphs.value = String(graph);
  }

  // Where a step is drawn: the op itself, and the box on which an icon is.
  placed(run, step) {
    const { built, nodes, node, frames, frame } = this.app.doc.runs[run];
    if (built === null) return null;
    const items = this.app.items(built);
    const own = placeOf(items, nodes[node[step]], frames[frame[step]] || "");
    if (!own) return null;
    const host = own.body.isGroup(own.id) ? -1 : own.body.host[own.id];
    return { graph: built, run, own, item: host < 0 ? own : items.of(own.place, host) };
  }

  // Select what is at a place, in its own graph, opening what it lies in; null: nothing.
  select(place) {
    if (!place) return this.app.change({ selected: null, line: null });
    if (place.graph !== this.app.state.graph || (place.run !== undefined && place.run !== this.app.state.run)) this.choose(place.graph, place.run);
    this.app.reveal(place.item);
    this.app.change({ selected: place.item.key, line: null });
  }

  // The box of an item, or of what is closed around it.
  box(item) {
    const { scene } = this.bench;
    for (let up = item; up; up = this.app.items().parent(up)) if (scene.byKey.has(up.key)) return scene.byKey.get(up.key);
    return null;
  }

  reveal(item) {
    const box = item && this.box(item);
    if (box) this.bench.camera.reveal(box);
  }

  mark(active) {
    this.element.classList.toggle("active", active);
  }

}
