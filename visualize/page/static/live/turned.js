// What the dials of a panel ask for: other tensors, other variables, other attributes.

import { copied, sizeOfShape } from "./arrays.js";

// What a name stands for in the recorded call: a variable, or a tensor that was fed or is constant.
export function begun(machine, name) {
  return machine.state.get(name) || machine.feeds.get(name) || machine.recorded.get(name);
}

// The numbers of a dial as they were recorded.
export function recorded(machine, dial) {
  const first = begun(machine, dial.of[0]);
  if (dial.how === "number") return dial.at.map((place) => Number(first.data[place].toPrecision(7))); // float32 has no more digits
  if (dial.how === "rows") return [first.shape[0]];
  if (dial.how === "units") return [first.shape[dial.axes[0]]];
  const line = machine.program.find(({ op }) => op === dial.of[0]);
  return [Number(line.attrs[dial.attr].toPrecision(7))];
}

// { changes, state, turned } for Machine.executed; numbers: by dial, those that were turned to.
export function asked(machine, dials, numbers) {
  const [changes, state, turned] = [new Map(), new Map(machine.state), {}];
  const put = (name, array) => (state.has(name) ? state : changes).set(name, array);
  dials.forEach((dial, d) => {
    const [now, was] = [numbers[d], recorded(machine, dial)];
    if (now.every((x, k) => x === was[k])) return;
    if (dial.how === "attr") for (const op of dial.of) turned[op] = { [dial.attr]: now[0] };
    else if (dial.how === "number") put(dial.of[0], withNumbers(begun(machine, dial.of[0]), dial.at, now));
    else dial.of.forEach((name, k) => put(name, dial.how === "rows" ? firstRows(begun(machine, name), now[0]) : firstUnits(state.get(name), dial.axes[k], now[0])));
  });
  return { changes, state, turned };
}

function withNumbers(array, places, numbers) {
  const next = copied(array);
  places.forEach((place, k) => (next.data[place] = numbers[k]));
  return next;
}

function firstRows({ dtype, shape: [, ...row], data }, many) {
  return { dtype, shape: [many, ...row], data: data.subarray(0, many * sizeOfShape(row)) };
}

// The first units along an axis; the others are 0.
function firstUnits(array, axis, many) {
  const next = copied(array);
  const step = sizeOfShape(array.shape.slice(axis + 1));
  next.data.forEach((x, k) => Math.floor(k / step) % array.shape[axis] < many || (next.data[k] = 0));
  return next;
}
