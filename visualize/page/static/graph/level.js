// What flows between the members of one group, and in and out of it: found when it is opened.

import { sizeOf } from "../words.js";

const MOST_PORTS = 5; // a group with more outside neighbours on a side gets one port for all
const MOST_CROSSING = 0.4; // wires to ports for each member; with more they say nothing
const MOST_BESIDE = 0.4; // of a level's ops in a group that is drawn apart for what it does
const HUBS_FROM = 15; // members: a smaller level is legible with every edge drawn
const MOST_EDGES = 2.5; // for each member; with more, the busiest members are drawn apart

export function level(body, group) {
  return body.once(`level ${group}`, () => found(body, group));
}

function found(body, group) {
  const members = body.members(group);
  const low = body.low[group - body.nodes];
  const place = new Int32Array(body.size(group));
  members.forEach((id, m) => {
    for (const i of body.inside(id)) place[body.position[i] - low] = m;
  });
  const within = (i) => body.holds(group, i);
  const edges = new Map();
  const ins = new Map();
  const outs = new Map();
  const backs = body.once("backs", () => new Set(Array.from({ length: body.nodes }, (_, i) => i).filter((i) => body.isBack(i))));
  const hostOf = (i) => (body.host[i] < 0 ? i : body.host[i]);

  const many = body.parent.length;

  // Keys are numbers, not texts: a level of a large graph has a hundred thousand wires.
  function wire(source, slot, target, control) {
    const sourceIn = within(source);
    const targetIn = within(target);
    const back = !control && backs.has(source);
    const form = (control ? 1 : 0) + (back ? 2 : 0);
    if (sourceIn && targetIn) {
      const [a, b] = [place[body.position[source] - low], place[body.position[target] - low]];
      if (a === b) return;
      const key = (a * members.length + b) * 4 + form;
      let edge = edges.get(key);
      if (!edge) edges.set(key, (edge = { tail: a, head: b, control, back, tensors: new Map(), wires: [] }));
      edge.tensors.set(source * 4096 + slot, [source, slot]);
      edge.wires.push([source, slot, target]);
    } else if (targetIn) {
      const from = neighbour(body, group, hostOf(source));
      const b = place[body.position[target] - low];
      const key = (b * many + from) * 4 + form;
      if (!ins.has(key)) ins.set(key, { from, head: b, control, back, wires: [] });
    } else {
      const to = neighbour(body, group, hostOf(target));
      const a = place[body.position[source] - low];
      const key = (a * many + to) * 4 + form;
      if (!outs.has(key)) outs.set(key, { tail: a, to, control, back, wires: [] });
    }
  }

  for (const i of body.inside(group)) {
    for (const [source, slot] of body.inputs(i)) wire(source, slot, i, false);
    for (const source of body.controls.get(i) || []) wire(source, -1, i, true);
    if (group === body.root) continue;
    for (const [target, k] of body.consumers[i]) {
      if (!within(target)) wire(i, k < 0 ? -1 : body.slot[k], target, k < 0);
    }
  }
  const every = [...edges.values()].map((edge) => summed(body, edge));
  const apart = hubs(body, group, members, every);
  return {
    members,
    edges: every,
    apart,
    ...ports([...ins.values()], [...outs.values()], Math.max(6, members.length * MOST_CROSSING)),
  };
}

// What an edge says of its tensors: how many, one spec where they share it, bytes together.
function summed(body, edge) {
  edge.count = edge.control ? edge.wires.length : edge.tensors.size;
  if (edge.control) return edge;
  const specs = edge.wires.map(([source, slot, target]) => {
    // What an embedded read takes is a handle; what flows along the edge is what it gives.
    const read = body.host[target] >= 0 && body.outputStart[target] < body.outputStart[target + 1];
    return read ? body.spec(target, 0) : body.spec(source, slot);
  });
  const texts = new Set(specs.map((spec) => JSON.stringify(spec)));
  edge.spec = texts.size === 1 ? specs[0] : null;
  const sizes = [...edge.tensors.values()].map(([source, slot]) => sizeOf(body.spec(source, slot)));
  edge.bytes = edge.spec && edge.count === 1 ? sizeOf(edge.spec) : sizes.includes(null) ? null : sizes.reduce((a, b) => a + b, 0);
  return edge;
}

// The box beside the group, under the lowest group that holds both, in which an outside node is.
function neighbour(body, group, id) {
  let here = id;
  while (!body.holds(body.parent[here], group)) here = body.parent[here];
  return here;
}

// Where edges come in and go out. Of too many on a side only that they are there is kept: `many`.
function ports(ins, outs, most) {
  const side = (edges, keyOf) => {
    const keys = [...new Set(edges.map(keyOf))];
    return keys.length > MOST_PORTS ? [keys] : keys.map((key) => [key]);
  };
  const inPorts = side(ins, (edge) => edge.from);
  const outPorts = side(outs, (edge) => edge.to);
  return { ins, outs, inPorts: ins.length > most ? null : inPorts, outPorts: outs.length > most ? null : outPorts };
}

// Members whose edges are not drawn but on demand: one hub makes a picture of any size unreadable.
function hubs(body, group, members, edges) {
  const given = body.packed.groups.apart[group - body.nodes] || [];
  const at = new Map(members.map((id, m) => [id, m]));
  const apart = new Set(given.map((id) => at.get(id)).filter((m) => m !== undefined));
  if (members.length < HUBS_FROM) return apart;
  const into = members.map(() => new Set());
  const out = members.map(() => new Set());
  for (const { tail, head } of edges) {
    out[tail].add(head);
    into[head].add(tail);
  }
  const [mostIn, mostOut] = [bound(into, 1), bound(out, 4)];
  members.forEach((id, m) => {
    if (into[m].size > mostIn || out[m].size > mostOut || isBeside(body, id, body.size(group))) apart.add(m);
  });
  const drawn = () => edges.filter((edge) => !apart.has(edge.tail) && !apart.has(edge.head)).length;
  const busiest = members.map((_, m) => m).sort((a, b) => into[b].size + out[b].size - into[a].size - out[a].size);
  for (const m of busiest) {
    if (drawn() <= MOST_EDGES * Math.max(members.length - apart.size, 8)) break;
    apart.add(m);
  }
  return apart;
}

// Whether a group is beside what the graph computes: it saves and restores, or applies gradients.
function isBeside(body, id, all) {
  if (!body.isGroup(id) || body.size(id) > all * MOST_BESIDE) return false;
  return body.saves(id) || [...body.inside(id)].some((i) => /^(Resource)?(Sparse)?Apply[A-Z]/.test(body.op(i)));
}

function bound(sets, factor) {
  const sizes = sets.map((set) => set.size).sort((a, b) => a - b);
  const [q1, q3] = [sizes[Math.floor(sizes.length / 4)], sizes[Math.floor((sizes.length * 3) / 4)]];
  return Math.max(4, q3 + factor * (q3 - q1));
}
