// The page of a comparison: two drawings side by side, what one is in the other, the calls in step.

import { DETAIL, Told } from "../app.js";
import { clear, el } from "../dom.js";
import { keys } from "../keys.js";
import { middle } from "../words.js";
import { Call } from "./call.js";
import { calls } from "./calls.js";
import { couple } from "./couple.js";
import { address } from "./address.js";
import { groupPartner } from "./groups.js";
import { panel } from "./panel.js";
import { replay } from "./replay.js";
import { Side } from "./side.js";
import { Structure } from "./structure.js";

export const COLOURINGS = [["match", "what matches"], ["kind", "kind"], ["op", "op type"], ["gradient", "gradient"]];

// What both sides have in common: which call is shown, at which step, which side was touched last.
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

export function buildComparison(doc, root) {
  const pair = new Pair(doc);
  globalThis.graphlab = pair; // for the console of whoever is curious, and for tests
  const { sides } = pair;
  pair.coupling = couple(sides, pair, (n, item) => {
    const found = pair.partner(n, item);
    return found && found.graph === sides[1 - n].app.state.graph ? found.item : null;
  });
  const parts = { replay: pair.call ? replay(pair) : null, header: null, get search() { return sides[pair.state.active].search; }, get table() { return sides[pair.state.active].table; } };
  parts.header = header(pair, parts);
  const side = panel(pair);
  const slider = pair.call ? calls(pair) : null;
  const here = { get app() { return sides[pair.state.active].app; }, get bench() { return sides[pair.state.active].bench; } };
  parts.help = keys(here, parts, COLOURINGS, [
    ["x", "its partner, in the other graph", "", [() => pair.cross()]],
    ["m", "move together, or each by itself", "", [() => pair.change({ coupled: !pair.state.coupled })]],
    ["e  E", "the next or previous place where they part", "", [() => pair.nextPart(1), () => pair.nextPart(-1)]],
    ["<  >", "the call before or after", "replay", [() => pair.toCall(pair.state.call - 1), () => pair.toCall(pair.state.call + 1)]],
    ["f", "", "none", [() => fit(pair)]],
    ["Escape", "", "none", [() => pair.release()]],
  ]);
  clear(root, parts.header.element, el("main", {}, el("div", { class: "work compare" },
    el("div", { class: "middle" }, el("div", { class: "panes" }, sides.map((each) => each.element)), el("div", { class: "dock" }, legend(pair), pair.call ? [slider.element, parts.replay.element] : null)),
    side.element)));
  const place = address(pair);
  const said = place.read();
  begin(pair, said);
  listen(pair);
  if (slider) slider.draw();
  if (parts.replay) parts.replay.load();
  pair.on("call", () => parts.replay.load());
  parts.header.draw();
  side.draw();
  look(pair, said);
  place.follow();
  document.documentElement.dataset.ready = "yes";
}

// The first call that differs, or what the address says.
function begin(pair, said) {
  const { sides } = pair;
  pair.state.call = said.call ?? pair.told.first ?? 0;
  Object.assign(pair.state, { coupled: said.coupled ?? true, detail: said.detail ?? 3 });
  sides.forEach((side, n) => {
    side.app.state.detail = pair.state.detail;
    if (pair.call) side.show(pair.call.runs[n]);
    if (!side.bench.scene) side.bench.draw(true);
  });
  fit(pair, (bench) => bench.look());
  pair.ready = true;
}

// In it the first place where they part, or what the address says.
function look(pair, said) {
  if (said.at !== undefined && said.at >= 0) pair.toStop(said.at);
  else if (said.selected) pair.both(said.selected);
  else if (pair.match.frontier.length && !said.seen) pair.nextPart(1);
}

