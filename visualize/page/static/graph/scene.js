// The open groups laid out inside one another: from the innermost outwards, each in its own
// coordinates; then all boxes and edges in those of the whole drawing.

import { level } from "./level.js";
import { laidOutInParts } from "./parts.js";
import { textWidth } from "./size.js";
import { count, middle, plural, specText } from "../words.js";

const PAD = 14;
const HEADER = 26;
const GAP = 22; // between the drawn boxes and those that stand apart
const WIDE_LEVEL = 1600;
const NARROWER = 0.7;
const MOST_LABELS = 40; // edges of a level whose labels take part in its layout

// Texts of a closed box: its title and up to two small lines.
export function faceOf(items, item) {
  const { body, id } = item;
  const label = items.label(item);
  const face = { title: middle(label.replace(/\s+/g, " "), 34), small: [], kind: body.kind(id), icons: [] };
  if (body.isGroup(id)) {
    face.small.push(plural(body.size(id), "op"));
    return face;
  }
  const op = body.op(id);
  const last = label.split("/").pop().replace(/_\d+$/, "");
  if (last.toLowerCase() !== op.toLowerCase()) face.small.push(middle(op, 34));
  const calls = body.calls(id);
  if (calls.length) face.small.push(`ƒ ${middle(calls.join(", "), 32)}`);
  face.icons = (body.guests.get(id) || []).map((guest) => ({
    constant: body.kind(guest) === "constant",
    text: middle((body.name[guest].split("/").pop() || "").replace(/\s+/g, " "), 18),
  }));
  const shown = face.icons.slice(0, 2).map((icon) => `${icon.constant ? "▪" : "●"} ${icon.text}`);
  if (face.icons.length > 2) shown.push(`+${face.icons.length - 2}`);
  if (shown.length) face.small.push(shown.join("  "));
  return face;
}

export function sizeOfFace(face, opens) {
  const widest = Math.max(textWidth(face.title, "title"), ...face.small.map((text) => textWidth(text, "small")));
  return [Math.max(56, Math.ceil(widest) + (opens ? 44 : 26)), 20 + 11 + 14 * face.small.length];
}

// how: isOpen(item), and isApart(item, rule), whether its edges are not drawn, as the rule says or not.
export function sceneOf(items, how) {
  const whole = contents(items, items.root, how);
  const scene = { boxes: [], edges: [], links: [], width: whole.w, height: whole.h, byKey: new Map() };
  place(scene, whole, 0, 0, 0, items.root);
  return scene;
}

function boxOf(items, item, how) {
  if (how.isOpen(item) && items.opens(item)) {
    const inner = contents(items, item, how);
    const title = textWidth(middle(items.label(item), 44), "title") + 60;
    const w = Math.max(inner.w + 2 * PAD, title);
    return { item, w, h: inner.h + HEADER + PAD, inner, dx: (w - inner.w) / 2, dy: HEADER };
  }
  const face = faceOf(items, item);
  const [w, h] = sizeOfFace(face, items.opens(item));
  return { item, w, h, face, inner: null };
}

function contents(items, item, how) {
  const inner = items.inner(item);
  if (inner.length !== 1 || inner[0] === item) {
    if (inner.length === 1) return levelContents(items, item, how);
    const boxes = inner.map((each) => boxOf(items, each, how));
    return arranged(boxes, [], null, new Set());
  }
  return levelContents(items, inner[0], how);
}

function levelContents(items, item, how) {
  const found = level(item.body, item.id);
  const boxes = found.members.map((id) => boxOf(items, items.of(item.place, id), how));
  const apart = boxes.map((_, m) => m).filter((m) => how.isApart(boxes[m].item, found.apart.has(m)));
  return arranged(boxes, found.edges, found, new Set(apart));
}

// Where a level gets wide because what comes in or goes out joins parts that are otherwise apart,
// its ports are left out, and the parts stand in columns.
function arranged(boxes, edges, found, apart) {
  const made = placed(boxes, edges, found, apart);
  if (made.w <= WIDE_LEVEL || !made.ports.length) return made;
  const bare = placed(boxes, edges, { ...found, inPorts: null, outPorts: null }, apart);
  return bare.w < made.w * NARROWER ? bare : placed(boxes, edges, found, apart);
}

