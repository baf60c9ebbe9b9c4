// What is looked at, in the address: a link to a page of a comparison leads to a moment of it.

import { boxes, put } from "../fragment.js";

export function address(pair) {
  const { sides } = pair;
  let [writing, last] = [0, ""];

  function write() {
    const { call, at, coupled, detail } = pair.state;
    const said = new URLSearchParams({ c: call, at, m: coupled ? 1 : 0, d: detail });
    sides.forEach(({ app }, n) => {
      if (app.state.selected !== null) said.set("ab"[n], `${app.state.graph} ${app.state.selected}`);
      for (const name of ["opened", "closed"]) if (app.state[name].size) said.set(name[0] + "ab"[n], [...app.state[name]].join(" "));
    });
    last = put(said);
  }

  // {} where it says nothing that this page has.
  function read() {
    const said = new URLSearchParams(location.hash.slice(1));
    const number = (name) => (/^-?\d+$/.test(said.get(name) || "") ? Number(said.get(name)) : undefined);
    const all = pair.told.calls || [{ a: [] }];
    const call = number("c");
    if (call === undefined || !all[call]) return {};
    const at = number("at") < all[call].a.length ? number("at") : -1;
    const selected = sides.map(({ app }, n) => {
      const [graph, key] = (said.get("ab"[n]) || "").split(" ");
      const item = /^[\d.]+$/.test(key || "") && app.doc.graphs[graph] ? app.items(Number(graph)).find(key) : null;
      return item && { graph: Number(graph), item };
    });
    const open = sides.map((_, n) => ({ opened: boxes(said, `o${"ab"[n]}`), closed: boxes(said, `c${"ab"[n]}`) }));
    return { seen: true, boxes: open, call, at, coupled: number("m") !== 0, detail: Math.max(0, Math.min(6, number("d") ?? 3)), selected: selected.some(Boolean) ? selected : null };
  }

  function follow() {
    const soon = () => {
      clearTimeout(writing);
      writing = setTimeout(write, 120);
    };
    pair.on("call at coupled detail selection", soon);
    for (const { app } of sides) app.on("opened closed", soon);
    addEventListener("hashchange", () => {
      if (location.hash === last) return;
      const said = read();
      if (!said.seen) return;
      pair.change({ coupled: said.coupled, detail: said.detail });
      if (said.call !== pair.state.call) pair.toCall(said.call);
      pair.quietly(() => sides.forEach(({ app }, n) => app.change(said.boxes[n])));
      if (said.at >= 0) pair.toStop(said.at);
      else if (said.selected) pair.both(said.selected);
    });
  }
  return { read, follow };
}
