// The replay: one step at a time, forward and back; what is done, running and ready is marked on
// the graph, and values stand on the edges they went along.

import { Course } from "./events.js";
import { predictions } from "./predict.js";
import { scrubbed, transport } from "./transport.js";
import { el, clear, svg } from "../dom.js";
import { tookText, whereText } from "./facts.js";
import { bytesText, count, middle } from "../words.js";
import { valueText } from "../values.js";

export function replay(app, bench) {
  const frames = el("select", { "aria-label": "Loop iteration or function call", on: { change: () => to(Number(frames.value)) } });
  const said = el("div", { class: "said", role: "status", "aria-live": "polite" });
  const strip = svg("svg", { class: "strip", preserveAspectRatio: "none", viewBox: "0 0 1000 40", role: "slider", tabindex: 0, "aria-label": "Live memory by step", "aria-valuemin": 0 });
  const peak = el("button", { class: "link peak" });
  const times = el("button", { class: "small-button", title: "Show the timeline  l", on: { click: () => app.change({ times: !app.state.times }) } }, "timeline");
  const values = el("button", { class: "small-button", title: "The same call again, op by op, with the value of every tensor", on: { click: () => withValues() } }, "with values");
  const lines = el("span", { class: "lines" },
    el("button", { class: "small-button", "aria-label": "Line before", title: "Back to the program's line before  N", on: { click: () => line(-1) } }, "◂ line"),
    el("button", { class: "small-button", "aria-label": "Next line", title: "Run the ops of the program's next line  n", on: { click: () => line(1) } }, "line ▸"));
  const predict = el("button", { class: "small-button", "aria-pressed": "false", title: "Guess which op runs next by a click on it", on: { click: () => app.change({ predict: !app.state.predict }) } }, "predict");
  const steps = transport({ at: () => app.state.at, last: () => (course ? course.count - 1 : -1), go: (at) => course && app.change({ at }), halts }, lines, frames, said, peak, predict, values, times);
  const { to } = steps;
  const element = el("div", { class: "replay", hidden: true }, steps.element, el("div", { class: "stripbox" }, strip));
  let course = null;
  const showTimes = () => {
    times.setAttribute("aria-pressed", String(app.state.times));
    document.body.classList.toggle("untimed", !app.state.times);
  };
  app.on("times", showTimes);
  app.on("predict", () => {
    predict.setAttribute("aria-pressed", String(app.state.predict));
    mark();
  });
  const guessed = el("span", { class: "guessed" });
  predictions(app, bench, () => course, (text, right) => {
    guessed.className = `guessed ${right ? "good" : "bad"}`;
    guessed.textContent = `${text}. `;
    mark();
  });
  let states = new Map();

  // Whether a step is of an op, or in a group, at which a reader wants to stop.
  function halts(s) {
    for (let item = course.item(s); item; item = app.items().parent(item)) if (app.state.stops.has(item.key)) return true;
    return false;
  }

  function withValues() {
    app.choose(app.doc.runs[app.again()].built, app.again());
  }

  // To the next line of the program, or the one before; whose lines are known is the call again.
  function line(way) {
    const program = app.programOf(app.again());
    if (!program) return;
    if (app.programOf() !== program) withValues();
    to(way > 0 ? program.next(app.state.at) : program.before(app.state.at));
  }

  function load() {
    steps.stop();
    showTimes();
    const { run } = app;
    element.hidden = !run || !run.node.length;
    course = null;
    if (element.hidden) return mark();
    values.hidden = run.clock === "engine" || app.again() < 0;
    lines.hidden = !app.programOf(app.again());
    const executed = run.executed !== null ? app.items(run.executed) : app.items();
    course = new Course(run, app.items(), (app.graph.stage === "executed" || run.executed === null ? app.items() : executed).home.body);
    app.course = course;
    app.cause = (s) => course.cause(s);
    steps.load(course.count);
    const names = run.frames.map((name, k) => [name, run.frame.indexOf(k)]).filter(([name]) => name);
    frames.hidden = !names.length;
    clear(frames, el("option", { value: -1 }, names.length === 1 ? "1 iteration or call" : `${count(names.length)} iterations and calls`), names.slice(0, 500).map(([name, first]) => el("option", { value: first }, middle(name, 50))));
    drawStrip();
    locate();
    mark();
  }

  function drawStrip() {
    const { live } = course;
    strip.setAttribute("aria-valuemax", course.count);
    const most = live ? Math.max(...live, 1) : 1;
    const x = (s) => ((s / Math.max(course.count, 1)) * 1000).toFixed(2);
    const parts = [];
    if (live) {
      let path = "M0,40";
      live.forEach((bytes, s) => (path += `L${x(s)},${(40 - (36 * bytes) / most).toFixed(1)}H${x(s + 1)}`));
      parts.push(svg("path", { class: "live", d: `${path}V40Z` }));
      const at = live.indexOf(most);
      clear(peak, `peak ${bytesText(most)} at step ${at + 1}`);
      peak.onclick = () => to(at);
      peak.title = "tensors that are live, fed ones too, by their sizes and last uses";
    }
    peak.hidden = !live;
    parts.push(svg("rect", { class: "gone", y: 0, height: 40, x: 0, width: 0 }), svg("path", { class: "needle", d: "M0,0V40" }));
    strip.replaceChildren(...parts);
  }

  scrubbed(strip, () => course && course.count, to);

  // Where each step is drawn now, how many steps each box stands for.
  function locate() {
    states = new Map();
    if (!course || !bench.scene) return;
    const boxes = new Map();
    for (let s = 0; s < course.count; s++) {
      let item = course.item(s);
      let key = item && boxes.get(item);
      if (item && key === undefined) {
        const first = item;
        while (item && !bench.scene.byKey.has(item.key)) item = app.items().parent(item);
        key = item ? item.key : null;
        boxes.set(first, key);
      }
      if (!key) continue;
      if (!states.has(key)) states.set(key, []);
      states.get(key).push(s);
    }
  }

  function mark() {
    const { at } = app.state;
    const on = course && at >= 0;
    const ready = on ? new Set(course.ready(at)) : new Set();
    bench.drawing.svg.classList.toggle("replaying", !!on);
    for (const { box, g, progress } of bench.drawing.elements.values()) {
      const steps = states.get(box.item.key) || [];
      const done = on ? steps.filter((s) => s < at).length : 0;
      const running = on && steps.includes(at);
      g.classList.toggle("running", running && !box.open);
      g.classList.toggle("done", !!on && !running && steps.length > 0 && done === steps.length);
      g.classList.toggle("ready", !!on && !running && !box.open && steps.some((s) => ready.has(s)));
      g.classList.toggle("waiting", !!on && !box.open && !running && done === 0);
      if (progress) progress.style.width = on && steps.length ? `${(box.w * (done + (running ? 0.5 : 0))) / steps.length}px` : "0px";
    }
    markEdges(on);
    say(on, ready.size);
    const rect = strip.querySelector(".gone");
    const needle = strip.querySelector(".needle");
    if (course && rect) {
      const x = ((at + 0.5) / course.count) * 1000;
      rect.setAttribute("width", on ? x : 0);
      needle.style.transform = `translateX(${on ? x : -10}px)`;
      strip.setAttribute("aria-valuenow", at + 1);
    }
  }

  function markEdges(on) {
    const facts = app.factsOf();
    for (const { line, g, text } of bench.drawing.lines) {
      let [value, flowed] = ["", false];
      if (on && facts && !line.outside) {
        for (const [source, slot] of line.edge.wires) {
          const steps = facts.of(line.body, source).filter((s) => s < app.state.at);
          const s = steps.pop();
          if (s === undefined) continue;
          flowed = true;
          if (line.edge.count === 1 && line.edge.spec && line.edge.spec[0] !== "resource" && facts.run.values[s]) value = valueText(facts.run.values[s][`${line.body.name[source]}:${slot}`]);
          break;
        }
      }
      g.classList.toggle("flowed", flowed);
      g.classList.toggle("valued", !!value);
      if (text) text.textContent = value || line.text;
    }
  }

  function say(on, ready) {
    const { run } = app;
    steps.show();
    if (!app.state.predict) guessed.textContent = "";
    const asks = app.state.predict && course && app.state.at < course.count - 1 ? [guessed, "Which op runs next? Click it. "] : guessed;
    if (!on) return clear(said, asks, course ? "before the first step" : "");
    const s = app.state.at;
    const frame = run.frames[run.frame[s]];
    clear(said, asks, el("b", {}, run.ops[run.op[s]]), ` ${middle(run.nodes[run.node[s]], 60)}`, el("span", { class: "faint" }, ` ${whereText(run, s)} ${tookText(run, s)}${frame ? `, ${middle(frame, 40)}` : ""}; ${count(ready)} more ready${course.live ? `; ${bytesText(course.live[s])} live` : ""}`));
  }

  // Select the op that runs, and bring it into view where it can be seen.
  function follow() {
    if (app.state.at < 0 || !course) return;
    let item = course.item(app.state.at);
    while (item && !bench.scene.byKey.has(item.key)) item = app.items().parent(item);
    if (!item) return;
    app.change({ selected: item.key, line: null });
    bench.camera.reveal(bench.scene.byKey.get(item.key));
  }

  app.on("graph run", () => load());
  bench.onDrawn(() => {
    locate();
    mark();
  });
  app.on("live", () => mark());
  app.on("at", () => {
    mark();
    follow();
  });
  return { ...steps, element, load, locate, line };
}
