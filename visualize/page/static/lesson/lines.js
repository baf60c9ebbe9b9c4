// The ops that a line of code made, by its place: "file.py:12".

// A path's last two parts: the same file has other folders before it elsewhere.
export function base(file) {
  return file.split(/[\\/]/).slice(-2).join("/");
}

// { place, body, ops } of the graph whose items are given; `ops` is empty where no op is of the line.
export function linesOf(items, place) {
  const { body } = items.home;
  const found = body.once("by line", () => {
    const all = new Map();
    body.lines.forEach((where, i) => {
      if (!where) return;
      const key = `${base(where[0])}:${where[1]}`;
      if (!all.has(key)) all.set(key, []);
      all.get(key).push(i);
    });
    return all;
  });
  return { place, body, ops: found.get(base(place)) || [] };
}
