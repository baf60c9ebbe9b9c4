// Which groups are open at first, and which with more detail: as in visualize/opening.py.

const WIDE = 70; // a group with more members is opened by the reader, never by the slider
const MOST_FOUND = 400;
const SAVING = new Set(["SaveV2", "RestoreV2", "Save", "Restore"]);
const STORING = new Set(
  "VarHandleOp VariableV2 Variable TemporaryVariable AssignVariableOp Assign ReadVariableOp Identity Const Fill VarIsInitializedOp NoOp".split(" "),
);

// The groups in the order in which they are opened, each with how many boxes are visible then, and
// whether it is one that readers ask for last. A series, a variable with its own ops, and a group
// of which the run executed nothing, stay one box.
export function opening(body, facts) {
  const rests = facts ? idle(body, facts) : () => false;
  const queue = [];
  const push = (group, late) => {
    for (const id of body.members(group)) {
      if (!body.isGroup(id) || body.members(id).length > WIDE || body.isVariable(id) || body.groupKind(id) === "series" || rests(id)) continue;
      queue.push({ id, late: late || isLate(body, id) });
    }
  };
  const found = [];
  let boxes = body.members(body.root).length;
  push(body.root, false);
  while (queue.length && found.length < MOST_FOUND) {
    queue.sort((a, b) => a.late - b.late || body.size(b.id) - body.size(a.id) || a.id - b.id);
    const { id, late } = queue.shift();
    boxes += body.members(id).length - 1;
    found.push({ id, late, boxes });
    push(id, late);
  }
  return found;
}

// Gradients, savers, and groups of variables alone.
function isLate(body, group) {
  const inside = body.inside(group);
  const saves = body.members(group).some((id) => !body.isGroup(id) && SAVING.has(body.op(id)));
  return body.isGradient(group) || saves || inside.every((i) => STORING.has(body.op(i)));
}

// Says of a group whether no op in it took part in the run; never where none did in the graph.
function idle(body, facts) {
  const took = (i) => facts.tookPart(body, i);
  if (!body.inside(body.root).some(took)) return () => false;
  return (group) => !body.inside(group).some(took);
}
