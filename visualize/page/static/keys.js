// Everything by key, and the list of keys that ? shows.

import { COLOURINGS } from "./graph/paint.js";
import { DETAIL } from "./app.js";
import { el } from "./dom.js";

const HELP = [
  ["← ↑ → ↓", "the nearest box that way; ← and → step, once the replay has begun"],
  ["Enter", "open or close the selected box"],
  ["Backspace", "the box around it"],
  ["a  A", "the next or previous box it gives to"],
  ["i  o", "what feeds it; what it feeds"],
  ["p", "a path: once at each end"],
  ["h", "draw it apart, or with its edges"],
  ["b  c", "the replay stops at it; on to the next stop", "stages"],
  ["Esc", "let go: trace, selection, search"],
  ["/", "search, a regular expression"],
  ["[  ]", "less or more detail"],
  ["{  }", "the stage before or after", "stages"],
  ["C", "the next colouring"],
  ["+  −  0  f", "nearer, further, real size, all of it"],
  ["Shift + arrows", "move the drawing"],
  ["n  N", "the program's next line, or the one before", "stages"],
  ["s  B  .  ,", "an op forward or back", "replay"],
  ["Space", "play or pause", "replay"],
  ["Home  End", "before the first step, to the last", "replay"],
  ["g", "jump to a step", "replay"],
  ["t", "the drawing as a table"],
  ["l", "the timeline, shown or not", "stages"],
  ["v", "lesson, both, or graph", "stages"],
  ["d", "light or dark"],
  ["?", "this list"],
];

