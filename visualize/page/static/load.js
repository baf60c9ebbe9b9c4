// Graphviz and the viewer out of their packing, in their order. As elements of the page they run only
// where the content policy has the hash of their text.

import { failed } from "./failed.js";
import { unpacked } from "./unpack.js";

async function load() {
  const texts = await Promise.all([...document.querySelectorAll("script.packed")].map(unpacked));
  for (const text of texts) {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script); // runs it
    script.remove(); // a page that is saved is the page that was opened
  }
}

load().catch(failed);
