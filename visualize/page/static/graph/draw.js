// A scene as SVG. What stays keeps its element and moves; what is new grows out of where it came from.

import { svg } from "../dom.js";
import { bytesText, middle, plural } from "../words.js";

let drawings = 0; // a page may hold several, whose marks must not be one another's

export class Drawing {
  constructor(label) {
    this.prefix = `d${drawings++}`;
    this.frames = svg("g");
    this.edges = svg("g", { class: "edges" });
    this.boxes = svg("g");
    this.over = svg("g", { class: "over" });
    this.links = svg("g", { class: "links" }); // below the frames, whose titles stand on them
    this.camera = svg("g", { class: "camera" }, this.links, this.frames, this.edges, this.boxes, this.over);
    this.svg = svg("svg", { class: "graph", role: "tree", tabindex: 0, "aria-label": label }, arrows(this.prefix), this.camera);
    this.elements = new Map();
    this.lines = [];
    this.numbers = 0;
  }

  // before: the scene that was shown, to grow out of; null to draw without moving.
  show(scene, items, before) {
    const kept = new Set();
    const starts = [];
    if (!before) this.forget(); // another graph's boxes may have the same keys
    for (const box of scene.boxes) {
      const key = `${box.open ? "open" : "closed"} ${box.item.key}`;
      kept.add(key);
      let element = this.elements.get(key);
      if (!element) {
        element = this.made(box, items);
        this.elements.set(key, element);
        if (before) starts.push([element, startOf(before, box)]);
      }
      element.box = box;
      (box.open ? this.frames : this.boxes).append(element.g);
    }
    for (const [key, element] of this.elements) {
      if (kept.has(key)) continue;
      element.g.remove();
      this.elements.delete(key);
    }
    for (const [element, [rect, fades]] of starts) {
      setRect(element, rect);
      if (fades) element.g.style.opacity = "0";
    }
    if (starts.length) this.svg.getBoundingClientRect(); // so that the start is where it moves from
    for (const box of scene.boxes) {
      const element = this.elementOf(box.item.key);
      setRect(element, box);
      element.g.style.opacity = "";
    }
    this.showEdges(scene, items);
  }

  forget() {
    for (const element of this.elements.values()) element.g.remove();
    this.elements.clear();
  }

  showEdges(scene, items) {
    this.lines = scene.edges.map((line) => {
      const { edge } = line;
      const named = edge.control ? plural(edge.count, "control input") : line.text || "tensor";
      const size = edge.bytes ? `, ${bytesText(edge.bytes)}` : "";
      const title = line.tail && line.head ? `${items.label(line.tail)} → ${items.label(line.head)}: ${named}${size}` : "from or to outside this group";
      const style = `line${edge.control ? " control" : ""}${edge.back ? " back" : ""}${line.outside ? " outside" : ""}`;
      const path = svg("path", { class: style, d: pathOf(line.points), "marker-end": line.outside ? null : `url(#${this.prefix}${edge.control ? "vee" : edge.back ? "backarrow" : "arrow"})` });
      if (edge.count > 1) path.style.strokeWidth = `${Math.min(1 + Math.sqrt(edge.count) / 2, 4)}px`;
      const text = line.at && line.text ? svg("text", { class: "flow", x: line.at[0], y: line.at[1] + 3.5 }, line.text) : null;
      const hit = svg("path", { class: "hit", d: pathOf(line.points) }, svg("title", {}, title));
      const g = svg("g", { class: "edge" }, path, hit, text);
      hit.line = line;
      return { line, g, path, text };
    });
    const links = scene.links.map(({ from, to, control }) => svg("path", { class: `line outside${control ? " control" : ""}`, d: linkOf(from, to) }));
    const ticks = (scene.stubs || []).flatMap((stub) => [
      stub.atTail && !stub.edge.control ? tick(stub.from, 1, `also to ${items.label(stub.head)}`) : null,
      stub.atHead && !stub.edge.control ? tick(stub.to, -1, `also from ${items.label(stub.tail)}`) : null,
    ]);
    this.links.replaceChildren(...links);
    this.edges.replaceChildren(...ticks.filter(Boolean), ...this.lines.map((line) => line.g));
  }

  elementOf(key) {
    return this.elements.get(`open ${key}`) || this.elements.get(`closed ${key}`);
  }

