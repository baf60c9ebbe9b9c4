// What feeds an op, what it feeds, and what lies on the ways from one to another.

// Nodes reached from some, along the edges ("outputs") or against them ("inputs"), as marks.
// A node in stop is reached, and nothing beyond it.
export function reached(body, from, way, stop = null) {
  const marks = new Uint8Array(body.nodes);
  const todo = [];
  for (const i of from) {
    if (!marks[i]) {
      marks[i] = 1;
      todo.push(i);
    }
  }
  const visit = (i) => {
    if (!marks[i]) {
      marks[i] = 1;
      todo.push(i);
    }
  };
  while (todo.length) {
    const i = todo.pop();
    if (stop && stop.has(i)) continue;
    if (way === "inputs") {
      for (const [source] of body.inputs(i)) visit(source);
      for (const source of body.controls.get(i) || []) visit(source);
    } else {
      for (const [target] of body.consumers[i]) visit(target);
    }
  }
  return marks;
}

// The nodes on any way from a to b, or from b to a where that is how they are joined.
export function between(body, a, b) {
  const both = (from, to) => {
    const [down, up] = [reached(body, from, "outputs"), reached(body, to, "inputs")];
    return to.some((i) => down[i]) ? down.map((mark, i) => mark & up[i]) : null;
  };
  return both(a, b) || both(b, a);
}

export function touches(body, id, marks) {
  for (const i of body.inside(id)) if (marks[i]) return true;
  return false;
}
