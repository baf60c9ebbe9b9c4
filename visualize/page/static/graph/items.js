// What can be drawn as a box: a node or group of a body, where the body is the graph itself or a
// function at one of its call sites.

export class Items {
  constructor(body, library) {
    this.library = library;
    this.names = Object.keys(library);
    this.known = new Map();
    this.home = { body, prefix: "", at: null, name: "" };
    this.root = this.of(this.home, body.root);
  }

  of(place, id) {
    const key = `${place.prefix}${id}`;
    let item = this.known.get(key);
    if (!item) this.known.set(key, (item = { key, id, place, body: place.body }));
    return item;
  }

  // The functions that a node calls, each as the root of its body at this call site.
  functions(item) {
    if (item.body.isGroup(item.id)) return [];
    const calls = item.body.calls(item.id).filter((name) => name in this.library);
    return calls.map((name) => {
      const prefix = `${item.key}.${this.names.indexOf(name)}.`;
      return this.of({ body: this.library[name], prefix, at: item, name }, this.library[name].root);
    });
  }

  opens(item) {
    return item.body.isGroup(item.id) || this.functions(item).length > 0;
  }

  // What is drawn inside an open item: a group whose level it is, or several functions.
  inner(item) {
    if (item.body.isGroup(item.id)) return [item];
    return this.functions(item);
  }

  parent(item) {
    const up = item.body.parent[item.id];
    if (up < 0) return item.place.at;
    if (up === item.body.root && item.place.at) {
      const roots = this.functions(item.place.at);
      return roots.length === 1 ? item.place.at : this.of(item.place, up);
    }
    return this.of(item.place, up);
  }

  // The item of a key such as "12.0.45"; null where there is none.
  find(key) {
    const parts = key.split(".").map(Number);
    let place = this.home;
    let item = this.checked(place, parts.shift());
    while (item && parts.length) {
      const [number, id] = [parts.shift(), parts.shift()];
      const root = this.functions(item).find((each) => each.place.name === this.names[number]);
      place = root && root.place;
      item = place ? this.checked(place, id) : null;
    }
    return item;
  }

  checked(place, id) {
    return Number.isInteger(id) && id >= 0 && id < place.body.parent.length ? this.of(place, id) : null;
  }

  label(item) {
    if (item.id === item.body.root) return item.place.name || "graph";
    return item.body.label(item.id) || item.body.fullName(item.id) || "(no name)";
  }

  fullName(item) {
    const name = item.body.fullName(item.id);
    if (!item.place.at) return name;
    return `${this.fullName(item.place.at)} ▸ ${item.place.name}${name ? ` ▸ ${name}` : ""}`;
  }
}
