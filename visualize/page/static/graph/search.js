// Find ops and groups by a regular expression over names and op types.

import { el, clear } from "../dom.js";
import { count, middle } from "../words.js";

const MOST = 200;
let lists = 0; // a page may hold several searches

export function search(app, bench) {
  const id = `found${lists++}`;
  const input = el("input", { type: "search", placeholder: "Search  /", "aria-label": "Search names and op types, a regular expression", spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": id });
  const list = el("div", { class: "found", id, role: "listbox", hidden: true });
  const element = el("div", { class: "search" }, input, list);
  let hits = [];
  let chosen = -1;

  function find() {
    chosen = -1;
    const text = input.value;
    input.removeAttribute("aria-invalid");
    if (!text) return close();
    let wanted;
    try {
      wanted = new RegExp(text, "i");
    } catch {
      input.setAttribute("aria-invalid", "true");
      clear(list, el("div", { class: "faint" }, "not a regular expression yet"));
      return open();
    }
    const { body } = app.items().home;
    const place = app.items().home;
    const groups = [];
    for (let id = body.root + 1; id < body.parent.length; id++) if (wanted.test(body.fullName(id))) groups.push(id);
    const nodes = [];
    for (let i = 0; i < body.nodes; i++) if (wanted.test(body.name[i]) || wanted.test(body.op(i))) nodes.push(i);
    hits = [...groups, ...nodes].slice(0, MOST).map((id) => app.items().of(place, body.isGroup(id) || body.host[id] < 0 ? id : body.host[id]));
    const total = groups.length + nodes.length;
    clear(list, el("div", { class: "faint", role: "status" }, total > MOST ? `${count(total)} found; the first ${MOST}:` : `${count(total)} found`), hits.map((item, k) => {
      return el("div", { class: "hit", role: "option", id: `${id}-${k}`, on: { mousedown: (event) => { event.preventDefault(); pick(k); } } },
        el("span", {}, middle(body.fullName(item.id), 70)), el("span", { class: "faint" }, body.isGroup(item.id) ? `${count(body.size(item.id))} ops` : body.op(item.id)));
    }));
    open();
  }

  function open() {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function pick(k) {
    if (!hits[k]) return;
    close();
    bench.go(hits[k]);
    bench.drawing.svg.focus({ preventScroll: true });
  }

  function show(k) {
    const options = [...list.querySelectorAll(".hit")];
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === k)));
    if (options[k]) {
      options[k].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", `${id}-${k}`);
    }
  }

  input.addEventListener("input", find);
  input.addEventListener("focus", () => input.value && find());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = Math.max(0, Math.min(hits.length - 1, chosen + (event.key === "ArrowDown" ? 1 : -1)));
      show(chosen);
    } else if (event.key === "Enter") pick(Math.max(0, chosen));
    else if (event.key === "Escape") {
      input.value = "";
      find();
      bench.drawing.svg.focus({ preventScroll: true });
    }
  });
  return { element, input };
}
