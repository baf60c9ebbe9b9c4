// A small picture of a graph, as it is when it is first opened.

import { svg } from "../dom.js";
import { linkOf, pathOf } from "./draw.js";
import { Paint } from "./paint.js";
import { sceneOf } from "./scene.js";
import { middle, plural } from "../words.js";

const LETTERS = 22; // of a name

export function thumbnail(items, isOpen) {
  const scene = sceneOf(items, { isOpen, isApart: (_, rule) => rule });
  const paint = new Paint("kind", items.home.body, null, null);
  const boxes = scene.boxes.map(({ item, x, y, w, h, open }) => {
    const rect = svg("rect", { x, y, width: w, height: h, rx: 7, class: open ? "thumb-frame" : "thumb-box" });
    if (!open) rect.style.fill = paint.fill(item);
    return rect;
  });
  const frames = boxes.filter((_, k) => scene.boxes[k].open);
  const closed = boxes.filter((_, k) => !scene.boxes[k].open);
  const words = closed.length === 1 ? told(scene.boxes.find(({ open }) => !open), items) : null;
  const paths = [...scene.edges.map((edge) => pathOf(edge.points)), ...scene.links.map(({ from, to }) => linkOf(from, to))];
  const lines = paths.map((d) => svg("path", { class: "thumb-line", d }));
  return svg("svg", { class: scene.boxes.length === 1 ? "thumbnail alone" : "thumbnail", viewBox: `-6 -6 ${scene.width + 12} ${scene.height + 12}`, "aria-hidden": "true" }, frames, lines, closed, words);
}

// A box alone, as of one op or of a program too large to be opened here, says what it is.
function told({ item, x, y, w, h }, items) {
  const ops = items.functions(item).reduce((sum, { body }) => sum + body.nodes, 0);
  const texts = [middle(items.label(item), LETTERS), ...(ops ? [plural(ops, "op")] : [])];
  const top = y + h / 2 + (texts.length === 1 ? 4 : -4);
  return texts.map((text, k) => svg("text", { x: x + w / 2, y: top + 16 * k, class: "thumb-text" }, text));
}