function listen(pair) {
  pair.sides.forEach((side, n) => {
    const other = pair.sides[1 - n];
    side.app.on("selected", () => pair.chose(n));
    side.app.on("detail", () => pair.change({ detail: side.app.state.detail }));
    side.app.on("colour", () => pair.change({ colour: side.app.state.colour }));
    side.app.on("theme", () => pair.change({ theme: side.app.state.theme }));
    for (const event of ["pointerdown", "focusin", "wheel"]) side.element.addEventListener(event, () => pair.change({ active: n }), { capture: true, passive: true });
    side.bench.onToggled((item) => {
      if (!pair.state.coupled || pair.busy) return;
      const found = pair.partner(n, item);
      if (found && other.app.items().opens(found.item) && other.app.isOpen(found.item) !== side.app.isOpen(item)) pair.quietly(() => other.bench.toggle(found.item));
    });
    side.bench.onDrawn(() => pair.state.active === n && pair.coupling.follow(n));
  });
  const mark = () => pair.sides.forEach((side, n) => side.mark(n === pair.state.active));
  pair.on("active", mark);
  pair.on("detail", () => pair.sides.forEach(({ app }) => app.change({ detail: pair.state.detail })));
  pair.on("colour", () => pair.sides.forEach(({ app }) => app.change({ colour: pair.state.colour })));
  mark();
}

// All of both, or of their upper parts, at one scale.
function fit(pair, look = (bench) => bench.fit()) {
  const { coupled } = pair.state;
  pair.state.coupled = false;
  const cameras = pair.sides.map(({ bench }) => {
    look(bench);
    return bench.camera;
  });
  const scale = Math.min(...cameras.map((camera) => camera.scale));
  for (const camera of cameras) camera.zoom(scale / camera.scale, camera.size[0] / 2, 24);
  pair.state.coupled = coupled;
}

// What the colours mean, once for both.
function legend(pair) {
  const all = [...Object.entries(pair.told.legend).map(([kind, text]) => [`var(--${kind || "paper"})`, text]), ["var(--mixed)", "a closed group with several of these"]];
  const element = el("div", { class: "match-legend", "aria-label": "Colours" }, all.map(([colour, text]) => {
    const swatch = el("i", { class: "swatch" });
    swatch.style.background = colour;
    return el("span", {}, swatch, text);
  }));
  pair.on("colour", () => (element.hidden = pair.state.colour !== "match"));
  return element;
}

function header(pair, parts) {
  const { app } = pair.sides[0];
  const title = pair.sides.map((side) => middle(side.app.doc.title, 44)).join(" against ");
  const colours = el("select", { "aria-label": "Colour by", title: "Colour by  c", on: { change: (event) => pair.change({ colour: event.target.value }) } }, COLOURINGS.map(([name, text]) => el("option", { value: name }, text)));
  const detail = el("input", { type: "range", min: 0, max: DETAIL.length - 1, step: 1, "aria-label": "Detail: how many boxes are open", title: "Detail  [ ]", on: { input: (event) => pair.change({ detail: Number(event.target.value) }) } });
  const coupled = el("button", { class: "small-button", title: "Both graphs move together  m", on: { click: () => pair.change({ coupled: !pair.state.coupled }) } }, "together");
  const theme = el("button", { class: "icon", "aria-label": "Light or dark", title: "Light or dark  d", on: { click: () => flip() } }, "◐");
  const help = el("button", { class: "icon", "aria-label": "Keys", title: "Keys  ?", on: { click: () => parts.help() } }, "?");
  const element = el("header", {}, el("h1", { title }, title), coupled,
    el("label", { class: "control" }, el("span", {}, "colour"), colours),
    el("label", { class: "control detail" }, el("span", {}, "detail"), detail),
    el("button", { class: "icon", "aria-label": "Fit the drawings", title: "Fit  f", on: { click: () => fit(pair) } }, "⤢"), theme, help);

  function flip() {
    const dark = app.state.theme ? app.state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    app.change({ theme: dark ? "light" : "dark" });
  }

  function draw() {
    colours.value = pair.state.colour;
    detail.value = pair.state.detail;
    coupled.setAttribute("aria-pressed", String(pair.state.coupled));
    document.documentElement.dataset.theme = app.state.theme;
  }
  pair.on("colour detail coupled theme", draw);
  return { element, draw, flip };
}

