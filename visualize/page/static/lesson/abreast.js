// While a way is replayed all ways stand at the same section: in each a line is lit, with what its
// names hold there. The others have come as many lines into the section as the one that is replayed.

import { base } from "./lines.js";
import { named } from "../replay/lit.js";

export function abreast(app, element, parts) {
  const views = [...element.querySelectorAll(".part")];

  function draw() {
    for (const each of element.querySelectorAll(".line-of-code.now")) each.classList.remove("now");
    for (const each of element.querySelectorAll(".cell.here")) each.classList.remove("here");
    for (const each of element.querySelectorAll(".lesson .names")) each.remove();
    const program = app.programOf();
    if (!program || app.state.at < 0) return;
    const p = parts.findIndex((part) => part.ways.some((way) => programOf(way) === program));
    if (p < 0) return;
    const own = parts[p].ways.find((way) => programOf(way) === program);
    let s = app.state.at;
    while (s >= 0 && titleOf(own, program.place(s)) === null) s--;
    const title = titleOf(own, program.place(s));
    if (title === null) return;
    for (const cell of views[p].querySelectorAll(".cell")) cell.classList.toggle("here", cell.dataset.title === title);
    const lines = linesIn(own, program, title);
    const reached = lines.filter((stop) => stop <= s).length;
    const line = light(views[p], own, program, s);
    for (const way of parts[p].ways) {
      const other = way !== own && programOf(way);
      const stops = other ? linesIn(way, other, title) : [];
      const at = reached >= lines.length ? stops.length : Math.min(Math.max(reached, 1), stops.length);
      if (stops.length) light(views[p], way, other, stops[at - 1]);
    }
    if (!line || app.state.view === "graph") return;
    for (const each of [line.nextSibling, line]) each.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function programOf(way) {
    return way.run >= 0 ? app.programOf(app.again(way.run)) : null;
  }

  function light(view, way, program, s) {
    const { line } = program.place(s);
    const row = [...view.querySelectorAll(".line-of-code")].find((each) => each.dataset.place === `${way.file}:${line}` && each.closest(".cell").dataset.way === way.way);
    if (!row) return null;
    row.classList.add("now");
    row.after(named(program.names(s)));
    return row;
  }

  app.on("run graph at live view", draw);
  draw();
}

// The title of the section of a way that a place is in; null where it is in none.
function titleOf(way, place) {
  if (!place || base(place.file) !== base(way.file)) return null;
  const found = way.sections.find(({ line, code }) => line <= place.line && place.line < line + code.split("\n").length);
  return found ? found.title : null;
}

// Where the replay of a way first stops at each line of a section.
function linesIn(way, program, title) {
  const seen = new Set();
  return program.stops.filter((s) => {
    const key = titleOf(way, program.place(s)) === title && program.key(s);
    return key && !seen.has(key) && seen.add(key);
  });
}
