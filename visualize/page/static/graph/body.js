// A graph, or the body of a function, read from its columns.
//
// An id is a node's index, or for group k the number of nodes + k; group 0 is the whole graph.
// `at` lays the nodes out so that each group is one stretch of it, from `low` to `high`.

const KINDS = ["op", "variable", "placeholder", "constant"];
const SAVING = new Set(["SaveV2", "RestoreV2", "Save", "Restore"]);
const BACK = new Set(["NextIteration", "RefNextIteration"]);

export class Body {
  constructor(packed, library) {
    this.packed = packed;
    this.library = library;
    this.nodes = packed.op.length;
    this.root = this.nodes;
    this.readEdges();
    this.readGroups();
    this.memo = new Map();
  }

  readEdges() {
    const { inputs, src, slots, controls, outputs } = this.packed;
    this.inputStart = starts(inputs);
    this.outputStart = starts(outputs);
    this.source = new Int32Array(src.length);
    this.slot = new Int32Array(src.length);
    for (let i = 0; i < this.nodes; i++) {
      for (let k = this.inputStart[i]; k < this.inputStart[i + 1]; k++) this.source[k] = i - src[k];
    }
    for (let k = 0; k < slots.length; k += 2) this.slot[slots[k]] = slots[k + 1];
    this.controls = new Map();
    for (let k = 0; k < controls.length; k += 2 + controls[k + 1]) {
      const i = controls[k];
      this.controls.set(i, controls.slice(k + 2, k + 2 + controls[k + 1]).map((d) => i - d));
    }
    this.host = new Int32Array(this.nodes).fill(-1);
    this.guests = new Map();
    for (let k = 0; k < this.packed.hosts.length; k += 2) {
      const [guest, host] = [this.packed.hosts[k], this.packed.hosts[k + 1]];
      this.host[guest] = host;
      if (!this.guests.has(host)) this.guests.set(host, []);
      this.guests.get(host).push(guest);
    }
  }

  readGroups() {
    const { groups, group, name } = this.packed;
    const many = groups.parent.length;
    this.parent = new Int32Array(this.nodes + many);
    this.scope = [""];
    this.children = Array.from({ length: many }, () => []);
    for (let k = 1; k < many; k++) this.scope.push(joined(this.scope[groups.parent[k]], groups.scope[k]));
    this.name = name.map((short, i) => joined(this.scope[group[i]], short));
    for (let k = 0; k < many; k++) {
      this.parent[this.nodes + k] = groups.parent[k] < 0 ? -1 : this.nodes + groups.parent[k];
    }
    for (let i = 0; i < this.nodes; i++) {
      this.parent[i] = this.nodes + group[i];
      if (this.host[i] < 0) this.children[group[i]].push(i);
    }
    // Groups stand where their first node stands.
    const first = new Float64Array(many).fill(Infinity);
    for (let k = many - 1; k >= 0; k--) {
      if (this.children[k].length) first[k] = Math.min(first[k], this.children[k][0]);
      if (groups.parent[k] >= 0) first[groups.parent[k]] = Math.min(first[groups.parent[k]], first[k]);
    }
    for (let k = 1; k < many; k++) this.children[groups.parent[k]].push(this.nodes + k);
    const place = (id) => (id < this.nodes ? id : first[id - this.nodes]);
    for (const members of this.children) members.sort((a, b) => place(a) - place(b));
    this.layOut();
  }

  layOut() {
    const many = this.children.length;
    this.at = new Int32Array(this.nodes);
    this.position = new Int32Array(this.nodes);
    this.low = new Int32Array(many);
    this.high = new Int32Array(many);
    let next = 0;
    const walk = (k) => {
      this.low[k] = next;
      for (const id of this.children[k]) {
        if (id >= this.nodes) {
          walk(id - this.nodes);
          continue;
        }
        for (const i of [id, ...(this.guests.get(id) || [])]) {
          this.at[next] = i;
          this.position[i] = next;
          next += 1;
        }
      }
      this.high[k] = next;
    };
    walk(0);
  }

  isGroup(id) {
    return id >= this.nodes;
  }

  members(id) {
    return this.children[id - this.nodes];
  }

  // All nodes in a group, icons included; of a node, itself and its icons.
  inside(id) {
    if (this.isGroup(id)) return this.at.subarray(this.low[id - this.nodes], this.high[id - this.nodes]);
    return [id, ...(this.guests.get(id) || [])];
  }

  size(id) {
    return this.isGroup(id) ? this.high[id - this.nodes] - this.low[id - this.nodes] : 1;
  }

  holds(group, id) {
    if (id === group) return true;
    const k = group - this.nodes;
    const position = this.isGroup(id) ? this.low[id - this.nodes] : this.position[id];
    if (position < this.low[k] || position >= this.high[k]) return false;
    return !this.isGroup(id) || this.high[id - this.nodes] <= this.high[k];
  }

