// The sum behind one number of an op's output, in the numbers that it took.

import { short } from "../values.js";

const MOST = 8; // terms that are written; of more the largest, and the others as one
const BOTH = {
  Add: [" + ", (a, b) => a + b], AddV2: [" + ", (a, b) => a + b], BiasAdd: [" + ", (a, b) => a + b], Sub: [" - ", (a, b) => a - b],
  Mul: [" * ", (a, b) => a * b], RealDiv: [" / ", (a, b) => a / b],
};
const ALONE = {
  Neg: ["-x", (x) => -x], Square: ["x * x", (x) => x * x], Exp: ["exp(x)", Math.exp], Log: ["log(x)", Math.log], Sqrt: ["sqrt(x)", Math.sqrt], Abs: ["abs(x)", Math.abs],
  Tanh: ["tanh(x)", Math.tanh], Sigmoid: ["1 / (1 + exp(-x))", (x) => 1 / (1 + Math.exp(-x))], Relu: ["max(x, 0)", (x) => Math.max(x, 0)],
};
const GRADIENT = {
  TanhGrad: ["dx = dy * (1 - y * y)", (y, d) => d * (1 - y * y)], SigmoidGrad: ["dx = dy * y * (1 - y)", (y, d) => d * y * (1 - y)],
};
const PRODUCT = { "true false": "dW = hᵀ dz", "false true": "dh = dz Wᵀ" };

// Lines that compute number k of what an op gives, as the text of each; null where this op is not
// written here or a number of its inputs is not known. `inputs` are values as the page has them.
export function arithmetic(op, attrs, inputs, shape, k, backward) {
  if (!inputs.every((value) => value && value.values && value.values.every((x) => typeof x === "number"))) return null;
  const place = placeOf(shape, k);
  if (op === "MatMul") return product(attrs, inputs, place, backward);
  if (op === "Softmax") return softmax(inputs[0], k);
  if (op === "Conv2D") return window_(attrs, inputs, place);
  if (op in GRADIENT) {
    const [y, d] = inputs.map((value) => value.values[k]);
    return [GRADIENT[op][0], `dy = ${short(d)}, y = ${short(y)}: ${short(GRADIENT[op][1](y, d))}`];
  }
  if (op in BOTH) {
    const [a, b] = inputs.map((value) => spread(value, place));
    return [`${short(a)}${BOTH[op][0]}${signed(b)} = ${short(BOTH[op][1](a, b))}`];
  }
  if (op in ALONE) {
    const x = inputs[0].values[k];
    return [`${ALONE[op][0].replaceAll(/\bx\b/g, signed(x))} = ${short(ALONE[op][1](x))}`];
  }
  if (op === "Sum" || op === "Mean") return reduced(op, attrs, inputs, place);
  return null;
}

function placeOf(shape, k) {
  const place = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(k % shape[axis]);
    k = Math.floor(k / shape[axis]);
  }
  return place;
}

// The number that stands at a place once the value is spread to the output's shape.
function spread({ shape, values }, place) {
  let at = 0;
  shape.forEach((size, axis) => (at = at * size + (size === 1 ? 0 : place[place.length - shape.length + axis])));
  return values[at];
}

function signed(x) {
  return x < 0 ? `(${short(x)})` : short(x);
}

function sum(pairs) {
  const products = pairs.map(([a, b]) => [`${signed(a)} * ${signed(b)}`, a * b]);
  const total = products.reduce((all, [, each]) => all + each, 0);
  if (products.length <= MOST) return `${products.map(([text]) => text).join(" + ")} = ${short(total)}`;
  const ordered = products.toSorted((p, q) => Math.abs(q[1]) - Math.abs(p[1]));
  const rest = ordered.slice(MOST).reduce((all, [, each]) => all + each, 0);
  return `${ordered.slice(0, MOST).map(([text]) => text).join(" + ")} + ${signed(rest)} of ${ordered.length - MOST} smaller terms = ${short(total)}`;
}

function product(attrs, [a, b], [row, column], backward) {
  const [ta, tb] = [Boolean(attrs.transpose_a), Boolean(attrs.transpose_b)];
  const inner = a.shape[ta ? 0 : 1];
  const left = (k) => a.values[ta ? k * a.shape[1] + row : row * a.shape[1] + k];
  const right = (k) => b.values[tb ? column * b.shape[1] + k : k * b.shape[1] + column];
  const formula = backward && PRODUCT[`${ta} ${tb}`];
  const said = `${ta ? "column" : "row"} ${row} of the first times ${tb ? "row" : "column"} ${column} of the second`;
  return [...(formula ? [formula] : []), said, sum(Array.from({ length: inner }, (_, k) => [left(k), right(k)]))];
}

function softmax({ shape, values }, k) {
  const size = shape[shape.length - 1];
  const row = values.slice(k - (k % size), k - (k % size) + size);
  const most = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - most));
  const all = powers.reduce((a, b) => a + b, 0);
  return [`the exponentials of its row, each less the largest, ${short(most)}: ${powers.map(short).join(", ")}`, `${short(powers[k % size])} / ${short(all)} = ${short(powers[k % size] / all)}`];
}

// A convolution of pictures whose channels stand last: its window, number by number.
function window_(attrs, [x, w], [n, row, column, channel]) {
  if ((attrs.data_format ?? "NHWC") !== "NHWC" || !/^(SAME|VALID)$/.test(attrs.padding) || (attrs.dilations ?? []).some((d) => d !== 1)) return null;
  const [[, high, wide, ins], [fh, fw, , outs]] = [x.shape, w.shape];
  const [, down, right] = attrs.strides;
  const before = (size, filter, step) => (attrs.padding === "SAME" ? Math.floor(Math.max((Math.ceil(size / step) - 1) * step + filter - size, 0) / 2) : 0);
  const [top, left] = [row * down - before(high, fh, down), column * right - before(wide, fw, right)];
  const pairs = [];
  for (let i = 0; i < fh; i++) {
    for (let j = 0; j < fw; j++) {
      const [r, c] = [top + i, left + j];
      if (r < 0 || c < 0 || r >= high || c >= wide) continue;
      for (let d = 0; d < ins; d++) pairs.push([x.values[((n * high + r) * wide + c) * ins + d], w.values[((i * fw + j) * ins + d) * outs + channel]]);
    }
  }
  return [`the window of ${fh} by ${fw} from row ${top}, column ${left}, times filter ${channel}`, sum(pairs)];
}

function reduced(op, attrs, [x, axes], place) {
  const rank = x.shape.length;
  const over = new Set(axes.values.map((axis) => (axis + rank) % rank));
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !over.has(axis));
  const own = attrs.keep_dims ? kept.map((axis) => place[axis]) : place;
  const found = x.values.filter((_, k) => {
    const at = placeOf(x.shape, k);
    return kept.every((axis, n) => at[axis] === own[n]);
  });
  const total = found.reduce((a, b) => a + b, 0);
  const terms = `${found.slice(0, MOST).map(signed).join(" + ")}${found.length > MOST ? ` + … (${found.length} numbers)` : ""}`;
  return [op === "Sum" ? `${terms} = ${short(total)}` : `(${terms}) / ${found.length} = ${short(total / found.length)}`];
}
