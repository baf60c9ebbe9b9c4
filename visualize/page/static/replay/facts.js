// What a run says of the nodes of a graph: which steps, where, how long, how large.

import { duration } from "../words.js";
import { placeOf, unnumbered } from "./places.js";

export class Facts {
  constructor(run, items) {
    this.run = run;
    this.fed = new Set(run.feeds.map(([tensor]) => nodeOf(tensor)));
    this.steps = new Map(); // by body, by node: indexes of steps
    this.unplaced = new Map(); // by name
    this.unkerneled = new Set(run.unkerneled); // steps that a GPU was given, and needed no kernel
    const calls = this.place(items);
    // A call that the runtime took apart ran as the ops of its body.
    for (const [call, steps] of calls) if (!this.at(call).length) this.at(call).push(...steps.sort((a, b) => a - b));
  }

  // The steps at their nodes; the calls in whose bodies they were, each with those.
  place(items) {
    const { run } = this;
    const known = new Map();
    const calls = new Map();
    run.node.forEach((n, s) => {
      const key = n * run.frames.length + run.frame[s];
      const name = run.nodes[n];
      if (!known.has(key)) known.set(key, placeOf(items, name, run.frames[run.frame[s]] || ""));
      const item = known.get(key);
      const itself = item && [name, unnumbered(name)].some((each) => each.endsWith(item.body.name[item.id]));
      if (itself) this.at(item).push(s);
      else if (!item) this.unplaced.set(name, [...(this.unplaced.get(name) || []), s]);
      for (let call = itself ? item.place.at : item; call; call = call.place.at) {
        if (!calls.has(call)) calls.set(call, []);
        calls.get(call).push(s);
      }
    });
    return calls;
  }

  at({ body, id }) {
    if (!this.steps.has(body)) this.steps.set(body, new Map());
    const nodes = this.steps.get(body);
    if (!nodes.has(id)) nodes.set(id, []);
    return nodes.get(id);
  }

  of(body, i) {
    const nodes = this.steps.get(body);
    return (nodes && nodes.get(i)) || this.unplaced.get(body.name[i]) || [];
  }

  // Whether the run executed a node or was given its value.
  tookPart(body, i) {
    return this.of(body, i).length > 0 || this.fed.has(body.name[i]) || body.isOutside(i);
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

// How long a step took, or why that is not known.
export function tookText(run, s) {
  return run.unkerneled.includes(s) ? "launched, no kernel" : duration(run.took[s]);
}

// Where a step ran: some ops of a GPU do so on the host.
export function whereText(run, s) {
  const device = run.devices[run.device[s]] || "";
  return run.on_host.includes(s) ? `${device}, on the host` : device;
}

export function runTitle(run) {
  return `${run.name} · ${callText(run)}`;
}

export function callText(run) {
  if (run.clock === "engine") return `call ${run.call} again, op by op, with values`;
  return run.call === 1 ? "call 1, the first: start-up included" : `call ${run.call}, steady`;
}
