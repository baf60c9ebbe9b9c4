// What ops compute, in plain JavaScript: (inputs, attrs, specs) gives the outputs. Sums are added in
// float64 and kept in the tensor's own dtype, so last bits may be other than TensorFlow's.

import { made, sizeOfShape } from "./arrays.js";
import { itemwise, LISTS } from "./lists.js";
import { WINDOWS } from "./windows.js";

export function strides(shape) {
  const found = new Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) found[axis] = found[axis + 1] * shape[axis + 1];
  return found;
}

export function spreadShape(a, b) {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const [p, q] = [a[k - rank + a.length] ?? 1, b[k - rank + b.length] ?? 1];
    if (p !== q && p !== 1 && q !== 1) throw new Error(`shapes ${a} and ${b} do not fit`);
    return p === 1 ? q : p;
  });
}

// For each element of a shape, where it stands in an array that is spread to it.
function places(from, shape) {
  const found = new Int32Array(sizeOfShape(shape));
  const own = strides(from);
  const step = shape.map((_, axis) => {
    const k = axis - shape.length + from.length;
    return k < 0 || from[k] === 1 ? 0 : own[k];
  });
  const index = new Array(shape.length).fill(0);
  for (let k = 0, at = 0; k < found.length; k++) {
    found[k] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += step[axis];
      if (++index[axis] < shape[axis]) break;
      at -= step[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return found;
}

function both(act, dtype) {
  return ([a, b]) => {
    const shape = spreadShape(a.shape, b.shape);
    const out = made(dtype || a.dtype, shape);
    const same = a.shape.join() === b.shape.join();
    const [p, q] = same ? [null, null] : [places(a.shape, shape), places(b.shape, shape)];
    for (let k = 0; k < out.data.length; k++) out.data[k] = act(a.data[p ? p[k] : k], b.data[q ? q[k] : k], a.dtype);
    return [out];
  };
}

function each(act) {
  return ([a]) => {
    const out = made(a.dtype, a.shape);
    for (let k = 0; k < out.data.length; k++) out.data[k] = act(a.data[k]);
    return [out];
  };
}

function reshaped(a, shape) {
  const known = shape.filter((d) => d >= 0).reduce((x, y) => x * y, 1);
  return { ...a, shape: shape.map((d) => (d < 0 ? a.data.length / known : d)) };
}

function reduced(start, add, end = (x) => x) {
  return ([a, axes], attrs) => {
    const rank = a.shape.length;
    const over = new Set(Array.from(axes.data, (axis) => (axis + rank) % rank));
    const kept = a.shape.map((d, axis) => (over.has(axis) ? 1 : d));
    const at = places(kept, a.shape);
    const sums = new Float64Array(sizeOfShape(kept)).fill(start);
    for (let k = 0; k < a.data.length; k++) sums[at[k]] = add(sums[at[k]], a.data[k]);
    const out = made(a.dtype, attrs.keep_dims ? kept : a.shape.filter((_, axis) => !over.has(axis)));
    const many = a.data.length / Math.max(1, sums.length);
    for (let k = 0; k < sums.length; k++) out.data[k] = end(sums[k], many);
    return [out];
  };
}

function matMul([a, b], { transpose_a: ta, transpose_b: tb }) {
  const [rows, inner] = ta ? [a.shape[1], a.shape[0]] : a.shape;
  const columns = tb ? b.shape[0] : b.shape[1];
  if ((tb ? b.shape[1] : b.shape[0]) !== inner) throw new Error(`shapes ${a.shape} and ${b.shape} do not fit`);
  const out = made(a.dtype, [rows, columns]);
  const [ar, ak] = ta ? [1, rows] : [inner, 1];
  const [bk, bc] = tb ? [1, inner] : [columns, 1];
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let k = 0; k < inner; k++) {
      const x = a.data[i * ar + k * ak];
      if (x === 0) continue;
      for (let j = 0; j < columns; j++) row[j] += x * b.data[k * bk + j * bc];
    }
    out.data.set(row, i * columns);
  }
  return [out];
}

// The products of the matrices in the last two axes, the others spread.
function matMuls([a, b], { adj_x: transpose_a, adj_y: transpose_b }) {
  const split = ({ dtype, shape, data }) => {
    const [around, last] = [shape.slice(0, -2), shape.slice(-2)];
    const size = sizeOfShape(last);
    return { around, size, at: (k) => ({ dtype, shape: last, data: data.subarray(k * size, (k + 1) * size) }) };
  };
  const [p, q] = [split(a), split(b)];
  const around = spreadShape(p.around, q.around);
  const [left, right] = [places(p.around, around), places(q.around, around)];
  const [rows, columns] = [a.shape.at(transpose_a ? -1 : -2), b.shape.at(transpose_b ? -2 : -1)];
  const out = made(a.dtype, [...around, rows, columns]);
  left.forEach((from, k) => out.data.set(matMul([p.at(from), q.at(right[k])], { transpose_a, transpose_b })[0].data, k * rows * columns));
  return [out];
}