  groupKind(id) {
    return this.packed.groups.kind[id - this.nodes];
  }

  kind(id) {
    return this.isGroup(id) ? this.groupKind(id) : KINDS[this.packed.kind[id]];
  }

  // Whether a group is a variable with its own ops: its initial value, its assignment.
  isVariable(id) {
    if (!this.isGroup(id) || this.groupKind(id) !== "scope") return false;
    const name = this.fullName(id);
    const own = (member) => !this.isGroup(member) && this.kind(member) === "variable" && (this.name[member] === name || this.label(member) === name);
    return this.once(`variable ${id}`, () => this.members(id).some(own));
  }

  // Whether a group saves variables and restores them.
  saves(id) {
    return this.members(id).some((member) => !this.isGroup(member) && SAVING.has(this.op(member)));
  }

  // The other groups that are the same inside, op by op.
  alike(id) {
    const { template } = this.packed.groups;
    const own = template[id - this.nodes];
    return own < 0 ? [] : template.flatMap((other, k) => (other === own && this.nodes + k !== id ? [this.nodes + k] : []));
  }

  op(i) {
    return this.packed.ops[this.packed.op[i]];
  }

  fullName(id) {
    if (!this.isGroup(id)) return this.name[id];
    if (id === this.root) return "";
    const scope = this.scope[id - this.nodes].replace(/\/$/, "");
    const label = this.packed.groups.label[id - this.nodes];
    return this.groupKind(id) === "scope" ? scope : scope ? `${scope}/${label}` : label;
  }

  label(id) {
    if (this.isGroup(id)) return this.packed.groups.label[id - this.nodes];
    const name = this.marks(id).variable || this.name[id];
    const scope = this.scope[this.packed.group[id]];
    return name.startsWith(scope) ? name.slice(scope.length) : name.replace(/^.*\//s, "") || name;
  }

  isGradient(id) {
    const group = this.isGroup(id) ? id - this.nodes : this.packed.group[id];
    if (this.packed.groups.gradient[group] === "1") return true;
    return !this.isGroup(id) && /(^|\/)(gradients(_\d+)?|gradient_tape)(\/|$)/.test(this.name[id]);
  }

  device(i) {
    return this.packed.devices[this.packed.device[i]];
  }

  attrs(i) {
    const text = this.packed.attrs[this.packed.attr[i]];
    return text ? JSON.parse(text) : {};
  }

  // What graphlab says of a node; `attrs` is what the program says.
  marks(i) {
    return this.packed.marks[i] || {};
  }

  // Whether a node stands for what another run or the program computed.
  isOutside(i) {
    return Boolean(this.marks(i).outside);
  }

  calls(i) {
    return this.packed.calls[i] || [];
  }

  spec(i, slot) {
    const k = this.outputStart[i] + slot;
    return k < this.outputStart[i + 1] ? JSON.parse(this.packed.specs[this.packed.spec[k]]) : ["", null];
  }

  specs(i) {
    return Array.from({ length: this.outputStart[i + 1] - this.outputStart[i] }, (_, k) => this.spec(i, k));
  }

  // [source node, its output] of each input in argument order.
  inputs(i) {
    const found = [];
    for (let k = this.inputStart[i]; k < this.inputStart[i + 1]; k++) found.push([this.source[k], this.slot[k]]);
    return found;
  }

  isBack(source) {
    return BACK.has(this.op(source));
  }

  once(key, make) {
    if (!this.memo.has(key)) this.memo.set(key, make());
    return this.memo.get(key);
  }

  get index() {
    return this.once("index", () => new Map(this.name.map((name, i) => [name, i])));
  }

  // Who takes a node's outputs, and who waits for it: [consumer, input's place or -1].
  get consumers() {
    return this.once("consumers", () => {
      const found = Array.from({ length: this.nodes }, () => []);
      for (let i = 0; i < this.nodes; i++) {
        for (let k = this.inputStart[i]; k < this.inputStart[i + 1]; k++) found[this.source[k]].push([i, k]);
        for (const source of this.controls.get(i) || []) found[source].push([i, -1]);
      }
      return found;
    });
  }

  // The file and line of each node, null where they are not known.
  get lines() {
    return this.once("lines", () => {
      const found = new Array(this.nodes).fill(null);
      const told = this.packed.source;
      for (let k = 0; k < told.length; k += 3) {
        const [from, file, line] = told.slice(k, k + 3);
        const to = k + 3 < told.length ? told[k + 3] : this.nodes;
        if (file >= 0) found.fill([this.packed.files[file], line], from, to);
      }
      return found;
    });
  }
}

function starts(counts) {
  const found = new Int32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) found[i + 1] = found[i] + counts[i];
  return found;
}

function joined(scope, short) {
  return short.startsWith("\0") ? short.slice(1) : scope + short;
}
