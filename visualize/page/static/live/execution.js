// The lines of a call, one after the other, with the loops and the functions that they hold.

import { apart, isArray, made } from "./arrays.js";
import { KERNELS } from "./kernels.js";
import { STATE } from "./state.js";

export const FROM_DATA = "it is of a data set, whose elements stay those that were recorded";
export const DEAD = { dtype: "dead" }; // what is on the side of a branch that was not taken
const RELATIVE = 1e-4; // of the largest number: sums are added in another order, in other bits
const ABSOLUTE = 1e-6;
const MOST_TURNS = 10000; // a number that is turned may let a loop never end
const OF_DATA = /Dataset|Iterator/;
const MERGES = new Set(["Merge", "RefMerge"]);
const SWITCHES = new Set(["Switch", "RefSwitch"]);
const TRIGGER = "ControlTrigger"; // goes off once all it waits for is done, on whatever side of a branch
const BACK = new Set(["NextIteration", "RefNextIteration"]);

export function isResource(value) {
  return value !== undefined && value.dtype === "resource";
}

// By what a resource is known: a variable by its name, a stack by itself.
export function keyOf(resource) {
  return resource.variable ?? resource;
}

// An op within a loop gave something else than was recorded: it stays, and the loop begins anew.
class Departed extends Error {}

export class Execution {
  // checks: whether each op within a loop is held against what was recorded.
  constructor(machine, state, turned, checks = false) {
    Object.assign(this, { machine, state, turned, checks });
    this.frames = new Map(); // by frame, its tensors by name
    this.stale = []; // lines within loops whose recorded values stayed though the loop was changed
  }

  frame(label) {
    if (!this.frames.has(label)) this.frames.set(label, new Map());
    return this.frames.get(label);
  }

  // What a line of the graph itself gives, held against what was recorded; null where it stays.
  tried(line, env) {
    const undo = held(line, env);
    for (;;) {
      try {
        const found = this.line(line, env, "");
        line.kept = this.departs(line, found, "");
        return line.kept ? null : found;
      } catch (error) {
        undo();
        if (error instanceof Departed) continue;
        line.kept = error.message;
        return null;
      }
    }
  }

  // What it gives with what was changed; null where that cannot be computed, as for a shape that no
  // longer fits: then nothing that it did is left.
  attempted(line, env, above) {
    const [frames, state, stale, undo] = [this.frames, new Map(this.state), this.stale, held(line, env)];
    [this.frames, this.stale] = [new Map(), []];
    try {
      const found = this.line(line, env, "");
      if (!this.machine.base) [line.gave, line.made] = [found, this.frames];
      this.frames.forEach((values, label) => frames.set(label, values));
      if (above) stale.push(...new Set(this.stale));
      return found;
    } catch {
      this.state = state;
      undo();
      return null;
    } finally {
      [this.frames, this.stale] = [frames, stale];
    }
  }

  // What a line gives, tensor by tensor. Error: why it gives nothing here.
  line(line, env, frame) {
    const taken = line.inputs.map((name) => env.get(name));
    if (MERGES.has(line.op)) return merged(line, taken, env);
    if (isDead(line, taken, env)) return dead(line, env);
    if (line.op === "NoOp" || line.op === TRIGGER) return [];
    if (line.op === "Const") return [this.constant(line, frame)];
    if (OF_DATA.test(line.op)) throw new Error(FROM_DATA);
    if (taken.includes(undefined)) throw new Error(`${line.inputs[taken.indexOf(undefined)]} is not in this page`);
    if (line.lines) return this.loop(line, taken, frame);
    if (SWITCHES.has(line.op)) return taken[1].data[0] ? [DEAD, taken[0]] : [taken[0], DEAD];
    if (line.op === "Placeholder" && line.specs[0][0] !== "resource") return [this.constant(line, frame)];
    if (Object.hasOwn(STATE, line.op)) return STATE[line.op](taken, line, this.state);
    if (Object.hasOwn(CALLS, line.op)) return CALLS[line.op](this, line, taken, frame);
    if (!Object.hasOwn(KERNELS, line.op)) throw new Error(`${line.op} is not computed in this page`);
    return KERNELS[line.op](taken, { ...line.attrs, ...this.turned[line.op] }, line.specs);
  }

  constant(line, frame) {
    line.constant ??= this.machine.was(frame, line.outputs[0]) ?? constantOf(line.attrs.value);
    return line.constant;
  }

  // The lines of a loop or a function; env: what they begin with, and then all that they gave.
  within(lines, env, frame) {
    for (const line of lines) {
      const found = this.inner(line, env, frame);
      line.outputs.forEach((name, k) => env.set(name, found[k]));
    }
  }

  inner(line, env, frame) {
    if (!line.kept) {
      try {
        const found = this.line(line, env, frame);
        if (this.checks) line.kept = this.departs(line, found, frame);
        if (line.kept) throw new Departed();
        return found;
      } catch (error) {
        if (!this.checks || error instanceof Departed) throw error;
        line.kept = error.message;
      }
    }
    if (isDead(line, line.inputs.map((name) => env.get(name)), env)) return dead(line, env);
    const was = line.outputs.map((name) => this.machine.was(frame, name));
    if (was.includes(undefined)) throw new Error(`${line.name || line.op} in it: ${line.kept}`);
    this.stale.push(line);
    return was;
  }

