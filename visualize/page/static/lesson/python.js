// Python code with its strings, comments and keywords told apart.

import { el } from "../dom.js";

const TOKEN = /("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(#[^\n]*)|\b(def|return|with|as|for|in|if|else|elif|while|import|from|lambda|not|and|or|is|None|True|False|class|yield|assert|raise|try|except|pass|break|continue|global|nonlocal)\b|(\b\d[\w.]*\b)/g;

// Where a line that is too long may go on below: behind a bracket or a comma, before the dot behind
// a bracket or a longer name, and within a name only where much of it stands on either side.
const BREAK = /(?<=[([{,])(?=[^\s)\]}])|(?<=[)\]}]|\w{5})(?=\.[A-Za-z])|(?<=\w{9}_)(?=\w{10})/g;

export function code(text) {
  const breaks = [...text.matchAll(BREAK)].map(({ index }) => index);
  const parts = [];
  let last = 0;
  const put = (end, kind) => {
    const within = kind === "string" || kind === "comment" ? [] : breaks.filter((k) => last < k && k < end);
    const words = [last, ...within].flatMap((k, n) => (n ? [el("wbr")] : []).concat(text.slice(k, within[n] ?? end)));
    if (last && breaks.includes(last)) parts.push(el("wbr"));
    parts.push(kind ? el("span", { class: `py-${kind}` }, words) : words);
    last = end;
  };
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > last) put(found.index, "");
    put(found.index + found[0].length, found[1] ? "string" : found[2] ? "comment" : found[3] ? "keyword" : "number");
  }
  if (last < text.length) put(text.length, "");
  return parts;
}

// Text that may go on below at such places.
export function breakable(text) {
  const places = [0, ...[...text.matchAll(BREAK)].map(({ index }) => index)];
  return places.flatMap((from, k) => (k ? [el("wbr")] : []).concat(text.slice(from, places[k + 1] ?? text.length)));
}
