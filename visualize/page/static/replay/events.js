// A run as a course of events: which step gave what a step took, what is live, what is ready.

import { nodeOf } from "./facts.js";
import { placeOf } from "./places.js";
import { sizeOf } from "../words.js";

export class Course {
  constructor(run, items, body) {
    this.run = run;
    this.items = items;
    this.count = run.node.length;
    this.find(body);
    this.places = new Map();
  }

  // takes[s]: the steps whose tensors step s takes, waits[s]: those and the ones it waits for.
  find(body) {
    const { run, count } = this;
    const bodies = [body, ...Object.keys(this.items.library).map((name) => this.items.library[name])];
    const latest = new Map();
    this.takes = [];
    this.waits = [];
    this.fed = new Map(run.feeds.map(([tensor]) => [nodeOf(tensor), -1])); // the last step that takes each
    for (let s = 0; s < count; s++) {
      const name = run.nodes[run.node[s]];
      const home = bodies.find((each) => each.index.has(name));
      const i = home ? home.index.get(name) : -1;
      const sources = i < 0 ? [] : home.inputs(i).map(([source]) => latest.get(home.name[source]));
      if (i >= 0) for (const [source] of home.inputs(i)) if (this.fed.has(home.name[source])) this.fed.set(home.name[source], s);
      const controls = i < 0 ? [] : (home.controls.get(i) || []).map((source) => latest.get(home.name[source]));
      const known = (list) => [...new Set(list.filter((at) => at !== undefined))];
      this.takes.push(known(sources));
      this.waits.push(known([...sources, ...controls]));
      latest.set(name, s);
    }
  }

  // The bytes that live after each step began, what was fed included, by sizes and last uses; null:
  // no size is known.
  get live() {
    return (this.lives ??= this.memory());
  }

  memory() {
    const { run, count, takes } = this;
    const last = new Int32Array(count).fill(-1);
    takes.forEach((sources, s) => sources.forEach((source) => (last[source] = Math.max(last[source], s))));
    const fetched = new Set(run.fetches.map(nodeOf));
    const change = new Float64Array(count + 1);
    let known = false;
    for (const [tensor, dtype, shape] of run.feeds) {
      const [bytes, taken] = [sizeOf([dtype, shape]), this.fed.get(nodeOf(tensor))];
      if (!bytes || taken < 0) continue;
      change[0] += bytes;
      change[taken + 1] -= bytes;
    }
    for (let s = 0; s < count; s++) {
      const bytes = run.bytes[s] ?? this.outputBytes(s);
      if (!bytes) continue;
      known = true;
      change[s] += bytes;
      const kept = fetched.has(run.nodes[run.node[s]]);
      if (!kept) change[Math.max(last[s], s) + 1] -= bytes;
    }
    if (!known) return null;
    const live = new Float64Array(count);
    for (let s = 0, sum = 0; s < count; s++) live[s] = sum += change[s];
    return live;
  }

  outputBytes(s) {
    const sizes = this.run.outputs[s].map((k) => sizeOf(JSON.parse(this.run.specs[k]).slice(1)));
    return sizes.includes(null) ? 0 : sizes.reduce((a, b) => a + b, 0);
  }

  // The step whose tensor came last: why this one ran when it did.
  cause(s) {
    const { took, start, ends } = this.run;
    const end = (t) => (start[t] === null ? t : t in ends ? ends[t] : start[t] + (took[t] || 0));
    const waits = this.waits[s];
    return waits.length ? waits.reduce((a, b) => (end(b) >= end(a) ? b : a)) : null;
  }

  // The steps that could begin once step s has: all they wait for is done, and they have not run.
  ready(s) {
    const found = [];
    for (let t = s + 1; t < this.count; t++) if (this.waits[t].every((source) => source < s)) found.push(t);
    return found;
  }

  // The box of a step: of the op itself, at its call site where it is in a function's body.
  item(s) {
    if (!this.places.has(s)) this.places.set(s, this.placed(s));
    return this.places.get(s);
  }

  placed(s) {
    const { run } = this;
    const item = placeOf(this.items, run.nodes[run.node[s]], run.frames[run.frame[s]] || "");
    const host = item && !item.body.isGroup(item.id) ? item.body.host[item.id] : -1;
    return host < 0 ? item : this.items.of(item.place, host);
  }
}