// Rows of exponentials: of each row its largest, and the sum of the exponentials less that.
function rowsOf({ shape, data }) {
  const wide = shape[shape.length - 1];
  return Array.from({ length: data.length / wide }, (_, r) => {
    const row = data.subarray(r * wide, (r + 1) * wide);
    const most = row.reduce((x, y) => Math.max(x, y), -Infinity);
    return { row, most, sum: row.reduce((all, x) => all + Math.exp(x - most), 0), at: r * wide };
  });
}

function softmax([a], log) {
  const out = made(a.dtype, a.shape);
  for (const { row, most, sum, at } of rowsOf(a)) row.forEach((x, k) => (out.data[at + k] = log ? x - most - Math.log(sum) : Math.exp(x - most) / sum));
  return [out];
}

function crossEntropy([logits, labels], sparse) {
  const [loss, back] = [made(logits.dtype, [logits.shape[0]]), made(logits.dtype, logits.shape)];
  rowsOf(logits).forEach(({ row, most, sum, at }, r) => {
    let total = 0;
    row.forEach((x, k) => {
      const label = sparse ? Number(labels.data[r] === k) : labels.data[at + k];
      if (label) total += label * (Math.log(sum) - (x - most));
      back.data[at + k] = Math.exp(x - most) / sum - label;
    });
    loss.data[r] = total;
  });
  return [loss, back];
}

function transposed([a, order]) {
  const axes = Array.from(order.data);
  const out = made(a.dtype, axes.map((axis) => a.shape[axis]));
  const [from, to] = [strides(a.shape), strides(out.shape)];
  for (let k = 0; k < out.data.length; k++) out.data[k] = a.data[axes.reduce((at, axis, n) => at + (Math.floor(k / to[n]) % out.shape[n]) * from[axis], 0)];
  return [out];
}

function tiled([a, times]) {
  const out = made(a.dtype, a.shape.map((d, axis) => d * times.data[axis]));
  const [from, to] = [strides(a.shape), strides(out.shape)];
  for (let k = 0; k < out.data.length; k++) out.data[k] = a.data[a.shape.reduce((at, d, axis) => at + ((Math.floor(k / to[axis]) % out.shape[axis]) % d) * from[axis], 0)];
  return [out];
}

function broadcast(a, shape) {
  const out = made(a.dtype, shape);
  places(a.shape, shape).forEach((at, k) => (out.data[k] = a.data[at]));
  return out;
}

// Over which axes a gradient is summed, since what it is of was spread along them.
function gradientAxes([a, b]) {
  const [p, q] = [Array.from(a.data), Array.from(b.data)];
  const rank = Math.max(p.length, q.length);
  const shape = spreadShape(p, q);
  const axes = (own) => Array.from({ length: rank }, (_, k) => k).filter((k) => (own[k - rank + own.length] ?? 1) === 1 && (shape[k] !== 1 || k < rank - own.length || p.join() !== q.join()));
  return [p.join() === q.join() ? [] : axes(p), p.join() === q.join() ? [] : axes(q)].map((found) => vector(a.dtype, found));
}

function vector(dtype, numbers) {
  const out = made(dtype, [numbers.length]);
  out.data.set(numbers);
  return out;
}

function selected([when, a, b]) {
  const shape = spreadShape(when.shape, spreadShape(a.shape, b.shape));
  const [w, p, q] = [when, a, b].map((x) => places(x.shape, shape));
  const out = made(a.dtype, shape);
  for (let k = 0; k < out.data.length; k++) out.data[k] = when.data[w[k]] ? a.data[p[k]] : b.data[q[k]];
  return [out];
}

function argMax([a, axis], attrs, [[dtype]]) {
  const along = (axis.data[0] + a.shape.length) % a.shape.length;
  const [wide, step] = [a.shape[along], strides(a.shape)[along]];
  const out = made(dtype, a.shape.filter((_, k) => k !== along));
  for (let k = 0; k < out.data.length; k++) {
    const from = Math.floor(k / step) * step * wide + (k % step);
    for (let n = 1; n < wide; n++) if (a.data[from + n * step] > a.data[from + out.data[k] * step]) out.data[k] = n;
  }
  return [out];
}

