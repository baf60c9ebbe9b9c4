// The panel of a live page: what can be changed, what came out, and another step of a training.

import { copied, glimpse, isArray } from "./arrays.js";
import { DEAD, FROM_DATA } from "./execution.js";
import { knobs } from "./knobs.js";
import { Machine } from "./machine.js";
import { clear, el, svg } from "../dom.js";
import { nodeOf } from "../replay/facts.js";
import { unpack } from "../unpack.js";
import { short } from "../values.js";
import { count, plural } from "../words.js";

function live(app) {
  const told = app.doc.live;
  if (!told) return;
  const run = app.doc.runs[told.run];
  const machine = new Machine(told, run, app.items(run.built));
  app.machine = machine; // for the console of whoever is curious, and for tests
  const recorded = { values: run.values, fed: run.fed };
  let changes = new Map(); // tensors
  let state = new Map(machine.state); // what the variables begin with
  let found = machine.executed(changes, state);
  let losses = [];

  const what = el("select", { "aria-label": "What to change", on: { change: () => pick() } });
  const where = el("input", { type: "text", class: "jump", "aria-label": "Which number of it, by its place", on: { change: () => pick() } });
  const number = el("input", { type: "number", step: "any", class: "number", "aria-label": "The number", on: { input: () => set(Number(number.value)) } });
  const drag = el("input", { type: "range", "aria-label": "The number, dragged", on: { input: () => set(Number(drag.value)) } });
  const status = el("div", { class: "live-status", role: "status" });
  const results = el("div", { class: "live-results" });
  const stays = el("details", { class: "live-stays" });
  const element = el("section", { class: "live-panel", "aria-label": "Live" },
    el("div", { class: "live-row" }, el("b", {}, "live"), what, where, number, drag,
      el("button", { class: "small-button", on: { click: () => reset() } }, "as recorded"),
      el("button", { class: "small-button", title: "The same call again, from what the variables now hold", on: { click: () => step() } }, "another step")),
    results, status, stays);

  const variables = [...machine.state.keys()].map((name) => ["variable", name, machine.state.get(name)]);
  const feeds = [...machine.feeds].map(([name, value]) => ["fed", name, value]);
  const constants = machine.program.filter(({ op }) => op === "Const").map(({ outputs: [name] }) => ["constant", name, machine.recorded.get(name)]);
  const choices = [...constants.filter(([, , value]) => value && /^float/.test(value.dtype)), ...variables, ...feeds].filter(([, , value]) => value && value.data.length);
  clear(what, choices.map(([kind, name], k) => el("option", { value: k }, `${kind} ${nodeOf(name)}`)));

  function chosen() {
    const [kind, name, value] = choices[Number(what.value)];
    const now = kind === "variable" ? state.get(name) : changes.get(name) || value;
    const place = where.value.split(/[,\s]+/).filter(Boolean).map(Number);
    const at = now.shape.reduce((sum, size, axis) => sum * size + Math.min(Math.max(place[axis] || 0, 0), size - 1), 0);
    return { kind, name, now, at };
  }

  function pick() {
    const { now, at } = chosen();
    where.hidden = !now.shape.length;
    if (!where.value) where.value = now.shape.map(() => 0).join(",");
    const x = Number(now.data[at].toPrecision(7)); // a float32 has no more digits
    const size = Math.max(1, Math.abs(x) * 2);
    Object.assign(drag, { min: x - size, max: x + size, step: size / 200 });
    number.value = drag.value = x;
  }

  function set(x) {
    if (!Number.isFinite(x)) return;
    const { kind, name, now, at } = chosen();
    const next = copied(now);
    next.data[at] = x;
    if (kind === "variable") state.set(name, next);
    else changes.set(name, next);
    if (document.activeElement !== number) number.value = x;
    if (document.activeElement !== drag) drag.value = x;
    again();
  }

  function reset() {
    [changes, state, losses] = [new Map(), new Map(machine.state), []];
    again();
    [run.values, run.fed] = [recorded.values, recorded.fed];
    pick();
    app.change({ live: app.state.live + 1 });
  }

  function step() {
    const ended = found.state;
    if (!losses.length) losses.push(scalars()[0]?.[1]);
    state = new Map(ended);
    again();
    losses.push(scalars()[0]?.[1]);
    draw();
  }

  function again() {
    if (app.state.run !== told.run) app.choose(run.built, told.run);
    found = machine.executed(changes, state);
    run.values = shown();
    run.fed = Object.fromEntries([...machine.feeds.keys()].map((name) => [name, glimpse(found.values.get(name))]));
    draw();
    app.change({ live: app.state.live + 1 });
  }

  // The values of every step as the page shows them, each made when it is looked at.
  function shown() {
    const values = { ...recorded.values };
    for (const { s, frame, line } of machine.steps) {
      if (machine.stays.has(s) || !line.outputs.length || found.stale.includes(machine.outer(frame))) continue;
      const now = found.frames.get(frame);
      const there = now ? line.outputs.filter((name) => now.has(name)) : [];
      if (there.every((name) => now.get(name) === DEAD)) delete values[s]; // the loop ends before, or elsewhere
      if (!there.some((name) => isArray(now.get(name)))) continue; // a list, a handle: told as it was
      const made = {};
      for (const name of there.filter((each) => isArray(now.get(each)))) Object.defineProperty(made, name, { enumerable: true, get: () => glimpse(now.get(name)) });
      values[s] = made;
    }
    return values;
  }

  function scalars() {
    return run.fetches.filter((name) => found.values.get(name)?.data.length === 1).map((name) => [name, found.values.get(name).data[0], machine.recorded.get(name)?.data[0]]);
  }

  function draw() {
    clear(results, scalars().map(([name, now, was]) => el("span", {}, `${nodeOf(name)} `, el("b", {}, short(now)), el("span", { class: "faint" }, ` recorded ${was === undefined ? "not" : short(was)}`))), losses.length > 1 ? curve() : null);
    const computed = run.node.length - machine.stays.size;
    const given = [...machine.stays.values()].filter((why) => why === FROM_DATA).length;
    clear(status, `${count(computed)} of ${plural(run.node.length, "step")} computed in this page${given ? `, ${count(given)} of a data set as they were recorded` : ""}; the recorded call again ${machine.near}${machine.unheld ? `; ${plural(machine.unheld, "tensor")} too large to be kept here, what follows from them is compared` : ""}.`,
      found.stale.length ? el("span", { class: "bad" }, ` ${plural(found.stale.length, "value")} below a change stayed as recorded.`) : "", turnsText());
    stays.hidden = !machine.stays.size;
    const alike = new Map(); // the same op in each turn of a loop
    for (const [s, why] of machine.stays) {
      const key = `${run.node[s]} ${why}`;
      if (!alike.has(key)) alike.set(key, { s, why, many: 0 });
      alike.get(key).many += 1;
    }
    clear(stays, el("summary", {}, `${plural(machine.stays.size, "step")} whose recorded value stays`), el("ul", {}, [...alike.values()].map(({ s, why, many }) => el("li", {}, el("button", { class: "link", on: { click: () => app.change({ at: s }) } }, run.nodes[run.node[s]]), many > 1 ? el("span", { class: "faint" }, ` ${plural(many, "step")}`) : null, ` ${why}`))));
  }

  // Of a loop that no longer takes as many turns as were recorded.
  function turnsText() {
    const without = (these, those) => [...these.keys()].filter((frame) => frame && !those.has(frame)).length;
    const more = without(found.frames, machine.base.frames);
    const less = found.stale.length ? 0 : without(machine.base.frames, found.frames);
    return `${more ? ` ${plural(more, "turn")} more than were recorded have no step here.` : ""}${less ? ` ${plural(less, "recorded turn")} no longer came about.` : ""}`;
  }

  function curve() {
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    const points = losses.map((x, k) => `${((k / (losses.length - 1)) * 118 + 1).toFixed(1)},${(27 - ((x - least) / (most - least || 1)) * 26).toFixed(1)}`);
    return svg("svg", { class: "live-curve", viewBox: "0 0 120 28", role: "img", "aria-label": `${losses.length} steps, from ${short(losses[0])} to ${short(losses[losses.length - 1])}` }, svg("polyline", { points: points.join(" ") }));
  }

  document.querySelector(".dock").prepend(element);
  const rate = choices.findIndex(([, name]) => /(^|\/)(learning_)?rate(:|$)/.test(name));
  if (rate >= 0) what.value = String(rate);
  if (choices.length) pick();
  draw();
}

async function begin(app) {
  // It stands last in the page, which may still be on its way.
  if (document.readyState === "loading") await new Promise((go) => document.addEventListener("DOMContentLoaded", go));
  Object.assign(app.doc, await unpack("later"));
  live(app);
  knobs(app);
}

document.addEventListener("drawn", ({ detail }) => detail.push(begin));
