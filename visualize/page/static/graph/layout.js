// One level laid out by Graphviz. Only numbers go into the DOT source, so no name can break it,
// and two levels of the same form have the same source: each form is laid out once.

const WIDE_FAN = 900; // boxes side by side that give to one
const done = new Map();
let engine = null;

export async function startGraphviz() {
  engine = await globalThis.Viz.instance();
}

// sizes: [w, h] of each box; edges: {tail, head, label: [w, h] or null, back}. Ports stand at the
// top ("in") and at the bottom ("out"): edges name them by strings, boxes by numbers.
export function laidOut(sizes, edges, inPorts, outPorts, drawn) {
  const source = dotSource(sizes, edges, inPorts, outPorts, drawn);
  let result = done.get(source);
  if (!result) {
    if (done.size > 2000) done.clear();
    done.set(source, (result = ranAs(source, sizes, drawn)));
  }
  return result;
}

export function layouts() {
  return done.size;
}

function dotSource(sizes, edges, inPorts, outPorts, drawn) {
  const large = drawn.length > 60 || edges.length > 120;
  const lines = [
    `digraph{graph[nodesep=.22 ranksep=${large ? 0.42 : 0.34} nslimit=${large ? 1 : 8} nslimit1=${large ? 1 : 8} mclimit=${large ? 0.2 : 1} remincross=${!large}]`,
    "node[shape=box fixedsize=true label=\"\"]edge[arrowhead=none]",
  ];
  for (const m of drawn) lines.push(`${m}[width=${inch(sizes[m][0])} height=${inch(sizes[m][1])}]`);
  const port = (name) => `${name}[width=.03 height=.03 shape=circle]`;
  if (inPorts) lines.push(`{rank=source ${range(inPorts).map((k) => port(`i${k}`)).join(" ")}}`);
  if (outPorts) lines.push(`{rank=sink ${range(outPorts).map((k) => port(`o${k}`)).join(" ")}}`);
  // In a circle what was created first stands above: Graphviz would make it as long as it can.
  const circles = inCircles(edges);
  const lengths = staggered(sizes, edges);
  edges.forEach((edge, k) => {
    const up = edge.back || (circles.has(edge) && edge.tail > edge.head);
    const label = edge.label
      ? ` label=<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" WIDTH="${Math.ceil(edge.label[0])}" HEIGHT="${Math.ceil(edge.label[1])}"><TR><TD></TD></TR></TABLE>>`
      : "";
    lines.push(`${edge.tail}->${edge.head}[id=${k}${label}${up ? " constraint=false" : lengths.has(edge) ? ` minlen=${lengths.get(edge)}` : ""}]`);
  });
  lines.push("}");
  return lines.join("\n");
}

// Of many boxes that only give something to one and the same, as its variables do, some stand
// higher: the edges that are longer for that, and how many ranks they cross.
function staggered(sizes, edges) {
  const [into, out] = [new Set(edges.map((edge) => edge.head)), new Map()];
  for (const edge of edges) out.set(edge.tail, [...(out.get(edge.tail) || []), edge]);
  const fans = new Map();
  for (const [tail, [edge, ...others]] of out) {
    if (others.length || into.has(tail) || typeof tail !== "number" || edge.back) continue;
    fans.set(edge.head, [...(fans.get(edge.head) || []), edge]);
  }
  const lengths = new Map();
  for (const fan of fans.values()) {
    const wide = fan.reduce((sum, edge) => sum + sizes[edge.tail][0], 0);
    const rows = Math.ceil(wide / WIDE_FAN);
    if (rows > 1) fan.forEach((edge, k) => lengths.set(edge, 1 + (k % rows)));
  }
  return lengths;
}

// The boxes that are in a circle, or between two: what is left without those at either end.
function inCircles(edges) {
  let left = edges.filter(({ tail, head }) => typeof tail === "number" && typeof head === "number");
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const [tails, heads] = [new Set(left.map((edge) => edge.tail)), new Set(left.map((edge) => edge.head))];
    left = left.filter((edge) => heads.has(edge.tail) && tails.has(edge.head));
  }
  return new Set(left);
}

function range(count) {
  return Array.from({ length: count }, (_, k) => k);
}

function inch(pixels) {
  return (Math.ceil(pixels) / 72).toFixed(3);
}

function ranAs(source, sizes, drawn) {
  let found;
  try {
    found = JSON.parse(engine.renderString(source, { format: "json0" }));
  } catch {
    return null; // whoever asked puts the boxes into rows
  }
  const [, , width, height] = found.bb.split(",").map(Number);
  const places = new Map();
  const names = (found.objects || []).filter((object) => object.pos);
  for (const object of names) {
    const [x, y] = object.pos.split(",").map(Number);
    places.set(object.name, [x, height - y]);
  }
  const edges = new Map();
  for (const edge of found.edges || []) {
    const points = edge.pos.split(" ").filter((part) => !/^[es],/.test(part));
    edges.set(Number(edge.id), {
      points: points.map((part) => part.split(",").map(Number)).map(([x, y]) => [x, height - y]),
      label: edge.lp ? edge.lp.split(",").map((n, k) => (k ? height - Number(n) : Number(n))) : null,
    });
  }
  return { width, height, places, edges };
}

// Where Graphviz gives up: rows, and straight lines.
export function inRows(sizes, edges, drawn) {
  const places = new Map();
  const wide = Math.max(600, Math.sqrt(drawn.reduce((sum, m) => sum + sizes[m][0] * sizes[m][1], 0)) * 1.6);
  let [x, y, tall, width] = [0, 0, 0, 0];
  for (const m of drawn) {
    const [w, h] = sizes[m];
    if (x && x + w > wide) [x, y, tall] = [0, y + tall + 30, 0];
    places.set(String(m), [x + w / 2, y + h / 2]);
    width = Math.max(width, x + w);
    tall = Math.max(tall, h);
    x += w + 20;
  }
  const lines = new Map();
  edges.forEach((edge, k) => {
    const [a, b] = [places.get(String(edge.tail)), places.get(String(edge.head))];
    if (a && b) lines.set(k, { points: [a, a, b, b], label: null });
  });
  return { width, height: y + tall, places, edges: lines };
}