function cast([a], attrs, [[dtype]]) {
  const out = made(dtype, a.shape);
  const whole = /^int/.test(dtype);
  for (let k = 0; k < out.data.length; k++) out.data[k] = dtype === "bool" ? Number(a.data[k] !== 0) : whole ? Math.trunc(a.data[k]) : a.data[k];
  return [out];
}

function packed(inputs, { axis = 0 }) {
  if (axis !== 0) throw new Error("only along the first axis");
  const out = made(inputs[0].dtype, [inputs.length, ...inputs[0].shape]);
  inputs.forEach((each_, k) => out.data.set(each_.data, k * each_.data.length));
  return [out];
}

function filled([shape, value]) {
  const out = made(value.dtype, Array.from(shape.data));
  out.data.fill(value.data[0]);
  return [out];
}

function biasGradient([d]) {
  const out = made(d.dtype, d.shape.slice(-1));
  const sums = new Float64Array(out.data.length);
  d.data.forEach((x, k) => (sums[k % sums.length] += x));
  out.data.set(sums);
  return [out];
}

function expanded([a, axis]) {
  const shape = [...a.shape];
  shape.splice(axis.data[0] < 0 ? axis.data[0] + shape.length + 1 : axis.data[0], 0, 1);
  return [{ ...a, shape }];
}

function squeezed([a], { squeeze_dims: axes = [] }) {
  const over = new Set(axes.map((axis) => (axis + a.shape.length) % a.shape.length));
  return [{ ...a, shape: a.shape.filter((d, axis) => (over.size ? !over.has(axis) : d !== 1)) }];
}

function gathered([a, indices, axis], { batch_dims: batch = 0 }) {
  if (batch || (axis && axis.data[0])) throw new Error("only along the first axis");
  const out = made(a.dtype, [...indices.shape, ...a.shape.slice(1)]);
  const wide = sizeOfShape(a.shape.slice(1));
  indices.data.forEach((index, k) => out.data.set(a.data.subarray(index * wide, (index + 1) * wide), k * wide));
  return [out];
}

function sliced([a, begin, size]) {
  const shape = a.shape.map((d, axis) => (size.data[axis] < 0 ? d - begin.data[axis] : size.data[axis]));
  const out = made(a.dtype, shape);
  const [from, to] = [strides(a.shape), strides(shape)];
  for (let k = 0; k < out.data.length; k++) out.data[k] = a.data[shape.reduce((at, d, axis) => at + ((Math.floor(k / to[axis]) % d) + begin.data[axis]) * from[axis], 0)];
  return [out];
}

function joined(inputs) {
  const [arrays, axis] = [inputs.slice(0, -1), inputs[inputs.length - 1].data[0]];
  const along = (axis + arrays[0].shape.length) % arrays[0].shape.length;
  const shape = arrays[0].shape.map((d, k) => (k === along ? arrays.reduce((sum, each_) => sum + each_.shape[k], 0) : d));
  const out = made(arrays[0].dtype, shape);
  const rows = sizeOfShape(shape.slice(0, along));
  let at = 0;
  for (let r = 0; r < rows; r++) {
    for (const { data } of arrays) {
      const wide = data.length / rows;
      out.data.set(data.subarray(r * wide, (r + 1) * wide), at);
      at += wide;
    }
  }
  return [out];
}

// A row for each index, or what `axis` says: one number where the index is, another elsewhere.
function oneHot([indices, depth, on, off], { axis = -1 }) {
  const [rank, wide] = [indices.shape.length, depth.data[0]];
  const at = axis < 0 ? rank : axis;
  const out = made(on.dtype, [...indices.shape.slice(0, at), wide, ...indices.shape.slice(at)]);
  out.data.fill(off.data[0]);
  const inner = sizeOfShape(indices.shape.slice(at));
  indices.data.forEach((index, k) => {
    if (index >= 0 && index < wide) out.data[(Math.floor(k / inner) * wide + index) * inner + (k % inner)] = on.data[0];
  });
  return [out];
}

const whole = (a, b, dtype, act) => (/^int/.test(dtype) ? Math.trunc(a / b) : act);
const BOOL = "bool";

