// What is said in the page's place where it cannot be shown.

import { clear, el } from "./dom.js";

export function failed(error) {
  clear(document.getElementById("app"), el("p", { class: "starting bad", role: "alert" }, `This page could not be opened: ${error.message}`));
  throw error;
}
