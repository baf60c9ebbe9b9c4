// What a reader is to do: how it is checked, hints one behind the other, the solution behind two.

import { el } from "../dom.js";
import { code } from "./python.js";

export function exercise(task, inline) {
  return el("div", { class: "task" },
    el("h3", {}, "begin, and check"),
    el("pre", { class: "commands" }, task.commands.map(([command, does]) => el("span", { class: "row" }, el("span", { class: "command" }, command), el("span", { class: "faint" }, `  # ${does}`), "\n"))),
    hint(task.hints, 0, inline),
    el("details", { class: "folded solution" }, el("summary", {}, "The solution"),
      el("p", { class: "prose" }, inline(task.unsolved)),
      el("details", { class: "folded" }, el("summary", {}, "Show it all the same"), el("pre", { tabindex: 0 }, code(task.solution)))));
}

// The next hint is in the one before it.
function hint(hints, number, inline) {
  if (number === hints.length) return null;
  return el("details", { class: "folded hint" }, el("summary", {}, `Hint ${number + 1} of ${hints.length}`),
    el("p", { class: "prose" }, inline(hints[number])),
    hint(hints, number + 1, inline));
}
