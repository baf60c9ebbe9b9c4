// A button that puts a text on the clipboard, and says so.

import { el } from "./dom.js";

const SAID_MS = 1600;

// text(): what is copied when the button is clicked.
export function copyButton(name, text) {
  const said = el("span", { class: "copied", role: "status" });
  const button = el("button", { class: "small-button copy", on: { click: () => copy(text()).then(say, () => say("the browser does not allow it")) } }, name);
  const say = (why) => {
    said.textContent = why || "copied";
    setTimeout(() => (said.textContent = ""), SAID_MS);
  };
  return [button, said];
}

// In a frame, or where the page is not trusted, there is no clipboard, but there is a selection.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).catch(() => bySelection(text));
  return bySelection(text);
}

function bySelection(text) {
  const field = el("textarea", { "aria-hidden": "true", tabindex: -1, class: "clipboard" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("no clipboard");
}
