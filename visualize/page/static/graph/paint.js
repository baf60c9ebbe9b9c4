// What a box's colour says, and the legend that says so.

import { duration, bytesText, sizeOf } from "../words.js";

export const COLOURINGS = [
  ["kind", "kind"],
  ["device", "device"],
  ["op", "op type"],
  ["time", "time"],
  ["memory", "memory"],
  ["verdict", "what became of it"],
  ["gradient", "gradient"],
];
const PALETTE = 8; // --c0 .. --c7 in the style
const HEATS = 7; // --h0 .. --h6
const NONE = "var(--box)";
const KINDS = { op: "op", variable: "variable", placeholder: "placeholder", constant: "constant" };

// facts: of the run that is shown, by body; verdicts: by body, of the stage that is shown; matches:
// of a comparison, `kind(body, i)` of each node.
export class Paint {
  constructor(mode, home, facts, verdicts, matches = null) {
    this.mode = mode;
    this.facts = facts;
    this.verdicts = verdicts;
    this.matches = matches;
    this.key = new Map();
    this.looks = new Map();
    if (mode === "device") this.rank(home, (i) => this.deviceOf(home, i));
    if (mode === "op") this.rank(home, (i) => home.op(i));
    if (mode === "verdict" && verdicts) this.rank(home, (i) => (verdicts.get(home.name[i]) || [""])[0]);
    if (mode === "time" || mode === "memory") {
      this.most = 0;
      for (let i = 0; i < home.nodes; i++) this.most = Math.max(this.most, this.amount(home, i) || 0);
    }
  }

  deviceOf(body, i) {
    return (this.facts && this.facts.device(body, i)) || body.device(i);
  }

  amount(body, i) {
    if (this.mode === "time") return this.facts ? this.facts.time(body, i) : null;
    const known = this.facts ? this.facts.bytes(body, i) : null;
    if (known !== null && known !== undefined) return known;
    const sizes = body.specs(i).map(sizeOf);
    return sizes.length && !sizes.includes(null) ? sizes.reduce((a, b) => a + b, 0) : null;
  }

  // The commonest values get the colours, in the order of how common they are.
  rank(home, valueOf) {
    const counts = new Map();
    for (let i = 0; i < home.nodes; i++) {
      const value = valueOf(i);
      if (value) counts.set(value, (counts.get(value) || 0) + 1);
    }
    const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    if (this.mode === "device") names.sort();
    names.forEach((name, k) => this.key.set(name, k < PALETTE - 1 || names.length <= PALETTE ? `var(--c${k})` : `var(--c${PALETTE - 1})`));
    this.names = names;
  }

  fill(item) {
    return this.look(item)[0];
  }

  // The fill, and what it says in words.
  look({ body, id }) {
    if (!this.looks.has(body)) this.looks.set(body, new Map());
    const looks = this.looks.get(body);
    if (!looks.has(id)) looks.set(id, this.found(body, id));
    return looks.get(id);
  }

  found(body, id) {
    const inside = body.inside(id);
    if (this.mode === "kind") return body.isGroup(id) ? (body.isVariable(id) ? ["var(--variable)", "variable"] : ["var(--scope)", ""]) : [`var(--${KINDS[body.kind(id)]})`, body.kind(id)];
    if (this.mode === "match") return this.matched(body, id);
    if (this.mode === "gradient") return body.isGradient(id) ? ["var(--gradient)", "gradient"] : [NONE, "forward"];
    if (this.mode === "time" || this.mode === "memory") {
      let sum = null;
      for (const i of inside) {
        const amount = this.amount(body, i);
        if (amount !== null && amount !== undefined) sum = (sum || 0) + amount;
      }
      if (sum === null) return ["var(--unknown)", this.mode === "memory" ? "size not known" : this.launched(body, inside) ? "launched, no kernel" : "not timed"];
      const heat = this.most ? Math.min(HEATS - 1, Math.floor((Math.sqrt(sum) / Math.sqrt(this.most)) * (HEATS - 0.01))) : 0;
      return [`var(--h${heat})`, this.mode === "time" ? duration(sum) : bytesText(sum)];
    }
    const values = new Map();
    for (const i of inside) {
      const value = this.mode === "device" ? this.deviceOf(body, i) : this.mode === "op" ? body.op(i) : this.verdicts ? (this.verdicts.get(body.name[i]) || [""])[0] : "";
      if (value) values.set(value, (values.get(value) || 0) + 1);
    }
    if (!values.size) return ["var(--unknown)", "not known"];
    if (values.size > 1 && this.mode === "device") return ["var(--mixed)", [...values.keys()].join(", ")];
    const [name, many] = [...values].sort((a, b) => b[1] - a[1])[0];
    return [this.key.get(name) || `var(--c${PALETTE - 1})`, many === inside.length || values.size === 1 ? name : `mostly ${name}`];
  }

  // Where a group, or an op with its icons, holds a place where two programs part, it says that.
  matched(body, id) {
    const kinds = new Set([...body.inside(id)].map((i) => this.matches.kind(body, i)).filter(Boolean));
    const [first] = body.isGroup(id) ? kinds : [this.matches.kind(body, id)];
    if (kinds.has("changed")) return ["var(--changed)", "changed"];
    if (!first) return ["var(--paper)", ""];
    return body.isGroup(id) && kinds.size > 1 ? ["var(--mixed)", "several"] : [`var(--${first})`, first];
  }

  isLoud(item) {
    return Boolean(this.matches) && this.matched(item.body, item.id)[1] === "changed";
  }

  // Whether ops were given to a GPU, and none of them needed a kernel.
  launched(body, inside) {
    return Boolean(this.facts) && inside.some((i) => this.facts.of(body, i).some((s) => this.facts.unkerneled.has(s)));
  }

  legend() {
    if (this.mode === "kind") return [...Object.keys(KINDS).map((kind) => [`var(--${kind})`, kind]), ["var(--scope)", "group, closed"]];
    if (this.mode === "match") return []; // one below both drawings says it
    if (this.mode === "gradient") return [["var(--gradient)", "gradient"], [NONE, "forward"]];
    if (this.mode === "time" || this.mode === "memory") {
      const say = this.mode === "time" ? duration : bytesText;
      return [["var(--h0)", "little"], ["var(--h3)", ""], [`var(--h${HEATS - 1})`, this.most ? `${say(this.most)} or more` : "nothing known"], ["var(--unknown)", this.mode === "time" ? "not timed" : "not known"]];
    }
    const shown = (this.names || []).slice(0, PALETTE - 1).map((name) => [this.key.get(name), name]);
    if ((this.names || []).length >= PALETTE) shown.push([`var(--c${PALETTE - 1})`, "others"]);
    if (this.mode === "device") shown.push(["var(--mixed)", "several"]);
    return shown.length ? shown : [["var(--unknown)", "not known"]];
  }
}
