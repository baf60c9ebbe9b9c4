// The buttons that lead from step to step, and the clock that plays them one after the other.

import { clear, el } from "../dom.js";
import { count } from "../words.js";

const SPEEDS = [["1 / s", 1], ["4 / s", 4], ["15 / s", 15], ["60 / s", 60]];

// `at()` says which step it is, -1 before the first, `last()` which there are, `go(step)` goes to one
// of them, and `halts(step)` says whether playing ends there. `more` stands behind the buttons.
export function transport({ at, last, go, halts = () => false }, ...more) {
  const button = (text, name, key, act) => el("button", { class: "icon", "aria-label": name, title: `${name}  ${key}`, on: { click: act } }, text);
  const play = button("▶", "Play", "space", () => toggle());
  const jump = el("input", { type: "number", min: 0, class: "jump", "aria-label": "Step", title: "Jump to a step  g", on: { focus: () => jump.select(), change: () => to(Number(jump.value) - 1) } });
  const total = el("span", { class: "faint" });
  const speed = el("select", { "aria-label": "Speed", on: { change: () => timer && restart() } }, SPEEDS.map(([text], k) => el("option", { value: k }, text)));
  const element = el("div", { class: "transport" },
    button("|◂", "To the start", "Home", () => to(-1)), button("◂", "Step back", ",", () => by(-1)), play, button("▸", "Step forward", ".", () => by(1)), button("▸|", "To the end", "End", () => to(last())),
    el("label", { class: "faint" }, "step ", jump), total, speed, ...more);
  let timer = 0;

  const to = (step) => go(Math.max(-1, Math.min(last(), Number.isFinite(step) ? step : -1)));
  const by = (n) => to(at() + n);

  function toggle() {
    if (timer) return stop();
    if (at() >= last()) to(-1);
    restart();
  }

  function restart() {
    clearInterval(timer);
    timer = setInterval(() => (at() < last() ? by(1) : null, at() >= last() || halts(at()) ? stop() : null), 1000 / SPEEDS[Number(speed.value)][1]);
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "Pause");
  }

  // To the next step at which it halts, or to the last.
  function on() {
    let step = at() + 1;
    while (step < last() && !halts(step)) step += 1;
    to(step);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "▶";
    play.setAttribute("aria-label", "Play");
  }

  // There are others now: so many steps.
  function load(steps) {
    stop();
    jump.max = steps;
    clear(total, `of ${count(steps)}`);
  }

  // The step that is shown is another.
  function show() {
    jump.value = at() >= 0 ? at() + 1 : "";
  }
  return { element, jump, last, to, by, on, toggle, stop, load, show };
}

// A strip of `steps()` steps, of which the one under the pointer is gone to.
export function scrubbed(strip, steps, to) {
  function scrub(event) {
    if (!event.buttons || !steps()) return;
    const box = strip.getBoundingClientRect();
    to(Math.floor(((event.clientX - box.left) / box.width) * steps()));
  }
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    scrub(event);
  });
  strip.addEventListener("pointermove", scrub);
}
