// The drawing of the graph that is shown, and what mouse and finger do on it.

import { Camera, LEGIBLE } from "./camera.js";
import { el, svg, clear } from "../dom.js";
import { Drawing, linkOf } from "./draw.js";
import { minimap } from "./minimap.js";
import { Paint } from "./paint.js";
import { reached, between, touches } from "./paths.js";
import { sceneOf } from "./scene.js";
import { nodeOf } from "../replay/facts.js";

const MOVING_MS = 260;
const MOST_OPENED = 3; // closed groups that a line of code opens: with more its ops are a long way apart

export class Workbench {
  constructor(app, label = "The graph") {
    this.app = app;
    this.drawing = new Drawing(label);
    this.scene = null;
    this.map = minimap(this);
    this.camera = new Camera(this.drawing, () => {
      this.map.moved();
      for (const listener of this.moves || []) listener();
    });
    this.legend = el("div", { class: "legend", "aria-label": "Colours" });
    const canvas = el("div", { class: "canvas" }, this.drawing.svg, this.map.element);
    this.element = el("div", { class: "bench" }, canvas, this.legend);
    this.drawing.svg.addEventListener("click", (event) => this.clicked(event));
    this.drawing.svg.addEventListener("dblclick", (event) => event.preventDefault());
    this.printing();
    new ResizeObserver(() => this.asOpened() && this.look()).observe(canvas);
    app.on("opened closed apart joined detail graph run", (changed) => this.draw(changed.includes("graph")));
    app.on("colour stage", () => this.paint());
    app.on("selected trace focus lines stops", () => this.mark());
  }

  // On paper all of the drawing is shown, whatever part of it is on the screen.
  printing() {
    let before = null;
    addEventListener("beforeprint", () => {
      const { x, y, scale } = this.camera;
      before = [x, y, scale];
      this.camera.fit({ x: 0, y: 0, w: this.scene.width, h: this.scene.height });
    });
    addEventListener("afterprint", () => before && this.camera.set(...before));
  }

  // Draw anew; the box of the key stays where it is on the screen.
  draw(fresh = false, anchor = null) {
    const items = this.app.items();
    const before = fresh ? null : this.scene;
    const began = performance.now();
    const scene = sceneOf(items, this.app);
    const fixed = before && (anchor || this.anchor || this.nearest(before, scene));
    const [was, is] = fixed ? [before.byKey.get(fixed), scene.byKey.get(fixed)] : [];
    const opened = this.anchor && was && is && is.open && !was.open;
    this.anchor = null;
    if (before && !matchMedia("(prefers-reduced-motion: reduce)").matches && scene.boxes.length < 700) this.moving();
    this.scene = scene;
    this.drawing.show(scene, items, before);
    this.paint();
    this.mark();
    if (!before) this.look();
    else if (fixed) this.hold(was, is);
    if (opened) this.camera.unfolded(is, scene.boxes);
    this.map.draw(scene);
    this.took = performance.now() - began;
    for (const listener of this.drawn || []) listener();
  }

  // The whole drawing; where that is too small to be read, and one call does the work, the call.
  look() {
    const { scene, camera } = this;
    const whole = { x: 0, y: 0, w: scene.width, h: scene.height };
    const calls = this.app.mainCalls().map((call) => scene.byKey.get(call.key));
    const [main] = calls.filter((box) => box && box.open).slice(-1);
    camera.open(main && camera.across(whole) < LEGIBLE ? main : whole, scene.boxes);
    this.opened = [camera.x, camera.y, camera.scale];
  }

  // Whether nobody has moved the drawing yet: then it fits its place, whatever comes beside it.
  asOpened() {
    const { x, y, scale } = this.camera;
    return String(this.opened) === String([x, y, scale]);
  }

  onDrawn(listener) {
    (this.drawn ??= []).push(listener);
  }

  onMoved(listener) {
    (this.moves ??= []).push(listener);
  }

  // A listener that gives true has dealt with the click on a box.
  onPicked(listener) {
    (this.picks ??= []).push(listener);
  }

  onToggled(listener) {
    (this.toggles ??= []).push(listener);
  }

  hold(was, is) {
    if (!was || !is) return;
    const { camera } = this;
    const middle = was.open || is.open ? [0, 0] : [was.w / 2 - is.w / 2, 0];
    camera.set(camera.x + (was.x + middle[0] - is.x) * camera.scale, camera.y + (was.y - is.y) * camera.scale, camera.scale);
  }

