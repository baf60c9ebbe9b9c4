// The recorded call, executed in the page: first as it was, each op held against what it gave then,
// after that with whatever the reader changes.

import { apart, isArray, unpacked } from "./arrays.js";
import { DEAD, Execution, isResource, keyOf } from "./execution.js";
import { arranged } from "./program.js";
import { WRITES } from "./state.js";
import { placeOf } from "../replay/places.js";
import { short } from "../values.js";

// By name, what the document has by number.
function named(numbers, arrays) {
  return new Map(Object.entries(numbers).map(([name, k]) => [name, arrays[k]]));
}

// By name of a function, "" for the graph itself, the ops of its body that ran, as numbers there.
function ran(run, items) {
  const [found, seen] = [new Map(), new Set()];
  run.node.forEach((n, s) => {
    const [name, frame] = [run.nodes[n], run.frames[run.frame[s]] || ""];
    const key = n * run.frames.length + run.frame[s];
    if (seen.has(key)) return;
    seen.add(key);
    const item = placeOf(items, name, frame);
    if (!item) return;
    if (!found.has(item.place.name)) found.set(item.place.name, new Set());
    found.get(item.place.name).add(item.id);
  });
  return found;
}

export class Machine {
  // told: the document's `live`; run and items: of the run that it is about.
  constructor(told, run, items) {
    [this.run, this.items, this.signatures] = [run, items, told.signatures];
    const arrays = told.arrays.map(unpacked);
    [this.feeds, this.state, this.recorded] = [told.feeds, told.state, told.values].map((numbers) => named(numbers, arrays));
    // By frame, what was recorded in it: a turn of a loop, a call of a function.
    this.inside = new Map(Object.entries(told.inside).map(([frame, numbers]) => [frame, named(numbers, arrays)]));
    this.bodies = new Map();
    this.ran = ran(run, items); // by function: the others of its ops were not needed
    this.home = arranged(items.home.body, [...(this.ran.get("") || [])], this.feeds);
    this.program = this.home.lines;
    this.check();
  }

  // { takes, lines, byNode, gives } of a function that the graph calls.
  function(name) {
    if (!this.bodies.has(name)) this.bodies.set(name, this.read(name));
    return this.bodies.get(name);
  }

  read(name) {
    const body = this.items.library[name];
    if (!body || !this.signatures[name]) throw new Error(`the body of ${name} is not in this page`);
    const arguments_ = new Set(["Placeholder", "_Arg"]);
    const every = Array.from({ length: body.nodes }, (_, i) => i);
    const [takes, gives] = this.signatures[name]; // a body need not have its arguments in their order
    const last = gives.map((tensor) => body.index.get(tensor.slice(0, tensor.lastIndexOf(":"))));
    const wanted = new Set([...(this.ran.get(name) || []), ...last]);
    const { lines, byNode } = arranged(body, every.filter((i) => wanted.has(i)));
    return { takes, lines: lines.filter(({ op }) => !arguments_.has(op)), byNode, gives };
  }

  // Each op by itself, given what was recorded; then all of them, one after the other.
  check() {
    const every = [this.home, ...[...this.bodies.values()]].flatMap(({ lines }) => lines);
    every.forEach(function clean(line) {
      line.kept = "";
      (line.lines || []).forEach(clean);
    });
    this.base = null;
    const env = new Map([...this.recorded, ...this.feeds]);
    const checked = new Execution(this, new Map(this.state), {}, true);
    for (const line of this.program) {
      const found = checked.tried(line, env);
      // What was too large to be kept is not compared, but what follows from it is.
      if (found) line.outputs.forEach((name, k) => env.has(name) || env.set(name, found[k]));
    }
    this.base = this.executed(new Map(), this.state);
    this.stays = this.staying(); // by step: why its recorded value stays
    this.worst = 0; // the largest difference of what is computed from what was recorded
    for (const [frame, values] of this.base.frames) for (const [name, value] of values) {
      const was = this.was(frame, name);
      if (was && isArray(value)) this.worst = Math.max(this.worst, apart(value, was)[0]);
    }
  }

  // What a tensor was in a frame; undefined where the page does not have it.
  was(frame, name) {
    if (!frame) return this.recorded.get(name);
    const values = this.inside.get(frame);
    return values && (values.get(name) ?? values.get(name.replace(/:(\d+)$/, "_$1:0"))); // a result's own name
  }

  staying() {
    const { run } = this;
    const [found, known] = [new Map(), new Map()];
    this.steps = run.node.map((n, s) => {
      const [name, frame] = [run.nodes[n], run.frames[run.frame[s]] || ""];
      const key = n * run.frames.length + run.frame[s];
      if (!known.has(key)) known.set(key, this.lineOf(name, frame));
      const line = known.get(key);
      const outer = frame && !this.base.frames.has(frame) && this.outer(frame);
      const why = outer ? outer.kept || "what it is in was not computed" : line ? line.kept : "its place in the graph is not known here";
      if (why) found.set(s, why);
      return { s, frame, line };
    });
    return found;
  }

