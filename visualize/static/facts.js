// What a run says of the nodes of a graph: which steps, where, how long, how large.

export class Facts {
  constructor(run) {
    this.run = run;
    this.steps = new Map(); // by node name: indexes of steps
    run.node.forEach((n, s) => {
      const name = run.nodes[n];
      if (!this.steps.has(name)) this.steps.set(name, []);
      this.steps.get(name).push(s);
    });
    this.fed = new Set(run.feeds.map(([tensor]) => nodeOf(tensor)));
  }

  of(body, i) {
    return this.steps.get(body.name[i]) || [];
  }

  device(body, i) {
    const steps = this.of(body, i);
    return steps.length ? this.run.devices[this.run.device[steps[0]]] : "";
  }

  time(body, i) {
    return this.sum(body, i, this.run.took);
  }

  bytes(body, i) {
    return this.sum(body, i, this.run.bytes);
  }

  sum(body, i, column) {
    let sum = null;
    for (const s of this.of(body, i)) if (column[s] !== null) sum = (sum || 0) + column[s];
    return sum;
  }
}

export function nodeOf(tensor) {
  return tensor.replace(/:\d+$/, "");
}

export function runTitle(run) {
  return `${run.name} · ${callText(run)}`;
}

export function callText(run) {
  if (run.clock === "engine") return `call ${run.call} again, op by op, with values`;
  return run.call === 1 ? "call 1, the first: start-up included" : `call ${run.call}, steady`;
}