  made(box, items) {
    const { item, face } = box;
    const opens = items.opens(item);
    const name = items.fullName(item) || "the whole graph";
    this.numbers += 1;
    const g = svg("g", {
      class: `box ${box.open ? "frame" : item.body.kind(item.id)}${item.body.isGradient(item.id) ? " gradient" : ""}${opens ? " opens" : ""}`,
      id: `${this.prefix}box${this.numbers}`,
      role: "treeitem",
      "aria-expanded": opens ? String(box.open) : null,
      "data-key": item.key,
    });
    const rect = svg("rect", { class: "shape", rx: box.open ? 10 : { placeholder: box.h / 2, constant: 1 }[item.body.kind(item.id)] ?? 7 });
    const parts = [];
    if (box.open) {
      const title = svg("text", { class: "heading", "aria-hidden": "true", x: 12, y: 17.5 }, middle(items.label(item).replace(/\s+/g, " "), 44));
      parts.push(rect, title, svg("path", { class: "sign", d: "M-4,0H4" }));
    } else {
      if (item.body.isGroup(item.id)) parts.push(svg("rect", { class: "behind", rx: 7, x: 3.5, y: 3.5 }));
      parts.push(rect);
      if (item.body.kind(item.id) === "variable") parts.push(svg("path", { class: "lid", d: `M0.5,7 Q${box.w / 2},13 ${box.w - 0.5},7` }));
      parts.push(svg("text", { class: "title", "aria-hidden": "true", x: box.w / 2, y: 20 }, face.title));
      face.small.forEach((text, k) => parts.push(svg("text", { class: "small", "aria-hidden": "true", x: box.w / 2, y: 34 + 14 * k }, text)));
      if (opens) parts.push(svg("path", { class: "sign", d: "M-4,0H4M0,-4V4" }));
      parts.push(svg("rect", { class: "progress", x: 0, height: 3 }));
    }
    parts.push(svg("title", {}, [middle(name, 400), ...(box.open ? ["open"] : face.small)].join(", "))); // its name for a screen reader, too
    g.append(...parts);
    return { g, rect, box, sign: g.querySelector(".sign"), progress: g.querySelector(".progress"), behind: g.querySelector(".behind") };
  }
}

function setRect(element, { x, y, w, h }) {
  element.g.style.transform = `translate(${x}px, ${y}px)`;
  for (const rect of [element.rect, element.behind]) {
    if (!rect) continue;
    rect.style.width = `${w}px`;
    rect.style.height = `${h}px`;
  }
  if (element.sign) element.sign.style.transform = `translate(${w - 12}px, 12px)`;
  if (element.progress) element.progress.style.transform = `translateY(${h - 3}px)`;
}

// Where something new begins: as the closed box it was, or as a point of the one it was in.
function startOf(before, box) {
  const same = before.byKey.get(box.item.key);
  if (same) return [same, false];
  const around = before.byKey.get(box.within.key);
  if (around) return [{ x: around.x + around.w / 2 - box.w / 2, y: around.y + around.h / 2 - box.h / 2, w: box.w, h: box.h }, true];
  return [box, true];
}

export function pathOf(points) {
  const [first, ...rest] = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
  return `M${first}C${rest.join(" ")}`;
}

export function linkOf([ax, ay], [bx, by]) {
  const mid = (ay + by) / 2;
  return `M${ax.toFixed(1)},${ay.toFixed(1)}C${ax.toFixed(1)},${mid.toFixed(1)} ${bx.toFixed(1)},${mid.toFixed(1)} ${bx.toFixed(1)},${by.toFixed(1)}`;
}

function tick([x, y], way, title) {
  return svg("path", { class: "stub", d: `M${x + 10},${y}v${way * 8}` }, svg("title", {}, title));
}

function arrows(prefix) {
  const arrow = (id, d, open) =>
    svg("marker", { id: prefix + id, class: open ? "vee" : id, viewBox: "0 0 8 8", refX: 7.4, refY: 4, markerWidth: 7.5, markerHeight: 7.5, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d }));
  return svg("defs", {}, arrow("arrow", "M0,0.8 8,4 0,7.2 1.6,4z"), arrow("backarrow", "M0,0.8 8,4 0,7.2 1.6,4z"), arrow("vee", "M1,1 7,4 1,7", true));
}