export const KERNELS = {
  Identity: ([a]) => [a], StopGradient: ([a]) => [a], PreventGradient: ([a]) => [a], Snapshot: ([a]) => [a], PlaceholderWithDefault: ([a]) => [a],
  Enter: ([a]) => [a], Exit: ([a]) => [a], NextIteration: ([a]) => [a], LoopCond: ([a]) => [a], ControlTrigger: () => [],
  Add: both((a, b) => a + b), AddV2: both((a, b) => a + b), BiasAdd: both((a, b) => a + b), Sub: both((a, b) => a - b), Mul: both((a, b) => a * b),
  RealDiv: both((a, b) => a / b), Div: both((a, b, dtype) => whole(a, b, dtype, a / b)), FloorDiv: both((a, b) => Math.floor(a / b)), FloorMod: both((a, b) => a - Math.floor(a / b) * b),
  Maximum: both((a, b) => Math.max(a, b)), Minimum: both((a, b) => Math.min(a, b)), Pow: both((a, b) => a ** b), SquaredDifference: both((a, b) => (a - b) ** 2), DivNoNan: both((a, b) => (b === 0 ? 0 : a / b)),
  Less: both((a, b) => Number(a < b), BOOL), LessEqual: both((a, b) => Number(a <= b), BOOL), Greater: both((a, b) => Number(a > b), BOOL), GreaterEqual: both((a, b) => Number(a >= b), BOOL),
  Equal: both((a, b) => Number(a === b), BOOL), NotEqual: both((a, b) => Number(a !== b), BOOL), LogicalAnd: both((a, b) => a & b), LogicalOr: both((a, b) => a | b), LogicalNot: each((a) => 1 - a),
  Neg: each((x) => -x), Square: each((x) => x * x), Abs: each(Math.abs), Sign: each(Math.sign), Exp: each(Math.exp), Log: each(Math.log), Log1p: each(Math.log1p), Sqrt: each(Math.sqrt), Rsqrt: each((x) => 1 / Math.sqrt(x)), Reciprocal: each((x) => 1 / x), Inv: each((x) => 1 / x),
  Sin: each(Math.sin), Cos: each(Math.cos), Floor: each(Math.floor), Tanh: each(Math.tanh), Sigmoid: each((x) => 1 / (1 + Math.exp(-x))), Relu: each((x) => (x > 0 ? x : x === x ? 0 : x)), Softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  ZerosLike: itemwise(each(() => 0)), OnesLike: each(() => 1),
  LeakyRelu: ([a], { alpha }) => each((x) => (x > 0 ? x : alpha * x))([a]), LeakyReluGrad: (inputs, { alpha }) => both((d, x) => (x > 0 ? d : alpha * d))(inputs),
  ReluGrad: both((d, x) => (x > 0 ? d : 0)), TanhGrad: both((y, d) => d * (1 - y * y)), SigmoidGrad: both((y, d) => d * y * (1 - y)), SqrtGrad: both((y, d) => (d * 0.5) / y), ReciprocalGrad: both((y, d) => -d * y * y),
  Sum: reduced(0, (a, b) => a + b), Mean: reduced(0, (a, b) => a + b, (x, n) => x / n), Max: reduced(-Infinity, Math.max), Min: reduced(Infinity, Math.min), Prod: reduced(1, (a, b) => a * b), All: reduced(1, Math.min), Any: reduced(0, Math.max),
  MatMul: matMul, BatchMatMulV2: matMuls, Softmax: (inputs) => softmax(inputs, false), LogSoftmax: (inputs) => softmax(inputs, true), ArgMax: argMax, Cast: cast,
  SparseSoftmaxCrossEntropyWithLogits: (inputs) => crossEntropy(inputs, true), SoftmaxCrossEntropyWithLogits: (inputs) => crossEntropy(inputs, false),
  Reshape: ([a, shape]) => [reshaped(a, Array.from(shape.data))], Shape: ([a], attrs, [[dtype]]) => [vector(dtype, a.shape)], Size: ([a], attrs, [[dtype]]) => [reshaped(vector(dtype, [a.data.length]), [])], Rank: ([a]) => [reshaped(vector("int32", [a.shape.length]), [])],
  Range: ([from, to, by]) => [vector(from.dtype, Array.from({ length: Math.max(0, Math.ceil((to.data[0] - from.data[0]) / by.data[0])) }, (_, k) => from.data[0] + k * by.data[0]))], Fill: filled, ExpandDims: expanded, Squeeze: squeezed, Transpose: transposed, Tile: tiled, BroadcastTo: ([a, shape]) => [broadcast(a, Array.from(shape.data))], BroadcastGradientArgs: gradientAxes,
  GatherV2: gathered, Slice: sliced, ConcatV2: joined, Select: selected, SelectV2: selected, Pack: packed, BiasAddGrad: biasGradient, OneHot: oneHot,
  ...WINDOWS,
  ...LISTS,
  AddN: itemwise((inputs) => [inputs.reduce((a, b) => both((x, y) => x + y)([a, b])[0])]),
};
