// Graphviz and the viewer out of their packing, in their order.

import { failed } from "./failed.js";
import { run, unpacked } from "./unpack.js";

async function load() {
  const texts = await Promise.all([...document.querySelectorAll("script.packed")].map(unpacked));
  texts.forEach(run);
}

load().catch(failed);