// `here` has the `app` and the `bench` that the keys are for, `parts` what there is of the page
// around them; `more` are keys of one kind of page: [key, what it does, parts, act].
// Gives what shows the list, or hides it.
export function keys(here, parts, colourings = COLOURINGS, more = []) {
  const listed = [...HELP, ...more].filter(([, , needs]) => !needs || parts[needs]);
  const dialog = el("dialog", { class: "help", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", {}, listed.map(([key, text]) => [el("dt", {}, key.split("  ").map((each) => [el("kbd", {}, each), " "])), el("dd", {}, text)])),
    el("p", { class: "faint" }, "The address of this page keeps what is open, selected and played: copy it to link to this moment."),
    el("form", { method: "dialog" }, el("button", {}, "Close")));
  document.body.append(dialog);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
  });
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());
  const { replay, stages, header } = parts;

  const acts = {
    Enter: () => selected((item) => here.app.items().opens(item) && here.bench.toggle(item)),
    Backspace: () => selected((item) => up(item)),
    a: () => along(1),
    A: () => along(-1),
    i: () => selected((item) => here.app.change({ trace: { way: "inputs", a: item.key } })),
    o: () => selected((item) => here.app.change({ trace: { way: "outputs", a: item.key } })),
    p: () => selected((item) => path(item)),
    h: () => selected((item) => here.bench.pin(item)),
    b: stages && (() => selected((item) => here.app.stop(item))),
    c: stages && (() => replay.on()),
    Escape: () => escape(),
    "/": () => parts.search.input.focus(),
    "[": () => here.app.change({ detail: Math.max(0, here.app.state.detail - 1) }),
    "]": () => here.app.change({ detail: Math.min(DETAIL.length - 1, here.app.state.detail + 1) }),
    "{": stages && (() => stages.by(-1)),
    "}": stages && (() => stages.by(1)),
    C: () => colour(),
    "+": () => here.bench.camera.zoom(1.25),
    "=": () => here.bench.camera.zoom(1.25),
    "-": () => here.bench.camera.zoom(0.8),
    0: () => here.bench.camera.zoom(1 / here.bench.camera.scale),
    f: () => here.bench.fit(),
    n: stages && (() => replay.line(1)),
    N: stages && (() => replay.line(-1)),
    s: replay && (() => replay.by(1)),
    B: replay && (() => replay.by(-1)),
    ".": replay && (() => replay.by(1)),
    ",": replay && (() => replay.by(-1)),
    " ": replay && (() => replay.toggle()),
    Home: replay && (() => replay.to(-1)),
    End: replay && (() => replay.to(replay.last())),
    g: replay && (() => replay.jump.focus()),
    t: () => text(),
    l: stages && (() => here.app.change({ times: !here.app.state.times })),
    v: () => here.app.doc.lesson && here.app.change({ view: { read: "split", split: "graph", graph: "read" }[here.app.state.view] }),
    d: () => header.flip(),
    "?": () => help(),
    ...Object.fromEntries(more.flatMap(([key, , , acts]) => key.split("  ").map((each, k) => [each, acts[k]]))),
    ArrowLeft: (event) => (stepping(event) ? replay.by(-1) : arrow(event, -1, 0)),
    ArrowRight: (event) => (stepping(event) ? replay.by(1) : arrow(event, 1, 0)),
    ArrowUp: (event) => arrow(event, 0, -1),
    ArrowDown: (event) => arrow(event, 0, 1),
  };

  function selected(act) {
    const item = here.app.item();
    if (item) act(item);
    else near(0, 1);
  }

  function up(item) {
    const around = here.app.items().parent(item);
    if (around && around !== here.app.items().root) here.bench.go(around);
  }

  function escape() {
    if (here.app.state.trace || here.app.state.lines || here.app.state.focus.size) here.app.change({ trace: null, lines: null, focus: new Set() });
    else here.app.change({ selected: null, line: null });
  }

  function path(item) {
    const { from } = here.app.state;
    if (from && from !== item.key) here.app.change({ trace: { way: "path", a: from, b: item.key }, from: null });
    else here.app.change({ from: item.key });
  }

  function colour() {
    const names = colourings.map(([name]) => name);
    here.app.change({ colour: names[(names.indexOf(here.app.state.colour) + 1) % names.length] });
  }

  function text() {
    const on = document.body.classList.toggle("reading");
    parts.table.fill();
    if (on) parts.table.element.focus();
    else here.bench.drawing.svg.focus({ preventScroll: true });
  }

  function stepping(event) {
    return replay && !event.shiftKey && here.app.state.at >= 0;
  }

  function arrow(event, dx, dy) {
    if (event.shiftKey) here.bench.camera.pan(-dx * 60, -dy * 60);
    else near(dx, dy);
  }

  // The nearest box that way; without a selection, the first one.
  function near(dx, dy) {
    const { scene } = here.bench;
    const own = scene.byKey.get(here.app.state.selected);
    if (!own) return scene.boxes.length && here.bench.go(scene.boxes.reduce((a, b) => (b.y < a.y ? b : a)).item);
    const centre = (box) => [box.x + box.w / 2, box.y + (box.open ? 13 : box.h / 2)];
    const [hx, hy] = centre(own);
    let [best, least] = [null, Infinity];
    for (const box of scene.boxes) {
      if (box === own) continue;
      const [bx, by] = centre(box);
      const [ahead, aside] = dx ? [(bx - hx) * dx, Math.abs(by - hy)] : [(by - hy) * dy, Math.abs(bx - hx)];
      if (ahead < 4) continue;
      const far = ahead + aside * 2.2;
      if (far < least) [best, least] = [box, far];
    }
    if (best) here.bench.go(best.item);
  }

  // Along the edges: the boxes that the selected one gives to, one after the other.
  function along(way) {
    selected((item) => {
      const ends = [...here.bench.scene.edges, ...(here.bench.scene.stubs || [])].filter((edge) => edge.tail && edge.head && (way > 0 ? edge.tail : edge.head).key === item.key);
      if (ends.length) here.bench.go((way > 0 ? ends[0].head : ends[0].tail));
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const typing = target.matches("input:not([type=range]), select, textarea") || (dialog.open && event.key !== "?");
    if (typing) {
      if (event.key === "Escape" && target.blur) here.bench.drawing.svg.focus({ preventScroll: true });
      return;
    }
    const onButton = target.matches("button, summary, a, [role=button]");
    if (onButton && (event.key === "Enter" || event.key === " ")) return;
    const inRange = target.matches("input[type=range]");
    if (inRange && /^(Arrow|Home|End|Page)/.test(event.key)) return;
    if (target.matches(".strip") && /^Arrow/.test(event.key)) {
      event.preventDefault();
      return replay.by(event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : -1);
    }
    const scrolling = target.closest(".details, .lesson, .textview") && /^(Arrow|Home|End| )/.test(event.key);
    if (scrolling || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key](event);
  });
  return help;
}
