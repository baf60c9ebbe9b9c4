// The figures of a part. Each is drawn in the page's light colours, and again in its dark ones:
// the style sheet shows the one that can be read, on paper the light one.

import { el, printable } from "../dom.js";

// As visualize/plots.py has them, and what the style sheet has in the dark.
const DARK = { "#1d2129": "#e7e9ee", "#636b78": "#9aa3b2", "#e2e0da": "#2e333c" };
const LEAST = 0.9; // pixels of a point, which is 4/3 of one at full size
const SPARE = 115; // percent of the room: what wants no more is made to fit, and seen at once
const LIGHT = new RegExp(Object.keys(DARK).join("|"), "g");

export function figures(list, inline) {
  if (!list.length) return null;
  return el("div", { class: "figures" }, el("h3", {}, "to look at"), list.map((figure) => el("figure", { class: "figure", "data-name": figure.name },
    el("h4", {}, inline(figure.title)),
    el("div", { class: "scrolled", role: "region", tabindex: 0, "aria-label": figure.title },
      picture(figure.svg, figure.alt, "in-light"),
      picture(figure.svg.replace(LIGHT, (colour) => DARK[colour]), figure.alt, "in-dark")),
    el("figcaption", { class: "prose" }, inline(figure.caption)))));
}

// As an image: whatever is written in it, nothing of it runs. On a narrow screen what is written
// in it must still be read: it is scrolled rather than made ever smaller.
function picture(svg, alt, style) {
  const image = el("img", { class: style, alt, src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(printable(svg))}` });
  const [, points] = svg.match(/<svg[^>]* width="([\d.]+)pt"/) || [];
  const least = `${Math.round(points * LEAST)}px`;
  if (points) image.style.minWidth = `min(${least}, 100% + max(0px, (${least} - ${SPARE}%) * 999))`;
  return image;
}
