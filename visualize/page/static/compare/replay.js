// The replay of a call of both in step: forward and back to the next op, in A and B at once where
// it has a partner, else in the one that has it.

import { el, clear, svg } from "../dom.js";
import { scrubbed, transport } from "../replay/transport.js";
import { middle } from "../words.js";
import { briefly } from "./relation.js";
import { LETTERS } from "./side.js";

export function replay(pair) {
  const { sides } = pair;
  const said = el("div", { class: "said steps-said", role: "status", "aria-live": "polite" });
  const strip = svg("svg", { class: "strip", preserveAspectRatio: "none", viewBox: "0 0 1000 24", role: "slider", tabindex: 0, "aria-label": "Steps of both", "aria-valuemin": 0 });
  const steps = transport({ at: () => pair.state.at, last: () => pair.match.count - 1, go: (stop) => pair.toStop(stop) }, said);
  const element = el("div", { class: "replay" }, steps.element, el("div", { class: "stripbox" }, strip));
  let states = [new Map(), new Map()];

  function load() {
    steps.load(pair.match.count);
    strip.setAttribute("aria-valuemax", pair.match.count);
    const path = { kept: "", gone: "", new: "", changed: "" };
    const x = (k) => ((k / Math.max(pair.match.count, 1)) * 1000).toFixed(2);
    for (let k = 0; k < pair.match.count; ) {
      const kind = pair.match.kindOf(k);
      const from = k;
      while (k < pair.match.count && pair.match.kindOf(k) === kind) k += 1;
      path[kind] += `M${x(from)},0H${x(k)}V24H${x(from)}Z`;
    }
    strip.replaceChildren(...Object.entries(path).map(([kind, d]) => svg("path", { class: `stretch ${kind}`, d })), svg("path", { class: "needle", d: "M0,0V24" }));
    sides.forEach((_, n) => locate(n));
    mark();
  }

  scrubbed(strip, () => pair.match.count, steps.to);

  // The stops of each box that is drawn now, in their order.
  function locate(n) {
    states[n] = new Map();
    const { app } = sides[n];
    for (const [key, stops] of pair.match.stopsOf(n)) {
      const [graph, ...rest] = key.split(" ");
      if (Number(graph) !== app.state.graph) continue;
      const box = sides[n].box(app.items().find(rest.join(" ")));
      if (!box) continue;
      const { key: drawn } = box.item;
      if (!states[n].has(drawn)) states[n].set(drawn, []);
      for (const stop of stops) states[n].get(drawn).push(stop);
    }
  }

  function mark() {
    const { at } = pair.state;
    sides.forEach(({ bench }, n) => {
      bench.drawing.svg.classList.toggle("replaying", at >= 0);
      for (const { box, g, progress } of bench.drawing.elements.values()) {
        const stops = states[n].get(box.item.key) || [];
        const done = at < 0 ? 0 : stops.filter((stop) => stop < at).length;
        const running = at >= 0 && stops.includes(at);
        g.classList.toggle("running", running && !box.open);
        g.classList.toggle("waiting", at >= 0 && !box.open && !running && done === 0);
        if (progress) progress.style.width = at >= 0 && stops.length ? `${(box.w * (done + (running ? 0.5 : 0))) / stops.length}px` : "0px";
      }
    });
    strip.querySelector(".needle").style.transform = `translateX(${at < 0 ? -10 : ((at + 0.5) / pair.match.count) * 1000}px)`;
    strip.setAttribute("aria-valuenow", at + 1);
    steps.show();
    say(at);
  }

  function say(at) {
    if (at < 0) return clear(said, "before the first step");
    const ops = [0, 1].map((n) => pair.match.named(n, at));
    const how = pair.match.how(at);
    const name = (n) => (ops[n] ? [el("b", {}, ops[n].op), ` ${middle(ops[n].node, 44)}`] : el("span", { class: "faint" }, `no such step in ${LETTERS[n]}`));
    clear(said, el("span", {}, name(0)), el("span", { class: "between" }, pair.match.part(at) ? "they part" : how ? briefly(how) : `only ${ops[0] ? "A" : "B"}`), el("span", {}, name(1)));
  }

  sides.forEach(({ bench }, n) => bench.onDrawn(() => {
    if (!pair.ready) return;
    locate(n);
    mark();
  }));
  pair.on("at", mark);
  return { ...steps, element, load };
}
