// A run on a time axis: lanes by device and thread, Send joined with Recv, untimed steps apart.
// Of a GPU there are lanes for its launches, streams, copies and gaps; a step is marked in all.

import { el, clear } from "../dom.js";
import { runTitle, tookText } from "../replay/facts.js";
import { count, duration, middle, plural } from "../words.js";

const [ROW, BAR, LEFT, AXIS] = [20, 15, 124, 20];
const MOST_LANES = 40;

export function timeline(app) {
  const canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": "Timeline of the run; the text view has the same times" });
  const tip = el("div", { class: "tip", hidden: true });
  const title = el("div", { class: "timeline-title" });
  const box = el("div", { class: "lanes" }, canvas, tip);
  const element = el("section", { class: "timeline", "aria-label": "Timeline", hidden: true }, title, box);
  let [lanes, untimed, from, to, bars, joins] = [[], [], 0, 1, [], []];

  function load() {
    const { run } = app;
    element.hidden = !run || !run.node.length;
    if (element.hidden) return;
    element.classList.toggle("of-gpu", Boolean(run.gpu));
    ({ lanes, untimed } = laneOf(run));
    joins = joined(run, app);
    const every = lanes.flatMap((lane) => lane.bars);
    from = every.reduce((least, { start }) => Math.min(least, start), every.length ? every[0].start : 0);
    to = every.reduce((most, { start, took }) => Math.max(most, start + took), every.length ? from : 1);
    const timed = run.took.filter((us) => us !== null).length;
    const without = run.unkerneled.length ? `, ${count(run.unkerneled.length)} launched that needed no kernel` : "";
    // The engine's steps take longer than the call that they are of: both are told, and why.
    const whole = run.clock === "engine" ? ", one op at a time; the call itself, seen from Python" : "; whole call, seen from Python";
    const rest = `${plural(timed, "timed step")} in ${duration(to - from)}${without}${untimed.length ? `, ${count(untimed.length)} not timed` : ""}${run.wall_us ? `${whole}: ${duration(run.wall_us)}` : ""}; clock: ${run.clock}`;
    clear(title, el("b", { class: run.call === 1 ? "first" : "" }, runTitle(run)), el("span", { class: "faint" }, ` ${rest}`), ...(run.gpu ? run.gpu.said.map((line) => el("div", { class: "faint" }, line)) : []));
    draw();
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    return (name) => style.getPropertyValue(name).trim();
  }

  function draw() {
    const { run } = app;
    if (!run || element.hidden) return;
    const width = Math.max(box.clientWidth, 320);
    const rows = Math.min(lanes.length, MOST_LANES) + (untimed.length ? 1 : 0);
    const height = AXIS + rows * ROW + 4;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    const colour = colours();
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    const x = (us) => LEFT + ((us - from) / Math.max(to - from, 1e-3)) * (width - LEFT - 12);
    axis(pen, colour, x, width, height);
    bars = [];
    const fills = fillsOf(run, colour);
    lanes.slice(0, MOST_LANES).forEach((lane, k) => {
      const y = AXIS + k * ROW;
      pen.fillStyle = colour("--faint");
      pen.fillText(middle(lane.name, 19), 8, y + ROW / 2);
      for (const each of lane.bars) bar(pen, colour, each, x(each.start), y + 2, Math.max(1.5, x(each.start + each.took) - x(each.start)), fills.get(run.op[each.s]) || colour("--c7"));
    });
    drawLaunches(pen, colour);
    drawJoins(pen, colour, x);
    if (untimed.length) hollow(pen, colour, AXIS + (rows - 1) * ROW, width);
  }

  function bar(pen, colour, each, left, y, wide, fill) {
    const { run, state } = app;
    const { s, kind } = each;
    bars.push([s, left, y, wide, each]);
    pen.globalAlpha = { launch: 0.45, gap: 0.3 }[kind] || 1;
    pen.fillStyle = fill;
    pen.fillRect(left, y, wide, BAR);
    pen.globalAlpha = 1;
    if (s >= 0 && state.at === s) {
      pen.strokeStyle = colour("--now");
      pen.lineWidth = 2;
      pen.strokeRect(left - 1, y - 1, wide + 2, BAR + 2);
    }
    if (wide > 40) {
      pen.fillStyle = colour("--ink");
      pen.save();
      pen.beginPath();
      pen.rect(left, y, wide - 3, BAR);
      pen.clip();
      pen.fillText(s < 0 ? each.text : run.ops[run.op[s]], left + 4, y + BAR / 2 + 0.5);
      pen.restore();
    }
  }

  function axis(pen, colour, x, width, height) {
    const span = to - from;
    const rough = span / 6;
    const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-6)));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) || rough;
    pen.strokeStyle = colour("--rule");
    pen.fillStyle = colour("--faint");
    pen.lineWidth = 1;
    for (let us = 0; us <= span + 1e-9; us += step) {
      const at = Math.round(x(from + us)) + 0.5;
      pen.beginPath();
      pen.moveTo(at, AXIS - 4);
      pen.lineTo(at, height);
      pen.stroke();
      if (at < width - 40) pen.fillText(us ? duration(us) : "0", at + 3, 8);
    }
  }

  // What was not timed has no place on the axis: hollow, in the order of the steps.
  function hollow(pen, colour, y, width) {
    pen.fillStyle = colour("--faint");
    pen.fillText(`not timed (${count(untimed.length)})`, 8, y + ROW / 2);
    const wide = Math.min(14, (width - LEFT - 12) / untimed.length);
    untimed.forEach((s, k) => {
      const left = LEFT + k * wide;
      bars.push([s, left, y + 2, Math.max(wide - 3, 1), { kind: "untimed" }]);
      pen.strokeStyle = app.state.at === s ? colour("--now") : colour("--box-line");
      pen.lineWidth = app.state.at === s ? 2 : 1;
      pen.setLineDash(app.state.at === s ? [] : [2, 2]);
      pen.strokeRect(left + 0.5, y + 3.5, Math.max(wide - 4, 1), BAR - 3);
    });
    pen.setLineDash([]);
  }

  // From the launch of the step where the run is to each kernel that it launched.
  function drawLaunches(pen, colour) {
    const mine = bars.filter(([s]) => s >= 0 && s === app.state.at);
    const launch = mine.find(([, , , , each]) => each.kind === "launch");
    if (!launch) return;
    pen.strokeStyle = colour("--now");
    pen.lineWidth = 1.2;
    for (const [, left, y, , each] of mine) {
      if (each.kind !== "kernel") continue;
      pen.beginPath();
      pen.moveTo(launch[1], launch[2] + BAR);
      pen.lineTo(left, y);
      pen.stroke();
    }
  }

  function drawJoins(pen, colour, x) {
    const { run } = app;
    const place = new Map(bars.map(([s, , y]) => [s, y + BAR / 2]));
    pen.strokeStyle = colour("--back");
    pen.lineWidth = 1.2;
    for (const [send, receive] of joins) {
      if (!place.has(send) || !place.has(receive)) continue;
      const [ax, bx] = [x(run.start[send] + run.took[send]), x(run.start[receive])];
      pen.beginPath();
      pen.moveTo(ax, place.get(send));
      pen.bezierCurveTo(ax + 20, place.get(send), bx - 20, place.get(receive), bx, place.get(receive));
      pen.stroke();
    }
  }

  function under(event) {
    const rect = canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - rect.left, event.clientY - rect.top];
    let [best, least] = [null, 5];
    for (const found of bars) {
      const [, left, y, wide] = found;
      if (py < y - 1 || py > y + BAR + 1) continue;
      const far = px < left ? left - px : px > left + wide ? px - left - wide : 0;
      if (far < least) [best, least] = [found, far];
    }
    return best;
  }

  canvas.addEventListener("pointermove", (event) => {
    const found = under(event);
    const s = found ? found[0] : -1;
    tip.hidden = !found;
    canvas.style.cursor = s < 0 ? "" : "pointer";
    if (!found) return;
    const { run } = app;
    const text = found[4].text ? el("div", {}, found[4].text) : "";
    if (s < 0) clear(tip, text);
    else clear(tip, el("b", {}, run.ops[run.op[s]]), ` ${middle(run.nodes[run.node[s]], 60)} · ${tookText(run, s)} · step ${s + 1}`, text);
    const rect = box.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - rect.left + 12, rect.width - 280)}px`;
    tip.style.top = `${event.clientY - rect.top + 14 + box.scrollTop}px`;
  });
  canvas.addEventListener("pointerleave", () => (tip.hidden = true));
  canvas.addEventListener("click", (event) => {
    const found = under(event);
    if (found && found[0] >= 0) app.change({ at: found[0] });
  });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    app.change({ at: Math.max(0, Math.min(app.run.node.length - 1, app.state.at + way)) });
  });
  new ResizeObserver(() => draw()).observe(box);
  app.on("run graph", load);
  app.on("at theme", draw);
  // An op selected in the graph is shown in the timeline: its first step from here on.
  app.on("selected", () => {
    const item = app.item();
    const facts = app.factsOf();
    if (!item || !facts || item.body.isGroup(item.id) || app.state.at >= 0) return;
    const [first] = facts.of(item.body, item.id);
    if (first !== undefined) highlight(first);
  });

  function highlight(s) {
    draw();
    const found = bars.find(([step]) => step === s);
    if (!found) return;
    const pen = canvas.getContext("2d");
    pen.strokeStyle = colours()("--accent");
    pen.lineWidth = 2;
    pen.strokeRect(found[1] - 1.5, found[2] - 1.5, found[3] + 3, BAR + 3);
  }
  return { element, load };
}

// Bars of one device and thread of which no two overlap, in the order of their starts.
function laneOf(run) {
  const steps = run.node.map((_, s) => s);
  const without = new Set(run.unkerneled);
  const untimed = steps.filter((s) => (run.start[s] === null || run.took[s] === null) && !without.has(s));
  if (run.gpu) return { untimed, lanes: run.gpu.lanes.map(({ name, bars }) => ({ name, bars: bars.map(([s, kind, start, took, text]) => ({ s, kind, start, took, text })) })) };
  const timed = steps.filter((s) => run.start[s] !== null && run.took[s] !== null).sort((a, b) => run.start[a] - run.start[b]);
  const found = new Map();
  for (const s of timed) {
    const name = `${run.devices[run.device[s]] || "no device"} ${run.threads[run.thread[s]] || ""}`.trim();
    if (!found.has(name)) found.set(name, []);
    const rows = found.get(name);
    const bar = { s, kind: "", start: run.start[s], took: run.took[s], text: "" };
    const row = rows.find((each) => each.end <= bar.start + 1e-6);
    const end = bar.start + bar.took;
    if (row) {
      row.bars.push(bar);
      row.end = end;
    } else rows.push({ name, bars: [bar], end });
  }
  const lanes = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1)).flatMap(([, rows]) => rows);
  return { lanes, untimed };
}

// The seven op types that took longest have a colour of their own.
function fillsOf(run, colour) {
  const sums = new Map();
  run.op.forEach((op, s) => sums.set(op, (sums.get(op) || 0) + (run.took[s] || 0)));
  const names = [...sums].sort((a, b) => b[1] - a[1]).slice(0, 7);
  return new Map(names.map(([op], k) => [op, colour(`--bar${k}`)]));
}

// Pairs of steps: a Send and the Recv of the same tensor.
function joined(run, app) {
  if (run.executed === null) return [];
  const { body } = app.items(run.executed).home;
  const sends = new Map();
  const pairs = [];
  const tensor = (s) => {
    const i = body.index.get(run.nodes[run.node[s]]);
    return i === undefined ? null : body.attrs(i).tensor_name;
  };
  run.op.forEach((op, s) => {
    if (/^_?(Host)?Send$/.test(run.ops[op])) sends.set(tensor(s), s);
  });
  run.op.forEach((op, s) => {
    if (!/^_?(Host)?Recv$/.test(run.ops[op])) return;
    const name = tensor(s);
    if (name && sends.has(name)) pairs.push([sends.get(name), s]);
  });
  return pairs;
}