  // The line of the graph itself in which a frame is: a loop, a call.
  outer(frame) {
    const [first] = frame.split(" > ");
    const label = ({ op, name }) => (op === "loop" ? name.replace(/\/while_context$/, "") : name);
    return this.program.find((line) => first === label(line) || first.startsWith(`${label(line)}:`));
  }

  // What is computed for an op in a frame; undefined where the page does not know where it stands.
  lineOf(name, frame) {
    const item = placeOf(this.items, name, frame);
    const body = item && (item.place === this.items.home ? this.home : this.bodies.get(item.place.name));
    return body ? body.byNode.get(item.id) : undefined;
  }

  // How near the recorded call comes to what was recorded, in words.
  get near() {
    return this.worst ? `is at most ${short(this.worst)} from what was recorded` : "gives the numbers that were recorded";
  }

  // How many tensors of the recorded steps were computed that the page has nothing to hold against.
  get unheld() {
    const computed = this.steps.filter(({ s }) => !this.stays.has(s));
    return computed.reduce((many, { frame, line }) => many + line.outputs.filter((name) => this.unknown(frame, name)).length, 0);
  }

  unknown(frame, name) {
    const value = this.base.frames.get(frame)?.get(name);
    return value !== undefined && isArray(value) && !this.was(frame, name) && !this.feeds.has(name);
  }

  // Why a tensor stays as it was recorded; "" where it is computed, is fed, or is a variable's.
  why(name) {
    if (this.state.has(name) || this.feeds.has(name)) return "";
    const line = this.program.find(({ outputs }) => outputs.includes(name));
    return line ? line.kept : "which no op of the call gives";
  }

  // { values, frames, state, stale }: all tensors with these ones changed, by name, and by frame and
  // name; what is left in the variables; and the ops whose recorded values stay though something
  // above them was changed. turned: other attributes for all ops of a type.
  executed(changes, before, turned = {}) {
    const execution = new Execution(this, new Map(before), turned);
    const env = execution.frame("");
    for (const [name, value] of this.feeds) env.set(name, changes.get(name) || value);
    const touched = new Set(changes.keys());
    const moved = new Set([...before].filter(([name, value]) => value !== this.state.get(name)).map(([name]) => name));
    const stale = [];
    for (const line of this.program) {
      const handles = line.inputs.map((name) => env.get(name)).filter(isResource);
      const above = line.inputs.some((name) => touched.has(name)) || handles.some((each) => moved.has(keyOf(each))) || turns(line, turned);
      const waits = line.controls.some((name) => touched.has(`^${name}`)); // for a branch that may be another one now
      const again = above || waits || !this.base || renews(line, handles);
      const found = line.kept ? null : again ? execution.attempted(line, env, above) : this.kept(line, execution);
      const other = above || (waits && found !== null && found.some((value, k) => value !== line.gave?.[k]));
      if (!found && above) stale.push(line);
      if (above && changesState(line)) for (const each of handles) moved.add(keyOf(each));
      line.outputs.forEach((name, k) => {
        const value = changes.get(name) || (found ? found[k] : this.recorded.get(name));
        if (value) env.set(name, value);
        if (other) touched.add(name);
      });
      if (other) touched.add(`^${line.name}`);
    }
    for (const [name, value] of env) if (value === DEAD) env.delete(name);
    return { values: env, frames: execution.frames, state: execution.state, stale: [...stale, ...execution.stale] };
  }

  // What a line gave of the call as it was recorded, with what is inside of it.
  kept(line, execution) {
    for (const [frame, values] of line.made || []) execution.frames.set(frame, values);
    return line.gave;
  }
}

// Whether other attributes were asked for of a line, or of any op that it may hold.
function turns({ op, lines, attrs }, turned) {
  const asked = Object.keys(turned);
  return asked.includes(op) || (asked.length > 0 && (lines !== undefined || holds(attrs)));
}

function holds(attrs) {
  return Object.values(attrs).some((value) => value && value.function);
}

// Whether a line leaves something behind in what it is handed: a variable, a stack.
function changesState({ op, lines, attrs }) {
  return WRITES.has(op) || lines !== undefined || (holds(attrs) && !op.startsWith("Stateless"));
}

// Whether a line must be executed anew though nothing above it was changed: a variable may be written
// several times, and a stack is another one in each execution.
function renews(line, handles) {
  return /^(Stack|TensorArray)/.test(line.op) || handles.some(({ variable }) => variable === undefined) || (handles.length > 0 && changesState(line));
}
