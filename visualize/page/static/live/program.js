// The ops of a body as they are computed: in an order in which they can run, each with what it takes
// and gives. A loop of TensorFlow 1, whose ops stand in a circle, is a line of its own.

const ENTERS = new Set(["Enter", "RefEnter"]);
const EXITS = new Set(["Exit", "RefExit"]);
const BACK = new Set(["NextIteration", "RefNextIteration"]);
const MERGES = new Set(["Merge", "RefMerge"]);

function lineOf(body, i) {
  const [name, specs, attrs] = [body.name[i], body.specs(i), body.attrs(i)];
  const inputs = body.inputs(i).map(([source, slot]) => `${body.name[source]}:${slot}`);
  const controls = (body.controls.get(i) || []).map((j) => body.name[j]);
  const variables = [body.marks(i).variable, attrs.shared_name, name]; // by which of them it is known
  return { i, name, op: body.op(i), inputs, controls, specs, outputs: specs.map((_, k) => `${name}:${k}`), attrs, variables, kept: "" };
}

// { lines, byNode }: the ops that some nodes need, in the order of those; what was given needs none.
export function arranged(body, order, given = new Map()) {
  const every = needed(body, order, given);
  const [at, out] = placesOf(body, every);
  const byNode = new Map();
  const within = (i, path) => at.get(i).length >= path.length && path.every((name, k) => at.get(i)[k] === name);

  function region(path, wanted) {
    const [lines, seen] = [[], new Set()];
    const own = every.filter((i) => within(i, path));
    const visit = (i) => {
      const inner = at.get(i)[path.length];
      const key = inner === undefined ? i : inner;
      if (seen.has(key)) return;
      seen.add(key);
      if (inner !== undefined) return loop(inner);
      const around = [...body.inputs(i).map(([j]) => j), ...(body.controls.get(i) || [])];
      // What comes back to a Merge is of the turn before.
      around.filter((j) => at.has(j) && within(j, path) && !(MERGES.has(body.op(i)) && BACK.has(body.op(j)))).forEach(visit);
      byNode.set(i, lineOf(body, i));
      lines.push(byNode.get(i));
    };
    const loop = (name) => {
      const enters = own.filter((i) => ENTERS.has(body.op(i)) && at.get(i).length === path.length && out.get(i)[path.length] === name);
      enters.forEach(visit);
      const below = [...path, name];
      const exits = own.filter((i) => EXITS.has(body.op(i)) && at.get(i).length === below.length && within(i, below));
      const tensor = (i) => `${body.name[i]}:0`;
      const same = enters.filter((i) => body.attrs(i).is_constant).map(tensor); // in every turn
      lines.push({ op: "loop", name, inputs: enters.map(tensor), outputs: exits.map(tensor), controls: [], specs: [], attrs: {}, same, lines: region(below, own), kept: "" });
    };
    wanted.filter((i) => within(i, path)).forEach(visit);
    return lines;
  }

  return { lines: region([], [...order, ...every]), byNode };
}

// These nodes and all that they take or wait for, in the order of the body.
function needed(body, order, given) {
  const [found, due] = [new Set(order), [...order]];
  while (due.length) {
    const i = due.pop();
    const sources = body.inputs(i).filter(([j, slot]) => !given.has(`${body.name[j]}:${slot}`)).map(([j]) => j);
    for (const j of [...sources, ...(body.controls.get(i) || [])]) {
      if (found.has(j)) continue;
      found.add(j);
      due.push(j);
    }
  }
  return [...found].sort((a, b) => a - b);
}

// In which loops each node runs, and in which its outputs are: names of frames, outermost first. A body
// need not be in an order in which it can run, so this is asked again while there is anything new.
function placesOf(body, every) {
  const [at, out] = [new Map(), new Map()];
  for (let [turn, settled] = [0, false]; !settled && turn <= every.length; turn++) {
    settled = true;
    for (const i of every) {
      const around = [...body.inputs(i).map(([j]) => j), ...(body.controls.get(i) || [])];
      const place = around.map((j) => out.get(j) || []).reduce((a, b) => (b.length > a.length ? b : a), []);
      if (at.has(i) && at.get(i).length === place.length) continue;
      settled = false;
      at.set(i, place);
      out.set(i, ENTERS.has(body.op(i)) ? [...place, body.attrs(i).frame_name] : EXITS.has(body.op(i)) ? place.slice(0, -1) : place);
    }
  }
  return [at, out];
}
