// All that is known of what is selected: an op, a group, an edge, or the graph as a whole.

import { arithmetic } from "./arithmetic.js";
import { el, clear } from "../dom.js";
import { nodeOf, tookText, whereText } from "../replay/facts.js";
import { bytesText, count, duration, middle, plural, shapeText, sizeOf, specText } from "../words.js";
import { short, valueView } from "../values.js";
import { keyOf } from "./workbench.js";

const MOST_LISTED = 12;

// `above` is what stands over it, where there is such.
export function details(app, bench, above = null) {
  const element = el("aside", { class: "details", "aria-label": "Details", tabindex: -1 });

  function draw() {
    const item = app.item();
    const line = app.state.line && bench.scene && bench.scene.edges.find((each) => keyOf(each) === app.state.line);
    const content = line ? ofLine(line) : item ? (item.body.isGroup(item.id) ? ofGroup(item) : ofNode(item)) : ofGraph();
    clear(element, [above, ...[content].flat()]);
  }

  function link(place, id, text) {
    const item = app.items().of(place, id);
    return el("button", { class: "link", on: { click: () => bench.go(item) } }, text || item.body.fullName(id) || "(no name)");
  }

  function heading(kind, name) {
    return [el("div", { class: "kicker" }, kind), el("h2", { class: name.length > 60 ? "long" : "" }, name || "(no name)")];
  }

  function rows(pairs) {
    return el("dl", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
  }

  function section(title, ...content) {
    const inside = content.flat().filter(Boolean);
    return inside.length ? el("section", {}, el("h3", {}, title), inside) : null;
  }

  function listed(items, make, title) {
    const list = el("ul", {}, items.slice(0, MOST_LISTED).map((item) => el("li", {}, make(item))));
    if (items.length > MOST_LISTED) {
      const more = el("button", { class: "link", on: { click: () => more.parentNode.replaceWith(...items.slice(MOST_LISTED).map((item) => el("li", {}, make(item)))) } }, `and ${count(items.length - MOST_LISTED)} more`);
      list.append(el("li", {}, more));
    }
    return section(title, items.length ? list : null);
  }

  function traceButtons(item) {
    const trace = (way) => () => app.change({ trace: { way, a: item.key } });
    const from = app.state.from;
    const start = from && from !== item.key ? app.items().find(from) : null;
    return el("div", { class: "buttons" },
      el("button", { title: "i", on: { click: trace("inputs") } }, "What feeds it"),
      el("button", { title: "o", on: { click: trace("outputs") } }, "What it feeds"),
      start
        ? el("button", { title: "p", on: { click: () => app.change({ trace: { way: "path", a: start.key, b: item.key }, from: null }) } }, `Path from ${app.items().label(start)}`)
        : el("button", { title: "p", on: { click: () => app.change({ from: item.key }) } }, from === item.key ? "now select the other end" : "Path from here…"),
      pinButton(item),
      stopButton(item),
      app.state.trace ? el("button", { on: { click: () => app.change({ trace: null }) } }, "Show all") : null);
  }

  // The replay, played, halts before such an op.
  function stopButton(item) {
    if (!app.run || !app.run.node.length || !app.state.stops) return null;
    return el("button", { title: "b", "aria-pressed": String(app.state.stops.has(item.key)), on: { click: () => app.stop(item) } }, "Stop here");
  }

  // For who wants to see a hub's edges, or to be rid of those of another box.
  function pinButton(item) {
    const box = bench.scene && bench.scene.byKey.get(item.key);
    return box ? el("button", { title: "h", on: { click: () => bench.pin(item) } }, box.apart ? "Draw its edges" : "Draw apart") : null;
  }

  function ofNode(item) {
    const { body, id, place } = item;
    const op = body.op(id);
    const attrs = body.attrs(id);
    const marks = body.marks(id);
    const facts = app.factsOf();
    const source = body.lines[id];
    const guests = body.guests.get(id) || [];
    const calls = body.calls(id);
    return [
      heading(op, app.items().fullName(item)),
      traceButtons(item),
      rows([
        ["device", (facts && facts.device(body, id)) || (body.device(id) && `${body.device(id)} (asked for)`)],
        ["source", source && sourceLink(source)],
        ["calls", calls.join(", ")],
        ["variable", held(marks.variable, marks.holds) || handed(op, attrs, place)],
        ["gradient of", marks.gradient_of],
        ["not in the file", (marks.missing || []).join(", ")],
        ["became", became(item)],
      ]),
      ofSteps(item),
      listed(body.inputs(id), ([source_, slot]) => [link(place, source_), " ", el("span", { class: "faint" }, specText(body.spec(source_, slot)))], "takes"),
      listed(body.controls.get(id) || [], (source_) => link(place, source_), "waits for"),
      section("gives", body.specs(id).map((spec, k) => el("div", { class: "out" }, el("code", {}, `:${k}`), ` ${specText(spec)} `, sizeOf(spec) === null ? null : el("span", { class: "faint" }, bytesText(sizeOf(spec)))))),
      listed([...new Set(body.consumers[id].map(([target]) => target))], (target) => link(place, target), "taken by"),
      listed(guests, (guest) => [el("span", {}, body.op(guest)), " ", el("span", { class: "faint" }, body.name[guest]), constant(body.attrs(guest))], "drawn on it"),
      section("attributes", Object.keys(attrs).length ? el("table", { class: "attrs" }, Object.entries(attrs).map(([name, value]) => el("tr", {}, el("th", {}, name), el("td", {}, attrText(value))))) : null),
    ];
  }

  function constant(attrs) {
    return attrs.value && attrs.value.values ? el("code", { class: "constant" }, ` = ${attrText(attrs.value.values)}`) : null;
  }

  function attrText(value) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.length > 500 ? `${text.slice(0, 499)}…` : text;
  }

  // What an argument of a function is a handle of: a captured variable. Slots have no name there.
  function held(variable, holds) {
    if (!variable && !holds) return "";
    return `${variable || "a variable"}${holds ? `, ${holds[0]} ${shapeText(holds[1])}` : ""}`;
  }

  // As executed an argument has a name of its own, and its number: that of what was fed to the call.
  function handed(op, attrs, place) {
    const [, dtype, , variable, holds] = (op === "_Arg" && !place.at && app.run && app.run.feeds[attrs.index]) || [];
    return dtype === "resource" ? held(variable, holds) : "";
  }

  function sourceLink([file, line]) {
    const text = `${file.split(/[\\/]/).pop()}:${line}`;
    const toCode = () => app.change({ view: app.narrow ? "read" : "split" });
    return app.doc.lesson ? el("button", { class: "link", title: file, on: { click: toCode } }, text) : el("span", { title: file }, text);
  }

  // In one kernel with others, or what the next stage made of it.
  function became(item) {
    const { stage } = app;
    const fused = app.fused(item);
    const found = stage && stage.verdicts[item.body.name[item.id]];
    if (!found) return fused;
    const how = found[2] && (!fused || found[0] !== "stays") ? el("span", { class: "faint" }, ` (${found[2]})`) : null;
    return el("span", {}, fused || found[1] || found[0], how);
  }

  function ofSteps(item) {
    const facts = app.factsOf();
    if (!facts) return null;
    const steps = facts.of(item.body, item.id);
    if (!steps.length) {
      const fed = facts.fed.has(item.body.name[item.id]);
      return section("in this run", el("div", { class: "faint" }, fed ? "fed: its value came from outside" : "no step in this run"));
    }
    const { run } = facts;
    const now = app.state.at;
    const shown = steps.filter((s) => now < 0 || s <= now).pop(); // undefined: it has yet to run
    const line = (s) => [
      el("button", { class: `link${s === now ? " now" : ""}`, on: { click: () => app.change({ at: s }) } }, `step ${s + 1}`),
      run.nodes[run.node[s]].endsWith(item.body.name[item.id]) ? null : ` ${middle(run.nodes[run.node[s]].split("/").pop(), 24)}`,
      `${untimed(run, s) ? "" : ` ${tookText(run, s)} on ${whereText(run, s) || "?"}`}${run.frames[run.frame[s]] ? `, ${run.frames[run.frame[s]]}` : ""}${run.bytes[s] ? `, ${bytesText(run.bytes[s])}` : ""}`,
    ];
    const values = Object.entries(run.values[shown] || {});
    const terms = el("div", { class: "terms", role: "status" });
    const sum = (...asked) => clear(terms, sumOf(...asked));
    return [
      listed(steps, line, shown === undefined ? "in this run, not yet" : "in this run"),
      section(values.length ? `value${values.length > 1 ? "s" : ""} at step ${shown + 1}` : "", values.length ? values.map(([name, value]) => valueView(name, value, (k) => sum(item, shown, value, k))) : null),
      terms,
      onGpu(run, shown),
      why(shown),
    ];
  }

  // How number k of a value comes about, and the tensors that stand in it.
  function sumOf({ body, id, place }, s, value, k) {
    const [inputs, number] = [body.inputs(id), short(value.values[k])];
    const taken = inputs.map(([source, slot]) => valueAt(body, source, slot, s));
    const lines = arithmetic(body.op(id), body.attrs(id), taken, value.shape, k, body.isGradient(id));
    const unknown = inputs.filter((_, n) => !taken[n] || !taken[n].values).map(([source]) => body.name[source]);
    const said = lines || [unknown.length ? `not to be shown: not all numbers of ${unknown.join(" and ")} are in this page` : `not written here for ${body.op(id)}`];
    return section(`how ${number} comes about`, said.map((line) => el("div", {}, line)), inputs.length ? el("div", {}, "from ", inputs.flatMap(([source], n) => [n ? ", " : "", link(place, source)])) : null);
  }

  // What a step took from a node: what that gave last before it, or was fed.
  function valueAt(body, source, slot, s) {
    const { run, of } = { run: app.run, of: app.factsOf().of(body, source).filter((step) => step < s) };
    const name = `${body.name[source]}:${slot}`;
    const values = of.length ? run.values[of[of.length - 1]] : run.fed;
    return values ? values[name] : null;
  }

  // In a comparison neither is asked for.
  function untimed(run, s) {
    return run.took[s] === null && !whereText(run, s);
  }

  // Its launch on the host, and what a GPU ran for it.
  function onGpu(run, s) {
    const bars = run.gpu ? run.gpu.lanes.flatMap((lane) => lane.bars.filter(([step, kind]) => step === s && kind)) : [];
    return bars.length ? section(`on the GPU at step ${s + 1}`, bars.map(([, , , , text]) => el("div", {}, text))) : null;
  }

  // Its last-arriving input is why it ran now.
  function why(s) {
    if (app.state.at !== s || !app.cause) return null;
    const cause = app.cause(s);
    return cause === null ? null : section("why now", el("div", {}, "its last input came with ", el("button", { class: "link", on: { click: () => app.change({ at: cause }) } }, `step ${cause + 1}`)));
  }

  function ofGroup(item) {
    const { body, id } = item;
    const facts = app.factsOf();
    const ops = new Map();
    let [time, steps] = [null, 0];
    for (const i of body.inside(id)) {
      ops.set(body.op(i), (ops.get(body.op(i)) || 0) + 1);
      if (!facts) continue;
      steps += facts.of(body, i).length;
      const took = facts.time(body, i);
      if (took !== null) time = (time || 0) + took;
    }
    const verified = body.packed.groups.verified[id - body.nodes] === "1";
    const kinds = { piece: "part of a wide group, cut by graphlab", series: `series${verified ? ", verified op by op" : ""}`, scope: "scope", function: "function" };
    return [
      heading(kinds[body.groupKind(id)] || body.groupKind(id), app.items().fullName(item)),
      el("div", { class: "buttons" }, el("button", { title: "Enter", on: { click: () => bench.toggle(item) } }, app.isOpen(item) ? "Close" : "Open")),
      traceButtons(item),
      rows([["ops", count(body.size(id))], ["members", count(body.members(id).length)], ["steps", facts ? `${count(steps)} in this run` : null], ["time", facts ? duration(time) : null]]),
      listed(body.alike(id), (other) => link(item.place, other), "the same inside, compared op by op"),
      histogramOf(ops),
    ];
  }

  function histogramOf(ops) {
    const sorted = [...ops].sort((a, b) => b[1] - a[1]);
    const most = sorted.length ? sorted[0][1] : 1;
    return listed(sorted, ([op, many]) => {
      const bar = el("span", { class: "bar" });
      bar.style.width = `${Math.max(2, (many / most) * 80)}px`;
      return el("span", { class: "histo" }, el("span", { class: "histo-name" }, op), bar, el("span", { class: "faint" }, count(many)));
    }, "ops");
  }

  function ofLine({ edge, body, tail, head }) {
    const place = (tail || head).place;
    const tensors = edge.control ? [] : [...edge.tensors.values()];
    return [
      heading(edge.control ? "control input" : edge.back ? "to the next iteration" : plural(tensors.length, "tensor"), `${tail ? app.items().label(tail) : "outside"} → ${head ? app.items().label(head) : "outside"}`),
      listed(tensors, ([source, slot]) => {
        const name = `${body.name[source]}:${slot}`;
        const size = sizeOf(body.spec(source, slot));
        const value = latest(body, source, name);
        return [link(place, source, name), el("div", { class: "faint" }, `${specText(body.spec(source, slot))}${size === null ? "" : `, ${bytesText(size)}`}`), value ? valueView(name, value) : null];
      }, "carries"),
      listed(edge.wires, ([source, , target]) => [link(place, source), " → ", link(place, target)], "joins"),
    ];
  }

  function latest(body, source, name) {
    const facts = app.factsOf();
    if (!facts) return null;
    const steps = facts.of(body, source).filter((s) => app.state.at < 0 || s <= app.state.at);
    const values = steps.length && facts.run.values[steps[steps.length - 1]];
    return values ? values[name] : null;
  }

  function ofGraph() {
    const { body } = app.items().home;
    const { run, graph } = app;
    const ops = new Map();
    for (let i = 0; i < body.nodes; i++) ops.set(body.op(i), (ops.get(body.op(i)) || 0) + 1);
    const chip = (name, what) => {
      const on = app.state.focus.has(name);
      return el("button", { class: `chip${on ? " on" : ""}`, "aria-pressed": String(on), title: `show only what ${what === "feed" ? "it feeds" : "it needs"}`, on: { click: () => refocus(name) } }, nodeOf(name));
    };
    return [
      heading(stageText(graph.stage), app.doc.title),
      rows([["ops", count(body.nodes)], ["functions", Object.keys(app.items().library).length || ""], ["ran", run && `${count(run.node.length)} steps, clock: ${run.clock}`], [run && run.clock === "engine" ? "call itself" : "whole call", run && run.wall_us ? duration(run.wall_us) : ""]]),
      run && run.feeds.length ? section("feeds", el("div", { class: "chips" }, run.feeds.map(([name, dtype, shape, variable, holds]) => [chip(name, "feed"), el("span", { class: "faint" }, dtype === "resource" ? (held(variable, holds) && `handle of ${held(variable, holds)}`) || dtype : shapeText(shape))]))) : null,
      run && run.fetches.length ? section("fetches", el("div", { class: "chips" }, run.fetches.map((name) => chip(name, "fetch")))) : null,
      app.doc.notes && app.doc.notes.length ? section("notes", app.doc.notes.map((note) => el("p", {}, note))) : null,
      histogramOf(ops),
      el("p", { class: "faint hint" }, "Click a box to open it or to see what it is. Press ? for all keys."),
    ];
  }

  function stageText(stage) {
    return { built: "graph as written", executed: "graph as executed" }[stage] || `graph at the stage ${stage}`;
  }

  function refocus(name) {
    const focus = new Set(app.state.focus);
    if (!focus.delete(name)) focus.add(name);
    app.change({ focus, trace: null });
    draw();
  }

  app.on("selected line graph run at trace from stage stops live opened closed apart joined", draw);
  return { element, draw };
}
