// The state of the page, and whoever wants to know when it changes.

import { Body } from "./graph/body.js";
import { Facts } from "./replay/facts.js";
import { Items } from "./graph/items.js";
import { legible, mainCalls, opening } from "./graph/opening.js";
import { Program } from "./replay/program.js";

export const DETAIL = [10, 20, 35, 60, 100, 160, 250];
const PLAIN = 3; // with more detail than at first, what is opened may be wider than a screen

// Something that has a state, and tells who listens which of its names have changed.
export class Told {
  constructor(state) {
    this.state = state;
    this.listeners = [];
  }

  on(names, listener) {
    this.listeners.push([names.split(" "), listener]);
  }

  change(patch) {
    const changed = Object.keys(patch).filter((name) => this.state[name] !== patch[name]);
    Object.assign(this.state, patch);
    if (!changed.length) return;
    for (const [names, listener] of this.listeners) if (names.some((name) => changed.includes(name))) listener(changed);
  }
}

export class App extends Told {
  constructor(doc) {
    super({
      graph: 0, run: -1, selected: null, colour: "kind", detail: 3, opened: new Set(), closed: new Set(), apart: new Set(), joined: new Set(),
      at: -1, trace: null, focus: new Set(), stage: -1, theme: "", view: "", line: null, lines: null, from: null, times: true,
      predict: false, stops: new Set(), live: 0,
    });
    this.doc = doc;
    this.made = new Map();
    this.facts = new Map();
    this.programs = new Map();
  }

  items(number = this.state.graph) {
    if (!this.made.has(number)) {
      const packed = this.doc.graphs[number];
      const library = Object.create(null);
      for (const [name, body] of Object.entries(packed.functions || {})) library[name] = new LazyBody(body);
      const resolved = new Proxy(library, { get: (all, name) => (typeof name === "string" && name in all ? all[name].body : undefined) });
      this.made.set(number, new Items(new Body(packed, library), resolved));
    }
    return this.made.get(number);
  }

  // Whether text and graph would be strips, one above the other: too narrow for both.
  get narrow() {
    return matchMedia("(max-width: 620px)").matches;
  }

  get graph() {
    return this.doc.graphs[this.state.graph];
  }

  get run() {
    return this.doc.runs[this.state.run] || null;
  }

  // The stage that is shown: the one chosen, or the one whose graph this is.
  get stage() {
    const all = this.doc.stages || [];
    const { stage, graph, run } = this.state;
    return all[stage] || all.find((each) => each.graph === graph && (!each.runs || each.runs.includes(run))) || null;
  }

  // What the run that is shown says of the graph that is shown.
  factsOf() {
    const { run, state } = this;
    if (!run) return null;
    const key = `${state.run} ${state.graph}`;
    if (!this.facts.has(key)) this.facts.set(key, new Facts(run, this.items()));
    return this.facts.get(key);
  }

  // What is said of an op that the run's call ran as part of a fused kernel; "" of any other.
  fused(item) {
    const path = this.items().fullName(item).replace(/ ▸ [^▸]+ ▸ /g, "/"); // in a body: behind its call
    return (this.run && this.run.fused && this.run.fused[path]) || "";
  }

  // The number of a run that is the same call executed again by the engine; -1: there is none.
  again(number = this.state.run) {
    const run = this.doc.runs[number];
    const same = (each) => each.clock === "engine" && each.built !== null && each.built === run.built && each.name === run.name && each.call === run.call;
    return run ? this.doc.runs.findIndex(same) : -1;
  }

  // The program of a run that was executed again; null of another, and where no line is known.
  programOf(number = this.state.run) {
    const run = this.doc.runs[number];
    if (!run || !run.program || !run.program.lines.length) return null;
    if (!this.programs.has(number)) this.programs.set(number, new Program(run));
    return this.programs.get(number);
  }

  item(key = this.state.selected) {
    return key === null ? null : this.items().find(key);
  }

  isOpen(item) {
    const { opened, closed } = this.state;
    if (opened.has(item.key)) return true;
    if (closed.has(item.key)) return false;
    return item === this.items().root || this.policy().has(item.key);
  }

