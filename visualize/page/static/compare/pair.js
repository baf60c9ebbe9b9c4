// What both sides of a comparison have in common: the call, the step, what is selected in both.

import { Told } from "../app.js";
import { Call } from "./call.js";
import { groupPartner } from "./groups.js";
import { Side } from "./side.js";
import { Structure } from "./structure.js";

// `active` is the side that was touched last.
export class Pair extends Told {
  constructor(doc) {
    super({ call: 0, at: -1, active: 0, coupled: true, selection: 0, detail: 3, colour: "match", theme: "" });
    this.told = doc.comparison;
    resolve(doc);
    this.sides = doc.sides.map((side, n) => new Side(side, n));
    this.known = new Map();
    this.ready = false;
    this.busy = false;
    for (const side of this.sides) {
      side.app.matches = { kind: (body, i) => this.match.kind(side.n, body, i) };
    }
  }

  get call() {
    return this.told.calls ? this.told.calls[this.state.call] : null;
  }

  get match() {
    const { call } = this.state;
    if (!this.known.has(call)) this.known.set(call, this.call ? new Call(this.call, this.told.hows, this.sides) : new Structure(this.told, this.sides));
    return this.known.get(call);
  }

  // The partner of an op or a group of side n: { graph, run, item, ... }, or null.
  partner(n, item) {
    if (!item.body.isGroup(item.id)) return this.match.partner(n, item, this.state.at);
    const { app } = this.sides[1 - n];
    const group = groupPartner(this.match, this.sides, n, item);
    return group && { graph: app.state.graph, run: app.state.run, item: group };
  }

  // Whatever is done meanwhile to one side is not done to the other once more.
  quietly(act) {
    if (this.busy) return;
    this.busy = true;
    try {
      act();
    } finally {
      this.busy = false;
    }
    this.change({ selection: this.state.selection + 1 });
  }

  // Somebody selected something on side n: select its partner.
  chose(n) {
    this.quietly(() => {
      const item = this.sides[n].app.item();
      const found = item && this.partner(n, item);
      this.sides[1 - n].select(found || null);
      this.change({ active: n });
      this.bringIntoView(n, found);
    });
  }

  // Where both move together the other follows the one that was touched.
  bringIntoView(n, found) {
    if (!found) return;
    if (this.state.coupled) this.coupling.follow(n);
    this.sides[1 - n].reveal(found.item);
  }

  toCall(call) {
    const { calls: all } = this.told;
    if (!all || !all[call] || call === this.state.call) return;
    this.show(call);
  }

  show(call) {
    const kept = this.sides.map((side) => side.app.state.selected);
    Object.assign(this.state, { call, at: -1 });
    this.part = undefined;
    this.quietly(() => {
      this.sides.forEach((side, n) => {
        if (this.call) side.show(this.call.runs[n]);
        if (kept[n] !== null && side.app.items().find(kept[n])) side.app.change({ selected: kept[n] });
        side.bench.paint();
      });
    });
    this.tell("call at");
  }

  tell(names) {
    for (const [wanted, listener] of this.listeners) if (wanted.some((name) => names.split(" ").includes(name))) listener(names.split(" "));
  }

  toStop(stop) {
    this.quietly(() => {
      const { sides, match } = this;
      const places = sides.map((_, n) => (stop < 0 ? null : match.place(n, stop)));
      places.forEach((place, n) => {
        const step = stop < 0 ? null : match.stepAt(n, stop);
        if (stop >= 0) sides[n].select(place);
        sides[n].app.change({ at: step && place ? step[1] : -1 });
      });
      const active = places[0] || !places[1] ? 0 : 1;
      this.change({ at: stop, ...(places[active] ? { active } : {}) });
      if (places[active]) sides[active].reveal(places[active].item);
      if (places[1 - active]) this.bringIntoView(active, places[1 - active]);
    });
  }

  // A place where they part, or what changed, by its number.
  toPart(k) {
    const part = this.match.frontier[k];
    if (!part) return;
    this.part = k;
    if (!this.call) this.both([part.a, part.b]);
    else if (part.at >= 0) this.toOps(part.at);
  }

  // The ops of a stop, without going there in the replay; there, where no box stands for them.
  toOps(stop) {
    const places = this.sides.map((_, n) => this.match.place(n, stop));
    if (places.some(Boolean)) this.both(places);
    else this.toStop(stop);
  }

  toPlace(n, place) {
    this.both(n ? [null, place] : [place, null]);
  }

  both(places) {
    this.quietly(() => {
      places.forEach((place, n) => this.sides[n].select(place));
      const active = places[0] ? 0 : 1;
      this.change({ active });
      if (places[active]) this.sides[active].reveal(places[active].item);
      this.bringIntoView(active, places[1 - active]);
    });
  }

  nextPart(by) {
    const { frontier } = this.match;
    if (!frontier.length) return;
    const from = this.part ?? (by > 0 ? -1 : 0);
    this.toPart((from + by + frontier.length) % frontier.length);
  }

  // From what is selected to its partner.
  cross() {
    const active = 1 - this.state.active;
    const item = this.sides[active].app.item();
    if (!item) return;
    this.change({ active });
    this.sides[active].reveal(item);
    this.sides[active].bench.drawing.svg.focus({ preventScroll: true });
  }

  release() {
    this.quietly(() => this.sides.forEach((side) => side.select(null)));
  }
}

// Values stand once in the document, for both sides and all calls.
function resolve(doc) {
  const { values } = doc.comparison;
  if (!values) return;
  for (const side of doc.sides) {
    for (const run of side.runs) {
      for (const given of Object.values(run.values)) {
        for (const [name, [number, dtype, shape]] of Object.entries(given)) given[name] = { ...values[number], dtype, shape };
      }
    }
  }
}
