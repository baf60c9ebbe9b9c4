// The lives of a graph, from built to executed: a slider, and what became of each op on the way.

import { el, clear } from "../dom.js";
import { count, plural } from "../words.js";

export function ofRun(stage, run) {
  return !stage.runs || stage.runs.includes(run);
}

// What a stage is; Grappler's passes by the names of its settings, a second round's with a number.
const ABOUT = {
  "as written": "What the program built",
  "as executed": "What the devices were given",
  built: "What the program built",
  pruned: "Only what the fetches need",
  placed: "Each op with the device it is for",
  partitioned: "Cut up by device, as it was executed",
  implementation_selector: "Chooses among functions of one interface the one for the device",
  function: "Puts the bodies of functions in the place of their calls",
  common_subgraph_elimination: "Computes once what several ops would compute the same",
  debug_stripper: "Takes out assertions and what checks numbers",
  constfold: "Computes once what depends on constants only",
  shape: "Simplifies what asks for shapes",
  pin_to_host_optimization: "Puts small ops on integers on the CPU",
  arithmetic: "Writes sums and products so that they take less",
  layout: "Orders the axes of pictures as the device likes them",
  remap: "Fuses ops that one kernel computes together",
  loop: "Moves out of loops what is the same each time",
  dependency: "Takes out control inputs and ops that nobody waits for",
  memory: "Recomputes or copies what would take much memory",
};

function about(name) {
  return ABOUT[name.replace(/ \d+$/, "")] || (name.startsWith("auto_mixed_precision") ? "Computes in fewer bits where that does little harm" : "");
}

// Most ops of a small graph are rewritten: "; none of them stays as it is".
function goneText(gone, ops) {
  if (!gone) return "";
  if (gone === ops) return `; ${ops > 1 ? "none of them stays" : "it does not stay"} as it is`;
  return `; ${count(gone)} of them ${gone > 1 ? "do not stay as they are" : "does not stay as it is"}`;
}

export function stages(app) {
  const slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "Stage", title: "Stage  { }", on: { input: () => to(Number(slider.value)) } });
  const names = el("div", { class: "stage-names" });
  const note = el("div", { class: "stage-note faint", role: "status" });
  const element = el("div", { class: "stages", hidden: true }, el("div", { class: "stage-row" }, slider, names), note);
  let shown = [];

  // The stages of the run that is shown; a page holds those of several.
  function load() {
    shown = (app.doc.stages || []).map((stage, s) => [stage, s]).filter(([stage]) => ofRun(stage, app.state.run));
    element.hidden = shown.length < 2;
    slider.max = shown.length - 1;
    slider.style.width = `${Math.max(90, shown.length * 34)}px`;
    draw();
  }

  function at() {
    return shown.findIndex(([stage, s]) => (app.state.stage >= 0 ? s === app.state.stage : stage.graph === app.state.graph));
  }

  function to(k) {
    if (!shown[k]) return;
    const [stage, s] = shown[k];
    const run = runOf(stage);
    app.change({ graph: stage.graph, run, at: run === app.state.run ? app.state.at : -1, stage: s, selected: null, line: null, lines: null, trace: null, ...app.carried(stage.graph) });
  }

  // The run that has the stage's graph: the one that is shown where it can be.
  function runOf(stage) {
    const { run } = app;
    if (!stage.runs || (run && (run.built === stage.graph || run.executed === stage.graph))) return app.state.run;
    return stage.runs[0];
  }

  function by(n) {
    to(Math.max(0, Math.min(shown.length - 1, Math.max(0, at()) + n)));
  }

  function draw() {
    if (element.hidden) return;
    const k = at();
    slider.value = Math.max(0, k);
    slider.setAttribute("aria-valuetext", k >= 0 ? shown[k][0].name : "");
    clear(names, shown.map(([stage], n) => el("button", { class: "link", "aria-current": n === k ? "step" : null, title: about(stage.name), on: { click: () => to(n) } }, stage.name)));
    const current = names.querySelector("[aria-current]");
    if (current) names.scrollLeft = current.offsetLeft - names.offsetLeft; // on a narrow screen: one row
    const stage = k >= 0 ? shown[k][0] : null;
    if (!stage) return clear(note);
    const gone = Object.values(stage.verdicts).filter(([kind]) => kind !== "stays").length;
    const ops = app.doc.graphs[stage.graph].op.length;
    clear(note, `${plural(ops, "op")}${goneText(gone, ops)}${stage.note ? `. ${stage.note}` : ""}`, about(stage.name) ? `. ${about(stage.name)}` : "", gone && app.state.colour !== "verdict" ? [". ", el("button", { class: "link", on: { click: () => app.change({ colour: "verdict" }) } }, "Colour by what became of each")] : null);
  }

  app.on("run", load);
  app.on("graph stage colour", draw);
  return { element, load, by };
}
