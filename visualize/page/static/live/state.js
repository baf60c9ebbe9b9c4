// Ops that hold something or change what is held: variables, the stacks and arrays of TensorFlow 1.
// Each takes (taken, line, state), the variables' values by name, and gives its outputs.

import { copied, made } from "./arrays.js";

// What an optimizer does to a variable and to its slots, element by element: (x, gradient, numbers,
// attrs) gives them all anew. Of an op: how many it changes, where its gradient stands among what it
// takes, and that rule; what else it takes are numbers.
const UPDATES = {
  ResourceApplyGradientDescent: [1, 2, ([x], g, [rate]) => [x - rate * g]],
  ResourceApplyMomentum: [2, 3, ([x, sum], g, [rate, momentum], { use_nesterov: ahead }) => {
    const next = sum * momentum + g;
    return [x - rate * (ahead ? g + next * momentum : next), next];
  }],
  ResourceApplyAdagrad: [2, 3, ([x, sum], g, [rate], { update_slots: grows }) => {
    const next = grows === false ? sum : sum + g * g;
    return [x - (rate * g) / Math.sqrt(next), next];
  }],
  ResourceApplyAdagradV2: [2, 4, ([x, sum], g, [rate, epsilon], { update_slots: grows }) => {
    const next = grows === false ? sum : sum + g * g;
    return [x - (rate * g) / (Math.sqrt(next) + epsilon), next];
  }],
  ResourceApplyRMSProp: [3, 7, ([x, square, sum], g, [rate, rho, momentum, epsilon]) => {
    const mean = square + (g * g - square) * (1 - rho);
    const next = sum * momentum + (rate * g) / Math.sqrt(mean + epsilon);
    return [x - next, mean, next];
  }],
  ResourceApplyAdam: [3, 9, ([x, mean, square], g, [power1, power2, rate, beta1, beta2, epsilon], { use_nesterov: ahead }) => {
    const [m, v] = [mean + (g - mean) * (1 - beta1), square + (g * g - square) * (1 - beta2)];
    const step = (rate * Math.sqrt(1 - power2)) / (1 - power1);
    return [x - (step * (ahead ? m * beta1 + (1 - beta1) * g : m)) / (Math.sqrt(v) + epsilon), m, v];
  }],
};

export const WRITES = new Set(["AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", ...Object.keys(UPDATES)]);

function updated([many, where, rule]) {
  return (taken, { attrs }, state) => {
    const kept = taken.slice(0, many).map((of) => copied(held(of, state)));
    const numbers = taken.slice(many).filter((_, k) => k + many !== where).map(({ data }) => data[0]);
    taken[where].data.forEach((g, k) => {
      const found = rule(kept.map(({ data }) => data[k]), g, numbers, attrs);
      found.forEach((x, n) => (kept[n].data[k] = x));
    });
    kept.forEach((next, n) => state.set(taken[n].variable, next));
    return [];
  };
}

function resource(about) {
  return { dtype: "resource", shape: [], data: [], ...about };
}

function handle(taken, { variables }, state) {
  return [resource({ variable: variables.find((name) => name && state.has(name)) ?? "" })];
}

function held({ variable }, state) {
  if (!state.has(variable)) throw new Error("which variable it is of is not known here");
  return state.get(variable);
}

function changed(change) {
  return ([of, ...taken], line, state) => {
    const next = copied(held(of, state));
    change(next.data, ...taken.map(({ data }) => data));
    state.set(of.variable, next);
    return [];
  };
}

function added(share) {
  return changed((data, by) => by.forEach((x, k) => (data[k] += share * x)));
}

function assigned([of, value], line, state) {
  held(of, state);
  state.set(of.variable, copied(value));
  return [];
}

function shapeOf({ shape }, dtype) {
  const out = made(dtype, [shape.length]);
  out.data.set(shape);
  return out;
}

const flow = () => made("float32", []);
const number = (x) => Object.assign(made("int32", []), { data: Int32Array.of(x) });

// What a TensorArray has in a place; in one of gradients nothing is zeros, if anything tells how many.
function at({ items }, index) {
  if (!items[index]) throw new Error("an array with nothing in some place is not computed in this page");
  return items[index];
}

// A gradient is written where another may be already: they are added.
function put(array, index, item) {
  const before = array.grad && array.items[index];
  if (before) {
    item = copied(item);
    before.data.forEach((x, k) => (item.data[k] += x));
  }
  array.items[index] = item;
}

function rowOf({ dtype, shape: [, ...shape], data }, k, many) {
  const wide = data.length / many;
  return { dtype, shape, data: data.subarray(k * wide, (k + 1) * wide) };
}

function gathered([array, indices]) {
  const items = Array.from(indices.data, (k) => at(array, k));
  if (!items.length) throw new Error("nothing of an array is not computed in this page");
  const out = made(items[0].dtype, [items.length, ...items[0].shape]);
  items.forEach(({ data }, k) => out.data.set(data, k * data.length));
  return [out];
}

// Of each array there is one of gradients for each gradient that is asked for.
function gradOf([array], { attrs: { source } }) {
  array.grads ??= {};
  return [(array.grads[source] ??= resource({ items: new Array(array.items.length).fill(null), grad: true })), flow()];
}

export const STATE = {
  VarHandleOp: handle,
  Placeholder: handle, // a variable that a function was made with
  ReadVariableOp: ([of], line, state) => [held(of, state)],
  VariableShape: ([of], { specs: [[dtype]] }, state) => [shapeOf(held(of, state), dtype)],
  AssignVariableOp: assigned,
  AssignAddVariableOp: added(1),
  AssignSubVariableOp: added(-1),
  ...Object.fromEntries(Object.entries(UPDATES).map(([op, update]) => [op, updated(update)])),
  StackV2: () => [resource({ items: [] })],
  StackPushV2: ([{ items }, item]) => (items.push(item), [item]),
  StackPopV2: ([{ items }]) => {
    if (!items.length) throw new Error("nothing is left on a stack");
    return [items.pop()];
  },
  StackCloseV2: () => [],
  TensorArrayV3: ([size]) => [resource({ items: new Array(size.data[0]).fill(null) }), flow()],
  TensorArrayGradV3: gradOf,
  TensorArrayReadV3: ([array, index]) => [at(array, index.data[0])],
  TensorArrayWriteV3: ([array, index, item]) => (put(array, index.data[0], item), [flow()]),
  TensorArrayScatterV3: ([array, indices, value]) => (indices.data.forEach((index, k) => put(array, index, rowOf(value, k, indices.data.length))), [flow()]),
  TensorArrayGatherV3: gathered,
  TensorArraySizeV3: ([{ items }]) => [number(items.length)],
  TensorArrayCloseV3: () => [],
};
