// How shapes, sizes, times and names are written, the same everywhere on the page.

export function shapeText(shape) {
  if (shape === null || shape === undefined) return "any shape";
  if (shape.length === 0) return "scalar";
  const text = shape.map((d) => (d === null ? "?" : d)).join("x");
  return shape.length === 1 ? `[${text}]` : text;
}

export function specText([dtype, shape]) {
  if (dtype === "resource" || dtype === "variant") return dtype;
  return dtype === "float32" || dtype === "" ? shapeText(shape) : `${shapeText(shape)} ${dtype}`;
}

export function duration(us) {
  if (us === null || us === undefined) return "not timed";
  if (us >= 999500) return `${three(us / 1e6)} s`;
  if (us >= 999.5) return `${three(us / 1e3)} ms`;
  return `${three(us)} µs`;
}

export function bytesText(bytes) {
  if (bytes === null || bytes === undefined) return "size not known";
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${three(size)} ${units[unit]}`;
}

export function three(value) {
  if (Math.abs(value) >= 99.95) return count(Math.round(value));
  return Math.abs(value) >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

export function count(number) {
  return number.toLocaleString("en");
}

export function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

// Cut in the middle: both ends of a name tell most.
export function middle(text, most) {
  if (text.length <= most) return text;
  const keep = most - 1;
  const head = Math.ceil(keep / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (keep - head))}`;
}

// Of one element, as in visualize/kinds.py.
const BYTES = new Map(
  Object.entries({
    1: "bool int8 uint8 qint8 quint8 float8_e5m2 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2fnuz",
    2: "half float16 bfloat16 int16 uint16 qint16 quint16",
    4: "float32 int32 uint32 qint32",
    8: "float64 int64 uint64 complex64",
    16: "complex128",
  }).flatMap(([size, names]) => names.split(" ").map((name) => [name, Number(size)])),
);

export function sizeOf([dtype, shape]) {
  const item = BYTES.get(dtype.replace(/_ref$/, ""));
  if (!item || !shape || shape.some((d) => d === null || d < 0)) return null;
  return shape.reduce((size, d) => size * d, item);
}
