// Which groups are open at first, and which with more detail: as in visualize/diagram/opening.py.

import { sceneOf } from "./scene.js";

const WIDEST = 1700; // of a drawing at first: in a wider one the names cannot be read
const TALLEST = 1350; // and in one that is not taller all is seen
const FEWEST = 12; // boxes; a drawing of fewer says too little to be worth a screen
const NARROW = 600; // closing what is not wider helps nobody
const NESTED = 4; // calls within calls that are opened at first
const WIDE = 70; // a group with more members is opened by the reader, never by the slider
const MOST_FOUND = 400;
const MOST_LOOKS = 12; // at drawings of which each is narrower than the one before
const SAVING = new Set(["SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"]);
const STORING = new Set(
  "VarHandleOp VariableV2 Variable TemporaryVariable AssignVariableOp Assign ReadVariableOp Identity Const Fill VarIsInitializedOp NoOp".split(" "),
);
const APPLIES = /^(Resource)?(Sparse)?Apply[A-Z]/; // what an optimizer ends in
const UPDATING = new Set([...STORING, "Mul", "Pow"]);
const KEEPING = new Set([...STORING, "Placeholder", "PlaceholderWithDefault", "_Arg", "_Retval", "IdentityN"]);

// The groups in the order in which they are opened, each with how many boxes are visible then, and
// how late it is, which readers ask for last. A series, a variable with its own ops, and a group
// of which the run executed nothing, stay one box.
export function opening(body, facts) {
  const rests = facts ? idle(body, facts) : () => false;
  const queue = [];
  const push = (group, late) => {
    for (const id of body.members(group)) {
      if (!body.isGroup(id) || body.members(id).length > WIDE || body.isVariable(id) || body.groupKind(id) === "series" || rests(id)) continue;
      queue.push({ id, late: late || lateness(body, id) });
    }
  };
  const found = [];
  let boxes = body.members(body.root).length;
  push(body.root, 0);
  while (queue.length && found.length < MOST_FOUND) {
    queue.sort((a, b) => Boolean(a.late) - Boolean(b.late) || body.size(b.id) - body.size(a.id) || a.id - b.id);
    const { id, late } = queue.shift();
    boxes += body.members(id).length - 1;
    found.push({ id, late, boxes });
    push(id, late);
  }
  return found;
}

// The part of all boxes with which gradients and what an optimizer does with them are opened;
// savers, and groups of variables alone; 0 for what is opened first.
function lateness(body, group) {
  if (body.saves(group) || body.inside(group).every((i) => STORING.has(body.op(i)))) return 1 / 4;
  return body.isGradient(group) || updates(body, group) ? 1 / 2 : 0;
}

function updates(body, group) {
  const ops = body.inside(group).map((i) => body.op(i));
  return ops.some((op) => APPLIES.test(op)) && ops.every((op) => APPLIES.test(op) || UPDATING.has(op));
}

// Says of a group whether no op in it took part in the run; never where none did in the graph.
function idle(body, facts) {
  const took = (i) => facts.tookPart(body, i);
  if (!body.inside(body.root).some(took)) return () => false;
  return (group) => !body.inside(group).some(took);
}

// The groups of some, in the order in which they are opened, that may be open with the drawing no
// larger than can be read. Where there are calls to be looked at they stay open, and it is the last
// of them that must not be too wide.
export function legible(items, keys, calls) {
  const drawn = (kept) => sceneOf(items, { isOpen: (item) => item === items.root || kept.has(item.key), isApart: (_, rule) => rule });
  const narrow = narrowed(drawn, new Set(keys), calls.map((call) => call.key));
  return calls.length ? narrow : lowered(drawn, [...narrow]);
}

// While it is wider, the innermost of those that are too wide themselves is closed, or the widest.
function narrowed(drawn, kept, calls) {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const scene = drawn(kept);
    const around = calls.length ? scene.byKey.get(calls[calls.length - 1]).w : scene.width;
    if (around <= WIDEST) break;
    const open = scene.boxes.filter((box) => box.open && box.w > NARROW && !calls.includes(box.item.key));
    const wide = open.filter((box) => box.w > WIDEST).sort((a, b) => b.depth - a.depth);
    const [first] = wide.length ? wide : open.sort((a, b) => b.w - a.w);
    if (!first) break;
    kept.delete(first.item.key);
  }
  return kept;
}

// As many as there is room for, from the first on.
function lowered(drawn, keys) {
  const fits = (many) => {
    const scene = drawn(new Set(keys.slice(0, many)));
    return scene.height <= TALLEST || scene.boxes.filter((box) => !box.open).length <= FEWEST;
  };
  let [most, tooMany] = [0, keys.length + 1];
  while (tooMany - most > 1) {
    const middle = (most + tooMany) >> 1;
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return new Set(keys.slice(0, most));
}

// In a graph of nothing but variables and calls of functions, a SavedModel's, the call that does
// the work, and the only call in its body. Of several, that of the signature that is served.
export function mainCalls(items) {
  const found = [];
  let { home: place } = items;
  while (found.length < NESTED) {
    const { body } = place;
    const work = Array.from({ length: body.nodes }, (_, i) => i).filter((i) => !KEEPING.has(body.op(i)));
    if (work.some((i) => !body.calls(i).length)) break;
    const around = found.flatMap((call) => call.body.calls(call.id));
    const calls = work.map((i) => items.of(place, i)).filter((call) => computes(items, call, around));
    const served = calls.filter(({ id }) => body.inputs(id).some(([source]) => body.name[source].startsWith("serving_default_")));
    const [call, ...others] = calls.length > 1 ? served : calls;
    if (!call || others.length) break;
    found.push(call);
    ({ place } = items.functions(call)[0]);
  }
  return found;
}

// Whether a node calls one function, none that it is in itself, which does not save or restore.
function computes(items, call, around) {
  const roots = items.functions(call);
  if (roots.length !== 1 || around.includes(roots[0].place.name)) return false;
  const { body } = roots[0];
  return !Array.from({ length: body.nodes }, (_, i) => i).some((i) => SAVING.has(body.op(i)));
}
