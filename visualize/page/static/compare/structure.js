// Two graphs that nobody ran: which node is which, and what of it changed.

export class Structure {
  constructor(told, sides) {
    Object.assign(this, { told, sides, count: 0 });
    this.bodies = [new Map(), new Map()];
    this.called = [new Map(), new Map()];
    for (const body of told.bodies) {
      const partner = [body.partner, inverse(body.partner, this.bodyOf(1, body.b).nodes)];
      const changed = [body.changed, Object.fromEntries(Object.entries(body.changed).map(([i, what]) => [body.partner[i], what]))];
      [body.a, body.b].forEach((name, n) => {
        this.bodies[n].set(this.bodyOf(n, name), { name, partner: partner[n], changed: changed[n] });
        this.called[n].set(name, n ? body.a : body.b);
      });
    }
    this.frontier = this.changes();
  }

  bodyOf(n, name) {
    const items = this.sides[n].app.items();
    return name ? items.library[name] : items.home.body;
  }

  kind(n, body, i) {
    const known = this.bodies[n].get(body);
    if (known && known.changed[i]) return "changed";
    return known && known.partner[i] >= 0 ? "kept" : n ? "new" : "gone";
  }

  partner(n, item) {
    const known = this.bodies[n].get(item.body);
    const i = known ? known.partner[item.id] : -1;
    const place = i >= 0 ? this.across(n, item.place) : null;
    if (!place) return null;
    const items = this.sides[1 - n].app.items();
    const host = place.body.host[i];
    return { graph: 0, run: -1, item: items.of(place, host < 0 ? i : host) };
  }

  // The place in the other graph that is what this one is in its own: a function at a call's partner.
  across(n, place) {
    const items = this.sides[1 - n].app.items();
    if (!place.at) return items.home;
    const call = this.partner(n, place.at);
    const root = call && items.functions(call.item).find((each) => each.place.name === this.called[n].get(place.name));
    return root ? root.place : null;
  }

  changed(n, body, id) {
    const known = this.bodies[n].get(body);
    return (known && known.changed[id]) || [];
  }

  changes() {
    return this.told.bodies.flatMap((body) => Object.entries(body.changed).map(([i, what]) => {
      const [a, b] = [this.site(0, body.a, Number(i)), this.site(1, body.b, body.partner[i])];
      return { a, b, said: `another ${what.map(([name]) => name).join(", ")}` };
    }));
  }

  // What only one has, each where it is drawn.
  only(n) {
    return [...this.bodies[n].values()].flatMap(({ name, partner }) => partner.flatMap((other, i) => (other < 0 ? [this.site(n, name, i)] : []))).filter(Boolean);
  }

  // A node of a function at the first call of it.
  site(n, name, i) {
    const place = this.placeOf(n, name);
    if (!place) return null;
    const items = this.sides[n].app.items();
    const host = place.body.host[i];
    return { graph: 0, run: -1, own: items.of(place, i), item: items.of(place, host < 0 ? i : host) };
  }

  placeOf(n, name) {
    return (this[`sites${n}`] ??= this.sites(n)).get(name) || null;
  }

  sites(n) {
    const items = this.sides[n].app.items();
    const found = new Map([["", items.home]]);
    for (const place of found.values()) { // grows while it is walked
      for (let i = 0; i < place.body.nodes; i++) {
        if (!place.body.calls(i).length) continue;
        for (const root of items.functions(items.of(place, i))) if (!found.has(root.place.name)) found.set(root.place.name, root.place);
      }
    }
    return found;
  }
}

function inverse(partner, nodes) {
  const found = new Array(nodes).fill(-1);
  partner.forEach((other, i) => { if (other >= 0) found[other] = i; });
  return found;
}
