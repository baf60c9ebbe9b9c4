// Arrays as the live page computes with them: { dtype, shape, data }, rows first.

const KEPT = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: Float64Array, bool: Uint8Array };

export function sizeOfShape(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

// An empty array of a dtype; Error where the page does not compute with it.
export function made(dtype, shape) {
  if (!KEPT[dtype]) throw new Error(`no ${dtype} here`);
  return { dtype, shape, data: new KEPT[dtype](sizeOfShape(shape)) };
}

// An array from the document: its bytes in base64, little-endian, int64 as float64. Where there is
// `which`, data has each different number once, and that says which one is in each place.
export function unpacked({ dtype, shape, data, which }) {
  const numbers = new KEPT[dtype](bytesOf(data).buffer);
  return { dtype, shape, data: which === undefined ? numbers : KEPT[dtype].from(bytesOf(which), (k) => numbers[k]) };
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

// Whether there are numbers: a list of tensors, a handle or what is dead has none.
export function isArray(value) {
  return ArrayBuffer.isView(value.data);
}

export function copied(array) {
  return { ...array, data: array.data.slice() };
}

// The largest difference of two arrays, and how much that is of the largest number in them.
// Infinity where they differ in shape, or one has a NaN or an infinity and the other none.
export function apart(a, b) {
  if (a.shape.join() !== b.shape.join()) return [Infinity, Infinity];
  let [far, size] = [0, 0];
  for (let k = 0; k < a.data.length; k++) {
    const [x, y] = [a.data[k], b.data[k]];
    if (Object.is(x, y) || x === y) continue;
    const gap = Math.abs(x - y);
    if (!Number.isFinite(gap)) return [Infinity, Infinity];
    far = Math.max(far, gap);
  }
  for (const x of b.data) if (Number.isFinite(x)) size = Math.max(size, Math.abs(x));
  return [far, far / Math.max(size, 1e-30)];
}

// What the page shows of a value: as visualize/page/glimpse.py makes it.
const [MOST_VALUES, HEAT, BINS] = [64, 32, 24];

const glimpses = new WeakMap(); // an array is never written into once it is there

export function glimpse(array) {
  if (!glimpses.has(array)) glimpses.set(array, glimpsed(array));
  return glimpses.get(array);
}

function glimpsed({ dtype, shape, data }) {
  const about = { dtype, shape };
  if (data.length <= MOST_VALUES) return { ...about, values: Array.from(data, (x) => (dtype === "bool" ? Boolean(x) : Number.isFinite(x) ? x : String(x))) };
  const finite = Array.from(data).filter(Number.isFinite);
  about.nan = data.reduce((n, x) => n + (Number.isNaN(x) ? 1 : 0), 0);
  about.inf = data.length - finite.length - about.nan;
  if (finite.length) {
    const [least, most] = finite.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    const mean = finite.reduce((a, b) => a + b, 0) / finite.length;
    const std = Math.sqrt(finite.reduce((a, x) => a + (x - mean) ** 2, 0) / finite.length);
    const [from, to] = least === most ? [least - 0.5, most + 0.5] : [least, most];
    const counts = new Array(BINS).fill(0);
    for (const x of finite) counts[Math.min(BINS - 1, Math.floor(((x - from) / (to - from)) * BINS))] += 1;
    Object.assign(about, { min: least, max: most, mean, std, histogram: { counts, from, to } });
  }
  return { ...about, heat: heat(shape, data) };
}

function heat(shape, data) {
  let columns = shape[shape.length - 1];
  if (columns === data.length) columns = Math.min(HEAT, columns); // a long vector, folded into rows
  const rows = Math.ceil(data.length / columns);
  const [high, wide] = [Math.min(rows, HEAT), Math.min(columns, HEAT)];
  const [sums, counts] = [new Float64Array(high * wide), new Float64Array(high * wide)];
  for (let k = 0; k < data.length; k++) {
    const cell = Math.floor((Math.floor(k / columns) * high) / rows) * wide + Math.floor(((k % columns) * wide) / columns);
    sums[cell] += data[k];
    counts[cell] += 1;
  }
  return { rows: high, columns: wide, cells: Array.from(sums, (sum, k) => (counts[k] && Number.isFinite(sum) ? sum / counts[k] : null)) };
}