  // The box nearest to the middle of the screen that is in both scenes.
  nearest(before, scene) {
    const [w, h] = this.camera.size;
    const [cx, cy] = [(w / 2 - this.camera.x) / this.camera.scale, (h / 2 - this.camera.y) / this.camera.scale];
    let [best, least] = [null, Infinity];
    for (const box of before.boxes) {
      const far = Math.hypot(box.x + box.w / 2 - cx, box.y + box.h / 2 - cy);
      if (far < least && scene.byKey.has(box.item.key)) [best, least] = [box.item.key, far];
    }
    return best;
  }

  moving() {
    this.drawing.svg.classList.add("moving");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drawing.svg.classList.remove("moving"), MOVING_MS);
  }

  // Which ops vanish after the stage that is shown.
  gone(item, verdicts) {
    if (!verdicts) return false;
    for (const i of item.body.inside(item.id)) {
      const [kind] = verdicts.get(item.body.name[i]) || ["stays"];
      if (!/^(not needed|folded|fused|merged|unmatched)/.test(kind)) return false;
    }
    return true;
  }

  paint() {
    const { app } = this;
    const facts = app.factsOf();
    const { stage } = app;
    this.colours = new Paint(app.state.colour, app.items().home.body, facts, stage ? new Map(Object.entries(stage.verdicts)) : null, app.matches);
    for (const element of this.drawing.elements.values()) {
      const { box, g, rect } = element;
      if (!box.open) {
        const [fill, says] = this.colours.look(box.item);
        rect.style.fill = fill;
        g.dataset.says = says;
      }
      g.classList.toggle("loud", this.colours.isLoud(box.item));
      g.classList.toggle("vanishes", this.gone(box.item, this.colours.verdicts));
      g.classList.toggle("unrun", this.unrun(facts, box.item));
    }
    this.drawing.svg.classList.toggle("heated", app.state.colour !== "kind");
    clear(this.legend, this.colours.legend().map(([colour, text]) => {
      const swatch = el("i", { class: "swatch" });
      swatch.style.background = colour;
      return el("span", {}, swatch, text);
    }));
  }

  // Whether a run is shown and none of the box's ops ran or was fed in it.
  unrun(facts, item) {
    if (!facts || item.place.at) return false;
    return !item.body.inside(item.id).some((i) => facts.tookPart(item.body, i));
  }

  mark() {
    const { app, drawing } = this;
    const marks = this.marks();
    const chosen = app.state.selected;
    for (const { box, g } of drawing.elements.values()) {
      const { item } = box;
      const selected = item.key === chosen;
      g.classList.toggle("selected", selected);
      g.classList.toggle("stop", app.state.stops && app.state.stops.has(item.key));
      g.setAttribute("aria-selected", String(selected));
      if (selected) drawing.svg.setAttribute("aria-activedescendant", g.id);
      const dim = marks && (marks.body !== item.body ? !item.place.at || !touches(marks.body, item.place.at.id, marks.nodes) : !touches(item.body, item.id, marks.nodes));
      g.classList.toggle("dim", !!dim);
      g.classList.toggle("traced", !!marks && !dim && !!app.state.trace && !box.open);
    }
    for (const { line, g } of drawing.lines) {
      const on = !marks || line.body !== marks.body || line.edge.wires.some(([a, , b]) => marks.nodes[a] && marks.nodes[b]);
      g.classList.toggle("dim", !on);
      const near = chosen !== null && ((line.tail && line.tail.key === chosen) || (line.head && line.head.key === chosen));
      g.classList.toggle("near", !!near);
      g.classList.toggle("traced", !!marks && on && !!app.state.trace);
    }
    this.overlay();
  }

  // The nodes that are shown in full while something is traced or focused; null: all.
  marks() {
    const { trace, focus, lines } = this.app.state;
    const items = this.app.items();
    const body = items.home.body;
    if (trace) {
      const a = items.find(trace.a);
      if (!a) return null;
      const from = [...a.body.inside(a.id)];
      if (trace.way !== "path") return { body: a.body, nodes: reached(a.body, from, trace.way) };
      const b = items.find(trace.b);
      if (!b || b.body !== a.body) return null;
      return { body: a.body, nodes: between(a.body, from, [...b.body.inside(b.id)]) || new Uint8Array(a.body.nodes) };
    }
    if (lines) {
      const nodes = new Uint8Array(lines.body.nodes);
      for (const i of lines.ops) nodes[i] = 1;
      return { body: lines.body, nodes };
    }
    if (!focus.size) return null;
    const run = this.app.run;
    const feeds = new Set((run ? run.feeds : []).map(([name]) => body.index.get(nodeOf(name))));
    let nodes = null;
    for (const name of focus) {
      const i = body.index.get(nodeOf(name));
      if (i === undefined) continue;
      const isFeed = feeds.has(i);
      const marks = reached(body, [i], isFeed ? "outputs" : "inputs", isFeed ? null : feeds);
      nodes = nodes ? nodes.map((mark, k) => mark & marks[k]) : marks;
    }
    return nodes && { body, nodes };
  }

  // The edges of a box that stands apart, drawn while it is selected.
  overlay() {
    const chosen = this.app.state.selected;
    const stubs = (this.scene && this.scene.stubs) || [];
    const lines = stubs
      .filter((stub) => stub.tail.key === chosen || stub.head.key === chosen)
      .slice(0, 300)
      .map((stub) => svg("path", { class: `line near${stub.edge.control ? " control" : ""}`, d: linkOf(stub.from, stub.to), "marker-end": `url(#${this.drawing.prefix}arrow)` }));
    clear(this.drawing.over, lines);
  }

  clicked(event) {
    if (this.camera.dragged) return;
    const target = event.target.closest("[data-key]");
    if (!target) {
      const line = event.target.line;
      if (line) return this.chooseLine(line);
      this.app.change({ selected: null, trace: null, line: null, lines: null });
      return;
    }
    const item = this.app.items().find(target.dataset.key);
    if ((this.picks || []).some((listener) => listener(item))) return;
    const onFrame = this.scene.byKey.get(item.key).open;
    if (onFrame && !event.target.closest(".heading, .sign") && !this.inHeader(event, item)) {
      this.app.change({ selected: item.key, line: null });
      return;
    }
    this.app.change({ selected: item.key, line: null });
    if (this.app.items().opens(item) && event.detail < 2) this.toggle(item);
  }

  inHeader(event, item) {
    const box = this.scene.byKey.get(item.key);
    const top = this.drawing.svg.getBoundingClientRect().top;
    return (event.clientY - top - this.camera.y) / this.camera.scale - box.y < 26;
  }

  chooseLine(line) {
    this.app.change({ line: keyOf(line) });
  }

  toggle(item) {
    this.anchor = item.key;
    this.app.toggle(item);
    for (const listener of this.toggles || []) listener(item);
  }

  // Draw a box apart, with stubs for its edges, or with them: as it is not drawn now.
  pin(item) {
    const box = this.scene.byKey.get(item.key);
    if (!box) return;
    this.anchor = item.key;
    this.app.pin(item, !box.apart);
  }

  // Select an item, opening what it lies in, and bring it into view.
  go(item) {
    this.app.reveal(item);
    this.app.change({ selected: item.key, line: null });
    const box = this.scene.byKey.get(item.key);
    if (box) this.camera.reveal(box);
  }

  // The box in which an item is drawn: its own, or the closed group's around it.
  shown(item) {
    let box = null;
    for (let up = item; up && !box; up = this.app.items().parent(up)) box = this.scene.byKey.get(up.key) || null;
    return box;
  }

  // The ops of a line of code: where they lie in few closed groups these are opened, and what is
  // seen can be read, be it only the first of them.
  showLines(lines) {
    const items = this.app.items();
    const drawn = lines.ops.map((i) => items.of(items.home, lines.body.host[i] < 0 ? i : lines.body.host[i]));
    const closed = new Set(drawn.map((item) => this.shown(item)).filter((box) => box && lines.body.isGroup(box.item.id)));
    if (closed.size <= MOST_OPENED) drawn.forEach((item) => this.app.reveal(item));
    this.app.change({ lines, selected: null, line: null });
    const boxes = [...new Set(drawn.map((item) => this.shown(item)).filter(Boolean))];
    if (boxes.length) this.camera.around(boxes, LEGIBLE);
  }

  fit() {
    this.moving();
    this.camera.fit({ x: 0, y: 0, w: this.scene.width, h: this.scene.height });
  }
}

// What names an edge of the drawing: its ends, and whether it is another than the tensors between.
export function keyOf({ edge, tail, head }) {
  return `${tail ? tail.key : ""}>${head ? head.key : ""}${edge.control ? "c" : edge.back ? "b" : ""}`;
}
