// The calls of both programs: a slider over them, how far apart each is, the first that differs.

import { el, clear, svg } from "../dom.js";
import { count } from "../words.js";
import { short } from "../values.js";

const LEAST = 1e-8; // apart: what is less has the lowest bar

export function calls(pair) {
  const { calls: all, first } = pair.told;
  const slider = el("input", { type: "range", min: 0, max: all.length - 1, step: 1, "aria-label": "Call", title: "Call  < >", on: { input: () => pair.toCall(Number(slider.value)) } });
  const said = el("span", { class: "call-said", role: "status" });
  const differs = all.some((call) => call.how === "different");
  const jump = el("button", { class: "link", hidden: !differs, on: { click: () => pair.toCall(first) } }, `first that differs: ${all[first] ? all[first].number : ""}`);
  const bars = svg("svg", { class: "call-bars", viewBox: `0 0 ${all.length * 10} 24`, preserveAspectRatio: "none", role: "img", "aria-label": "how far apart the results of each call are" });
  const element = el("div", { class: "calls", hidden: all.length < 2 }, el("span", { class: "faint" }, "call"), el("div", { class: "call-track" }, bars, slider), said, jump);

  function height({ apart, how }) {
    if (how === "") return 0;
    if (apart === null) return 22;
    return apart <= LEAST ? 2 : Math.min(22, 4 + (18 * Math.log10(apart / LEAST)) / 10);
  }

  function draw() {
    const at = pair.state.call;
    const call = all[at];
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${call.number} of ${all.length}, ${apartText(call)}`);
    clear(said, el("b", {}, count(call.number)), ` of ${count(all.length)}: ${apartText(call)}`);
    jump.classList.toggle("now", differs && at === first);
    bars.replaceChildren(...all.map((each, k) => svg("rect", {
      class: `call-bar ${each.how || "unknown"}${k === at ? " now" : ""}${differs && k === first ? " first" : ""}`, x: k * 10 + 1, width: 8, y: 24 - Math.max(1, height(each)), height: Math.max(1, height(each)),
    }, svg("title", {}, `call ${each.number}: ${apartText(each)}`))));
  }

  pair.on("call", draw);
  return { element, draw };
}

export function apartText({ how, apart }) {
  if (how === "") return "nothing that it gave was compared";
  if (apart === null) return "results differ, and not by a number";
  if (how === "same") return apart ? `the same, up to ${short(apart)}` : "the same";
  return `results differ, by ${short(apart)} at most`;
}