function placed(boxes, edges, found, apart) {
  const wires = edges
    .filter((edge) => !apart.has(edge.tail) && !apart.has(edge.head))
    .map((edge) => ({ edge, tail: edge.tail, head: edge.head, back: edge.back, text: edgeText(edge) }));
  const [ins, outs] = found ? portWires(found, apart) : [[], []];
  const labelled = wires.length <= MOST_LABELS;
  for (const wire of wires) {
    wire.label = labelled && wire.text ? [Math.max(textWidth(wire.text, "small") + 8, wire.edge.control ? 0 : 60), 13] : null;
  }
  const every = [...wires, ...ins, ...outs];
  const joined = new Set(every.flatMap((wire) => [wire.tail, wire.head]));
  const lone = boxes.map((_, m) => m).filter((m) => !apart.has(m) && !joined.has(m));
  // Graphviz would put all that nothing joins side by side, however many they are.
  const loose = lone.length > 3 ? lone : [];
  const drawn = boxes.map((_, m) => m).filter((m) => !apart.has(m) && !loose.includes(m));
  const inPorts = ins.length ? found.inPorts.length : 0;
  const outPorts = outs.length ? found.outPorts.length : 0;
  const sizes = boxes.map((box) => [box.w, box.h]);
  const result = laidOutInParts(sizes, every, inPorts, outPorts, drawn);
  const made = { boxes, found, apart, w: drawn.length ? result.width : 0, h: drawn.length ? result.height : 0, wires: [], ports: [] };
  for (const m of drawn) {
    const [x, y] = result.places.get(String(m));
    Object.assign(boxes[m], { x: x - boxes[m].w / 2, y: y - boxes[m].h / 2, apart: false });
  }
  every.forEach((wire, k) => {
    const line = result.edges.get(k);
    if (line) made.wires.push({ ...wire, points: line.points, at: line.label });
  });
  for (const [side, keys, many] of [["i", found && found.inPorts, inPorts], ["o", found && found.outPorts, outPorts]]) {
    for (let k = 0; k < many; k++) {
      const at = result.places.get(`${side}${k}`);
      if (at) made.ports.push({ side, keys: new Set(keys[k]), x: at[0], y: at[1] });
    }
  }
  setLoose(made, boxes, loose);
  setApart(made, boxes, apart);
  return made;
}

// Boxes that nothing joins: in rows below the others.
function setLoose(made, boxes, loose) {
  if (!loose.length) return;
  const area = loose.reduce((sum, m) => sum + (boxes[m].w + 14) * (boxes[m].h + 14), 0);
  const wide = Math.max(made.w, Math.sqrt(area * 2.2), ...loose.map((m) => boxes[m].w));
  let [x, y, tall] = [0, made.h ? made.h + GAP : 0, 0];
  for (const m of loose) {
    const box = boxes[m];
    if (x && x + box.w > wide) [x, y, tall] = [0, y + tall + 14, 0];
    Object.assign(box, { x, y, apart: false });
    made.w = Math.max(made.w, x + box.w);
    made.h = Math.max(made.h, y + box.h);
    tall = Math.max(tall, box.h);
    x += box.w + 14;
  }
}

// Boxes that stand apart: in columns at the right.
function setApart(made, boxes, apart) {
  if (!apart.size) return;
  const tall = Math.max(made.h, 160);
  let x = made.w ? made.w + GAP : 0;
  let [y, wide, bottom] = [0, 0, 0];
  for (const m of [...apart].sort((a, b) => a - b)) {
    const box = boxes[m];
    if (y && y + box.h > tall) [x, y, wide] = [x + wide + 16, 0, 0];
    Object.assign(box, { x, y, apart: true });
    y += box.h + 12;
    wide = Math.max(wide, box.w);
    bottom = Math.max(bottom, y - 12);
    made.w = Math.max(made.w, x + box.w);
  }
  made.h = Math.max(made.h, bottom);
}

