// What there is to say: of the comparison as a whole, or of what is selected and its partner.

import { el, clear, svg } from "../dom.js";
import { details } from "../graph/details.js";
import { nodeOf } from "../replay/facts.js";
import { valueView } from "../values.js";
import { count, middle, plural } from "../words.js";
import { apartText } from "./calls.js";
import { briefly, relationText } from "./relation.js";
import { LETTERS } from "./side.js";

const MOST_LISTED = 12;
const MOST_STOPS = 4; // of an op that ran several times

export function panel(pair) {
  const { sides, told } = pair;
  const element = el("aside", { class: "details", "aria-label": "Comparison", tabindex: -1 });
  const every = sides.map(({ app, bench }) => details(app, bench));

  function draw() {
    const { active } = pair.state;
    const item = sides[active].app.item() || null;
    clear(element, item ? selected(active, item) : [undrawn(), overview()], item ? more() : null);
  }

  // The step that is shown, where no box stands for it.
  function undrawn() {
    const { at } = pair.state;
    if (at < 0 || [0, 1].some((n) => pair.match.place(n, at))) return null;
    return el("dl", { class: "both" }, [0, 1].map((n) => pair.match.named(n, at)).map((op, n) => [el("dt", {}, LETTERS[n]), el("dd", {}, op ? [el("b", {}, op.op), " ", middle(op.node, 200), el("div", { class: "faint" }, "not in the graph that was recorded")] : el("span", { class: "faint" }, "no partner"))]), atStop(at));
  }

  // All that a page of one program says of it.
  function more() {
    return sides.map(({ app }, n) => {
      if (!app.item()) return null;
      every[n].draw();
      return el("details", { class: "all-of-it" }, el("summary", {}, `all about it in ${LETTERS[n]}`), every[n].element);
    });
  }

  function section(title, ...content) {
    const inside = content.flat(3).filter(Boolean);
    return inside.length ? el("section", {}, el("h3", {}, title), inside) : null;
  }

  function listed(all, make, title) {
    const row = (each) => el("li", {}, make(each));
    const list = el("ul", {}, all.slice(0, MOST_LISTED).map(row));
    if (all.length > MOST_LISTED) {
      const rest = el("button", { class: "link", on: { click: () => rest.parentNode.replaceWith(...all.slice(MOST_LISTED).map(row)) } }, `and ${count(all.length - MOST_LISTED)} more`);
      list.append(el("li", {}, rest));
    }
    return section(title, all.length ? list : null);
  }

  const go = (act, ...text) => el("button", { class: "link", on: { click: act } }, text);

  function overview() {
    const { match } = pair;
    const call = pair.call;
    return [
      el("h2", { class: told.said.length > 90 ? "long" : "" }, el("span", { class: told.same ? "good" : "bad" }, told.said)),
      told.notes.map((note) => el("p", { class: "faint" }, note)),
      call && told.calls.length > 1 ? el("p", {}, `Call ${call.number}: ${apartText(call)}.`) : null,
      call && call.kept !== "all" ? el("p", { class: "faint" }, call.kept === "none" ? "The values of this call were let go: the page has no room for them. How they match is known." : "Some values of this call were let go: the page has no room for all.") : null,
      listed(match.frontier.map((part, k) => [part, k]), ([part, k]) => frontierRow(part, k), call && told.calls.length > 1 ? `where they part in call ${call.number}` : call ? "where they part" : "what changed"),
      call ? ofCall(call) : ofFiles(),
      el("p", { class: "faint hint" }, "Click a box to find its partner. Press ? for all keys."),
    ];
  }

  function frontierRow(part, k) {
    const places = part.places || [part.a, part.b].map((place) => place && [place.item.body.op(place.own.id), sides[0].app.items().fullName(place.own)]);
    const names = places.map((place, n) => place && `${LETTERS[n]} ${middle(place[1], 60)}`).filter(Boolean);
    return [go(() => pair.toPart(k), names.join("  |  ")), el("div", { class: "faint" }, part.said)];
  }

  function ofCall(call) {
    const { results, variables } = told;
    const here = results.differing.filter(([, , moment]) => !moment || !call.number || moment === call.number);
    const telling = variables.pairs.filter(([a, b, , how]) => a !== b || how !== "same");
    return [
      listed(here, ([a, b, , how, detail, apart]) => [el("code", {}, a === b ? middle(a, 40) : `${middle(a, 30)} | ${middle(b, 30)}`), el("span", { class: "faint" }, ` ${briefly([how, detail, apart])}`)], `results that differ, of ${count(results.compared)}${results.left_out ? `; ${count(results.left_out)} more are not listed` : ""}`),
      results.only.map((names, n) => listed(names, (name) => el("code", {}, middle(name, 60)), `only ${LETTERS[n]} gives`)),
      listed(pair.match.counts(), ([how, many]) => [`${how} `, el("span", { class: "faint" }, count(many))], "what matches how, in steps"),
      [0, 1].map((n) => listed(pair.match.only(n), (stop) => onlyRow(n, stop), `only ${LETTERS[n]} ran`)),
      listed(telling, ([a, b, by, how, detail]) => [el("code", {}, `${middle(a, 30)} | ${middle(b, 30)}`), el("div", { class: "faint" }, [how, detail, `told by ${by}`].filter(Boolean).join(", "))], "variables, before the first call"),
      variables.only.map((names, n) => listed(names, (name) => el("code", {}, middle(name, 60)), `variables that only ${LETTERS[n]} has`)),
    ];
  }

  function onlyRow(n, stop) {
    const { op, node } = pair.match.named(n, stop);
    return [go(() => pair.toOps(stop), middle(node, 60)), el("span", { class: "faint" }, ` ${op}`)];
  }

  function ofFiles() {
    return [
      ["removed: only A has", "added: only B has"].map((title, n) => listed(pair.match.only(n), (place) => [go(() => pair.toPlace(n, place), middle(sides[n].app.items().fullName(place.own), 60)), el("span", { class: "faint" }, ` ${place.own.body.op(place.own.id)}`)], title)),
      [told.removed, told.added].map((names, n) => listed(names, (name) => el("code", {}, middle(name, 60)), `functions that only ${LETTERS[n]} has`)),
      listed(told.variables, ([a, b, what]) => [el("code", {}, a === b ? middle(a, 60) : `${middle(a, 30)} | ${middle(b, 30)}`), changes(what)], "variables that changed"),
      told.variables_only.map((names, n) => listed(names, (name) => el("code", {}, middle(name, 60)), `variables that only ${LETTERS[n]} has`)),
    ];
  }

  function changes(what) {
    return el("table", { class: "attrs" }, what.map(([name, before, after]) => el("tr", {}, el("th", {}, name), el("td", {}, `${middle(before, 160)} → ${middle(after, 160)}`))));
  }

  function selected(n, item) {
    const items = sides[n].app.items();
    const { body, id } = item;
    const partner = pair.partner(n, item);
    const names = [items.fullName(item) || "the whole graph", partner && (sides[1 - n].app.items(partner.graph).fullName(partner.item) || "the whole graph")];
    const [a, b] = n ? [names[1], names[0]] : names;
    const op = (each) => (each.body.isGroup(each.id) ? each.body.groupKind(each.id) : each.body.op(each.id));
    const ops = [op(item), partner && op(partner.item)];
    const row = (m, name, which) => [el("dt", {}, LETTERS[m]), el("dd", {}, name ? [el("b", {}, ops[which]), " ", middle(name, 200), source(m, which ? partner.item : item)] : el("span", { class: "faint" }, "no partner"))];
    return [
      el("div", { class: "buttons" }, el("button", { title: "Esc", on: { click: () => pair.release() } }, "The whole comparison"), partner ? el("button", { title: "x", on: { click: () => pair.cross() } }, `To it in ${LETTERS[1 - n]}`) : null),
      el("dl", { class: "both" }, row(0, a, n ? 1 : 0), row(1, b, n ? 0 : 1)),
      body.isGroup(id) ? ofGroup(n, item, partner) : ofOp(n, item, partner),
    ];
  }

  function source(n, { body, id }) {
    const place = body.isGroup(id) ? null : body.lines[id];
    return place ? el("div", { class: "faint", title: place[0] }, `${place[0].split(/[\\/]/).pop()}:${place[1]}`) : null;
  }

  function ofGroup(n, { body, id }, partner) {
    const kinds = new Map();
    for (const i of body.inside(id)) {
      const kind = pair.match.kind(n, body, i);
      kinds.set(kind, (kinds.get(kind) || 0) + 1);
    }
    const text = { kept: "with a partner", changed: pair.call ? "where they part" : "changed", gone: "only in A", new: "only in B", "": "of which no value was compared" };
    return [
      partner ? el("p", {}, "Most of what is in it has its partners there.") : el("p", {}, `No group of ${LETTERS[1 - n]} holds most of its partners.`),
      listed([...kinds], ([kind, many]) => [`${count(many)} `, el("span", { class: "faint" }, text[kind])], plural(body.size(id), "op")),
    ];
  }

  function ofOp(n, item, partner) {
    if (!pair.call) return [item.id, ...(item.body.guests.get(item.id) || [])].map((id) => inFiles(n, item, id));
    const { match } = pair;
    const stops = match.stopsAt(n, item);
    if (!stops.length) return el("p", {}, partner ? `${LETTERS[1 - n]} has it too; no value of it was compared in this call.` : "It gave no value in this call, and no op of the other has its name.");
    const first = match.telling(stops, pair.state.at);
    const ordered = [first, ...stops.filter((stop) => stop !== first)];
    return [
      ordered.slice(0, MOST_STOPS).map((stop) => atStop(stop)),
      stops.length > MOST_STOPS ? el("p", { class: "faint" }, `and ${plural(stops.length - MOST_STOPS, "more step")}`) : null,
    ];
  }

  // A node of a file, or an icon that is drawn on it.
  function inFiles(n, item, id) {
    const what = pair.match.changed(n, item.body, id);
    const said = { changed: "Another in the other file.", kept: "As it is in the other file, but for its name." }[pair.match.kind(n, item.body, id)] || `Only ${LETTERS[n]} has it.`;
    return el("section", { class: "stop" }, id === item.id ? null : el("h3", {}, `${item.body.op(id)} ${middle(item.body.name[id], 60)}`), el("p", {}, said), what.length ? changes(what) : null);
  }

  function atStop(stop) {
    const { match } = pair;
    const [part, how] = [match.part(stop), match.how(stop)];
    const ops = [match.named(0, stop), match.named(1, stop)];
    const where = ops.find(Boolean).frame;
    return el("section", { class: "stop" },
      el("h3", {}, go(() => pair.toStop(stop), `step ${count(stop + 1)}`), where ? ` ${middle(where, 40)}` : ""),
      part ? el("p", {}, el("b", { class: "loud-text" }, "Here they part: "), part.said) : null,
      how ? el("p", {}, relationText(how, told.rtol), !part && how[0] === "different" && match.frontier.length ? ". It follows from where they part." : "") : el("p", {}, `Only ${ops[0] ? "A" : "B"} has it.`),
      part ? given(part) : null,
      part && part.histograms.length ? histograms(part) : null,
      values(ops, how));
  }

  function given({ given: pairs }) {
    return listed(pairs, ([a, b, ...how]) => [el("code", {}, a === b ? middle(a, 50) : `${middle(a, 30)} | ${middle(b, 30)}`), el("span", { class: "faint" }, ` ${briefly(how)}`)], "what both are given");
  }

  // Over the same stretch, so that the bars of both can be compared.
  function histograms({ histograms: both, places, values: said }) {
    const letters = LETTERS.filter((_, n) => places[n]);
    const most = Math.max(...both.flat(), 1);
    return el("div", { class: "two-histograms" }, both.map((counts, k) => {
      const wide = 240 / counts.length;
      const bars = counts.map((n, x) => svg("rect", { x: x * wide + 0.5, y: 32 - (30 * n) / most, width: wide - 1, height: (30 * n) / most }));
      return el("figure", { class: "histogram" }, svg("svg", { viewBox: "0 0 240 32", role: "img", "aria-label": `histogram of what ${letters[k]} gives` }, bars), el("figcaption", {}, `${letters[k]}: ${said[LETTERS.indexOf(letters[k])] || ""}`));
    }));
  }

  // Where both are the same one value stands for both.
  function values(ops, how) {
    const same = how && how[0] === "same";
    const views = ops.flatMap((op, n) => (op && !(same && n === 1 && ops[0]) ? Object.entries(op.values).map(([name, value]) => valueView(`${same ? "A and B" : LETTERS[n]} ${same ? nodeOf(name).split("/").pop() : name}`, value)) : []));
    const none = pair.call.kept !== "all" && !views.length;
    return none ? el("p", { class: "faint" }, "Its values were let go: the page has no room for them.") : views;
  }

  pair.on("active selection call at", draw);
  return { element, draw };
}
