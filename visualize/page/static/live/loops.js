// Loops of the recorded graph, executed in the page: their bodies are functions of the graph.

import { made } from "./arrays.js";
import { KERNELS } from "./kernels.js";

export const LOOPS = new Set(["While", "StatelessWhile"]);
const ARGUMENTS = new Set(["Placeholder", "_Arg"]);
const MOST_TURNS = 10000; // a number that is turned may let a loop never end

export class Loops {
  // returns: what each function gives, by tensor names of its body.
  constructor(library, returns) {
    [this.library, this.returns, this.read] = [library, returns || {}, new Map()];
  }

  // What a loop leaves. Error: something in it is not computed here.
  run({ cond, body }, given) {
    let [now, turns] = [given, 0];
    while (this.call(cond.function, now)[0].data[0]) {
      if (++turns > MOST_TURNS) throw new Error(`it does not end within ${MOST_TURNS} turns`);
      now = this.call(body.function, now);
    }
    return now;
  }

  call(name, given) {
    const { takes, lines } = this.body(name);
    const env = new Map(takes.map((tensor, k) => [tensor, given[k]]));
    for (const { op, inputs, outputs, specs, attrs, constant } of lines) {
      if (!constant && !(Object.hasOwn(KERNELS, op) && KERNELS[op])) throw new Error(`${op} in ${name} is not computed in this page`);
      const found = constant ? [constant] : KERNELS[op](inputs.map((input) => env.get(input)), attrs, specs);
      outputs.forEach((output, k) => env.set(output, found[k]));
    }
    return this.returns[name].map((tensor) => env.get(tensor));
  }

  body(name) {
    if (!this.read.has(name)) this.read.set(name, this.readBody(name));
    return this.read.get(name);
  }

  readBody(name) {
    const body = this.library[name];
    if (!body || !this.returns[name]) throw new Error(`the body of ${name} is not in this page`);
    const every = Array.from({ length: body.nodes }, (_, i) => {
      const [op, specs, attrs] = [body.op(i), body.specs(i), body.attrs(i)];
      const inputs = body.inputs(i).map(([source, slot]) => `${body.name[source]}:${slot}`);
      return { op, specs, attrs, inputs, outputs: specs.map((_, k) => `${body.name[i]}:${k}`), constant: op === "Const" ? constantOf(attrs.value) : null };
    });
    const takes = every.filter(({ op }) => ARGUMENTS.has(op)).map(({ outputs }) => outputs[0]);
    return { takes, lines: every.filter(({ op }) => !ARGUMENTS.has(op)) };
  }
}

function constantOf({ dtype, shape, values }) {
  const array = made(dtype, shape);
  if (!values || [values].flat(Infinity).length !== array.data.length) throw new Error("a constant of a loop is not in this page");
  array.data.set([values].flat(Infinity));
  return array;
}
