// The bar at the top, and what the colours mean.

import { DETAIL } from "../app.js";
import { el } from "../dom.js";
import { middle } from "../words.js";

export const COLOURINGS = [["match", "what matches"], ["kind", "kind"], ["op", "op type"], ["gradient", "gradient"]];

// All of both, or of their upper parts, at one scale.
export function fit(pair, look = (bench) => bench.fit()) {
  const { coupled } = pair.state;
  pair.state.coupled = false;
  const cameras = pair.sides.map(({ bench }) => {
    look(bench);
    return bench.camera;
  });
  const scale = Math.min(...cameras.map((camera) => camera.scale));
  for (const camera of cameras) camera.zoom(scale / camera.scale, camera.size[0] / 2, 24);
  pair.state.coupled = coupled;
}

// What the colours mean, once for both.
export function legend(pair) {
  const all = [...Object.entries(pair.told.legend).map(([kind, text]) => [`var(--${kind || "paper"})`, text]), ["var(--mixed)", "a closed group with several of these"]];
  const element = el("div", { class: "match-legend", "aria-label": "Colours" }, all.map(([colour, text]) => {
    const swatch = el("i", { class: "swatch" });
    swatch.style.background = colour;
    return el("span", {}, swatch, text);
  }));
  pair.on("colour", () => (element.hidden = pair.state.colour !== "match"));
  return element;
}

export function header(pair, parts) {
  const { app } = pair.sides[0];
  const title = pair.sides.map((side) => middle(side.app.doc.title, 44)).join(" against ");
  const colours = el("select", { "aria-label": "Colour by", title: "Colour by  C", on: { change: (event) => pair.change({ colour: event.target.value }) } }, COLOURINGS.map(([name, text]) => el("option", { value: name }, text)));
  const detail = el("input", { type: "range", min: 0, max: DETAIL.length - 1, step: 1, "aria-label": "Detail: how many boxes are open", title: "Detail  [ ]", on: { input: (event) => pair.change({ detail: Number(event.target.value) }) } });
  const coupled = el("button", { class: "small-button", title: "Both graphs move together  m", on: { click: () => pair.change({ coupled: !pair.state.coupled }) } }, "together");
  const theme = el("button", { class: "icon", "aria-label": "Light or dark", title: "Light or dark  d", on: { click: () => flip() } }, "◐");
  const help = el("button", { class: "icon", "aria-label": "Keys", title: "Keys  ?", on: { click: () => parts.help() } }, "?");
  const element = el("header", {}, el("h1", { title }, title), coupled,
    el("label", { class: "control" }, el("span", {}, "colour"), colours),
    el("label", { class: "control detail" }, el("span", {}, "detail"), detail),
    el("button", { class: "icon", "aria-label": "Fit the drawings", title: "Fit  f", on: { click: () => fit(pair) } }, "⤢"), theme, help);

  function flip() {
    const dark = app.state.theme ? app.state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    app.change({ theme: dark ? "light" : "dark" });
  }

  function draw() {
    colours.value = pair.state.colour;
    detail.value = pair.state.detail;
    coupled.setAttribute("aria-pressed", String(pair.state.coupled));
    document.documentElement.dataset.theme = app.state.theme;
  }
  pair.on("colour detail coupled theme", draw);
  return { element, draw, flip };
}

