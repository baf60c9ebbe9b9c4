// One call of both programs: which step of A is which of B, in the one order in which both are told.

export const ORDER = ["changed", "gone", "new", "kept"]; // what is said of an op that ran several times

export class Call {
  constructor(told, hows, sides) {
    Object.assign(this, { told, hows, sides, count: told.a.length });
    this.steps = [told.a, told.b];
    this.starts = told.runs.map((runs, n) => {
      let all = 0;
      return runs.map((r) => (all += sides[n].app.doc.runs[r].node.length) - sides[n].app.doc.runs[r].node.length);
    });
    this.places = [new Map(), new Map()];
    this.frontier = told.frontier.map((part) => ({ ...part, at: part.stop }));
  }

  get kept() {
    return this.told.kept;
  }

  // [run, step in it] of a side's step; null where the side has none at that stop.
  stepAt(n, stop) {
    const k = this.steps[n][stop];
    if (k < 0) return null;
    const starts = this.starts[n];
    let r = starts.length - 1;
    while (starts[r] > k) r -= 1;
    return [this.told.runs[n][r], k - starts[r]];
  }

  place(n, stop) {
    const { places: { [n]: known } } = this;
    if (!known.has(stop)) {
      const step = this.stepAt(n, stop);
      known.set(stop, step && this.sides[n].placed(...step));
    }
    return known.get(stop);
  }

  how(stop) {
    return this.told.how_of[stop] < 0 ? null : this.hows[this.told.how_of[stop]];
  }

  part(stop) {
    return this.told.part_of[stop] === undefined ? null : this.frontier[this.told.part_of[stop]];
  }

  kindOf(stop) {
    if (this.told.part_of[stop] !== undefined) return "changed";
    return this.steps[0][stop] < 0 ? "new" : this.steps[1][stop] < 0 ? "gone" : "kept";
  }

  // By graph and key of what is drawn: its stops, those of the op itself before those of its icons.
  stopsOf(n) {
    return (this[`stops${n}`] ??= this.byItem(n));
  }

  byItem(n) {
    const [own, all] = [new Map(), new Map()];
    const put = (map, key, stop) => (map.has(key) ? map.get(key).push(stop) : map.set(key, [stop]));
    for (let stop = 0; stop < this.count; stop++) {
      const place = this.place(n, stop);
      if (!place) continue;
      put(place.own === place.item ? own : all, `${place.graph} ${place.item.key}`, stop);
    }
    for (const [key, stops] of all) own.set(key, [...(own.get(key) || []), ...stops]);
    return own;
  }

  stopsAt(n, item) {
    return this.stopsOf(n).get(`${this.sides[n].app.state.graph} ${item.key}`) || [];
  }

  // What is said of the nodes of each body.
  kindsOf(n) {
    return (this[`kinds${n}`] ??= this.byNode(n));
  }

  byNode(n) {
    const found = new Map();
    for (let stop = 0; stop < this.count; stop++) {
      const place = this.place(n, stop);
      if (!place) continue;
      const { body, id } = place.own;
      if (!found.has(body)) found.set(body, new Map());
      const [kind, before] = [this.kindOf(stop), found.get(body).get(id)];
      if (before === undefined || ORDER.indexOf(kind) < ORDER.indexOf(before)) found.get(body).set(id, kind);
    }
    return found;
  }

  kind(n, body, i) {
    const kinds = this.kindsOf(n).get(body);
    return (kinds && kinds.get(i)) || "";
  }

  // Where the partner of an op is, at the stop that is shown or else at the one that says most;
  // `by` is "name" where no value of it was compared.
  partner(n, item, at = -1) {
    const stops = this.stopsAt(n, item);
    if (!stops.length) return this.namesake(n, item);
    const stop = this.telling(stops, at);
    const place = this.place(1 - n, stop);
    return place ? { ...place, stop } : null;
  }

  telling(stops, at = -1) {
    if (stops.includes(at)) return at;
    const differs = (stop) => this.how(stop) && this.how(stop)[0] === "different";
    return stops.find((stop) => this.part(stop)) ?? stops.find(differs) ?? stops[0];
  }

  namesake(n, item) {
    const { app } = this.sides[1 - n];
    const items = app.items();
    const i = item.place.at ? undefined : items.home.body.index.get(item.body.fullName(item.id));
    if (i === undefined || items.home.body.op(i) !== item.body.op(item.id) || this.stopsAt(1 - n, items.of(items.home, i)).length) return null;
    return { graph: app.state.graph, run: app.state.run, item: items.of(items.home, i), by: "name" };
  }

  // How many of what ran match how: ["same", 12], ...
  counts() {
    const found = new Map();
    for (let stop = 0; stop < this.count; stop++) {
      const kind = this.kindOf(stop);
      const name = kind === "gone" ? "only A" : kind === "new" ? "only B" : kind === "changed" ? "where they part" : this.how(stop)[0];
      found.set(name, (found.get(name) || 0) + 1);
    }
    return [...found];
  }

  only(n) {
    return Array.from({ length: this.count }, (_, stop) => stop).filter((stop) => this.steps[n][stop] >= 0 && this.steps[1 - n][stop] < 0);
  }

  // An op's name and type, as its run has them.
  named(n, stop) {
    const step = this.stepAt(n, stop);
    if (!step) return null;
    const run = this.sides[n].app.doc.runs[step[0]];
    return { op: run.ops[run.op[step[1]]], node: run.nodes[run.node[step[1]]], frame: run.frames[run.frame[step[1]]] || "", values: run.values[step[1]] || {} };
  }
}
