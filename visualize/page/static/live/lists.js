// Lists of tensors, as loops hold them, what branches hand to their gradients, and what cuts tensors into pieces.

import { made, sizeOfShape } from "./arrays.js";

function list(items) {
  return { dtype: "variant", shape: [], data: [], items };
}

// What stands where nothing was put: zeros, where it is known how many.
function emptyOf({ items }, { element_dtype: dtype }, asked) {
  const known = items.find((item) => item);
  const shape = known ? known.shape : asked && Array.from(asked.data);
  if (!shape || shape.some((d) => d < 0)) throw new Error("a list with nothing in some place is not computed in this page");
  return known ? made(known.dtype, shape) : made(dtype, shape);
}

function itemOf(given, index, attrs, asked) {
  if (index < 0 || index >= given.items.length) throw new Error("a list has no such place");
  return given.items[index] || emptyOf(given, attrs, asked);
}

function stacked([given, asked], attrs, [[dtype]]) {
  const items = given.items.map((item, k) => itemOf(given, k, { element_dtype: dtype }, asked));
  const shape = items.length ? items[0].shape : Array.from(asked.data);
  const out = made(dtype, [items.length, ...shape]);
  items.forEach(({ data }, k) => out.data.set(data, k * data.length));
  return [out];
}

function rows({ dtype, shape: [many, ...shape], data }) {
  const wide = sizeOfShape(shape);
  return list(Array.from({ length: many }, (_, k) => ({ dtype, shape, data: data.subarray(k * wide, (k + 1) * wide) })));
}

function withItem([{ items }, index, item]) {
  const next = [...items];
  next[index.data[0]] = item;
  return [list(next)];
}

function shapeOf({ items }, attrs, [[dtype]]) {
  const known = items.find((item) => item);
  if (!known) throw new Error("the shape of what a list holds is not known in this page");
  const out = made(dtype, [known.shape.length]);
  out.data.set(known.shape);
  return [out];
}

function number(x) {
  const out = made("int32", []);
  out.data[0] = x;
  return [out];
}

// Of lists item by item, of anything else as it is.
export function itemwise(act) {
  return (inputs, ...told) => {
    if (!inputs[0].items) return act(inputs, ...told);
    const together = inputs[0].items.map((_, k) => inputs.map(({ items }) => items[k]).filter((item) => item));
    return [list(together.map((each) => (each.length ? act(each, ...told)[0] : null)))];
  };
}

// Equal pieces along an axis.
function split([axis, a], { num_split: many }) {
  const along = (axis.data[0] + a.shape.length) % a.shape.length;
  const wide = sizeOfShape(a.shape.slice(along)) / many; // numbers of a piece that lie side by side
  const shape = a.shape.map((d, k) => (k === along ? d / many : d));
  return Array.from({ length: many }, (_, piece) => {
    const out = made(a.dtype, shape);
    for (let k = 0; k < out.data.length; k += wide) out.data.set(a.data.subarray(k * many + piece * wide, k * many + (piece + 1) * wide), k);
    return out;
  });
}

// What a slice takes of a shape: the indices along each axis, and the shape of what comes out.
function cut(shape, begin, end, by, { begin_mask: from = 0, end_mask: to = 0, shrink_axis_mask: shrink = 0, new_axis_mask: more = 0, ellipsis_mask: dots = 0 }) {
  const [axes, out] = [[], []];
  const whole = () => {
    const size = shape[axes.length];
    axes.push(Array.from({ length: size }, (_, k) => k));
    out.push(size);
  };
  const many = begin.data.length;
  const own = Array.from({ length: many }, (_, k) => 1 << k).filter((bit) => !((more | dots) & bit)).length;
  for (let k = 0; k < many; k++) {
    const bit = 1 << k;
    if (dots & bit) for (let left = shape.length - own; left > 0; left--) whole();
    else if (more & bit) out.push(1);
    else {
      const [size, step] = [shape[axes.length], by.data[k]];
      const place = (x) => (x < 0 ? x + size : x);
      const within = (x) => Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? size : size - 1, x));
      const first = from & bit ? (step > 0 ? 0 : size - 1) : within(place(begin.data[k]));
      const last = to & bit ? (step > 0 ? size : -1) : within(place(end.data[k]));
      const taken = shrink & bit ? [place(begin.data[k])] : Array.from({ length: Math.max(0, Math.ceil((last - first) / step)) }, (_, n) => first + n * step);
      axes.push(taken);
      if (!(shrink & bit)) out.push(taken.length);
    }
  }
  while (axes.length < shape.length) whole();
  return { axes, out };
}

// visit(k, at): for each number that a slice takes, where it stands in the whole.
function taken({ axes }, shape, visit) {
  const many = axes.reduce((all, each) => all * each.length, 1);
  for (let k = 0; k < many; k++) {
    let [rest, at, stride] = [k, 0, 1];
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      at += axes[axis][rest % axes[axis].length] * stride;
      rest = Math.floor(rest / axes[axis].length);
      stride *= shape[axis];
    }
    visit(k, at);
  }
}

function stridedSlice([a, begin, end, by], attrs) {
  const found = cut(a.shape, begin, end, by, attrs);
  const out = made(a.dtype, found.out);
  taken(found, a.shape, (k, at) => (out.data[k] = a.data[at]));
  return [out];
}

function stridedSliceGrad([shape, begin, end, by, d], attrs) {
  const out = made(d.dtype, Array.from(shape.data));
  taken(cut(out.shape, begin, end, by, attrs), out.shape, (k, at) => (out.data[at] = d.data[k]));
  return [out];
}

// What a branch hands to its gradient: something or, where the other one was taken, nothing.
function heldBy({ items }) {
  if (!items.length) throw new Error("the branch that gives it was not taken");
  return items;
}

function truth(x) {
  const out = made("bool", []);
  out.data[0] = Number(x);
  return [out];
}

export const LISTS = {
  OptionalFromValue: (inputs) => [list(inputs)],
  OptionalNone: () => [list([])],
  OptionalGetValue: ([given]) => heldBy(given),
  OptionalHasValue: ([{ items }]) => truth(items.length),
  TensorListReserve: ([, many]) => [list(new Array(many.data[0]).fill(null))],
  EmptyTensorList: () => [list([])],
  TensorListSetItem: withItem,
  TensorListPushBack: ([{ items }, item]) => [list([...items, item])],
  TensorListPopBack: ([given, asked], attrs) => [list(given.items.slice(0, -1)), itemOf(given, given.items.length - 1, attrs, asked)],
  TensorListGetItem: ([given, index, asked], attrs) => [itemOf(given, index.data[0], attrs, asked)],
  TensorListFromTensor: ([a]) => [rows(a)],
  TensorListLength: ([{ items }]) => number(items.length),
  TensorListElementShape: ([given], attrs, specs) => shapeOf(given, attrs, specs),
  TensorListStack: stacked,
  Split: split,
  StridedSlice: stridedSlice,
  StridedSliceGrad: stridedSliceGrad,
};
