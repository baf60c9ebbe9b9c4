// The recorded call, executed in the page: first as it was, each op held against what it gave then,
// after that with whatever the reader changes.

import { apart, copied, unpacked } from "./arrays.js";
import { KERNELS } from "./kernels.js";
import { LOOPS, Loops } from "./loops.js";

const RELATIVE = 1e-4; // of the largest number: sums are added in another order, in other bits
const ABSOLUTE = 1e-6;

// By name, what the document has by number.
function named(numbers, arrays) {
  return new Map(Object.entries(numbers).map(([name, k]) => [name, arrays[k]]));
}

export class Machine {
  // told: the document's `live`; run and items: of the run that it is about.
  constructor(told, run, items) {
    this.run = run;
    this.body = items.home.body;
    const arrays = told.arrays.map(unpacked);
    [this.feeds, this.state, this.recorded] = [told.feeds, told.state, told.values].map((numbers) => named(numbers, arrays));
    this.loops = new Loops(items.library, told.returns);
    this.program = run.node.map((n, s) => this.line(s, run.nodes[n])).filter(Boolean);
    this.stays = new Map(); // by step: why its recorded value stays
    this.worst = 0; // the largest difference of what is computed from what was recorded
    this.check();
  }

  // A step as it is computed; null where its op stands in a function's body.
  line(s, name) {
    const i = this.body.index.get(name);
    if (i === undefined || this.run.frames[this.run.frame[s]]) return null;
    const inputs = this.body.inputs(i).map(([source, slot]) => `${this.body.name[source]}:${slot}`);
    const specs = this.body.specs(i);
    return { s, i, op: this.body.op(i), inputs, outputs: specs.map((_, k) => `${name}:${k}`), specs, attrs: this.body.attrs(i), variable: this.variable(i) };
  }

  // The name of the variable that an op is given, or makes the handle of.
  variable(i) {
    const [first] = this.body.inputs(i);
    const j = this.body.op(i) === "VarHandleOp" || !first ? i : first[0];
    const { shared_name: shared } = this.body.attrs(j);
    return [this.body.marks(j).variable, shared, this.body.name[j]].find((name) => name && this.state.has(name));
  }

  // Each op by itself, given what was recorded; then all of them, one after the other.
  check() {
    const env = new Map([...this.recorded, ...this.feeds]);
    const state = new Map(this.state);
    for (const line of this.program) {
      const found = this.computed(line, env, state);
      if (typeof found === "string") this.stays.set(line.s, found);
      else this.compare(line, found);
      // What was too large to be kept is not compared, but what follows from it is.
      if (typeof found !== "string") line.outputs.forEach((name, k) => env.has(name) || env.set(name, found[k]));
    }
    this.base = this.executed(new Map(), this.state);
    for (const [name, value] of this.base.values) if (this.recorded.has(name)) this.worst = Math.max(this.worst, apart(value, this.recorded.get(name))[0]);
  }

  // How many tensors were computed that the page has nothing to hold against.
  get unheld() {
    const made = this.program.filter(({ s, op }) => !this.stays.has(s) && op !== "VarHandleOp" && op !== "Placeholder");
    return made.flatMap(({ outputs }) => outputs).filter((name) => !this.recorded.has(name)).length;
  }

  // Why a tensor stays as it was recorded; "" where it is computed, is fed, or is a variable's.
  why(name) {
    if (this.state.has(name) || this.feeds.has(name)) return "";
    const line = this.program.find(({ outputs }) => outputs.includes(name));
    return line ? this.stays.get(line.s) || "" : "which no op of the call gives";
  }

  compare(line, outputs) {
    for (const [k, name] of line.outputs.entries()) {
      if (!this.recorded.has(name) || !outputs[k]) continue;
      const [far, share] = apart(outputs[k], this.recorded.get(name));
      if (far > ABSOLUTE && share > RELATIVE) this.stays.set(line.s, `computed here it is ${far.toPrecision(2)} from the recorded value`);
    }
  }

  // { values, state, stale }: all tensors with these ones changed, what is left in the variables,
  // and the steps whose recorded values stay though something above them was changed. turned: other
  // attributes for all ops of a type.
  executed(changes, before, turned = {}) {
    const values = new Map();
    const state = new Map(before);
    for (const [name, value] of this.feeds) values.set(name, changes.get(name) || value);
    const touched = new Set(changes.keys());
    const moved = new Set([...before].filter(([name, value]) => value !== this.state.get(name)).map(([name]) => name));
    const stale = [];
    for (const line of this.program) {
      const above = line.inputs.some((name) => touched.has(name)) || moved.has(line.variable) || line.op in turned;
      // What nothing above was changed of is as it was; a variable may be written several times.
      const same = !above && this.base && !WRITES.has(line.op);
      const found = this.stays.has(line.s) ? null : same ? line.outputs.map((name) => this.base.values.get(name)) : this.computed(line, values, state, turned[line.op]);
      const kept = found === null || typeof found === "string";
      if (kept && above) stale.push(line.s);
      if (above && WRITES.has(line.op)) moved.add(line.variable);
      line.outputs.forEach((name, k) => {
        const value = changes.get(name) || (kept ? this.recorded.get(name) : found[k]);
        if (value) values.set(name, value);
        if (above) touched.add(name);
      });
    }
    return { values, state, stale };
  }

  // What an op gives, or why it gives nothing here.
  computed(line, env, state, turned = {}) {
    const { op, inputs, attrs, specs, outputs } = line;
    if (op === "NoOp" || op === "VarHandleOp") return [];
    if (op === "Const" || op === "Placeholder") return outputs.every((name) => this.recorded.has(name)) ? outputs.map((name) => this.recorded.get(name)) : `its value is not in this page`;
    if (op === "ReadVariableOp" || WRITES.has(op)) return this.variables(line, env, state);
    if (!LOOPS.has(op) && (!Object.hasOwn(KERNELS, op) || !KERNELS[op])) return `${op} is not computed in this page`;
    const taken = inputs.map((name) => env.get(name));
    if (taken.includes(undefined)) return `${inputs[taken.indexOf(undefined)]} is not in this page`;
    try {
      if (LOOPS.has(op)) return this.loops.run(attrs, taken);
      return KERNELS[op](taken, { ...attrs, ...turned }, specs);
    } catch (error) {
      return error.message;
    }
  }

  variables({ op, variable, inputs }, env, state) {
    if (variable === undefined) return "which variable it is of is not known here";
    const value = state.get(variable);
    if (op === "ReadVariableOp") return [value];
    const taken = inputs.slice(1).map((name) => env.get(name));
    if (taken.includes(undefined)) return `${inputs[1 + taken.indexOf(undefined)]} is not in this page`;
    const next = copied(op === "AssignVariableOp" ? taken[0] : value);
    const [by, step] = op === "ResourceApplyGradientDescent" ? [taken[1].data, -taken[0].data[0]] : [taken[0].data, op === "AssignSubVariableOp" ? -1 : 1];
    if (op !== "AssignVariableOp") for (let k = 0; k < next.data.length; k++) next.data[k] += step * by[k];
    state.set(variable, next);
    return [];
  }
}

const WRITES = new Set(["AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "ResourceApplyGradientDescent"]);