function portWires(found, apart) {
  const wire = (edges, side, groups, keyOf, memberOf) => {
    const seen = new Map();
    if (!groups) return [];
    for (const edge of edges) {
      const m = memberOf(edge);
      if (apart.has(m)) continue;
      const k = groups.length === 1 ? 0 : groups.findIndex((keys) => keys[0] === keyOf(edge));
      const key = `${k} ${m} ${edge.control}`;
      if (!seen.has(key)) {
        const ends = side === "i" ? { tail: `i${k}`, head: m } : { tail: m, head: `o${k}` };
        seen.set(key, { ...ends, port: side, edge: { ...edge, count: 1, outside: true }, back: false, text: "", label: null });
      }
    }
    return [...seen.values()];
  };
  return [
    wire(found.ins, "i", found.inPorts, (edge) => edge.from, (edge) => edge.head),
    wire(found.outs, "o", found.outPorts, (edge) => edge.to, (edge) => edge.tail),
  ];
}

export function edgeText(edge) {
  if (edge.control) return edge.count > 1 ? count(edge.count) : "";
  if (!edge.spec) return edge.count === 1 ? "" : plural(edge.count, "tensor");
  const [dtype, shape] = edge.spec;
  // Where not even the rank is known, nothing is said of the shape.
  const text = middle(shape === null ? (dtype === "float32" ? "" : dtype) : specText(edge.spec), 34);
  if (edge.count === 1) return text;
  return text ? `${count(edge.count)} of ${text}` : plural(edge.count, "tensor");
}

function place(scene, made, x, y, depth, within) {
  for (const box of made.boxes) {
    const put = { item: box.item, x: x + box.x, y: y + box.y, w: box.w, h: box.h, face: box.face, open: !!box.inner, depth, apart: box.apart, within };
    scene.boxes.push(put);
    scene.byKey.set(box.item.key, put);
    if (box.inner) place(scene, box.inner, put.x + box.dx, put.y + box.dy, depth + 1, box.item);
  }
  made.wires.forEach((wire, k) => {
    const end = (m) => (typeof m === "number" ? made.boxes[m] : null);
    const [tail, head] = [end(wire.tail), end(wire.head)];
    scene.edges.push({
      key: `${within.key}:${k}:${wire.tail}>${wire.head}`,
      edge: wire.edge,
      body: made.boxes[0].item.body,
      tail: tail && tail.item,
      head: head && head.item,
      within,
      text: wire.text,
      points: wire.points.map(([px, py]) => [x + px, y + py]),
      at: wire.at && [x + wire.at[0], y + wire.at[1]],
      outside: !!wire.edge.outside,
    });
    joinPorts(scene, made, wire, x, y);
  });
  if (made.apart.size) scene.stubs = (scene.stubs || []).concat(stubs(made, x, y));
}

// From where an edge meets the frame of an open group to the ports inside that go on from there.
function joinPorts(scene, made, wire, x, y) {
  for (const [m, side, last] of [[wire.head, "i", true], [wire.tail, "o", false]]) {
    const box = typeof m === "number" ? made.boxes[m] : null;
    if (!box || !box.inner) continue;
    const [ex, ey] = last ? wire.points[wire.points.length - 1] : wire.points[0];
    const other = last ? wire.tail : wire.head;
    const keys = typeof other === "number" ? [made.boxes[other].item.id] : portKeys(made, other);
    for (const port of box.inner.ports) {
      if (port.side !== side || !keys.some((key) => port.keys.has(key))) continue;
      const to = [x + box.x + box.dx + port.x, y + box.y + box.dy + port.y];
      scene.links.push({ key: `${box.item.key}${side}${scene.links.length}`, from: [x + ex, y + ey], to, control: wire.edge.control });
    }
  }
}

function portKeys(made, name) {
  const side = name[0];
  const found = made.ports.filter((port) => port.side === side)[Number(name.slice(1))];
  return found ? [...found.keys] : [];
}

function stubs(made, x, y) {
  const found = [];
  for (const edge of made.found.edges) {
    const [a, b] = [made.apart.has(edge.tail), made.apart.has(edge.head)];
    if (!a && !b) continue;
    const [tail, head] = [made.boxes[edge.tail], made.boxes[edge.head]];
    found.push({
      edge,
      tail: tail.item,
      head: head.item,
      from: [x + tail.x + tail.w / 2, y + tail.y + tail.h],
      to: [x + head.x + head.w / 2, y + head.y],
      atTail: !a,
      atHead: !b,
    });
  }
  return found;
}
