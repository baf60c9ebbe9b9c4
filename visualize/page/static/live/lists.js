// Lists of tensors, as loops hold them, and what cuts tensors into pieces.

import { made, sizeOfShape } from "./arrays.js";

function list(items) {
  return { dtype: "variant", shape: [], data: [], items };
}

function stacked([{ items }], attrs, [[dtype]]) {
  if (!items.length || items.includes(null)) throw new Error("a list with nothing in some place is not computed in this page");
  const out = made(dtype, [items.length, ...items[0].shape]);
  items.forEach(({ data }, k) => out.data.set(data, k * data.length));
  return [out];
}

function withItem([{ items }, index, item]) {
  const next = [...items];
  next[index.data[0]] = item;
  return [list(next)];
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

function stridedSlice([a, begin, end, by], { begin_mask: from = 0, end_mask: to = 0, shrink_axis_mask: shrink = 0, new_axis_mask: more = 0, ellipsis_mask: dots = 0 }) {
  if (more || dots) throw new Error("a slice with ... or a new axis is not computed in this page");
  const axes = a.shape.map((size, axis) => {
    if (axis >= begin.data.length) return Array.from({ length: size }, (_, k) => k);
    const [step, bit] = [by.data[axis], 1 << axis];
    const place = (x) => (x < 0 ? x + size : x);
    if (shrink & bit) return [place(begin.data[axis])];
    const within = (x) => Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? size : size - 1, x));
    const first = from & bit ? (step > 0 ? 0 : size - 1) : within(place(begin.data[axis]));
    const last = to & bit ? (step > 0 ? size : -1) : within(place(end.data[axis]));
    return Array.from({ length: Math.max(0, Math.ceil((last - first) / step)) }, (_, k) => first + k * step);
  });
  const out = made(a.dtype, axes.map((each) => each.length).filter((_, axis) => !(shrink & (1 << axis))));
  for (let k = 0; k < out.data.length; k++) {
    let [rest, at, stride] = [k, 0, 1];
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      at += axes[axis][rest % axes[axis].length] * stride;
      rest = Math.floor(rest / axes[axis].length);
      stride *= a.shape[axis];
    }
    out.data[k] = a.data[at];
  }
  return [out];
}

export const LISTS = {
  TensorListReserve: ([, many]) => [list(new Array(many.data[0]).fill(null))],
  EmptyTensorList: () => [list([])],
  TensorListSetItem: withItem,
  TensorListPushBack: ([{ items }, item]) => [list([...items, item])],
  TensorListStack: stacked,
  Split: split,
  StridedSlice: stridedSlice,
};
