// A small picture of a graph, as it is when it is first opened.

import { svg } from "../dom.js";
import { pathOf } from "./draw.js";
import { Paint } from "./paint.js";
import { sceneOf } from "./scene.js";

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
  const lines = scene.edges.map((edge) => svg("path", { class: "thumb-line", d: pathOf(edge.points) }));
  return svg("svg", { class: "thumbnail", viewBox: `-6 -6 ${scene.width + 12} ${scene.height + 12}`, "aria-hidden": "true" }, frames, lines, closed);
}
