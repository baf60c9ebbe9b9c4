// The page of a comparison: two drawings side by side, what one is in the other, the calls in step.

import { clear, el } from "../dom.js";
import { keys } from "../keys.js";
import { address } from "./address.js";
import { calls } from "./calls.js";
import { couple } from "./couple.js";
import { COLOURINGS, fit, header, legend } from "./header.js";
import { Pair } from "./pair.js";
import { panel } from "./panel.js";
import { replay } from "./replay.js";

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
    if (said.boxes) side.app.change(said.boxes[n]);
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