  // How what was computed departs from what was recorded; "" where it does not.
  departs(line, found, frame) {
    for (const [k, name] of line.outputs.entries()) {
      const was = this.machine.was(frame, name);
      if (!was || !isArray(found[k])) continue;
      const [far, share] = apart(found[k], was);
      if (far > ABSOLUTE && share > RELATIVE) return `computed here it is ${far.toPrecision(2)} from the recorded value${frame ? ` in ${frame}` : ""}`;
    }
    return "";
  }

  // A loop of TensorFlow 1: its ops again and again, until nothing goes on to another turn.
  loop({ name, inputs, outputs, same, lines }, taken, frame) {
    const label = inside(frame, name.replace(/\/while_context$/, ""));
    const given = inputs.map((tensor, k) => [tensor, taken[k]]);
    const constants = given.filter(([tensor]) => same.includes(tensor));
    let begin = given.filter(([tensor]) => !same.includes(tensor));
    for (let turn = 0; turn <= MOST_TURNS; turn++) {
      const env = this.frame(`${label}:${turn}`);
      for (const [tensor, value] of [...constants, ...begin]) env.set(tensor, value);
      this.within(lines, env, `${label}:${turn}`);
      inputs.forEach((tensor) => env.delete(tensor)); // they are of the frame around it
      const left = outputs.map((tensor) => env.get(tensor) ?? DEAD);
      begin = lines.filter(({ op }) => BACK.has(op)).map(({ outputs: [tensor] }) => [tensor, env.get(tensor)]).filter(([, value]) => value !== DEAD);
      if (!begin.length) return left;
    }
    throw new Error(`it does not end within ${MOST_TURNS} turns`);
  }

  // What a function gives.
  call(name, given, frame) {
    const { takes, lines, gives } = this.machine.function(name);
    const env = this.frame(frame);
    takes.forEach((tensor, k) => env.set(tensor, given[k]));
    this.within(lines, env, frame);
    const found = gives.map((tensor) => env.get(tensor));
    takes.forEach((tensor) => env.delete(tensor));
    if (found.includes(undefined)) throw new Error(`${gives[found.indexOf(undefined)]} in ${name} is not in this page`);
    return found;
  }

  while({ name, attrs: { cond, body } }, given, frame) {
    let now = given;
    for (let turn = 0; turn <= MOST_TURNS; turn++) {
      const label = inside(frame, `${name}:${turn}`);
      if (!this.call(cond.function, now, `${label} cond`)[0].data[0]) return now;
      now = this.call(body.function, now, label);
    }
    throw new Error(`it does not end within ${MOST_TURNS} turns`);
  }

  branch({ name, attrs }, [when, ...given], frame) {
    const [word, taken] = when.data[0] ? ["then", attrs.then_branch] : ["else", attrs.else_branch];
    return this.call(taken.function, given, inside(frame, `${name}:${word}`));
  }
}

// What the stacks and arrays hold that a line is handed: how to have that again.
function held({ inputs }, env) {
  const before = inputs.map((name) => env.get(name)).filter((value) => value && isResource(value) && value.items).map((each) => [each, each.items.slice()]);
  return () => before.forEach(([each, items]) => (each.items = items.slice()));
}

const While = (execution, line, taken, frame) => execution.while(line, taken, frame);
const If = (execution, line, taken, frame) => execution.branch(line, taken, frame);
const Call = (execution, { name, attrs }, taken, frame) => execution.call(attrs.f.function, taken, inside(frame, name));
const CALLS = { While, StatelessWhile: While, If, StatelessIf: If, PartitionedCall: Call, StatefulPartitionedCall: Call };

function inside(frame, name) {
  return frame ? `${frame} > ${name}` : name;
}

// Whether what an op takes or waits for is on a side that was not taken; of a loop all that goes in.
function isDead({ op, controls, lines }, taken, env) {
  if (op === TRIGGER) return false;
  if (controls.some((name) => env.get(`^${name}`) === DEAD)) return true;
  return lines ? taken.length > 0 && taken.every((x) => x === DEAD) : taken.includes(DEAD);
}

function dead(line, env) {
  env.set(`^${line.name}`, DEAD);
  return line.outputs.map(() => DEAD);
}

// The first of its inputs that is there, and which one that is.
function merged(line, taken, env) {
  const which = taken.findIndex((value) => value !== undefined && value !== DEAD);
  if (which < 0) return dead(line, env);
  const index = made("int32", []);
  index.data[0] = which;
  return [taken[which], index];
}

function constantOf({ dtype, shape, values } = {}) {
  const flat = values === undefined || values === null ? [] : [values].flat(Infinity);
  const array = shape ? made(dtype, shape) : null;
  if (!array || flat.length !== array.data.length) throw new Error("its value is not in this page");
  array.data.set(flat);
  return array;
}
