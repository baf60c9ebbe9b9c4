// Knobs beside a part's picture: numbers of the recorded call to turn, and the picture as it then is.

import { Machine } from "./machine.js";
import { cellsOf, hasFrames, linesOf } from "./drawn.js";
import { asked, recorded } from "./turned.js";
import { clear, el } from "../dom.js";
import { short } from "../values.js";
import { count, plural } from "../words.js";

const PATIENCE = 30; // ms of a training, after which what is known is drawn and the page may breathe

export function knobs(app) {
  for (const told of app.doc.knobs || []) {
    const part = document.querySelector(`.part[data-part="${told.part}"]`);
    const figure = part && told.figure && part.querySelector(`.figure[data-name="${told.figure}"]`);
    const element = el("section", { class: "knobs", "data-part": told.part, "aria-label": told.title });
    if (figure) {
      const beside = el("div", { class: "beside" });
      figure.replaceWith(beside);
      beside.append(figure, element);
    } else if (part && !told.figure) part.querySelector(".outcome").append(element);
    if (element.isConnected) whenSeen(element, () => panel(app, told, element));
  }
}

// The recorded call is executed when somebody comes to look: the page opens as quickly as any.
function whenSeen(element, begin) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    begin();
  }, { rootMargin: "200px" });
  seen.observe(element);
}

function panel(app, told, element) {
  const machine = new Machine(told.live, told.run, app.items(told.graph));
  const here = ((app.knobs ??= {})[told.part] = { machine, found: null }); // for whoever is curious, and for tests
  const drawn = [told.loss, told.x, ...Object.values(told.lines), ...told.pictures.map(({ of }) => of)].filter(Boolean);
  const lacks = drawn.map((name) => [name, machine.why(name)]).filter(([, why]) => why);
  const head = [el("h4", {}, told.title), el("p", { class: "faint" }, told.about)];
  if (lacks.length) return clear(element, head, el("p", { class: "bad" }, `Not to be turned here: ${lacks.map(([name, why]) => `${name}, ${why}`).join("; ")}`));
  const first = told.dials.map((dial) => recorded(machine, dial));
  let numbers = first.map((each) => [...each]);
  let original = null; // what is drawn of the call as it was recorded
  let turn = 0;
  const picture = el("div", { class: "knob-picture" });
  const status = el("div", { class: "live-status", role: "status" });
  const dials = told.dials.map((dial, d) => dialView(dial, numbers[d], (k, x) => {
    numbers[d][k] = x;
    again();
  }));
  const reset = el("button", { class: "small-button", on: { click: () => {
    numbers = first.map((each) => [...each]);
    dials.forEach((dial, d) => dial.show(numbers[d]));
    again();
  } } }, "reset");
  clear(element, head, dials.map((dial) => dial.element), reset, picture, status);
  clear(status, "The recorded call is executed…");

  async function again() {
    const mine = ++turn;
    const { changes, state, turned } = asked(machine, told.dials, numbers);
    if (!original) original = await computed(new Map(), machine.state, {}, mine, null);
    const found = original && (await computed(changes, state, turned, mine, original));
    if (found) draw(found);
  }

  // Tensors and variables after the call; of a training also the losses. null: turned on meanwhile.
  async function computed(changes, before, turned, mine, behind) {
    let [state, found, began] = [before, null, performance.now()];
    const losses = [];
    for (let k = 0; k < Math.max(1, told.steps); k++) {
      found = machine.executed(changes, state, turned);
      state = found.state;
      if (told.steps) losses.push(found.values.get(told.loss).data[0]);
      if (performance.now() - began < PATIENCE || k + 1 >= told.steps) continue;
      if (behind) draw({ ...found, losses });
      await new Promise((go) => setTimeout(go));
      if (mine !== turn && behind) return null;
      began = performance.now();
    }
    return { ...found, losses };
  }

  function draw(found) {
    const at = ({ state, values }, name) => (state.get(name) || values.get(name)).data;
    const both = (name) => ({ now: Array.from(at(found, name)), was: Array.from(at(original, name)) });
    let apart = 0;
    here.found = found;
    if (told.steps) {
      clear(picture, linesOf([{ name: "loss", now: found.losses, was: original.losses }], original.losses.map((_, k) => k + 1), "step"));
    } else if (told.x) {
      clear(picture, linesOf(Object.entries(told.lines).map(([name, of]) => ({ name, ...both(of) })), Array.from(at(original, told.x)), ""));
    } else {
      const far = Math.max(...told.pictures.map(({ of }) => at(original, of).reduce((most, x) => Math.max(most, Math.abs(x)), 0))) || 1;
      clear(picture, told.pictures.map((each) => {
        const { now, was } = both(each.of);
        return cellsOf(each, now, was, far);
      }));
    }
    for (const name of drawn.filter((each) => each !== told.loss)) {
      const { now, was } = both(name);
      now.forEach((x, k) => (apart = Math.max(apart, Math.abs(x - was[k]))));
    }
    element.dataset.step = told.steps ? found.losses.length : 1;
    clear(status, told.steps ? `step ${count(found.losses.length)} of ${told.steps}. ` : `${apart ? `at most ${short(apart)} from the original` : "as in the original"}${told.pictures.length ? `; blue is below 0, orange above, ${told.pictures.every(hasFrames) ? "a frame has the original's colour" : "a line is where the original's sign turns"}` : ""}. `,
      `The recorded call again ${machine.near}.`,
      found.stale.length && !told.steps ? el("span", { class: "faint" }, ` ${plural(found.stale.length, "value")} that this picture does not show stayed as recorded.`) : null);
  }

  again();
}

function dialView({ names, low, high, step, columns }, numbers, turned) {
  const cells = names.map((name, k) => {
    const set = (x, from) => {
      if (!Number.isFinite(x)) return;
      for (const each of [drag, number]) if (each !== from) each.value = x;
      turned(k, x);
    };
    const drag = el("input", { type: "range", min: low, max: high, step, "aria-label": `${name}, dragged`, on: { input: () => set(Number(drag.value), drag) } });
    const typed = () => Math.min(high, Math.max(low, step === 1 ? Math.round(number.value) : Number(number.value)));
    const number = el("input", { type: "number", class: "number", min: low, max: high, step: step === 1 ? 1 : "any", "aria-label": name, on: { input: () => number.value !== "" && set(typed(), number) } });
    return { drag, number, element: el("div", { class: "dial" }, el("span", { class: "faint" }, name), number, drag) };
  });
  const element = el("div", { class: "dials" }, cells.map((cell) => cell.element));
  element.style.setProperty("--dials", columns);
  // 7 digits are all that a float32 has: 0.1, and not 0.10000000149.
  const show = (values) => cells.forEach(({ drag, number }, k) => (drag.value = number.value = Number(values[k].toPrecision(7))));
  show(numbers);
  return { element, show };
}
