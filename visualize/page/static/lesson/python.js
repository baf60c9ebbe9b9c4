// Python code with its strings, comments and keywords told apart.

import { el } from "../dom.js";

const TOKEN = /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(#[^\n]*)|\b(def|return|with|as|for|in|if|else|elif|while|import|from|lambda|not|and|or|is|None|True|False|class|yield|assert|raise|try|except|pass|break|continue|global|nonlocal)\b|(\b\d[\w.]*\b)/g;

export function code(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > last) parts.push(breakable(text.slice(last, found.index)));
    const kind = found[1] ? "string" : found[2] ? "comment" : found[3] ? "keyword" : "number";
    parts.push(el("span", { class: `py-${kind}` }, breakable(found[0])));
    last = found.index + found[0].length;
  }
  parts.push(breakable(text.slice(last)));
  return parts;
}

// A line that is too long may go on below behind a bracket or a comma, before a dot, and in a name
// that is long itself behind an underscore.
const PLACES = /(?<=[([{,=/])(?=[^\s)\]}])|(?<=[\w)\]}])(?=\.[A-Za-z])/g;
const LONG = /\w{17,}/g;
const HERE = "\0";

export function breakable(text) {
  const marked = text.replace(PLACES, HERE).replace(LONG, (name) => name.replace(/_(?=[^\W_])/g, `_${HERE}`));
  return marked.split(HERE).flatMap((piece, k) => (k ? [el("wbr"), piece] : [piece]));
}
