// The drawing as a table: for screen readers, and for whoever would rather read than look.

import { el, clear } from "../dom.js";
import { duration, middle, specText } from "../words.js";

const MOST = 400;

export function table(app, bench) {
  const body = el("tbody");
  const caption = el("caption");
  const element = el("div", { class: "textview", tabindex: -1 }, el("table", {}, caption, el("thead", {}, el("tr", {}, ["name", "op", "takes from", "gives to", "device", "time", "became"].map((text) => el("th", { scope: "col" }, text)))), body));
  let timer = 0;

  function draw() {
    clearTimeout(timer);
    timer = setTimeout(fill, 250);
  }

  function fill() {
    const { scene } = bench;
    if (!scene) return;
    const items = app.items();
    const facts = app.factsOf();
    const [from, to] = [new Map(), new Map()];
    const note = (map, key, label) => (map.has(key) ? map.get(key).push(label) : map.set(key, [label]));
    for (const edge of [...scene.edges, ...(scene.stubs || [])]) {
      if (!edge.tail || !edge.head) continue;
      const text = edge.text ? ` (${edge.text})` : "";
      note(to, edge.tail.key, `${items.label(edge.head)}${text}`);
      note(from, edge.head.key, `${items.label(edge.tail)}${text}`);
    }
    clear(caption, `${scene.boxes.length} boxes of ${app.doc.title}${scene.boxes.length > MOST ? `; the first ${MOST}` : ""}`);
    clear(body, scene.boxes.slice(0, MOST).map((box) => {
      const { item } = box;
      const { body: graph, id } = item;
      const what = graph.isGroup(id) ? `${box.open ? "open" : "closed"} ${graph.groupKind(id)} of ${graph.size(id)} ops` : graph.op(id);
      const time = facts && !graph.isGroup(id) ? facts.time(graph, id) : null;
      const list = (map, names) => middle((graph.isGroup(id) ? map.get(item.key) || [] : names()).join(", "), 300);
      const takes = () => graph.inputs(id).map(([source, slot]) => `${graph.name[source]} (${specText(graph.spec(source, slot))})`);
      const gives = () => [...new Set(graph.consumers[id].map(([target]) => graph.name[target]))];
      return el("tr", {}, el("th", { scope: "row" }, el("button", { class: "link", on: { click: () => bench.go(item) } }, middle(items.fullName(item) || "(no name)", 200))), el("td", {}, what), el("td", {}, list(from, takes)), el("td", {}, list(to, gives)), el("td", {}, graph.isGroup(id) ? "" : (facts && facts.device(graph, id)) || graph.device(id)), el("td", {}, time === null ? "" : duration(time)), el("td", {}, graph.isGroup(id) ? "" : app.fused(item)));
    }));
  }

  bench.onDrawn(draw);
  app.on("run", draw);
  return { element, fill };
}