  // The keys of what the detail slider opens: the largest groups first; more detail only ever adds.
  policy(detail = this.state.detail) {
    const items = this.items();
    const { body } = items.home;
    const { run } = this.state;
    return body.once(`policy ${run} ${detail}`, () => {
      const calls = this.mainCalls();
      const keys = [items.root, ...calls.slice(-1)].flatMap((item) => this.opened(item, DETAIL[detail]));
      const all = [...calls.map((call) => call.key), ...keys];
      return new Set([...(detail > PLAIN ? all : legible(items, all, calls)), ...(detail ? this.policy(detail - 1) : [])]);
    });
  }

  // The keys of what is opened in the whole graph, or in the body of a call, for so many boxes.
  opened(item, most) {
    const items = this.items();
    const { place } = items.inner(item)[0];
    const { body } = place;
    const order = body.once(`opening ${this.state.run}`, () => opening(body, this.factsOf()));
    const some = order.filter(({ boxes, late }) => (late ? boxes <= most * late : body.nodes <= most || boxes <= most));
    return some.map(({ id }) => items.of(place, id).key);
  }

  // The calls that are the graph's work, where it is little else than variables.
  mainCalls() {
    const items = this.items();
    return items.home.body.once("main calls", () => mainCalls(items));
  }

  toggle(item) {
    const [opened, closed] = [new Set(this.state.opened), new Set(this.state.closed)];
    const open = this.isOpen(item);
    opened.delete(item.key);
    closed.delete(item.key);
    if (open) closed.add(item.key);
    else opened.add(item.key);
    this.change({ opened, closed });
  }

  // Whether a box is drawn apart, without its edges: as the reader pinned it, or as the rule says.
  isApart(item, rule) {
    return this.state.apart.has(item.key) || (rule && !this.state.joined.has(item.key));
  }

  pin(item, apart) {
    const [others, own] = [new Set(this.state.joined), new Set(this.state.apart)];
    (apart ? others : own).delete(item.key);
    (apart ? own : others).add(item.key);
    this.change({ apart: own, joined: others });
  }

  // Whether the replay halts before an op, or before the first one of a group: the other way about.
  stop(item) {
    const stops = new Set(this.state.stops);
    if (!stops.delete(item.key)) stops.add(item.key);
    this.change({ stops });
  }

  // Another graph with its own run; what was open stays so where the other has a group of the name.
  choose(graph, run) {
    if (graph === this.state.graph && run === this.state.run) return;
    this.change({ graph, run, stage: -1, selected: null, line: null, trace: null, lines: null, focus: new Set(), stops: new Set(), at: -1, ...this.carried(graph) });
  }

  carried(graph) {
    const here = this.items();
    const there = this.items(graph);
    if (there === here) return {};
    const byName = there.home.body.once("groups by name", () => {
      const { body } = there.home;
      return new Map(Array.from({ length: body.children.length }, (_, k) => [body.fullName(body.nodes + k), body.nodes + k]));
    });
    const moved = (keys) => {
      const items = [...keys].map((key) => here.find(key)).filter((item) => item && !item.place.at);
      return new Set(items.map((item) => byName.get(item.body.fullName(item.id))).filter((id) => id !== undefined).map(String));
    };
    const { opened, closed, apart, joined } = this.state;
    return { opened: moved(opened), closed: moved(closed), apart: moved(apart), joined: moved(joined) };
  }

  // Open all that an item lies in.
  reveal(item) {
    const [opened, closed] = [new Set(this.state.opened), new Set(this.state.closed)];
    for (let up = this.items().parent(item); up; up = this.items().parent(up)) {
      if (this.isOpen(up)) continue;
      closed.delete(up.key);
      opened.add(up.key);
    }
    if (opened.size !== this.state.opened.size || closed.size !== this.state.closed.size) this.change({ opened, closed });
  }
}

class LazyBody {
  constructor(packed) {
    this.packed = packed;
  }

  get body() {
    return (this.made ??= new Body(this.packed, {}));
  }
}
