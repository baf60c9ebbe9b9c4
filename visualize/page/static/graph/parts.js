// A level whose boxes are not all joined: each part laid out by itself, the parts in columns.
// Graphviz would put all of them side by side, however many they are.

import { inRows, laidOut } from "./layout.js";

const GAP = 26;
const TALL = 1.3; // how much taller than wide the whole is to be

// As `laidOut`, with rows where Graphviz gives up; ports join whatever is joined with them.
export function laidOutInParts(sizes, edges, inPorts, outPorts, drawn) {
  const whole = () => laidOut(sizes, edges, inPorts, outPorts, drawn) || inRows(sizes, edges, drawn);
  if (inPorts || outPorts) return whole();
  const parts = partsOf(edges, drawn);
  if (parts.length < 2) return whole();
  return inColumns(parts.map((members) => part(sizes, edges, members)));
}

// The boxes that are joined with one another, in the order of the first of each part.
function partsOf(edges, drawn) {
  const up = new Map(drawn.map((m) => [m, m]));
  const top = (m) => {
    while (up.get(m) !== m) {
      up.set(m, up.get(up.get(m)));
      m = up.get(m);
    }
    return m;
  };
  for (const { tail, head } of edges) {
    const [a, b] = [top(tail), top(head)];
    up.set(Math.max(a, b), Math.min(a, b));
  }
  const parts = new Map();
  for (const m of drawn) {
    if (!parts.has(top(m))) parts.set(top(m), []);
    parts.get(top(m)).push(m);
  }
  return [...parts.values()];
}

// Boxes are numbered anew, so that parts of one form share their layout.
function part(sizes, edges, members) {
  const at = new Map(members.map((m, k) => [m, k]));
  const own = edges.map((edge, k) => [edge, k]).filter(([edge]) => at.has(edge.tail));
  const inside = own.map(([edge]) => ({ ...edge, tail: at.get(edge.tail), head: at.get(edge.head) }));
  const measures = members.map((m) => sizes[m]);
  const numbers = members.map((_, k) => k);
  const found = laidOut(measures, inside, 0, 0, numbers) || inRows(measures, inside, numbers);
  return { members, own: own.map(([, k]) => k), ...found };
}

function inColumns(parts) {
  const area = parts.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const most = Math.max(Math.sqrt(area * TALL), ...parts.map(({ height }) => height));
  const whole = { width: 0, height: 0, places: new Map(), edges: new Map() };
  let [x, y] = [0, 0];
  for (const { members, own, width, height, places, edges } of parts) {
    if (y && y + height > most) [x, y] = [whole.width + GAP, 0];
    const moved = ([px, py]) => [px + x, py + y];
    members.forEach((m, k) => whole.places.set(String(m), moved(places.get(String(k)))));
    own.forEach((edge, k) => {
      const line = edges.get(k);
      if (line) whole.edges.set(edge, { points: line.points.map(moved), label: line.label && moved(line.label) });
    });
    whole.width = Math.max(whole.width, x + width);
    whole.height = Math.max(whole.height, y + height);
    y += height + GAP;
  }
  return whole;
}
