// Open the document, start Graphviz, and let a kind of page be built of both.

import { failed } from "./failed.js";
import { startGraphviz } from "./graph/layout.js";
import { unpack } from "./unpack.js";

// build(doc, root) puts the page together; what it cannot do is said in the page's place.
export async function begin(build) {
  const root = document.getElementById("app");
  try {
    const [doc] = await Promise.all([unpack(), startGraphviz()]);
    build(doc, root);
  } catch (error) {
    failed(error);
  }
}
